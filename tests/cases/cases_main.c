/* cases_run PLUGIN.so FOLDER EXPECTED: scores FOLDER/NN-name.PLUGIN.jsonl with
 * NN-name.PLUGIN.config.json and compares with the table EXPECTED. Adding a case needs
 * two files and a line of the table, no C. The table, a claim a line, # for remarks:
 *
 *     CASE            CHALLENGE MINER WHAT        RELATION
 *     43-size         a         1     score       = 1
 *     07-empty        a         2     wer         null
 *     23-cjk          *         1     score       >= 0.9
 *     40-order        a         1     score       > miner 2
 *     32-surrogate    a         1     flag        abstain
 *     17-yo/fold.json a         1     score       = 1
 *
 * WHAT is score, flag or a component; * means every challenge; = allows 1e-9, which
 * "= 0.25 0.01" changes. CASE/FILE takes the configuration FILE (in FOLDER) instead of
 * the case's own. A case whose configuration names a file of a third party that is not
 * here (@SHARED@, set by ASSAY_CASES_SHARED) is skipped, and said so. A case file without
 * a line in the table fails: an expectation that nobody wrote is not a test. And every
 * score must be what its own components add up to. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include "codec/codec.h"
#include "plugin/plugin.h"

#define FILE_MAX ((size_t)64 << 20)
#define CASES_MAX 512

typedef struct {
	char name[96];
	asy_score_set *set;
	asy_plugin *plugin;
	asy_plugin_results res;
	bool skipped, failed;
} loaded;

typedef struct {
	const char *plugin_path, *folder, *kind; /* kind: "ranking" */
	loaded at[CASES_MAX];
	size_t n, claims, failures;
} runner;

static bool read_file(const char *path, asy_buf *out)
{
	char chunk[65536];
	size_t n;
	assay_err err;
	FILE *f = fopen(path, "rb");
	bool ok = f != NULL;
	while (ok && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		ok = out->len + n <= FILE_MAX && asy_buf_add(out, chunk, n, &err) == ASSAY_OK;
	if (f != NULL)
		(void)fclose(f);
	return ok;
}

/* Puts the shared folder for @SHARED@; false when it is needed and not known. */
static bool fill_in(asy_buf *config)
{
	static const char mark[] = "@SHARED@";
	const char *text = asy_buf_cstr(config), *shared = getenv("ASSAY_CASES_SHARED"), *at;
	asy_buf out = {0};
	assay_err err;
	bool ok = true;
	if (text == NULL || strstr(text, mark) == NULL)
		return true;
	if (shared == NULL)
		return false;
	while (ok && (at = strstr(text, mark)) != NULL) {
		ok = asy_buf_add(&out, text, (size_t)(at - text), &err) == ASSAY_OK &&
			 asy_buf_add_str(&out, shared, &err) == ASSAY_OK;
		text = at + sizeof mark - 1;
	}
	ok = ok && asy_buf_add_str(&out, text, &err) == ASSAY_OK;
	asy_buf_fini(config);
	*config = out;
	return ok;
}

static assay_status score(const runner *r, loaded *c, assay_span config, assay_span text,
						  assay_err *err)
{
	const asy_plugin_round round = {.round = 1};
	asy_plugin_opts o = {.path = r->plugin_path,
						 .config = config,
						 .isolation = ASY_ISOLATION_NONE,
						 .grant = ASY_PLUGIN_GRANT_DEFAULT,
						 .clock = asy_sys_clock()};
	assay_status st = asy_score_set_read(text, &c->set, err);
	if (st == ASSAY_OK)
		st = asy_plugin_open(&o, &c->plugin, err);
	if (st != ASSAY_OK)
		return st;
	const asy_plugin_batch *b = asy_score_set_batch(c->set);
	uint32_t m = asy_plugin_info(c->plugin)->component_n;
	c->res.row = asy_calloc(b->response_n, sizeof *c->res.row);
	c->res.component = asy_calloc(b->response_n * m, sizeof *c->res.component);
	if (c->res.row == NULL || c->res.component == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rows", b->response_n);
	return asy_plugin_score(c->plugin, &round, b, &c->res, err);
}

/* Loads and scores "NN-name" or "NN-name/FILE". */
static void load(const runner *r, loaded *c)
{
	char path[1024], name[sizeof c->name];
	asy_buf config = {0}, text = {0};
	assay_err err = {0};
	char *own = strchr(asy_str_copy(name, sizeof name, c->name) ? name : c->name, '/');
	if (own != NULL)
		*own++ = '\0';
	(void)snprintf(path, sizeof path, "%s/%s.%s.jsonl", r->folder, name, r->kind);
	if (!read_file(path, &text)) {
		printf("%s: cannot read %s\n", c->name, path);
		c->failed = true;
		goto out;
	}
	if (own != NULL)
		(void)snprintf(path, sizeof path, "%s/%s", r->folder, own);
	else
		(void)snprintf(path, sizeof path, "%s/%s.%s.config.json", r->folder, name, r->kind);
	if (!read_file(path, &config) && own != NULL) {
		printf("%s: cannot read %s\n", c->name, path);
		c->failed = true;
		goto out;
	}
	c->skipped = !fill_in(&config);
	if (!c->skipped && score(r, c, asy_buf_span(&config), asy_buf_span(&text), &err) != ASSAY_OK) {
		printf("%s: %s\n", c->name, err.msg);
		c->failed = true;
	}
out:
	asy_buf_fini(&config);
	asy_buf_fini(&text);
}

static loaded *find(runner *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->at[i].name, name) == 0)
			return &r->at[i];
	if (r->n == CASES_MAX)
		return NULL;
	loaded *c = &r->at[r->n++];
	(void)snprintf(c->name, sizeof c->name, "%s", name);
	load(r, c);
	if (c->skipped)
		printf("skipped: %s needs a file that is not part of this tree\n", name);
	return c;
}

