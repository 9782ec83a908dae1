/* One plugin a VARIANT, each breaking (or stretching) one rule of loading. The
 * rest is as plain as can be: every row scores 0.5. */
#include <assay/plugin.h>
#include <stdlib.h>
#include <string.h>

#define WRONG_MAGIC 1
#define WRONG_ABI 2
#define WRONG_INFO_ABI 3
#define UNKNOWN_NEED 4
#define NEED_STATE 5
#define NEED_CACHE 6
#define OLDER 7
#define NEWER 8
#define TINY_INFO 9
#define TINY_API 10
#define BAD_ID 11
#define BAD_VERSION 12
#define BAD_UTF8 13
#define BAD_RANGE 14
#define HUGE_COMPONENTS 15
#define TWIN_COMPONENTS 16
#define CAP_ALONE 17
#define FUNCTION_ALONE 18
#define NULL_DESC 19
#define V2_ONLY 20
#define BAD_SCHEMA 21
#define BAD_DEFAULT 22
#define OPEN_FAILS 23
#define OPEN_CRASHES 24
#define OPEN_HANGS 25
#define CONSTRUCTOR_EXITS 26
#define NO_INSTANCE 27
#define LOWER_BETTER 28
#define NO_CLOSE 29
#define LONG_SUMMARY 30
#define NEWER_MINOR 31
#define MAX_BATCH 32
#define NEED_INEXACT 33
#define SCORE_CRASHES 34

struct assay_plugin {
	int unused;
};

static assay_rc plain_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	(void)config;
#if VARIANT == OPEN_FAILS
	host->fail(host->h, "the model is missing", 20);
	*out = (assay_plugin *)1;
	return ASSAY_RC_RESOURCE;
#elif VARIANT == OPEN_CRASHES
	abort();
#elif VARIANT == OPEN_HANGS
	for (volatile int forever = 1; forever;)
		;
#endif
	(void)host;
	*out = VARIANT == NO_INSTANCE ? NULL : calloc(1, sizeof **out);
	return ASSAY_RC_OK;
}
#if VARIANT != NO_CLOSE
static void plain_close(assay_plugin *p)
{
	free(p);
}
#endif
static assay_rc plain_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
							assay_scores *s)
{
	(void)p;
	(void)round;
	for (uint64_t i = 0; i < b->response_n; i++) {
#if VARIANT == SCORE_CRASHES
		abort();
#endif
#if VARIANT == MAX_BATCH
		s->score[i] = b->response_n <= 3 ? 0.25 : 0.75;
#else
		s->score[i] = 0.5;
#endif
		s->flag[i] = ASSAY_ROW_SCORED;
	}
	return ASSAY_RC_OK;
}
#if VARIANT == FUNCTION_ALONE
static assay_rc plain_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	(void)p;
	(void)round;
	(void)out;
	return ASSAY_RC_OK;
}
#endif
#if VARIANT == NEED_STATE
static assay_rc plain_save(assay_plugin *p, void *buf, uint64_t cap, uint64_t *need)
{
	(void)p;
	(void)buf;
	(void)cap;
	*need = 0;
	return ASSAY_RC_OK;
}
static assay_rc plain_load(assay_plugin *p, assay_bytes state)
{
	(void)p;
	(void)state;
	return ASSAY_RC_OK;
}
#endif
#if VARIANT == CONSTRUCTOR_EXITS
__attribute__((constructor)) static void leave(void)
{
	_Exit(9);
}
#endif

#if VARIANT == HUGE_COMPONENTS || VARIANT == TWIN_COMPONENTS
static const char *const names[100] = {"same", "same"};
#endif

#if VARIANT == OLDER
#define INFO_SIZE offsetof(assay_plugin_info, tolerance)
#elif VARIANT == TINY_INFO
#define INFO_SIZE offsetof(assay_plugin_info, score_max)
#elif VARIANT == NEWER
#define INFO_SIZE sizeof info
#else
#define INFO_SIZE sizeof(assay_plugin_info)
#endif

