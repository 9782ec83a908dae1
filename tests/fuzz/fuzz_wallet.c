/* Key files: any bytes end in a key or a sentence, and the sentence never quotes the file. A
 * password is given where stretching it is cheap. */
#include <stdlib.h>
#include "codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_key *k = NULL;
	assay_err e = {0};
	if (asy_crypto_init(&e) != ASSAY_OK)
		abort();
	bool cheap = size > 0 && data[0] == '$' && (size < 2 || data[1] != 'N');
	assay_status st = asy_wallet_load(asy_span(data, size), cheap ? "x" : NULL, NULL, &k, &e);
	ASSERT((st == ASSAY_OK) == (k != NULL));
	ASSERT(st == ASSAY_OK || strncmp(e.msg, "key file: ", 10) == 0);
	asy_key_free(k);
	return 0;
}
