/* Runtime metadata from a node we need not trust: parsed, walked, described. */
#include <stdlib.h>
#include "chain/impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_metadata *m = NULL;
	assay_err err = {.status = ASSAY_OK};
	asy_items items;
	if (asy_metadata_parse(asy_span(data, size), &m, &err) != ASSAY_OK) {
		if (err.msg[0] == '\0')
			abort(); /* a refusal without a sentence */
		return 0;
	}
	asy_buf text = {0};
	for (uint32_t t = 0; t < m->types_n && t < 64; t++) {
		asy_buf_reset(&text);
		(void)!asy_metadata_describe(m, t, &text, &err);
		asy_scale in = asy_scale_in(asy_span(data, size < 512 ? size : 512));
		(void)!asy_value_skip(m, t, &in, &err);
	}
	asy_items_resolve(m, &items);
	asy_axon axon = {.port = 1};
	if (items.item[ITEM_AXONS] != NULL)
		(void)!asy_axon_decode(m, items.item[ITEM_AXONS]->value,
							   asy_span(data, size < 64 ? size : 64), &axon, &err);
	asy_buf_fini(&text);
	asy_metadata_free(m);
	return 0;
}
