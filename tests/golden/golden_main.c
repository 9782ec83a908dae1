/* The golden runner's main: walks a folder laid out like the published vectors,
 * gives every file to the suite that claims its folder, counts and reports.
 * Each file runs in a child process, so a file that crashes or hangs a suite is one
 * failure with a sentence and the other files still run. It writes nothing, and it
 * never counts what it did not run as passed. */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include "golden/golden.h"

#define FILE_MAX ((size_t)512 << 20) /* bytes of one document, unpacked */
#define FILES_MAX ((size_t)100000)
#define DEPTH_MAX 64
#define SECONDS_MAX 240u /* a file */
#define SHOWN 5          /* failures and skip reasons kept a file */

extern const golden_row *const golden_suites[];

/* What the child found; shared memory, so that it outlives a crash of the child. */
typedef struct {
	size_t passed, failed, skipped, shown_n, skips_n;
	struct {
		char id[96], msg[416];
	} shown[SHOWN];
	struct {
		size_t n;
		char why[200];
	} skips[SHOWN];
} outcome;

struct golden {
	const char *rel, *path;
	outcome *out;
};

/* ---- the contract of golden.h ---- */

const char *golden_file(const golden *g)
{
	return g->rel;
}

const char *golden_sibling(const golden *g, const char *relative)
{
	static char path[PATH_MAX];
	const char *slash = strrchr(g->path, '/');
	int dir = slash == NULL ? 0 : (int)(slash - g->path + 1);
	int n = snprintf(path, sizeof path, "%.*s%s", dir, g->path, relative);
	if (n < 0 || (size_t)n >= sizeof path)
		path[0] = '\0'; /* opens as "not found", which the suite reports */
	return path;
}

void golden_pass(golden *g)
{
	g->out->passed++;
}

void golden_fail(golden *g, const char *id, const char *fmt, ...)
{
	outcome *o = g->out;
	o->failed++;
	if (o->shown_n == SHOWN)
		return;
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	asy_str_escape(o->shown[o->shown_n].msg, sizeof o->shown[0].msg, asy_span_str(text));
	asy_str_escape(o->shown[o->shown_n].id, sizeof o->shown[0].id,
				   asy_span_str(id == NULL ? "" : id));
	o->shown_n++;
}

void golden_skip(golden *g, size_t n, const char *why)
{
	outcome *o = g->out;
	o->skipped += n;
	for (size_t i = 0; i < o->skips_n; i++) {
		if (strncmp(o->skips[i].why, why, sizeof o->skips[i].why - 1) == 0) {
			o->skips[i].n += n;
			return;
		}
	}
	if (o->skips_n < SHOWN && n != 0) {
		o->skips[o->skips_n].n = n;
		(void)asy_str_copy(o->skips[o->skips_n++].why, sizeof o->skips[0].why, why);
	}
}

/* ---- which suite ---- */

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);
	return n >= m && strcmp(s + n - m, tail) == 0;
}

/* Whether dir is folder or ends in "/folder": DIR itself may be one of the folders,
 * or hold the whole layout deeper down. */
static bool dir_matches(const char *dir, const char *folder)
{
	size_t n = strlen(dir), m = strlen(folder);
	return n >= m && strcmp(dir + n - m, folder) == 0 && (n == m || dir[n - m - 1] == '/');
}

static bool splits(const char *path, char dir[PATH_MAX], char name[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL || slash - path >= PATH_MAX || strlen(slash + 1) > NAME_MAX)
		return false;
	(void)snprintf(dir, PATH_MAX, "%.*s", (int)(slash - path), path);
	(void)snprintf(name, NAME_MAX + 1, "%s", slash + 1);
	if (ends_with(name, ".gz"))
		name[strlen(name) - 3] = '\0';
	return true;
}

