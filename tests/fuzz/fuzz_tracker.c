/* Tracker states from anywhere. The last 32 bytes are replaced by the right checksum,
 * so that the fuzzer gets past it. Property: what decodes encodes to the same bytes. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "weights/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const assay_tracker_options o = assay_tracker_defaults();
	assay_tracker *t = NULL;
	uint8_t *copy = malloc(size + 1), *again = malloc(size + 1);
	size_t len = 0;
	if (asy_crypto_init(NULL) != ASSAY_OK || copy == NULL || again == NULL)
		abort();
	if (size != 0)
		memcpy(copy, data, size);
	if (assay_tracker_decode(&o, asy_span(copy, size), &t, NULL) != ASSAY_OK && size > 32)
		asy_blake2b(copy, size - 32, copy + size - 32, 32);
	if (t == NULL && assay_tracker_decode(&o, asy_span(copy, size), &t, NULL) != ASSAY_OK)
		t = NULL;
	if (t != NULL) {
		if (assay_tracker_encode(t, (assay_mut){again, size + 1}, &len, NULL) != ASSAY_OK ||
			len != size || memcmp(copy, again, size) != 0)
			abort();
		if (assay_tracker_fold(t, 1, NULL, 0, NULL, NULL) != ASSAY_OK)
			abort();
	}
	assay_tracker_free(t);
	free(copy);
	free(again);
	return 0;
}
