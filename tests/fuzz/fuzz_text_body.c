/* Any bytes as an answer to the text plugin, and as the challenge and the configuration
 * it reads. Properties: a row is decided, its score is in [0, 1], the same bytes give
 * the same bits, also beside another row, and bytes that serve as a challenge never
 * make an answer fail the call. */
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

/* Scores body beside a fixed answer; the score of body. */
static double score(assay_plugin *p, const assay_challenge *c, assay_bytes body, int may_abstain)
{
	const assay_round_info round = {.size = sizeof round};
	const assay_response x[2] = {
		{.body = body, .status = ASSAY_RESP_OK},
		{.body = text("{\"completion\":\"one more\"}"), .status = ASSAY_RESP_OK}};
	double s[2] = {0, 0};
	uint8_t flag[2] = {0, 0};
	const assay_batch b = {.size = sizeof b,
						   .challenge_n = 1,
						   .response_n = 2,
						   .challenge = c,
						   .response = x,
						   .challenge_stride = sizeof *c,
						   .response_stride = sizeof x[0]};
	assay_scores out = {.size = sizeof out, .score = s, .flag = flag};
	require(assay_plugin_entry_v1()->api->score_batch(p, &round, &b, &out) == ASSAY_RC_OK);
	require(flag[0] == ASSAY_ROW_SCORED || (may_abstain && flag[0] == ASSAY_ROW_ABSTAIN));
	require(s[0] >= 0 && s[0] <= 1);
	return s[0];
}

/* The bytes as the value of the body's member, with the worst characters escaped. */
static assay_bytes quoted(const uint8_t *data, size_t size, char *dst)
{
	static const char head[] = "{\"completion\":\"";
	size_t n = strlen(head);
	memcpy(dst, head, n);
	for (size_t i = 0; i < size; i++) {
		uint8_t c = data[i];
		dst[n++] = c < 0x20 || c == '"' || c == '\\' ? ' ' : (char)c;
	}
	dst[n++] = '"';
	dst[n++] = '}';
	return (assay_bytes){(const uint8_t *)dst, n};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char prompt[] = "{\"id\":\"q\",\"question\":\"Why does ice float on water?\"}";
	static const char reference[] = "{\"answers\":[\"Water expands when it freezes because its "
									"molecules form an open lattice.\",\"ice\"]}";
	const assay_plugin_api *api = assay_plugin_entry_v1()->api;
	const assay_bytes any = {data, size},
					  answer = text("{\"completion\":\"a plain answer of six words\"}");
	const assay_challenge ours = {text(prompt), text(reference), text("{}")};
	const assay_challenge asked = {any, text(reference), text("{}")};
	const assay_challenge known = {text(prompt), any, text("{}")};
	assay_plugin *p = NULL, *configured = NULL;
	char *body = malloc(size + 64);
	require(body != NULL && api->open(NULL, text("{}"), &p) == ASSAY_RC_OK);
	double first = score(p, &ours, any, 0), again = score(p, &ours, any, 0);
	require(memcmp(&first, &again, sizeof first) == 0);
	(void)score(p, &ours, quoted(data, size, body), 0);
	(void)score(p, &asked, answer, 1);
	(void)score(p, &known, answer, 1);
	if (api->open(NULL, any, &configured) == ASSAY_RC_OK)
		api->close(configured);
	api->close(p);
	free(body);
	return 0;
}
