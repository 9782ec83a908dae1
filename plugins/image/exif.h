/* exif.h - the one fact of EXIF metadata that changes what a picture looks like. [pure] */
#ifndef PLUGIN_IMAGE_EXIF_H
#define PLUGIN_IMAGE_EXIF_H
#include <stddef.h>
#include <stdint.h>

/* Orientation (tag 0x0112) from the first directory of a TIFF block of n bytes, 1 to 8;
 * 1 (upright) when there is none or the block is too odd to tell, as every reader treats
 * it. */
uint32_t image_exif_orientation(const uint8_t *p, size_t n);
#endif
