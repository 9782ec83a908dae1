/* base64.c - four letters to three bytes, and nothing lenient. */
#include "base64.h"

/* 0..63, or 64 and more for a byte outside the alphabet. */
static uint32_t value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - (uint32_t)'A';
	if (c >= 'a' && c <= 'z')
		return c - (uint32_t)'a' + 26;
	if (c >= '0' && c <= '9')
		return c - (uint32_t)'0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool image_base64_decode(assay_bytes text, uint8_t *dst, size_t *len)
{
	size_t n = (size_t)text.len, at = 0;
	const uint8_t *p = text.ptr;
	if (n % 4 != 0)
		return false;
	if (n == 0) {
		*len = 0;
		return true;
	}
	size_t pad = p[n - 1] == '=' ? (p[n - 2] == '=' ? 2 : 1) : 0;
	for (size_t i = 0; i < n; i += 4) {
		bool last = i + 4 == n;
		uint32_t a = value(p[i]), b = value(p[i + 1]);
		uint32_t c = last && pad == 2 ? 0 : value(p[i + 2]);
		uint32_t d = last && pad >= 1 ? 0 : value(p[i + 3]);
		if ((a | b | c | d) >= 64)
			return false;
		uint32_t v = a << 18 | b << 12 | c << 6 | d;
		if (last && ((pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0)))
			return false;
		dst[at++] = (uint8_t)(v >> 16);
		dst[at++] = (uint8_t)(v >> 8);
		dst[at++] = (uint8_t)v;
	}
	*len = at - pad;
	return true;
}
