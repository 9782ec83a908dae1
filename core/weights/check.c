/* The chain's own acceptance rules, run here before anything is sent, in the chain's
 * order, each with what to do about it. It refuses nothing that the chain would take.
 * mirrors: subtensor subnets/weights.rs:internal_set_weights checks. */
#include <stdlib.h>
#include "weights/weights.h"

const char *assay_gate_name(assay_gate g)
{
	switch (g) {
	case ASSAY_GATE_OK:
		return "ok";
	case ASSAY_GATE_LENGTH:
		return "length";
	case ASSAY_GATE_UNREGISTERED:
		return "unregistered";
	case ASSAY_GATE_STAKE:
		return "stake";
	case ASSAY_GATE_VERSION_KEY:
		return "version_key";
	case ASSAY_GATE_RATE:
		return "rate_limit";
	case ASSAY_GATE_PERMIT:
		return "permit";
	case ASSAY_GATE_DUPLICATE:
		return "duplicate";
	case ASSAY_GATE_UID:
		return "uid";
	case ASSAY_GATE_TOO_FEW:
		return "too_few";
	case ASSAY_GATE_CAP:
		return "cap";
	}
	return "?";
}

/* A bit a uid: 8 KiB instead of a sort. Returns the index of the second, or n. */
static size_t find_duplicate(const uint16_t *uids, size_t n)
{
	uint8_t seen[65536 / 8] = {0};
	for (size_t i = 0; i < n; i++) {
		uint8_t bit = (uint8_t)(1u << (uids[i] & 7u));
		if ((seen[uids[i] >> 3] & bit) != 0)
			return i;
		seen[uids[i] >> 3] |= bit;
	}
	return n;
}

static assay_gate check_sender(const assay_weights_gate *g, bool lone, assay_err *err)
{
	if (!g->registered) {
		(void)ASSAY_FAIL(err, E_CHAIN, "the hotkey is not registered in the subnet; register it");
		return ASSAY_GATE_UNREGISTERED;
	}
	if (!g->enough_stake && !g->owner) {
		(void)ASSAY_FAIL(err, E_CHAIN,
						 "the stake is below the subnet's threshold; add stake to this hotkey");
		return ASSAY_GATE_STAKE;
	}
	if (g->required_version_key != 0 && g->version_key < g->required_version_key) {
		(void)ASSAY_FAIL(err, E_CHAIN,
						 "the version key %" PRIu64 " is below the subnet's %" PRIu64
						 "; update, or set weights.version_key to it once this validator follows "
						 "the subnet's new rules",
						 g->version_key, g->required_version_key);
		return ASSAY_GATE_VERSION_KEY;
	}
	/* 0: never set before, which always passes */
	uint64_t since = asy_sat_sub_u64(g->block, g->last_update);
	if (g->rate_limited && g->last_update != 0 && since < g->rate_limit) {
		(void)ASSAY_FAIL(err, E_CHAIN,
						 "%" PRIu64 " blocks since the last update, the subnet asks for %" PRIu64
						 "; wait %" PRIu64 " blocks",
						 since, g->rate_limit, g->rate_limit - since);
		return ASSAY_GATE_RATE;
	}
	if (!g->permit && !lone && !g->owner) {
		(void)ASSAY_FAIL(err, E_CHAIN,
						 "the hotkey has no validator permit; it needs more stake than the other "
						 "candidates at an epoch's end");
		return ASSAY_GATE_PERMIT;
	}
	return ASSAY_GATE_OK;
}

static assay_gate check_row(const assay_weights_row *row, const assay_weights_gate *g, bool lone,
							assay_err *err)
{
	size_t twice = find_duplicate(row->uids, row->n);
	if (twice < row->n) {
		(void)ASSAY_FAIL(err, E_CHAIN, "uid %u occurs twice in the row", row->uids[twice]);
		return ASSAY_GATE_DUPLICATE;
	}
	for (size_t i = 0; i < row->n; i++) {
		if (row->uids[i] >= g->neurons) {
			(void)ASSAY_FAIL(err, E_CHAIN,
							 "uid %u does not exist, the subnet has %" PRIu32
							 " neurons; read the subnet again before setting weights",
							 row->uids[i], g->neurons);
			return ASSAY_GATE_UID;
		}
	}
	uint32_t least = g->min_allowed < g->neurons ? g->min_allowed : g->neurons;
	if (row->n < least && !lone) {
		(void)ASSAY_FAIL(err, E_CHAIN,
						 "%zu entries, the subnet asks for at least %" PRIu32
						 "; score more miners or choose a weights.policy",
						 row->n, least);
		return ASSAY_GATE_TOO_FEW;
	}
	if (g->max_limit != 65535 && !lone &&
		!asy_weights_cap_holds(row->values, row->n, g->max_limit)) {
		(void)ASSAY_FAIL(err, E_CHAIN,
						 "the largest share is above the subnet's cap of %u/65535; set "
						 "weights.guarded to true",
						 g->max_limit);
		return ASSAY_GATE_CAP;
	}
	return ASSAY_GATE_OK;
}

assay_status assay_weights_check(const assay_weights_row *row, const assay_weights_gate *gate,
								 assay_gate *verdict, assay_err *err)
{
	bool lone = row->n == 1 && row->uids[0] == gate->own_uid;
	assay_gate v = ASSAY_GATE_OK;
	if (row->n == 0 || row->n > gate->neurons) {
		(void)ASSAY_FAIL(err, E_CHAIN, "%zu entries for %" PRIu32 " neurons", row->n,
						 gate->neurons);
		v = ASSAY_GATE_LENGTH;
	}
	if (v == ASSAY_GATE_OK)
		v = check_sender(gate, lone, err);
	if (v == ASSAY_GATE_OK)
		v = check_row(row, gate, lone, err);
	if (verdict != NULL)
		*verdict = v;
	return v == ASSAY_GATE_OK ? ASSAY_OK : ASSAY_E_CHAIN;
}
