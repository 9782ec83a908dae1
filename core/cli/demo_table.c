/* The verdict: what the chain and the daemon's own store say afterwards. */
#include <math.h>
#include <stdlib.h>
#include "cli/demo.h"

/* ---- submissions and receipts, from the store ---- */

typedef struct {
	demo_subnet *s;
	asy_store *store;
	demo_submission *now;
} collecting;

static assay_status on_receipt(void *arg, const asy_receipt *r, assay_err *err)
{
	collecting *c = arg;
	(void)err;
	if (c->now->receipt_n < DEMO_RECEIPTS_MAX) {
		c->now->receipt[c->now->receipt_n].state = r->state;
		c->now->receipt[c->now->receipt_n].time_ns = r->time_ns;
		c->now->receipt_n++;
	}
	return ASSAY_OK;
}

static assay_status on_submission(void *arg, const asy_sub_row *sub, assay_err *err)
{
	collecting *c = arg;
	if (!sub->is_sealed)
		return ASSAY_OK; /* refused before anything was sent */
	demo_submission *more = realloc(c->s->submission, (c->s->submission_n + 1) * sizeof *more);
	if (more == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "submissions");
	c->s->submission = more;
	demo_submission *x = &more[c->s->submission_n++];
	*x = (demo_submission){.id = sub->id, .round = sub->round, .state = sub->state};
	asy_hex_encode(x->hash, sub->hash, 32);
	c->now = x;
	return asy_store_receipts(c->store, sub->id, on_receipt, c, err);
}

/* ---- the miners' table ---- */

static const asy_localnet_neuron *neuron_of(const demo *d, uint16_t netuid, uint16_t uid)
{
	for (size_t i = 0; i < d->neuron_n; i++)
		if (d->neuron[i].netuid == netuid && d->neuron[i].uid == uid)
			return &d->neuron[i];
	return NULL;
}

static assay_status make_rows(demo *d, demo_subnet *s, const assay_snapshot *snap,
							  const asy_forecast *f, const asy_epoch_outputs *chain, assay_err *err)
{
	size_t own_n = asy_row_len(&snap->weights, s->uid);
	const asy_entry *own = asy_row(&snap->weights, s->uid);
	uint16_t *uids = asy_calloc(own_n, sizeof *uids), *values = asy_calloc(own_n, sizeof *values);
	asy_clip *clip = asy_calloc(own_n, sizeof *clip);
	assay_status st = ASSAY_OK;
	s->row = asy_calloc(snap->n, sizeof *s->row);
	if (uids == NULL || values == NULL || clip == NULL || s->row == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "%zu rows", snap->n);
	for (size_t i = 0; st == ASSAY_OK && i < own_n; i++) {
		uids[i] = own[i].uid;
		values[i] = own[i].value;
	}
	asy_own_row row = {s->uid, uids, values, own_n};
	if (st == ASSAY_OK)
		asy_forecast_clip(f, &row, clip);
	for (size_t uid = 0; st == ASSAY_OK && uid < snap->n; uid++) {
		const asy_localnet_neuron *n = neuron_of(d, s->netuid, (uint16_t)uid);
		if (n == NULL || n->role != ASY_ROLE_MINER)
			continue;
		demo_row *r = &s->row[s->row_n++];
		*r = (demo_row){.uid = (uint16_t)uid,
						.behaviour = n->behaviour,
						.skill = n->skill,
						.score = NAN,
						.verified = f->consensus[uid],
						.on_chain = chain->consensus[uid]};
		for (size_t i = 0; i < own_n; i++) {
			if (uids[i] == uid) {
				r->weight = values[i];
				r->share = clip[i].share;
				r->clipped = clip[i].clipped;
			}
		}
	}
	free(uids);
	free(values);
	free(clip);
	return st;
}

