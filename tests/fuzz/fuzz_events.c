/* A block's events: asked about an extrinsic and about a hash, over the metadata of our
 * own development chain. Property: what is walked as JSON is what is skipped. */
#include <stdlib.h>
#include "chain/impl.h"
#include "localnet/tables.h"

static asy_metadata *metadata(void)
{
	static asy_metadata *m;
	asy_buf bytes = {0};
	if (m == NULL && (asy_lnet_metadata_encode(asy_lnet_generation(LNET_SPEC_VERSION), &bytes,
											   NULL) != ASSAY_OK ||
					  asy_metadata_parse(asy_buf_span(&bytes), &m, NULL) != ASSAY_OK))
		abort();
	asy_buf_fini(&bytes);
	return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const asy_metadata *m = metadata();
	const assay_span bytes = asy_span(data, size);
	const asy_hash hash = {{7}};
	const asy_storage_item *it = asy_metadata_item(m, "System", "Events", NULL);
	asy_dispatch d;
	assay_err err;
	asy_buf text = {0};
	bool found;
	(void)!asy_events_dispatch(m, bytes, 1, &d, &err);
	(void)!asy_events_find(m, bytes, "WeightsRevealed", 66, 34, asy_span(hash.b, sizeof hash.b),
						   &found, &err);
	asy_scale a = asy_scale_in(bytes), b = asy_scale_in(bytes);
	asy_jw w = asy_jw_out(&text, 0);
	assay_status skipped = asy_value_skip(m, it->value, &a, &err);
	assay_status shown = asy_value_json(m, it->value, &b, &w, &err);
	if (skipped != shown || a.at != b.at)
		abort();
	asy_buf_fini(&text);
	return 0;
}
