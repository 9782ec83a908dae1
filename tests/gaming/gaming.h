/* The frame of the attack suites: an honest batch for every challenge, an attack placed
 * into it, and the property that must hold. One program per plugin fills in the
 * generators; it links <plugin>_static, so the entry is the plugin's own.
 *
 * An honest batch has nine miners of levels 1 (weak) to 5 (strong): 1 2 2 3 3 3 4 4 5,
 * med(H) is the median of their scores. Every attack is run with GAMING_SEEDS seeds on
 * every challenge, the worst margin counts, and no attack may change the score of an
 * honest miner unless it copies one (shares). The results are the table in
 * docs/gaming/<plugin>.md, which the test compares; ASSAY_GAMING_UPDATE=1 writes it. */
#ifndef ASSAY_TESTS_GAMING_H
#define ASSAY_TESTS_GAMING_H
#include <math.h>
#include "support/reward.h"

#define GAMING_SEEDS 3
#define GAMING_HONEST 9
#define GAMING_ANSWERS 32 /* of one attack */
#define GAMING_CHALLENGES 256
#define GAMING_ATTACKS 96

static const int gaming_levels[GAMING_HONEST] = {1, 2, 2, 3, 3, 3, 4, 4, 5};

typedef enum {
	GAMING_ZERO,    /* every answer scores 0                                         */
	GAMING_LOW,     /* at most limit of med(H), on every challenge                    */
	GAMING_SHARE,   /* at most limit of med(H), over all challenges and seeds         */
	GAMING_MED,     /* at most med(H)                                                 */
	GAMING_NO_GAIN, /* at most what the honest answer it started from earns            */
	GAMING_EQUAL,   /* exactly what that answer earns when it is sent once more        */
	GAMING_SYBIL,   /* all together at most limit times one alone (or the copied one)  */
	GAMING_ISOLATE, /* nobody else's score changes, that is all                       */
	GAMING_WITHIN   /* a number of its own (measure) is at most limit                  */
} gaming_property;

typedef struct {
	asy_buf body;
	uint32_t latency_ms;
	size_t base; /* the honest miner whose answer this started from */
} gaming_answer;

typedef struct gaming_world gaming_world;
struct gaming_world {
	assay_challenge challenge[GAMING_CHALLENGES];
	size_t n;
	void *facts[GAMING_CHALLENGES];                   /* the plugin's own */
	asy_buf honest[GAMING_CHALLENGES][GAMING_HONEST]; /* bodies           */
	double score[GAMING_CHALLENGES][GAMING_HONEST], med[GAMING_CHALLENGES];
	uint32_t honest_ms;
	reward_host host;
};

typedef struct {
	const char *id, *attack;
	gaming_property property;
	double limit; /* LOW, SHARE, SYBIL */
	/* Appends up to GAMING_ANSWERS answers to challenge c (bodies are empty, latency is
	 * the honest one, base is 0); how many. 0: has no meaning for this challenge. */
	size_t (*make)(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out);
	bool shares; /* copies an honest answer, whose reward it may share */
	/* GAMING_WITHIN: what to limit, from the scores of the honest batch and the n answers. */
	double (*measure)(gaming_world *w, size_t c, const gaming_answer *x, size_t n,
					  const reward_row *row);
} gaming_attack;

typedef struct {
	double worst, earned, honest;
	size_t tried, exempt;
	char failed[160];
} gaming_result;

static inline void gaming_say(asy_buf *b, const char *s)
{
	assay_err err;
	ck_ok(asy_buf_add_str(b, s, &err), err);
}

static int gaming_rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static inline double gaming_median(const double *v)
{
	double sorted[GAMING_HONEST];
	memcpy(sorted, v, sizeof sorted);
	qsort(sorted, GAMING_HONEST, sizeof *sorted, gaming_rising);
	return sorted[GAMING_HONEST / 2];
}

