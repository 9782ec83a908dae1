/* assay plugin check, S, L08 and T: scoring examples, hostile bytes and changed examples, in
 * the worker's cage; and what it costs. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/plugin_check.h"

#define HOSTILE_MAX 64u
#define LONG_BODY ((size_t)16 << 20)
#define DEEP 100000u
#define FUZZ_ROWS 256u
#define FUZZ_BODY_MAX ((size_t)1 << 16)
#define LOOKS 10u
#define LOOK_US 30000u
#define MIB ((uint64_t)1 << 20)

/* ---- examples ---- */

/* False: it dies or gives no scores. */
static bool examples(check *c)
{
	size_t errors = c->count[CHECK_ERROR];
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	char what[200];
	c->seen = (check_seen){0};
	assay_status st = check_score(c, c->p, 1, &c->batch, &s, &err);
	if (st != ASSAY_OK)
		check_say(c, "S01", CHECK_ERROR, "%s", err.msg);
	else if (check_died(c, what))
		check_say(c, "S01", CHECK_ERROR, "while it scored the examples, %s", what);
	else if (s.stats.invalid != 0)
		check_say(c, "S01", CHECK_ERROR,
				  "%" PRIu64 " of %zu rows are neither scored in range nor abstained from",
				  s.stats.invalid, c->batch.response_n);
	else if (s.stats.scored == 0)
		check_say(c, "S01", CHECK_WARNING, "not one of %zu rows was scored", c->batch.response_n);
	else
		check_say(c, "S01", CHECK_OK, "%" PRIu64 " rows scored in range, %" PRIu64 " abstained",
				  s.stats.scored, s.stats.abstained);
	if (c->seen.signal == 31)
		check_say(c, "L08", CHECK_ERROR, "a call of the system ends it in the cage: %s",
				  c->seen.text);
	else
		check_say(c, "L08", CHECK_OK, "scores in the closed cage");
	bool is_of_use = c->count[CHECK_ERROR] == errors || s.stats.scored != 0;
	check_scores_fini(&s);
	return is_of_use;
}

/* ---- hostile bytes ---- */

typedef struct {
	asy_buf body[HOSTILE_MAX];
	asy_plugin_response row[HOSTILE_MAX];
	size_t n;
	uint32_t challenge_n;
} bodies;

static void take(bodies *h, asy_buf *b)
{
	if (h->n == HOSTILE_MAX) {
		asy_buf_fini(b);
		return;
	}
	h->body[h->n] = *b;
	h->row[h->n] = (asy_plugin_response){.body = asy_buf_span(b),
										 .challenge = (uint32_t)(h->n % h->challenge_n),
										 .miner = (uint32_t)h->n,
										 .status = ASY_RESP_OK};
	h->n++;
}

static assay_status become(void *arg, const char *text, size_t len, asy_buf *out, assay_err *err)
{
	const assay_span *by = arg;
	(void)text;
	(void)len;
	return asy_buf_add(out, by->ptr, by->len, err);
}

/* The bytes alone, and as every text of an example. */
static void add(bodies *h, assay_span like, const void *bytes, size_t len)
{
	assay_span by = asy_span(bytes, len);
	asy_buf raw = {0}, shaped = {0};
	if (asy_buf_add(&raw, bytes, len, NULL) == ASSAY_OK)
		take(h, &raw);
	if (check_reshape(like, become, &by, &shaped, NULL) == ASSAY_OK)
		take(h, &shaped);
	else
		asy_buf_fini(&shaped);
}

static void collect(bodies *h, assay_span like)
{
	static const char *const texts[] = {"",
										"0",
										"\xff\xfe\xc0\xaf\xed\xa0\x80",
										"NaN",
										"-Infinity",
										"1e999",
										"-0.0",
										"99999999999999999999999999999999999999",
										"{\"text\":1e999}",
										"{\"text\":null}",
										"[[[[",
										"\"\\ud800\"",
										"\xe2\x80\xae\xf0\x9f\x98\x80",
										"%s%n%p"};
	for (size_t i = 0; i < ASY_COUNT(texts); i++)
		add(h, like, texts[i], strlen(texts[i]));
	char *big = malloc(LONG_BODY);
	if (big == NULL)
		return;
	memset(big, 0, 64);
	add(h, like, big, 64);
	memset(big, '[', DEEP);
	add(h, like, big, DEEP);
	memset(big, 'a', LONG_BODY);
	add(h, like, big, LONG_BODY);
	for (size_t i = 0; i < MIB; i += 2)
		big[i] = ' ';
	add(h, like, big, MIB);
	free(big);
}

