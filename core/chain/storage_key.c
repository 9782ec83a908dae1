/* Storage keys: where the chain keeps a value. The hasher of every map key comes from
 * metadata; refuses more keys than the map has.
 * Reason to change: the chain gets another hasher. */
#include "crypto/crypto.h"
#include "chain/metadata.h"

void asy_storage_prefix(const char *pallet_prefix, const char *item, uint8_t out[32])
{
	asy_twox(pallet_prefix, strlen(pallet_prefix), out, 2);
	asy_twox(item, strlen(item), out + 16, 2);
}

assay_status asy_storage_key_add(asy_hasher h, assay_span encoded, asy_buf *out, assay_err *err)
{
	uint8_t digest[32] = {0};
	size_t len = 0;
	bool concat = false;
	switch (h) {
	case ASY_HASH_BLAKE2_128_CONCAT:
		concat = true;
		/* fall through */
	case ASY_HASH_BLAKE2_128:
		len = 16;
		asy_blake2b(encoded.ptr, encoded.len, digest, len);
		break;
	case ASY_HASH_BLAKE2_256:
		len = 32;
		asy_blake2b(encoded.ptr, encoded.len, digest, len);
		break;
	case ASY_HASH_TWOX_128:
		len = 16;
		asy_twox(encoded.ptr, encoded.len, digest, 2);
		break;
	case ASY_HASH_TWOX_256:
		len = 32;
		asy_twox(encoded.ptr, encoded.len, digest, 4);
		break;
	case ASY_HASH_TWOX_64_CONCAT:
		concat = true;
		len = 8;
		asy_twox(encoded.ptr, encoded.len, digest, 1);
		break;
	case ASY_HASH_IDENTITY:
		concat = true;
		break;
	}
	const size_t before = out->len;
	assay_status st = asy_buf_add(out, digest, len, err);
	if (st == ASSAY_OK && concat)
		st = asy_buf_add(out, encoded.ptr, encoded.len, err);
	if (st != ASSAY_OK)
		out->len = before;
	return st;
}

assay_status asy_storage_key(const asy_pallet *p, const asy_storage_item *item,
							 const assay_span *keys, size_t keys_n, asy_buf *out, assay_err *err)
{
	if (p->prefix == NULL || keys_n > item->keys_n)
		return ASSAY_FAIL(err, E_INPUT, "%s.%s takes %u keys, given %zu", p->name, item->name,
						  item->keys_n, keys_n);
	const size_t before = out->len;
	uint8_t prefix[32];
	asy_storage_prefix(p->prefix, item->name, prefix);
	assay_status st = asy_buf_add(out, prefix, sizeof prefix, err);
	for (size_t i = 0; i < keys_n && st == ASSAY_OK; i++)
		st = asy_storage_key_add((asy_hasher)item->hasher[i], keys[i], out, err);
	if (st != ASSAY_OK)
		out->len = before;
	return st;
}
