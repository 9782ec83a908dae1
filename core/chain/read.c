/* Many storage values at one block in few requests (state_queryStorageAt). Keys are
 * gathered first, then read in chunks, then taken by index. Refuses values for keys that
 * were not asked for.
 * Reason to change: another way of reading many keys. */
#include <stdlib.h>
#include "chain/impl.h"

#define KEYS_A_REQUEST 512u

size_t asy_read_add(asy_read *r, const asy_chain *c, asy_item item, const assay_span *keys,
					size_t keys_n)
{
	if (r->st != ASSAY_OK)
		return 0;
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 256 : 2 * r->cap;
		asy_read_slot *slot = realloc(r->slot, cap * sizeof *slot);
		if (slot == NULL) {
			r->st = ASSAY_E_NOMEM;
			return 0;
		}
		r->slot = slot;
		r->cap = cap;
	}
	asy_read_slot *s = &r->slot[r->n];
	*s = (asy_read_slot){.key = r->keys.len, .item = item};
	if (c->items.item[item] != NULL)
		r->st = asy_storage_key(c->items.pallet[item], c->items.item[item], keys, keys_n, &r->keys,
								NULL);
	s->key_len = r->keys.len - s->key;
	return r->n++;
}

size_t asy_read_add0(asy_read *r, const asy_chain *c, asy_item item)
{
	return asy_read_add(r, c, item, NULL, 0);
}

size_t asy_read_add_u16(asy_read *r, const asy_chain *c, asy_item item, uint16_t a)
{
	uint8_t le[2];
	asy_put_u16le(le, a);
	const assay_span key = asy_span(le, sizeof le);
	return asy_read_add(r, c, item, &key, 1);
}

size_t asy_read_add_u16_u16(asy_read *r, const asy_chain *c, asy_item item, uint16_t a, uint16_t b)
{
	uint8_t le[4];
	asy_put_u16le(le, a);
	asy_put_u16le(le + 2, b);
	const assay_span keys[2] = {asy_span(le, 2), asy_span(le + 2, 2)};
	return asy_read_add(r, c, item, keys, 2);
}

/* ---- one request ---- */

static assay_status put_key(asy_jw *w, asy_buf *scratch, const asy_read *r, const asy_read_slot *s,
							assay_err *err)
{
	asy_buf_reset(scratch);
	assay_status st = asy_buf_add_str(scratch, "0x", err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(scratch, 2 * s->key_len + 1, err);
	if (st != ASSAY_OK)
		return st;
	asy_hex_encode((char *)scratch->ptr + 2, r->keys.ptr + s->key, s->key_len);
	asy_jw_strn(w, (const char *)scratch->ptr, 2 + 2 * s->key_len);
	return ASSAY_OK;
}

/* The slot of [from, to) asked for with this key, trying the expected one first: nodes
 * answer in the order asked, but nothing promises it. */
static asy_read_slot *slot_of(asy_read *r, size_t expected, size_t from, size_t to, assay_span key)
{
	for (size_t k = 0; k <= to - from; k++) {
		size_t i = k == 0 ? expected : from + k - 1;
		if (i < from || i >= to)
			continue;
		asy_read_slot *s = &r->slot[i];
		if (s->key_len > 0 && asy_span_eq(asy_span(r->keys.ptr + s->key, s->key_len), key))
			return s;
	}
	return NULL;
}

static assay_status take_change(asy_read *r, size_t *expected, size_t from, size_t to, asy_jv pair,
								asy_buf *key, assay_err *err)
{
	bool some = false;
	asy_buf_reset(key);
	assay_status st = asy_rpc_hex(asy_jv_at(pair, 0), key, &some, err);
	if (st != ASSAY_OK)
		return st;
	while (*expected < to && r->slot[*expected].key_len == 0)
		(*expected)++;
	asy_read_slot *s = some ? slot_of(r, *expected, from, to, asy_buf_span(key)) : NULL;
	if (s == NULL)
		return ASSAY_FAIL(err, E_FORMAT, "the node sent a value that was not asked for");
	size_t at = r->values.len;
	st = asy_rpc_hex(asy_jv_at(pair, 1), &r->values, &some, err);
	if (st != ASSAY_OK)
		return st;
	s->answered = true;
	s->present = some;
	s->value = at;
	s->value_len = r->values.len - at;
	*expected = (size_t)(s - r->slot) + 1;
	return ASSAY_OK;
}

/* A node answers a key once even when it was asked twice. */
static assay_status share_answers(asy_read *r, size_t from, size_t to, assay_err *err)
{
	for (size_t i = from; i < to; i++) {
		asy_read_slot *s = &r->slot[i], *other = NULL;
		if (s->key_len == 0 || s->answered)
			continue;
		for (size_t k = from; k < to && other == NULL; k++)
			if (r->slot[k].answered && r->slot[k].key_len == s->key_len &&
				memcmp(r->keys.ptr + r->slot[k].key, r->keys.ptr + s->key, s->key_len) == 0)
				other = &r->slot[k];
		if (other == NULL)
			return ASSAY_FAIL(err, E_FORMAT, "state_queryStorageAt: a key was not answered");
		s->answered = true;
		s->present = other->present;
		s->value = other->value;
		s->value_len = other->value_len;
	}
	return ASSAY_OK;
}

static assay_status take_changes(asy_read *r, size_t from, size_t to, size_t asked, asy_jv result,
								 assay_err *err)
{
	asy_jv changes = asy_jv_get(asy_jv_at(result, 0), "changes");
	if (asy_jv_kind(result) != ASY_J_ARRAY || asy_jv_size(result) != 1 ||
		asy_jv_kind(changes) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_FORMAT, "state_queryStorageAt: not one set of changes");
	if (asy_jv_size(changes) > asked)
		return ASSAY_FAIL(err, E_FORMAT, "state_queryStorageAt: %zu values for %zu keys",
						  asy_jv_size(changes), asked);
	asy_buf key = {0};
	size_t expected = from;
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < asy_jv_size(changes) && st == ASSAY_OK; i++)
		st = take_change(r, &expected, from, to, asy_jv_at(changes, i), &key, err);
	asy_buf_fini(&key);
	return st == ASSAY_OK ? share_answers(r, from, to, err) : st;
}

