/* After the epoch: did the chain do what the same arithmetic says, on the inputs of that
 * very epoch (verified); and how far off was what was forecast before sealing. */
#include <stdlib.h>
#include "submission/impl.h"

/* A block takes this long until we have seen some. */
#define BLOCK_NS_USUAL ((uint64_t)12 * 1000000000u)

/* Is what we revealed what the chain held for us when the epoch ran? */
static bool row_in_place(const assay_snapshot *s, long uid, const asy_submission *sub)
{
	bool same = false;
	if (uid < 0 || asy_row_len(&s->weights, (size_t)uid) != sub->weight_n)
		return false;
	uint16_t *stored = asy_calloc(sub->weight_n, sizeof *stored);
	if (stored != NULL) {
		const asy_entry *e = asy_row(&s->weights, (size_t)uid);
		asy_max_upscale(sub->values, sub->weight_n, stored);
		same = true;
		for (size_t i = 0; i < sub->weight_n; i++)
			same = same && e[i].uid == sub->uids[i] && e[i].value == stored[i];
	}
	free(stored);
	return same;
}

/* What became of a vector. */
typedef struct {
	asy_task *task;
	asy_submission *sub;
	asy_counted_record record;
	asy_recheck check; /* empty when it could not be verified */
	bool has_outcome;
	asy_forecast_outcome outcome;
	asy_arena *arena;             /* of outcome */
	asy_buf before, outcome_json; /* the snapshot, packed */
} counting;

static void counting_fini(counting *c)
{
	asy_recheck_fini(&c->check);
	asy_arena_free(c->arena);
	asy_buf_fini(&c->before);
	asy_buf_fini(&c->outcome_json);
}

/* ---- the forecast's outcome ---- */

/* The snapshot that the forecast was made from; NULL when it is not to be had. */
static assay_snapshot *made_from(const asy_task *task, const asy_submission *sub)
{
	asy_buf bytes = {0};
	assay_snapshot *s = NULL;
	if (sub->predicted_from.present &&
		asy_store_blob_get(task->env.store, sub->predicted_from.b, &bytes, NULL) == ASSAY_OK &&
		asy_snapshot_unpack(asy_buf_span(&bytes), &s, NULL) != ASSAY_OK)
		s = NULL;
	asy_buf_fini(&bytes);
	return s;
}

static assay_status judge_forecast(const asy_task *task, const asy_submission *sub, counting *c,
								   assay_err *err)
{
	if (!sub->expected.has_band) /* made by an older version */
		return ASSAY_OK;
	assay_snapshot *made = made_from(task, sub);
	c->arena = asy_arena_new(0);
	assay_status st = c->arena == NULL ? ASSAY_FAIL(err, E_NOMEM, "an outcome")
									   : asy_forecast_judge(&sub->expected, made, c->check.before,
															&c->check.chain, task->env.cpu_mask,
															c->arena, &c->outcome, err);
	if (st == ASSAY_OK)
		st = asy_forecast_outcome_put(&c->outcome, &c->outcome_json, err);
	c->has_outcome = st == ASSAY_OK;
	c->record.outcome = asy_buf_span(&c->outcome_json);
	asy_snapshot_free(made);
	return st;
}

static double share(double units)
{
	return units / 65535.0;
}

static void log_outcome(asy_submission *sub, const asy_forecast_outcome *x)
{
	const asy_forecast_errors *trust = &x->of[ASY_OWN_VALIDATOR_TRUST];
	const asy_forecast_errors *dividends = &x->of[ASY_OWN_DIVIDENDS];
	size_t n = 0, in_band = 0;
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		n += x->of[q].n;
		in_band += x->of[q].in_band;
	}
	asy_log(&sub->log, ASY_INFO, "forecast.outcome", ASY_U64("made_at", x->made_at),
			ASY_U64("epoch_block", x->counted_at),
			ASY_F64("vtrust_error", share((double)x->outcome[0] - x->forecast[0])),
			ASY_F64("dividends_error", share((double)x->outcome[1] - x->forecast[1])),
			ASY_F64("consensus_p95", share(x->of[ASY_EACH_CONSENSUS].p95)),
			ASY_F64("incentive_p95", share(x->of[ASY_EACH_INCENTIVE].p95)),
			ASY_F64("by_rows", share(trust->rows + dividends->rows)),
			ASY_F64("by_stakes", share(trust->stakes + dividends->stakes)),
			ASY_F64("in_band", n > 0 ? (double)in_band / (double)n : 1.0));
}

/* ---- the record ---- */

/* What becomes durable with the record. */
static assay_status put_along(void *arg, uint64_t now, assay_err *err)
{
	const counting *c = arg;
	uint8_t digest[32];
	const asy_forecast_row row = {.submission = c->sub->id,
								  .made_at = c->outcome.made_at,
								  .counted_at = c->record.epoch_block,
								  .outcome = c->record.outcome};
	asy_store *store = c->task->env.store;
	(void)now;
	if (c->record.before.present)
		TRY(asy_store_blob_put(store, c->sub->id, asy_buf_span(&c->before), digest, err));
	return c->has_outcome ? asy_store_forecast_put(store, &row, err) : ASSAY_OK;
}

