/*~ Is another validator at work with our hotkey? A commitment or an update of our hotkey that
 * this data directory did not make is a certain sign, and it costs: the chain takes the last
 * of two vectors, and a reveal forfeits the commitments before it. One look is one node's
 * word, so a sign counts when it is seen again at a later head, where there are several
 * endpoints from another one.
 *
 * A sign older than the first look of this life may be our own, of an earlier data directory or
 * another machine: then nothing is sealed until a tempo has passed since it. Where the chain
 * shows none that young, nothing is waited for.
 * Reason to change: something else on the chain tells who acts with our hotkey. */
#include "submission/impl.h"

/* So many ids back a submission may still matter for what the chain shows of us. */
#define IDS_BACK 4096u

typedef asy_other_sign sign;

/* ---- is it ours? ---- */

typedef struct {
	const sign *x;
	bool is_ours;
	/* of one submission */
	bool covers, is_final;
	asy_arena *arena;
} search;

static bool has_block(asy_jv v, uint64_t block)
{
	asy_block_record r;
	return asy_record_get_block(v, &r, NULL) == ASSAY_OK && r.block.number == block;
}

static bool is_sealed_as(asy_jv v, asy_arena *a, const asy_hash *hash)
{
	asy_seal_record r;
	return asy_record_get_seal(v, a, &r, NULL) == ASSAY_OK && asy_hash_eq(&r.hash, hash);
}

static bool may_have_landed_at(asy_jv v, asy_arena *a, uint64_t block)
{
	asy_tx_record r = {0};
	bool may =
		asy_record_get_tx(v, a, &r, NULL) == ASSAY_OK && block > r.tx.birth && block < r.tx.death;
	asy_tx_fini(&r.tx);
	return may;
}

static assay_status on_record(void *arg, const asy_rec *rec, assay_err *err)
{
	search *s = arg;
	asy_json *doc = NULL;
	(void)err;
	if (asy_record_parse(rec->payload, &doc, NULL) != ASSAY_OK)
		return ASSAY_OK;
	asy_jv v = asy_json_root(doc);
	if (rec->type == ASY_REC_SEAL && s->x->is_commitment)
		s->is_ours = s->is_ours || is_sealed_as(v, s->arena, &s->x->hash);
	else if (rec->type == ASY_REC_INCLUDED && !s->x->is_commitment)
		s->is_ours = s->is_ours || has_block(v, s->x->block);
	else if (rec->type == ASY_REC_SUBMIT && !s->x->is_commitment)
		s->covers = s->covers || may_have_landed_at(v, s->arena, s->x->block);
	else if (rec->type == ASY_REC_FINAL)
		s->is_final = true;
	asy_json_free(doc);
	return ASSAY_OK;
}

static assay_status on_row(void *arg, const asy_sub_row *row, assay_err *err)
{
	search *s = arg;
	(void)err;
	if (s->x->is_commitment && row->is_sealed)
		s->is_ours = s->is_ours || memcmp(row->hash, s->x->hash.b, 32) == 0;
	else if (!s->x->is_commitment)
		s->is_ours = s->is_ours || (row->commit_block != 0 && row->commit_block == s->x->block);
	return ASSAY_OK;
}

/* Receipts stay when the records are pruned. */
static assay_status on_receipt(void *arg, const asy_receipt *r, assay_err *err)
{
	search *s = arg;
	asy_json *doc = NULL;
	(void)err;
	if (r->state != ASY_SUB_INCLUDED || s->x->is_commitment ||
		asy_record_parse(r->bytes, &doc, NULL) != ASSAY_OK)
		return ASSAY_OK;
	s->is_ours = s->is_ours || has_block(asy_json_root(doc), s->x->block);
	asy_json_free(doc);
	return ASSAY_OK;
}

