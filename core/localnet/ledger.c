/* Ledger: block execution in the chain's order (initialise, inherent, extrinsics, seal)
 * and a ring of the last blocks.
 * Reason to change: as ledger.h. */
#include <stdlib.h>
#include "localnet/ledger.h"

static void block_fini(lnet_block *b)
{
	for (size_t i = 0; i < b->extrinsics_n; i++)
		asy_buf_fini(&b->extrinsic[i]);
	free(b->extrinsic);
	*b = (lnet_block){0};
}

assay_status asy_lnet_ledger_new(size_t history, lnet_ledger **out, assay_err *err)
{
	lnet_ledger *l = asy_calloc(1, sizeof *l);
	if (l != NULL) {
		l->history = history < 2 ? 2 : history;
		l->ring = asy_calloc(l->history, sizeof *l->ring);
		l->rt.state = asy_lnet_state_new(l->history);
	}
	if (l == NULL || l->ring == NULL || l->rt.state == NULL) {
		asy_lnet_ledger_free(l);
		return ASSAY_FAIL(err, E_NOMEM, "a chain that remembers %zu blocks", history);
	}
	*out = l;
	return ASSAY_OK;
}

void asy_lnet_ledger_free(lnet_ledger *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; l->ring != NULL && i < l->history; i++)
		block_fini(&l->ring[i]);
	block_fini(&l->building);
	free(l->ring);
	asy_buf_fini(&l->rt.events);
	asy_lnet_state_free(l->rt.state);
	free(l);
}

static void put_hash(lnet_state *s, lnet_key k, const asy_hash *h)
{
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(h->b, sizeof h->b));
}

/* Header: parent, number, the two roots, an empty digest; the hash is its blake2. */
static assay_status seal(lnet_ledger *l, assay_err *err)
{
	lnet_block *b = &l->building;
	asy_blake2b_state h;
	asy_buf header = {0};
	asy_blake2b_init(&h, 32);
	for (size_t i = 0; i < b->extrinsics_n; i++)
		asy_blake2b_update(&h, b->extrinsic[i].ptr, b->extrinsic[i].len);
	asy_blake2b_final(&h, b->extrinsics_root.b, 32);
	assay_status st = asy_lnet_state_seal(l->rt.state, b->state_root.b, err);
	asy_scale_w w = asy_scale_out(&header);
	asy_scale_put_raw(&w, b->parent.b, 32);
	asy_scale_put_compact(&w, b->number);
	asy_scale_put_raw(&w, b->state_root.b, 32);
	asy_scale_put_raw(&w, b->extrinsics_root.b, 32);
	asy_scale_put_compact(&w, 0);
	assay_status wrote = asy_scale_out_end(&w, err);
	if (st == ASSAY_OK)
		st = wrote;
	if (st == ASSAY_OK) {
		asy_blake2b(header.ptr, header.len, b->hash.b, 32);
		lnet_block *slot = &l->ring[b->number % l->history];
		block_fini(slot);
		*slot = *b;
		l->head = b->number;
		l->building = (lnet_block){0};
	}
	asy_buf_fini(&header);
	return st;
}

assay_status asy_lnet_ledger_genesis(lnet_ledger *l, assay_err *err)
{
	l->building = (lnet_block){0};
	assay_status st = seal(l, err);
	if (st == ASSAY_OK)
		l->genesis = asy_lnet_head(l)->hash;
	return st;
}

static assay_status keep(lnet_block *b, assay_span bytes, assay_err *err)
{
	asy_buf *list = realloc(b->extrinsic, (b->extrinsics_n + 1) * sizeof *list);
	if (list == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "extrinsic %zu of a block", b->extrinsics_n);
	b->extrinsic = list;
	list[b->extrinsics_n] = (asy_buf){0};
	assay_status st = asy_buf_add(&list[b->extrinsics_n], bytes.ptr, bytes.len, err);
	if (st == ASSAY_OK)
		b->extrinsics_n++;
	return st;
}

static assay_status inherent(lnet_ledger *l, assay_err *err)
{
	asy_buf bytes = {0};
	lnet_extrinsic x;
	uint64_t now = asy_sat_add_u64(asy_lnet_read0(l->rt.state, LNET_S_NOW), l->step_ms);
	assay_status st = asy_lnet_inherent_encode(now, &bytes, err);
	if (st == ASSAY_OK)
		st = asy_lnet_extrinsic_decode(asy_buf_span(&bytes), &x, err);
	if (st == ASSAY_OK)
		st = keep(&l->building, asy_buf_span(&bytes), err);
	if (st == ASSAY_OK) {
		l->rt.extrinsic = 0;
		asy_lnet_event_outcome(&l->rt, asy_lnet_dispatch(&l->rt, &x), true, true);
	}
	asy_buf_fini(&bytes);
	return st;
}

