/* The plugin of the benchmark: a score is a hash of the body's bytes, so that the
 * work is proportional to what is copied. A body that begins with '!' kills. */
#include <assay/plugin.h>
#include <signal.h>
#include <stdlib.h>

struct assay_plugin {
	int unused;
};

static assay_rc hash_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	(void)host;
	(void)config;
	*out = calloc(1, sizeof **out);
	return *out != NULL ? ASSAY_RC_OK : ASSAY_RC_NOMEM;
}

static void hash_close(assay_plugin *p)
{
	free(p);
}

static assay_rc hash_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
						   assay_scores *out)
{
	(void)p;
	(void)round;
	for (uint64_t i = 0; i < b->response_n; i++) {
		const assay_response *r =
			(const void *)((const char *)b->response + i * b->response_stride);
		uint64_t h = 0xcbf29ce484222325u;
		if (r->body.len != 0 && r->body.ptr[0] == '!')
			(void)raise(SIGKILL);
		for (uint64_t k = 0; k < r->body.len; k++)
			h = (h ^ r->body.ptr[k]) * 0x100000001b3u;
		out->score[i] = (double)(h >> 11) * 0x1p-53;
		out->flag[i] = ASSAY_ROW_SCORED;
	}
	return ASSAY_RC_OK;
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.example.hash",
	.version = "1.0.0",
	.name = "Hash",
	.summary = "A hash of the bytes",
	.licence = "Apache-2.0",
	.vendor = "Assay benchmarks",
	.task_kind = "benchmark",
	.score_max = 1,
	.higher_is_better = 1,
};
static const assay_plugin_api api = {
	.size = sizeof api, .open = hash_open, .close = hash_close, .score_batch = hash_score};

const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {.magic = ASSAY_PLUGIN_MAGIC,
										   .size = sizeof desc,
										   .abi = ASSAY_ABI,
										   .info = &info,
										   .api = &api};
	return &desc;
}
