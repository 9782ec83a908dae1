/* base58 with the Bitcoin alphabet, for short strings only: the conversion is
 * quadratic, so inputs beyond 64 bytes are refused. No checksum here. */
#include "codec/base58.h"

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* log(256) / log(58) is below 1.366, so 64 bytes give at most 88 digits. */
#define DIGITS_MAX 90

/* Five digits at a time: 58^5 is below 2^30, so a limb and a word fit 64 bits. */
#define LIMB 656356768u
#define LIMB_DIGITS 5

/* The number's limbs, least significant first; how many. */
static size_t to_limbs(assay_span bytes, uint32_t *limb)
{
	size_t n = 0;
	for (size_t i = 0; i < bytes.len;) {
		/* the first word takes what is over, then four bytes each */
		uint64_t carry = 0;
		do
			carry = carry << 8 | bytes.ptr[i++];
		while ((bytes.len - i) % 4 != 0);
		for (size_t j = 0; j < n; j++) {
			carry += (uint64_t)limb[j] << 32;
			limb[j] = (uint32_t)(carry % LIMB);
			carry /= LIMB;
		}
		for (; carry != 0; carry /= LIMB)
			limb[n++] = (uint32_t)(carry % LIMB);
	}
	return n;
}

long asy_base58_encode(char *dst, size_t cap, assay_span bytes)
{
	uint32_t limb[DIGITS_MAX / LIMB_DIGITS];
	char text[DIGITS_MAX]; /* filled from its end */
	size_t zeros = 0, at = sizeof text;

	if (bytes.len > ASY_BASE58_BYTES_MAX)
		return -1;
	while (zeros < bytes.len && bytes.ptr[zeros] == 0)
		zeros++;
	const size_t n = to_limbs(asy_span(bytes.ptr + zeros, bytes.len - zeros), limb);
	for (size_t j = 0; j < n; j++)
		for (int k = 0; k < LIMB_DIGITS; k++, limb[j] /= 58)
			text[--at] = alphabet[limb[j] % 58];
	while (at < sizeof text && text[at] == alphabet[0]) /* the last limb's empty places */
		at++;
	const size_t len = sizeof text - at;
	if (cap < zeros + len + 1)
		return -1;
	memset(dst, alphabet[0], zeros);
	memcpy(dst + zeros, text + at, len);
	dst[zeros + len] = '\0';
	return (long)(zeros + len);
}

long asy_base58_decode(const char *text, size_t text_len, uint8_t *dst, size_t max)
{
	uint8_t bytes[ASY_BASE58_BYTES_MAX]; /* least significant first */
	size_t n = 0, zeros = 0;

	if (max > sizeof bytes)
		max = sizeof bytes;
	while (zeros < text_len && text[zeros] == alphabet[0])
		zeros++;
	for (size_t i = zeros; i < text_len; i++) {
		const char *at = text[i] != '\0' ? strchr(alphabet, text[i]) : NULL;
		if (at == NULL)
			return -1;
		unsigned carry = (unsigned)(at - alphabet);
		for (size_t j = 0; j < n; j++) {
			carry += bytes[j] * 58u;
			bytes[j] = (uint8_t)carry;
			carry >>= 8;
		}
		for (; carry != 0; carry >>= 8) {
			if (zeros + n >= max)
				return -1;
			bytes[n++] = (uint8_t)carry;
		}
	}
	if (zeros + n > max)
		return -1;
	memset(dst, 0, zeros);
	for (size_t j = 0; j < n; j++)
		dst[zeros + j] = bytes[n - 1 - j];
	return (long)(zeros + n);
}
