/* The plugin of the benchmark: every batch takes as long as its configuration says, and scores by
 * length. It sleeps in short naps and stops early when it is asked to. */
#include <assay/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAP_MS 20u
#define FULL 400.0 /* bytes that earn the whole score */

struct assay_plugin {
	const assay_host_api *host;
	unsigned long ms;
};

/* The host has validated the configuration: {"ms":N}. */
static assay_rc slow_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	static const char prefix[] = "{\"ms\":";
	char digits[24] = {0};
	uint64_t skip = sizeof prefix - 1;
	if (config.len <= skip || config.len - skip >= sizeof digits ||
		memcmp(config.ptr, prefix, skip) != 0)
		return ASSAY_RC_CONFIG;
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	memcpy(digits, config.ptr + skip, (size_t)(config.len - skip));
	p->host = host;
	p->ms = strtoul(digits, NULL, 10);
	*out = p;
	return ASSAY_RC_OK;
}

static void slow_close(assay_plugin *p)
{
	free(p);
}

static void sleep_on(const assay_plugin *p)
{
	const struct timespec nap = {0, NAP_MS * 1000000L};
	for (unsigned long slept = 0; slept < p->ms; slept += NAP_MS) {
		if (p->host->cancelled(p->host->h) != 0)
			return;
		(void)nanosleep(&nap, NULL);
	}
}

static assay_rc slow_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
						   assay_scores *out)
{
	(void)round;
	sleep_on(p);
	for (uint64_t i = 0; i < b->response_n; i++) {
		const assay_response *r =
			(const void *)((const char *)b->response + i * b->response_stride);
		double d = (double)r->body.len / FULL;
		if (r->status != ASSAY_RESP_OK)
			continue;
		out->score[i] = d > 1 ? 1 : d;
		out->flag[i] = ASSAY_ROW_SCORED;
	}
	return ASSAY_RC_OK;
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.example.slow",
	.version = "1.0.0",
	.name = "Slow",
	.summary = "Length, after a while",
	.licence = "Apache-2.0",
	.vendor = "Assay benchmarks",
	.task_kind = "text",
	.score_max = 1,
	.higher_is_better = 1,
	.config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
					 "\"ms\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":86400000,"
					 "\"default\":0,\"description\":\"how long a batch takes\"}}}",
};

static const assay_plugin_api api = {
	.size = sizeof api,
	.open = slow_open,
	.close = slow_close,
	.score_batch = slow_score,
};

const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {
		.magic = ASSAY_PLUGIN_MAGIC,
		.size = sizeof desc,
		.abi = ASSAY_ABI,
		.info = &info,
		.api = &api,
	};
	return &desc;
}
