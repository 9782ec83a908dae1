/* exif.c - reads the orientation and nothing else; every offset is checked against the
 * block. */
#include "exif.h"
#include <stdbool.h>
#include <string.h>

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

uint32_t image_exif_orientation(const uint8_t *p, size_t n)
{
	if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
		return 1;
	bool big = p[0] == 'M';
	size_t dir =
		big ? be32(p + 4) : ((size_t)p[7] << 24 | (size_t)p[6] << 16 | (size_t)p[5] << 8 | p[4]);
	if (dir > n - 2)
		return 1;
	size_t entries = big ? (size_t)p[dir] << 8 | p[dir + 1] : (size_t)p[dir + 1] << 8 | p[dir];
	for (size_t i = 0, at = dir + 2; i < entries && n - at >= 12; i++, at += 12) {
		const uint8_t *e = p + at;
		uint32_t tag = big ? (uint32_t)e[0] << 8 | e[1] : (uint32_t)e[1] << 8 | e[0];
		if (tag != 0x0112)
			continue;
		uint32_t v = big ? (uint32_t)e[8] << 8 | e[9] : (uint32_t)e[9] << 8 | e[8];
		return v >= 1 && v <= 8 ? v : 1;
	}
	return 1;
}
