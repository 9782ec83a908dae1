/* Hexadecimal text. Decoding is strict; an optional 0x is accepted because the
 * chain's JSON-RPC always writes one. */
#include "base/base.h"

void asy_hex_encode(char *dst, const void *src, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = src;
	for (size_t i = 0; i < len; i++) {
		dst[2 * i] = digits[p[i] >> 4];
		dst[2 * i + 1] = digits[p[i] & 15];
	}
	dst[2 * len] = '\0';
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

long asy_hex_decode_any(const char *text, size_t text_len, uint8_t *dst, size_t max)
{
	if (text_len >= 2 && text[0] == '0' && text[1] == 'x') {
		text += 2;
		text_len -= 2;
	}
	if (text_len % 2 != 0 || text_len / 2 > max)
		return -1;
	for (size_t i = 0; i < text_len / 2; i++) {
		int hi = nibble(text[2 * i]), lo = nibble(text[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return -1;
		dst[i] = (uint8_t)(hi << 4 | lo);
	}
	return (long)(text_len / 2);
}

bool asy_hex_decode(const char *text, uint8_t *dst, size_t len)
{
	size_t text_len = strnlen(text, 2 * len + 3);
	size_t prefix = text_len >= 2 && text[0] == '0' && text[1] == 'x' ? 2 : 0;
	return text_len - prefix == 2 * len && asy_hex_decode_any(text, text_len, dst, len) >= 0;
}
