/* base64.h - strict standard base64 (RFC 4648 section 4). [pure] */
#ifndef PLUGIN_IMAGE_BASE64_H
#define PLUGIN_IMAGE_BASE64_H
#include <stdbool.h>
#include "assay/plugin.h"

/* dst has room for text.len / 4 * 3 bytes. Refuses white space, missing padding,
 * the URL alphabet and spare bits that are not zero: one image, one spelling. */
bool image_base64_decode(assay_bytes text, uint8_t *dst, size_t *len);
#endif
