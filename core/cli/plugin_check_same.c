/* assay plugin check, N and what --deep adds: the same answers give the same bits, whatever
 * does not belong to them; and calls that no host makes, each in a process of its own. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/plugin_check.h"
#include "plugin/probe.h"

#define PROBE_S 60u

/* ---- bits ---- */

/* from[i]: the row of a that row i of b is; NULL: the same. */
static assay_status compare(const check_scores *a, const check_scores *b, const size_t *from,
							size_t n, double tolerance, assay_err *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = from != NULL ? from[i] : i;
		bool is_scored = a->flag[k] == ASY_ROW_SCORED;
		bool same = a->flag[k] == b->flag[i] &&
					(!is_scored || memcmp(&a->score[k], &b->score[i], sizeof(double)) == 0 ||
					 (tolerance > 0 && fabs(a->score[k] - b->score[i]) <= tolerance));
		if (!same)
			return ASSAY_FAIL(err, E_MISMATCH, "row %zu: %.17g (%s) became %.17g (%s)", k,
							  a->score[k], asy_row_flag_name(a->flag[k]), b->score[i],
							  asy_row_flag_name(b->flag[i]));
	}
	return ASSAY_OK;
}

static void say(check *c, const char *id, assay_status st, const assay_err *err, const char *what)
{
	bool is_promised = (c->about->needs & ASY_NEED_INEXACT) == 0;
	if (st == ASSAY_OK)
		check_say(c, id, CHECK_OK, "%s: same bits", what);
	else
		check_say(c, id, is_promised ? CHECK_ERROR : CHECK_NOTE, "%s: %s", what, err->msg);
}

static void against(check *c, const char *id, const check_scores *first, const check_how *how,
					const char *what)
{
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	assay_status st = check_fresh(c, how, &c->batch, &s, &err);
	if (st == ASSAY_OK)
		st = compare(first, &s, NULL, c->batch.response_n,
					 how->threads > 1 ? c->about->tolerance : 0, &err);
	say(c, id, st, &err, what);
	check_scores_fini(&s);
}

static void permuted(check *c, const check_scores *first)
{
	static const uint8_t seed[32] = {3};
	size_t n = c->batch.response_n;
	size_t *from = asy_calloc(n, sizeof *from);
	asy_plugin_response *row = asy_calloc(n, sizeof *row);
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	asy_seeded_rng rng;
	asy_seeded_rng_init(&rng, seed);
	for (size_t i = 0; from != NULL && i < n; i++) {
		size_t k = (size_t)asy_rng_below(&rng.iface, i + 1);
		from[i] = from[k];
		from[k] = i;
	}
	for (size_t i = 0; from != NULL && row != NULL && i < n; i++)
		row[i] = c->batch.response[from[i]];
	const asy_plugin_batch b = {c->batch.challenge, c->batch.challenge_n, row, n};
	assay_status st = from == NULL || row == NULL ? ASSAY_FAIL(&err, E_NOMEM, "%zu rows", n)
												  : check_score(c, c->p, 1, &b, &s, &err);
	if (st == ASSAY_OK)
		st = compare(first, &s, from, n, 0, &err);
	say(c, "N03", st, &err, "rows in another order");
	check_scores_fini(&s);
	free(from);
	free(row);
}

static void batch_sizes(check *c, const check_scores *first)
{
	const uint32_t sizes[] = {1, 7, 32, (uint32_t)c->batch.response_n};
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < ASY_COUNT(sizes); i++) {
		st = check_fresh(c, &(check_how){.seed = 1, .sub_batch = sizes[i]}, &c->batch, &s, &err);
		if (st == ASSAY_OK)
			st = compare(first, &s, NULL, c->batch.response_n, 0, &err);
		if (st != ASSAY_OK)
			st = assay_err_at(&err, st, "%" PRIu32 " rows per call", sizes[i]);
		check_scores_fini(&s);
	}
	say(c, "N04", st, &err, "1, 7, 32 and all rows per call");
}

static void other_seed(check *c, const check_scores *first)
{
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	assay_status st = check_score(c, c->p, 2, &c->batch, &s, &err);
	if (st == ASSAY_OK && compare(first, &s, NULL, c->batch.response_n, 0, &err) == ASSAY_OK)
		check_say(c, "N05", CHECK_OK, "the round's seed changes no score");
	else
		check_say(c, "N05", CHECK_NOTE, "the round's seed changes scores: %s", err.msg);
	check_scores_fini(&s);
}