static assay_span example_body(const check *c)
{
	for (size_t i = 0; i < c->batch.response_n; i++)
		if (c->batch.response[i].status == ASY_RESP_OK && c->batch.response[i].body.len != 0)
			return c->batch.response[i].body;
	return asy_span_str("{\"text\":\"\"}");
}

static void hostile(check *c)
{
	bodies *h = asy_calloc(1, sizeof *h);
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	char what[200];
	if (h == NULL)
		return;
	h->challenge_n = (uint32_t)c->batch.challenge_n;
	collect(h, example_body(c));
	const asy_plugin_batch b = {c->batch.challenge, c->batch.challenge_n, h->row, h->n};
	c->seen = (check_seen){0};
	assay_status st = check_score(c, c->p, 1, &b, &s, &err);
	if (st != ASSAY_OK)
		check_say(c, "S06", CHECK_ERROR, "%s", err.msg);
	else if (check_died(c, what))
		check_say(c, "S06", CHECK_ERROR, "of hostile bodies %s", what);
	else if (s.stats.invalid != 0)
		check_say(c, "S06", CHECK_ERROR, "%" PRIu64 " of %zu hostile bodies get no valid score",
				  s.stats.invalid, h->n);
	else
		check_say(c, "S06", CHECK_OK,
				  "%zu hostile bodies up to 16 MiB: %" PRIu64 " scored, %" PRIu64 " abstained",
				  h->n, s.stats.scored, s.stats.abstained);
	check_scores_fini(&s);
	for (size_t i = 0; i < h->n; i++)
		asy_buf_fini(&h->body[i]);
	free(h);
}

/* ---- changed examples ---- */

/* A few bytes changed, taken out, doubled, or a piece of another example put in. */
static size_t mutate(const check *c, asy_rng *rng, assay_span from, uint8_t *to)
{
	size_t n = from.len < FUZZ_BODY_MAX / 2 ? from.len : FUZZ_BODY_MAX / 2;
	memcpy(to, from.ptr, n);
	for (uint64_t times = asy_rng_below(rng, 4) + 1; times > 0; times--) {
		size_t at = (size_t)asy_rng_below(rng, n + 1), len = (size_t)asy_rng_below(rng, 16);
		const asy_plugin_response *other =
			&c->batch.response[asy_rng_below(rng, c->batch.response_n)];
		switch (asy_rng_below(rng, 4)) {
		case 0:
			if (at < n)
				to[at] = (uint8_t)asy_rng_below(rng, 256);
			break;
		case 1:
			len = len < n - at ? len : n - at;
			memmove(to + at, to + at + len, n - at - len);
			n -= len;
			break;
		case 2:
			len = len < n - at ? len : n - at;
			memmove(to + at + len, to + at, n - at);
			n += len;
			break;
		default:
			len = other->body.len < len ? other->body.len : len;
			memmove(to + at + len, to + at, n - at);
			if (len != 0)
				memcpy(to + at, other->body.ptr, len);
			n += len;
		}
	}
	return n;
}

