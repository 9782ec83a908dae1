/* Before sealing: what consensus is expected to make of this vector, in the epoch in
 * which it will count. The forecast explains; it never feeds back into the weights. */
#include <stdlib.h>
#include "submission/impl.h"

/* As many past forecasts say how far a band may be off. */
#define MARGIN_FROM 64u
/* Of fewer outcomes than this the largest is exceeded more often than once in twenty: 3
 * outcomes are all smaller than the next one in a quarter of cases. So it is doubled. */
#define MARGIN_SURE 19u

/* ---- the plan: when it counts, and what else of ours is on its way ---- */

/* The epoch that first counts a vector of ours sent in the next block. */
static assay_status first_epoch(const asy_world *w, const assay_snapshot *s, bool plain,
								uint64_t *block, assay_err *err)
{
	uint64_t head = s->block.number;
	asy_commit_plan p;
	if (plain) {
		asy_epoch_state after = s->epoch;
		(void)asy_schedule_step(&after, head + 1); /* an epoch in that block runs before it */
		return asy_schedule_next_epoch(&after, head + 1, block, err);
	}
	assay_status st = asy_schedule_plan_commit(&s->epoch, head, w->reveal_period, &p, err);
	return st == ASSAY_OK
			   ? asy_schedule_epoch_start(&s->epoch, head, p.reveal_epoch + 1, block, err)
			   : st;
}

/* The same for another vector that was sent or is about to be. */
static assay_status epoch_of_other(const asy_world *w, const assay_snapshot *s,
								   const asy_submission *sub, uint64_t *block, assay_err *err)
{
	bool is_plain = sub->scheme == ASY_SEAL_PLAIN;
	if (is_plain || !sub->commit.included)
		return first_epoch(w, s, is_plain, block, err);
	return asy_schedule_epoch_start(&s->epoch, s->block.number,
									sub->commit_epoch + w->reveal_period + 1, block, err);
}

static bool is_on_its_way(const asy_submission *sub)
{
	return sub->phase >= ASY_SUBMISSION_SEALED && sub->phase <= ASY_SUBMISSION_REVEALING;
}

static asy_vector vector_of(const asy_submission *sub)
{
	return (asy_vector){sub->uids, sub->values, sub->weight_n};
}

/* rows has room for all open ones. */
static assay_status make_plan(const asy_submissions *open, const assay_snapshot *s,
							  const asy_submission *sub, uint16_t uid, asy_planned_row *rows,
							  asy_forecast_plan *p, assay_err *err)
{
	*p = (asy_forecast_plan){.uid = uid, .last_update = s->block.number + 1, .row = rows};
	assay_status st = first_epoch(&sub->at, s, sub->scheme == ASY_SEAL_PLAIN, &p->counts_at, err);
	for (size_t i = 0; st == ASSAY_OK && i < open->n; i++) {
		const asy_submission *other = open->at[i];
		uint64_t from = 0;
		if (other == sub || !is_on_its_way(other))
			continue;
		st = epoch_of_other(&sub->at, s, other, &from, err);
		bool is_in_between = from < p->counts_at;
		bool is_in_order = p->row_n == 0 || from >= rows[p->row_n - 1].from_block;
		if (st == ASSAY_OK && is_in_between && is_in_order)
			rows[p->row_n++] = (asy_planned_row){from, vector_of(other)};
	}
	if (st == ASSAY_OK)
		rows[p->row_n++] = (asy_planned_row){p->counts_at, vector_of(sub)};
	return st;
}

/* ---- the margin: what earlier bands missed by ---- */

typedef struct {
	double beyond[ASY_QUANTITIES][MARGIN_FROM];
	size_t n;
} past;

static assay_status on_forecast(void *arg, const asy_forecast_row *row, assay_err *err)
{
	past *p = arg;
	asy_forecast_outcome x;
	asy_arena *a = asy_arena_new(0);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a past forecast");
	/* one that cannot be read says nothing; it must not keep us from forecasting */
	if (p->n < MARGIN_FROM && asy_forecast_outcome_get(row->outcome, a, &x, NULL) == ASSAY_OK) {
		for (int q = 0; q < ASY_QUANTITIES; q++)
			p->beyond[q][p->n] = x.of[q].beyond;
		p->n++;
	}
	asy_arena_free(a);
	return ASSAY_OK;
}

static assay_status find_margins(asy_task *task, uint16_t margin[ASY_QUANTITIES], assay_err *err)
{
	past p = {.n = 0};
	assay_status st = asy_store_forecasts(task->env.store, MARGIN_FROM, on_forecast, &p, err);
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		double m = asy_percentile(p.beyond[q], p.n, 95);
		if (p.n < MARGIN_SURE)
			m *= 2;
		margin[q] = (uint16_t)(m >= 0 && m < 65535 ? m : 65535);
	}
	return st;
}

