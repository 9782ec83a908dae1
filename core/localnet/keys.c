/* Keys: hashing by the row, widths by the row's type. Values were written by this
 * module, so a value of the wrong width is a bug, except after a test control put
 * arbitrary bytes: readers therefore take what is there and pad with zeros.
 * Reason to change: as keys.h. */
#include "crypto/crypto.h"
#include "localnet/keys.h"

lnet_key asy_lnet_key(lnet_item item)
{
	const lnet_storage_row *row = &asy_lnet_storage[item];
	const char *pallet = NULL;
	lnet_key k = {.len = 32};
	for (size_t i = 0; i < asy_lnet_pallets_n; i++)
		if (asy_lnet_pallets[i].index == row->pallet)
			pallet = asy_lnet_pallets[i].name;
	ASSERT(pallet != NULL);
	asy_twox(pallet, strlen(pallet), k.bytes, 2);
	asy_twox(row->name, strlen(row->name), k.bytes + 16, 2);
	return k;
}

static void add(lnet_key *k, char hasher, const void *p, size_t len)
{
	if (hasher == 'B') {
		asy_blake2b(p, len, k->bytes + k->len, 16);
		k->len += 16;
	} else if (hasher == 'T') {
		asy_twox(p, len, k->bytes + k->len, 1);
		k->len += 8;
	} else {
		ASSERT(hasher == 'I');
	}
	memcpy(k->bytes + k->len, p, len);
	k->len += len;
}

static void add_u16(lnet_key *k, char hasher, uint16_t v)
{
	uint8_t b[2];
	asy_put_u16le(b, v);
	add(k, hasher, b, sizeof b);
}

lnet_key asy_lnet_key_u16(lnet_item item, uint16_t a)
{
	lnet_key k = asy_lnet_key(item);
	add_u16(&k, asy_lnet_storage[item].hashers[0], a);
	return k;
}

lnet_key asy_lnet_key_u32(lnet_item item, uint32_t a)
{
	lnet_key k = asy_lnet_key(item);
	uint8_t b[4];
	asy_put_u32le(b, a);
	add(&k, asy_lnet_storage[item].hashers[0], b, sizeof b);
	return k;
}

static void add_u64(lnet_key *k, char hasher, uint64_t v)
{
	uint8_t b[8];
	asy_put_u64le(b, v);
	add(k, hasher, b, sizeof b);
}

lnet_key asy_lnet_key_u64(lnet_item item, uint64_t a)
{
	lnet_key k = asy_lnet_key(item);
	add_u64(&k, asy_lnet_storage[item].hashers[0], a);
	return k;
}

lnet_key asy_lnet_key_u16_u64(lnet_item item, uint16_t a, uint64_t b)
{
	lnet_key k = asy_lnet_key_u16(item, a);
	add_u64(&k, asy_lnet_storage[item].hashers[1], b);
	return k;
}

lnet_key asy_lnet_key_u16x2(lnet_item item, uint16_t a, uint16_t b)
{
	lnet_key k = asy_lnet_key_u16(item, a);
	add_u16(&k, asy_lnet_storage[item].hashers[1], b);
	return k;
}

lnet_key asy_lnet_key_account(lnet_item item, const asy_account *a)
{
	lnet_key k = asy_lnet_key(item);
	add(&k, asy_lnet_storage[item].hashers[0], a->b, sizeof a->b);
	return k;
}

lnet_key asy_lnet_key_u16_account(lnet_item item, uint16_t a, const asy_account *b)
{
	lnet_key k = asy_lnet_key_u16(item, a);
	add(&k, asy_lnet_storage[item].hashers[1], b->b, sizeof b->b);
	return k;
}

lnet_key asy_lnet_key_account_u16(lnet_item item, const asy_account *a, uint16_t b)
{
	lnet_key k = asy_lnet_key_account(item, a);
	add_u16(&k, asy_lnet_storage[item].hashers[1], b);
	return k;
}

static size_t width(lnet_item item)
{
	const char *t = asy_lnet_storage[item].value;
	if (strcmp(t, "u16") == 0 || strcmp(t, "i16") == 0)
		return 2;
	if (strcmp(t, "u32") == 0)
		return 4;
	if (strcmp(t, "u64") == 0)
		return 8;
	ASSERT(strcmp(t, "u8") == 0 || strcmp(t, "bool") == 0);
	return 1;
}

