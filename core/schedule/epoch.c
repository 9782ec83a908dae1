/* The epoch clock of a subnet: the chain's step, and questions about its future.
 * Knows two clocks: the stateful one (spec 425, with the safety net of 425 or of 475) and
 * the modulo one of runtimes before it; the state says which one applies.
 * mirrors: subtensor coinbase/run_coinbase.rs and subnets/weights.rs, specs 425 and 475. */
#include "schedule/schedule.h"

/* More epochs than any reveal period reaches; bounds the search ahead. */
#define EPOCHS_AHEAD_MAX 4096u

/* ---- the modulo clock: epoch(b) = (b + netuid + 1) / (tempo + 1) ---- */

static uint64_t modulo_epoch(const asy_epoch_state *s, uint64_t block)
{
	return asy_sat_add_u64(block, (uint64_t)s->netuid + 1) / ((uint64_t)s->tempo + 1);
}

static uint64_t modulo_next(const asy_epoch_state *s, uint64_t head)
{
	uint64_t period = (uint64_t)s->tempo + 1, offset = (uint64_t)s->netuid + 1;
	uint64_t past = asy_sat_add_u64(head, offset) % period;
	return asy_sat_add_u64(head, period - past);
}

/* ---- the stateful clock ---- */

/* An epoch is overdue after more blocks than this without one. */
static uint64_t safety_net(const asy_epoch_state *s)
{
	return s->net_by_tempo ? s->tempo : ASY_MAX_TEMPO;
}

static void count_block(asy_epoch_state *s)
{
	s->blocks_since_last_step = asy_sat_add_u64(s->blocks_since_last_step, 1);
	if (s->net_by_tempo && s->blocks_since_last_step > (uint64_t)s->tempo + 1)
		s->blocks_since_last_step = (uint64_t)s->tempo + 1;
}

bool asy_schedule_due(const asy_epoch_state *s, uint64_t block)
{
	if (s->tempo == 0)
		return false;
	if (!s->stateful)
		return asy_sat_add_u64(block, (uint64_t)s->netuid + 1) % ((uint64_t)s->tempo + 1) == 0;
	if (s->pending_epoch_at > 0 && block >= s->pending_epoch_at)
		return true;
	if (s->blocks_since_last_step > safety_net(s))
		return true;
	return asy_sat_sub_u64(block, s->last_epoch_block) >= s->tempo;
}

uint64_t asy_schedule_lookahead(const asy_epoch_state *s, uint64_t block)
{
	if (!s->stateful)
		return modulo_epoch(s, block);
	return asy_sat_add_u64(s->subnet_epoch_index, asy_schedule_due(s, block) ? 1 : 0);
}

static void consume(asy_epoch_state *s, uint64_t block, bool ran)
{
	s->last_epoch_block = block;
	s->pending_epoch_at = 0;
	s->subnet_epoch_index = asy_sat_add_u64(s->subnet_epoch_index, 1);
	if (ran) {
		s->blocks_since_last_step = 0;
		s->last_mechanism_step_block = block;
		if (s->has_yuma_step && !s->is_null)
			s->last_yuma_step_block = block;
	}
}

void asy_schedule_ran(asy_epoch_state *s, uint64_t block)
{
	consume(s, block, true);
}

bool asy_schedule_step(asy_epoch_state *s, uint64_t block)
{
	count_block(s);
	if (!asy_schedule_due(s, block))
		return false;
	consume(s, block, true);
	return true;
}

void asy_schedule_block(asy_epoch_state *const *subnets, const bool *consistent, size_t n,
						unsigned cap, uint64_t block, asy_slot *outcome)
{
	unsigned ran = 0;
	/* a Null epoch is long: in a block where one is due, asked before the counters rise,
	 * nothing else runs */
	for (size_t i = 0; i < n; i++)
		if (subnets[i]->is_null && cap > 1 && asy_schedule_due(subnets[i], block))
			cap = 1;
	for (size_t i = 0; i < n; i++) {
		asy_epoch_state *s = subnets[i];
		count_block(s);
		outcome[i] = ASY_SLOT_IDLE;
		if (!asy_schedule_due(s, block))
			continue;
		if (ran >= cap) {
			s->pending_epoch_at = asy_sat_add_u64(block, 1);
			outcome[i] = ASY_SLOT_DEFERRED;
			continue;
		}
		/* a broken subnet uses its slot up, but not the block's allowance */
		consume(s, block, consistent[i]);
		outcome[i] = consistent[i] ? ASY_SLOT_RAN : ASY_SLOT_SKIPPED;
		ran += consistent[i] ? 1 : 0;
	}
}

/* ---- questions ---- */