/* Minutes to the next epoch, at the pace seen so far; false when none will come. */
static bool next_epoch(const asy_submission *sub, double *minutes)
{
	uint64_t head = sub->at.head.number, next = head;
	uint64_t each = sub->at.block_ns != 0 ? sub->at.block_ns : BLOCK_NS_USUAL;
	bool known = asy_schedule_next_epoch(&sub->at.epoch, head, &next, NULL) == ASSAY_OK;
	*minutes = (double)(next - head) * (double)each / 60e9;
	return known;
}

static void log_equal(const counting *c)
{
	asy_submission *sub = c->sub;
	const asy_epoch_outputs *chain = &c->check.chain;
	long uid = asy_snapshot_find(c->check.before, &c->task->self);
	bool has_uid = uid >= 0 && (size_t)uid < chain->n;
	double minutes = 0;
	bool is_coming = next_epoch(sub, &minutes);
	asy_log(&sub->log, ASY_INFO, "weights.counted", ASY_U64("epoch_block", c->record.epoch_block),
			ASY_IF(has_uid, ASY_F64("vtrust", share(has_uid ? chain->validator_trust[uid] : 0))),
			ASY_IF(has_uid, ASY_F64("dividends", share(has_uid ? chain->dividends[uid] : 0))),
			ASY_IF(is_coming, ASY_F64("next_epoch_minutes", minutes)));
}

static void log_counted(const counting *c)
{
	asy_submission *sub = c->sub;
	const asy_counted_record *x = &c->record;
	if (!x->verified)
		asy_log(&sub->log, ASY_UNUSUAL, "weights.unverified",
				ASY_U64("epoch_block", x->epoch_block), ASY_STR("why", x->where));
	else if (!x->equal)
		asy_log(&sub->log, ASY_BROKEN, "consensus.differs", ASY_U64("epoch_block", x->epoch_block),
				ASY_STR("difference", x->where));
	else
		log_equal(c);
	if (x->verified && !x->row_in_place)
		asy_log(&sub->log, ASY_UNUSUAL, "weights.replaced", ASY_U64("epoch_block", x->epoch_block),
				ASY_STR("why", "the epoch ran with another row of ours than this one"));
	if (c->has_outcome)
		log_outcome(sub, &c->outcome);
}

static assay_status record_count(counting *c, assay_err *err)
{
	asy_task *task = c->task;
	asy_buf payload = {0};
	char receipt[64];
	(void)snprintf(receipt, sizeof receipt, "epoch block %" PRIu64, c->record.epoch_block);
	const asy_sub_move move = {task, c->sub, ASY_SUB_COUNTED, asy_span_str(receipt), put_along, c};
	assay_status st = asy_record_put_counted(&c->record, &payload, err);
	if (st == ASSAY_OK)
		st = asy_submission_record_move(&move, ASY_REC_COUNTED, asy_buf_span(&payload), err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	task->totals.counted++;
	task->totals.mismatches += c->record.verified && !c->record.equal;
	log_counted(c);
	return ASSAY_OK;
}

static assay_status verify(asy_task *task, asy_submission *sub, counting *c, assay_err *err)
{
	asy_counted_record *x = &c->record;
	assay_status st = asy_recheck_epoch(task->means.chain, sub->under.netuid, sub->under.mecid,
										x->epoch_block, task->env.cpu_mask, &c->check, err);
	if (st != ASSAY_OK)
		return st;
	x->verified = true;
	x->equal = c->check.equal;
	x->where = c->check.where;
	x->ours = &c->check.ours;
	/* the same values, unless a merge stands between */
	x->chain = x->equal && c->check.before->hyper.mechanism_count <= 1 ? NULL : &c->check.chain;
	x->row_in_place =
		row_in_place(c->check.before, asy_snapshot_find(c->check.before, &task->self), sub);
	st = asy_snapshot_pack(c->check.before, &c->before, err);
	if (st != ASSAY_OK)
		return st;
	asy_blake2b(c->before.ptr, c->before.len, x->before.b, 32);
	x->before.present = true;
	return judge_forecast(task, sub, c, err);
}

/* Blocks for which a node that answers, but not this, is asked again. */
#define VERIFY_BLOCKS 10u

/*~ A mode that we do not know cannot be recomputed, now or later. Nodes forget states. An
 * epoch that cannot be looked at any more has run all the same:
 * after a while the submission ends as counted but unverified, rather than staying open for
 * ever. */
assay_status asy_submission_count(asy_task *task, asy_submission *sub, assay_err *err)
{
	assay_err why = {0};
	counting c = {.task = task,
				  .sub = sub,
				  .record = {.epoch_block = sub->at.epoch.last_mechanism_step_block, .where = ""}};
	assay_status st = verify(task, sub, &c, &why);
	bool give_up = st == ASSAY_E_UNSUPPORTED;
	give_up = give_up || ((st == ASSAY_E_GONE || st == ASSAY_E_AGAIN) && sub->trouble_since != 0 &&
						  sub->at.head.number >= sub->trouble_since + VERIFY_BLOCKS);
	if (st != ASSAY_OK && give_up) {
		c.record.where = why.msg;
		st = ASSAY_OK;
	} else if (st != ASSAY_OK && err != NULL) {
		*err = why;
	}
	if (st == ASSAY_OK)
		st = record_count(&c, err);
	counting_fini(&c);
	asy_sys_trim(); /* snapshots are large and gone by now */
	return st;
}
