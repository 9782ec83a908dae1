/* The input file of `assay score`. */
#include "plugin/plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_score_set *s = NULL;
	if (asy_score_set_read(asy_span(data, size), &s, NULL) != ASSAY_OK)
		return 0;
	const asy_plugin_batch *b = asy_score_set_batch(s);
	ASSERT(b->challenge_n != 0);
	for (size_t i = 0; i < b->response_n; i++)
		ASSERT(b->response[i].challenge < b->challenge_n &&
			   b->response[i].status < ASY_RESP_STATUS_N);
	asy_score_set_free(s);
	return 0;
}
