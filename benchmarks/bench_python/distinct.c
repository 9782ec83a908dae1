/* How many of the 256 bytes occur; distinct.py says the same. */
#include <assay/plugin_kit.h>

static assay_rc distinct_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
							   assay_scores *out)
{
	(void)p;
	(void)round;
	for (uint64_t i = 0; i < b->response_n; i++) {
		const assay_response *r = assay_kit_response(b, i);
		uint8_t seen[256] = {0};
		unsigned n = 0;
		for (uint64_t k = 0; k < r->body.len; k++)
			seen[r->body.ptr[k]] = 1;
		for (size_t k = 0; k < 256; k++)
			n += seen[k];
		assay_kit_score(out, i, n / 256.0);
	}
	return ASSAY_RC_OK;
}

static assay_rc distinct_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	(void)config;
	*out = (assay_plugin *)(uintptr_t)host; /* no state, but not NULL */
	return ASSAY_RC_OK;
}

static void distinct_close(assay_plugin *p)
{
	(void)p;
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.example.distinct",
	.version = "1.0.0",
	.name = "Distinct",
	.summary = "The number of bytes that occur",
	.licence = "Apache-2.0",
	.vendor = "Assay benchmarks",
	.task_kind = "benchmark",
	.score_max = 1,
	.higher_is_better = 1,
};
static const assay_plugin_api api = {.size = sizeof api,
									 .open = distinct_open,
									 .close = distinct_close,
									 .score_batch = distinct_score};

ASSAY_PLUGIN(info, api);
