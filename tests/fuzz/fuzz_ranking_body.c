/* Any bytes as an answer to the ranking plugin, and as the challenge it reads.
 * Properties: a row is decided, its score is in [0, 1], the same bytes give the same
 * bits, and bytes that serve as a challenge never make an answer fail the call. */
#include <stdlib.h>
#include <string.h>
#include "assay/plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static assay_bytes text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

static void require(int held)
{
	if (!held)
		abort();
}

static double score(assay_plugin *p, const assay_challenge *c, assay_bytes body, int may_abstain)
{
	const assay_round_info round = {.size = sizeof round};
	assay_response x = {.body = body, .status = ASSAY_RESP_OK};
	double s = 0;
	uint8_t flag = 0;
	assay_batch b = {.size = sizeof b,
					 .challenge_n = 1,
					 .response_n = 1,
					 .challenge = c,
					 .response = &x,
					 .challenge_stride = sizeof *c,
					 .response_stride = sizeof x};
	assay_scores out = {.size = sizeof out, .score = &s, .flag = &flag};
	require(assay_plugin_entry_v1()->api->score_batch(p, &round, &b, &out) == ASSAY_RC_OK);
	require(flag == ASSAY_ROW_SCORED || (may_abstain && flag == ASSAY_ROW_ABSTAIN));
	require(s >= 0 && s <= 1);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char documents[] =
		"{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"caf\\u00e9\"}]}";
	static const char relevance[] = "{\"relevance\": {\"a\": 3, \"caf\\u00e9\": 1}}";
	const assay_plugin_api *api = assay_plugin_entry_v1()->api;
	const assay_bytes any = {data, size}, answer = text("{\"ranking\": [\"a\", \"b\"]}");
	const assay_challenge ours = {text(documents), text(relevance), text("{}")};
	const assay_challenge prompt = {any, text(relevance), text("{}")};
	const assay_challenge reference = {text(documents), any, text("{}")};
	assay_plugin *p = NULL;
	require(api->open(NULL, text("{}"), &p) == ASSAY_RC_OK);
	double first = score(p, &ours, any, 0), again = score(p, &ours, any, 0);
	require(memcmp(&first, &again, sizeof first) == 0);
	(void)score(p, &prompt, answer, 1);
	(void)score(p, &reference, answer, 1);
	api->close(p);
	return 0;
}
