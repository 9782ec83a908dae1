/* Looking up many hotkeys in one list: sort once, search often. */
#include <stdlib.h>
#include "round/hotkeys.h"

static int by_key(const void *a, const void *b)
{
	return memcmp(((const asy_hotkey_place *)a)->key, ((const asy_hotkey_place *)b)->key, 32);
}

void asy_hotkeys_sort(asy_hotkey_place *place, size_t n)
{
	if (n > 1)
		qsort(place, n, sizeof *place, by_key);
}

long asy_hotkeys_find(const asy_hotkey_place *place, size_t n, const uint8_t key[32])
{
	const asy_hotkey_place want = {key, 0};
	const asy_hotkey_place *at = n > 0 ? bsearch(&want, place, n, sizeof *place, by_key) : NULL;
	return at != NULL ? (long)at->at : -1;
}
