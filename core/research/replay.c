/* Replay: fold a recorded round, do each step's arithmetic again from the recorded
 * inputs, and compare bits. The first difference of each kind is named. */
#include <math.h>
#include <stdlib.h>
#include "research/research.h"
#include "round/round.h"

/* What replay needs of a round beyond its folded state. */
typedef struct {
	asy_round *round;
	asy_json *begin, *weights, *predict, *seal, *track;
	uint32_t records;
} recorded;

static void recorded_fini(recorded *x)
{
	asy_round_free(x->round);
	asy_json_free(x->begin);
	asy_json_free(x->weights);
	asy_json_free(x->predict);
	asy_json_free(x->seal);
	asy_json_free(x->track);
}

static assay_status keep(asy_json **slot, const asy_rec *rec, assay_err *err)
{
	static const asy_json_limits limits = {.max_bytes = ASY_REC_MAX, .max_depth = 64};
	asy_json *doc = NULL;
	assay_status st = asy_json_parse(rec->payload, &limits, &doc, err);
	if (st != ASSAY_OK)
		return st;
	asy_json_free(*slot);
	*slot = doc;
	return ASSAY_OK;
}

static assay_status visit(void *arg, const asy_rec *rec, assay_err *err)
{
	recorded *x = arg;
	x->records++;
	assay_status st = asy_round_fold(x->round, rec->type, rec->payload, err);
	if (st == ASSAY_OK && rec->type == ASY_REC_BEGIN)
		st = keep(&x->begin, rec, err);
	if (st == ASSAY_OK && rec->type == ASY_REC_WEIGHTS)
		st = keep(&x->weights, rec, err);
	if (st == ASSAY_OK && rec->type == ASY_REC_PREDICT)
		st = keep(&x->predict, rec, err);
	if (st == ASSAY_OK && rec->type == ASY_REC_SEAL)
		st = keep(&x->seal, rec, err);
	if (st == ASSAY_OK && rec->type == ASY_REC_TRACK)
		st = keep(&x->track, rec, err);
	return st;
}

static bool same_bits(double a, double b)
{
	uint64_t x, y;
	if (isnan(a) && isnan(b))
		return true;
	memcpy(&x, &a, 8);
	memcpy(&y, &b, 8);
	return x == y;
}

static asy_replay_line *line_for(asy_replay_report *rep, asy_rec_type type)
{
	asy_replay_line *l = &rep->line[rep->line_n++];
	*l = (asy_replay_line){.type = type};
	return l;
}

static void skip(asy_replay_line *l, const char *why)
{
	l->verdict = ASY_REPLAY_SKIPPED;
	(void)asy_str_copy(l->note, sizeof l->note, why);
}

/* ---- SCORES: the plugin again, on the recorded answers ---- */

static void compare_scores(const asy_round *r, const size_t *slot, const asy_plugin_row *row,
						   size_t n, asy_replay_line *l)
{
	for (size_t i = 0; i < n; i++) {
		const asy_plugin_row *was = &r->row[slot[i]];
		/* Deadlines and crashes are events, not arithmetic. */
		if (was->flag != ASY_ROW_SCORED)
			continue;
		l->compared++;
		if (row[i].flag == ASY_ROW_SCORED && same_bits(row[i].score, was->score))
			continue;
		if (l->verdict == ASY_REPLAY_EQUAL)
			(void)snprintf(
				l->note, sizeof l->note, "uid %u, challenge %s: recorded %.17g, now %.17g (%s)",
				r->target[slot[i] / r->question_n].uid, r->question[slot[i] % r->question_n].id,
				was->score, row[i].score, asy_row_flag_name(row[i].flag));
		l->verdict = ASY_REPLAY_DIFFERS;
	}
}

static assay_status replay_scores(const asy_replay_request *req, const asy_round *r,
								  asy_replay_line *l, assay_err *err)
{
	size_t all = asy_round_slots(r), n = 0;
	if (req->plugin == NULL) {
		skip(l, "no plugin given (--plugin FILE.so)");
		return ASSAY_OK;
	}
	asy_plugin_challenge *c = asy_calloc(r->question_n, sizeof *c);
	asy_plugin_response *x = asy_calloc(all, sizeof *x);
	asy_plugin_row *row = asy_calloc(all, sizeof *row);
	size_t *slot = asy_calloc(all, sizeof *slot);
	assay_status st = c == NULL || x == NULL || row == NULL || slot == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "%zu rows", all)
						  : ASSAY_OK;
	if (st == ASSAY_OK) {
		for (size_t q = 0; q < r->question_n; q++)
			c[q] = (asy_plugin_challenge){r->question[q].prompt, r->question[q].reference,
										  r->question[q].meta};
		for (size_t i = 0; i < all; i++) {
			const asy_answer *a = r->answer[i];
			if (a == NULL)
				continue;
			slot[n] = i;
			x[n++] = (asy_plugin_response){.body = a->body,
										   .challenge = a->question,
										   .miner = a->target,
										   .status = a->status,
										   .latency_ms = (uint32_t)(a->latency_ns / 1000000u)};
		}
		asy_plugin_round round = {.round = r->id, .block = r->begin_block.number};
		memcpy(round.seed, r->seed, 32);
		asy_plugin_batch batch = {c, r->question_n, x, n};
		asy_plugin_results res = {.row = row};
		st = asy_plugin_score(req->plugin, &round, &batch, &res, err);
	}
	if (st == ASSAY_OK)
		compare_scores(r, slot, row, n, l);
	free(c);
	free(x);
	free(row);
	free(slot);
	return st;
}

