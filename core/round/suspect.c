/* Between QUERY_END and the judging: what the round's answers say about each miner, whether
 * they say more about us, and what the breaker learns. The rules are fault.c's; here are
 * the facts for them, and the one line that an operator reads.
 * Reason to change: another fact that tells our own trouble from a miner's. */
#include <stdlib.h>
#include "round/impl.h"

/* ---- facts ---- */

/* By uid, one more than its place in the memory; 0 = it is not there. */
static uint32_t *places_of(const assay_tracker *t)
{
	uint32_t *place = asy_calloc(ASY_UIDS_MAX, sizeof *place);
	assay_track m;
	for (size_t i = 0; place != NULL && i < assay_tracker_count(t); i++) {
		assay_tracker_get(t, i, 0, &m);
		if (m.uid < ASY_UIDS_MAX)
			place[m.uid] = (uint32_t)i + 1;
	}
	return place;
}

static asy_standing standing_of(const asy_task *task, const uint32_t *place, const asy_asked *who,
								uint64_t now)
{
	assay_track m;
	if (who->uid >= ASY_UIDS_MAX || place[who->uid] == 0)
		return ASY_STANDING_NEW;
	assay_tracker_get(task->memory.tracker, place[who->uid] - 1, now, &m);
	return memcmp(m.hotkey, who->hotkey.b, 32) == 0 ? asy_standing_of(&m) : ASY_STANDING_NEW;
}

/* How the round went for one miner. */
static asy_miner_end end_of(const asy_round *r, size_t target)
{
	asy_miner_end m = {.why = ASY_WHY_OK};
	for (size_t q = 0; q < r->question_n; q++) {
		const asy_answer *a = r->answer[target * r->question_n + q];
		if (a == NULL || asy_fault_of(asy_ending_of_why(a->why)).blame != ASY_BLAME_MINER)
			continue;
		m.asked = true;
		if (a->why == ASY_WHY_OK) {
			m.heard = true;
		} else if (m.why == ASY_WHY_OK) {
			m.why = a->why;
			m.http_status = (int)a->http_status;
		}
	}
	return m;
}

assay_status asy_round_suspect(asy_task *task, const asy_round *r, asy_suspicion *out,
							   assay_err *err)
{
	uint64_t now = task->env.clock->real_ns(task->env.clock);
	uint32_t *place = places_of(task->memory.tracker);
	asy_miner_end *m = asy_calloc(r->target_n, sizeof *m);
	bool ok = place != NULL && m != NULL;
	for (size_t t = 0; ok && t < r->target_n; t++) {
		m[t] = end_of(r, t);
		m[t].standing = standing_of(task, place, &r->target[t], now);
	}
	if (ok)
		*out = asy_fault_suspect(m, r->target_n, &task->credit);
	free(place);
	free(m);
	return ok ? ASSAY_OK : ASSAY_FAIL(err, E_NOMEM, "%zu miners", r->target_n);
}

/* ---- the line ---- */

/* "not_found 6, status 500 2, ok 1": questions by how they ended. */
static void count_endings(const asy_round *r, asy_buf *out)
{
	size_t by_status[600] = {0}, by_why[ASY_WHY_N] = {0};
	for (size_t i = 0; i < asy_round_slots(r); i++) {
		const asy_answer *a = r->answer[i];
		if (a == NULL)
			continue;
		if (a->why == ASY_WHY_STATUS && a->http_status < ASY_COUNT(by_status))
			by_status[a->http_status]++;
		else
			by_why[a->why]++;
	}
	for (size_t w = 0; w < ASY_WHY_N; w++)
		if (by_why[w] != 0)
			(void)!asy_buf_printf(out, NULL, "%s%s %zu", out->len != 0 ? ", " : "",
								  asy_why_word((asy_why)w), by_why[w]);
	for (size_t s = 0; s < ASY_COUNT(by_status); s++)
		if (by_status[s] != 0)
			(void)!asy_buf_printf(out, NULL, "%sstatus %zu %zu", out->len != 0 ? ", " : "", s,
								  by_status[s]);
}

/* A miner refuses a request that is dated 2 s ahead of its clock or 10 s behind it. The
 * chain's clock is the only other one that we have. */
#define CLOCK_AHEAD_S 2
#define CLOCK_BEHIND_S 120

static bool is_clock_off(const asy_round *r)
{
	return r->clock_off_s < -CLOCK_AHEAD_S || r->clock_off_s > CLOCK_BEHIND_S;
}

static void tell(asy_round *r, const asy_suspicion *s)
{
	asy_buf counts = {0};
	int64_t off_s = 0;
	const char *cause = asy_likely_name(s->likely), *remedy = asy_likely_remedy(s->likely);
	if (s->likely == ASY_LIKELY_IDENTITY && is_clock_off(r)) {
		off_s = r->clock_off_s;
		cause = "our clock";
		remedy =
			"set this machine's clock: it is not the chain's (off_s); miners refuse such dates";
	}
	count_endings(r, &counts);
	const char *text = asy_buf_cstr(&counts);
	asy_log(&r->log, s->is_believed ? ASY_BROKEN : ASY_UNUSUAL,
			s->is_believed ? "query.suspect" : "query.alike", ASY_STR("cause", cause),
			ASY_STR("answers", text != NULL ? text : ""), ASY_U64("asked", s->asked),
			ASY_U64("heard", s->heard), ASY_U64("of_good_standing", s->good),
			ASY_U64("alike", s->alike), ASY_I64("off_s", off_s),
			ASY_STR("meaning", s->is_believed ? "nobody is judged by this round"
											  : "judged all the same: too many rounds were like "
												"this for it to be us"),
			ASY_STR("remedy", remedy));
	asy_buf_fini(&counts);
}

/* ---- the breaker ---- */

static asy_breaker_effect news_of(const asy_round *r, size_t target)
{
	asy_breaker_effect news = ASY_BREAKER_NOTHING;
	for (size_t q = 0; q < r->question_n; q++) {
		const asy_answer *a = r->answer[target * r->question_n + q];
		if (a == NULL)
			continue;
		asy_breaker_effect e = asy_fault_of(asy_ending_of_why(a->why)).breaker;
		if (e == ASY_BREAKER_LIFE)
			return e;
		if (e == ASY_BREAKER_FAILURE)
			news = e;
	}
	return news;
}

static void teach_breaker(asy_task *task, asy_round *r)
{
	for (size_t t = 0; t < r->target_n; t++) {
		asy_breaker_effect news = news_of(r, t);
		if (news != ASY_BREAKER_NOTHING && !asy_breaker_fold(task->breaker, r->target[t].hotkey.b,
															 r->id, news == ASY_BREAKER_LIFE))
			asy_log(&r->log, ASY_UNUSUAL, "query.breaker_full", ASY_U64("uid", r->target[t].uid));
	}
}

void asy_round_after_verdict(asy_task *task, asy_round *r, const asy_suspicion *s)
{
	if (s->is_strange)
		tell(r, s);
	if (!r->suspect)
		teach_breaker(task, r);
}
