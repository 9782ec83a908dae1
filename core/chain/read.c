/* Many storage values at one block in few requests (state_queryStorageAt). Keys are
 * gathered first, then read in chunks, several at once, then taken by index. Refuses values
 * for keys that were not asked for.
 * Reason to change: another way of reading many keys. */
#include <stdlib.h>
#include "chain/impl.h"

#define KEYS_A_REQUEST 1000u
/*~ What the answers that are under way may be together, and one of them. The values of a
 * chunk are known to fit before it is asked for: most are a few bytes, a weight row has four
 * bytes per neuron, twice that as hex. So a node that sends more is wrong, and what it can
 * make us hold is bounded. */
#define TEXT_AT_ONCE ((size_t)24 << 20)
#define TEXT_OF_CHUNK ((size_t)4 << 20)
#define TEXT_OF_SMALL 256u

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

/* ---- chunks ---- */

/* The most text that the value of a slot can take, with its key and the quotes. */
static size_t text_of(const asy_read *r, const asy_read_slot *s)
{
	const size_t n = r->rows_of != 0 ? r->rows_of : ASY_UIDS_MAX;
	size_t value = TEXT_OF_SMALL;
	switch (s->item) {
	case ITEM_WEIGHTS:
	case ITEM_BONDS:
		value = 2 * (4 * n + 8);
		break;
	case ITEM_LAST_UPDATE:
	case ITEM_EMISSION:
		value = 2 * (8 * n + 8);
		break;
	case ITEM_INCENTIVE:
	case ITEM_CONSENSUS:
	case ITEM_DIVIDENDS:
	case ITEM_VTRUST:
	case ITEM_STAKE_WEIGHT:
	case ITEM_STORED_CONSENSUS:
	case ITEM_ACTIVE:
	case ITEM_PERMIT:
		value = 2 * (2 * n + 8);
		break;
	case ITEM_PARENT_KEYS:
	case ITEM_CHILD_KEYS:
	case ITEM_WEIGHT_COMMITS:
	case ITEM_BEACON:
		value = 8192;
		break;
	case ITEM_TIMELOCKED:
	case ITEM_EVENTS:
		value = TEXT_OF_CHUNK;
		break;
	default:
		break;
	}
	return value + 2 * s->key_len + 16;
}

typedef struct {
	size_t from, to, asked, text;
	asy_buf params; /* owned */
} chunk;

static chunk next_chunk(const asy_read *r, size_t from)
{
	chunk k = {.from = from, .to = from, .text = 1024};
	while (k.to < r->n && k.asked < KEYS_A_REQUEST) {
		const asy_read_slot *s = &r->slot[k.to];
		size_t text = s->key_len > 0 ? text_of(r, s) : 0;
		if (k.asked > 0 && k.text + text > TEXT_OF_CHUNK)
			break;
		k.text += text;
		k.asked += s->key_len > 0;
		k.to++;
	}
	return k;
}

static assay_status put_params(chunk *k, const asy_read *r, const asy_hash *at, assay_err *err)
{
	asy_buf scratch = {0};
	assay_status st = ASSAY_OK;
	asy_jw w = asy_jw_out(&k->params, 0);
	asy_jw_array(&w);
	asy_jw_array(&w);
	for (size_t i = k->from; i < k->to && st == ASSAY_OK; i++)
		if (r->slot[i].key_len > 0)
			st = put_key(&w, &scratch, r, &r->slot[i], err);
	asy_jw_end_array(&w);
	asy_jw_hash(&w, at);
	asy_jw_end_array(&w);
	asy_buf_fini(&scratch);
	return st == ASSAY_OK ? asy_jw_end(&w, err) : st;
}

static assay_status run_chunks(asy_read *r, asy_chain *c, const chunk *k, size_t n, assay_err *err)
{
	asy_rpc_ask asks[ASY_RPC_ASKS_MAX];
	asy_rpc_reply replies[ASY_RPC_ASKS_MAX] = {{.doc = NULL}};
	for (size_t i = 0; i < n; i++)
		asks[i] = (asy_rpc_ask){asy_buf_span(&k[i].params), k[i].text};
	assay_status st = asy_rpc_call_many(c, "state_queryStorageAt", asks, n, replies, err);
	for (size_t i = 0; i < n; i++) {
		if (st == ASSAY_OK)
			st = take_changes(r, k[i].from, k[i].to, k[i].asked, replies[i].result, err);
		asy_rpc_reply_fini(&replies[i]);
	}
	return st;
}

static void forget_answers(asy_read *r)
{
	r->values.len = 0;
	for (size_t i = 0; i < r->n; i++)
		r->slot[i].answered = r->slot[i].present = false;
}

assay_status asy_read_run(asy_read *r, asy_chain *c, const asy_hash *at, assay_err *err)
{
	chunk under_way[ASY_RPC_ASKS_MAX];
	assay_status st = ASSAY_OK;
	if (r->st != ASSAY_OK)
		return asy_err_set(err, r->st, "gathering %zu storage keys", r->n);
	forget_answers(r);
	for (size_t from = 0; from < r->n && st == ASSAY_OK;) {
		size_t n = 0, text = 0;
		while (from < r->n && n < ASY_RPC_ASKS_MAX && st == ASSAY_OK) {
			chunk k = next_chunk(r, from);
			if (n > 0 && text + k.text > TEXT_AT_ONCE)
				break;
			from = k.to;
			if (k.asked == 0)
				continue;
			st = put_params(&k, r, at, err);
			text += k.text;
			under_way[n++] = k;
		}
		if (st == ASSAY_OK && n > 0)
			st = run_chunks(r, c, under_way, n, err);
		for (size_t i = 0; i < n; i++)
			asy_buf_fini(&under_way[i].params);
	}
	return st;
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
