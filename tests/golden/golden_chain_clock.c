/* Epoch clocks, commitments and max-upscale: the pure parts. */
#include <stdlib.h>
#include "golden/golden_chain.h"
#include "schedule/schedule.h"
#include "seal/seal.h"

/* ---- yuma/schedule.json ---- */

#define SUBNETS_MAX 64

typedef struct {
	asy_epoch_state state[SUBNETS_MAX];
	bool consistent[SUBNETS_MAX], commit_reveal[SUBNETS_MAX];
	size_t n;
	unsigned cap;
	uint16_t window;
	bool net_by_tempo; /* the rules of 475 */
} world;

static uint64_t at(asy_jv row, size_t i)
{
	uint64_t v = 0;
	return asy_jv_u64(asy_jv_at(row, i), &v, NULL) == ASSAY_OK ? v : 0;
}

static asy_epoch_state state_row(asy_jv row)
{
	return (asy_epoch_state){.netuid = (uint16_t)at(row, 0),
							 .tempo = (uint16_t)at(row, 1),
							 .stateful = true,
							 .last_epoch_block = at(row, 2),
							 .pending_epoch_at = at(row, 3),
							 .blocks_since_last_step = at(row, 4),
							 .last_mechanism_step_block = at(row, 5),
							 .subnet_epoch_index = at(row, 6)};
}

static bool same_state(const asy_epoch_state *a, const asy_epoch_state *b)
{
	return a->netuid == b->netuid && a->tempo == b->tempo &&
		   a->last_epoch_block == b->last_epoch_block &&
		   a->pending_epoch_at == b->pending_epoch_at &&
		   a->blocks_since_last_step == b->blocks_since_last_step &&
		   a->last_mechanism_step_block == b->last_mechanism_step_block &&
		   a->subnet_epoch_index == b->subnet_epoch_index;
}

static size_t find(const world *w, uint64_t netuid)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->state[i].netuid == netuid)
			return i;
	return 0;
}

static bool same_list(const world *w, const asy_slot *out, asy_slot which, asy_jv list)
{
	size_t k = 0;
	for (size_t i = 0; i < w->n; i++)
		if (out[i] == which && (k >= asy_jv_size(list) || at(list, k++) != w->state[i].netuid))
			return false;
	return k == asy_jv_size(list);
}

static bool act(world *w, asy_jv action, uint64_t block)
{
	const char *kind = "", *want = "";
	size_t len, last = asy_jv_size(action);
	if (last == 0 || asy_jv_str(asy_jv_at(action, 0), &kind, &len, NULL) != ASSAY_OK ||
		asy_jv_str(asy_jv_at(action, last - 1), &want, &len, NULL) != ASSAY_OK)
		return false;
	size_t i = find(w, at(action, 1));
	if (strcmp(kind, "set_consistent") == 0) {
		w->consistent[i] = at(action, 2) != 0;
		return strcmp(want, "ok") == 0;
	}
	const char *got =
		strcmp(kind, "trigger_epoch") == 0
			? asy_schedule_trigger(&w->state[i], block, w->window, w->commit_reveal[i])
			: asy_schedule_set_tempo(&w->state[i], (uint16_t)at(action, 2), block, w->window);
	return strcmp(got == NULL ? "ok" : got, want) == 0;
}

static bool probe(const world *w, asy_jv row, uint64_t block)
{
	const asy_epoch_state *s = &w->state[find(w, at(row, 0))];
	uint64_t next = 0;
	bool any = asy_schedule_next_start(s, &next);
	return any == !asy_jv_is_null(asy_jv_at(row, 1)) && (!any || next == at(row, 1)) &&
		   asy_schedule_frozen(s, block, w->window) == (at(row, 2) != 0) &&
		   asy_schedule_lookahead(s, block) == at(row, 3);
}

