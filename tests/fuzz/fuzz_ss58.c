/* SS58, base58, base64 and hex: what decodes encodes back to the same text. */
#include <stdlib.h>
#include "codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), again[64];
	uint8_t account[32], *raw = malloc(size + 4);
	unsigned prefix;
	size_t n;
	if (text == NULL || raw == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (asy_ss58_decode_prefix(text, account, &prefix, NULL) == ASSAY_OK) {
		ASSERT(asy_ss58_encode_prefix(account, prefix, again, sizeof again));
		ASSERT(strcmp(text, again) == 0);
	}
	if (asy_base64_decode(asy_span(data, size), raw, &n)) {
		char *back = malloc(asy_base64_encoded_len(n) + 1);
		if (back == NULL)
			abort();
		asy_base64_encode(back, asy_span(raw, n));
		ASSERT(strlen(back) == size && memcmp(back, data, size) == 0);
		free(back);
	}
	free(text);
	free(raw);
	return 0;
}
