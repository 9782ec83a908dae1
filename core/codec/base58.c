/* base58 with the Bitcoin alphabet, for short strings only: the conversion is
 * quadratic, so inputs beyond 64 bytes are refused. No checksum here. */
#include "codec/base58.h"

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* log(256) / log(58) is below 1.366, so 64 bytes give at most 88 digits. */
#define DIGITS_MAX 90

/* Five digits at a time: 58^5 is the largest power that fits 32 bits. */
#define FIVE 656356768u

/* The big-endian number in word, divided by FIVE in place; what is left over. */
static uint32_t divide(uint32_t *word, size_t n)
{
	uint64_t rest = 0;
	for (size_t i = 0; i < n; i++) {
		rest = rest << 32 | word[i];
		word[i] = (uint32_t)(rest / FIVE);
		rest %= FIVE;
	}
	return (uint32_t)rest;
}

long asy_base58_encode(char *dst, size_t cap, assay_span bytes)
{
	uint8_t digits[DIGITS_MAX]; /* base 58, least significant first */
	uint32_t word[ASY_BASE58_BYTES_MAX / 4] = {0};
	const size_t words = ASY_COUNT(word);
	size_t n = 0, zeros = 0, first = 0;

	if (bytes.len > ASY_BASE58_BYTES_MAX)
		return -1;
	while (zeros < bytes.len && bytes.ptr[zeros] == 0)
		zeros++;
	for (size_t i = 0; i < bytes.len; i++) { /* byte i counts from the end */
		uint32_t byte = bytes.ptr[bytes.len - 1 - i];
		word[words - 1 - i / 4] |= byte << (8 * (i % 4));
	}
	for (;;) {
		while (first < words && word[first] == 0)
			first++;
		if (first == words)
			break;
		uint32_t five = divide(word + first, words - first);
		for (int k = 0; k < 5; k++, five /= 58)
			digits[n++] = (uint8_t)(five % 58);
	}
	while (n > 0 && digits[n - 1] == 0)
		n--;
	if (cap < zeros + n + 1)
		return -1;
	memset(dst, alphabet[0], zeros);
	for (size_t k = 0; k < n; k++)
		dst[zeros + k] = alphabet[digits[n - 1 - k]];
	dst[zeros + n] = '\0';
	return (long)(zeros + n);
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
