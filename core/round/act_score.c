/* Answers go to the plugin; rows come back and are recorded as they become final, so
 * that a crash, ours or the plugin's, costs no score already earned. */
#include <math.h>
#include <stdlib.h>
#include "round/driver.h"

/* One batch: the slots that have an answer, in slot order. */
typedef struct {
	asy_driver *d;
	asy_round *r;
	size_t *slot; /* batch row -> slot */
	size_t n;
	asy_plugin_row *row; /* by batch row */
	double *component;   /* by batch row */
} scoring;

static assay_status record_rows(void *arg, const size_t *rows, size_t n, assay_err *err)
{
	scoring *s = arg;
	size_t cn = s->r->component_n;
	asy_buf payload = {0};
	size_t *slots = asy_calloc(n, sizeof *slots);
	/* The record is written from copies indexed by slot, and becomes the round's state
	 * only by being folded. */
	size_t all = asy_round_slots(s->r);
	asy_plugin_row *by_slot = asy_calloc(all, sizeof *by_slot);
	double *comp = asy_calloc(all * cn, sizeof *comp);
	assay_status st = slots == NULL || by_slot == NULL || comp == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%zu scores", n)
						  : ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
		slots[i] = s->slot[rows[i]];
		by_slot[slots[i]] = s->row[rows[i]];
		if (cn != 0)
			memcpy(&comp[slots[i] * cn], &s->component[rows[i] * cn], cn * sizeof *comp);
	}
	if (st == ASSAY_OK)
		st = asy_record_scores(by_slot, comp, cn, slots, n, &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(s->d, s->r, ASY_REC_SCORES, asy_buf_span(&payload), NULL, err);
	asy_buf_fini(&payload);
	free(slots);
	free(by_slot);
	free(comp);
	return st;
}

static void fill_batch(const asy_round *r, scoring *s, asy_plugin_challenge *c,
					   asy_plugin_response *x)
{
	for (size_t q = 0; q < r->question_n; q++)
		c[q] = (asy_plugin_challenge){r->question[q].prompt, r->question[q].reference,
									  r->question[q].meta};
	for (size_t slot = 0; slot < asy_round_slots(r); slot++) {
		const asy_answer *a = r->answer[slot];
		if (a == NULL)
			continue;
		size_t i = s->n++;
		s->slot[i] = slot;
		s->row[i] = r->row[slot];
		x[i] = (asy_plugin_response){
			.body = a->body,
			.challenge = a->question,
			.miner = a->target,
			.status = a->status,
			.latency_ms = (uint32_t)(a->latency_ns / 1000000u),
		};
	}
}

/*~ A batch that the plugin cannot take at all (too many rows, too many bytes) will not
 * fit after a restart either. Nobody is judged by it, and the round goes on: a daemon
 * that stops here would stop here for ever. */
static assay_status abstain(scoring *s, const assay_err *why, assay_err *err)
{
	size_t *rows = asy_calloc(s->n, sizeof *rows), n = 0;
	if (rows == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rows", s->n);
	for (size_t i = 0; i < s->n; i++) {
		if (s->row[i].flag != ASY_ROW_PENDING)
			continue;
		s->row[i] = (asy_plugin_row){
			.score = NAN, .value = NAN, .flag = ASY_ROW_ABSTAIN, .cause = ASY_CAUSE_ERROR};
		rows[n++] = i;
	}
	asy_log(s->d->env.log, ASY_BROKEN, "scores.impossible", ASY_U64("rows", n),
			ASY_STR("error", why->msg),
			ASY_STR("remedy", "lower round.challenges_per_round or query.max_round_bytes"));
	assay_status st = n > 0 ? record_rows(s, rows, n, err) : ASSAY_OK;
	free(rows);
	return st;
}

assay_status asy_act_score(asy_driver *d, asy_round *r, assay_err *err)
{
	size_t all = asy_round_slots(r);
	scoring s = {.d = d, .r = r};
	asy_plugin_challenge *c = asy_calloc(r->question_n, sizeof *c);
	asy_plugin_response *x = asy_calloc(all, sizeof *x);
	assay_status st = ASSAY_OK;

	assay_err why = {0};
	s.slot = asy_calloc(all, sizeof *s.slot);
	s.row = asy_calloc(all, sizeof *s.row);
	s.component = asy_calloc(all * r->component_n, sizeof *s.component);
	if (c == NULL || x == NULL || s.slot == NULL || s.row == NULL || s.component == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "a batch of %zu rows", all);
		goto out;
	}
	for (size_t i = 0; i < all * r->component_n; i++)
		s.component[i] = NAN;
	fill_batch(r, &s, c, x);

	asy_plugin_round round = {.round = r->id, .block = r->begin_block.number};
	memcpy(round.seed, r->seed, 32);
	asy_plugin_batch batch = {c, r->question_n, x, s.n};
	asy_plugin_results res = {.row = s.row, .on_rows = record_rows, .arg = &s};
	/* The plugin may have been replaced since the round began: its components are kept
	 * only if there are as many as the record says. */
	if (asy_plugin_info(d->env.plugin)->component_n == r->component_n)
		res.component = s.component;
	st = asy_plugin_score(d->env.plugin, &round, &batch, &res, &why);
	if (st == ASSAY_E_LIMIT)
		st = abstain(&s, &why, err);
	else if (st != ASSAY_OK && err != NULL)
		*err = why;
	else if (st == ASSAY_OK)
		asy_log(d->env.log, ASY_INFO, "scores.made", ASY_U64("scored", res.stats.scored),
				ASY_U64("abstained", res.stats.abstained), ASY_U64("floored", res.stats.floored),
				ASY_U64("failed_answers", res.stats.not_asked),
				ASY_U64("crashes", res.stats.crashes));
out:
	free(c);
	free(x);
	free(s.slot);
	free(s.row);
	free(s.component);
	return st;
}