static const char *log_row(world *w, asy_jv row, uint64_t block, const asy_slot *out)
{
	if (!same_list(w, out, ASY_SLOT_RAN, asy_jv_at(row, 1)))
		return "epochs that ran";
	if (!same_list(w, out, ASY_SLOT_DEFERRED, asy_jv_at(row, 2)))
		return "epochs deferred";
	if (!same_list(w, out, ASY_SLOT_SKIPPED, asy_jv_at(row, 3)))
		return "epochs skipped";
	asy_jv states = asy_jv_at(row, 4), actions = asy_jv_at(row, 5), probes = asy_jv_at(row, 6);
	for (size_t i = 0; i < asy_jv_size(states); i++) {
		asy_epoch_state want = state_row(asy_jv_at(states, i));
		if (!same_state(&want, &w->state[find(w, want.netuid)]))
			return "a state after the block step";
	}
	for (size_t i = 0; i < asy_jv_size(actions); i++)
		if (!act(w, asy_jv_at(actions, i), block))
			return "the result of an action";
	for (size_t i = 0; i < asy_jv_size(probes); i++)
		if (!probe(w, asy_jv_at(probes, i), block))
			return "a probe";
	return NULL;
}

static void scenario(golden *g, asy_jv sc, world *w)
{
	const char *name = chain_str(sc, "name");
	asy_jv initial = asy_jv_get(sc, "initial"),
		   flags = asy_jv_get(sc, "consistent_and_commit_reveal");
	asy_jv log = asy_jv_get(sc, "log");
	asy_epoch_state *order[SUBNETS_MAX];
	asy_slot out[SUBNETS_MAX];
	w->n = asy_jv_size(initial);
	if (w->n > SUBNETS_MAX) {
		golden_skip(g, asy_jv_size(log), "more subnets than the suite holds");
		return;
	}
	for (size_t i = 0; i < w->n; i++) {
		w->state[i] = state_row(asy_jv_at(initial, i));
		order[i] = &w->state[i];
		w->consistent[i] = w->commit_reveal[i] = true;
	}
	for (size_t i = 0; i < asy_jv_size(flags); i++) {
		asy_jv row = asy_jv_at(flags, i);
		size_t k = find(w, at(row, 0));
		if (asy_jv_bool(asy_jv_at(row, 1), &w->consistent[k], NULL) != ASSAY_OK ||
			asy_jv_bool(asy_jv_at(row, 2), &w->commit_reveal[k], NULL) != ASSAY_OK)
			golden_fail(g, name, "the flags cannot be read");
	}
	asy_jv null = asy_jv_get(sc, "null");
	for (size_t i = 0; i < w->n; i++)
		w->state[i].net_by_tempo = w->net_by_tempo;
	for (size_t i = 0; i < asy_jv_size(null); i++)
		w->state[find(w, at(null, i))].is_null = true;
	uint64_t start = chain_u64(sc, "start"), blocks = chain_u64(sc, "blocks");
	size_t next = 0;
	for (uint64_t b = start; b < start + blocks; b++) {
		uint64_t seen[SUBNETS_MAX]; /* what the reveal phase of the block sees */
		for (size_t i = 0; i < w->n; i++)
			seen[i] = asy_schedule_lookahead(&w->state[i], b);
		asy_schedule_block(order, w->consistent, w->n, w->cap, b, out);
		bool logged = next < asy_jv_size(log) && at(asy_jv_at(log, next), 0) == b;
		bool any = false;
		for (size_t i = 0; i < w->n; i++)
			any = any || out[i] != ASY_SLOT_IDLE;
		if (any && !logged) {
			golden_fail(g, name, "block %" PRIu64 ": a slot was used that should not be", b);
			return; /* everything after it would differ too */
		}
		if (!logged)
			continue;
		asy_jv before = asy_jv_at(asy_jv_at(log, next), 7);
		const char *wrong = log_row(w, asy_jv_at(log, next++), b, out);
		for (size_t i = 0; i < asy_jv_size(before) && wrong == NULL; i++)
			if (seen[find(w, at(asy_jv_at(before, i), 0))] != at(asy_jv_at(before, i), 1))
				wrong = "the epoch that the reveal phase sees";
		if (wrong != NULL) {
			golden_fail(g, name, "block %" PRIu64 ": %s", b, wrong);
			return;
		}
		golden_pass(g);
	}
	if (next != asy_jv_size(log))
		golden_fail(g, name, "the log has blocks that were not reached");
}

void golden_chain_schedule(golden *g, asy_jv root)
{
	world w = {.cap = (unsigned)chain_u64(root, "max_epochs_per_block"),
			   .window = (uint16_t)chain_u64(root, "admin_freeze_window")};
	asy_jv all = asy_jv_get(root, "scenarios");
	w.net_by_tempo = strcmp(chain_str(root, "rules"), "475") == 0;
	for (size_t i = 0; i < asy_jv_size(all); i++)
		scenario(g, asy_jv_at(all, i), &w);
}