static bool is_bad(const char *behaviour)
{
	static const char *const bad[] = {"lazy", "garbage", "silent", "oversized"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		if (strcmp(behaviour, bad[i]) == 0)
			return true;
	return false;
}

/* Does each honest miner outweigh every lazy, garbage, silent and oversized one? */
static void judge_ranking(demo_subnet *s)
{
	s->ranked = s->row_n > 0;
	for (size_t i = 0; i < s->row_n; i++) {
		const demo_row *good = &s->row[i];
		if (strcmp(good->behaviour, "honest") != 0)
			continue;
		for (size_t j = 0; j < s->row_n; j++) {
			const demo_row *bad = &s->row[j];
			if (!is_bad(bad->behaviour) || good->weight > bad->weight)
				continue;
			s->ranked = false;
			(void)snprintf(s->ranked_why, sizeof s->ranked_why,
						   "honest uid %u has weight %u, %s uid %u has %u", good->uid, good->weight,
						   bad->behaviour, bad->uid, bad->weight);
		}
	}
}

static assay_status table_at(demo *d, demo_subnet *s, uint64_t block, assay_err *err)
{
	asy_recheck x = {0};
	assay_status st = asy_recheck_epoch(d->net.chain, s->netuid, 0, block, d->cpu_mask, &x, err);
	if (st == ASSAY_OK)
		st = make_rows(d, s, x.before, &x.ours, &x.chain, err);
	asy_recheck_fini(&x);
	return st;
}

/* ---- the records of the submission whose weights are shown ---- */

typedef struct {
	uint64_t block; /* of the epoch that counted them */
	asy_json *weights;
} shown_weights;

static assay_status on_record(void *arg, const asy_rec *rec, assay_err *err)
{
	shown_weights *c = arg;
	asy_json *doc = NULL;
	if (rec->type != ASY_REC_COUNTED && rec->type != ASY_REC_WEIGHTS)
		return ASSAY_OK;
	assay_status st = asy_json_parse(rec->payload, NULL, &doc, err);
	if (st == ASSAY_OK && rec->type == ASY_REC_WEIGHTS) {
		asy_json_free(c->weights);
		c->weights = doc;
		return ASSAY_OK;
	}
	if (st == ASSAY_OK)
		st = asy_jv_u64(asy_jv_get(asy_json_root(doc), "epoch_block"), &c->block, err);
	asy_json_free(doc);
	return st;
}

/* The score that each weight was made from, as the row's record has it. */
static assay_status put_scores(demo_subnet *s, const asy_json *weights, assay_err *err)
{
	if (weights == NULL)
		return ASSAY_OK;
	asy_jv list = asy_jv_get(asy_jv_get(asy_json_root(weights), "inputs"), "candidates");
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		uint16_t uid;
		double score;
		assay_status st = asy_jv_u16(asy_jv_get(asy_jv_at(list, i), "uid"), &uid, err);
		if (st != ASSAY_OK)
			return st;
		if (asy_jv_f64(asy_jv_get(asy_jv_at(list, i), "score"), &score, NULL) != ASSAY_OK)
			continue; /* null: nothing was observed */
		for (size_t k = 0; k < s->row_n; k++)
			if (s->row[k].uid == uid)
				s->row[k].score = score;
	}
	return ASSAY_OK;
}

assay_status demo_collect(demo *d, demo_subnet *s, assay_err *err)
{
	char dir[4200];
	shown_weights shown = {0};
	uint64_t id = 0;
	(void)snprintf(dir, sizeof dir, "%s/data", s->dir);
	asy_store_options so = {.dir = dir, .read_only = true};
	collecting c = {.s = s};
	assay_status st = asy_store_open(&so, &c.store, err);
	if (st == ASSAY_OK)
		st = asy_store_submissions(c.store, 0, on_submission, &c, err);
	s->all_counted = s->submission_n >= d->args.rounds;
	for (size_t i = 0; st == ASSAY_OK && i < s->submission_n; i++) {
		s->all_counted = s->all_counted && s->submission[i].state == ASY_SUB_COUNTED;
		if (s->submission[i].state == ASY_SUB_COUNTED && s->submission[i].id > id)
			id = s->submission[i].id;
	}
	s->all_equal = s->epoch_n > 0;
	for (size_t i = 0; i < s->epoch_n; i++)
		s->all_equal = s->all_equal && s->epoch[i].equal;
	if (st == ASSAY_OK && id != 0)
		st = asy_store_records(c.store, id, 0, on_record, &shown, err);
	if (st == ASSAY_OK && shown.block != 0) {
		s->table_block = shown.block;
		st = table_at(d, s, shown.block, err);
	}
	if (st == ASSAY_OK)
		st = put_scores(s, shown.weights, err);
	if (st == ASSAY_OK)
		st = cli_forecasts_read(c.store, &s->forecasts, err);
	judge_ranking(s);
	asy_json_free(shown.weights);
	asy_store_close(c.store);
	return st;
}

