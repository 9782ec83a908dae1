/* Stored openings and transactions. Property: what decodes encodes to the same bytes. */
#include <stdlib.h>
#include "chain/chain.h"
#include "seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const assay_span bytes = asy_span(data, size);
	asy_opening *o = NULL;
	asy_tx tx = {.bytes = NULL};
	asy_buf again = {0};
	assay_err err;
	if (asy_opening_decode(bytes, &o, &err) == ASSAY_OK &&
		(asy_opening_encode(o, &again, &err) != ASSAY_OK ||
		 !asy_span_eq(asy_buf_span(&again), bytes)))
		abort();
	asy_opening_free(o);
	asy_buf_reset(&again);
	if (asy_tx_decode(bytes, &tx, &err) == ASSAY_OK &&
		(asy_tx_encode(&tx, &again, &err) != ASSAY_OK || again.len == 0))
		abort();
	asy_tx_fini(&tx);
	asy_buf_fini(&again);
	return 0;
}