/* ---- commit-reveal/reveal-round.json ---- */

/* The reference client's search, block by block on the primitives: it differs from the
 * chain where the safety net trips at the very next block, and the vectors list both. */
static bool reference_plan(asy_epoch_state s, uint64_t head, uint64_t period, asy_commit_plan *out)
{
	const uint64_t x = head + 1;
	out->commit_epoch = asy_schedule_lookahead(&s, x);
	out->reveal_epoch = out->commit_epoch + period;
	for (uint64_t b = x; b <= x + (period + 1) * ASY_MAX_TEMPO; b++) {
		if (asy_schedule_lookahead(&s, b) == out->reveal_epoch) {
			out->first_reveal_block = b;
			return true;
		}
		(void)asy_schedule_step(&s, b);
	}
	return false;
}

static double number(asy_jv v, const char *key)
{
	double d = 0;
	return asy_jv_f64(asy_jv_get(v, key), &d, NULL) == ASSAY_OK ? d : 0;
}

static const char *stateful_case(asy_jv c, const asy_beacon_clock *beacon)
{
	asy_jv st = asy_jv_get(c, "state"), want = asy_jv_get(c, "expected");
	asy_jv model = asy_jv_get(c, "chain_model");
	asy_epoch_state s = {.tempo = (uint16_t)chain_u64(st, "tempo"),
						 .stateful = true,
						 .last_epoch_block = chain_u64(st, "last_epoch_block"),
						 .pending_epoch_at = chain_u64(st, "pending_epoch_at"),
						 .subnet_epoch_index = chain_u64(st, "subnet_epoch_index"),
						 .blocks_since_last_step = chain_u64(st, "blocks_since_last_step")};
	uint64_t head = chain_u64(st, "current_block"), period = chain_u64(c, "reveal_period_epochs");
	asy_commit_plan plan = {0}, ref = {0};
	assay_err err;
	assay_status rc = asy_schedule_plan_commit(&s, head, period, &plan, &err);
	if (!asy_jv_is_null(asy_jv_get(want, "error")))
		return rc == ASSAY_E_CHAIN ? NULL : "an impossible plan was accepted";
	if (rc != ASSAY_OK)
		return "the plan was refused";
	if (!asy_jv_is_null(model) &&
		(plan.commit_epoch != chain_u64(model, "commit_epoch") ||
		 plan.first_reveal_block != chain_u64(model, "first_reveal_block")))
		return "the chain's epoch or first block";
	if (!reference_plan(s, head, period, &ref) ||
		ref.commit_epoch != chain_u64(want, "commit_epoch") ||
		ref.reveal_epoch != chain_u64(want, "reveal_epoch") ||
		ref.first_reveal_block != chain_u64(want, "first_reveal_block"))
		return "the reference client's epoch or first block";
	uint64_t round = 0;
	if (asy_schedule_reveal_round(beacon, ref.first_reveal_block, head, number(c, "now"),
								  number(c, "block_time"), &round, &err) != ASSAY_OK ||
		round != chain_u64(want, "reveal_round"))
		return "the round";
	return NULL;
}

static const char *modulo_case(asy_jv c, const asy_beacon_clock *beacon)
{
	asy_jv want = asy_jv_get(c, "expected");
	asy_epoch_state s = {.netuid = (uint16_t)chain_u64(c, "netuid"),
						 .tempo = (uint16_t)chain_u64(c, "tempo")};
	uint64_t head = chain_u64(c, "current_block"), period = chain_u64(c, "reveal_period_epochs");
	uint64_t epoch = asy_schedule_lookahead(&s, head), first = 0, round = 0;
	assay_err err;
	if (epoch != chain_u64(want, "current_epoch") ||
		epoch + period != chain_u64(want, "reveal_epoch"))
		return "the epoch";
	if (asy_schedule_epoch_start(&s, head, epoch + period, &first, &err) != ASSAY_OK ||
		first != chain_u64(want, "first_reveal_block"))
		return "the first block";
	if (first + 3 - head != chain_u64(want, "blocks_until_ingest"))
		return "the blocks until the pulse";
	if (asy_schedule_reveal_round(beacon, first, head, number(c, "now"), number(c, "block_time"),
								  &round, &err) != ASSAY_OK ||
		round != chain_u64(want, "reveal_round"))
		return "the round";
	return NULL;
}

