/* Control messages and plugin descriptions from a hostile worker. What decodes must
 * encode to the same bytes. */
#include <stdlib.h>
#include "plugin/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_message(assay_span s)
{
	uint8_t again[ASY_MSG_MAX];
	asy_msg m = {0};
	if (asy_msg_decode(s, &m, NULL) != ASSAY_OK)
		return;
	size_t len = asy_msg_encode(&m, again);
	ASSERT(len == s.len && memcmp(again, s.ptr, len) == 0);
	ASSERT(m.text[m.text_len] == '\0');
}

static void try_description(assay_span s)
{
	asy_plugin_about a = {0};
	asy_arena *arena = asy_arena_new((size_t)1 << 20);
	if (arena == NULL)
		return;
	if (asy_info_decode(s, arena, &a, NULL) == ASSAY_OK) {
		ASSERT(a.score_min < a.score_max && a.component_n <= ASY_INFO_COMPONENTS_MAX);
		ASSERT(asy_plugin_normalise(&a, a.score_min) >= 0.0);
		ASSERT(asy_plugin_normalise(&a, a.score_max) <= 1.0);
		(void)!asy_info_grant(&a, 0, NULL, NULL);
	}
	asy_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	assay_span rest = {data + 1, size - 1};
	if (data[0] % 2 == 0)
		try_message(rest);
	else
		try_description(rest);
	return 0;
}
