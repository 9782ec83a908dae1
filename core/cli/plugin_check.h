/* cli/plugin_check.h - what the parts of `assay plugin check` share. Every check has an id
 * (docs/plugins.md lists them), a level and a sentence; a finding never ends the checking.
 * Reason to change: something else that two parts need. */
#ifndef ASY_CLI_PLUGIN_CHECK_H
#define ASY_CLI_PLUGIN_CHECK_H
#include "codec/codec.h"
#include "front/front.h"
#include "loop/loop.h"
#include "plugin/plugin.h"

typedef enum { CHECK_OK, CHECK_NOTE, CHECK_SKIPPED, CHECK_WARNING, CHECK_ERROR } check_level;
#define CHECK_LEVELS 5

#define CHECK_FINDINGS_MAX 256u
#define CHECK_ROWS_MIN 64u /* a batch of fewer examples is repeated */

typedef struct {
	char id[4];
	check_level level;
	char *text;
} check_finding;

/* What an example says should come of it; by response of the file. */
typedef struct {
	double least, most; /* NaN: not said */
	uint64_t rank;      /* 1 is best; 0: not said */
} check_hope;

/* What was seen of workers since it was last zeroed. */
typedef struct {
	uint64_t crashes, stalls, deadlines, broken;
	int signal;
	int64_t pid;
	char text[160];
} check_seen;

typedef struct {
	/* asked for */
	const char *path, *config, *worker, *cache, *examples;
	bool deep, json;
	uint64_t fuzz_s;
	/* found */
	char real[ASY_FRONT_PATH];
	asy_buf file, config_text, example_text;
	asy_loop *loop;
	asy_plugin *p; /* open with the configuration, for all of the run */
	const asy_plugin_about *about;
	check_seen seen;
	asy_score_set *set; /* the examples; NULL: none */
	check_hope *hope;
	asy_plugin_challenge *challenge; /* of batch */
	asy_plugin_response *response;
	asy_plugin_batch batch; /* what most checks score */
	check_finding finding[CHECK_FINDINGS_MAX];
	size_t finding_n, count[CHECK_LEVELS];
} check;

void check_say(check *c, const char *id, check_level level, const char *fmt, ...)
	ASSAY_PRINTF(4, 5);
/* Level if st is a failure, with err's sentence; else ok with text. True when ok. */
bool check_result(check *c, const char *id, check_level level, assay_status st,
				  const assay_err *err, const char *text);

/* How the plugin is opened; zero means the default. */
typedef struct {
	uint64_t seed, soft_ns, hard_ns, stall_ns;
	uint32_t threads, sub_batch;
	bool in_process;    /* in a child only: it may end this process */
	const char *config; /* in the place of the one asked for */
} check_how;
typedef struct {
	double *score;
	uint8_t *flag; /* asy_row_flag */
	double *component;
	asy_plugin_stats stats;
} check_scores;
/* In a worker. What happens to it is in c->seen. */
assay_status check_open(check *c, const check_how *how, asy_plugin **out,
						assay_err *err) ASSAY_CHECKED;
assay_status check_score(const check *c, asy_plugin *p, uint64_t seed, const asy_plugin_batch *b,
						 check_scores *out, assay_err *err) ASSAY_CHECKED;
/* Both, and closes. */
assay_status check_fresh(check *c, const check_how *how, const asy_plugin_batch *b,
						 check_scores *out, assay_err *err) ASSAY_CHECKED;
void check_scores_fini(check_scores *s);
/* True when a worker died or hung: *what says how. */
bool check_died(const check *c, char what[200]);

/* plugin_check_examples.c: the examples, and a batch of them or of texts of our own. */
assay_status check_read_examples(check *c, assay_err *err) ASSAY_CHECKED;
assay_status check_make_batch(check *c, assay_err *err) ASSAY_CHECKED;
/* A body of the shape of like: JSON keeps its members, every text in it becomes f(text). */
typedef assay_status check_rewrite(void *arg, const char *text, size_t len, asy_buf *out,
								   assay_err *err);
assay_status check_reshape(assay_span like, check_rewrite *f, void *arg, asy_buf *out,
						   assay_err *err) ASSAY_CHECKED;

/* The checks, by their letters. Each says all that it has to say. */
bool check_file(check *c);        /* F; false: nothing else can be tried */
bool check_descriptor(check *c);  /* D, L01; false: it does not open */
void check_config(check *c);      /* L02, L03 */
void check_deep(check *c);        /* D08, L04-L07, S02-S05, N06, N08; in processes of their own */
bool check_scoring(check *c);     /* L08, S01, S06, S07; false: it scores nothing */
void check_determinism(check *c); /* N */
void check_limits(check *c);      /* T */
void check_sense(check *c);       /* X */
#endif
