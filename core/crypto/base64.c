/* base64 by libsodium: standard alphabet, padding required, nothing skipped, unused bits
 * zero; so two texts never decode to the same bytes. */
#include <sodium.h>
#include "crypto/crypto.h"

size_t asy_base64_encoded_len(size_t len)
{
	return sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL) - 1;
}

void asy_base64_encode(char *dst, assay_span bytes)
{
	(void)sodium_bin2base64(dst, asy_base64_encoded_len(bytes.len) + 1, bytes.ptr, bytes.len,
							sodium_base64_VARIANT_ORIGINAL);
}

/* libsodium 1.0.18 takes some bytes above 127 for letters where char is signed. */
static bool is_ascii(assay_span text)
{
	uint8_t all = 0;
	for (size_t i = 0; i < text.len; i++)
		all |= text.ptr[i];
	return all < 0x80;
}

bool asy_base64_decode(assay_span text, uint8_t *dst, size_t *dst_len)
{
	size_t len = 0;
	if (text.len % 4 != 0 || !is_ascii(text) ||
		sodium_base642bin(dst, text.len / 4 * 3, (const char *)text.ptr, text.len, NULL, &len, NULL,
						  sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	*dst_len = len;
	return true;
}
