/* Small text helpers: bounded copy, strict decimal, nearest name, escaping of
 * bytes that a stranger chose. */
#include <stdlib.h>
#include "base/base.h"

void *asy_calloc(size_t count, size_t size)
{
	size_t len;
	if (!asy_mul_size(count, size, &len))
		return NULL;
	return calloc(1, len != 0 ? len : 1);
}

bool asy_str_copy(char *dst, size_t cap, const char *src)
{
	if (cap == 0)
		return false;
	size_t len = strnlen(src, cap);
	bool fits = len < cap;
	if (!fits)
		len = cap - 1;
	memcpy(dst, src, len);
	dst[len] = '\0';
	return fits;
}

bool asy_str_u64(const char *s, uint64_t *out)
{
	uint64_t v = 0;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || !asy_mul_u64(v, 10, &v) ||
			!asy_add_u64(v, (uint64_t)(*s - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

#define DISTANCE_MAX 64

size_t asy_str_distance(const char *a, const char *b)
{
	size_t row[DISTANCE_MAX + 1];
	size_t a_len = strnlen(a, DISTANCE_MAX), b_len = strnlen(b, DISTANCE_MAX);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

size_t asy_str_nearest(const char *s, const char *const *names, size_t n)
{
	size_t best = n, best_distance = strnlen(s, DISTANCE_MAX) / 3 + 2;
	for (size_t i = 0; i < n; i++) {
		size_t d = asy_str_distance(s, names[i]);
		if (d < best_distance) {
			best = i;
			best_distance = d;
		}
	}
	return best;
}

void asy_str_escape(char *dst, size_t cap, assay_span bytes)
{
	size_t at = 0;
	if (cap == 0)
		return;
	for (size_t i = 0; i < bytes.len; i++) {
		uint8_t c = bytes.ptr[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '\\' && c != '"';
		size_t need = plain ? 1 : 4;
		/* keep room for "..." and the terminator */
		if (at + need + 4 > cap) {
			size_t room = cap - 1 - at;
			memcpy(dst + at, "...", room < 3 ? room : 3);
			at += room < 3 ? room : 3;
			break;
		}
		if (plain)
			dst[at++] = (char)c;
		else
			at += (size_t)snprintf(dst + at, cap - at, "\\x%02x", c);
	}
	dst[at] = '\0';
}