bool asy_schedule_next_start(const asy_epoch_state *s, uint64_t *block)
{
	if (s->tempo == 0)
		return false;
	uint64_t at = asy_sat_add_u64(s->last_epoch_block, s->tempo);
	if (s->pending_epoch_at > 0 && s->pending_epoch_at < at)
		at = s->pending_epoch_at;
	*block = at;
	return true;
}

bool asy_schedule_frozen(const asy_epoch_state *s, uint64_t block, uint16_t window)
{
	if (s->tempo == 0)
		return false;
	if (!s->stateful)
		return modulo_next(s, block) - block < window;
	if (s->pending_epoch_at > block)
		return true;
	return asy_sat_sub_u64(asy_sat_add_u64(s->last_epoch_block, s->tempo), block) < window;
}

const char *asy_schedule_set_tempo(asy_epoch_state *s, uint16_t tempo, uint64_t block,
								   uint16_t freeze_window)
{
	if (asy_schedule_frozen(s, block, freeze_window))
		return "AdminActionProhibitedDuringWeightsWindow";
	s->tempo = tempo;
	s->last_epoch_block = block;
	return NULL;
}

const char *asy_schedule_trigger(asy_epoch_state *s, uint64_t block, uint16_t freeze_window,
								 bool commit_reveal_enabled)
{
	if (commit_reveal_enabled)
		return "DynamicTempoBlockedByCommitReveal";
	if (s->pending_epoch_at > 0)
		return "EpochTriggerAlreadyPending";
	/* without a tempo the chain's next automatic epoch is u64::MAX: never imminent */
	uint64_t automatic =
		s->tempo == 0 ? UINT64_MAX : asy_sat_add_u64(s->last_epoch_block, s->tempo);
	if (asy_sat_sub_u64(automatic, block) < freeze_window)
		return "AutoEpochAlreadyImminent";
	s->pending_epoch_at = asy_sat_add_u64(block, freeze_window);
	return NULL;
}

/* First block after head where the slot is consumed; tempo is not 0. */
static uint64_t next_fire(const asy_epoch_state *s, uint64_t head)
{
	if (!s->stateful)
		return modulo_next(s, head);
	uint64_t at = asy_sat_add_u64(s->last_epoch_block, s->tempo);
	if (s->pending_epoch_at > 0 && s->pending_epoch_at < at)
		at = s->pending_epoch_at;
	/* the counter is raised before it is compared, so the net trips one block earlier
	 * than the stored value suggests */
	uint64_t net =
		asy_sat_add_u64(head, asy_sat_sub_u64(safety_net(s) + 1, s->blocks_since_last_step));
	at = net < at ? net : at;
	return at > head ? at : asy_sat_add_u64(head, 1);
}

assay_status asy_schedule_next_epoch(const asy_epoch_state *s, uint64_t head, uint64_t *block,
									 assay_err *err)
{
	if (s->tempo == 0)
		return ASSAY_FAIL(err, E_CHAIN, "tempo of netuid %u is 0: its epochs never run", s->netuid);
	*block = next_fire(s, head);
	return ASSAY_OK;
}

assay_status asy_schedule_epoch_start(const asy_epoch_state *s, uint64_t head, uint64_t epoch,
									  uint64_t *block, assay_err *err)
{
	uint64_t next = asy_sat_add_u64(head, 1);
	if (!s->stateful) {
		if (modulo_epoch(s, next) >= epoch) {
			*block = next;
			return ASSAY_OK;
		}
		uint64_t start;
		if (!asy_mul_u64(epoch, (uint64_t)s->tempo + 1, &start))
			return ASSAY_FAIL(err, E_RANGE, "epoch %" PRIu64 " is out of reach", epoch);
		*block = start - ((uint64_t)s->netuid + 1); /* > head, so no underflow */
		return ASSAY_OK;
	}
	if (s->subnet_epoch_index >= epoch) {
		*block = next;
		return ASSAY_OK;
	}
	if (s->tempo == 0)
		return ASSAY_FAIL(err, E_CHAIN, "tempo of netuid %u is 0: epoch %" PRIu64 " never starts",
						  s->netuid, epoch);
	if (epoch - s->subnet_epoch_index > EPOCHS_AHEAD_MAX)
		return ASSAY_FAIL(err, E_RANGE, "epoch %" PRIu64 " is %" PRIu64 " epochs away, limit %u",
						  epoch, epoch - s->subnet_epoch_index, EPOCHS_AHEAD_MAX);
	asy_epoch_state t = *s;
	uint64_t at = head;
	while (t.subnet_epoch_index < epoch) {
		at = next_fire(&t, at);
		consume(&t, at, true);
	}
	*block = at;
	return ASSAY_OK;
}
