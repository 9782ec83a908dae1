/* An animal of the zoo: a plugin whose configuration says what it does wrong. Every row
 * gets 1 when the attack was fended off and 0 when it got through; a row that begins
 * with "!" is one that a hostile miner wrote. Built twice more: ZOO_CONSTRUCTOR attacks
 * before anybody called it, ZOO_FICKLE describes itself differently at every start. */
#include "zoo.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static int fended = 1;

#ifdef ZOO_CONSTRUCTOR
__attribute__((constructor)) static void before_anybody(void)
{
	static const char *const early[] = {"read-passwd", "list-files",    "fork",     "execve",
										"connect",     "write-tmp",     "new-root", "clone3",
										"memory-file", "own-descriptor"};
	static assay_plugin nobody = {.parent = 1, .port = 80};
	for (size_t i = 0; i < sizeof early / sizeof early[0]; i++)
		if (zoo_attack(early[i]) != NULL)
			fended = fended && zoo_attack(early[i])(&nobody);
}
#endif

/* "key":"VALUE" of the canonical configuration, with '|' turned into '/'. */
static void text_of(assay_bytes config, const char *key, char *dst, size_t cap)
{
	char find[32];
	size_t n = 0;
	(void)snprintf(find, sizeof find, "\"%s\":\"", key);
	const char *at = memmem(config.ptr, (size_t)config.len, find, strlen(find));
	if (at != NULL)
		for (at += strlen(find); *at != '"' && n + 1 < cap; at++)
			dst[n++] = *at == '|' ? '/' : *at;
	dst[n] = '\0';
}

static assay_rc zoo_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	char number[16];
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	p->host = host;
	text_of(config, "act", p->act, sizeof p->act);
	text_of(config, "key", p->key, sizeof p->key);
	text_of(config, "db", p->db, sizeof p->db);
	text_of(config, "mark", p->mark, sizeof p->mark);
	text_of(config, "parent", number, sizeof number);
	p->parent = atoi(number);
	text_of(config, "port", number, sizeof number);
	p->port = atoi(number);
	if (zoo_is_early(p->act))
		fended = fended && zoo_attack(p->act)(p);
	*out = p;
	return strcmp(p->act, "fail-in-open") == 0 ? ASSAY_RC_RESOURCE : ASSAY_RC_OK;
}

static void zoo_close(assay_plugin *p)
{
	if (strcmp(p->act, "hang-in-close") == 0)
		zoo_hang();
	free(p);
}

static int is(const assay_plugin *p, const char *act)
{
	return strcmp(p->act, act) == 0;
}

/* Acts that depend on the rows. */
static double judge(const assay_plugin *p, const assay_response *r)
{
	int marked = r->body.len > 0 && r->body.ptr[0] == '!';
	uint8_t dice = 0;
	if (is(p, "crash-on-one-miner") && marked)
		zoo_crash();
	if (is(p, "hang-on-one-miner") && marked)
		zoo_hang();
	if (is(p, "crash-at-random") && getrandom(&dice, 1, 0) == 1 && dice < 12)
		zoo_crash();
	return is(p, "not-a-number") ? NAN : is(p, "out-of-range") ? 7.5 : (double)fended;
}

static assay_rc zoo_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
						  assay_scores *s)
{
	(void)round;
	if (!zoo_is_early(p->act) && zoo_attack(p->act) != NULL)
		fended = fended && zoo_attack(p->act)(p);
	for (uint64_t i = 0; i < b->response_n; i++) {
		s->score[i] = judge(p, (const void *)((const char *)b->response + i * b->response_stride));
		s->flag[i] = is(p, "no-flag") ? 0 : is(p, "odd-flag") ? 99 : ASSAY_ROW_SCORED;
	}
	if (is(p, "error-code"))
		return -12345;
	return ASSAY_RC_OK;
}

static assay_rc zoo_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	static const uint8_t text[] = "{}";
	(void)round;
	if (is(p, "crash-making"))
		zoo_crash();
	if (is(p, "hang-making"))
		zoo_hang();
	out->challenge[0].prompt = (assay_bytes){text, is(p, "huge-making") ? UINT64_MAX / 2 : 2};
	out->made = is(p, "miscount-making") ? out->want + 1000 : 1;
	return ASSAY_RC_OK;
}

static char summary[32] = "Does what it is told to";
static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "test.assay.zoo",
	.version = "1.0.0",
	.name = "Zoo",
	.summary = summary,
	.licence = "Apache-2.0",
	.vendor = "tests",
	.task_kind = "test",
	.caps = ASSAY_CAP_CHALLENGES,
	.score_max = 1,
	.higher_is_better = 1,
	.config_schema =
		"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
		"\"act\":{\"type\":\"string\"},\"key\":{\"type\":\"string\"},\"db\":{\"type\":\"string\"},"
		"\"mark\":{\"type\":\"string\"},\"parent\":{\"type\":\"string\"},\"port\":{\"type\":"
		"\"string\"}}}",
};
static const assay_plugin_api api = {.size = sizeof api,
									 .open = zoo_open,
									 .close = zoo_close,
									 .score_batch = zoo_score,
									 .make_challenges = zoo_make};

const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {.magic = ASSAY_PLUGIN_MAGIC,
										   .size = sizeof desc,
										   .abi = ASSAY_ABI,
										   .info = &info,
										   .api = &api};
#ifdef ZOO_FICKLE
	uint32_t n = 0;
	(void)!getrandom(&n, sizeof n, 0);
	(void)snprintf(summary, sizeof summary, "Number %u", n);
#endif
	return &desc;
}
