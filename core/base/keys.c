/* 32-byte keys in order: dealt out by their first bits. Each heap is sorted by the first
 * eight bytes, and the few that are equal there by the rest. Pure; refuses nothing. */
#include <stdlib.h>
#include "base/base.h"

static const uint8_t *key_at(const void *first, size_t stride, size_t i)
{
	return (const uint8_t *)first + i * stride;
}

static uint64_t head_of(const uint8_t *key)
{
	uint64_t v = 0;
	for (size_t i = 0; i < 8; i++)
		v = v << 8 | key[i];
	return v;
}

static int by_head(const void *a, const void *b)
{
	const asy_key_place *x = a, *y = b;
	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

typedef struct {
	const void *first;
	size_t stride;
} keys;

static int by_whole_key(const void *a, const void *b, void *arg)
{
	const keys *k = arg;
	const asy_key_place *x = a, *y = b;
	int order = memcmp(key_at(k->first, k->stride, x->at), key_at(k->first, k->stride, y->at), 32);
	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

#define HEAP_BITS 12

/* Ascending by heap, in each as they came: what is left to sort is a few at a time, unless
 * somebody made them alike. */
static void deal(const void *first, size_t stride, size_t n, asy_key_place *out)
{
	uint32_t start[(1u << HEAP_BITS) + 1] = {0};
	for (size_t i = 0; i < n; i++)
		start[(head_of(key_at(first, stride, i)) >> (64 - HEAP_BITS)) + 1]++;
	for (size_t h = 1; h <= 1u << HEAP_BITS; h++)
		start[h] += start[h - 1];
	for (size_t i = 0; i < n; i++) {
		const uint64_t head = head_of(key_at(first, stride, i));
		out[start[head >> (64 - HEAP_BITS)]++] = (asy_key_place){head, (uint32_t)i};
	}
}

void asy_keys_sort(const void *first, size_t stride, size_t n, asy_key_place *out)
{
	deal(first, stride, n, out);
	for (size_t from = 0, to; from < n; from = to) {
		const uint64_t heap = out[from].head >> (64 - HEAP_BITS);
		for (to = from + 1; to < n && out[to].head >> (64 - HEAP_BITS) == heap; to++)
			;
		if (to - from > 1)
			qsort(out + from, to - from, sizeof *out, by_head);
	}
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && out[to].head == out[from].head; to++)
			;
		if (to - from > 1) /* rare, unless somebody chose the keys for it */
			qsort_r(out + from, to - from, sizeof *out, by_whole_key, &(keys){first, stride});
	}
}

size_t asy_keys_find(const void *first, size_t stride, const asy_key_place *sorted, size_t n,
					 const void *key)
{
	uint64_t head = head_of(key);
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = sorted[mid].head != head
						? (sorted[mid].head < head ? -1 : 1)
						: memcmp(key_at(first, stride, sorted[mid].at), key, 32);
		if (order == 0)
			return sorted[mid].at;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return n;
}

size_t asy_keys_duplicate(const void *first, size_t stride, const asy_key_place *sorted, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (sorted[i - 1].head == sorted[i].head &&
			memcmp(key_at(first, stride, sorted[i - 1].at), key_at(first, stride, sorted[i].at),
				   32) == 0)
			return i;
	return n;
}
