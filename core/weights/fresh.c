/* Registration changes: who is in the subnet now decides whose history counts. A uid
 * that another hotkey took over starts empty, and so does a hotkey that left and came
 * back: history belongs to one registration, not to a seat. */
#include <stdlib.h>
#include "weights/tracker.h"

static int by_uid(const void *a, const void *b)
{
	const member *x = a, *y = b;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_hotkey(const void *a, const void *b)
{
	const member *const *x = a, *const *y = b;
	return memcmp((*x)->hotkey, (*y)->hotkey, 32);
}

static int hotkey_against(const void *key, const void *b)
{
	const member *const *y = b;
	return memcmp(key, (*y)->hotkey, 32);
}

/* Pointers to members, ordered by hotkey; NULL when out of memory. */
static const member **index_hotkeys(const member *members, size_t n)
{
	const member **index = asy_calloc(n, sizeof *index);
	if (index == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		index[i] = &members[i];
	qsort(index, n, sizeof *index, by_hotkey);
	return index;
}

static assay_status check_index(const member **index, size_t n, assay_err *err)
{
	for (size_t i = 1; i < n; i++) {
		if (memcmp(index[i - 1]->hotkey, index[i]->hotkey, 32) == 0)
			return ASSAY_FAIL(err, E_INPUT, "uids %u and %u have the same hotkey",
							  index[i - 1]->uid, index[i]->uid);
	}
	return ASSAY_OK;
}

assay_status asy_tracker_check_distinct(const member *members, size_t n, assay_err *err)
{
	for (size_t i = 1; i < n; i++) {
		if (members[i - 1].uid >= members[i].uid)
			return ASSAY_FAIL(err, E_INPUT, "uid %u occurs twice", members[i].uid);
	}
	const member **index = index_hotkeys(members, n);
	if (index == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tracker: out of memory");
	assay_status st = check_index(index, n, err);
	free(index);
	return st;
}

/* Carries the history of members that are still the same registration. */
static void carry(const assay_tracker *t, const member **old, member *now, size_t now_n,
				  assay_sync_report *r)
{
	uint32_t kept = 0;
	for (size_t i = 0; i < now_n; i++) {
		member *m = &now[i];
		const member *const *hit =
			bsearch(m->hotkey, old, t->members_n, sizeof *old, hotkey_against);
		if (hit == NULL) {
			r->added++;
			continue;
		}
		kept++;
		if ((*hit)->registered_block != m->registered_block) {
			r->reset++;
			continue;
		}
		uint16_t uid = m->uid;
		*m = **hit;
		m->uid = uid;
		r->moved += (*hit)->uid != uid;
	}
	r->removed = (uint32_t)t->members_n - kept;
}

assay_status assay_tracker_sync(assay_tracker *t, const assay_member *members, size_t members_n,
								assay_sync_report *report, assay_err *err)
{
	assay_sync_report r = {0};
	if (members_n > ASSAY_TRACK_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu members, the limit is %u", members_n, ASSAY_TRACK_MAX);
	member *now = asy_calloc(members_n, sizeof *now);
	const member **old = index_hotkeys(t->members, t->members_n);
	assay_status st = ASSAY_OK;
	if (now == NULL || old == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "tracker of %zu members: out of memory", members_n);
	if (st == ASSAY_OK) {
		for (size_t i = 0; i < members_n; i++) {
			now[i].uid = members[i].uid;
			now[i].registered_block = members[i].registered_block;
			memcpy(now[i].hotkey, members[i].hotkey, sizeof now[i].hotkey);
		}
		qsort(now, members_n, sizeof *now, by_uid);
		st = asy_tracker_check_distinct(now, members_n, err);
	}
	if (st == ASSAY_OK) {
		carry(t, old, now, members_n, &r);
		member *before = t->members;
		t->members = now;
		t->members_n = members_n;
		now = before;
		if (report != NULL)
			*report = r;
	}
	free(now);
	free(old);
	return st;
}