/* ---- the result for machines ---- */

static assay_status json_subnet(asy_jw *w, const demo_subnet *s, assay_err *err)
{
	asy_jw_object(w);
	asy_jw_ku64(w, "netuid", s->netuid);
	asy_jw_kstr(w, "task", s->task);
	asy_jw_ku64(w, "validator_uid", s->uid);
	asy_jw_ki64(w, "daemon_exit", s->exit_code);
	asy_jw_kbool(w, "all_counted", s->all_counted);
	asy_jw_kbool(w, "all_equal", s->all_equal);
	asy_jw_kbool(w, "honest_above_bad", s->ranked);
	asy_jw_key(w, "epochs");
	asy_jw_array(w);
	for (size_t i = 0; i < s->epoch_n; i++) {
		asy_jw_object(w);
		asy_jw_ku64(w, "block", s->epoch[i].block);
		asy_jw_kbool(w, "equal", s->epoch[i].equal);
		if (!s->epoch[i].equal)
			asy_jw_kstr(w, "difference", s->epoch[i].where);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_key(w, "submissions");
	asy_jw_array(w);
	for (size_t i = 0; i < s->submission_n; i++) {
		const demo_submission *x = &s->submission[i];
		asy_jw_object(w);
		asy_jw_ku64(w, "round", x->round);
		asy_jw_kstr(w, "hash", x->hash);
		asy_jw_kstr(w, "state", asy_sub_name(x->state));
		asy_jw_key(w, "receipts");
		asy_jw_array(w);
		for (size_t k = 0; k < x->receipt_n; k++) {
			asy_jw_object(w);
			asy_jw_kstr(w, "state", asy_sub_name(x->receipt[k].state));
			asy_jw_ku64(w, "time_ns", x->receipt[k].time_ns);
			asy_jw_end_object(w);
		}
		asy_jw_end_array(w);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_ku64(w, "table_block", s->table_block);
	asy_jw_key(w, "miners");
	asy_jw_array(w);
	for (size_t i = 0; i < s->row_n; i++) {
		const demo_row *r = &s->row[i];
		asy_jw_object(w);
		asy_jw_ku64(w, "uid", r->uid);
		asy_jw_kstr(w, "behaviour", r->behaviour);
		asy_jw_kf64(w, "skill", r->skill);
		asy_jw_kf64(w, "score", r->score);
		asy_jw_ku64(w, "weight_u16", r->weight);
		asy_jw_ki64(w, "share_i32f32", r->share);
		asy_jw_ki64(w, "clipped_i32f32", r->clipped);
		asy_jw_ku64(w, "consensus_verified", r->verified);
		asy_jw_ku64(w, "consensus_on_chain", r->on_chain);
		asy_jw_kbool(w, "equal", r->verified == r->on_chain);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	assay_status st = cli_forecasts_json(&s->forecasts, w, err);
	asy_jw_end_object(w);
	return st;
}

assay_status demo_json(const demo *d, bool ok, asy_buf *out, assay_err *err)
{
	uint64_t now = asy_sys_clock()->mono_ns(asy_sys_clock());
	asy_jw w = asy_jw_out(out, 1);
	asy_jw_object(&w);
	asy_jw_kbool(&w, "ok", ok);
	asy_jw_kstr(&w, "assay", assay_version());
	asy_jw_kf64(&w, "seconds", (double)(now - d->started_ns) / 1e9);
	asy_jw_key(&w, "subnets");
	asy_jw_array(&w);
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < d->subnet_n; i++)
		st = json_subnet(&w, &d->subnet[i], err);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
	return st != ASSAY_OK ? st : end;
}