void golden_chain_reveal_round(golden *g, asy_jv root)
{
	asy_jv k = asy_jv_get(root, "constants");
	asy_beacon_clock beacon = {chain_u64(k, "genesis_time"), chain_u64(k, "period")};
	asy_jv lists[2] = {asy_jv_get(root, "stateful_v2"), asy_jv_get(root, "modulo_v1")};
	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; i < asy_jv_size(lists[l]); i++) {
			asy_jv c = asy_jv_at(lists[l], i);
			const char *wrong = l == 0 ? stateful_case(c, &beacon) : modulo_case(c, &beacon);
			if (wrong == NULL)
				golden_pass(g);
			else
				golden_fail(g, chain_str(c, "name"), "%s differs", wrong);
		}
	}
}

/* ---- commit-reveal/hash-commit.json, weights-upscale.json ---- */

static uint16_t *u16s(asy_jv list, size_t *n)
{
	*n = asy_jv_size(list);
	uint16_t *v = asy_calloc(*n > 0 ? *n : 1, sizeof *v);
	for (size_t i = 0; v != NULL && i < *n; i++)
		if (asy_jv_u16(asy_jv_at(list, i), &v[i], NULL) != ASSAY_OK) {
			free(v);
			return NULL;
		}
	return v;
}

static const char *commit_case(asy_jv c)
{
	asy_buf preimage = {0}, account = {0};
	size_t n = 0, values_n = 0, salt_n = 0;
	uint16_t *uids = u16s(asy_jv_get(c, "uids"), &n);
	uint16_t *values = u16s(asy_jv_get(c, "values"), &values_n);
	uint16_t *salt = u16s(asy_jv_get(c, "salt"), &salt_n);
	asy_seal_input in = {.netuid = (uint16_t)chain_u64(c, "netuid"),
						 .mecid = (uint8_t)chain_u64(c, "mecid"),
						 .uids = uids,
						 .values = values,
						 .n = n,
						 .version_key = chain_u64(c, "version_key")};
	const char *wrong = NULL;
	asy_hash hash;
	assay_err err;
	if (uids == NULL || values == NULL || salt == NULL || n != values_n ||
		!chain_hex(asy_jv_get(c, "hotkey_pubkey"), &account) || account.len != 32) {
		wrong = "the case cannot be read";
		goto out;
	}
	memcpy(in.hotkey.b, account.ptr, 32);
	if (asy_storage_index(in.netuid, in.mecid) != chain_u64(c, "storage_index"))
		wrong = "the storage index differs";
	else if (asy_seal_preimage(&in, salt, salt_n, &preimage, &err) != ASSAY_OK ||
			 !chain_same_hex(asy_jv_get(c, "preimage"), asy_buf_span(&preimage)))
		wrong = "the preimage differs";
	else if (asy_seal_hash(&in, salt, salt_n, &hash, &err) != ASSAY_OK ||
			 !chain_same_hex(asy_jv_get(c, "commit_hash"), asy_span(hash.b, 32)))
		wrong = "the hash differs";
out:
	free(salt);
	free(values);
	free(uids);
	asy_buf_fini(&account);
	asy_buf_fini(&preimage);
	return wrong;
}

void golden_chain_hash_commit(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		const char *wrong = commit_case(asy_jv_at(cases, i));
		if (wrong == NULL)
			golden_pass(g);
		else
			golden_fail(g, chain_str(asy_jv_at(cases, i), "name"), "%s", wrong);
	}
}

void golden_chain_upscale(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		char id[32];
		size_t n = 0, want_n = 0;
		uint16_t *v = u16s(asy_jv_get(asy_jv_at(cases, i), "in"), &n);
		uint16_t *want = u16s(asy_jv_get(asy_jv_at(cases, i), "out"), &want_n);
		(void)snprintf(id, sizeof id, "case %zu", i);
		if (v != NULL && want != NULL && n == want_n) {
			asy_max_upscale(v, n, v);
			if (memcmp(v, want, n * sizeof *v) == 0)
				golden_pass(g);
			else
				golden_fail(g, id, "the scaled vector differs");
		} else {
			golden_fail(g, id, "the case cannot be read");
		}
		free(want);
		free(v);
	}
}