static inline assay_bytes gaming_bytes(const asy_buf *b)
{
	return (assay_bytes){b->ptr, b->len};
}

/* The honest batch of c and, after it, n answers of an attack. */
static inline void gaming_score(gaming_world *w, size_t c, const gaming_answer *attack, size_t n,
								reward_row *row)
{
	assay_response x[GAMING_HONEST + GAMING_ANSWERS];
	for (size_t i = 0; i < GAMING_HONEST; i++) {
		x[i] = reward_answer(0, gaming_bytes(&w->honest[c][i]));
		x[i].latency_ms = w->honest_ms;
	}
	for (size_t i = 0; i < n; i++) {
		x[GAMING_HONEST + i] = reward_answer(0, gaming_bytes(&attack[i].body));
		x[GAMING_HONEST + i].latency_ms = attack[i].latency_ms;
	}
	ck_assert_int_eq(reward_score(&w->host, &w->challenge[c], 1, x, GAMING_HONEST + n, row),
					 ASSAY_RC_OK);
	for (size_t i = 0; i < GAMING_HONEST + n; i++)
		ck_assert_msg(row[i].flag == ASSAY_ROW_SCORED && row[i].score >= 0 && row[i].score <= 1,
					  "challenge %zu, row %zu: flag %u, score %g", c, i, row[i].flag, row[i].score);
}

/* Fills honest answers and their scores; honest appends one answer of a level. */
static inline void gaming_begin(gaming_world *w, const char *config,
								void (*honest)(const gaming_world *w, size_t c, int level,
											   test_rng *rng, asy_buf *out))
{
	static reward_row row[GAMING_HONEST + GAMING_ANSWERS];
	test_rng rng = {20261129};
	ck_assert_int_eq(reward_open(&w->host, config), ASSAY_RC_OK);
	for (size_t c = 0; c < w->n; c++) {
		for (size_t i = 0; i < GAMING_HONEST; i++)
			honest(w, c, gaming_levels[i], &rng, &w->honest[c][i]);
		gaming_score(w, c, NULL, 0, row);
		for (size_t i = 0; i < GAMING_HONEST; i++)
			w->score[c][i] = row[i].score;
		w->med[c] = gaming_median(w->score[c]);
	}
}

static inline void gaming_end(gaming_world *w)
{
	for (size_t c = 0; c < w->n; c++)
		for (size_t i = 0; i < GAMING_HONEST; i++)
			asy_buf_fini(&w->honest[c][i]);
	reward_close(&w->host);
}

/* ---- one attack ---- */

static inline bool gaming_exempt(const gaming_world *w, const reward_row *row)
{
	const assay_plugin_info *info = w->host.desc->info;
	for (uint32_t k = 0; k < info->component_n; k++)
		if (strcmp(info->component_name[k], "duplicate_rule") == 0)
			return row->component[k] > 0;
	return false;
}

/* What an attacker earns who sends honest answer base as it is. */
static inline double gaming_plain(gaming_world *w, size_t c, size_t base)
{
	static reward_row row[GAMING_HONEST + GAMING_ANSWERS];
	const gaming_answer plain = {w->honest[c][base], w->honest_ms, base};
	gaming_score(w, c, &plain, 1, row);
	return row[GAMING_HONEST].score;
}

