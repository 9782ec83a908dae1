/* payload.c - from JSON and base64 to a raster. */
#include "payload.h"
#include "base64.h"
#include <stdlib.h>

static image_gate of_base64(assay_bytes text, const image_want *want, image_raster *out,
							bool *out_of_memory)
{
	size_t len = 0;
	if (text.len == 0)
		return IMAGE_GATE_EMPTY;
	if (text.len > IMAGE_MAX_BYTES / 3 * 4 + 4)
		return IMAGE_GATE_OVERSIZE;
	uint8_t *bytes = malloc(text.len / 4 * 3 + 1);
	if (bytes == NULL) {
		*out_of_memory = true;
		return IMAGE_GATE_DAMAGED;
	}
	image_gate gate = IMAGE_GATE_BASE64;
	if (image_base64_decode(text, bytes, &len))
		gate = image_read(bytes, len, want, out, out_of_memory);
	free(bytes);
	return gate;
}

image_gate image_of_member(const plg_json *object, const image_want *want, image_raster *out,
						   bool *out_of_memory)
{
	assay_bytes text;
	*out_of_memory = false;
	if (plg_json_type(object) != PLG_J_OBJECT ||
		(!plg_json_str(plg_json_get(object, "image"), &text) &&
		 !plg_json_str(plg_json_get(object, "png"), &text)))
		return IMAGE_GATE_MALFORMED;
	return of_base64(text, want, out, out_of_memory);
}

image_gate image_of_body(assay_bytes body, size_t max_bytes, const image_want *want,
						 image_raster *out, bool *out_of_memory)
{
	plg_json *doc = plg_json_parse(body, max_bytes, NULL);
	image_gate gate = image_of_member(doc, want, out, out_of_memory);
	plg_json_free(doc);
	return gate;
}

image_gate image_of_reference(assay_bytes reference, const image_want *want, image_raster *out,
							  bool *out_of_memory)
{
	image_gate gate = IMAGE_GATE_FORMAT;
	if (reference.len > 0 && reference.len <= IMAGE_MAX_BYTES)
		gate = image_read(reference.ptr, (size_t)reference.len, want, out, out_of_memory);
	if (gate == IMAGE_GATE_FORMAT)
		gate = image_of_body(reference, 2 * IMAGE_MAX_BYTES, want, out, out_of_memory);
	return gate;
}
