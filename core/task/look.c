/* Looking at the chain: the head, the epoch clock at every head, and what the subnet's
 * rules and our own standing are, now and then. A look that fails halfway
 * leaves the world unchanged.
 * Reason to change: something else about the chain has to be known before acting. */
#include "task/impl.h"

/* Hyperparameters and our own neuron are read with every new epoch and this often in
 * between: the owner may change them, and a neuron may be replaced, at any block. */
#define RULES_BLOCKS 25u
/* A head this far behind what an open story knows is no reorganisation. */
#define HEAD_BACK_MAX 100u

assay_status asy_task_snapshot(asy_task *task, const asy_block_ref *head,
							   const assay_snapshot **out, assay_err *err)
{
	const asy_options *o = task->env.options;
	assay_status st = asy_snapshots_get(task->means.snapshots, o->netuid, o->mecid, head, out, err);
	if (st == ASSAY_E_NOTFOUND) /* a reorganisation or a new node may tell otherwise */
		st = assay_err_at(err, ASSAY_E_AGAIN, "our subnet");
	return st;
}

/* ---- our own standing ---- */

/*~ Without its hotkey in the subnet a validator can do nothing: no weights, no reveal. But
 * that may be a node's error, a reorganisation, or true until it is registered again, and
 * nothing is won by giving up: no round begins, and what is open goes on until the chain
 * refuses it or its window has passed. */
static void say_outside(asy_task *task)
{
	char ss58[ASY_SS58_LEN];
	task->is_outside = true;
	(void)asy_chain_doubt(task->means.chain);
	if (!asy_complain_due(&task->outside))
		return;
	asy_ss58_encode(task->self.b, ss58);
	asy_log(task->env.log, ASY_BROKEN, "validator.unregistered", ASY_STR("hotkey", ss58),
			ASY_U64("netuid", task->env.options->netuid),
			ASY_STR("remedy",
					"register it, or check wallet.hotkey and netuid; looked at again with "
					"every block"));
}

/*~ Weights that do not arrive cost dividends in silence: at first nothing changes, and
 * after the cut-off the chain ignores our stake. So their age is watched as the chain
 * sees it, whatever the reason; before the first ones, the age of our registration. */
static void check_overdue(asy_task *task, const assay_snapshot *s, const asy_neuron *me)
{
	uint64_t since = me->last_update != 0 ? me->last_update : me->registered_at;
	uint64_t tempo = s->epoch.tempo, age = asy_sat_sub_u64(s->block.number, since);
	uint64_t cutoff = asy_activity_cutoff(&s->hyper, s->epoch.tempo);
	if (tempo == 0 || asy_task_world(task).draining || age <= tempo + tempo / 2) {
		asy_complain_release(&task->overdue);
		return;
	}
	(void)asy_chain_doubt(task->means.chain);
	asy_complain(&task->overdue, task->env.log, "weights.overdue", ASY_U64("blocks", age),
				 ASY_U64("ignored_in", asy_sat_sub_u64(cutoff, age)),
				 ASY_STR("why", me->last_update != 0
									? "our last weights are older than an epoch and a half"
									: "no weights of ours have ever reached the chain"),
				 ASY_STR("remedy", "see weights.not_allowed, weights.refused, weights.missed, "
								   "weights.unsent and submit.given_up"));
}

/* A validator that has just come hears at once what to expect. */
static void tell_of_first(asy_task *task, const assay_snapshot *s, const asy_neuron *me)
{
	uint64_t next = 0;
	if (me->last_update != 0 || task->told_of_first ||
		asy_schedule_next_epoch(&s->epoch, s->block.number, &next, NULL) != ASSAY_OK)
		return;
	task->told_of_first = true;
	asy_log(task->env.log, ASY_INFO, "weights.none_yet", ASY_U64("epoch_block", next),
			ASY_U64("reveal_epochs",
					s->hyper.commit_reveal_enabled ? s->hyper.reveal_period_epochs : 0),
			ASY_STR("why", "the chain has no weights of ours; the first are due before this "
						   "epoch, and count after the reveal"));
}

/* The chain refuses weights from a neuron without stake or permit: known now, not only
 * when the first ones are made. */
static void check_allowed(asy_task *task, const assay_snapshot *s, const asy_neuron *me, long uid)
{
	assay_err mode = {0};
	bool is_owner = s->has_owner_uid && (long)s->owner_uid == uid;
	task->is_doubting = false;
	if (asy_mode_allows(s, uid, &mode) != ASSAY_OK) {
		task->is_doubting = asy_chain_doubt(task->means.chain);
		asy_complain(&task->not_allowed, task->env.log, "weights.not_allowed",
					 ASY_STR("why", mode.msg), ASY_U64("stake", me->total_stake),
					 ASY_STR("remedy", "nothing is sent while it is so; the mode is the owner's "
									   "choice"));
		return;
	}
	bool is_poor = !is_owner && me->total_stake < s->hyper.stake_threshold;
	if (!is_poor && (me->permit || is_owner)) {
		asy_complain_release(&task->not_allowed);
		return;
	}
	task->is_doubting = asy_chain_doubt(task->means.chain);
	asy_complain(&task->not_allowed, task->env.log, "weights.not_allowed",
				 ASY_STR("why", is_poor ? "our stake is below the chain's threshold"
										: "our validator has no permit"),
				 ASY_U64("stake", me->total_stake), ASY_U64("threshold", s->hyper.stake_threshold),
				 ASY_U64("validators", s->hyper.max_allowed_validators),
				 ASY_STR("remedy", is_poor ? "add stake to the hotkey"
										   : "permits go to the largest stakes at each epoch: add "
											 "stake, or wait for the next epoch"));
}

