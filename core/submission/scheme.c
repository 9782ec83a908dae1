/* By which scheme a vector is committed to: what the configuration asks for, as far as the
 * chain's own settings allow it. Timelock needs a runtime that takes it as we write it, the
 * version that we know, the beacon that the configuration names, a window that is wider than
 * what we know of its place, and a vector that fits. A hash is always possible.
 * Reason to change: another scheme, or another condition of one. */
#include "submission/impl.h"

/* Where no blocks have been measured yet. */
#define BLOCK_TIME_USUAL 12.0

static void key_of_config(const asy_options *o, uint8_t key[ASY_BLS_KEY_LEN])
{
	memcpy(key, asy_quicknet_key, ASY_BLS_KEY_LEN);
	if (o->chain.beacon != NULL && !asy_hex_decode(o->chain.beacon, key, ASY_BLS_KEY_LEN))
		memcpy(key, asy_quicknet_key, ASY_BLS_KEY_LEN); /* checked when it was read */
}

/* NULL, or why the chain's beacon cannot be sealed to. Never to another key than the
 * configured one: whoever holds its secret could read every vector. */
static const char *check_beacon(const asy_chain_beacon *b, const uint8_t key[ASY_BLS_KEY_LEN])
{
	if (!b->is_known)
		return "the chain does not say which beacon it waits for";
	if (memcmp(b->key, key, ASY_BLS_KEY_LEN) != 0)
		return "the chain waits for another beacon than chain.beacon";
	return NULL;
}

static size_t payload_len(size_t n)
{
	size_t counts = n < 64 ? 1 : n < 16384 ? 2 : 4;
	return 33 + 2 * (counts + 2 * n) + 8;
}

/* *why: the reason against timelock, or NULL; then out is complete. */
static assay_status plan(asy_task *task, const asy_submission *sub, const assay_snapshot *s,
						 bool forced, asy_scheme_choice *out, const char **why, assay_err *err)
{
	asy_chain_beacon beacon;
	asy_reveal_plan p;
	double block_time;
	const asy_block_ref *head = &sub->at.head;
	asy_chain *chain = task->means.chain;
	bool is_null = s->hyper.epoch_consensus == ASY_CONSENSUS_NULL;
	out->commit_max = asy_timelock_commit_max(is_null, s->hyper.mechanism_count);
	*why = !asy_chain_takes_timelock(chain, s->mecid) ? "the runtime has no such call"
		   : s->hyper.commit_reveal_version != ASY_TIMELOCK_VERSION
			   ? "the chain wants a version of commitments that this program does not know"
		   : payload_len(sub->weight_n) + ASY_TIMELOCK_OVERHEAD > out->commit_max
			   ? "the vector is too long for it"
			   : NULL;
	if (*why != NULL)
		return ASSAY_OK;
	TRY(asy_chain_read_beacon(chain, head, &beacon, err));
	*why = check_beacon(&beacon, out->beacon_key);
	if (*why != NULL)
		return ASSAY_OK;
	TRY(asy_chain_block_time(chain, head, BLOCK_TIME_USUAL, &block_time, err));
	const asy_beacon_clock clock = {beacon.genesis_time, beacon.period};
	TRY(asy_schedule_plan_reveal(&s->epoch, head->number, s->hyper.reveal_period_epochs, &clock,
								 (double)s->timestamp_ms / 1000, block_time, &p, err));
	if (p.is_tight && !forced)
		*why = "the reveal window is narrower than what is known of its place in time";
	out->planned = (asy_planned){p.round, p.block, p.uncertain};
	return ASSAY_OK;
}

assay_status asy_submission_choose(asy_task *task, asy_submission *sub, asy_scheme_choice *out,
								   assay_err *err)
{
	const asy_options *o = task->env.options;
	const assay_snapshot *s = NULL;
	const char *why = NULL;
	asy_scheme_choice c = {.scheme = ASY_SEAL_TIMELOCK};
	bool forced = o->submit.scheme == ASY_CFG_SEAL_TIMELOCK;
	*out = (asy_scheme_choice){.scheme = ASY_SEAL_HASH};
	if (o->submit.scheme == ASY_CFG_SEAL_HASH)
		return ASSAY_OK;
	key_of_config(o, c.beacon_key);
	TRY(asy_task_snapshot(task, &sub->at.head, &s, err));
	assay_status st = plan(task, sub, s, forced, &c, &why, err);
	asy_snapshots_release(task->means.snapshots, s);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "choosing how to seal");
	if (why == NULL) {
		*out = c;
		return ASSAY_OK;
	}
	asy_log(&sub->log, forced ? ASY_UNUSUAL : ASY_DEBUG, "seal.by_hash", ASY_STR("why", why));
	return ASSAY_OK;
}