/* ---- claims ---- */

typedef struct {
	char name[96], challenge[64], what[64], relation[16], value[64], more[64];
	uint32_t miner;
	int words;
} claim;

static size_t row_of(const loaded *c, uint32_t challenge, uint32_t miner)
{
	const asy_plugin_batch *b = asy_score_set_batch(c->set);
	size_t i = 0;
	while (i < b->response_n &&
		   (b->response[i].challenge != challenge || b->response[i].miner != miner))
		i++;
	return i;
}

static bool value_of(const loaded *c, size_t row, const char *what, double *out)
{
	const asy_plugin_about *a = asy_plugin_info(c->plugin);
	*out = c->res.row[row].score;
	if (strcmp(what, "score") == 0)
		return true;
	for (uint32_t k = 0; k < a->component_n; k++)
		if (strcmp(a->component_name[k], what) == 0) {
			*out = c->res.component[row * a->component_n + k];
			return true;
		}
	return false;
}

/* 1 holds, 0 does not, -1 the line makes no sense. */
static int compare(const loaded *c, const claim *k, uint32_t challenge, double got)
{
	char *end;
	double want = strtod(k->value, &end), slack = k->words > 6 ? strtod(k->more, NULL) : 1e-9;
	if (strcmp(k->relation, "null") == 0)
		return isnan(got);
	if (strcmp(k->value, "miner") == 0) {
		size_t other = row_of(c, challenge, (uint32_t)strtoul(k->more, &end, 10));
		if (other == asy_score_set_batch(c->set)->response_n || !value_of(c, other, k->what, &want))
			return -1;
		slack = 1e-9;
	} else if (end == k->value || *end != '\0') {
		return -1;
	}
	if (strcmp(k->relation, "=") == 0)
		return fabs(got - want) <= slack;
	if (strcmp(k->relation, ">=") == 0)
		return got >= want;
	if (strcmp(k->relation, "<=") == 0)
		return got <= want;
	if (strcmp(k->relation, ">") == 0)
		return got > want;
	return strcmp(k->relation, "<") == 0 ? got < want : -1;
}

static void check_row(runner *r, const loaded *c, const claim *k, uint32_t challenge, int line)
{
	size_t row = row_of(c, challenge, k->miner);
	double got = NAN;
	int held = -1;
	r->claims++;
	if (row == asy_score_set_batch(c->set)->response_n)
		printf("line %d: %s has no miner %u\n", line, k->name, k->miner);
	else if (strcmp(k->what, "flag") == 0)
		held = strcmp(asy_row_flag_name(c->res.row[row].flag), k->relation) == 0;
	else if (value_of(c, row, k->what, &got))
		held = compare(c, k, challenge, got);
	else
		printf("line %d: no component %s\n", line, k->what);
	if (held == 1)
		return;
	r->failures++;
	printf("FAIL %s, challenge %s, miner %u: %s is %.12g, expected %s %s %s%s\n", k->name,
		   asy_score_set_id(c->set, challenge), k->miner, k->what, got, k->relation, k->value,
		   k->more, held < 0 ? " (line cannot be understood)" : "");
}

