/* Looking at the chain: the head, the epoch clock at every head, and what the subnet's
 * rules and our own standing are, now and then. A look that fails halfway
 * leaves the world unchanged.
 * Reason to change: something else about the chain has to be known before acting. */
#include "round/impl.h"

/* Hyperparameters and our own neuron are read with every new epoch and this often in
 * between: the owner may change them, and a neuron may be replaced, at any block. */
#define RULES_BLOCKS 25u
/* A head this far behind what an open round knows is no reorganisation. */
#define HEAD_BACK_MAX 100u

#define PAUSE_LEAST_NS ((uint64_t)20 * 1000000u)
#define PAUSE_MOST_NS ((uint64_t)1000 * 1000000u)
#define LOOKS_A_BLOCK 12u

assay_status asy_task_snapshot(asy_task *task, const assay_snapshot **out, assay_err *err)
{
	const asy_options *o = task->env.options;
	if (task->snapshot == NULL ||
		!asy_hash_eq(&task->snapshot->block.hash, &task->world.head.hash)) {
		assay_snapshot *s = NULL;
		assay_status st =
			asy_chain_snapshot(task->env.chain, o->netuid, o->mecid, &task->world.head, &s, err);
		if (st == ASSAY_E_NOTFOUND) /* a reorganisation or a new node may tell otherwise */
			st = assay_err_at(err, ASSAY_E_AGAIN, "our subnet");
		if (st != ASSAY_OK)
			return st;
		asy_snapshot_free(task->snapshot);
		task->snapshot = s;
	}
	*out = task->snapshot;
	return ASSAY_OK;
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
	(void)asy_chain_doubt(task->env.chain);
	if (!asy_complain_due(&task->outside))
		return;
	asy_ss58_encode(task->self.b, ss58);
	asy_log(task->env.log, ASY_BROKEN, "validator.unregistered", ASY_STR("hotkey", ss58),
			ASY_U64("netuid", task->env.options->netuid), ASY_U64("open", task->open_n),
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
	if (tempo == 0 || asy_task_is_draining(task) || age <= tempo + tempo / 2) {
		asy_complain_release(&task->overdue);
		return;
	}
	(void)asy_chain_doubt(task->env.chain);
	asy_complain(&task->overdue, task->env.log, "weights.overdue", ASY_U64("blocks", age),
				 ASY_U64("ignored_in", asy_sat_sub_u64(cutoff, age)),
				 ASY_STR("why", me->last_update != 0
									? "our last weights are older than an epoch and a half"
									: "no weights of ours have ever reached the chain"),
				 ASY_STR("remedy", "see weights.not_allowed, weights.refused, weights.missed, "
								   "round.without_weights and submit.given_up"));
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
		task->is_doubting = asy_chain_doubt(task->env.chain);
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
	task->is_doubting = asy_chain_doubt(task->env.chain);
	asy_complain(&task->not_allowed, task->env.log, "weights.not_allowed",
				 ASY_STR("why", is_poor ? "our stake is below the chain's threshold"
										: "our validator has no permit"),
				 ASY_U64("stake", me->total_stake), ASY_U64("threshold", s->hyper.stake_threshold),
				 ASY_U64("validators", s->hyper.max_allowed_validators),
				 ASY_STR("remedy", is_poor ? "add stake to the hotkey"
										   : "permits go to the largest stakes at each epoch: add "
											 "stake, or wait for the next epoch"));
}

static assay_status read_rules(asy_task *task, assay_err *err)
{
	const assay_snapshot *s;
	assay_status st = asy_task_snapshot(task, &s, err);
	if (st != ASSAY_OK)
		return st;
	long uid = asy_snapshot_find(s, &task->self);
	task->world.reveal_period = s->hyper.reveal_period_epochs;
	task->world.rate_limit = s->hyper.weights_set_rate_limit;
	if (uid < 0) {
		say_outside(task);
		return ASSAY_OK;
	}
	task->is_outside = false;
	asy_complain_release(&task->outside);
	task->world.last_update = s->neuron[uid].last_update;
	check_allowed(task, s, &s->neuron[uid], uid);
	tell_of_first(task, s, &s->neuron[uid]);
	check_overdue(task, s, &s->neuron[uid]);
	if (task->world.epoch.tempo == 0)
		asy_complain(&task->asleep, task->env.log, "subnet.asleep", ASY_U64("netuid", s->netuid),
					 ASY_STR("why", "its tempo is 0, so its epochs never run"),
					 ASY_STR("remedy", "nothing is asked or sent until the owner sets a tempo"));
	else
		asy_complain_release(&task->asleep);
	return ASSAY_OK;
}

/* ---- the head ---- */

/* A node that is still syncing shows a past in which we were not registered and our
 * commitments did not exist. */
static assay_status check_not_behind(const asy_task *task, const asy_block_ref *head,
									 assay_err *err)
{
	uint64_t known = 0;
	for (size_t i = 0; i < task->open_n; i++) {
		const asy_round *r = task->open[i];
		known = r->begin.block.number > known ? r->begin.block.number : known;
		known = r->commit.block.number > known ? r->commit.block.number : known;
	}
	if (head->number + HEAD_BACK_MAX >= known)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_NET,
					  "the node is at block %" PRIu64 ", an open round knows block %" PRIu64
					  ": it is still syncing, or the chain began anew",
					  head->number, known);
}