static bool fuzz_round(check *c, asy_rng *rng, uint8_t *memory, asy_plugin_response *row,
					   uint64_t *done)
{
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	char what[200];
	for (size_t i = 0; i < FUZZ_ROWS; i++) {
		row[i] = c->batch.response[asy_rng_below(rng, c->batch.response_n)];
		row[i].status = ASY_RESP_OK;
		row[i].miner = (uint32_t)i;
		uint8_t *to = memory + i * FUZZ_BODY_MAX;
		row[i].body = asy_span(to, mutate(c, rng, row[i].body, to));
	}
	const asy_plugin_batch b = {c->batch.challenge, c->batch.challenge_n, row, FUZZ_ROWS};
	assay_status st = check_score(c, c->p, 1, &b, &s, &err);
	bool is_fine = st == ASSAY_OK && !check_died(c, what) && s.stats.invalid == 0;
	if (st != ASSAY_OK)
		check_say(c, "S07", CHECK_ERROR, "%s", err.msg);
	else if (check_died(c, what))
		check_say(c, "S07", CHECK_ERROR, "of changed examples %s", what);
	else if (!is_fine)
		check_say(c, "S07", CHECK_ERROR, "%" PRIu64 " changed examples get no valid score",
				  s.stats.invalid);
	*done += FUZZ_ROWS;
	check_scores_fini(&s);
	return is_fine;
}

static void fuzz(check *c)
{
	static const uint8_t seed[32] = {7}; /* the same changes in every run */
	asy_clock *clock = asy_sys_clock();
	asy_seeded_rng rng;
	uint64_t done = 0, until;
	if (c->fuzz_s == 0) {
		check_say(c, "S07", CHECK_SKIPPED, "changed examples are tried with --fuzz SECONDS");
		return;
	}
	uint8_t *memory = asy_calloc(FUZZ_ROWS, FUZZ_BODY_MAX);
	asy_plugin_response *row = asy_calloc(FUZZ_ROWS, sizeof *row);
	asy_seeded_rng_init(&rng, seed);
	until = asy_sat_add_u64(clock->mono_ns(clock), c->fuzz_s * 1000000000u);
	c->seen = (check_seen){0};
	bool is_fine = memory != NULL && row != NULL;
	while (is_fine && clock->mono_ns(clock) < until && !asy_loop_interrupted(c->loop))
		is_fine = fuzz_round(c, &rng.iface, memory, row, &done);
	if (is_fine)
		check_say(c, "S07", CHECK_OK, "%" PRIu64 " changed examples: no crash, no invalid score",
				  done);
	free(memory);
	free(row);
}

bool check_scoring(check *c)
{
	if (!examples(c))
		return false;
	hostile(c);
	fuzz(c);
	return true;
}

/* ---- limits ---- */

