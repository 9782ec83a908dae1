/* When a commitment can be opened: its window in blocks, what a commit made now will
 * get, and the drand round to encrypt to. Follows the chain where the reference client
 * differs from it (the 50,400-block safety net).
 * Reason to change: the chain's reveal rule changes. */
#include "schedule/schedule.h"

/* The epoch that extrinsics of block head + 1 see. */
static uint64_t epoch_next_block(const asy_epoch_state *s, uint64_t head)
{
	asy_epoch_state t = *s;
	uint64_t next = asy_sat_add_u64(head, 1);
	if (t.stateful)
		(void)asy_schedule_step(&t, next);
	return asy_schedule_lookahead(&t, next);
}

static assay_status check_period(uint64_t period, assay_err *err)
{
	if (period > ASY_REVEAL_PERIOD_MAX)
		return ASSAY_FAIL(err, E_RANGE, "reveal period of %" PRIu64 " epochs, the chain allows %u",
						  period, ASY_REVEAL_PERIOD_MAX);
	return ASSAY_OK;
}

assay_status asy_schedule_reveal_window(const asy_epoch_state *s, uint64_t head,
										uint64_t commit_epoch, uint64_t reveal_period,
										asy_reveal_window *out, assay_err *err)
{
	assay_status st = check_period(reveal_period, err);
	if (st != ASSAY_OK)
		return st;
	asy_reveal_window w = {ASY_REVEAL_EXPIRED, asy_sat_add_u64(commit_epoch, reveal_period), 0, 0};
	uint64_t now = epoch_next_block(s, head);
	if (now <= w.epoch) {
		w.phase = now == w.epoch ? ASY_REVEAL_OPEN : ASY_REVEAL_EARLY;
		st = asy_schedule_epoch_start(s, head, w.epoch, &w.first, err);
		if (st == ASSAY_OK && s->tempo == 0)
			w.end = UINT64_MAX; /* open for good: no epoch will close it */
		else if (st == ASSAY_OK)
			st = asy_schedule_epoch_start(s, head, asy_sat_add_u64(w.epoch, 1), &w.end, err);
	}
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "reveal window of a commit of epoch %" PRIu64, commit_epoch);
	*out = w;
	return ASSAY_OK;
}

assay_status asy_schedule_plan_commit(const asy_epoch_state *s, uint64_t head,
									  uint64_t reveal_period, asy_commit_plan *out, assay_err *err)
{
	assay_status st = check_period(reveal_period, err);
	if (st != ASSAY_OK)
		return st;
	if (s->tempo == 0)
		return ASSAY_FAIL(err, E_CHAIN, "tempo of netuid %u is 0: a commit could never be revealed",
						  s->netuid);
	asy_commit_plan p = {.commit_epoch = epoch_next_block(s, head)};
	p.reveal_epoch = asy_sat_add_u64(p.commit_epoch, reveal_period);
	st = asy_schedule_epoch_start(s, head, p.reveal_epoch, &p.first_reveal_block, err);
	if (st == ASSAY_OK)
		*out = p;
	return st;
}

/* mirrors: bittensor-drand 2.0 drand.rs, security offset 3 blocks. */
#define SECURITY_BLOCKS 3u

static assay_status round_at(const asy_beacon_clock *beacon, uint64_t block, uint64_t head,
							 double now, double block_time, uint64_t *round, assay_err *err)
{
	if (beacon->period == 0)
		return ASSAY_FAIL(err, E_INPUT, "a beacon with a period of 0 seconds");
	if (!(block_time > 0 && block_time <= 3600) || !(now >= 0 && now < 1e15))
		return ASSAY_FAIL(err, E_RANGE, "block time %g s at time %g s", block_time, now);
	uint64_t wait = asy_sat_sub_u64(block, head);
	double at =
		(now + (double)wait * block_time - (double)beacon->genesis_time) / (double)beacon->period;
	if (at >= 9e15)
		return ASSAY_FAIL(err, E_RANGE, "block %" PRIu64 " is too far in the future", block);
	*round = at < 1 ? 1 : (uint64_t)at;
	return ASSAY_OK;
}

assay_status asy_schedule_reveal_round(const asy_beacon_clock *beacon, uint64_t first_reveal_block,
									   uint64_t head, double now, double block_time,
									   uint64_t *round, assay_err *err)
{
	return round_at(beacon, asy_sat_add_u64(first_reveal_block, SECURITY_BLOCKS), head, now,
					block_time, round, err);
}

/* Blocks are measured over some hundred of them and keep within a fiftieth of that; the commit
 * may come a block later; the cap on epochs may defer one by a block. A pulse comes to the
 * chain up to a period and a block after its time. */
static uint64_t uncertainty(uint64_t wait, double block_time, uint64_t period)
{
	double pulse = (double)period / block_time;
	return wait / 50 + 3 + (pulse < 1e9 ? (uint64_t)pulse : UINT32_MAX);
}

assay_status asy_schedule_plan_reveal(const asy_epoch_state *s, uint64_t head,
									  uint64_t reveal_period, const asy_beacon_clock *beacon,
									  double now, double block_time, asy_reveal_plan *out,
									  assay_err *err)
{
	asy_reveal_plan p = {.round = 0};
	TRY(asy_schedule_plan_commit(s, head, reveal_period, &p.commit, err));
	TRY(asy_schedule_epoch_start(s, head, asy_sat_add_u64(p.commit.reveal_epoch, 1), &p.end, err));
	uint64_t first = p.commit.first_reveal_block, width = p.end - first;
	uint64_t lag = SECURITY_BLOCKS < width / 2 ? SECURITY_BLOCKS : width / 2;
	p.block = first + lag;
	TRY(round_at(beacon, p.block, head, now, block_time, &p.round, err));
	p.uncertain = uncertainty(p.block - head, block_time, beacon->period);
	p.is_tight = p.block + p.uncertain >= p.end;
	*out = p;
	return ASSAY_OK;
}