static void note_pace(asy_task *task, uint64_t blocks)
{
	uint64_t now = task->env.clock->mono_ns(task->env.clock);
	if (task->news_ns != 0 && blocks > 0) {
		uint64_t each = (now - task->news_ns) / blocks;
		task->block_ns = task->block_ns == 0 ? each : task->block_ns / 4 * 3 + each / 4;
	}
	task->news_ns = now;
	task->pause_ns = PAUSE_LEAST_NS;
}

assay_status asy_task_look(asy_task *task, assay_err *err)
{
	const asy_options *o = task->env.options;
	asy_block_ref head;
	asy_epoch_state epoch;
	assay_status st = asy_chain_head(task->env.chain, &head, err);
	if (st == ASSAY_OK)
		st = check_not_behind(task, &head, err);
	if (st != ASSAY_OK || (task->has_world && asy_hash_eq(&head.hash, &task->world.head.hash)))
		return st;
	st = asy_chain_epoch_state(task->env.chain, o->netuid, &head, &epoch, err);
	if (st != ASSAY_OK)
		return st;
	const asy_world before = task->world;
	bool turned = !task->has_world || epoch.subnet_epoch_index != before.epoch.subnet_epoch_index ||
				  epoch.last_mechanism_step_block != before.epoch.last_mechanism_step_block ||
				  epoch.is_null != before.epoch.is_null || task->is_outside || task->is_doubting ||
				  head.number >= task->rules_at + RULES_BLOCKS || head.number < task->rules_at;
	task->world.head = head;
	task->world.epoch = epoch;
	st = turned ? read_rules(task, err) : ASSAY_OK;
	if (st != ASSAY_OK) {
		task->world = before;
		return st;
	}
	if (turned)
		task->rules_at = head.number;
	note_pace(task, task->has_world ? asy_sat_sub_u64(head.number, before.head.number) : 0);
	task->has_world = true;
	return ASSAY_OK;
}

/* ---- how often ---- */

/*~ The pace follows the chain: a twelfth of a block, between 20 ms and a second. So a
 * public node is asked about once per second and a development chain is followed closely.
 * While there is trouble, each pause is twice the one before. */
uint64_t asy_task_pause(asy_task *task, bool trouble)
{
	uint64_t pace = task->block_ns / LOOKS_A_BLOCK;
	if (task->block_ns != 0 && !trouble)
		return pace < PAUSE_LEAST_NS ? PAUSE_LEAST_NS : pace > PAUSE_MOST_NS ? PAUSE_MOST_NS : pace;
	uint64_t pause = task->pause_ns < PAUSE_LEAST_NS ? PAUSE_LEAST_NS : task->pause_ns;
	task->pause_ns = pause < PAUSE_MOST_NS ? pause * 2 : pause;
	return pause;
}
