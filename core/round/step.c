/*~ The round's order. Every decision about *when* is here, and nothing here can act:
 * the validator asks, has it performed and recorded, and asks again. A restart is
 * therefore not a special case: the same question is asked about the round as the journal
 * left it. Weights are no matter of a round: they leave on the chain's clock, from the
 * memory that rounds feed (submission/step.c). */
#include "round/step.h"

const char *asy_round_do_name(asy_round_do d)
{
	static const char *const names[] = {"wait", "challenge", "ask", "score", "track", "end"};
	return (unsigned)d < ASY_COUNT(names) ? names[d] : "?";
}

static asy_round_action act(asy_round_do what)
{
	return (asy_round_action){.what = what};
}
static asy_round_action wait_for(const char *reason)
{
	return (asy_round_action){.what = ASY_ROUND_DO_WAIT, .reason = reason};
}

asy_round_action asy_round_next(const asy_round *r, const asy_world *w)
{
	if (r->quiet_until > w->head.number)
		return wait_for("the next block: the node was in trouble");
	if (r->dead_end[0] != '\0' && r->phase < ASY_ROUND_TRACKED)
		return (asy_round_action){.what = ASY_ROUND_DO_END, .reason = r->dead_end};
	switch (r->phase) {
	case ASY_ROUND_NEW:
		return act(ASY_ROUND_DO_END);
	case ASY_ROUND_BEGUN:
		return act(ASY_ROUND_DO_CHALLENGE);
	case ASY_ROUND_ASKING:
		return act(ASY_ROUND_DO_ASK);
	case ASY_ROUND_ASKED:
		return act(asy_round_all_scored(r) ? ASY_ROUND_DO_TRACK : ASY_ROUND_DO_SCORE);
	case ASY_ROUND_TRACKED:
		return act(ASY_ROUND_DO_END);
	case ASY_ROUND_ENDED:
		break;
	}
	return wait_for("nothing: it has ended");
}

bool asy_round_may_begin(const asy_world *w, const asy_rounds_now *x)
{
	if (w->draining || w->epoch.tempo == 0 || x->is_asking || x->open_n >= ASY_ROUNDS_OPEN_MAX)
		return false;
	if (x->last_began_ns == 0)
		return true;
	if (x->period_ns != 0)
		return w->now_ns >= x->last_began_ns + x->period_ns;
	return x->last_epoch != asy_world_epoch_now(w);
}
