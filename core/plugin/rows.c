/* The caller's batch during one round: the order in which a plugin sees it, what
 * it may see of it, and the one place where its answers are judged. Judging works
 * on private copies only and never trusts that the plugin kept to its range. */
#include <math.h>
#include <stdlib.h>
#include "plugin/host.h"

void asy_rows_derive(const uint8_t seed[32], const char *label, uint8_t out[32])
{
	asy_blake2b_state s;
	asy_blake2b_init(&s, 32);
	asy_blake2b_update(&s, label, strlen(label) + 1);
	asy_blake2b_update(&s, seed, 32);
	asy_blake2b_final(&s, out, 32);
}

double asy_plugin_normalise(const asy_plugin_about *a, double score)
{
	double v = (score - a->score_min) / (a->score_max - a->score_min);
	if (!a->higher_is_better)
		v = 1.0 - v;
	/* rounding may leave the range by one unit; minus zero would print oddly */
	return v <= 0.0 ? 0.0 : v > 1.0 ? 1.0 : v;
}

static double worst(const asy_plugin_about *a)
{
	return a->higher_is_better ? a->score_min : a->score_max;
}

/* ---- what the plugin sees ---- */

static void shuffle(asy_rng *rng, size_t *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)asy_rng_below(rng, i), t = v[i - 1];
		v[i - 1] = v[j];
		v[j] = t;
	}
}

typedef struct {
	uint32_t miner;
	size_t row;
} named;

static int by_miner(const void *a, const void *b)
{
	const named *x = a, *y = b;
	return x->miner != y->miner ? (x->miner < y->miner ? -1 : 1)
								: (x->row > y->row) - (x->row < y->row);
}

/* Distinct miners get the numbers 0.. in an order that only the seed knows. */
static assay_status number_miners(asy_plugin_rows *r, asy_rng *rng, assay_err *err)
{
	size_t n = r->batch->response_n, distinct = 0;
	named *all = asy_calloc(n + 1, sizeof *all);
	size_t *number = asy_calloc(n + 1, sizeof *number);

	if (all == NULL || number == NULL) {
		free(all);
		free(number);
		return ASSAY_FAIL(err, E_NOMEM, "numbers for %zu rows", n);
	}
	for (size_t i = 0; i < n; i++)
		all[i] = (named){r->batch->response[i].miner, i};
	if (n > 1)
		qsort(all, n, sizeof *all, by_miner);
	for (size_t i = 0; i < n; i++) {
		distinct += i == 0 || all[i].miner != all[i - 1].miner;
		number[i] = i;
	}
	shuffle(rng, number, distinct);
	for (size_t i = 0, k = 0; i < n; i++) {
		k += i != 0 && all[i].miner != all[i - 1].miner;
		r->miner[all[i].row] = (uint32_t)number[k];
	}
	free(all);
	free(number);
	return ASSAY_OK;
}

/* By the caller's row: neither the shuffle nor the call it comes in changes them. */
static void seed_rows(asy_plugin_rows *r)
{
	asy_seeded_rng rng;
	uint8_t seed[32];
	asy_rows_derive(r->round->seed, "assay.rows", seed);
	asy_seeded_rng_init(&rng, seed);
	rng.iface.fill(&rng.iface, r->row_seed, r->batch->response_n * sizeof *r->row_seed);
}

asy_plugin_response asy_rows_response(const asy_plugin_rows *r, size_t position)
{
	size_t row = r->order[position];
	asy_plugin_response x = r->batch->response[row];
	x.miner = r->miner[row];
	if ((r->p->about.needs & ASY_NEED_IDENTITY) == 0)
		x.who = (asy_plugin_who){0};
	return x;
}

uint64_t asy_rows_seed(const asy_plugin_rows *r, size_t position)
{
	return r->row_seed[r->order[position]];
}

static uint64_t padded(size_t len)
{
	return ((uint64_t)len + 7) & ~(uint64_t)7;
}

static uint64_t parts_bytes(const asy_plugin_part *part, uint32_t n)
{
	uint64_t sum = n * sizeof(asy_ring_part);
	for (uint32_t i = 0; i < n; i++)
		sum += padded(part[i].name.len) + padded(part[i].type.len) + padded(part[i].bytes.len);
	return sum;
}

