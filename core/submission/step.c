/*~ A vector's order. Every decision about *when* is here, and nothing here can act: the
 * validator asks, has it performed and recorded, and asks again. A restart is therefore
 * not a special case: the same question is asked about the submission as the journal left
 * it. Nothing here waits for a round. */
#include "submission/step.h"

const char *asy_submission_do_name(asy_submission_do d)
{
	static const char *const names[] = {"wait",         "predict", "seal",           "prepare",
										"send",         "watch",   "prepare_reveal", "send_reveal",
										"watch_reveal", "count",   "miss",           "end"};
	return (unsigned)d < ASY_COUNT(names) ? names[d] : "?";
}

static asy_submission_action act(asy_submission_do what)
{
	return (asy_submission_action){.what = what};
}
static asy_submission_action wait_for(const char *reason)
{
	return (asy_submission_action){.what = ASY_SUBMISSION_DO_WAIT, .reason = reason};
}
static asy_submission_action miss(const char *reason)
{
	return (asy_submission_action){.what = ASY_SUBMISSION_DO_MISS, .reason = reason};
}
static asy_submission_action end_early(const char *reason)
{
	return (asy_submission_action){.what = ASY_SUBMISSION_DO_END, .reason = reason};
}
/* An epoch in the very next block runs before that block's transactions: they belong to the
 * one after it. */
uint64_t asy_submission_target_block(const asy_world *w)
{
	uint64_t next;
	asy_epoch_state after = w->epoch;
	(void)asy_schedule_step(&after, w->head.number + 1);
	if (asy_schedule_next_epoch(&after, w->head.number + 1, &next, NULL) != ASSAY_OK)
		return UINT64_MAX; /* no epoch will run: there is nothing to send weights for */
	/* One block before the epoch, the next block's transactions are past it. */
	return asy_sat_sub_u64(next, w->lead_blocks < 2 ? 2 : w->lead_blocks);
}

/*~ A vector that is two epochs old describes miners as they were then. Whatever held it
 * up, a vector of the present memory is better. */
static bool is_stale(const asy_world *w, uint64_t made_at)
{
	return w->epoch.tempo != 0 &&
		   w->head.number > asy_sat_add_u64(made_at, 2 * (uint64_t)w->epoch.tempo);
}

static asy_submission_action after_weighing(const asy_submission *sub, const asy_world *w,
											asy_submission_do next)
{
	if (sub->refused)
		return end_early(sub->note);
	if (w->is_held)
		return end_early("another validator may be at work with our hotkey");
	if (w->epoch.tempo == 0)
		return end_early("the subnet's tempo is 0: no epoch would count its weights");
	if (is_stale(w, sub->weigh_block))
		return end_early("its weights are more than two epochs old");
	return act(next);
}

/* NULL: others may be signed. */
static const char *is_too_late(const asy_submission *sub, const asy_world *w)
{
	if (sub->commit.included && sub->commit_epoch < asy_world_epoch_now(w))
		return "a reorganisation took the weights back, and their epoch is over";
	return is_stale(w, sub->weigh_block) ? "no block took the weights for two epochs" : NULL;
}

/*~ That the node wants its bytes no more may also mean that a block has taken them. So we
 * look before giving up. */
static asy_submission_action commit_on_its_way(const asy_submission *sub, const asy_world *w)
{
	const asy_flight *f = &sub->commit;
	const char *too_late = f->present ? NULL : is_too_late(sub, w);
	if (too_late != NULL && (f->attempt == 0 || f->scanned_to >= w->head.number))
		return miss(too_late);
	if (too_late != NULL)
		return act(ASY_SUBMISSION_DO_WATCH);
	if (w->head.number < f->not_before)
		return wait_for("the time the node asked for");
	if (!f->present)
		return act(ASY_SUBMISSION_DO_PREPARE);
	if (!f->sent)
		return act(ASY_SUBMISSION_DO_SEND);
	if (f->scanned_to >= w->head.number)
		return wait_for("inclusion");
	return act(ASY_SUBMISSION_DO_WATCH);
}

