/* Snapshots by subnet, mechanism and block, with a count of their users. A reader that
 * waits may find that the other one failed: then it reads itself.
 * Reason to change: another rule for how long they stay. */
#include <stdlib.h>
#include "task/snapshots.h"

typedef struct entry entry;
struct entry {
	entry *next;
	uint16_t netuid;
	uint8_t mecid;
	asy_hash at;
	asy_co_mutex reading;
	size_t users; /* those who wait are users, too */
	assay_snapshot *s;
};

struct asy_snapshots {
	asy_chain *chain;
	asy_loop *loop;
	entry *first;
};

asy_snapshots *asy_snapshots_new(asy_chain *chain, asy_loop *loop)
{
	asy_snapshots *x = calloc(1, sizeof *x);
	if (x != NULL)
		*x = (asy_snapshots){.chain = chain, .loop = loop};
	return x;
}

void asy_snapshots_free(asy_snapshots *x)
{
	if (x == NULL)
		return;
	for (entry *e = x->first, *next; e != NULL; e = next) {
		next = e->next;
		asy_snapshot_free(e->s);
		free(e);
	}
	free(x);
}

void asy_snapshots_trim(asy_snapshots *x, const asy_block_ref *head)
{
	for (entry **at = &x->first; *at != NULL;) {
		entry *e = *at;
		if (e->users > 0 || (e->s != NULL && asy_hash_eq(&e->at, &head->hash))) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		asy_snapshot_free(e->s);
		free(e);
	}
}

static entry *find(asy_snapshots *x, uint16_t netuid, uint8_t mecid, const asy_hash *at)
{
	for (entry *e = x->first; e != NULL; e = e->next)
		if (e->netuid == netuid && e->mecid == mecid && asy_hash_eq(&e->at, at))
			return e;
	entry *e = calloc(1, sizeof *e);
	if (e == NULL)
		return NULL;
	*e = (entry){.next = x->first, .netuid = netuid, .mecid = mecid, .at = *at};
	x->first = e;
	return e;
}

assay_status asy_snapshots_get(asy_snapshots *x, uint16_t netuid, uint8_t mecid,
							   const asy_block_ref *at, const assay_snapshot **out, assay_err *err)
{
	entry *e = find(x, netuid, mecid, &at->hash);
	if (e == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a snapshot");
	e->users++;
	assay_status st = asy_co_lock(x->loop, &e->reading);
	if (st != ASSAY_OK) {
		e->users--;
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	}
	if (e->s == NULL)
		st = asy_chain_snapshot(x->chain, netuid, mecid, at, &e->s, err);
	asy_co_unlock(&e->reading);
	if (st == ASSAY_OK)
		*out = e->s;
	else
		e->users--;
	return st;
}

void asy_snapshots_release(asy_snapshots *x, const assay_snapshot *s)
{
	for (entry *e = x->first; s != NULL && e != NULL; e = e->next) {
		if (e->s != s)
			continue;
		e->users--;
		return;
	}
}
