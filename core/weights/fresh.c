/* Registration changes: who is in the subnet now decides whose history counts. A uid
 * that another hotkey took over starts empty, and so does a hotkey that left and came
 * back: history belongs to one registration, not to a seat. */
#include <stdlib.h>
#include "weights/impl.h"

static int by_uid(const void *a, const void *b)
{
	const member *x = a, *y = b;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

static asy_key_place *index_hotkeys(const member *members, size_t n, assay_err *err)
{
	asy_key_place *sorted = asy_calloc(n, sizeof *sorted);
	if (sorted == NULL)
		(void)ASSAY_FAIL(err, E_NOMEM, "tracker of %zu members: out of memory", n);
	else if (n > 0)
		asy_keys_sort(members[0].hotkey, sizeof *members, n, sorted);
	return sorted;
}

/* The member with this hotkey, or NULL. */
static const member *find_hotkey(const member *members, size_t n, const asy_key_place *sorted,
								 const uint8_t hotkey[32])
{
	size_t at = n > 0 ? asy_keys_find(members[0].hotkey, sizeof *members, sorted, n, hotkey) : 0;
	return at < n ? &members[at] : NULL;
}

static assay_status check_uids(const member *members, size_t n, assay_err *err)
{
	for (size_t i = 1; i < n; i++) {
		if (members[i - 1].uid >= members[i].uid)
			return ASSAY_FAIL(err, E_INPUT, "uid %u occurs twice", members[i].uid);
	}
	return ASSAY_OK;
}

assay_status asy_tracker_check_distinct(const member *members, size_t n, assay_err *err)
{
	assay_status st = check_uids(members, n, err);
	if (st != ASSAY_OK || n < 2)
		return st;
	asy_key_place *sorted = index_hotkeys(members, n, err);
	if (sorted == NULL)
		return ASSAY_E_NOMEM;
	size_t twice = asy_keys_duplicate(members[0].hotkey, sizeof *members, sorted, n);
	if (twice < n)
		st = ASSAY_FAIL(err, E_INPUT, "uids %u and %u have the same hotkey",
						members[sorted[twice - 1].at].uid, members[sorted[twice].at].uid);
	free(sorted);
	return st;
}

/* ---- the new list against the old one ---- */

/* One member as it was, or new. */
static void carry(const member *old, member *now, assay_sync_report *r)
{
	if (old == NULL) {
		r->added++;
		return;
	}
	if (old->registered_block != now->registered_block) {
		r->reset++;
		return;
	}
	uint16_t uid = now->uid;
	r->moved += old->uid != uid;
	*now = *old;
	now->uid = uid;
}

/* Nearly everybody sits where they sat: such a list has no hotkey twice, because the old one
 * had none. */
static bool same_seats(const assay_tracker *t, const member *now, size_t n)
{
	if (n != t->members_n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (now[i].uid != t->members[i].uid || memcmp(now[i].hotkey, t->members[i].hotkey, 32) != 0)
			return false;
	return true;
}

static assay_status carry_all(const assay_tracker *t, member *now, size_t n, assay_sync_report *r,
							  assay_err *err)
{
	if (same_seats(t, now, n)) {
		for (size_t i = 0; i < n; i++)
			carry(&t->members[i], &now[i], r);
		return ASSAY_OK;
	}
	assay_status st = asy_tracker_check_distinct(now, n, err);
	asy_key_place *old = st == ASSAY_OK ? index_hotkeys(t->members, t->members_n, err) : NULL;
	if (old == NULL)
		return st == ASSAY_OK ? ASSAY_E_NOMEM : st;
	for (size_t i = 0; i < n; i++)
		carry(find_hotkey(t->members, t->members_n, old, now[i].hotkey), &now[i], r);
	r->removed = (uint32_t)(t->members_n + r->added - n);
	free(old);
	return ASSAY_OK;
}

static bool ascends(const member *m, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (m[i - 1].uid >= m[i].uid)
			return false;
	return true;
}

assay_status assay_tracker_sync(assay_tracker *t, const assay_member *members, size_t members_n,
								assay_sync_report *report, assay_err *err)
{
	assay_sync_report r = {0};
	if (members_n > ASSAY_TRACK_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu members, the limit is %u", members_n, ASSAY_TRACK_MAX);
	member *now = asy_calloc(members_n, sizeof *now);
	if (now == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tracker of %zu members: out of memory", members_n);
	for (size_t i = 0; i < members_n; i++) {
		now[i].uid = members[i].uid;
		now[i].registered_block = members[i].registered_block;
		memcpy(now[i].hotkey, members[i].hotkey, sizeof now[i].hotkey);
	}
	if (!ascends(now, members_n))
		qsort(now, members_n, sizeof *now, by_uid);
	assay_status st = carry_all(t, now, members_n, &r, err);
	if (st == ASSAY_OK) {
		member *before = t->members;
		t->members = now;
		t->members_n = members_n;
		now = before;
		if (report != NULL)
			*report = r;
	}
	free(now);
	return st;
}

assay_status asy_tracker_dup(const assay_tracker *t, assay_tracker **out, assay_err *err)
{
	assay_tracker *copy = asy_calloc(1, sizeof *copy);
	member *members = asy_calloc(t->members_n, sizeof *members);
	if (copy == NULL || members == NULL) {
		free(copy);
		free(members);
		return ASSAY_FAIL(err, E_NOMEM, "tracker of %zu members: out of memory", t->members_n);
	}
	*copy = *t;
	copy->members = members;
	if (t->members_n > 0)
		memcpy(members, t->members, t->members_n * sizeof *members);
	*out = copy;
	return ASSAY_OK;
}

assay_status asy_tracker_last_heard(const assay_tracker *t, const assay_member *who, size_t n,
									uint64_t *last_ns, assay_err *err)
{
	asy_key_place *sorted = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t at = asy_tracker_find_uid(t, who[i].uid);
		if (at < t->members_n && memcmp(t->members[at].hotkey, who[i].hotkey, 32) == 0) {
			last_ns[i] = t->members[at].last_ns;
			continue;
		}
		/* another seat since the last sync, or a newcomer */
		if (sorted == NULL && (sorted = index_hotkeys(t->members, t->members_n, err)) == NULL)
			return ASSAY_E_NOMEM;
		const member *m = find_hotkey(t->members, t->members_n, sorted, who[i].hotkey);
		last_ns[i] = m != NULL ? m->last_ns : 0;
	}
	free(sorted);
	return ASSAY_OK;
}