static void check_claim(runner *r, const claim *k, int line)
{
	loaded *c = find(r, k->name);
	bool any = false;
	if (c == NULL || c->failed) {
		r->failures++;
		return;
	}
	if (c->skipped)
		return;
	const asy_plugin_batch *b = asy_score_set_batch(c->set);
	for (uint32_t i = 0; i < b->challenge_n; i++)
		if (strcmp(k->challenge, "*") == 0 ||
			strcmp(k->challenge, asy_score_set_id(c->set, i)) == 0) {
			check_row(r, c, k, i, line);
			any = true;
		}
	if (!any) {
		printf("line %d: %s has no challenge %s\n", line, k->name, k->challenge);
		r->failures++;
	}
}

static void check_table(runner *r, char *text)
{
	int line = 0;
	for (char *at = text, *next; at != NULL && *at != '\0'; at = next) {
		claim k = {.miner = 0};
		next = strchr(at, '\n');
		if (next != NULL)
			*next++ = '\0';
		line++;
		if (*at == '#' || at[strspn(at, " \t\r")] == '\0')
			continue;
		k.words = sscanf(at, "%95s %63s %u %63s %15s %63s %63s", k.name, k.challenge, &k.miner,
						 k.what, k.relation, k.value, k.more);
		if (k.words < 5) {
			printf("line %d: needs CASE CHALLENGE MINER WHAT RELATION\n", line);
			r->failures++;
		} else {
			check_claim(r, &k, line);
		}
	}
}

/* The host's explanation of each score gives that score. */
static void check_sums(runner *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const loaded *c = &r->at[i];
		asy_buf out = {0};
		assay_err err = {0};
		if (c->skipped || c->failed)
			continue;
		const char *text = NULL;
		if (asy_score_set_write(c->set, asy_plugin_info(c->plugin), &c->res, true, 0, &out, &err) ==
			ASSAY_OK)
			text = asy_buf_cstr(&out);
		if (text == NULL || strstr(text, "\"adds_up\":false") != NULL ||
			strstr(text, "\"unknown\":\"the plugin") != NULL) {
			printf("FAIL %s: a score is not what its components add up to\n", c->name);
			r->failures++;
		}
		r->claims++;
		asy_buf_fini(&out);
	}
}

/* Every case file has at least one line in the table. */
static void check_all_named(runner *r)
{
	char suffix[64];
	DIR *d = opendir(r->folder);
	int m = snprintf(suffix, sizeof suffix, ".%s.jsonl", r->kind);
	for (struct dirent *e; d != NULL && m > 0 && (e = readdir(d)) != NULL;) {
		size_t n = strlen(e->d_name), stem = n - (size_t)m;
		bool named = n <= (size_t)m || strcmp(e->d_name + stem, suffix) != 0;
		for (size_t i = 0; !named && i < r->n; i++)
			named = strncmp(r->at[i].name, e->d_name, stem) == 0 &&
					(r->at[i].name[stem] == '\0' || r->at[i].name[stem] == '/');
		if (!named) {
			printf("FAIL %s has no line in the table\n", e->d_name);
			r->failures++;
		}
	}
	if (d != NULL)
		(void)closedir(d);
}

static void unload(loaded *c)
{
	asy_plugin_close(c->plugin);
	asy_score_set_free(c->set);
	free(c->res.row);
	free(c->res.component);
}

int main(int argc, char **argv)
{
	static runner r;
	char kind[64];
	asy_buf table = {0};
	if (argc != 4) {
		(void)fprintf(stderr, "usage: %s PLUGIN.so FOLDER EXPECTED\n", argv[0]);
		return 2;
	}
	const char *base = strrchr(argv[1], '/');
	base = base != NULL ? base + 1 : argv[1];
	(void)snprintf(kind, sizeof kind, "%.*s", (int)strcspn(base, "."), base);
	r = (runner){.plugin_path = argv[1], .folder = argv[2], .kind = kind};
	if (!read_file(argv[3], &table) || asy_buf_cstr(&table) == NULL) {
		(void)fprintf(stderr, "%s: cannot be read\n", argv[3]);
		return 66;
	}
	char *text = strdup(asy_buf_cstr(&table));
	if (text != NULL)
		check_table(&r, text);
	check_all_named(&r);
	check_sums(&r);
	printf("%s: %zu cases, %zu claims, %zu failed\n", kind, r.n, r.claims, r.failures);
	for (size_t i = 0; i < r.n; i++)
		unload(&r.at[i]);
	free(text);
	asy_buf_fini(&table);
	return r.failures == 0 && r.claims > 0 ? 0 : 1;
}
