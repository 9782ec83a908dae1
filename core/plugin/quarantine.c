/* When a plugin is no longer called: too many faults within the last rounds.
 * Counts only; what is a fault is decided by those who see it. */
#include "plugin/host.h"

void asy_quarantine_init(asy_quarantine *q, uint32_t faults_max, uint32_t rounds)
{
	*q = (asy_quarantine){.faults_max = faults_max};
	q->rounds = rounds < ASY_COUNT(q->count) ? rounds : (uint32_t)ASY_COUNT(q->count);
}

void asy_quarantine_round(asy_quarantine *q)
{
	q->now++;
	q->count[q->now % ASY_COUNT(q->count)] = 0;
}

bool asy_quarantine_fault(asy_quarantine *q, uint32_t faults)
{
	uint64_t sum = 0;
	if (q->is_on || faults == 0)
		return false;
	q->count[q->now % ASY_COUNT(q->count)] += faults;
	for (uint64_t back = 0; back < q->rounds && back <= q->now; back++)
		sum += q->count[(q->now - back) % ASY_COUNT(q->count)];
	q->is_on = sum >= q->faults_max;
	return q->is_on;
}

void asy_quarantine_release(asy_quarantine *q)
{
	asy_quarantine_init(q, q->faults_max, q->rounds);
}