assay_status asy_lnet_ledger_begin(lnet_ledger *l, assay_err *err)
{
	lnet_rt *rt = &l->rt;
	const lnet_block *parent = asy_lnet_head(l);
	block_fini(&l->building);
	l->building.number = rt->block = l->head + 1;
	l->building.parent = parent->hash;
	asy_buf_reset(&rt->events);
	rt->events_n = 0;
	rt->extrinsic = -1;
	asy_lnet_write0(rt->state, LNET_S_NUMBER, rt->block);
	put_hash(rt->state, asy_lnet_key(LNET_S_PARENT_HASH), &parent->hash);
	put_hash(rt->state, asy_lnet_key_u32(LNET_S_BLOCK_HASH, (uint32_t)l->head), &parent->hash);
	if (rt->block > LNET_HASHES_KEPT + 1) {
		lnet_key old =
			asy_lnet_key_u32(LNET_S_BLOCK_HASH, (uint32_t)(rt->block - LNET_HASHES_KEPT - 2));
		asy_lnet_state_del(rt->state, asy_lnet_key_span(&old));
	}
	assay_status st = asy_lnet_on_initialize(rt, err);
	return st == ASSAY_OK ? inherent(l, err) : st;
}

/* Signature, era and payment facts that do not depend on the call. at: the number of
 * the block the extrinsic would be in. */
static lnet_validity validate_at(const lnet_ledger *l, const lnet_extrinsic *x, uint64_t at)
{
	const asy_hash *birth = &l->genesis;
	lnet_account a = asy_lnet_account_get(l->rt.state, &x->signer);
	if (!x->is_signed)
		return LNET_UNSIGNED;
	if (x->mortal) {
		uint64_t n = asy_lnet_era_birth(x, at);
		const lnet_block *b = n + LNET_HASHES_KEPT >= at ? asy_lnet_block_at(l, n) : NULL;
		if (b == NULL)
			return LNET_ANCIENT;
		birth = &b->hash;
	}
	if (!asy_lnet_extrinsic_verify(x, asy_lnet_state_generation(l->rt.state)->spec, &l->genesis,
								   birth))
		return LNET_BAD_SIGNATURE;
	if (x->nonce < a.nonce)
		return LNET_STALE;
	if (x->nonce > a.nonce)
		return LNET_FUTURE;
	return a.free < x->tip ? LNET_PAYMENT : LNET_VALID;
}

lnet_validity asy_lnet_validate(const lnet_ledger *l, const lnet_extrinsic *x, uint8_t *custom)
{
	lnet_validity v = validate_at(l, x, l->head + 1);
	if (v != LNET_VALID && v != LNET_FUTURE)
		return v;
	lnet_rt view = {.state = l->rt.state, .block = l->head + 1};
	lnet_validity c = asy_lnet_check_call(&view, x, custom);
	return c == LNET_VALID ? v : c;
}

bool asy_lnet_ledger_apply(lnet_ledger *l, const lnet_extrinsic *x)
{
	lnet_rt *rt = &l->rt;
	/* The pool's checks of the call looked at the head before this block. What has
	 * changed since then fails in the dispatch, on record, rather than vanish. */
	if (l->building.extrinsics_n >= LNET_BLOCK_EXTRINSICS_MAX ||
		validate_at(l, x, rt->block) != LNET_VALID)
		return false;
	if (keep(&l->building, x->bytes, NULL) != ASSAY_OK) {
		asy_lnet_state_poison(rt->state);
		return false;
	}
	rt->extrinsic = (int64_t)l->building.extrinsics_n - 1;
	lnet_account a = asy_lnet_account_get(rt->state, &x->signer);
	a.nonce++;
	a.free -= x->tip;
	asy_lnet_account_put(rt->state, &x->signer, &a);
	asy_lnet_event_outcome(rt, asy_lnet_dispatch(rt, x), false, x->call == LNET_C_BURNED_REGISTER);
	return true;
}

assay_status asy_lnet_ledger_end(lnet_ledger *l, assay_err *err)
{
	lnet_rt *rt = &l->rt;
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	lnet_key k = asy_lnet_key(LNET_S_EVENTS);
	asy_scale_put_compact(&w, rt->events_n);
	asy_scale_put_raw(&w, rt->events.ptr, rt->events.len);
	assay_status st = asy_scale_out_end(&w, err);
	if (st == ASSAY_OK) {
		asy_lnet_state_put(rt->state, asy_lnet_key_span(&k), asy_buf_span(&out));
		asy_lnet_write0(rt->state, LNET_S_EVENT_COUNT, rt->events_n);
		asy_lnet_write0(rt->state, LNET_S_EXTRINSIC_COUNT, l->building.extrinsics_n);
		st = seal(l, err);
	}
	asy_buf_fini(&out);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "block %" PRIu64, rt->block);
}

const lnet_block *asy_lnet_block_at(const lnet_ledger *l, uint64_t number)
{
	if (number > l->head || number + l->history <= l->head)
		return NULL;
	return &l->ring[number % l->history];
}

const lnet_block *asy_lnet_block_by_hash(const lnet_ledger *l, const asy_hash *hash)
{
	for (uint64_t n = l->head;; n--) {
		const lnet_block *b = asy_lnet_block_at(l, n);
		if (b == NULL || asy_hash_eq(&b->hash, hash))
			return b;
		if (n == 0)
			return NULL;
	}
}