/*~ A reveal shows the vector to everyone. Until its commitment is final, a reorganisation
 * may take the commitment back and leave the vector public. So in the first half of the
 * window we wait for finality; in the second half we reveal even if finality stalls. */
static asy_submission_action reveal_on_its_way(const asy_submission *sub, const asy_world *w)
{
	const asy_flight *f = &sub->reveal;
	asy_reveal_window win;
	/* The chain asks for the period that is set when the reveal arrives. */
	if (asy_schedule_reveal_window(&w->epoch, w->head.number, sub->commit_epoch, w->reveal_period,
								   &win, NULL) != ASSAY_OK)
		return wait_for("an epoch clock that runs");
	/* A reveal in flight may have been included in the window's last block: look
	 * before giving up. */
	if (f->present && f->sent && f->scanned_to < w->head.number)
		return act(ASY_SUBMISSION_DO_WATCH_REVEAL);
	switch (win.phase) {
	case ASY_REVEAL_EARLY:
		return wait_for("the reveal window");
	case ASY_REVEAL_EXPIRED:
		if (f->present && !f->sent && !f->missing)
			return act(ASY_SUBMISSION_DO_WATCH_REVEAL); /* after a restart: was it included? */
		return miss("the reveal window passed without an included reveal");
	case ASY_REVEAL_OPEN:
		break;
	}
	if (w->head.number < f->not_before)
		return wait_for("the time the node asked for");
	if (!sub->commit.finalized && win.end - w->head.number > w->epoch.tempo / 2u)
		return wait_for("finality of the commitment");
	if (!f->present)
		return act(ASY_SUBMISSION_DO_PREPARE_REVEAL);
	if (!f->sent)
		return act(ASY_SUBMISSION_DO_SEND_REVEAL);
	return wait_for("inclusion of the reveal");
}

/*~ What is sealed to a pulse needs no reveal of ours: the chain opens it in its window, as
 * soon as the pulse is there. Seen in the state, not believed from the plan. */
static asy_submission_action chain_reveals(const asy_submission *sub, const asy_world *w)
{
	asy_reveal_window win;
	if (asy_schedule_reveal_window(&w->epoch, w->head.number, sub->commit_epoch, w->reveal_period,
								   &win, NULL) != ASSAY_OK)
		return wait_for("an epoch clock that runs");
	if (win.phase == ASY_REVEAL_EARLY)
		return wait_for("the reveal window");
	if (w->head.number < sub->reveal.not_before)
		return wait_for("the time the node asked for");
	if (sub->reveal.scanned_to < w->head.number)
		return act(ASY_SUBMISSION_DO_WATCH_REVEAL);
	if (win.phase == ASY_REVEAL_EXPIRED && !sub->commit.finalized && sub->commit.missing)
		return miss("a reorganisation took the weights back, and their window passed");
	return wait_for("the pulse, and the chain's reveal");
}

static asy_submission_action reveal_next(const asy_submission *sub, const asy_world *w)
{
	return sub->scheme == ASY_SEAL_TIMELOCK ? chain_reveals(sub, w) : reveal_on_its_way(sub, w);
}

/* Included but not final: a reorganisation can still take it back. */
static bool wants_look(const asy_flight *f, const asy_world *w)
{
	return !f->finalized && f->scanned_to < w->head.number;
}

static asy_submission_action after_inclusion(const asy_submission *sub, const asy_world *w)
{
	if (sub->commit.missing || !sub->commit.present)
		return commit_on_its_way(sub, w);
	if (wants_look(&sub->commit, w))
		return act(ASY_SUBMISSION_DO_WATCH);
	return sub->scheme == ASY_SEAL_PLAIN ? wait_for("finality") : reveal_next(sub, w);
}

