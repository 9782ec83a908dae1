/* Storage values that are lists: weight rows, commit queues, delegations. Each decoder
 * takes a span and a limit and refuses left-over bytes.
 * Reason to change: the chain changes one of these values. */
#include "schedule/schedule.h"
#include "chain/impl.h"

assay_status asy_decode_row(assay_span bytes, asy_buf *out, uint32_t *len, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	size_t n = 0;
	assay_status st = asy_scale_count(&in, 4, ASY_UIDS_MAX, &n, err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(out, n * sizeof(asy_entry), err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		asy_entry e = {0, 0};
		st = asy_scale_u16(&in, &e.uid, err);
		if (st == ASSAY_OK)
			st = asy_scale_u16(&in, &e.value, err);
		if (st == ASSAY_OK)
			st = asy_buf_add(out, &e, sizeof e, err);
	}
	if (st == ASSAY_OK)
		st = asy_scale_end(&in, err);
	if (st == ASSAY_OK)
		*len = (uint32_t)n;
	return st;
}

/* (H256, u64): one commitment and its block, of the first runtimes that had any. */
static assay_status decode_only_commit(assay_span bytes, const asy_account *hotkey,
									   const asy_epoch_state *epoch, asy_commit *out, size_t cap,
									   size_t *n, assay_err *err)
{
	asy_commit c = {.kind = ASY_COMMIT_HASH, .hotkey = *hotkey};
	if (cap == 0)
		return ASSAY_FAIL(err, E_LIMIT, "a commitment where none was expected");
	memcpy(c.hash.b, bytes.ptr, sizeof c.hash.b);
	c.block = asy_get_u64le(bytes.ptr + sizeof c.hash.b);
	c.epoch = asy_schedule_lookahead(epoch, c.block);
	out[0] = c;
	*n = 1;
	return ASSAY_OK;
}

/* Vec<(H256, u64, u64, u64)>: (hash, epoch, block, 0), or before the stateful clock
 * (hash, block, first reveal block, last reveal block). No such list is as long as the one
 * commitment that the first runtimes kept. */
assay_status asy_decode_commits(assay_span bytes, const asy_account *hotkey,
								const asy_epoch_state *epoch, asy_commit *out, size_t cap,
								size_t *n, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	size_t count = 0;
	assay_span hash;
	if (bytes.len == sizeof out->hash.b + 8)
		return decode_only_commit(bytes, hotkey, epoch, out, cap, n, err);
	uint64_t v[3];
	assay_status st = asy_scale_count(&in, 56, cap, &count, err);
	for (size_t i = 0; i < count && st == ASSAY_OK; i++) {
		asy_commit c = {.kind = ASY_COMMIT_HASH, .hotkey = *hotkey};
		st = asy_scale_raw(&in, sizeof c.hash.b, &hash, err);
		if (st == ASSAY_OK)
			memcpy(c.hash.b, hash.ptr, sizeof c.hash.b);
		for (size_t k = 0; k < ASY_COUNT(v) && st == ASSAY_OK; k++)
			st = asy_scale_u64(&in, &v[k], err);
		if (st != ASSAY_OK)
			break;
		c.block = epoch->stateful ? v[1] : v[0];
		c.epoch = epoch->stateful ? v[0] : asy_schedule_lookahead(epoch, v[0]);
		out[i] = c;
	}
	if (st == ASSAY_OK)
		st = asy_scale_end(&in, err);
	if (st == ASSAY_OK)
		*n = count;
	return st;
}