void check_determinism(check *c)
{
	check_scores first = {NULL, NULL, NULL, {0}}, again = first;
	assay_err err = {0};
	bool is_whole = (c->about->needs & ASY_NEED_WHOLE_BATCH) != 0;
	assay_status st = check_score(c, c->p, 1, &c->batch, &first, &err);
	if (st == ASSAY_OK)
		st = check_score(c, c->p, 1, &c->batch, &again, &err);
	if (st == ASSAY_OK) {
		assay_status same = compare(&first, &again, NULL, c->batch.response_n, 0, &err);
		say(c, "N01", same, &err, "the same batch again");
		against(c, "N02", &first, &(check_how){.seed = 1}, "a fresh process");
		if (is_whole) {
			check_say(c, "N03", CHECK_SKIPPED,
					  "it judges whole batches: rows may depend on others");
			check_say(c, "N04", CHECK_SKIPPED, "it judges whole batches: they are not divided");
		} else {
			permuted(c, &first);
			batch_sizes(c, &first);
		}
		other_seed(c, &first);
		against(c, "N07", &first, &(check_how){.seed = 1, .threads = 4}, "4 threads");
		check_say(c, "N09", CHECK_SKIPPED,
				  "no host can choose a plugin's instructions: score one file on two machines; "
				  "tolerance is %g",
				  c->about->tolerance);
	} else {
		check_say(c, "N01", CHECK_ERROR, "%s", err.msg);
	}
	check_scores_fini(&first);
	check_scores_fini(&again);
}

/* ---- in processes of their own ---- */

typedef struct { /* shared with the child */
	volatile uint32_t step;
	assay_status st;
	bool is_done;
	assay_err err;
} outcome;

static void *shared(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED ? p : NULL;
}

/* Scores of the batch, kept where the parent sees them. */
static assay_status score_here(check *c, check_scores *out, assay_err *err)
{
	check_scores s;
	size_t n = c->batch.response_n;
	assay_status st =
		check_fresh(c, &(check_how){.seed = 1, .in_process = true}, &c->batch, &s, err);
	if (st == ASSAY_OK) {
		memcpy(out->score, s.score, n * sizeof *s.score);
		memcpy(out->flag, s.flag, n);
	}
	return st;
}

/* out NULL: probe i; else the scores of the batch. Returns the wait status. */
static int in_child(check *c, size_t i, outcome *o, check_scores *out)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		const asy_probe_opts po = {c->real,  c->about->config, &c->batch, c->about->needs,
								   c->cache, asy_sys_clock(),  &o->step};
		(void)signal(SIGALRM, SIG_DFL);
		(void)alarm(PROBE_S);
		o->st = out != NULL ? score_here(c, out, &o->err) : asy_probe_run(i, &po, &o->err);
		o->is_done = true;
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 ? status : -1;
}

static void say_outcome(check *c, const char *id, const outcome *o, int status)
{
	check_level bad = strcmp(id, "L07") == 0 ? CHECK_WARNING : CHECK_ERROR;
	if (!o->is_done && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		check_say(c, id, bad, "not over after %u s, at step %" PRIu32, PROBE_S, o->step);
	else if (!o->is_done)
		check_say(c, id, bad, "its process ended by %s %d at step %" PRIu32,
				  WIFSIGNALED(status) ? "signal" : "exit code",
				  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), o->step);
	else if (o->st == ASSAY_E_UNSUPPORTED)
		check_say(c, id, CHECK_SKIPPED, "%s", o->err.msg);
	else
		check_say(c, id, o->st == ASSAY_OK ? CHECK_OK : bad, "%s", o->err.msg);
}

static void both_hosts(check *c, outcome *o)
{
	size_t n = c->batch.response_n;
	check_scores worker = {NULL, NULL, NULL, {0}}, here = worker;
	assay_err err = {0};
	here.score = shared(n * sizeof(double));
	here.flag = shared(n);
	assay_status st = here.score == NULL || here.flag == NULL
						  ? ASSAY_FAIL(&err, E_NOMEM, "%zu rows", n)
						  : check_score(c, c->p, 1, &c->batch, &worker, &err);
	*o = (outcome){.step = 0};
	int status = st == ASSAY_OK ? in_child(c, 0, o, &here) : 0;
	if (st == ASSAY_OK && (!o->is_done || o->st != ASSAY_OK)) {
		say_outcome(c, "N08", o, status);
	} else {
		if (st == ASSAY_OK)
			st = compare(&worker, &here, NULL, n, 0, &err);
		say(c, "N08", st, &err, "worker and in process");
	}
	check_scores_fini(&worker);
	if (here.score != NULL)
		(void)munmap(here.score, n * sizeof(double));
	if (here.flag != NULL)
		(void)munmap(here.flag, n);
}

void check_deep(check *c)
{
	outcome *o = c->deep ? shared(sizeof *o) : NULL;
	for (size_t i = 0; asy_probe_id(i) != NULL; i++) {
		if (o == NULL) {
			check_say(c, asy_probe_id(i), CHECK_SKIPPED, "needs --deep");
			continue;
		}
		*o = (outcome){.step = 0};
		int status = in_child(c, i, o, NULL);
		say_outcome(c, asy_probe_id(i), o, status);
	}
	if (o == NULL)
		check_say(c, "N08", CHECK_SKIPPED, "needs --deep");
	else
		both_hosts(c, o);
	if (o != NULL)
		(void)munmap(o, sizeof *o);
}