/* ---- the record ---- */

typedef struct {
	asy_task *task;
	asy_submission *sub;
	asy_predict_record record;
	asy_buf snapshot; /* packed */
} predicting;

static assay_status put_snapshot(void *arg, uint64_t now, assay_err *err)
{
	const predicting *p = arg;
	uint8_t digest[32];
	(void)now;
	return asy_store_blob_put(p->task->env.store, p->sub->id, asy_buf_span(&p->snapshot), digest,
							  err);
}

static assay_status record_prediction(asy_task *task, asy_submission *sub, const assay_snapshot *s,
									  predicting *p, assay_err *err)
{
	asy_predict_record *x = &p->record;
	const asy_own_row own = {x->plan.uid, sub->uids, sub->values, sub->weight_n};
	asy_buf payload = {0};
	asy_clip *clip = asy_calloc(sub->weight_n, sizeof *clip);
	if (clip == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu entries", sub->weight_n);
	asy_forecast_clip(&x->expected.point, &own, clip);
	x->clip = clip;
	assay_status st = asy_snapshot_pack(s, &p->snapshot, err);
	if (st == ASSAY_OK) {
		asy_blake2b(p->snapshot.ptr, p->snapshot.len, x->snapshot.b, 32);
		x->snapshot.present = true;
		st = asy_record_put_predict(x, &payload, err);
	}
	if (st == ASSAY_OK)
		st = asy_submission_record(task, sub, ASY_REC_PREDICT, asy_buf_span(&payload), put_snapshot,
								   p, err);
	asy_buf_fini(&payload);
	asy_buf_fini(&p->snapshot);
	free(clip);
	return st;
}

static double share(uint16_t v)
{
	return v / 65535.0;
}

static void log_prediction(asy_submission *sub, const asy_expectation *e)
{
	const asy_band *vtrust = &e->band[ASY_OWN_VALIDATOR_TRUST];
	const asy_band *dividends = &e->band[ASY_OWN_DIVIDENDS];
	asy_log(&sub->log, ASY_INFO, "consensus.predicted",
			ASY_U64("epoch_block", e->point.epoch_block),
			ASY_F64("vtrust", share(e->point.validator_trust[e->uid])),
			ASY_F64("vtrust_low", share(asy_band_low(vtrust, 0))),
			ASY_F64("vtrust_high", share(asy_band_high(vtrust, 0))),
			ASY_F64("dividends", share(e->point.dividends[e->uid])),
			ASY_F64("dividends_low", share(asy_band_low(dividends, 0))),
			ASY_F64("dividends_high", share(asy_band_high(dividends, 0))),
			ASY_F64("hidden_stake", (double)e->hidden_stake / (double)ASSAY_YUMA_ONE));
}

/* A forecast explains and is not needed: where none can be made, because of a mode that we
 * do not know or in which there is nothing to forecast, the vector is sealed without. */
static assay_status go_on_without(asy_task *task, asy_submission *sub, const assay_err *why,
								  assay_err *err)
{
	asy_log(&sub->log, ASY_UNUSUAL, "consensus.unpredicted", ASY_STR("why", why->msg));
	return asy_submission_seal(task, sub, err);
}

static assay_status predict(asy_task *task, asy_submission *sub, const asy_submissions *open,
							const assay_snapshot *s, assay_err *err)
{
	asy_planned_row rows[ASY_SUBMISSIONS_OPEN_MAX];
	uint16_t margin[ASY_QUANTITIES];
	predicting p = {.task = task, .sub = sub};
	assay_err why = {0};
	long uid = asy_snapshot_find(s, &task->self);
	if (uid < 0)
		return ASSAY_FAIL(err, E_AGAIN, "our hotkey left subnet %u while its weights were made",
						  sub->under.netuid);
	TRY(make_plan(open, s, sub, (uint16_t)uid, rows, &p.record.plan, err));
	TRY(find_margins(task, margin, err));
	assay_status st =
		asy_forecast_ahead(s, &p.record.plan, margin, task->env.cpu_mask, &p.record.expected, &why);
	if (st == ASSAY_E_UNSUPPORTED)
		return go_on_without(task, sub, &why, err);
	if (st != ASSAY_OK && err != NULL)
		*err = why;
	if (st == ASSAY_OK)
		st = record_prediction(task, sub, s, &p, err);
	if (st == ASSAY_OK)
		log_prediction(sub, &p.record.expected);
	asy_expectation_fini(&p.record.expected);
	return st;
}

assay_status asy_submission_predict(asy_task *task, asy_submission *sub,
									const asy_submissions *open, assay_err *err)
{
	const assay_snapshot *s = NULL;
	TRY(asy_task_snapshot(task, &sub->at.head, &s, err));
	assay_status st = predict(task, sub, open, s, err);
	asy_snapshots_release(task->means.snapshots, s);
	return st;
}