/* The chain opens what it opens itself before the epoch of the same block. */
static bool has_epoch_run(const asy_submission *sub, const asy_world *w)
{
	uint64_t ran = w->epoch.last_mechanism_step_block, at = sub->reveal.block.number;
	return ran > at || (ran == at && sub->scheme == ASY_SEAL_TIMELOCK);
}

static asy_submission_action after_reveal(const asy_submission *sub, const asy_world *w)
{
	if (wants_look(&sub->commit, w))
		return act(ASY_SUBMISSION_DO_WATCH);
	bool is_sealed = sub->scheme != ASY_SEAL_PLAIN;
	if (is_sealed && (sub->reveal.present || !sub->reveal.missing) && wants_look(&sub->reveal, w))
		return act(ASY_SUBMISSION_DO_WATCH_REVEAL);
	if (is_sealed && sub->reveal.missing)
		return reveal_next(sub, w);
	if (is_sealed && !sub->reveal.finalized)
		return wait_for("finality of the reveal");
	if (has_epoch_run(sub, w))
		return act(ASY_SUBMISSION_DO_COUNT);
	return wait_for("the epoch that counts it");
}

asy_submission_action asy_submission_next(const asy_submission *sub, const asy_world *w)
{
	if (sub->quiet_until > w->head.number)
		return wait_for("the next block: the node was in trouble");
	if (sub->dead_end[0] != '\0' && sub->phase < ASY_SUBMISSION_SEALED)
		return end_early(sub->dead_end);
	switch (sub->phase) {
	case ASY_SUBMISSION_NEW:
		return act(ASY_SUBMISSION_DO_END);
	case ASY_SUBMISSION_WEIGHED:
		return after_weighing(sub, w, ASY_SUBMISSION_DO_PREDICT);
	case ASY_SUBMISSION_PREDICTED:
		return after_weighing(sub, w, ASY_SUBMISSION_DO_SEAL);
	case ASY_SUBMISSION_SEALED:
	case ASY_SUBMISSION_SENT:
		return commit_on_its_way(sub, w);
	case ASY_SUBMISSION_INCLUDED:
		return after_inclusion(sub, w);
	case ASY_SUBMISSION_REVEALING:
		if (wants_look(&sub->commit, w))
			return act(ASY_SUBMISSION_DO_WATCH);
		return reveal_on_its_way(sub, w);
	case ASY_SUBMISSION_REVEALED:
		return after_reveal(sub, w);
	case ASY_SUBMISSION_COUNTED:
	case ASY_SUBMISSION_MISSED:
		return act(ASY_SUBMISSION_DO_END);
	case ASY_SUBMISSION_ENDED:
		break;
	}
	return wait_for("nothing: it has ended");
}

/* ---- a new one ---- */

bool asy_submission_takes_epoch(const asy_submission *sub, const asy_world *w)
{
	if (sub->phase < ASY_SUBMISSION_SEALED)
		return true;
	if (sub->phase == ASY_SUBMISSION_MISSED || sub->phase == ASY_SUBMISSION_ENDED)
		return false;
	return !sub->commit.included || sub->commit_epoch >= asy_world_epoch_now(w);
}

/*~ Weights leave on the chain's clock. A round that takes three epochs must not cost two of
 * them, so the memory is sent as it stands. How old what it says may be is its own matter
 * (tracker.stale_after_s marks miners that were not heard of): not the age of a round. */
bool asy_submission_may_begin(const asy_world *w, const asy_submissions_now *x)
{
	bool is_new = x->version != x->last_version;
	bool was_tried = x->has_epoch && x->last_epoch == asy_world_epoch_now(w);
	if (x->version == 0 || x->is_taken || w->is_held || w->epoch.tempo == 0)
		return false;
	if (!is_new && (w->draining || was_tried))
		return false;
	return w->head.number >= asy_submission_target_block(w) && !asy_world_is_rate_limited(w);
}