/* What was sent, and in no final block yet, may be what the chain shows. */
static assay_status ask_one(asy_store *store, uint64_t id, search *s, assay_err *err)
{
	uint32_t passed;
	s->covers = s->is_final = false;
	assay_status st = asy_store_submission(store, id, on_row, s, err);
	if (st == ASSAY_OK)
		st = asy_store_receipts(store, id, on_receipt, s, err);
	if (st == ASSAY_OK && !s->is_ours)
		st = asy_store_sound_records(store, id, &passed, on_record, s, err);
	s->is_ours = s->is_ours || (s->covers && !s->is_final);
	return st == ASSAY_E_NOTFOUND ? ASSAY_OK : st;
}

static assay_status ask_the_store(asy_store *store, search *s, assay_err *err)
{
	asy_story_info info[32], last = {0};
	size_t n = ASY_COUNT(info);
	assay_status st = asy_store_last(store, ASY_STORY_SUBMISSION, &last, err);
	if (st != ASSAY_OK)
		return st == ASSAY_E_NOTFOUND ? ASSAY_OK : st;
	for (uint64_t after = asy_sat_sub_u64(last.id, IDS_BACK); n == ASY_COUNT(info);) {
		TRY(asy_store_stories(store, ASY_STORY_SUBMISSION, after, info, ASY_COUNT(info), &n, err));
		for (size_t i = 0; i < n && !s->is_ours; i++) {
			TRY(ask_one(store, info[i].id, s, err));
			after = info[i].id;
		}
		if (s->is_ours)
			break;
	}
	return ASSAY_OK;
}

/* The open ones, without the disk: nearly always enough. */
static bool is_of_open(const asy_submissions *open, const sign *x)
{
	for (size_t i = 0; i < open->n; i++) {
		const asy_submission *sub = open->at[i];
		const asy_flight *f = &sub->commit;
		if (sub->phase < ASY_SUBMISSION_SEALED)
			continue;
		if (x->is_commitment ? asy_hash_eq(&sub->commit_hash, &x->hash)
							 : f->included && f->block.number == x->block)
			return true;
		/* sent, and nobody has looked yet */
		if (!x->is_commitment && f->attempt > 0 && !f->finalized && x->block > sub->weigh_block)
			return true;
	}
	return false;
}