/* The number that the property limits. */
static inline double gaming_margin(gaming_world *w, const gaming_attack *a, size_t c,
								   const gaming_answer *x, size_t n, const reward_row *row)
{
	static reward_row alone[GAMING_HONEST + GAMING_ANSWERS];
	const reward_row *mine = row + GAMING_HONEST;
	if (a->property == GAMING_WITHIN)
		return a->measure(w, c, x, n, row);
	double worst = a->property == GAMING_MED || a->property == GAMING_NO_GAIN ? -1 : 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		double s = mine[i].score, v = 0;
		double base =
			a->property == GAMING_EQUAL ? gaming_plain(w, c, x[i].base) : w->score[c][x[i].base];
		sum += s;
		switch (a->property) {
		case GAMING_ZERO:
			v = s;
			break;
		case GAMING_LOW:
			v = w->med[c] > 0 ? s / w->med[c] : 0;
			break;
		case GAMING_MED:
			v = s - w->med[c];
			break;
		case GAMING_NO_GAIN:
			v = s - base;
			break;
		case GAMING_EQUAL:
			v = fabs(s - base);
			break;
		case GAMING_SHARE:
		case GAMING_SYBIL:
		case GAMING_ISOLATE:
		case GAMING_WITHIN:
			break;
		}
		worst = v > worst ? v : worst;
	}
	if (a->property == GAMING_SYBIL) {
		double one = w->score[c][x[0].base];
		if (!a->shares) {
			gaming_score(w, c, x, 1, alone);
			one = alone[GAMING_HONEST].score;
		}
		worst = one > 0 ? sum / one : 0;
	}
	return worst;
}

static inline double gaming_limit(const gaming_attack *a)
{
	switch (a->property) {
	case GAMING_LOW:
	case GAMING_SHARE:
	case GAMING_SYBIL:
	case GAMING_WITHIN:
		return a->limit;
	case GAMING_NO_GAIN:
	case GAMING_EQUAL:
		return 1e-9;
	case GAMING_ZERO:
	case GAMING_MED:
	case GAMING_ISOLATE:
		break;
	}
	return 0;
}

static inline void gaming_note(gaming_result *r, const gaming_attack *a, size_t c, uint64_t seed,
							   const char *what, double got)
{
	if (r->failed[0] == '\0')
		(void)snprintf(r->failed, sizeof r->failed, "%s %s: challenge %zu, seed %llu: %s %.6g",
					   a->id, a->attack, c, (unsigned long long)seed, what, got);
}

static inline void gaming_try(gaming_world *w, const gaming_attack *a, size_t c, uint64_t seed,
							  gaming_result *r)
{
	static reward_row row[GAMING_HONEST + GAMING_ANSWERS];
	static gaming_answer x[GAMING_ANSWERS];
	test_rng rng = {seed * 1000003 + c};
	for (size_t i = 0; i < GAMING_ANSWERS; i++)
		x[i] = (gaming_answer){.latency_ms = w->honest_ms};
	size_t n = a->make(w, c, &rng, x);
	if (n > 0) {
		gaming_score(w, c, x, n, row);
		bool exempt = a->property == GAMING_SYBIL && gaming_exempt(w, row + GAMING_HONEST);
		double v = exempt ? 0 : gaming_margin(w, a, c, x, n, row), sum = 0;
		r->exempt += exempt;
		r->worst = r->tried++ == 0 || v > r->worst ? v : r->worst;
		for (size_t i = 0; i < n; i++)
			sum += row[GAMING_HONEST + i].score;
		r->earned += sum / (double)n;
		r->honest += w->med[c];
		if (a->property != GAMING_SHARE && v > gaming_limit(a))
			gaming_note(r, a, c, seed, "is", v);
		for (size_t i = 0; !a->shares && i < GAMING_HONEST; i++)
			if (fabs(row[i].score - w->score[c][i]) > 1e-9)
				gaming_note(r, a, c, seed, "moves an honest miner by",
							row[i].score - w->score[c][i]);
	}
	for (size_t i = 0; i < GAMING_ANSWERS; i++)
		asy_buf_fini(&x[i].body);
}

static inline gaming_result gaming_run(gaming_world *w, const gaming_attack *a)
{
	gaming_result r = {0};
	for (uint64_t seed = 1; seed <= GAMING_SEEDS; seed++)
		for (size_t c = 0; c < w->n; c++)
			gaming_try(w, a, c, seed, &r);
	if (a->property == GAMING_SHARE) {
		r.worst = r.honest > 0 ? r.earned / r.honest : 0;
		if (r.worst > a->limit)
			gaming_note(&r, a, 0, 0, "earns, of the honest median,", r.worst);
	}
	if (r.tried == 0)
		gaming_note(&r, a, 0, 0, "has no challenge; tried", 0);
	if (r.exempt == r.tried && r.tried > 0)
		gaming_note(&r, a, 0, 0, "is exempt everywhere; tried", (double)r.tried);
	return r;
}

