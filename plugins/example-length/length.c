/* The smallest complete reward plugin: the longer the answer, the better, up to a
 * configured length. Shows everything a plugin must do and nothing it need not.
 * Not meant for a real subnet: padding would pay. */
#include <assay/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE_MAX 64u

struct assay_plugin {
	const assay_host_api *host;
	unsigned long full;       /* bytes that earn the whole score */
	char made[MADE_MAX][128]; /* challenges, valid until the next are made */
};

/* The host has validated the configuration and filled defaults: the canonical text
 * is {"full":N} and nothing else. */
static assay_rc length_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	static const char prefix[] = "{\"full\":";
	char digits[24] = {0};
	uint64_t skip = sizeof prefix - 1;

	if (config.len <= skip || config.len - skip >= sizeof digits ||
		memcmp(config.ptr, prefix, skip) != 0) {
		host->fail(host->h, "expected {\"full\":N}", 19);
		return ASSAY_RC_CONFIG;
	}
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	memcpy(digits, config.ptr + skip, (size_t)(config.len - skip));
	p->host = host;
	p->full = strtoul(digits, NULL, 10);
	*out = p;
	return ASSAY_RC_OK;
}

static void length_close(assay_plugin *p)
{
	free(p);
}

static assay_rc length_score(assay_plugin *p, const assay_round_info *round,
							 const assay_batch *batch, assay_scores *out)
{
	(void)round;
	for (uint64_t i = 0; i < batch->response_n; i++) {
		/* by stride, not by index: a newer host may have longer rows */
		const assay_response *r =
			(const void *)((const char *)batch->response + i * batch->response_stride);
		double d = (double)r->body.len / (double)p->full;
		if (r->status != ASSAY_RESP_OK)
			continue; /* flag stays 0: not scored */
		out->score[i] = d > 1 ? 1 : d;
		out->flag[i] = ASSAY_ROW_SCORED;
	}
	return ASSAY_RC_OK;
}

/* Challenges of its own, so that no data set is needed. host->random begins anew with the
 * round's seed: the same round gives the same challenges. A prompt is JSON. */
static assay_rc length_make(assay_plugin *p, const assay_round_info *round, uint32_t want,
							assay_challenge *out, uint32_t *made)
{
	static const char *const about[] = {"the sea",  "a bridge",  "winter",   "bread",
										"a clock",  "an island", "music",    "a garden",
										"a market", "the moon",  "a letter", "iron",
										"a river",  "a school",  "chess",    "a lighthouse"};
	uint32_t n = want < MADE_MAX ? want : MADE_MAX;

	(void)round;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t pick;
		p->host->random(p->host->h, &pick, sizeof pick);
		int len = snprintf(p->made[i], sizeof p->made[i],
						   "{\"question\":\"Write at least %lu bytes about %s.\"}", p->full,
						   about[pick % (sizeof about / sizeof about[0])]);
		out[i].prompt.ptr = (const uint8_t *)p->made[i];
		out[i].prompt.len = (uint64_t)len;
	}
	*made = n;
	return ASSAY_RC_OK;
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.example.length",
	.version = "1.0.0",
	.name = "Length",
	.summary = "Longer is better, up to a point",
	.licence = "Apache-2.0",
	.vendor = "Assay examples",
	.task_kind = "text",
	.caps = ASSAY_CAP_CHALLENGES,
	.score_max = 1,
	.higher_is_better = 1,
	.config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
					 "\"full\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000000,"
					 "\"default\":400,\"description\":\"bytes that earn the whole score\"}}}",
};

static const assay_plugin_api api = {
	.size = sizeof api,
	.open = length_open,
	.close = length_close,
	.score_batch = length_score,
	.make_challenges = length_make,
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
