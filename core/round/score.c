/* Answers go to the plugin; rows come back and are recorded as they become final, so
 * that a crash, ours or the plugin's, costs no score already earned. */
#include <math.h>
#include <stdlib.h>
#include "round/impl.h"

/* ---- the batch: also what replay scores again ---- */

asy_plugin_round asy_round_for_plugin(const asy_round *r)
{
	asy_plugin_round p = {.round = r->id, .block = r->begin.block.number};
	memcpy(p.seed, r->begin.seed, 32);
	return p;
}

size_t asy_round_batch(const asy_round *r, asy_plugin_challenge *challenge,
					   asy_plugin_response *response, size_t *slot)
{
	size_t n = 0;
	for (size_t q = 0; q < r->question_n; q++)
		challenge[q] = (asy_plugin_challenge){.prompt = r->question[q].prompt,
											  .reference = r->question[q].reference,
											  .meta_json = r->question[q].meta};
	for (size_t i = 0; i < asy_round_slots(r); i++) {
		const asy_answer *a = r->answer[i];
		if (a == NULL)
			continue;
		slot[n] = i;
		response[n++] = (asy_plugin_response){
			.body = a->body,
			.content_type = asy_span_str(a->content_type),
			.who = r->target[a->target].who,
			.challenge = a->question,
			.miner = a->target,
			.status = a->status,
			.latency_ms = (uint32_t)(a->latency_ns / 1000000u),
			.first_byte_ms = (uint32_t)(a->first_byte_ns / 1000000u),
			.http_status = a->http_status,
			.chunk = a->chunk,
			.chunk_n = a->chunk_n,
		};
	}
	return n;
}

/* ---- scoring ---- */

typedef struct {
	asy_task *task;
	asy_round *r;
	const asy_plugin_results *res;
	size_t *slot; /* batch row -> slot */
	size_t n;
	asy_plugin_row *row; /* by batch row */
	double *component;   /* by batch row */
} scoring;

