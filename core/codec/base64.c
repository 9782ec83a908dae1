/* base64, standard alphabet, padding required, nothing skipped: two texts never
 * decode to the same bytes, so unused bits must be zero. */
#include "codec/codec.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t asy_base64_encoded_len(size_t len)
{
	return (len / 3 + (len % 3 != 0)) * 4;
}

void asy_base64_encode(char *dst, assay_span bytes)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		uint32_t v = (uint32_t)bytes.ptr[i] << 16;
		if (left > 1)
			v |= (uint32_t)bytes.ptr[i + 1] << 8;
		if (left > 2)
			v |= bytes.ptr[i + 2];
		*dst++ = alphabet[v >> 18];
		*dst++ = alphabet[v >> 12 & 63];
		*dst++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
		*dst++ = left > 2 ? alphabet[v & 63] : '=';
	}
	*dst = '\0';
}

static int value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool asy_base64_decode(assay_span text, uint8_t *dst, size_t *dst_len)
{
	size_t out = 0;
	if (text.len % 4 != 0)
		return false;
	for (size_t i = 0; i < text.len; i += 4) {
		const uint8_t *q = text.ptr + i;
		bool last = i + 4 == text.len;
		size_t pad = last && q[3] == '=' ? 1 + (q[2] == '=') : 0;
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++) {
			int d = k >= 4 - pad ? 0 : value_of(q[k]);
			if (d < 0)
				return false;
			v = v << 6 | (uint32_t)d;
		}
		if ((pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0))
			return false;
		dst[out++] = (uint8_t)(v >> 16);
		if (pad < 2)
			dst[out++] = (uint8_t)(v >> 8);
		if (pad < 1)
			dst[out++] = (uint8_t)v;
	}
	*dst_len = out;
	return true;
}
