/* The plugin is linked, opened once, and lives until the program ends. */
#include "fuzz/reward_body.h"
#include <stdlib.h>
#include <string.h>
#include "assay/plugin.h"

enum { ROWS = 4 };

static assay_plugin *plugin;

static assay_bytes text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

static void require(int held)
{
	if (!held)
		abort();
}

static void score(const assay_challenge *c, uint32_t c_n, const assay_response *x, uint64_t n,
				  int may_abstain, double *s)
{
	const assay_round_info round = {.size = sizeof round};
	uint8_t flag[ROWS] = {0};
	assay_batch b = {.size = sizeof b,
					 .challenge_n = c_n,
					 .response_n = n,
					 .challenge = c,
					 .response = x,
					 .challenge_stride = sizeof *c,
					 .response_stride = sizeof *x};
	assay_scores out = {.size = sizeof out, .score = s, .flag = flag};
	require(assay_plugin_entry_v1()->api->score_batch(plugin, &round, &b, &out) == ASSAY_RC_OK);
	for (uint64_t i = 0; i < n; i++) {
		require(flag[i] == ASSAY_ROW_SCORED || (may_abstain && flag[i] == ASSAY_ROW_ABSTAIN));
		require(flag[i] != ASSAY_ROW_SCORED || (s[i] >= 0 && s[i] <= 1));
	}
}

/* {"member":"bytes"}, with the worst characters escaped. */
static assay_bytes quoted(const char *member, const uint8_t *data, size_t size, char *dst)
{
	size_t n = 0;
	dst[n++] = '{';
	dst[n++] = '"';
	for (; *member != '\0'; member++)
		dst[n++] = *member;
	memcpy(dst + n, "\":\"", 3);
	n += 3;
	for (size_t i = 0; i < size; i++) {
		uint8_t c = data[i];
		dst[n++] = c < 0x20 || c == '"' || c == '\\' ? ' ' : (char)c;
	}
	dst[n++] = '"';
	dst[n++] = '}';
	return (assay_bytes){(const uint8_t *)dst, n};
}

/* Twice the same beside a good answer; what is no object is also tried as a string in one. */
static void as_answer(const fuzz_reward *t, assay_bytes any)
{
	const assay_challenge c = {
		.prompt = text(t->prompt), .reference = text(t->reference), .meta_json = text("{}")};
	char *body = malloc(any.len + 64);
	double s[ROWS] = {0};
	uint64_t n = 3;
	require(body != NULL);
	assay_response x[ROWS] = {{.body = any}, {.body = text(t->answer)}, {.body = any}};
	if (t->member != NULL && (any.len == 0 || any.ptr[0] != '{'))
		x[n++].body = quoted(t->member, any.ptr, any.len, body);
	score(&c, 1, x, n, 0, s);
	require(memcmp(&s[0], &s[2], sizeof s[0]) == 0);
	free(body);
}

static void as_challenge(const fuzz_reward *t, assay_bytes any)
{
	const assay_challenge c[2] = {
		{.prompt = any, .reference = text(t->reference), .meta_json = text("{}")},
		{.prompt = text(t->prompt), .reference = any, .meta_json = text("{}")}};
	const assay_response x[2] = {{.body = text(t->answer)},
								 {.body = text(t->answer), .challenge = 1}};
	const assay_plugin_api *api = assay_plugin_entry_v1()->api;
	assay_plugin *configured = NULL;
	double s[ROWS] = {0};
	score(c, 2, x, 2, 1, s);
	if (api->open(NULL, any, &configured) == ASSAY_RC_OK)
		api->close(configured);
}

void fuzz_reward_run(const fuzz_reward *t, const uint8_t *data, size_t size)
{
	if (plugin == NULL)
		require(assay_plugin_entry_v1()->api->open(NULL, text("{}"), &plugin) == ASSAY_RC_OK);
	if (size % 2 == 0)
		as_answer(t, (assay_bytes){data, size});
	else
		as_challenge(t, (assay_bytes){data, size});
}
