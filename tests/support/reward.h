/* What tests of a reward plugin share: a host that remembers what it was told, one
 * call that scores a batch, and the shipped sample challenges. The plugin under
 * test is linked, not loaded: AddressSanitizer then sees every byte. */
#ifndef ASSAY_TESTS_REWARD_H
#define ASSAY_TESTS_REWARD_H
#include "assay/plugin.h"
#include "codec/codec.h"
#include "support/test.h"

#define REWARD_COMPONENTS_MAX 64

typedef struct {
	assay_host_api api;
	assay_plugin *plugin;
	const assay_plugin_desc *desc;
	char failed[256], warned[256];
	uint64_t polls, stop_after; /* cancelled() says yes from that poll on; 0: never */
} reward_host;

typedef struct {
	double score;
	uint8_t flag;
	double component[REWARD_COMPONENTS_MAX];
} reward_row;

static inline void reward_note(char *dst, size_t cap, const char *msg, uint64_t len)
{
	(void)snprintf(dst, cap, "%.*s", (int)len, msg);
}
static inline void reward_on_fail(assay_host *h, const char *msg, uint64_t len)
{
	reward_host *r = (reward_host *)(void *)h;
	reward_note(r->failed, sizeof r->failed, msg, len);
}
static inline void reward_on_log(assay_host *h, int32_t level, const char *msg, uint64_t len)
{
	reward_host *r = (reward_host *)(void *)h;
	if (level <= ASSAY_LOG_WARN)
		reward_note(r->warned, sizeof r->warned, msg, len);
}
static inline int32_t reward_on_cancelled(assay_host *h)
{
	reward_host *r = (reward_host *)(void *)h;
	return ++r->polls >= r->stop_after && r->stop_after != 0;
}

/* Opens the linked plugin with a configuration text; the plugin's own rc. */
static inline assay_rc reward_open(reward_host *r, const char *config)
{
	*r = (reward_host){.desc = assay_plugin_entry_v1()};
	r->api = (assay_host_api){.size = sizeof r->api,
							  .abi = ASSAY_ABI,
							  .h = (assay_host *)(void *)r,
							  .log = reward_on_log,
							  .fail = reward_on_fail,
							  .cancelled = reward_on_cancelled,
							  .threads = 1};
	return r->desc->api->open(&r->api, (assay_bytes){(const uint8_t *)config, strlen(config)},
							  &r->plugin);
}
static inline void reward_close(reward_host *r)
{
	if (r->plugin != NULL)
		r->desc->api->close(r->plugin);
	r->plugin = NULL;
}

/* Scores one batch the way a host does: outputs pre-filled, arrays of its own. */
static inline assay_rc reward_score(reward_host *r, const assay_challenge *c, uint32_t c_n,
									const assay_response *x, uint64_t x_n, reward_row *out)
{
	const assay_round_info round = {.size = sizeof round, .round = 1};
	uint32_t m = r->desc->info->component_n;
	ck_assert_uint_le(m, REWARD_COMPONENTS_MAX);
	double *score = calloc(x_n + 1, sizeof *score);
	uint8_t *flag = calloc(x_n + 1, 1);
	double *component = calloc(x_n * m + 1, sizeof *component);
	ck_assert(score != NULL && flag != NULL && component != NULL);
	for (uint64_t i = 0; i < x_n; i++)
		score[i] = __builtin_nan("");
	assay_batch b = {.size = sizeof b,
					 .challenge_n = c_n,
					 .response_n = x_n,
					 .challenge = c,
					 .response = x,
					 .challenge_stride = sizeof *c,
					 .response_stride = sizeof *x};
	assay_scores s = {
		.size = sizeof s, .component_n = m, .score = score, .flag = flag, .component = component};
	assay_rc rc = r->desc->api->score_batch(r->plugin, &round, &b, &s);
	for (uint64_t i = 0; i < x_n; i++) {
		out[i].score = score[i];
		out[i].flag = flag[i];
		memcpy(out[i].component, component + i * m, m * sizeof *component);
	}
	free(score);
	free(flag);
	free(component);
	return rc;
}

/* A component of a row by its published name. */
static inline double reward_part(const reward_host *r, const reward_row *row, const char *name)
{
	for (uint32_t i = 0; i < r->desc->info->component_n; i++)
		if (strcmp(r->desc->info->component_name[i], name) == 0)
			return row->component[i];
	ck_abort_msg("no component %s", name);
	return 0;
}

static inline assay_bytes reward_text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}
static inline assay_response reward_answer(uint32_t challenge, assay_bytes body)
{
	return (assay_response){.body = body, .challenge = challenge, .status = ASSAY_RESP_OK};
}

/* Scores one body against one challenge. */
static inline reward_row reward_one(reward_host *r, const assay_challenge *c, assay_bytes body)
{
	assay_response x = reward_answer(0, body);
	reward_row row;
	ck_assert_int_eq(reward_score(r, c, 1, &x, 1, &row), ASSAY_RC_OK);
	return row;
}

static inline bool reward_same_bits(const reward_row *a, const reward_row *b, size_t components)
{
	return memcmp(&a->score, &b->score, sizeof a->score) == 0 && a->flag == b->flag &&
		   memcmp(a->component, b->component, components * sizeof(double)) == 0;
}

/* ---- the samples: one JSON object per line ---- */

typedef struct {
	char id[64];
	asy_json *doc;
	asy_buf text[3]; /* prompt, reference, meta: what the spans point to */
	assay_challenge challenge;
} reward_sample;

static inline asy_jv reward_sample_get(const reward_sample *s, const char *key)
{
	return asy_jv_get(asy_json_root(s->doc), key);
}

/* Reads ASSAY_SOURCE_DIR/path; *n samples, freed with reward_samples_free. */
static inline reward_sample *reward_samples(const char *path, size_t *n)
{
	static const char *const keys[3] = {"prompt", "reference", "meta"};
	char full[1024];
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	assay_err err;
	reward_sample *all = NULL;
	(void)snprintf(full, sizeof full, "%s/%s", ASSAY_SOURCE_DIR, path);
	FILE *f = fopen(full, "rb"); /* edge: a test reads the shipped samples */
	ck_assert_msg(f != NULL, "cannot open %s", full);
	*n = 0;
	while ((len = getline(&line, &cap, f)) > 0) {
		all = realloc(all, (*n + 1) * sizeof *all);
		ck_assert_ptr_nonnull(all);
		reward_sample *s = &all[(*n)++];
		*s = (reward_sample){.doc = NULL};
		const char *id;
		size_t id_len;
		ck_ok(asy_json_parse(asy_span(line, (size_t)len), NULL, &s->doc, &err), err);
		ck_ok(asy_jv_str(reward_sample_get(s, "id"), &id, &id_len, &err), err);
		(void)asy_str_copy(s->id, sizeof s->id, id);
		for (int k = 0; k < 3; k++)
			ck_ok(asy_jv_canonical(reward_sample_get(s, keys[k]), &s->text[k], &err), err);
		s->challenge = (assay_challenge){.prompt = {s->text[0].ptr, s->text[0].len},
										 .reference = {s->text[1].ptr, s->text[1].len},
										 .meta_json = {s->text[2].ptr, s->text[2].len}};
	}
	free(line);
	(void)fclose(f);
	return all;
}
static inline void reward_samples_free(reward_sample *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		asy_json_free(s[i].doc);
		for (int k = 0; k < 3; k++)
			asy_buf_fini(&s[i].text[k]);
	}
	free(s);
}
#endif
