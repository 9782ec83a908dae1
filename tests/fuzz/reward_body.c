/* The plugin is linked, opened once, and lives until the program ends. */
#include "fuzz/reward_body.h"
#include <stdlib.h>
#include <string.h>
#include "assay/plugin.h"

enum { ROWS = 4, WAYS = 32 };

static assay_plugin *plugin;

static assay_bytes text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

static assay_challenge challenge(assay_bytes prompt, assay_bytes reference)
{
	return (assay_challenge){.prompt = prompt, .reference = reference, .meta_json = text("{}")};
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

static void as_answer(const fuzz_reward *t, unsigned way, assay_bytes any)
{
	const assay_challenge c = challenge(text(t->prompt), text(t->reference));
	const assay_response x = {.body = any};
	double s[ROWS] = {0};
	if (t->score != NULL)
		s[0] = t->score(way, any.ptr, any.len);
	else
		score(&c, 1, &x, 1, 0, s);
	require(s[0] >= 0 && s[0] <= 1);
}

static void as_value(const fuzz_reward *t, unsigned way, assay_bytes any)
{
	char *body = malloc(any.len + 64);
	require(body != NULL);
	as_answer(t, way, quoted(t->member, any.ptr, any.len, body));
	free(body);
}

/* Twice beside a good answer: the same bytes earn the same bits. */
static void in_batch(const fuzz_reward *t, assay_bytes any)
{
	const assay_challenge c = challenge(text(t->prompt), text(t->reference));
	const assay_response x[ROWS] = {{.body = any}, {.body = text(t->answer)}, {.body = any}};
	double s[ROWS] = {0};
	score(&c, 1, x, 3, 0, s);
	require(memcmp(&s[0], &s[2], sizeof s[0]) == 0);
}

static void as_challenge(const fuzz_reward *t, assay_bytes prompt, assay_bytes reference)
{
	const assay_challenge c = challenge(prompt, reference);
	const assay_response x = {.body = text(t->answer)};
	double s[ROWS] = {0};
	score(&c, 1, &x, 1, 1, s);
}

static void as_configuration(assay_bytes any)
{
	const assay_plugin_api *api = assay_plugin_entry_v1()->api;
	assay_plugin *configured = NULL;
	if (api->open(NULL, any, &configured) == ASSAY_RC_OK)
		api->close(configured);
}

/* Which of the ways the bytes are tried: their own sum decides, so that a find stays one
 * when its file is copied, and a mutation is soon tried in another way. */
static unsigned way_of(const uint8_t *data, size_t size)
{
	unsigned sum = (unsigned)size;
	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + data[i];
	return sum;
}

void fuzz_reward_run(const fuzz_reward *t, const uint8_t *data, size_t size)
{
	const assay_bytes any = {data, size};
	const char *config = t->config != NULL ? t->config : "{}";
	if (plugin == NULL)
		require(assay_plugin_entry_v1()->api->open(NULL, text(config), &plugin) == ASSAY_RC_OK);
	unsigned way = way_of(data, size);
	if (way % WAYS == 0)
		as_configuration(any);
	else if (way % WAYS == 1)
		as_challenge(t, any, text(t->reference));
	else if (way % WAYS == 2)
		as_challenge(t, text(t->prompt), any);
	else if (way % WAYS == 3)
		in_batch(t, any);
	else if (way % WAYS < 16 && t->member != NULL)
		as_value(t, way / WAYS, any);
	else
		as_answer(t, way / WAYS, any);
}