/* ---- TRACK: rows to means ---- */

static assay_status replay_track(const asy_round *r, asy_replay_line *l, assay_err *err)
{
	double *mean = asy_calloc(r->target_n, sizeof *mean);
	if (mean == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu means", r->target_n);
	asy_round_means(r, mean);
	for (size_t t = 0; t < r->target_n; t++) {
		l->compared++;
		if (same_bits(mean[t], r->mean[t]))
			continue;
		if (l->verdict == ASY_REPLAY_EQUAL)
			(void)snprintf(l->note, sizeof l->note, "uid %u: recorded mean %.17g, now %.17g",
						   r->target[t].uid, r->mean[t], mean[t]);
		l->verdict = ASY_REPLAY_DIFFERS;
	}
	free(mean);
	return ASSAY_OK;
}

/* ---- WEIGHTS: the plan again, from recorded inputs and configuration ---- */

typedef struct {
	assay_candidate *candidate;
	size_t candidate_n;
	assay_weights_limits limits;
	uint16_t *previous; /* uids, then values */
	size_t previous_n;
} plan_inputs;

#define TRY(expr)                                                                                  \
	do {                                                                                           \
		assay_status try_st = (expr);                                                              \
		if (try_st != ASSAY_OK)                                                                    \
			return try_st;                                                                         \
	} while (0)

static assay_status read_u32(asy_jv v, uint32_t *out, assay_err *err)
{
	uint64_t x;
	TRY(asy_jv_u64(v, &x, err));
	if (x > UINT32_MAX)
		return ASSAY_FAIL(err, E_STORE, "a number beyond 32 bits");
	*out = (uint32_t)x;
	return ASSAY_OK;
}

static assay_status read_candidates(asy_jv list, plan_inputs *in, assay_err *err)
{
	in->candidate_n = asy_jv_size(list);
	in->candidate = asy_calloc(in->candidate_n, sizeof *in->candidate);
	if (in->candidate == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu candidates", in->candidate_n);
	for (size_t i = 0; i < in->candidate_n; i++) {
		asy_jv v = asy_jv_at(list, i);
		const char *hex;
		TRY(asy_jv_u16(asy_jv_get(v, "uid"), &in->candidate[i].uid, err));
		TRY(read_u32(asy_jv_get(v, "marks"), &in->candidate[i].marks, err));
		TRY(asy_jv_str(asy_jv_get(v, "hotkey"), &hex, NULL, err));
		if (!asy_hex_decode(hex, in->candidate[i].hotkey, 32))
			return ASSAY_FAIL(err, E_STORE, "a hotkey is not 32 bytes of hex");
		if (asy_jv_is_null(asy_jv_get(v, "score")))
			in->candidate[i].score = NAN;
		else
			TRY(asy_jv_f64(asy_jv_get(v, "score"), &in->candidate[i].score, err));
	}
	return ASSAY_OK;
}

static assay_status read_inputs(asy_jv v, plan_inputs *in, assay_err *err)
{
	uint16_t limit;
	asy_jv prev = asy_jv_get(v, "previous"), uids = asy_jv_get(prev, "uids"),
		   values = asy_jv_get(prev, "values");
	TRY(read_u32(asy_jv_get(v, "neurons"), &in->limits.neurons, err));
	TRY(read_u32(asy_jv_get(v, "min_allowed"), &in->limits.min_allowed, err));
	TRY(asy_jv_u16(asy_jv_get(v, "max_limit"), &limit, err));
	in->limits.max_limit = limit;
	TRY(read_candidates(asy_jv_get(v, "candidates"), in, err));
	size_t n = asy_jv_size(uids);
	if (asy_jv_size(values) != n)
		return ASSAY_FAIL(err, E_STORE, "the previous row's lists differ in length");
	in->previous = asy_calloc(2 * n, sizeof *in->previous);
	if (in->previous == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu entries", n);
	for (size_t i = 0; i < n; i++) {
		TRY(asy_jv_u16(asy_jv_at(uids, i), &in->previous[i], err));
		TRY(asy_jv_u16(asy_jv_at(values, i), &in->previous[n + i], err));
	}
	in->previous_n = n;
	return ASSAY_OK;
}

static void compare_row(const asy_round *r, const assay_weights_row *row, asy_replay_line *l)
{
	l->compared = r->weight_n;
	if (row->n != r->weight_n) {
		l->verdict = ASY_REPLAY_DIFFERS;
		(void)snprintf(l->note, sizeof l->note, "recorded %zu weights, now %zu", r->weight_n,
					   row->n);
		return;
	}
	for (size_t i = 0; i < row->n; i++) {
		if (row->uids[i] == r->uids[i] && row->values[i] == r->values[i])
			continue;
		l->verdict = ASY_REPLAY_DIFFERS;
		(void)snprintf(l->note, sizeof l->note, "entry %zu: recorded uid %u = %u, now uid %u = %u",
					   i, r->uids[i], r->values[i], row->uids[i], row->values[i]);
		return;
	}
}

static assay_status config_of(const asy_json *begin, asy_config **out, assay_err *err)
{
	asy_buf text = {0};
	asy_config *c = NULL;
	assay_status st = asy_config_new(&c, err);
	if (st == ASSAY_OK)
		st = asy_jv_canonical(asy_jv_get(asy_json_root(begin), "config"), &text, err);
	if (st == ASSAY_OK)
		st = asy_config_load_json(c, asy_buf_span(&text), "the recorded configuration", err);
	if (st == ASSAY_OK)
		st = asy_config_finish(c, err);
	asy_buf_fini(&text);
	if (st == ASSAY_OK)
		*out = c;
	else
		asy_config_free(c);
	return st;
}

static assay_status replay_weights(const recorded *x, asy_replay_line *l, assay_err *err)
{
	plan_inputs in = {0};
	asy_config *config = NULL;
	assay_weights_plan *plan = NULL;
	if (x->round->refused) {
		skip(l, x->round->note);
		return ASSAY_OK;
	}
	assay_status st = config_of(x->begin, &config, err);
	if (st == ASSAY_OK)
		st = read_inputs(asy_jv_get(asy_json_root(x->weights), "inputs"), &in, err);
	if (st == ASSAY_OK) {
		assay_weights_policy policy = asy_round_policy(asy_config_get(config));
		assay_weights_row previous = {in.previous, in.previous + in.previous_n, in.previous_n};
		st = assay_weights_plan_new(in.candidate, in.candidate_n, &in.limits, &policy,
									in.previous_n > 0 ? &previous : NULL, &plan, err);
	}
	if (st == ASSAY_OK) {
		assay_weights_row row = assay_weights_plan_row(plan);
		compare_row(x->round, &row, l);
	}
	assay_weights_plan_free(plan);
	asy_config_free(config);
	free(in.candidate);
	free(in.previous);
	return st;
}

/* ---- PREDICT: the epoch again, on the recorded snapshot ---- */

static void compare_vector(asy_jv v, const char *key, const uint16_t *now, size_t n,
						   asy_replay_line *l)
{
	asy_jv list = asy_jv_get(v, key);
	for (size_t i = 0; i < n; i++) {
		uint16_t was = 0;
		l->compared++;
		if (asy_jv_u16(asy_jv_at(list, i), &was, NULL) == ASSAY_OK && was == now[i])
			continue;
		if (l->verdict == ASY_REPLAY_EQUAL)
			(void)snprintf(l->note, sizeof l->note, "%s of uid %zu: recorded %u, now %u", key, i,
						   was, now[i]);
		l->verdict = ASY_REPLAY_DIFFERS;
	}
}

static assay_status replay_predict(const asy_replay_request *req, const recorded *x,
								   asy_replay_line *l, assay_err *err)
{
	asy_jv v = asy_json_root(x->predict);
	const char *text;
	size_t len, n = 0;
	uint16_t uid;
	uint64_t epoch_block;
	assay_snapshot *s = NULL;
	asy_forecast f = {0};
	TRY(asy_jv_u16(asy_jv_get(v, "uid"), &uid, err));
	TRY(asy_jv_u64(asy_jv_get(v, "epoch_block"), &epoch_block, err));
	TRY(asy_jv_str(asy_jv_get(v, "snapshot"), &text, &len, err));
	uint8_t *bytes = asy_calloc(len / 4 * 3 + 1, 1);
	if (bytes == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a snapshot");
	assay_status st = asy_base64_decode(asy_span(text, len), bytes, &n)
						  ? asy_snapshot_unpack(asy_span(bytes, n), &s, err)
						  : ASSAY_FAIL(err, E_STORE, "the snapshot is not base64");
	asy_own_row own = {uid, x->round->uids, x->round->values, x->round->weight_n};
	if (st == ASSAY_OK)
		st = asy_forecast_run(s, epoch_block, &own, req->cpu_mask, &f, err);
	if (st == ASSAY_OK) {
		compare_vector(v, "consensus", f.consensus, f.n, l);
		compare_vector(v, "validator_trust", f.validator_trust, f.n, l);
		compare_vector(v, "incentive", f.incentive, f.n, l);
		compare_vector(v, "dividends", f.dividends, f.n, l);
	}
	asy_forecast_fini(&f);
	asy_snapshot_free(s);
	free(bytes);
	return st;
}

/* ---- SEAL: the hash again, from the opening ---- */

static void replay_seal(const asy_round *r, asy_replay_line *l)
{
	asy_hash hash;
	const asy_opening *o = r->opening;
	if (o == NULL) {
		skip(l, "the vector was set without a commitment");
		return;
	}
	asy_seal_input in = {o->hotkey, o->netuid, o->mecid, o->uids, o->values, o->n, o->version_key};
	l->compared = 1 + r->weight_n;
	bool same = o->n == r->weight_n && memcmp(o->uids, r->uids, o->n * sizeof *o->uids) == 0 &&
				memcmp(o->values, r->values, o->n * sizeof *o->values) == 0 &&
				asy_seal_hash(&in, o->salt, o->salt_n, &hash, NULL) == ASSAY_OK &&
				asy_hash_eq(&hash, &r->commit_hash);
	if (!same) {
		l->verdict = ASY_REPLAY_DIFFERS;
		(void)asy_str_copy(l->note, sizeof l->note, "the opening does not give the commitment");
	}
}

/* ---- all of it ---- */

static assay_status run(const asy_replay_request *req, const recorded *x, asy_replay_report *out,
						assay_err *err)
{
	const asy_round *r = x->round;
	if (r->phase >= ASY_PHASE_ASKED && r->question_n > 0)
		TRY(replay_scores(req, r, line_for(out, ASY_REC_SCORES), err));
	if (x->track != NULL)
		TRY(replay_track(r, line_for(out, ASY_REC_TRACK), err));
	if (x->weights != NULL)
		TRY(replay_weights(x, line_for(out, ASY_REC_WEIGHTS), err));
	if (x->predict != NULL)
		TRY(replay_predict(req, x, line_for(out, ASY_REC_PREDICT), err));
	if (x->seal != NULL)
		replay_seal(r, line_for(out, ASY_REC_SEAL));
	return ASSAY_OK;
}

typedef struct {
	asy_config *config;
} begin_arg;

static assay_status on_begin(void *arg, const asy_rec *rec, assay_err *err)
{
	begin_arg *b = arg;
	asy_json *doc = NULL;
	if (rec->type != ASY_REC_BEGIN || b->config != NULL)
		return ASSAY_OK;
	assay_status st = keep(&doc, rec, err);
	if (st == ASSAY_OK)
		st = config_of(doc, &b->config, err);
	asy_json_free(doc);
	return st;
}

assay_status asy_research_config(asy_store *store, uint64_t round, asy_config **out, assay_err *err)
{
	begin_arg b = {NULL};
	assay_status st = asy_store_records(store, round, 0, on_begin, &b, err);
	if (st == ASSAY_OK && b.config == NULL)
		st = ASSAY_FAIL(err, E_STORE, "round %" PRIu64 " has no BEGIN record", round);
	if (st == ASSAY_OK)
		*out = b.config;
	else
		asy_config_free(b.config);
	return st;
}

assay_status asy_research_replay(const asy_replay_request *req, asy_replay_report *out,
								 assay_err *err)
{
	recorded x = {0};
	asy_replay_report rep = {.round = req->round};
	assay_status st = asy_round_new(rep.round, &x.round, err);
	if (st == ASSAY_OK) {
		x.round->keep_answers = true;
		st = asy_store_records(req->store, rep.round, 0, visit, &x, err);
	}
	if (st == ASSAY_OK)
		st = run(req, &x, &rep, err);
	if (st == ASSAY_OK) {
		rep.records = x.records;
		for (size_t i = 0; i < rep.line_n; i++)
			rep.differs = rep.differs || rep.line[i].verdict == ASY_REPLAY_DIFFERS;
		*out = rep;
	}
	recorded_fini(&x);
	return st;
}
