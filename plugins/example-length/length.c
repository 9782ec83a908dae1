/* The smallest complete reward plugin: the longer the answer, the better, up to a
 * configured length. Not meant for a real subnet: padding would pay. */
#include <assay/plugin_kit.h>

struct assay_plugin {
	double full; /* bytes that earn the whole score */
	const assay_host_api *host;
	char made[64][128]; /* challenges, valid until the next are made */
};

static assay_rc length_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	if ((*out = calloc(1, sizeof **out)) == NULL)
		return ASSAY_RC_NOMEM;
	(*out)->host = host;
	(*out)->full = assay_kit_number(config, "full", 400);
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
		const assay_response *r = assay_kit_response(batch, i);
		double d = (double)r->body.len / p->full;
		if (r->status == ASSAY_RESP_OK)
			assay_kit_score(out, i, d > 1 ? 1 : d);
	}
	return ASSAY_RC_OK;
}

/* Challenges of its own, so that no data set is needed. host->random begins anew with the
 * round's seed: the same round gives the same challenges. A prompt is JSON. */
static assay_rc length_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	static const char *const about[] = {"the sea",  "a bridge",  "winter",   "bread",
										"a clock",  "an island", "music",    "a garden",
										"a market", "the moon",  "a letter", "iron",
										"a river",  "a school",  "chess",    "a lighthouse"};
	(void)round;
	for (; out->made < out->want && out->made < sizeof p->made / sizeof p->made[0]; out->made++) {
		char *text = p->made[out->made];
		uint8_t pick;
		p->host->random(p->host->h, &pick, sizeof pick);
		int len = snprintf(text, sizeof p->made[0],
						   "{\"question\":\"Write at least %.0f bytes about %s.\"}", p->full,
						   about[pick % (sizeof about / sizeof about[0])]);
		assay_kit_made(out)->prompt = (assay_bytes){(const uint8_t *)text, (uint64_t)len};
	}
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

ASSAY_PLUGIN(info, api);
