/* assay plugin new: a folder with a plugin that builds against the installed header, its
 * examples, its test and a chain to try it on. The files are those of share/assay/template. */
#include <errno.h>
#include <sys/stat.h>
#include "cli/beside.h"
#include "cli/cmd_plugin.h"

#define NAME_LEN_MAX 40u
#define FILE_MAX ((size_t)256 << 10)

typedef struct {
	const char *name;      /* --lang */
	const char *source[2]; /* beside the build file; the first is the plugin */
} language;

static const language languages[] = {
	{"c", {"plugin.c", NULL}},
	{"cpp", {"plugin.cpp", "plugin.map"}},
	{"rust", {"plugin.rs", "abi.rs"}},
};

typedef struct {
	const char *name; /* --build */
	const char *file, *commands;
} builder;

static const builder builders[] = {
	{"cmake", "CMakeLists.txt",
	 "cmake -G Ninja -B build && cmake --build build    # without Ninja: leave out -G Ninja\n"
	 "ctest --test-dir build --output-on-failure"},
	{"make", "Makefile", "make\nmake check"},
};

static const char *const of_any[] = {"README.md", "examples.jsonl", "answers.jsonl",
									 "scenario.json", "tests/run.sh"};

typedef struct {
	const char *name, *id;
	const language *lang;
	const builder *build;
	char from[ASY_FRONT_PATH]; /* the templates */
} plan;

/* ---- what was asked for ---- */

/* It becomes a file name, a CMake target and a part of an id. */
static assay_status check_name(const char *name, assay_err *err)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	bool is_label = n == strlen(name) && n != 0 && n <= NAME_LEN_MAX && name[0] >= 'a' &&
					name[0] <= 'z' && name[n - 1] != '-';
	if (is_label)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_INPUT,
					  "'%s' is no name for a plugin: letters a to z first, then also digits and "
					  "dashes, at most %u",
					  name, NAME_LEN_MAX);
}

static assay_status check_id(const char *id, assay_err *err)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-.");
	if (n == strlen(id) && n <= 100 && strchr(id, '.') != NULL && strstr(id, "..") == NULL &&
		id[0] != '.' && id[n - 1] != '.')
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_INPUT, "'%s' is no id: a domain of yours reversed, org.example.name",
					  id);
}

static int unknown_word(const char *option, const char *word, const char *const *names, size_t n)
{
	size_t near = asy_str_nearest(word, names, n);
	if (near < n)
		return asy_front_misuse("plugin new", "--%s has no '%s'; did you mean '%s'?", option, word,
								names[near]);
	return asy_front_misuse("plugin new", "--%s has no '%s' (assay plugin new --help)", option,
							word);
}

/* 0, or the exit code of a misuse. */
static int choose(plan *p, const char *lang, const char *build)
{
	const char *langs[ASY_COUNT(languages)], *builds[ASY_COUNT(builders)];
	for (size_t i = 0; i < ASY_COUNT(languages); i++) {
		langs[i] = languages[i].name;
		if (strcmp(langs[i], lang) == 0)
			p->lang = &languages[i];
	}
	for (size_t i = 0; i < ASY_COUNT(builders); i++) {
		builds[i] = builders[i].name;
		if (strcmp(builds[i], build) == 0)
			p->build = &builders[i];
	}
	if (p->lang == NULL)
		return unknown_word("lang", lang, langs, ASY_COUNT(languages));
	if (p->build == NULL)
		return unknown_word("build", build, builds, ASY_COUNT(builders));
	return 0;
}

/* ---- files ---- */

/* Appends text with every @WORD@ that is one of ours replaced. */
static assay_status substitute(const plan *p, assay_span text, asy_buf *out, assay_err *err)
{
	const struct {
		const char *word, *by;
	} words[] = {{"@NAME@", p->name},
				 {"@ID@", p->id},
				 {"@SOURCE@", p->lang->source[0]},
				 {"@BUILD@", p->build->commands}};
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < text.len;) {
		size_t w = 0, len = 0;
		for (; w < ASY_COUNT(words); w++) {
			len = strlen(words[w].word);
			if (text.len - i >= len && memcmp(text.ptr + i, words[w].word, len) == 0)
				break;
		}
		if (w < ASY_COUNT(words)) {
			st = asy_buf_add_str(out, words[w].by, err);
			i += len;
		} else {
			st = asy_buf_add(out, text.ptr + i++, 1, err);
		}
	}
	return st;
}

