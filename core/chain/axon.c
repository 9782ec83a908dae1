/* An axon as the runtime describes it: the fields are found by name, so that a struct with
 * more, fewer or wider ones is still read. Refuses numbers that do not fit where we keep them.
 * Reason to change: a field that we want to know. */
#include "chain/impl.h"

/* The width of an unsigned integer type, newtypes removed; 0 for anything else. */
static size_t width_of(const asy_metadata *m, uint32_t id)
{
	static const uint8_t widths[] = {1, 2, 4, 8, 16};
	const asy_type *t = asy_metadata_type(m, id);
	for (int d = 0;
		 d < ASY_TYPE_DEPTH_MAX && t != NULL && t->kind == ASY_TYPE_COMPOSITE && t->count == 1; d++)
		t = asy_metadata_type(m, t->fields[0].type);
	if (t == NULL || t->kind != ASY_TYPE_PRIMITIVE || t->prim < ASY_PRIM_U8 ||
		t->prim > ASY_PRIM_U128)
		return 0;
	return widths[t->prim - ASY_PRIM_U8];
}

static const asy_type *struct_of(const asy_metadata *m, uint32_t id)
{
	const asy_type *t = asy_metadata_type(m, id);
	return t != NULL && t->kind == ASY_TYPE_COMPOSITE ? t : NULL;
}

assay_status asy_axon_expect(const asy_metadata *m, uint32_t type, assay_err *err)
{
	static const char *const needed[] = {"ip", "port"};
	const asy_type *t = struct_of(m, type);
	for (size_t k = 0; k < ASY_COUNT(needed); k++) {
		bool found = false;
		for (uint32_t i = 0; t != NULL && i < t->count; i++)
			found =
				found || (t->fields[i].name != NULL && strcmp(t->fields[i].name, needed[k]) == 0 &&
						  width_of(m, t->fields[i].type) != 0);
		if (!found)
			return ASSAY_FAIL(err, E_UNSUPPORTED, "its value has no number \"%s\" in this runtime",
							  needed[k]);
	}
	return ASSAY_OK;
}

static assay_status get_number(asy_scale *in, size_t width, uint64_t out[2], assay_err *err)
{
	assay_span raw;
	TRY(asy_scale_raw(in, width, &raw, err));
	out[0] = out[1] = 0;
	for (size_t i = 0; i < width; i++)
		out[i / 8] |= (uint64_t)raw.ptr[i] << (8 * (i % 8));
	return ASSAY_OK;
}

/* A number into the field of that name, if we keep it; false when it is too large. */
static bool keep(asy_axon *a, const char *name, const uint64_t v[2])
{
	const struct {
		const char *name;
		uint64_t most;
		size_t size;
		void *to;
	} known[] = {{"block", UINT64_MAX, 8, &a->block},
				 {"version", UINT32_MAX, 4, &a->version},
				 {"port", UINT16_MAX, 2, &a->port},
				 {"ip_type", UINT8_MAX, 1, &a->ip_type},
				 {"protocol", UINT8_MAX, 1, &a->protocol},
				 {"placeholder1", UINT8_MAX, 1, &a->placeholder1},
				 {"placeholder2", UINT8_MAX, 1, &a->placeholder2}};
	if (strcmp(name, "ip") == 0) {
		for (size_t i = 0; i < 16; i++)
			a->ip[i] = (uint8_t)(v[i < 8 ? 1 : 0] >> (8 * (7 - i % 8)));
		return true;
	}
	for (size_t i = 0; i < ASY_COUNT(known); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		if (v[1] != 0 || v[0] > known[i].most)
			return false;
		const uint64_t whole = v[0];
		const uint32_t four = (uint32_t)whole;
		const uint16_t two = (uint16_t)whole;
		const uint8_t one = (uint8_t)whole;
		const void *from = known[i].size == 8   ? (const void *)&whole
						   : known[i].size == 4 ? (const void *)&four
						   : known[i].size == 2 ? (const void *)&two
												: (const void *)&one;
		memcpy(known[i].to, from, known[i].size);
		return true;
	}
	return true;
}

assay_status asy_axon_decode(const asy_metadata *m, uint32_t type, assay_span bytes, asy_axon *out,
							 assay_err *err)
{
	const asy_type *t = struct_of(m, type);
	asy_scale in = asy_scale_in(bytes);
	asy_axon x = {.present = true};
	for (uint32_t i = 0; t != NULL && i < t->count; i++) {
		const char *name = t->fields[i].name != NULL ? t->fields[i].name : "";
		size_t width = width_of(m, t->fields[i].type);
		uint64_t v[2] = {0, 0};
		if (width == 0) {
			TRY(asy_value_skip(m, t->fields[i].type, &in, err));
			continue;
		}
		TRY(get_number(&in, width, v, err));
		if (!keep(&x, name, v))
			return ASSAY_FAIL(err, E_FORMAT, "%s is too large: %" PRIu64, name, v[0]);
	}
	TRY(asy_scale_end(&in, err));
	*out = x;
	return ASSAY_OK;
}