static assay_status run_chunk(asy_read *r, asy_chain *c, const asy_hash *at, size_t from, size_t to,
							  assay_err *err)
{
	asy_buf params = {0}, scratch = {0};
	asy_rpc_reply reply = {.doc = NULL};
	assay_status st = ASSAY_OK;
	size_t asked = 0;
	asy_jw w = asy_jw_out(&params, 0);
	asy_jw_array(&w);
	asy_jw_array(&w);
	for (size_t i = from; i < to && st == ASSAY_OK; i++) {
		if (r->slot[i].key_len == 0)
			continue;
		st = put_key(&w, &scratch, r, &r->slot[i], err);
		asked++;
	}
	asy_jw_end_array(&w);
	asy_jw_hash(&w, at);
	asy_jw_end_array(&w);
	if (st == ASSAY_OK)
		st = asy_jw_end(&w, err);
	if (st == ASSAY_OK && asked > 0)
		st = asy_rpc_call(c, "state_queryStorageAt", asy_buf_span(&params), &reply, err);
	if (st == ASSAY_OK && asked > 0)
		st = take_changes(r, from, to, asked, reply.result, err);
	asy_rpc_reply_fini(&reply);
	asy_buf_fini(&scratch);
	asy_buf_fini(&params);
	return st;
}

assay_status asy_read_run(asy_read *r, asy_chain *c, const asy_hash *at, assay_err *err)
{
	if (r->st != ASSAY_OK)
		return asy_err_set(err, r->st, "gathering %zu storage keys", r->n);
	for (size_t from = 0; from < r->n; from += KEYS_A_REQUEST) {
		size_t to = r->n - from > KEYS_A_REQUEST ? from + KEYS_A_REQUEST : r->n;
		assay_status st = run_chunk(r, c, at, from, to, err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

/* ---- taking ---- */

bool asy_read_get(const asy_read *r, const asy_chain *c, size_t i, assay_span *out)
{
	const asy_read_slot *s = &r->slot[i];
	if (s->present) {
		*out = asy_span(r->values.ptr + s->value, s->value_len);
		return true;
	}
	const asy_storage_item *it = c->items.item[s->item];
	if (it == NULL || it->optional)
		return false;
	*out = it->fallback;
	return true;
}

uint64_t asy_read_int(const asy_read *r, const asy_chain *c, size_t i, uint64_t fallback)
{
	assay_span s;
	if (!asy_read_get(r, c, i, &s) || s.len == 0 || s.len > 8)
		return fallback;
	uint64_t v = 0;
	for (size_t k = s.len; k > 0; k--)
		v = v << 8 | s.ptr[k - 1];
	return v;
}

void asy_read_fini(asy_read *r)
{
	asy_buf_fini(&r->keys);
	asy_buf_fini(&r->values);
	free(r->slot);
	*r = (asy_read){.slot = NULL};
}
