/* A message of a node, looked at before it is parsed: where it is JSON without escapes, the look
 * finds what the parser finds. */
#include <stdlib.h>
#include "chain/impl.h"

static void compare(assay_span text, const asy_rpc_peek *p, asy_jv root)
{
	uint64_t id = 0;
	const char *method = "";
	size_t len = 0;
	asy_jv id_at = asy_jv_get(root, "id");
	bool has_id = asy_jv_u64(id_at, &id, NULL) == ASSAY_OK;
	bool is_head = asy_jv_str(asy_jv_get(root, "method"), &method, &len, NULL) == ASSAY_OK &&
				   len == 13 && memcmp(method, "chain_newHead", 13) == 0;
	if (memchr(text.ptr, '\\', text.len) != NULL)
		return;
	if (has_id && (!p->has_id || (id < UINT64_C(1000000000000000000) && p->id != id)))
		abort();
	if (asy_jv_kind(id_at) == ASY_J_ABSENT && p->has_id)
		abort();
	if (is_head != p->is_head)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const asy_json_limits limits = {.max_bytes = size, .max_depth = 64, .max_values = 4096};
	assay_span text = asy_span(data, size);
	asy_rpc_peek p;
	asy_json *doc = NULL;
	bool whole = asy_rpc_peek_at(text, &p);
	if (asy_json_parse(text, &limits, &doc, NULL) != ASSAY_OK)
		return 0;
	bool is_object = asy_jv_kind(asy_json_root(doc)) == ASY_J_OBJECT;
	if (whole != is_object)
		abort();
	if (is_object)
		compare(text, &p, asy_json_root(doc));
	asy_json_free(doc);
	return 0;
}
