/* One consistent view of a subnet at a block: building, copying, checking, asking.
 * Refuses sizes beyond the limits of subnet.h and rows that point outside; knows
 * nothing of where the values came from.
 * Reason to change: a reader needs another question answered from the same values. */
#include <stdlib.h>
#include "subnet/subnet.h"

#define SNAPSHOT_ARENA_MAX ((size_t)512 << 20)

static assay_status rows_empty(assay_snapshot *s, asy_rows *r, assay_err *err)
{
	r->start = asy_arena_array(s->arena, s->n + 1, sizeof *r->start);
	r->entry = asy_arena_array(s->arena, 1, sizeof *r->entry); /* never NULL: rows add to it */
	if (r->start == NULL || r->entry == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "rows of %zu neurons", s->n);
	return ASSAY_OK;
}

assay_status asy_snapshot_new(size_t n, assay_snapshot **out, assay_err *err)
{
	if (n > ASY_UIDS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a subnet of %zu neurons, limit %u", n, ASY_UIDS_MAX);
	assay_status st = ASSAY_OK;
	asy_arena *arena = asy_arena_new(SNAPSHOT_ARENA_MAX);
	assay_snapshot *s = arena == NULL ? NULL : asy_arena_take(arena, sizeof *s, 16);
	if (s == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "a snapshot of %zu neurons", n);
		goto out;
	}
	s->arena = arena;
	s->n = n;
	s->neuron = asy_arena_array(arena, n > 0 ? n : 1, sizeof *s->neuron);
	if (s->neuron == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "a snapshot of %zu neurons", n);
		goto out;
	}
	st = rows_empty(s, &s->weights, err);
	if (st == ASSAY_OK)
		st = rows_empty(s, &s->bonds, err);
	if (st == ASSAY_OK) {
		*out = s;
		arena = NULL;
	}
out:
	asy_arena_free(arena);
	return st;
}

void asy_snapshot_free(assay_snapshot *s)
{
	if (s != NULL)
		asy_arena_free(s->arena); /* the struct itself lives in it */
}

