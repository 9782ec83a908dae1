/*~ The story's order. Every decision about *when* is here, and nothing here can act:
 * the driver asks, performs, records, folds, and asks again. A restart is therefore
 * not a special case: the same question is asked about the round as the journal
 * left it. */
#include "round/step.h"

const char *asy_do_name(asy_do d)
{
	static const char *const names[] = {
		"wait",        "challenge",    "query",   "score", "track", "weigh",
		"predict",     "seal",         "prepare", "send",  "watch", "prepare_reveal",
		"send_reveal", "watch_reveal", "count",   "miss",  "end",
	};
	return (unsigned)d < ASY_COUNT(names) ? names[d] : "?";
}

static asy_action act(asy_do what)
{
	return (asy_action){what, NULL};
}
static asy_action wait_for(const char *reason)
{
	return (asy_action){ASY_DO_WAIT, reason};
}
static asy_action miss(const char *reason)
{
	return (asy_action){ASY_DO_MISS, reason};
}

uint64_t asy_round_target_block(const asy_world *w)
{
	uint64_t next;
	if (asy_schedule_next_epoch(&w->epoch, w->head.number, &next, NULL) != ASSAY_OK)
		return w->head.number; /* a subnet without epochs: nothing to wait for */
	return asy_sat_sub_u64(next, w->lead_blocks);
}

static bool rate_limited(const asy_world *w)
{
	/* The chain lets the first update of a neuron through. The transaction is included
	 * in head + 1 at the earliest. */
	return w->last_update != 0 && w->head.number + 1 < w->last_update + w->rate_limit;
}

/* Scoring is done: weights now, later, or not from this round. */
static asy_action after_tracking(const asy_round *r, const asy_world *w)
{
	if (w->sent_this_epoch)
		return act(ASY_DO_END); /* one vector an epoch: the chain uses only the last */
	if (w->head.number >= asy_round_target_block(w))
		return rate_limited(w) ? wait_for("the rate limit of weights") : act(ASY_DO_WEIGH);
	if (!w->draining && w->period_ns != 0 && w->now_ns >= w->round_began_ns + w->period_ns) {
		/* There is time for another round before the weights are due. */
		(void)r;
		return act(ASY_DO_END);
	}
	return wait_for("the end of the epoch, minus the lead");
}

static asy_action commit_on_its_way(const asy_round *r, const asy_world *w)
{
	if (w->head.number < r->commit.not_before)
		return wait_for("the time the node asked for");
	if (r->phase == ASY_PHASE_SEALED || !r->commit.present)
		return act(ASY_DO_PREPARE);
	if (!r->commit.sent)
		return act(ASY_DO_SEND);
	if (r->commit.scanned_to >= w->head.number)
		return wait_for("inclusion");
	return act(ASY_DO_WATCH);
}

static asy_action reveal_on_its_way(const asy_round *r, const asy_world *w)
{
	asy_reveal_window win;
	if (asy_schedule_reveal_window(&w->epoch, w->head.number, r->commit_epoch, r->reveal_period,
								   &win, NULL) != ASSAY_OK)
		return wait_for("an epoch clock that runs");
	/* A reveal in flight may have been included in the window's last block: look
	 * before giving up. */
	if (r->reveal.present && r->reveal.sent && r->reveal.scanned_to < w->head.number)
		return act(ASY_DO_WATCH_REVEAL);
	switch (win.phase) {
	case ASY_REVEAL_EARLY:
		return wait_for("the reveal window");
	case ASY_REVEAL_EXPIRED:
		if (r->reveal.present && !r->reveal.sent)
			return act(ASY_DO_WATCH_REVEAL); /* after a restart: was it included? */
		return miss("the reveal window passed without an included reveal");
	case ASY_REVEAL_OPEN:
		break;
	}
	if (w->head.number < r->reveal.not_before)
		return wait_for("the time the node asked for");
	if (!r->reveal.present)
		return act(ASY_DO_PREPARE_REVEAL);
	if (!r->reveal.sent)
		return act(ASY_DO_SEND_REVEAL);
	return wait_for("inclusion of the reveal");
}

/* Included but not final: a reorganisation can still take it back. */
static bool wants_finality(const asy_round *r, const asy_world *w)
{
	return !r->commit.finalized && r->commit.scanned_to < w->head.number;
}

asy_action asy_round_next(const asy_round *r, const asy_world *w)
{
	switch (r->phase) {
	case ASY_PHASE_NEW:
		return act(ASY_DO_END);
	case ASY_PHASE_BEGUN:
		return act(ASY_DO_CHALLENGE);
	case ASY_PHASE_ASKING:
		return act(ASY_DO_QUERY);
	case ASY_PHASE_ASKED:
		return act(asy_round_all_scored(r) ? ASY_DO_TRACK : ASY_DO_SCORE);
	case ASY_PHASE_TRACKED:
		return after_tracking(r, w);
	case ASY_PHASE_WEIGHED:
		return act(r->refused ? ASY_DO_END : ASY_DO_PREDICT);
	case ASY_PHASE_PREDICTED:
		return act(ASY_DO_SEAL);
	case ASY_PHASE_SEALED:
	case ASY_PHASE_SENT:
		return commit_on_its_way(r, w);
	case ASY_PHASE_INCLUDED:
		if (wants_finality(r, w))
			return act(ASY_DO_WATCH);
		return reveal_on_its_way(r, w);
	case ASY_PHASE_REVEALING:
		if (wants_finality(r, w))
			return act(ASY_DO_WATCH);
		return reveal_on_its_way(r, w);
	case ASY_PHASE_REVEALED:
		if (wants_finality(r, w))
			return act(ASY_DO_WATCH);
		if (w->epoch.last_mechanism_step_block > r->reveal.block.number)
			return act(ASY_DO_COUNT);
		return wait_for("the epoch that counts it");
	case ASY_PHASE_COUNTED:
		if (wants_finality(r, w))
			return act(ASY_DO_WATCH);
		return r->commit.finalized ? act(ASY_DO_END) : wait_for("finality");
	case ASY_PHASE_MISSED:
		return act(ASY_DO_END);
	case ASY_PHASE_ENDED:
		break;
	}
	return wait_for("nothing: it has ended");
}

bool asy_round_may_begin(const asy_world *w, uint64_t last_began_ns)
{
	if (w->draining)
		return false;
	if (w->period_ns != 0)
		return last_began_ns == 0 || w->now_ns >= last_began_ns + w->period_ns;
	if (w->begun_this_epoch || w->sent_this_epoch)
		return false;
	/* A short epoch with a long lead has no block before its target. */
	return w->head.number < asy_round_target_block(w) ||
		   w->head.number <= w->epoch.last_epoch_block + 1;
}