/* folder is the part of the templates, file the name in both. */
static assay_status copy(const plan *p, const char *folder, const char *file, assay_err *err)
{
	char from[ASY_FRONT_PATH + 64], to[ASY_FRONT_PATH];
	asy_buf text = {0}, out = {0};
	(void)snprintf(from, sizeof from, "%s/%s/%s", p->from, folder, file);
	(void)snprintf(to, sizeof to, "%s/%s", p->name, file);
	assay_status st = asy_front_read_file(from, FILE_MAX, &text, err);
	if (st == ASSAY_OK)
		st = substitute(p, asy_buf_span(&text), &out, err);
	if (st == ASSAY_OK)
		st = asy_front_make_parents(to, err);
	if (st == ASSAY_OK)
		st = asy_front_write_file(to, asy_buf_span(&out), err);
	asy_buf_fini(&text);
	asy_buf_fini(&out);
	return st;
}

static assay_status make(const plan *p, assay_err *err)
{
	if (mkdir(p->name, 0755) != 0)
		return errno == EEXIST
				   ? ASSAY_FAIL(err, E_REFUSED, "%s exists already; nothing is changed", p->name)
				   : ASSAY_FAIL(err, E_IO, "cannot make the folder %s: %s", p->name,
								strerror(errno));
	assay_status st = copy(p, p->lang->name, p->build->file, err);
	for (size_t i = 0; st == ASSAY_OK && i < ASY_COUNT(p->lang->source); i++)
		if (p->lang->source[i] != NULL)
			st = copy(p, p->lang->name, p->lang->source[i], err);
	for (size_t i = 0; st == ASSAY_OK && i < ASY_COUNT(of_any); i++)
		st = copy(p, "any", of_any[i], err);
	return st;
}

int cmd_plugin_new(int argc, char **argv)
{
	static const char *const places[] = {ASSAY_SHARE_BESIDE_BIN "/template"};
	const char *lang = "c", *build = "cmake", *id = NULL, *name;
	const asy_front_opt opts[] = {
		{"lang", ASY_FRONT_STR, &lang, "LANGUAGE", "c (default), cpp or rust"},
		{"build", ASY_FRONT_STR, &build, "WITH", "cmake (default) or make"},
		{"id", ASY_FRONT_STR, &id, "ID", "a domain of yours reversed (default org.example.NAME)"},
	};
	const asy_front_usage usage = {
		"assay plugin new NAME [--lang LANGUAGE] [--build WITH] [--id ID]",
		"Makes the folder NAME with a plugin that builds and scores: source, build file, examples, "
		"a test, a development chain to try it on. Its README says the commands. It needs the "
		"installed headers and nothing else of Assay.",
		opts, ASY_COUNT(opts)};
	char default_id[NAME_LEN_MAX + 16];
	plan p = {0};
	assay_err err = {0};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &name, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("plugin new", "needs a name");
	if ((code = choose(&p, lang, build)) != 0)
		return code;
	p.name = name;
	assay_status st = check_name(name, &err);
	(void)snprintf(default_id, sizeof default_id, "org.example.%s", st == ASSAY_OK ? name : "");
	p.id = id != NULL ? id : default_id;
	if (st == ASSAY_OK)
		st = check_id(p.id, &err);
	if (st == ASSAY_OK && !beside_program(places, ASY_COUNT(places), p.from, sizeof p.from))
		st = ASSAY_FAIL(&err, E_NOTFOUND, "no templates are installed beside this program");
	if (st == ASSAY_OK)
		st = make(&p, &err);
	if (st != ASSAY_OK)
		return asy_front_fail("plugin new", st, &err);
	(void)printf("%s is made; %s/README.md says how to build it\n", name, name);
	return 0;
}
