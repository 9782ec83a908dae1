/* When a plugin is no longer called, and when it is tried again. Counts only; what is a
 * fault is decided by those who see it. */
#include "plugin/verdict.h"

void asy_quarantine_init(asy_quarantine *q, uint32_t faults_max, uint32_t rounds)
{
	*q = (asy_quarantine){.faults_max = faults_max};
	q->rounds = rounds < ASY_COUNT(q->count) ? rounds : (uint32_t)ASY_COUNT(q->count);
}

bool asy_quarantine_round(asy_quarantine *q)
{
	q->now++;
	q->count[q->now % ASY_COUNT(q->count)] = 0;
	q->is_probing = q->is_on && q->now >= q->probe_at;
	return !q->is_on || q->is_probing;
}

static bool is_too_much(const asy_quarantine *q)
{
	uint64_t sum = 0;
	for (uint64_t back = 0; back < q->rounds && back <= q->now; back++)
		sum += q->count[(q->now - back) % ASY_COUNT(q->count)];
	return sum >= q->faults_max;
}

asy_quarantine_change asy_quarantine_result(asy_quarantine *q, uint32_t faults, bool worked)
{
	bool was_on = q->is_on;
	if (was_on && (!q->is_probing || (faults == 0 && !worked)))
		return ASY_QUARANTINE_NO_CHANGE;
	if (was_on && faults == 0) {
		asy_quarantine_release(q);
		return ASY_QUARANTINE_OVER;
	}
	q->count[q->now % ASY_COUNT(q->count)] += faults;
	if (faults == 0 || (!was_on && !is_too_much(q)))
		return ASY_QUARANTINE_NO_CHANGE;
	q->wait = was_on && q->wait < ASY_QUARANTINE_WAIT_MAX ? q->wait * 2 : was_on ? q->wait : 1;
	q->probe_at = q->now + 1 + q->wait;
	q->is_on = true;
	q->is_probing = false;
	return was_on ? ASY_QUARANTINE_LONGER : ASY_QUARANTINE_BEGUN;
}

uint64_t asy_quarantine_left(const asy_quarantine *q)
{
	return q->is_on && !q->is_probing && q->probe_at > q->now ? q->probe_at - q->now : 0;
}

void asy_quarantine_release(asy_quarantine *q)
{
	asy_quarantine_init(q, q->faults_max, q->rounds);
}
