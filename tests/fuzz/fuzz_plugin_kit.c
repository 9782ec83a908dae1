/* The JSON and UTF-8 of the authors' kit on hostile bytes. What is found lies inside, and
 * what is text ends inside its buffer. */
#include <assay/plugin_kit.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int held)
{
	if (!held)
		abort();
}

static void try_value(assay_bytes doc, assay_bytes v)
{
	char text[64];
	double d;
	size_t len = 0;
	require(v.len > 0 && v.ptr >= doc.ptr && v.ptr + v.len <= doc.ptr + doc.len);
	if (assay_kit_json_text(v, text, sizeof text, &len))
		require(len < sizeof text && text[len] == '\0');
	if (assay_kit_json_number(v, &d))
		require(d == d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"a", "b", "0", "1", "a.b", "a.0", "0.0", "0.a.1", "", "."};
	const assay_bytes doc = {data, size};
	const uint8_t *p = data, *end = data + size;
	assay_bytes v;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (assay_kit_json_get(doc, paths[i], &v))
			try_value(doc, v);
	while (p < end) {
		const uint8_t *at = p;
		uint32_t c = assay_kit_utf8(&p, end);
		require(p > at && p <= end && c <= 0x10ffff);
	}
	return 0;
}
