/* round/hotkeys.h - where each hotkey is in a list, found in logarithmic time. */
#ifndef ASY_ROUND_HOTKEYS_H
#define ASY_ROUND_HOTKEYS_H
#include "subnet/subnet.h"

typedef struct {
	const uint8_t *key; /* 32 bytes, borrowed */
	uint32_t at;
} asy_hotkey_place;

/* Sorts place by key, once; then finds. -1: not in it. */
void asy_hotkeys_sort(asy_hotkey_place *place, size_t n);
long asy_hotkeys_find(const asy_hotkey_place *place, size_t n, const uint8_t key[32]);
#endif