/* ---- the table ---- */

static inline void gaming_line(const gaming_attack *a, const gaming_result *r, asy_buf *out)
{
	static const char *const names[] = {"zero",  "low",   "share",   "at most median", "no gain",
										"equal", "sybil", "isolate", "within"};
	char limit[24] = "", earns[24] = "", exempt[48] = "";
	assay_err err;
	bool own =
		a->property == GAMING_ZERO || a->property == GAMING_LOW || a->property == GAMING_SHARE;
	if (a->property == GAMING_LOW || a->property == GAMING_SHARE || a->property == GAMING_SYBIL ||
		a->property == GAMING_WITHIN)
		(void)snprintf(limit, sizeof limit, "%g", a->limit);
	if (own)
		(void)snprintf(earns, sizeof earns, "%.2f", r->honest > 0 ? r->earned / r->honest : 0);
	if (r->exempt > 0)
		(void)snprintf(exempt, sizeof exempt, " (%zu of %zu exempt: closed)", r->exempt, r->tried);
	double worst = fabs(r->worst) < 0.005 ? 0 : r->worst; /* no "-0.00" */
	ck_ok(asy_buf_printf(out, &err, "| %s | %s | %s | %s | %.2f%s | %s |\n", a->id, a->attack,
						 names[a->property], limit, worst, exempt, earns),
		  err);
}

/* Equal but for the last digit of a number, which another processor may round apart. */
static inline bool gaming_same(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		char *ea, *eb;
		double x = strtod(a, &ea), y = strtod(b, &eb);
		if (ea != a && eb != b) {
			if (fabs(x - y) > 0.0151)
				return false;
			a = ea;
			b = eb;
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return *a == *b;
}

/* Compares with docs/gaming/<plugin>.md, or writes it. */
static inline void gaming_document(const char *plugin, const char *text)
{
	char path[512];
	static char was[65536];
	(void)snprintf(path, sizeof path, "%s/docs/gaming/%s.md", ASSAY_SOURCE_DIR, plugin);
	bool update = getenv("ASSAY_GAMING_UPDATE") != NULL; /* edge: a test's own switch */
	FILE *f = fopen(path, update ? "wb" : "rb");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	if (update) {
		ck_assert_int_ge(fputs(text, f), 0);
		(void)fclose(f);
		return;
	}
	was[fread(was, 1, sizeof was - 1, f)] = '\0';
	(void)fclose(f);
	ck_assert_msg(
		gaming_same(was, text),
		"docs/gaming/%s.md is not what was measured; ASSAY_GAMING_UPDATE=1 rewrites it.\n%s",
		plugin, text);
}

/* Runs every attack, checks its property and the document. intro: a heading and what
 * the challenges are. */
static inline void gaming_all(gaming_world *w, const gaming_attack *a, size_t n, const char *plugin,
							  const char *intro)
{
	asy_buf out = {0};
	size_t failed = 0;
	gaming_say(&out, intro);
	gaming_say(&out, "\n| id | attack | property | limit | worst | earns |\n"
					 "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < n; i++) {
		gaming_result r = gaming_run(w, &a[i]);
		gaming_line(&a[i], &r, &out);
		if (r.failed[0] != '\0') {
			printf("FAIL %s\n", r.failed);
			failed++;
		}
	}
	printf("%s", asy_buf_cstr(&out));
	(void)fflush(stdout);
	ck_assert_msg(failed == 0, "%zu attacks break their property", failed);
	gaming_document(plugin, asy_buf_cstr(&out));
	asy_buf_fini(&out);
}
#endif