/* Whether the document has the member that a path of len characters names. */
static bool has_path(asy_jv v, const char *path, size_t len)
{
	char key[64];
	for (size_t at = 0; at < len;) {
		size_t n = strcspn(path + at, ". ");
		if (n >= sizeof key)
			return false;
		(void)snprintf(key, sizeof key, "%.*s", (int)n, path + at);
		if (asy_jv_kind(v) == ASY_J_ARRAY)
			v = asy_jv_at(v, 0);
		v = asy_jv_get(v, key);
		if (asy_jv_kind(v) == ASY_J_ABSENT)
			return false;
		at += n + 1;
	}
	return true;
}

/* The number of words when the document has them all, else 0. */
static size_t words_found(asy_jv root, const char *has)
{
	size_t found = 0;
	for (size_t n; *has != '\0'; has += n + (has[n] == ' ')) {
		n = strcspn(has, " ");
		if (!has_path(root, has, n))
			return 0;
		found++;
	}
	return found;
}

/* 0: not this row; see golden.h for the order. */
static size_t rank(const golden_row *r, const char *dir, const char *name, asy_jv root)
{
	size_t words = r->folder == NULL ? words_found(root, r->name) : 0;
	if (words != 0)
		return 10000 + words;
	if (r->folder == NULL || !dir_matches(dir, r->folder))
		return 0;
	if (r->name == NULL)
		return 1 + strlen(r->folder);
	return strcmp(r->name, name) == 0 ? 20000 + strlen(r->folder) : 0;
}

static const golden_row *find_row(const char *path, asy_jv root)
{
	char dir[PATH_MAX], name[NAME_MAX + 1];
	const golden_row *best = NULL;
	size_t most = 0;
	if (!splits(path, dir, name))
		return NULL;
	for (const golden_row *const *suite = golden_suites; *suite != NULL; suite++) {
		for (const golden_row *r = *suite; r->run != NULL; r++) {
			size_t k = rank(r, dir, name, root);
			if (k > most) {
				most = k;
				best = r;
			}
		}
	}
	return best;
}

/* ---- one file ---- */

/* gzread gives plain files as they are, so both kinds take this way. */
static assay_status load(const char *path, asy_buf *out, assay_err *err)
{
	gzFile f = gzopen(path, "rb");
	if (f == NULL)
		return ASSAY_FAIL(err, E_IO, "cannot open: %s", strerror(errno));
	assay_status st = ASSAY_OK;
	int got;
	do {
		st = asy_buf_reserve(out, 1u << 16, err);
		if (st != ASSAY_OK)
			break;
		got = gzread(f, out->ptr + out->len, 1u << 16);
		if (got < 0) {
			int code;
			st = ASSAY_FAIL(err, E_FORMAT, "cannot unpack: %s", gzerror(f, &code));
			break;
		}
		out->len += (size_t)got;
	} while (got > 0);
	/* a stream that ends too early is known only at the close */
	if (gzclose_r(f) != Z_OK && st == ASSAY_OK)
		st = ASSAY_FAIL(err, E_FORMAT, "the packed file is cut short");
	return st;
}

/* How many cases a file that nobody runs holds: the known lists, else one. */
static size_t count_cases(asy_jv root)
{
	static const char *const lists[] = {"cases", "vectors", "tables", "tests"};
	size_t n = asy_jv_kind(root) == ASY_J_ARRAY ? asy_jv_size(root) : 0;
	for (size_t i = 0; i < ASY_COUNT(lists); i++) {
		asy_jv list = asy_jv_get(root, lists[i]);
		if (asy_jv_kind(list) == ASY_J_ARRAY || asy_jv_kind(list) == ASY_J_OBJECT)
			n += asy_jv_size(list);
	}
	return n != 0 ? n : 1;
}