/* A number of /proc/PID/FILE behind a word; 0: not there. */
static uint64_t proc_number(int64_t pid, const char *file, const char *word)
{
	char path[64], line[512];
	uint64_t v = 0;
	(void)snprintf(path, sizeof path, "/proc/%" PRId64 "/%s", pid, file);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (v == 0 && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			v = strtoull(line + strlen(word), NULL, 10);
	(void)fclose(f);
	return v;
}

/* Where processes have a table of their own, what was started has children: the first keeps
 * the table, the last is the worker. */
static int64_t inner(int64_t pid)
{
	char path[96], line[256];
	(void)snprintf(path, sizeof path, "/proc/%" PRId64 "/task/%" PRId64 "/children", pid, pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return pid;
	if (fgets(line, sizeof line, f) != NULL)
		for (char *at = line, *end; *at != '\0'; at = end) {
			long child = strtol(at, &end, 10);
			if (end == at)
				break;
			pid = child;
		}
	(void)fclose(f);
	return pid;
}

/* Does a thread of it run or want to? -1: cannot be read. Not how long it ran: a busy machine
 * lets nobody run. */
static int is_busy(int64_t pid)
{
	char path[64], file[128], line[512];
	int busy = -1;
	(void)snprintf(path, sizeof path, "/proc/%" PRId64 "/task", pid);
	DIR *d = opendir(path);
	for (struct dirent *e; d != NULL && busy <= 0 && (e = readdir(d)) != NULL;) {
		(void)snprintf(file, sizeof file, "%s/%.20s/stat", path, e->d_name);
		FILE *f = e->d_name[0] != '.' ? fopen(file, "re") : NULL;
		if (f == NULL)
			continue;
		const char *at = fgets(line, sizeof line, f) != NULL ? strrchr(line, ')') : NULL;
		if (at != NULL)
			busy = strncmp(at, ") R", 3) == 0;
		(void)fclose(f);
	}
	if (d != NULL)
		(void)closedir(d);
	return busy;
}

static void cancelling(check *c, uint64_t whole_ns)
{
	check_scores s = {NULL, NULL, NULL, {0}};
	assay_err err = {0};
	uint64_t soft = whole_ns / 4;
	if (soft < 20000000u) {
		check_say(c, "T01", CHECK_SKIPPED,
				  "it is done with %zu rows in %.1f ms, before it could be asked to stop",
				  c->batch.response_n, (double)whole_ns / 1e6);
		return;
	}
	c->seen = (check_seen){0};
	assay_status st = check_fresh(c,
								  &(check_how){.soft_ns = soft,
											   .hard_ns = 250000000u,
											   .sub_batch = (uint32_t)c->batch.response_n},
								  &c->batch, &s, &err);
	if (st == ASSAY_OK && c->seen.crashes == 0 && c->seen.deadlines <= 1)
		check_say(c, "T01", CHECK_OK, "stops within 250 ms when it is asked to");
	else
		check_say(c, "T01", CHECK_WARNING, "does not stop within 250 ms; poll host->cancelled");
	check_scores_fini(&s);
}

static void memory(check *c, int64_t pid)
{
	uint64_t most = proc_number(pid, "status", "VmHWM:") * 1024, hint = c->about->mem_hint;
	if (most == 0)
		check_say(c, "T02", CHECK_SKIPPED, "its memory cannot be read here");
	else if (hint == 0)
		check_say(c, "T02", CHECK_OK, "used %" PRIu64 " MiB; mem_hint is not set", most / MIB);
	else if (most > hint + 64 * MIB)
		check_say(c, "T02", CHECK_WARNING, "used %" PRIu64 " MiB, mem_hint says %" PRIu64 " MiB",
				  most / MIB, hint / MIB);
	else
		check_say(c, "T02", CHECK_OK, "used %" PRIu64 " MiB of mem_hint %" PRIu64 " MiB",
				  most / MIB, hint / MIB);
}

static void at_rest(check *c, int64_t pid)
{
	int busy = 1;
	for (unsigned i = 0; i < LOOKS && busy > 0; i++) {
		(void)usleep(LOOK_US);
		busy = is_busy(pid);
	}
	if (busy < 0)
		check_say(c, "T04", CHECK_SKIPPED, "its threads cannot be read here");
	else if (busy > 0)
		check_say(c, "T04", CHECK_WARNING, "works on between calls: at each of %u looks", LOOKS);
	else
		check_say(c, "T04", CHECK_OK, "is at rest between calls");
}

void check_limits(check *c)
{
	asy_clock *clock = asy_sys_clock();
	check_scores s = {NULL, NULL, NULL, {0}};
	asy_plugin *p = NULL;
	assay_err err = {0};
	c->seen = (check_seen){0};
	assay_status st = check_open(c, &(check_how){0}, &p, &err);
	int64_t pid = inner(c->seen.pid);
	uint64_t began = clock->mono_ns(clock);
	if (st == ASSAY_OK)
		st = check_score(c, p, 1, &c->batch, &s, &err);
	uint64_t whole = clock->mono_ns(clock) - began;
	double ms = (double)whole / 1e6 / (double)c->batch.response_n * 1000;
	if (st != ASSAY_OK) {
		check_say(c, "T03", CHECK_ERROR, "%s", err.msg);
	} else {
		if (c->about->ms_hint != 0 && ms > 2.0 * c->about->ms_hint)
			check_say(c, "T03", CHECK_WARNING, "1,000 rows take %.1f ms, ms_hint says %" PRIu32, ms,
					  c->about->ms_hint);
		else
			check_say(c, "T03", CHECK_OK, "1,000 rows take %.1f ms", ms);
		memory(c, pid);
		at_rest(c, pid);
	}
	asy_plugin_close(p);
	check_scores_fini(&s);
	if (st == ASSAY_OK)
		cancelling(c, whole);
}