static void take_rules(asy_task *task, const assay_snapshot *s, long uid, asy_world *w)
{
	task->is_outside = false;
	asy_complain_release(&task->outside);
	w->last_update = s->neuron[uid].last_update;
	check_allowed(task, s, &s->neuron[uid], uid);
	tell_of_first(task, s, &s->neuron[uid]);
	check_overdue(task, s, &s->neuron[uid]);
	if (w->epoch.tempo == 0)
		asy_complain(&task->asleep, task->env.log, "subnet.asleep", ASY_U64("netuid", s->netuid),
					 ASY_STR("why", "its tempo is 0, so its epochs never run"),
					 ASY_STR("remedy", "nothing is asked or sent until the owner sets a tempo"));
	else
		asy_complain_release(&task->asleep);
}

static assay_status read_rules(asy_task *task, asy_world *w, assay_err *err)
{
	const assay_snapshot *s = NULL;
	TRY(asy_task_snapshot(task, &w->head, &s, err));
	long uid = asy_snapshot_find(s, &task->self);
	w->reveal_period = s->hyper.reveal_period_epochs;
	w->rate_limit = s->hyper.weights_set_rate_limit;
	if (uid >= 0)
		take_rules(task, s, uid, w);
	else
		say_outside(task);
	asy_snapshots_release(task->means.snapshots, s);
	return ASSAY_OK;
}

/* ---- the head ---- */

/* A node that is still syncing shows a past in which we were not registered and our
 * commitments did not exist. */
static assay_status check_not_behind(const asy_block_ref *head, uint64_t known, assay_err *err)
{
	if (head->number + HEAD_BACK_MAX >= known)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_NET,
					  "the node is at block %" PRIu64 ", an open story knows block %" PRIu64
					  ": it is still syncing, or the chain began anew",
					  head->number, known);
}

static bool has_turned(const asy_task *task, const asy_epoch_state *now, uint64_t head)
{
	const asy_epoch_state *was = &task->world.epoch;
	return !task->has_world || now->subnet_epoch_index != was->subnet_epoch_index ||
		   now->last_mechanism_step_block != was->last_mechanism_step_block ||
		   now->is_null != was->is_null || task->is_outside || task->is_doubting ||
		   task->others.is_doubting || head >= task->rules_at + RULES_BLOCKS ||
		   head < task->rules_at;
}

assay_status asy_task_look(asy_task *task, const asy_block_ref *head, uint64_t block_ns,
						   uint64_t known, assay_err *err)
{
	asy_world w = task->world;
	task->world.block_ns = w.block_ns = block_ns;
	if (task->has_world && asy_hash_eq(&head->hash, &w.head.hash))
		return ASSAY_OK;
	TRY(check_not_behind(head, known, err));
	w.head = *head;
	TRY(asy_chain_epoch_state(task->means.chain, task->env.options->netuid, head, &w.epoch, err));
	bool turned = has_turned(task, &w.epoch, head->number);
	if (turned)
		TRY(read_rules(task, &w, err));
	task->rules_at = turned ? head->number : task->rules_at;
	task->world = w;
	task->has_world = true;
	return ASSAY_OK;
}

/* ---- what decisions are made from ---- */

/* Weights are due a little earlier or later in every epoch. Only we know the block, so
 * someone who copies revealed rows cannot aim at it. */
static uint32_t lead_of_epoch(const asy_task *task)
{
	uint32_t jitter = task->env.options->submit.jitter_blocks;
	uint8_t text[32 + 8], digest[8];
	if (jitter == 0)
		return task->env.options->submit.lead_blocks;
	memcpy(text, task->salt, 32);
	asy_put_u64le(text + 32, asy_world_epoch_now(&task->world));
	asy_blake2b(text, sizeof text, digest, sizeof digest);
	asy_wipe(text, sizeof text);
	return task->env.options->submit.lead_blocks +
		   (uint32_t)(asy_get_u64le(digest) % ((uint64_t)jitter + 1));
}

asy_world asy_task_world(const asy_task *task)
{
	asy_world w = task->world;
	w.now_ns = task->env.clock->mono_ns(task->env.clock);
	w.lead_blocks = lead_of_epoch(task);
	w.is_held = task->others.must_leave || task->others.is_doubting ||
				w.head.number < task->others.silent_until;
	w.draining = task->env.rounds != 0 && task->totals.rounds_begun >= task->env.rounds;
	return w;
}