uint64_t asy_lnet_read(const lnet_state *s, lnet_item item, lnet_key key)
{
	assay_span v;
	uint8_t raw[8] = {0};
	if (asy_lnet_state_get(s, asy_lnet_key_span(&key), &v)) {
		memcpy(raw, v.ptr, v.len < width(item) ? v.len : width(item));
	} else {
		bool is_hex = asy_hex_decode(asy_lnet_storage[item].fallback, raw, width(item));
		ASSERT(is_hex || asy_lnet_storage[item].modifier == 'O');
	}
	return asy_get_u64le(raw);
}

void asy_lnet_write(lnet_state *s, lnet_item item, lnet_key key, uint64_t value)
{
	uint8_t raw[8];
	asy_put_u64le(raw, value);
	asy_lnet_state_put(s, asy_lnet_key_span(&key), asy_span(raw, width(item)));
}

uint64_t asy_lnet_read0(const lnet_state *s, lnet_item item)
{
	return asy_lnet_read(s, item, asy_lnet_key(item));
}

void asy_lnet_write0(lnet_state *s, lnet_item item, uint64_t value)
{
	asy_lnet_write(s, item, asy_lnet_key(item), value);
}

uint64_t asy_lnet_read1(const lnet_state *s, lnet_item item, uint16_t a)
{
	return asy_lnet_read(s, item, asy_lnet_key_u16(item, a));
}

void asy_lnet_write1(lnet_state *s, lnet_item item, uint16_t a, uint64_t value)
{
	asy_lnet_write(s, item, asy_lnet_key_u16(item, a), value);
}

asy_account asy_lnet_read_account(const lnet_state *s, lnet_key key)
{
	asy_account a = {{0}};
	assay_span v;
	if (asy_lnet_state_get(s, asy_lnet_key_span(&key), &v) && v.len == sizeof a.b)
		memcpy(a.b, v.ptr, sizeof a.b);
	return a;
}

bool asy_lnet_uid(const lnet_state *s, uint16_t netuid, const asy_account *hotkey, uint16_t *uid)
{
	lnet_key k = asy_lnet_key_u16_account(LNET_S_UIDS, netuid, hotkey);
	assay_span v;
	if (!asy_lnet_state_get(s, asy_lnet_key_span(&k), &v) || v.len != 2)
		return false;
	*uid = asy_get_u16le(v.ptr);
	return true;
}

/* The elements of a stored vector; empty when absent or cut short. */
static assay_span elements(const lnet_state *s, const lnet_key *key, size_t size, size_t *n)
{
	assay_span v, none = {NULL, 0};
	*n = 0;
	if (!asy_lnet_state_get(s, asy_lnet_key_span(key), &v))
		return none;
	asy_scale in = asy_scale_in(v);
	if (asy_scale_count(&in, size, SIZE_MAX / size, n, NULL) != ASSAY_OK) {
		*n = 0;
		return none;
	}
	return asy_span(v.ptr + in.at, *n * size);
}

uint64_t asy_lnet_vec_u64_at(const lnet_state *s, lnet_key key, size_t i)
{
	size_t n;
	assay_span v = elements(s, &key, 8, &n);
	return i < n ? asy_get_u64le(v.ptr + 8 * i) : 0;
}

uint16_t asy_lnet_vec_u16_at(const lnet_state *s, lnet_key key, size_t i)
{
	size_t n;
	assay_span v = elements(s, &key, 2, &n);
	return i < n ? asy_get_u16le(v.ptr + 2 * i) : 0;
}

bool asy_lnet_vec_bool_at(const lnet_state *s, lnet_key key, size_t i)
{
	size_t n;
	assay_span v = elements(s, &key, 1, &n);
	return i < n && v.ptr[i] != 0;
}

void asy_lnet_vec_u64_set(lnet_state *s, lnet_key key, size_t i, uint64_t value)
{
	size_t n;
	assay_span v = elements(s, &key, 8, &n);
	size_t want = i < n ? n : i + 1;
	asy_buf out = {0};
	asy_scale_w w = asy_scale_out(&out);
	asy_scale_put_compact(&w, want);
	for (size_t k = 0; k < want; k++)
		asy_scale_put_u64(&w, k == i ? value : k < n ? asy_get_u64le(v.ptr + 8 * k) : 0);
	if (asy_scale_out_end(&w, NULL) == ASSAY_OK)
		asy_lnet_state_put(s, asy_lnet_key_span(&key), asy_buf_span(&out));
	else
		asy_lnet_state_poison(s);
	asy_buf_fini(&out);
}