static void run_file(golden *g)
{
	assay_err err = {0};
	asy_buf text = {.max = FILE_MAX};
	asy_json *doc = NULL;
	assay_status st = load(g->path, &text, &err);
	if (st == ASSAY_OK) {
		const asy_json_limits limits = {.max_bytes = FILE_MAX, .max_depth = DEPTH_MAX};
		st = asy_json_parse(asy_buf_span(&text), &limits, &doc, &err);
	}
	asy_buf_fini(&text);
	if (st != ASSAY_OK) {
		golden_fail(g, NULL, "%s", err.msg);
		return;
	}
	asy_jv root = asy_json_root(doc);
	const golden_row *row = find_row(g->path, root);
	if (row == NULL) {
		golden_skip(g, count_cases(root), "no suite runs this file yet");
	} else {
		row->run(g, root);
		const outcome *o = g->out;
		if (o->passed + o->failed + o->skipped == 0)
			golden_skip(g, count_cases(root), "the suite ran nothing of this file");
	}
	asy_json_free(doc);
}

/* Runs the file in a child and turns the child's death into a failure. */
static void run_apart(golden *g)
{
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid < 0) {
		golden_fail(g, NULL, "cannot start a process: %s", strerror(errno));
		return;
	}
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* an interrupted run leaves nobody behind */
		(void)alarm(SECONDS_MAX);
		run_file(g);
		(void)fflush(NULL);
		_exit(0);
	}
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	size_t done = g->out->passed + g->out->failed;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		golden_fail(g, NULL, "not finished after %u s and %zu cases", SECONDS_MAX, done);
	else if (WIFSIGNALED(status))
		golden_fail(g, NULL, "stopped by signal %d (%s) after %zu cases", WTERMSIG(status),
					strsignal(WTERMSIG(status)), done);
	else if (WEXITSTATUS(status) != 0)
		golden_fail(g, NULL, "ended with code %d after %zu cases", WEXITSTATUS(status), done);
}

/* ---- the walk; nftw has no argument of ours, hence the two statics ---- */

static char **walk_paths;
static size_t walk_n;