static assay_status is_ours(asy_store *store, const asy_submissions *open, const sign *x,
							bool *ours, assay_err *err)
{
	*ours = open != NULL && is_of_open(open, x);
	if (*ours)
		return ASSAY_OK;
	search s = {.x = x, .arena = asy_arena_new(0)};
	if (s.arena == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a search");
	assay_status st = ask_the_store(store, &s, err);
	*ours = s.is_ours;
	asy_arena_free(s.arena);
	return st;
}

/* ---- what the chain shows ---- */

assay_status asy_submission_other_sign(asy_store *store, const asy_submissions *open,
									   const assay_snapshot *s, const asy_account *self,
									   uint64_t known, asy_other_sign *out, assay_err *err)
{
	long uid = asy_snapshot_find(s, self);
	*out = (sign){.block = 0};
	for (size_t i = 0; uid >= 0 && i < s->commit_n + 1; i++) {
		const asy_neuron *me = &s->neuron[uid];
		bool ours = true, is_commitment = i < s->commit_n;
		sign x = {.block = me->last_update};
		if (is_commitment)
			x = (sign){true, s->commit[i].hash, s->commit[i].block};
		if ((is_commitment && !asy_account_eq(&s->commit[i].hotkey, self)) ||
			(!is_commitment && x.block <= me->registered_at) || x.block <= known ||
			x.block <= out->block)
			continue;
		TRY(is_ours(store, open, &x, &ours, err));
		if (!ours)
			*out = x;
	}
	return ASSAY_OK;
}

/* ---- what to do ---- */

static uint64_t silence(const asy_task *task, const assay_snapshot *s)
{
	const asy_options *o = task->env.options;
	return (uint64_t)s->epoch.tempo + o->submit.lead_blocks + o->submit.jitter_blocks;
}

/*~ Two that hold would both go on at the same block, and meet again. Each waits up to two
 * epochs longer by lot: who goes on first is seen by the other, who then waits for good. */
static uint64_t by_lot(const asy_task *task, const assay_snapshot *s)
{
	uint8_t lot = 0;
	task->env.rng->fill(task->env.rng, &lot, 1);
	return (uint64_t)(lot % 3u) * s->epoch.tempo;
}

static void be_silent_until(asy_task *task, uint64_t block)
{
	if (block > task->others.silent_until)
		task->others.silent_until = block;
}

static void tell_second(asy_task *task, const sign *x, uint64_t head)
{
	static const char *const does[] = {
		[ASY_CFG_FOREIGN_HOLD] = "nothing is sealed until it has been silent for a tempo",
		[ASY_CFG_FOREIGN_EXIT] = "what is sealed is seen through, then this task ends",
		[ASY_CFG_FOREIGN_WARN] = "nothing: submit.on_foreign is warn",
	};
	char hash[65] = "";
	if (x->is_commitment)
		asy_hex_encode(hash, x->hash.b, 32);
	asy_log(task->env.log, ASY_BROKEN, "hotkey.second_validator", ASY_U64("block", x->block),
			ASY_U64("seen_at", head),
			ASY_STR("sign", x->is_commitment ? "a commitment that we did not make"
											 : "an update of our weights that we did not make"),
			ASY_IF(x->is_commitment, ASY_STR("hash", hash)),
			ASY_STR("then", does[task->env.options->submit.on_foreign]),
			ASY_STR("remedy", "stop the other one, or give it a hotkey of its own"));
}

static void take_sign(asy_task *task, const assay_snapshot *s, const sign *x)
{
	asy_others *o = &task->others;
	uint64_t quiet = asy_sat_add_u64(x->block, silence(task, s));
	o->seen_at = x->block;
	if (x->block <= o->first_look) {
		if (!task->env.options->submit.watch || quiet <= s->block.number)
			return;
		be_silent_until(task, quiet);
		asy_log(
			task->env.log, ASY_UNUSUAL, "hotkey.watch", ASY_U64("block", x->block),
			ASY_U64("until", quiet),
			ASY_STR("why", "the chain has weights of our hotkey that this data directory did "
						   "not make: another validator may be at work"),
			ASY_STR("remedy",
					"none is needed; after a move, stop this daemon and bring data_dir over from "
					"the old machine, whose daemon is stopped, or set submit.watch to false"));
		return;
	}
	tell_second(task, x, s->block.number);
	if (task->env.options->submit.on_foreign == ASY_CFG_FOREIGN_HOLD)
		be_silent_until(task, asy_sat_add_u64(quiet, by_lot(task, s)));
	o->must_leave = o->must_leave || task->env.options->submit.on_foreign == ASY_CFG_FOREIGN_EXIT;
}

static void end_silence(asy_task *task, const assay_snapshot *s)
{
	asy_others *o = &task->others;
	if (o->silent_until == 0 || s->block.number < o->silent_until)
		return;
	o->silent_until = 0;
	asy_log(task->env.log, ASY_INFO, "hotkey.alone", ASY_U64("block", s->block.number));
}

/* Seen in an earlier look, too; a reveal of ours may have removed that one since. */
static bool is_believed(const asy_others *o, const assay_snapshot *s)
{
	return o->doubted_at != 0 && s->block.number > o->doubted_at &&
		   s->block.number <= o->doubted_at + 2 * (uint64_t)s->epoch.tempo;
}

assay_status asy_submission_look_for_others(asy_task *task, const asy_submissions *open,
											const assay_snapshot *s, assay_err *err)
{
	asy_others *o = &task->others;
	sign x;
	if (!o->has_looked) {
		o->has_looked = true;
		o->first_look = s->block.number;
	}
	TRY(asy_submission_other_sign(task->env.store, open, s, &task->self, o->seen_at, &x, err));
	o->is_doubting = x.block != 0 && !is_believed(o, s);
	if (x.block != 0 && !o->is_doubting) {
		take_sign(task, s, &x);
	} else if (o->is_doubting) {
		o->doubted_at = s->block.number;
		(void)asy_chain_doubt(task->means.chain);
	}
	end_silence(task, s);
	return ASSAY_OK;
}