uint64_t asy_rows_bytes(const asy_plugin_rows *r, size_t position)
{
	const asy_plugin_response *x = &r->batch->response[r->order[position]];
	return sizeof(asy_ring_response) + padded(x->body.len) + padded(x->content_type.len) +
		   parts_bytes(x->header, x->header_n) + parts_bytes(x->part, x->part_n) +
		   x->chunk_n * sizeof(assay_chunk);
}

uint64_t asy_rows_challenge_bytes(const asy_plugin_rows *r)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < r->batch->challenge_n; i++) {
		const asy_plugin_challenge *c = &r->batch->challenge[i];
		sum += sizeof(asy_ring_challenge) + padded(c->prompt.len) + padded(c->reference.len) +
			   padded(c->meta_json.len) + parts_bytes(c->part, c->part_n);
	}
	return sum;
}

/* ---- checks before anything is asked ---- */

static assay_status check_evidence(const asy_plugin_response *x, size_t row, assay_err *err)
{
	uint64_t end = 0;
	if (x->part_n > ASY_PLUGIN_PARTS_MAX || x->header_n > ASY_PLUGIN_PARTS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "response %zu has more than %u parts or headers", row,
						  ASY_PLUGIN_PARTS_MAX);
	if (x->chunk_n > ASY_PLUGIN_CHUNKS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "response %zu has more than %u chunks", row,
						  ASY_PLUGIN_CHUNKS_MAX);
	for (uint32_t i = 0; i < x->chunk_n; end = x->chunk[i++].end)
		if (x->chunk[i].end < end || x->chunk[i].end > x->body.len)
			return ASSAY_FAIL(err, E_INPUT, "response %zu has chunk %" PRIu32 " outside its body",
							  row, i);
	return ASSAY_OK;
}

static assay_status check_challenges(asy_plugin_rows *r, assay_err *err)
{
	for (size_t i = 0; i < r->batch->challenge_n; i++) {
		const asy_plugin_challenge *c = &r->batch->challenge[i];
		if (c->part_n > ASY_PLUGIN_PARTS_MAX)
			return ASSAY_FAIL(err, E_LIMIT, "challenge %zu has more than %u parts", i,
							  ASY_PLUGIN_PARTS_MAX);
		r->part_n += c->part_n;
	}
	return ASSAY_OK;
}