static int walk_visit(const char *path, const struct stat *sb, int kind, struct FTW *at)
{
	(void)sb;
	if (kind != FTW_F || path[at->base] == '.')
		return 0;
	if (!ends_with(path, ".json") && !ends_with(path, ".json.gz"))
		return 0;
	if (walk_n == FILES_MAX)
		return E2BIG;
	walk_paths[walk_n] = strdup(path);
	return walk_paths[walk_n++] == NULL ? ENOMEM : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- the report ---- */

static void print_text(const char *rel, const outcome *o)
{
	(void)printf("%s: %zu passed, %zu failed, %zu skipped\n", rel, o->passed, o->failed,
				 o->skipped);
	for (size_t i = 0; i < o->shown_n; i++)
		(void)printf("  FAILED %s%s%s\n", o->shown[i].id, o->shown[i].id[0] != '\0' ? ": " : "",
					 o->shown[i].msg);
	if (o->failed > o->shown_n)
		(void)printf("  ... and %zu more\n", o->failed - o->shown_n);
	for (size_t i = 0; i < o->skips_n; i++)
		(void)printf("  skipped %zu: %s\n", o->skips[i].n, o->skips[i].why);
}

static void write_json(asy_jw *w, const char *rel, const outcome *o)
{
	asy_jw_object(w);
	asy_jw_kstr(w, "file", rel);
	asy_jw_ku64(w, "passed", o->passed);
	asy_jw_ku64(w, "failed", o->failed);
	asy_jw_ku64(w, "skipped", o->skipped);
	asy_jw_key(w, "failures");
	asy_jw_array(w);
	for (size_t i = 0; i < o->shown_n; i++) {
		asy_jw_object(w);
		asy_jw_kstr(w, "id", o->shown[i].id);
		asy_jw_kstr(w, "message", o->shown[i].msg);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_key(w, "skips");
	asy_jw_array(w);
	for (size_t i = 0; i < o->skips_n; i++) {
		asy_jw_object(w);
		asy_jw_ku64(w, "n", o->skips[i].n);
		asy_jw_kstr(w, "why", o->skips[i].why);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_end_object(w);
}

/* Runs all files of walk_paths; root_len is cut from the names shown. */
static int run_all(size_t root_len, bool json)
{
	outcome *o = mmap(NULL, sizeof *o, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (o == MAP_FAILED) {
		(void)fprintf(stderr, "golden: no shared memory: %s\n", strerror(errno));
		return assay_status_exit(ASSAY_E_NOMEM);
	}
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 1);
	size_t passed = 0, failed = 0, skipped = 0;
	asy_jw_object(&w);
	asy_jw_key(&w, "files");
	asy_jw_array(&w);
	for (size_t i = 0; i < walk_n; i++) {
		memset(o, 0, sizeof *o);
		golden g = {walk_paths[i] + root_len, walk_paths[i], o};
		run_apart(&g);
		if (json)
			write_json(&w, g.rel, o);
		else
			print_text(g.rel, o);
		passed += o->passed;
		failed += o->failed;
		skipped += o->skipped;
	}
	asy_jw_end_array(&w);
	asy_jw_ku64(&w, "passed", passed);
	asy_jw_ku64(&w, "failed", failed);
	asy_jw_ku64(&w, "skipped", skipped);
	asy_jw_end_object(&w);
	assay_err err = {0};
	int code = failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (!json) {
		(void)printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
	} else if (asy_jw_end(&w, &err) == ASSAY_OK) {
		(void)printf("%s\n", asy_buf_cstr(&text));
	} else {
		(void)fprintf(stderr, "golden: writing the report: %s\n", err.msg);
		code = assay_status_exit(err.status);
	}
	asy_buf_fini(&text);
	(void)munmap(o, sizeof *o);
	if (fflush(stdout) != 0) {
		(void)fprintf(stderr, "golden: writing the report: %s\n", strerror(errno));
		code = assay_status_exit(ASSAY_E_IO);
	}
	return code;
}

static int usage(FILE *to, int code)
{
	(void)fprintf(
		to, "usage: golden_run [--json] DIR\n"
			"Runs every vector file (.json, .json.gz) under DIR. What a file holds (chain, "
			"commit-reveal,\n"
			"yuma), or its folder and name (weights, rewards/text, ...), decides which suite reads "
			"it;\n"
			"what no suite reads is skipped with its number of cases.\n"
			"  --json   one JSON report instead of lines\n"
			"  --help   this text\n"
			"Exit code: 0 nothing failed, 1 a case failed, 2 wrong use, 66 nothing to run.\n");
	return code;
}

int main(int argc, char **argv)
{
	bool json = false;
	const char *dir = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return usage(stdout, EXIT_SUCCESS);
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (argv[i][0] == '-' || dir != NULL)
			return usage(stderr, assay_status_exit(ASSAY_E_USAGE));
		else
			dir = argv[i];
	}
	if (dir == NULL)
		return usage(stderr, assay_status_exit(ASSAY_E_USAGE));
	char root[PATH_MAX];
	struct stat sb;
	if (realpath(dir, root) == NULL || stat(root, &sb) != 0 || !S_ISDIR(sb.st_mode)) {
		(void)fprintf(stderr, "golden: %s: not a folder that can be read\n", dir);
		return assay_status_exit(ASSAY_E_NOTFOUND);
	}
	int code = assay_status_exit(ASSAY_E_NOMEM);
	walk_paths = asy_calloc(FILES_MAX, sizeof *walk_paths);
	int walked = walk_paths == NULL ? ENOMEM : nftw(root, walk_visit, 32, FTW_PHYS);
	if (walked != 0) {
		(void)fprintf(stderr, "golden: reading %s: %s\n", dir,
					  strerror(walked > 0 ? walked : errno));
	} else if (walk_n == 0) {
		(void)fprintf(stderr, "golden: no .json or .json.gz file under %s\n", dir);
		code = assay_status_exit(ASSAY_E_NOTFOUND);
	} else {
		qsort(walk_paths, walk_n, sizeof *walk_paths, by_name);
		/* "/" itself already ends in the slash that is cut elsewhere */
		code = run_all(strlen(root) + (root[1] != '\0'), json);
	}
	for (size_t i = 0; i < walk_n; i++)
		free(walk_paths[i]);
	free(walk_paths);
	return code;
}
