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
	return (asy_action){.what = what};
}
static asy_action wait_for(const char *reason)
{
	return (asy_action){.what = ASY_DO_WAIT, .reason = reason};
}
static asy_action miss(const char *reason)
{
	return (asy_action){.what = ASY_DO_MISS, .reason = reason};
}
static asy_action end_early(const char *reason)
{
	return (asy_action){.what = ASY_DO_END, .reason = reason};
}
/* It was only meant to feed the memory. */
static asy_action end_as_planned(const char *reason)
{
	return (asy_action){.what = ASY_DO_END, .reason = reason, .is_planned = true};
}

uint64_t asy_round_target_block(const asy_world *w)
{
	uint64_t next;
	if (asy_schedule_next_epoch(&w->epoch, w->head.number, &next, NULL) != ASSAY_OK)
		return UINT64_MAX; /* no epoch will run: there is nothing to send weights for */
	return asy_sat_sub_u64(next, w->lead_blocks);
}

uint64_t asy_round_epoch_now(const asy_world *w)
{
	return asy_schedule_lookahead(&w->epoch, w->head.number + 1);
}

uint64_t asy_round_epoch_of(const asy_world *w, uint64_t block)
{
	if (!w->epoch.stateful)
		return asy_schedule_lookahead(&w->epoch, block);
	return asy_sat_sub_u64(w->epoch.subnet_epoch_index, block < w->epoch.last_epoch_block);
}

static bool rate_limited(const asy_world *w)
{
	/* The chain lets the first update of a neuron through. The transaction is included
	 * in head + 1 at the earliest. */
	return w->last_update != 0 && w->head.number + 1 < w->last_update + w->rate_limit;
}

/*~ A vector that is two epochs old describes miners as they were then. Whatever held it
 * up, another round is cheaper than a vector that misleads. */
static bool is_stale(const asy_world *w, uint64_t made_at)
{
	return w->epoch.tempo != 0 &&
		   w->head.number > asy_sat_add_u64(made_at, 2 * (uint64_t)w->epoch.tempo);
}

/* Scoring is done: weights now, later, or not from this round. */
static asy_action after_tracking(const asy_round *r, const asy_world *w)
{
	if (w->sent_this_epoch) /* the chain uses only the last one */
		return end_as_planned("this epoch has its weights from another round");
	if (!w->draining && is_stale(w, r->begin.block.number))
		return end_early("its answers are more than two epochs old");
	if (w->head.number >= asy_round_target_block(w))
		return rate_limited(w) ? wait_for("the rate limit of weights") : act(ASY_DO_WEIGH);
	if (!w->draining && w->period_ns != 0 && w->now_ns >= w->round_began_ns + w->period_ns)
		return end_as_planned("there is time for another round before weights are due");
	return wait_for("the end of the epoch, minus the lead");
}

static asy_action after_weighing(const asy_round *r, const asy_world *w, asy_do next)
{
	if (r->refused)
		return end_early(r->note);
	if (w->epoch.tempo == 0)
		return end_early("the subnet's tempo is 0: no epoch would count its weights");
	if (is_stale(w, r->weigh_block))
		return end_early("its weights are more than two epochs old");
	return act(next);
}

/* Nothing is in the pool or in a block: sign one, unless its time is over. */
static asy_action commit_anew(const asy_round *r, const asy_world *w)
{
	if (r->commit.included && r->commit_epoch < asy_round_epoch_now(w))
		return miss("a reorganisation took the weights back, and their epoch is over");
	if (is_stale(w, r->weigh_block))
		return miss("no block took the weights for two epochs");
	return act(ASY_DO_PREPARE);
}

static asy_action commit_on_its_way(const asy_round *r, const asy_world *w)
{
	if (w->head.number < r->commit.not_before)
		return wait_for("the time the node asked for");
	if (!r->commit.present)
		return commit_anew(r, w);
	if (!r->commit.sent)
		return act(ASY_DO_SEND);
	if (r->commit.scanned_to >= w->head.number)
		return wait_for("inclusion");
	return act(ASY_DO_WATCH);
}

/*~ A reveal shows the vector to everyone. Until its commitment is final, a reorganisation
 * may take the commitment back and leave the vector public. So in the first half of the
 * window we wait for finality; in the second half we reveal even if finality stalls. */
