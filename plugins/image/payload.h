/* payload.h - images as they arrive: base64 in a JSON member, or the bytes of a file. */
#ifndef PLUGIN_IMAGE_PAYLOAD_H
#define PLUGIN_IMAGE_PAYLOAD_H
#include "assay/plugin.h"
#include "common/json.h"
#include "read.h"

/* The member "image" of an object, or "png" where there is none: base64 of a PNG, JPEG or
 * WebP file, whatever the name says. IMAGE_GATE_MALFORMED when neither is a string. */
image_gate image_of_member(const plg_json *object, const image_want *want, image_raster *out,
						   bool *out_of_memory);

/* An answer's body of at most max_bytes: an object with that member. */
image_gate image_of_body(assay_bytes body, size_t max_bytes, const image_want *want,
						 image_raster *out, bool *out_of_memory);

/* A reference: an image file as it is, or an object with that member. */
image_gate image_of_reference(assay_bytes reference, const image_want *want, image_raster *out,
							  bool *out_of_memory);
#endif
