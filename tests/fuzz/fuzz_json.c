/* JSON: whatever parses has a canonical form that parses again to the same
 * canonical form, and every node can be reached and named. */
#include <stdlib.h>
#include "codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(asy_jv v, unsigned depth)
{
	char path[64];
	uint64_t u[2];
	int64_t i;
	double d;
	bool b;
	const char *s;
	size_t n;
	ASSERT(depth < 70);
	asy_jv_path(v, path, sizeof path);
	ASSERT(path[0] != '\0');
	(void)!asy_jv_u128(v, u, NULL);
	(void)!asy_jv_u64(v, u, NULL);
	(void)!asy_jv_i64(v, &i, NULL);
	(void)!asy_jv_f64(v, &d, NULL);
	(void)!asy_jv_bool(v, &b, NULL);
	if (asy_jv_str(v, &s, &n, NULL) == ASSAY_OK)
		ASSERT(s[n] == '\0');
	for (size_t k = 0; k < asy_jv_size(v); k++) {
		const char *key = asy_jv_key(v, k);
		if (key != NULL)
			ASSERT(asy_jv_get(v, key).node == asy_jv_value(v, k).node);
		visit(key != NULL ? asy_jv_value(v, k) : asy_jv_at(v, k), depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_json *doc = NULL, *again = NULL;
	asy_buf one = {0}, two = {0};
	assay_err e;
	if (asy_json_parse(asy_span(data, size), NULL, &doc, &e) != ASSAY_OK)
		return 0;
	visit(asy_json_root(doc), 0);
	ASSERT(asy_jv_canonical(asy_json_root(doc), &one, &e) == ASSAY_OK);
	ASSERT(asy_json_parse(asy_buf_span(&one), NULL, &again, &e) == ASSAY_OK);
	ASSERT(asy_jv_canonical(asy_json_root(again), &two, &e) == ASSAY_OK);
	ASSERT(asy_span_eq(asy_buf_span(&one), asy_buf_span(&two)));
	asy_buf_fini(&one);
	asy_buf_fini(&two);
	asy_json_free(doc);
	asy_json_free(again);
	return 0;
}
