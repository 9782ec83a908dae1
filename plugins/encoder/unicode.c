/* Range search, decoding, and lower case over libunistring's data. */
#include "encoder/unicode.h"
#include <string.h>
#include <unicase.h>

bool enc_in(const enc_ranges *t, uint32_t c)
{
	size_t lo = 0, hi = t->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (c > t->range[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && c >= t->range[lo].first;
}

bool enc_is_space(uint32_t c)
{
	if (c < 0x80)
		return c == 0x20 || (c >= 9 && c <= 13);
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
		   c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static size_t sequence_length(uint8_t b)
{
	if (b < 0x80)
		return 1;
	if (b < 0xc2 || b > 0xf4)
		return 0;
	return b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

/* The second byte's range excludes overlong forms, surrogates and values over 10FFFF. */
static bool second_fits(uint8_t first, uint8_t second)
{
	uint8_t lo = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t hi = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return second >= lo && second <= hi;
}

size_t enc_utf8_next(const uint8_t *p, size_t n, uint32_t *c)
{
	size_t len = sequence_length(p[0]);
	if (len == 1) {
		*c = p[0];
		return 1;
	}
	*c = 0xfffd;
	if (len == 0 || n < 2 || !second_fits(p[0], p[1]))
		return 1;
	uint32_t v = (p[0] & (0x7fu >> len)) << 6 | (p[1] & 0x3fu);
	for (size_t i = 2; i < len; i++) {
		if (i == n || (p[i] & 0xc0) != 0x80)
			return i;
		v = v << 6 | (p[i] & 0x3fu);
	}
	*c = v;
	return len;
}

/* Pairs that libunistring of Debian 12 (Unicode 14) does not know yet. */
static const struct {
	uint32_t first, last, to;
} later[] = {{0x1c89, 0x1c89, 0x1c8a},   {0xa7cb, 0xa7cb, 0x264},  {0xa7cc, 0xa7cc, 0xa7cd},
			 {0xa7ce, 0xa7ce, 0xa7cf},   {0xa7d2, 0xa7d2, 0xa7d3}, {0xa7d4, 0xa7d4, 0xa7d5},
			 {0xa7da, 0xa7da, 0xa7db},   {0xa7dc, 0xa7dc, 0x19b},  {0x10d50, 0x10d65, 0x10d70},
			 {0x16ea0, 0x16eb8, 0x16ebb}};

size_t enc_lower(uint32_t c, uint32_t out[2])
{
	if (c == 0x130) { /* the one letter whose lower case is two code points */
		out[0] = 'i';
		out[1] = 0x307;
		return 2;
	}
	out[0] = (uint32_t)uc_tolower(c);
	for (size_t i = 0; out[0] == c && i < sizeof later / sizeof *later; i++) {
		if (c >= later[i].first && c <= later[i].last)
			out[0] = later[i].to + (c - later[i].first);
	}
	return 1;
}