static assay_status check_batch(const asy_plugin_batch *b, assay_err *err)
{
	if (b->challenge_n > UINT32_MAX / 2 || b->response_n > ASY_RING_ROWS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu challenges and %zu responses; the limit is %" PRIu64,
						  b->challenge_n, b->response_n, ASY_RING_ROWS_MAX);
	for (size_t i = 0; i < b->response_n; i++) {
		const asy_plugin_response *x = &b->response[i];
		if (x->challenge >= b->challenge_n)
			return ASSAY_FAIL(err, E_INPUT, "response %zu belongs to challenge %" PRIu32 " of %zu",
							  i, x->challenge, b->challenge_n);
		if (x->status >= ASY_RESP_STATUS_N)
			return ASSAY_FAIL(err, E_INPUT, "response %zu has unknown status %" PRIu32, i,
							  x->status);
		assay_status st = check_evidence(x, i, err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

/* Fits into shared memory: row by row, or all at once for a whole batch. The same
 * limits hold in process, so that both hosts accept the same batches. */
static assay_status check_sizes(const asy_plugin_rows *r, assay_err *err)
{
	uint64_t fixed = asy_rows_challenge_bytes(r) + padded(r->state.len), max = r->p->o.input_max,
			 sum = fixed;
	uint64_t parts = r->part_n;
	for (size_t i = 0; i < r->order_n; i++) {
		const asy_plugin_response *x = &r->batch->response[r->order[i]];
		uint64_t one = asy_rows_bytes(r, i), own = (uint64_t)x->part_n + x->header_n;
		parts = r->is_whole ? parts + own : r->part_n + own;
		if (parts > ASY_RING_PARTS_MAX)
			return ASSAY_FAIL(err, E_LIMIT, "more than %" PRIu64 " parts and headers at once",
							  ASY_RING_PARTS_MAX);
		sum = r->is_whole ? asy_sat_add_u64(sum, one) : asy_sat_add_u64(fixed, one);
		if (sum > max)
			return ASSAY_FAIL(err, E_LIMIT,
							  "response %zu with its challenges needs %" PRIu64
							  " bytes of shared memory, limit %" PRIu64,
							  r->order[i], sum, max);
	}
	uint32_t most = r->p->about.max_batch;
	if (r->is_whole && most != 0 && r->order_n > most)
		return ASSAY_FAIL(err, E_LIMIT,
						  "%s takes at most %" PRIu32 " rows at once, the round has "
						  "%zu",
						  r->p->about.id, most, r->order_n);
	return ASSAY_OK;
}

static bool is_asked(const asy_plugin_rows *r, size_t row)
{
	return r->batch->response[row].status == ASY_RESP_OK &&
		   r->res->row[row].flag == ASY_ROW_PENDING;
}

bool asy_rows_are_open(const asy_plugin_rows *r)
{
	for (size_t i = 0; i < r->batch->response_n; i++)
		if (r->res->row[i].flag == ASY_ROW_PENDING)
			return true;
	return false;
}

/* The shuffle covers all rows, so that a resumed round keeps the order of an
 * uninterrupted one. Rows decided before are then left out. */
static void choose_rows(asy_plugin_rows *r, asy_rng *rng)
{
	size_t n = r->batch->response_n, kept = 0;
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		r->order[i] = i;
		any = any || is_asked(r, i);
	}
	shuffle(rng, r->order, n);
	for (size_t i = 0; any && i < n; i++)
		if (r->is_whole || r->res->row[r->order[i]].flag == ASY_ROW_PENDING)
			r->order[kept++] = r->order[i];
	r->order_n = kept;
}

static assay_status report(asy_plugin_rows *r, size_t n, assay_err *err)
{
	if (n == 0 || r->res->on_rows == NULL)
		return ASSAY_OK;
	return r->res->on_rows(r->res->arg, r->fresh, n, err);
}

static void set_row(asy_plugin_rows *r, size_t row, asy_row_flag flag, asy_row_cause cause,
					double score)
{
	asy_plugin_row *out = &r->res->row[row];
	asy_plugin_stats *s = &r->res->stats;
	bool counts = flag == ASY_ROW_SCORED || flag == ASY_ROW_FLOOR;
	*out = (asy_plugin_row){
		.score = counts ? score : NAN,
		.value = counts ? asy_plugin_normalise(&r->p->about, score) : NAN,
		.flag = (uint8_t)flag,
		.cause = (uint8_t)cause,
	};
	s->scored += flag == ASY_ROW_SCORED;
	s->abstained += flag == ASY_ROW_ABSTAIN;
	s->floored += flag == ASY_ROW_FLOOR;
	s->not_asked += flag == ASY_ROW_NOT_ASKED;
	s->invalid += cause == ASY_CAUSE_INVALID;
}

static void set_components(asy_plugin_rows *r, size_t row, const double *from)
{
	uint32_t n = r->p->about.component_n;
	for (uint32_t k = 0; r->res->component != NULL && k < n; k++)
		r->res->component[row * n + k] = from != NULL ? from[k] : NAN;
}

static assay_status leave_out(asy_plugin_rows *r, assay_err *err)
{
	size_t n = 0;
	for (size_t i = 0; i < r->batch->response_n; i++) {
		if (r->res->row[i].flag != ASY_ROW_PENDING)
			continue;
		set_components(r, i, NULL);
		if (r->batch->response[i].status == ASY_RESP_OK)
			continue;
		set_row(r, i, ASY_ROW_NOT_ASKED, ASY_CAUSE_NONE, NAN);
		r->fresh[n++] = i;
	}
	return report(r, n, err);
}

assay_status asy_rows_init(asy_plugin_rows *r, asy_plugin *p, const asy_plugin_round *round,
						   const asy_plugin_batch *batch, asy_plugin_results *res, assay_err *err)
{
	asy_seeded_rng rng;
	uint8_t shuffle_seed[32];
	size_t n = batch->response_n;

	*r = (asy_plugin_rows){.p = p, .round = round, .batch = batch, .res = res};
	assay_status st = check_batch(batch, err);
	if (st != ASSAY_OK)
		return st;
	r->order = asy_calloc(n + 1, sizeof *r->order);
	r->fresh = asy_calloc(n + 1, sizeof *r->fresh);
	r->miner = asy_calloc(n + 1, sizeof *r->miner);
	r->held = asy_calloc(n + 1, sizeof *r->held);
	r->row_seed = asy_calloc(n + 1, sizeof *r->row_seed);
	if (r->order == NULL || r->fresh == NULL || r->miner == NULL || r->held == NULL ||
		r->row_seed == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "round of %zu rows", n);
	r->is_whole = (p->about.needs & (ASY_NEED_WHOLE_BATCH | ASY_NEED_STATE)) != 0;
	r->has_state = (p->about.needs & ASY_NEED_STATE) != 0;
	if (r->has_state)
		r->state = asy_buf_span(&p->state);
	asy_rows_derive(round->seed, "assay.shuffle", shuffle_seed);
	asy_rows_derive(round->seed, "assay.plugin", r->seed);
	seed_rows(r);
	asy_seeded_rng_init(&rng, shuffle_seed);
	choose_rows(r, &rng.iface);
	st = number_miners(r, &rng.iface, err);
	if (st == ASSAY_OK)
		st = check_challenges(r, err);
	if (st == ASSAY_OK)
		st = check_sizes(r, err);
	if (st != ASSAY_OK)
		return st;
	r->step = p->o.sub_batch;
	if (p->about.max_batch != 0 && p->about.max_batch < r->step)
		r->step = p->about.max_batch;
	if (r->is_whole)
		r->step = r->order_n != 0 ? (uint32_t)r->order_n : 1;
	r->soft_at = asy_sat_add_u64(asy_plugin_now(p), p->o.soft_ns);
	r->hard_at = asy_sat_add_u64(r->soft_at, p->o.hard_ns);
	res->stats = (asy_plugin_stats){0};
	res->has_state = false;
	return leave_out(r, err);
}

void asy_rows_fini(asy_plugin_rows *r)
{
	free(r->order);
	free(r->fresh);
	free(r->miner);
	free(r->held);
	free(r->row_seed);
	*r = (asy_plugin_rows){0};
}

/* ---- what it remembers ---- */

static void say_lost(asy_plugin_rows *r, const char *what, assay_span why)
{
	char reason[200], text[300];
	asy_str_escape(reason, sizeof reason, why.len != 0 ? why : asy_span_str("it gave no reason"));
	(void)snprintf(text, sizeof text, "%s: %s", what, reason);
	asy_plugin_emit(r->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_STATE, .text = text});
}

void asy_rows_drop_state(asy_plugin_rows *r, const char *why)
{
	say_lost(r, "it begins anew, without its state", asy_span_str(why));
	r->state = (assay_span){NULL, 0};
}

void asy_rows_say_state(asy_plugin_rows *r, const asy_state_said *s)
{
	if ((s->flags & ASY_STATE_ANEW) != 0)
		say_lost(r, "it refuses its state and begins anew", s->why);
	else if ((s->flags & ASY_STATE_UNSAVED) != 0)
		say_lost(r, "its state is not saved: the next round has the one before", s->why);
	r->res->has_state = (s->flags & ASY_STATE_SAVED) != 0;
	r->res->state_before = r->state;
	r->res->state_after = s->after;
}

/* The caller has it on disk, or does not want it. */
static assay_status move_state_on(asy_plugin_rows *r, assay_status st, assay_err *err)
{
	bool has_state = r->res->has_state;
	r->res->has_state = false;
	if (!has_state || st != ASSAY_OK)
		return st;
	st = asy_plugin_set_state(r->p, r->res->state_after, err);
	r->state = asy_buf_span(&r->p->state);
	return st;
}

/* ---- judging ---- */

static void judge(asy_plugin_rows *r, size_t row, double score, uint8_t flag, uint8_t rc)
{
	const asy_plugin_about *a = &r->p->about;
	bool is_valid = isfinite(score) && score >= a->score_min && score <= a->score_max;

	if (flag == ASSAY_ROW_SCORED && is_valid)
		set_row(r, row, ASY_ROW_SCORED, ASY_CAUSE_NONE, score);
	else if (flag == ASSAY_ROW_ABSTAIN)
		set_row(r, row, ASY_ROW_ABSTAIN, ASY_CAUSE_PLUGIN, NAN);
	else if (flag == 0 && rc != ASSAY_RC_OK)
		set_row(r, row, ASY_ROW_ABSTAIN, ASY_CAUSE_ERROR, NAN);
	else
		set_row(r, row, ASY_ROW_ABSTAIN, ASY_CAUSE_INVALID, NAN);
}

assay_status asy_rows_take(asy_plugin_rows *r, size_t first, size_t n, const asy_rows_out *out,
						   assay_err *err)
{
	uint32_t component_n = r->p->about.component_n;
	size_t fresh = 0;

	for (size_t i = 0; i < n; i++) {
		size_t row = r->order[first + i];
		if (!is_asked(r, row) || (r->is_stopping && out->flag[i] == 0))
			continue;
		judge(r, row, out->score[i], out->flag[i], out->rc[i]);
		r->judged++;
		r->judged_at = first + i;
		set_components(r, row, out->component != NULL ? out->component + i * component_n : NULL);
		r->fresh[fresh++] = row;
	}
	return move_state_on(r, report(r, fresh, err), err);
}

assay_status asy_rows_decide(asy_plugin_rows *r, size_t first, size_t n, asy_row_flag flag,
							 asy_row_cause cause, assay_err *err)
{
	size_t fresh = 0;
	for (size_t i = first; i < first + n; i++) {
		size_t row = r->order[i];
		if (!is_asked(r, row))
			continue;
		set_row(r, row, flag, cause, worst(&r->p->about));
		set_components(r, row, NULL);
		r->fresh[fresh++] = row;
	}
	return report(r, fresh, err);
}

/* ---- whose fault ---- */

void asy_rows_condemn(asy_plugin_rows *r, size_t position)
{
	r->held[r->held_n++] = r->order[position];
}

static asy_evidence evidence(const asy_plugin_rows *r, uint64_t deaths, bool is_cut)
{
	return (asy_evidence){.asked = r->order_n,
						  .judged = r->judged,
						  .invalid = r->res->stats.invalid,
						  .poison = r->held_n,
						  .deaths = deaths,
						  .is_cut = is_cut,
						  .control_died = r->control_died};
}

bool asy_rows_are_hopeless(const asy_plugin_rows *r, uint64_t deaths)
{
	const asy_evidence e = evidence(r, deaths, false);
	return asy_verdict_is_plain(&e);
}

static void say_broken(asy_plugin_rows *r, const asy_evidence *e)
{
	char text[160];
	(void)snprintf(text, sizeof text,
				   "of %" PRIu64 " rows %" PRIu64 " came back, %" PRIu64 " of them invalid, and "
				   "%" PRIu64 " killed it: its own fault, no miner pays",
				   e->asked, e->judged, e->invalid, e->poison);
	asy_plugin_emit(r->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_BROKEN, .text = text});
}

assay_status asy_rows_settle(asy_plugin_rows *r, uint64_t deaths, bool is_cut, assay_err *err)
{
	const asy_evidence e = evidence(r, deaths, is_cut);
	size_t n = r->held_n;
	asy_verdict v = asy_verdict_of(&e);

	if (r->verdict != ASY_VERDICT_PLUGIN && v == ASY_VERDICT_PLUGIN)
		say_broken(r, &e);
	if (r->verdict != ASY_VERDICT_PLUGIN && v != ASY_VERDICT_NOBODY)
		r->verdict = v;
	bool is_rows = r->verdict == ASY_VERDICT_ROWS;
	r->held_n = 0;
	for (size_t i = 0; i < n; i++) {
		size_t row = r->held[i];
		if (is_rows)
			asy_plugin_emit(r->p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_POISON, .row = row});
		set_row(r, row, is_rows ? ASY_ROW_FLOOR : ASY_ROW_ABSTAIN,
				is_rows ? ASY_CAUSE_POISON : ASY_CAUSE_CRASH, worst(&r->p->about));
		set_components(r, row, NULL);
		r->fresh[i] = row;
	}
	return report(r, n, err);
}
