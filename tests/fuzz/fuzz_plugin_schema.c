/* Schema and document, split at the first NUL. What is accepted is canonical: fed
 * back it gives the same text. */
#include "plugin/plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size != 0 ? memchr(data, 0, size) : NULL;
	size_t at = nul != NULL ? (size_t)(nul - data) : size;
	assay_span schema = {data, at}, doc = {data + at, size - at};
	asy_buf first = {0}, second = {0};
	if (nul != NULL) {
		doc.ptr++;
		doc.len--;
	}
	if (asy_plugin_config(schema, doc, &first, NULL) == ASSAY_OK) {
		assay_status st = asy_plugin_config(schema, asy_buf_span(&first), &second, NULL);
		ASSERT(st == ASSAY_OK && asy_span_eq(asy_buf_span(&first), asy_buf_span(&second)));
	}
	asy_buf_fini(&first);
	asy_buf_fini(&second);
	return 0;
}
