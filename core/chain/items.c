/* The storage items this program reads, looked up by name once a spec version: pallet,
 * hashers' key types and value shape must be what the decoders here expect.
 * Reason to change: an item is added, or the chain changes one's shape. */
#include "chain/impl.h"

static const struct {
	const char *pallet, *name, *keys, *value;
	bool needed;
} table[ITEM_N] = {
#define ASY_ITEM_ROW(id, pallet, name, keys, value, needed) {pallet, name, keys, value, needed},
	ASY_ITEMS(ASY_ITEM_ROW)
#undef ASY_ITEM_ROW
};

/* Key shapes are listed with spaces between: as many as the map has hashers. */
static assay_status check_keys(const asy_metadata *m, const asy_storage_item *it, const char *keys,
							   assay_err *err)
{
	uint8_t n = 0;
	for (const char *p = keys; *p != '\0'; n++) {
		char shape[32];
		size_t len = strcspn(p, " ");
		ASSERT(len < sizeof shape);
		memcpy(shape, p, len);
		shape[len] = '\0';
		if (n >= it->keys_n)
			return ASSAY_FAIL(err, E_UNSUPPORTED, "it has %u keys in this runtime", it->keys_n);
		assay_status st = asy_metadata_expect(m, it->key_type[n], shape, "a key", err);
		if (st != ASSAY_OK)
			return st;
		p += len + (p[len] == ' ' ? 1 : 0);
	}
	if (n != it->keys_n)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "it has %u keys in this runtime, not %u", it->keys_n,
						  n);
	return ASSAY_OK;
}

assay_status asy_items_resolve(const asy_metadata *m, asy_items *out, assay_err *err)
{
	asy_items items = {{NULL}, {NULL}};
	for (size_t i = 0; i < ITEM_N; i++) {
		const asy_storage_item *it =
			asy_metadata_item(m, table[i].pallet, table[i].name, &items.pallet[i]);
		if (it == NULL && table[i].needed)
			return ASSAY_FAIL(
				err, E_UNSUPPORTED,
				"this runtime has no storage %s.%s, which this program needs: use the "
				"version of Assay made for it",
				table[i].pallet, table[i].name);
		if (it == NULL)
			continue;
		assay_status st = check_keys(m, it, table[i].keys, err);
		if (st == ASSAY_OK && table[i].value != NULL)
			st = asy_metadata_expect(m, it->value, table[i].value, "its value", err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "storage %s.%s", table[i].pallet, table[i].name);
		items.item[i] = it;
	}
	*out = items;
	return ASSAY_OK;
}