#if VARIANT == WRONG_INFO_ABI
#define INFO_ABI (3u << 16)
#elif VARIANT == NEWER_MINOR
#define INFO_ABI (ASSAY_ABI + 7)
#else
#define INFO_ABI ASSAY_ABI
#endif

#if VARIANT == LONG_SUMMARY
#define FIFTY "01234567890123456789012345678901234567890123456789"
#define SUMMARY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#else
#define SUMMARY "Breaks one rule"
#endif

/* A struct of a later minor: the same beginning, more behind. */
static const struct {
	assay_plugin_info v1;
	uint64_t later[8];
} info = {
	.v1 =
		{
			.size = INFO_SIZE,
			.abi = INFO_ABI,
			.id = VARIANT == BAD_ID ? "Length" : "test.assay.desc",
			.version = VARIANT == BAD_VERSION ? "1.0" : "0.1.0",
			.name = VARIANT == BAD_UTF8 ? "caf\xe9" : "Descriptor",
			.summary = SUMMARY,
			.licence = "Apache-2.0",
			.vendor = "tests",
			.task_kind = "test",
			.score_min = VARIANT == BAD_RANGE      ? 1
						 : VARIANT == LOWER_BETTER ? -1
												   : 0,
			.score_max = 1,
			.higher_is_better = VARIANT != LOWER_BETTER,
			.max_batch = VARIANT == MAX_BATCH ? 3 : 0,
#if VARIANT == UNKNOWN_NEED
			.needs = 1u << 9,
#elif VARIANT == NEED_STATE
			.needs = ASSAY_NEED_STATE,
#elif VARIANT == NEED_CACHE
			.needs = ASSAY_NEED_CACHE,
#elif VARIANT == NEED_INEXACT
			.needs = ASSAY_NEED_INEXACT,
#elif VARIANT == HUGE_COMPONENTS
			.caps = ASSAY_CAP_COMPONENTS,
			.component_n = 1000000,
			.component_name = names,
#elif VARIANT == TWIN_COMPONENTS
			.caps = ASSAY_CAP_COMPONENTS,
			.component_n = 2,
			.component_name = names,
#elif VARIANT == CAP_ALONE
			.caps = ASSAY_CAP_CHALLENGES,
#elif VARIANT == BAD_SCHEMA
			.config_schema = "{\"type\":\"object\",\"oneOf\":[]}",
#elif VARIANT == BAD_DEFAULT
			.config_schema = "{\"properties\":{\"k\":{\"type\":\"integer\",\"default\":\"x\"}}}",
#endif
		},
};
static const assay_plugin_api api = {
#if VARIANT == TINY_API
	.size = offsetof(assay_plugin_api, score_batch),
#elif VARIANT == OLDER
	.size = offsetof(assay_plugin_api, make_challenges),
#else
	.size = sizeof api,
#endif
	.open = plain_open,
#if VARIANT != NO_CLOSE
	.close = plain_close,
#endif
	.score_batch = plain_score,
#if VARIANT == NEED_STATE
	.state_save = plain_save,
	.state_load = plain_load,
#endif
#if VARIANT == FUNCTION_ALONE
	.make_challenges = plain_make,
#endif
};

#if VARIANT == V2_ONLY
ASSAY_EXPORT const void *assay_plugin_entry_v2(void);
const void *assay_plugin_entry_v2(void)
{
	return &api;
}
__attribute__((unused)) static const void *unused_info(void)
{
	return &info;
}
#else
const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {
		.magic = VARIANT == WRONG_MAGIC ? 0x1234u : ASSAY_PLUGIN_MAGIC,
		.size = sizeof desc,
		.abi = VARIANT == WRONG_ABI ? 2u << 16 : ASSAY_ABI,
		.info = &info.v1,
		.api = &api,
	};
	return VARIANT == NULL_DESC ? NULL : &desc;
}
#endif
