/* A plugin that remembers: its state is the number of rows it has seen, 8 bytes, and lies or
 * misbehaves about it as its configuration says. A score is what it remembers, plus what the
 * row says. */
#include <assay/plugin_kit.h>

struct assay_plugin {
	const assay_host_api *host;
	char act[32];
	uint64_t seen, saves;
};

static int acts(const assay_plugin *p, const char *what)
{
	return strcmp(p->act, what) == 0;
}

static void crash(void)
{
	volatile int *volatile nowhere = NULL;
	*nowhere = 1;
}

static assay_rc memory_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	if ((*out = calloc(1, sizeof **out)) == NULL)
		return ASSAY_RC_NOMEM;
	(*out)->host = host;
	assay_kit_text(config, "act", (*out)->act, sizeof(*out)->act);
	return ASSAY_RC_OK;
}

static void memory_close(assay_plugin *p)
{
	free(p);
}

static assay_rc memory_load(assay_plugin *p, assay_bytes state)
{
	if (acts(p, "load-crashes") && state.len != 0)
		crash();
	if (acts(p, "load-always-crashes"))
		crash();
	for (volatile int hangs = acts(p, "load-hangs") && state.len != 0; hangs;)
		;
	if (acts(p, "load-refuses") && state.len != 0)
		return assay_kit_fail(p->host, ASSAY_RC_UNSUPPORTED, "a state of version 1");
	if (acts(p, "load-always-refuses"))
		return assay_kit_fail(p->host, ASSAY_RC_INPUT, "no state is good enough");
	if (acts(p, "load-ignored")) /* keeps what the instance knows */
		return ASSAY_RC_OK;
	p->seen = 0;
	if (state.len != 0 && state.len != 8)
		return assay_kit_fail(p->host, ASSAY_RC_INPUT, "%u bytes", (unsigned)state.len);
	if (state.len == 8)
		memcpy(&p->seen, state.ptr, 8);
	return ASSAY_RC_OK;
}

static assay_rc memory_save(assay_plugin *p, void *buf, uint64_t cap, uint64_t *need)
{
	if (acts(p, "save-crashes"))
		crash();
	if (acts(p, "save-fails"))
		return assay_kit_fail(p->host, ASSAY_RC_INTERNAL, "the state is a secret");
	*need = acts(p, "save-huge") ? UINT64_MAX : 8;
	if (acts(p, "save-fickle"))
		p->seen += 1000 * ++p->saves;
	if (acts(p, "save-overflows"))
		memset(buf, 0x55, (size_t)cap + 4096);
	if (*need <= cap)
		memcpy(buf, &p->seen, 8);
	return ASSAY_RC_OK;
}

static assay_rc memory_score(assay_plugin *p, const assay_round_info *round,
							 const assay_batch *batch, assay_scores *out)
{
	(void)round;
	for (uint64_t i = 0; i < batch->response_n; i++) {
		const assay_response *r = assay_kit_response(batch, i);
		if (assay_kit_is(r->body, "!crash"))
			crash();
		if (r->status == ASSAY_RESP_OK)
			assay_kit_score(out, i, (double)p->seen + (double)r->body.len / 1000);
	}
	p->seen += batch->response_n;
	return acts(p, "score-fails") ? ASSAY_RC_INTERNAL : ASSAY_RC_OK;
}

static assay_rc memory_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	static char text[32];
	(void)round;
	int n = snprintf(text, sizeof text, "{\"seen\":%u}", (unsigned)p->seen);
	assay_kit_made(out)->prompt = (assay_bytes){(const uint8_t *)text, (uint64_t)n};
	out->made++;
	p->seen += 7; /* not kept: no score follows */
	return ASSAY_RC_OK;
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "test.assay.memory",
	.version = "1.0.0",
	.name = "Memory",
	.summary = "Remembers how many rows it saw",
	.licence = "Apache-2.0",
	.vendor = "tests",
	.task_kind = "test",
	.caps = ASSAY_CAP_CHALLENGES,
	.needs = ASSAY_NEED_STATE,
	.score_max = 1e12,
	.higher_is_better = 1,
	.config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":"
					 "{\"act\":{\"type\":\"string\",\"maxLength\":20,\"default\":\"\"}}}",
};
static const assay_plugin_api api = {
	.size = sizeof api,
	.open = memory_open,
	.close = memory_close,
	.score_batch = memory_score,
	.make_challenges = memory_make,
	.state_save = memory_save,
	.state_load = memory_load,
};
ASSAY_PLUGIN(info, api);