assay_status asy_snapshot_set_rows(assay_snapshot *s, asy_rows *which, const uint32_t *row_len,
								   const asy_entry *entries, assay_err *err)
{
	uint64_t total = 0;
	for (size_t i = 0; i < s->n; i++)
		total += row_len[i];
	if (total > ASY_ENTRIES_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%" PRIu64 " entries in %zu rows, limit %u", total, s->n,
						  ASY_ENTRIES_MAX);
	uint32_t *start = asy_arena_array(s->arena, s->n + 1, sizeof *start);
	asy_entry *entry = asy_arena_array(s->arena, total > 0 ? (size_t)total : 1, sizeof *entry);
	if (start == NULL || entry == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%" PRIu64 " row entries", total);
	if (total > 0)
		memcpy(entry, entries, (size_t)total * sizeof *entry);
	for (size_t i = 0; i < s->n; i++)
		start[i + 1] = start[i] + row_len[i];
	which->start = start;
	which->entry = entry;
	return ASSAY_OK;
}

assay_status asy_snapshot_set_commits(assay_snapshot *s, const asy_commit *commits, size_t n,
									  assay_err *err)
{
	if (n > ASY_COMMITS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu live commits, limit %u", n, ASY_COMMITS_MAX);
	asy_commit *copy = n == 0 ? NULL : asy_arena_dup(s->arena, commits, n * sizeof *copy);
	if (n > 0 && copy == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu live commits", n);
	s->commit = copy;
	s->commit_n = n;
	return ASSAY_OK;
}

assay_status asy_snapshot_set_consensus(assay_snapshot *s, const uint16_t *consensus, size_t n,
										assay_err *err)
{
	size_t kept = n < s->n ? n : s->n;
	uint16_t *copy = kept == 0 ? NULL : asy_arena_dup(s->arena, consensus, kept * sizeof *copy);
	if (kept > 0 && copy == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the stored consensus of %zu neurons", kept);
	s->previous_consensus = copy;
	s->previous_consensus_n = kept;
	return ASSAY_OK;
}

static assay_status dup_rows(assay_snapshot *to, asy_rows *into, const asy_rows *from,
							 assay_err *err)
{
	uint32_t *len = calloc(to->n > 0 ? to->n : 1, sizeof *len);
	if (len == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "copying %zu rows", to->n);
	for (size_t i = 0; i < to->n; i++)
		len[i] = (uint32_t)asy_row_len(from, i);
	assay_status st = asy_snapshot_set_rows(to, into, len, from->entry, err);
	free(len);
	return st;
}

assay_status asy_snapshot_dup(const assay_snapshot *s, assay_snapshot **out, assay_err *err)
{
	assay_snapshot *d = NULL;
	assay_status st = asy_snapshot_new(s->n, &d, err);
	if (st != ASSAY_OK)
		return st;
	/* every field, then the five that point into the source's arena */
	asy_neuron *neuron = d->neuron;
	asy_arena *arena = d->arena;
	*d = *s;
	d->neuron = neuron;
	d->arena = arena;
	d->commit = NULL;
	d->commit_n = 0;
	d->previous_consensus = NULL;
	d->previous_consensus_n = 0;
	if (s->n > 0)
		memcpy(d->neuron, s->neuron, s->n * sizeof *s->neuron);
	st = dup_rows(d, &d->weights, &s->weights, err);
	if (st == ASSAY_OK)
		st = dup_rows(d, &d->bonds, &s->bonds, err);
	if (st == ASSAY_OK)
		st = asy_snapshot_set_commits(d, s->commit, s->commit_n, err);
	if (st == ASSAY_OK)
		st = asy_snapshot_set_consensus(d, s->previous_consensus, s->previous_consensus_n, err);
	if (st == ASSAY_OK)
		*out = d;
	else
		asy_snapshot_free(d);
	return st;
}

static assay_status check_rows(const assay_snapshot *s, const asy_rows *r, const char *what,
							   assay_err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		const asy_entry *row = asy_row(r, i);
		for (size_t k = 0; k < asy_row_len(r, i); k++)
			if (row[k].uid >= s->n)
				return ASSAY_FAIL(err, E_INPUT, "%s of uid %zu name uid %u, of %zu", what, i,
								  row[k].uid, s->n);
	}
	return ASSAY_OK;
}

static asy_key_place *sort_hotkeys(const assay_snapshot *s, assay_err *err)
{
	asy_key_place *sorted = asy_calloc(s->n, sizeof *sorted);
	if (sorted == NULL)
		(void)ASSAY_FAIL(err, E_NOMEM, "%zu hotkeys in order", s->n);
	else if (s->n > 0)
		asy_keys_sort(s->neuron[0].hotkey.b, sizeof *s->neuron, s->n, sorted);
	return sorted;
}

static assay_status check_hotkeys(const assay_snapshot *s, assay_err *err)
{
	if (s->n < 2)
		return ASSAY_OK;
	asy_key_place *sorted = sort_hotkeys(s, err);
	if (sorted == NULL)
		return ASSAY_E_NOMEM;
	size_t twice = asy_keys_duplicate(s->neuron[0].hotkey.b, sizeof *s->neuron, sorted, s->n);
	assay_status st = ASSAY_OK;
	if (twice < s->n) {
		char hex[65];
		asy_hex_encode(hex, s->neuron[sorted[twice].at].hotkey.b, 32);
		st = ASSAY_FAIL(err, E_INPUT, "hotkey 0x%s is on two uids", hex);
	}
	free(sorted);
	return st;
}

assay_status asy_snapshot_check(const assay_snapshot *s, assay_err *err)
{
	if (s->netuid > ASY_NETUID_MAX || s->mecid > ASY_MECID_MAX)
		return ASSAY_FAIL(err, E_RANGE, "netuid %u mechanism %u, limits %u and %u", s->netuid,
						  s->mecid, ASY_NETUID_MAX, ASY_MECID_MAX);
	if (s->epoch.netuid != s->netuid)
		return ASSAY_FAIL(err, E_INPUT, "the epoch state is of netuid %u, the snapshot of %u",
						  s->epoch.netuid, s->netuid);
	if (s->has_owner_uid && s->owner_uid >= s->n)
		return ASSAY_FAIL(err, E_INPUT, "owner uid %u of %zu", s->owner_uid, s->n);
	assay_status st = check_rows(s, &s->weights, "weights", err);
	if (st == ASSAY_OK)
		st = check_rows(s, &s->bonds, "bonds", err);
	if (st == ASSAY_OK)
		st = check_hotkeys(s, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "snapshot of netuid %u at block %" PRIu64, s->netuid,
							s->block.number);
	return ASSAY_OK;
}

long asy_snapshot_find(const assay_snapshot *s, const asy_account *hotkey)
{
	for (size_t i = 0; i < s->n; i++)
		if (asy_account_eq(&s->neuron[i].hotkey, hotkey))
			return (long)i;
	return -1;
}

struct asy_uid_index {
	const assay_snapshot *s;
	asy_key_place *sorted;
};

assay_status asy_uid_index_new(const assay_snapshot *s, asy_uid_index **out, assay_err *err)
{
	asy_uid_index *x = asy_calloc(1, sizeof *x);
	if (x == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu hotkeys in order", s->n);
	*x = (asy_uid_index){s, sort_hotkeys(s, err)};
	if (x->sorted == NULL) {
		free(x);
		return ASSAY_E_NOMEM;
	}
	*out = x;
	return ASSAY_OK;
}

long asy_uid_index_find(const asy_uid_index *x, const asy_account *hotkey)
{
	const assay_snapshot *s = x->s;
	if (s->n == 0)
		return -1;
	size_t at = asy_keys_find(s->neuron[0].hotkey.b, sizeof *s->neuron, x->sorted, s->n, hotkey->b);
	return at < s->n ? (long)at : -1;
}

void asy_uid_index_free(asy_uid_index *x)
{
	if (x == NULL)
		return;
	free(x->sorted);
	free(x);
}

/* mirrors: subtensor epoch/run_epoch.rs commit-reveal column mask, spec 425. Of the
 * hash queue only the first unexpired entry counts, of timelock entries each one;
 * queue order is the snapshot's order. */
uint64_t asy_snapshot_commit_block(const assay_snapshot *s, const asy_account *hotkey,
								   uint64_t current_epoch)
{
	uint64_t least = UINT64_MAX;
	bool hash_seen = false;
	for (size_t i = 0; i < s->commit_n; i++) {
		const asy_commit *c = &s->commit[i];
		if (!asy_account_eq(&c->hotkey, hotkey) || (c->kind == ASY_COMMIT_HASH && hash_seen))
			continue;
		if (current_epoch > asy_sat_add_u64(c->epoch, s->hyper.reveal_period_epochs))
			continue;
		hash_seen = hash_seen || c->kind == ASY_COMMIT_HASH;
		least = c->block < least ? c->block : least;
	}
	return least;
}

uint64_t asy_activity_cutoff(const asy_hyper *h, uint16_t tempo)
{
	if (h->activity_cutoff_factor_milli == 0)
		return h->activity_cutoff;
	uint64_t blocks = (uint64_t)h->activity_cutoff_factor_milli * tempo / 1000;
	return blocks > 0 ? blocks : 1;
}