/* The record is written from copies, and becomes the round's state only by being folded. */
static assay_status copy_rows(const scoring *s, const size_t *rows, size_t n, asy_scores_record *x,
							  assay_err *err)
{
	size_t width = x->component_n;
	x->slot = asy_calloc(n, sizeof *x->slot);
	x->row = asy_calloc(n, sizeof *x->row);
	x->component = asy_calloc(n * width, sizeof *x->component);
	if (x->slot == NULL || x->row == NULL || x->component == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu scores", n);
	for (size_t i = 0; i < n; i++) {
		x->slot[i] = s->slot[rows[i]];
		x->row[i] = s->row[rows[i]];
		for (size_t c = 0; c < width; c++)
			x->component[i * width + c] = s->component[rows[i] * width + c];
	}
	return ASSAY_OK;
}

/* What the call left to remember becomes durable with its rows. */
static void name_state(const scoring *s, asy_scores_record *x)
{
	const asy_plugin_results *res = s->res;
	x->has_state = true;
	x->state.version = s->task->plugin_state_version + 1;
	x->state.blob.present = res->state_after.len != 0;
	x->before.present = res->state_before.len != 0;
	asy_blake2b(res->state_after.ptr, res->state_after.len, x->state.blob.b, 32);
	asy_blake2b(res->state_before.ptr, res->state_before.len, x->before.b, 32);
}

static assay_status put_states(void *arg, uint64_t now, assay_err *err)
{
	const scoring *s = arg;
	asy_store *store = s->task->env.store;
	(void)now;
	TRY(asy_round_put_state(store, s->r->id, s->res->state_before, err));
	return asy_round_put_state(store, s->r->id, s->res->state_after, err);
}

static assay_status record_rows(void *arg, const size_t *rows, size_t n, assay_err *err)
{
	scoring *s = arg;
	asy_buf payload = {0};
	asy_scores_record x = {.n = n, .component_n = s->r->begin.component_n};
	assay_status st = copy_rows(s, rows, n, &x, err);
	if (s->res != NULL && s->res->has_state)
		name_state(s, &x);
	if (st == ASSAY_OK)
		st = asy_record_put_scores(&x, &payload, err);
	if (st == ASSAY_OK)
		st = asy_round_record(s->task, s->r, ASY_REC_SCORES, asy_buf_span(&payload),
							  x.has_state ? put_states : NULL, s, err);
	if (st == ASSAY_OK && x.has_state)
		s->task->plugin_state_version = x.state.version;
	asy_buf_fini(&payload);
	free(x.slot);
	free(x.row);
	free(x.component);
	return st;
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
	asy_log(&s->r->log, ASY_BROKEN, "scores.impossible", ASY_U64("rows", n),
			ASY_STR("error", why->msg),
			ASY_STR("remedy", "lower round.challenges_per_round or query.max_round_bytes"));
	assay_status st = n > 0 ? record_rows(s, rows, n, err) : ASSAY_OK;
	free(rows);
	return st;
}

/* After a restart the answers are in the store only. One that is lost there ends the
 * round: nobody can be judged by half of it. */
static assay_status load_bodies(asy_task *task, asy_round *r, assay_err *err)
{
	assay_err why = {0};
	for (size_t i = 0; i < asy_round_slots(r); i++) {
		bool is_far = r->answer[i] != NULL && r->answer[i]->body.len != r->answer[i]->body_len;
		assay_status st = asy_round_load_body(r, i, task->env.store, &why);
		if (st == ASSAY_OK && is_far)
			st = asy_loop_sleep(task->env.loop, 0); /* others have their turn */
		if (st == ASSAY_E_STORE || st == ASSAY_E_NOTFOUND) {
			(void)snprintf(r->dead_end, sizeof r->dead_end, "a lost answer: %.200s", why.msg);
			asy_log(task->env.log, ASY_BROKEN, "round.damaged", ASY_U64("id", r->id),
					ASY_STR("error", why.msg),
					ASY_STR("remedy", "check the disk; the round ends without a verdict"));
			return ASSAY_OK;
		}
		if (st != ASSAY_OK) {
			if (err != NULL)
				*err = why;
			return st;
		}
	}
	return ASSAY_OK;
}

assay_status asy_round_score(asy_task *task, asy_round *r, assay_err *err)
{
	size_t all = asy_round_slots(r);
	scoring s = {.task = task, .r = r};
	asy_plugin_challenge *c = asy_calloc(r->question_n, sizeof *c);
	asy_plugin_response *x = asy_calloc(all, sizeof *x);
	assay_err why = {0};
	assay_status st = load_bodies(task, r, err);
	if (st != ASSAY_OK || r->dead_end[0] != '\0')
		goto out;
	s.slot = asy_calloc(all, sizeof *s.slot);
	s.row = asy_calloc(all, sizeof *s.row);
	s.component = asy_calloc(all * r->begin.component_n, sizeof *s.component);
	if (c == NULL || x == NULL || s.slot == NULL || s.row == NULL || s.component == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "a batch of %zu rows", all);
		goto out;
	}
	for (size_t i = 0; i < all * r->begin.component_n; i++)
		s.component[i] = NAN;
	s.n = asy_round_batch(r, c, x, s.slot);
	for (size_t i = 0; i < s.n; i++)
		s.row[i] = r->row[s.slot[i]];
	asy_plugin_round round = asy_round_for_plugin(r);
	asy_plugin_batch batch = {c, r->question_n, x, s.n};
	asy_plugin_results res = {
		.row = s.row, .component = s.component, .on_rows = record_rows, .arg = &s};
	s.res = &res;
	st = asy_round_restore_state(task, &why);
	if (st == ASSAY_OK)
		st = asy_plugin_score(task->env.plugin, &round, &batch, &res, &why);
	s.res = NULL;
	if (st == ASSAY_E_LIMIT)
		st = abstain(&s, &why, err);
	else if (st != ASSAY_OK && err != NULL)
		*err = why;
	else if (st == ASSAY_OK)
		asy_log(&r->log, ASY_INFO, "scores.made", ASY_U64("scored", res.stats.scored),
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
