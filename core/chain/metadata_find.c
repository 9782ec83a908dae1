/* Finding things in metadata by name, or by the number the chain sends. Linear: a
 * runtime has some thirty pallets, and names are looked up once a spec version.
 * Reason to change: another kind of thing must be found. */
#include "chain/metadata.h"

const asy_type *asy_metadata_type(const asy_metadata *m, uint32_t id)
{
	return id < m->types_n ? &m->types[id] : NULL;
}

const asy_pallet *asy_metadata_pallet(const asy_metadata *m, const char *name)
{
	for (uint32_t i = 0; i < m->pallets_n; i++)
		if (strcmp(m->pallets[i].name, name) == 0)
			return &m->pallets[i];
	return NULL;
}

const asy_pallet *asy_metadata_pallet_at(const asy_metadata *m, uint8_t index)
{
	for (uint32_t i = 0; i < m->pallets_n; i++)
		if (m->pallets[i].index == index)
			return &m->pallets[i];
	return NULL;
}

const asy_storage_item *asy_metadata_item(const asy_metadata *m, const char *pallet,
										  const char *item, const asy_pallet **in)
{
	const asy_pallet *p = asy_metadata_pallet(m, pallet);
	if (p == NULL || p->prefix == NULL)
		return NULL;
	for (uint32_t i = 0; i < p->items_n; i++) {
		if (strcmp(p->items[i].name, item) == 0) {
			if (in != NULL)
				*in = p;
			return &p->items[i];
		}
	}
	return NULL;
}

const asy_type_variant *asy_metadata_call(const asy_metadata *m, const char *pallet,
										  const char *call, uint8_t *pallet_index)
{
	const asy_pallet *p = asy_metadata_pallet(m, pallet);
	const asy_type *t = p == NULL ? NULL : asy_metadata_type(m, p->calls);
	for (uint32_t i = 0; t != NULL && i < t->count; i++) {
		if (strcmp(t->variants[i].name, call) == 0) {
			*pallet_index = p->index;
			return &t->variants[i];
		}
	}
	return NULL;
}

const asy_constant *asy_metadata_constant(const asy_metadata *m, const char *pallet,
										  const char *name)
{
	const asy_pallet *p = asy_metadata_pallet(m, pallet);
	for (uint32_t i = 0; p != NULL && i < p->constants_n; i++)
		if (strcmp(p->constants[i].name, name) == 0)
			return &p->constants[i];
	return NULL;
}

const asy_api_method *asy_metadata_api(const asy_metadata *m, const char *api, const char *method)
{
	for (uint32_t i = 0; i < m->apis_n; i++) {
		if (strcmp(m->apis[i].name, api) != 0)
			continue;
		for (uint32_t k = 0; k < m->apis[i].methods_n; k++)
			if (strcmp(m->apis[i].methods[k].name, method) == 0)
				return &m->apis[i].methods[k];
	}
	return NULL;
}

const asy_type_variant *asy_metadata_variant_at(const asy_metadata *m, uint32_t type, uint8_t index)
{
	const asy_type *t = asy_metadata_type(m, type);
	if (t == NULL || t->kind != ASY_TYPE_VARIANT)
		return NULL;
	for (uint32_t i = 0; i < t->count; i++)
		if (t->variants[i].index == index)
			return &t->variants[i];
	return NULL;
}