static asy_action reveal_on_its_way(const asy_round *r, const asy_world *w)
{
	const asy_flight *f = &r->reveal;
	asy_reveal_window win;
	/* The chain asks for the period that is set when the reveal arrives. */
	if (asy_schedule_reveal_window(&w->epoch, w->head.number, r->commit_epoch, w->reveal_period,
								   &win, NULL) != ASSAY_OK)
		return wait_for("an epoch clock that runs");
	/* A reveal in flight may have been included in the window's last block: look
	 * before giving up. */
	if (f->present && f->sent && f->scanned_to < w->head.number)
		return act(ASY_DO_WATCH_REVEAL);
	switch (win.phase) {
	case ASY_REVEAL_EARLY:
		return wait_for("the reveal window");
	case ASY_REVEAL_EXPIRED:
		if (f->present && !f->sent && !f->missing)
			return act(ASY_DO_WATCH_REVEAL); /* after a restart: was it included? */
		return miss("the reveal window passed without an included reveal");
	case ASY_REVEAL_OPEN:
		break;
	}
	if (w->head.number < f->not_before)
		return wait_for("the time the node asked for");
	if (!r->commit.finalized && win.end - w->head.number > w->epoch.tempo / 2u)
		return wait_for("finality of the commitment");
	if (!f->present)
		return act(ASY_DO_PREPARE_REVEAL);
	if (!f->sent)
		return act(ASY_DO_SEND_REVEAL);
	return wait_for("inclusion of the reveal");
}

/* Included but not final: a reorganisation can still take it back. */
static bool wants_look(const asy_flight *f, const asy_world *w)
{
	return !f->finalized && f->scanned_to < w->head.number;
}

static asy_action after_inclusion(const asy_round *r, const asy_world *w)
{
	if (r->commit.missing || !r->commit.present)
		return commit_on_its_way(r, w);
	if (wants_look(&r->commit, w))
		return act(ASY_DO_WATCH);
	return r->plain ? wait_for("finality") : reveal_on_its_way(r, w);
}

static asy_action after_reveal(const asy_round *r, const asy_world *w)
{
	if (wants_look(&r->commit, w))
		return act(ASY_DO_WATCH);
	if (!r->plain && (r->reveal.present || !r->reveal.missing) && wants_look(&r->reveal, w))
		return act(ASY_DO_WATCH_REVEAL);
	if (!r->plain && r->reveal.missing)
		return reveal_on_its_way(r, w);
	if (!r->plain && !r->reveal.finalized)
		return wait_for("finality of the reveal");
	if (w->epoch.last_mechanism_step_block > r->reveal.block.number)
		return act(ASY_DO_COUNT);
	return wait_for("the epoch that counts it");
}

asy_action asy_round_next(const asy_round *r, const asy_world *w)
{
	if (r->dead_end[0] != '\0' && r->phase < ASY_PHASE_SEALED)
		return end_early(r->dead_end);
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
		return after_weighing(r, w, ASY_DO_PREDICT);
	case ASY_PHASE_PREDICTED:
		return after_weighing(r, w, ASY_DO_SEAL);
	case ASY_PHASE_SEALED:
	case ASY_PHASE_SENT:
		return commit_on_its_way(r, w);
	case ASY_PHASE_INCLUDED:
		return after_inclusion(r, w);
	case ASY_PHASE_REVEALING:
		if (wants_look(&r->commit, w))
			return act(ASY_DO_WATCH);
		return reveal_on_its_way(r, w);
	case ASY_PHASE_REVEALED:
		return after_reveal(r, w);
	case ASY_PHASE_COUNTED:
	case ASY_PHASE_MISSED:
		return act(ASY_DO_END);
	case ASY_PHASE_ENDED:
		break;
	}
	return wait_for("nothing: it has ended");
}

bool asy_round_may_begin(const asy_world *w, uint64_t last_began_ns)
{
	if (w->draining || w->epoch.tempo == 0)
		return false;
	if (w->period_ns != 0)
		return last_began_ns == 0 || w->now_ns >= last_began_ns + w->period_ns;
	if (w->begun_this_epoch || w->sent_this_epoch)
		return false;
	/* A short epoch with a long lead has no block before its target. */
	uint64_t began =
		w->epoch.stateful ? w->epoch.last_epoch_block : w->epoch.last_mechanism_step_block;
	return w->head.number < asy_round_target_block(w) || w->head.number <= began + 1;
}
