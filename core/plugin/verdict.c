/* Whose fault it was. A miner whose answer kills the plugin must not keep its old score,
 * or it could freeze a good one; a plugin that dies of everything must not cost every
 * miner its score. A rule for each row of the table in docs/plugins.md, first match.
 * Reason to change: another way to tell the two apart. */
#include "plugin/verdict.h"

/* Of three rows in the order of the shuffle, all may belong to one operator with many
 * uids; of eight, with nothing judged beside them, hardly. */
#define PLAIN_POISON 8u
#define DEATHS_SAY_SOMETHING 3u

static bool most_are_poison(const asy_evidence *e)
{
	return e->poison >= 2 && e->poison > e->asked / 2;
}

static bool nothing_works(const asy_evidence *e)
{
	return e->judged == 0 && (e->poison >= PLAIN_POISON ||
							  (e->is_cut && e->asked >= 2 && e->deaths >= DEATHS_SAY_SOMETHING));
}

static bool most_are_invalid(const asy_evidence *e)
{
	return e->invalid > e->judged / 2;
}

asy_verdict asy_verdict_of(const asy_evidence *e)
{
	if (e->control_died || most_are_poison(e) || nothing_works(e) || most_are_invalid(e))
		return ASY_VERDICT_PLUGIN;
	return e->poison != 0 ? ASY_VERDICT_ROWS : ASY_VERDICT_NOBODY;
}

bool asy_verdict_is_plain(const asy_evidence *e)
{
	return e->control_died || most_are_poison(e) || (e->judged == 0 && e->poison >= PLAIN_POISON);
}
