/* A plugin made of ASSAY_ROW_API, in what C and C++ have in common: compiles.sh compiles it in
 * every dialect and runs it. 0: rows are judged, left out and stopped as the kit says. */
#include <assay/plugin_kit.h>

struct assay_plugin {
	const assay_host_api *host;
	double most;
};

static int freed, stops;

/* Configuration "bad" is refused; in C++ "throw" throws. */
static assay_rc options(assay_plugin *p, assay_bytes config)
{
#ifdef __cpp_exceptions
	if (assay_kit_is(config, "throw"))
		throw 1;
#endif
	p->most = assay_kit_number(config, "most", 2);
	return assay_kit_is(config, "bad") ? ASSAY_RC_CONFIG : ASSAY_RC_OK;
}

static void fini(assay_plugin *p)
{
	freed += p->host != ASSAY_KIT_NULL;
}

/* Odd rows get no opinion; in C++ an answer of 9 ms throws. */
static int judge(assay_plugin *p, const assay_kit_row *row, double *score)
{
#ifdef __cpp_exceptions
	if (row->response->latency_ms == 9)
		throw 1;
#endif
	if (row->response->latency_ms % 2 == 1)
		return ASSAY_ROW_ABSTAIN;
	*score = row->response->latency_ms / p->most;
	if (row->component != ASSAY_KIT_NULL)
		row->component[0] = row->challenge->part_n;
	return ASSAY_ROW_SCORED;
}

ASSAY_ROW_API(api, options, fini, judge, ASSAY_KIT_NULL);
ASSAY_ROW_API(bare, ASSAY_KIT_NULL, ASSAY_KIT_NULL, judge, ASSAY_KIT_NULL);

static int32_t cancelled(assay_host *h)
{
	(void)h;
	return stops;
}

static void fail(assay_host *h, const char *msg, uint64_t len)
{
	(void)h;
	(void)msg;
	(void)len;
}

static assay_bytes bytes(const char *s)
{
	assay_bytes b;
	b.ptr = ASSAY_KIT_NULL;
	memcpy(&b.ptr, &s, sizeof s);
	b.len = strlen(s);
	return b;
}

/* Rows of one score_batch: the first answers the second challenge, the third has no answer. */
static assay_response row[4];
static assay_challenge ask[2];
static double score[4], component[4];
static uint8_t flag[4];

static assay_rc run(assay_plugin *p, int with_components)
{
	assay_batch b;
	assay_scores out;
	memset(&b, 0, sizeof b);
	memset(&out, 0, sizeof out);
	b.response_n = 4;
	b.response = row;
	b.challenge = ask;
	b.response_stride = sizeof row[0];
	b.challenge_stride = sizeof ask[0];
	out.score = score;
	out.flag = flag;
	if (with_components)
		out.component = component;
	out.component_n = 1;
	return api.score_batch(p, ASSAY_KIT_NULL, &b, &out);
}

static int is(double a, double b)
{
	return a >= b && a <= b;
}

static int rows(assay_plugin *p)
{
	ask[1].part_n = 3;
	row[0].latency_ms = 4;
	row[0].challenge = 1;
	row[1].latency_ms = 5;
	row[2].latency_ms = 6;
	row[2].status = ASSAY_RESP_TIMEOUT;
	row[3].latency_ms = 8;
	if (run(p, 1) != ASSAY_RC_OK)
		return 4;
	if (flag[0] != ASSAY_ROW_SCORED || flag[1] != ASSAY_ROW_ABSTAIN || flag[2] != 0 ||
		flag[3] != ASSAY_ROW_SCORED)
		return 5;
	if (!is(score[0], 0.5) || !is(score[3], 1) || !is(component[0], 3) || !is(component[3], 0))
		return 6;
	stops = 1;
	if (run(p, 0) != ASSAY_RC_CANCELLED)
		return 7;
	stops = 0;
#ifdef __cpp_exceptions
	row[3].latency_ms = 9;
	if (run(p, 0) != ASSAY_RC_NOMEM)
		return 8;
#endif
	return run(p, 0) == ASSAY_RC_CANCELLED ? 9 : 0;
}

/* The number of the case that fails. */
int main(void)
{
	assay_host_api host;
	assay_plugin *p = ASSAY_KIT_NULL;
	memset(&host, 0, sizeof host);
	host.cancelled = cancelled;
	host.fail = fail;
	if (bare.open(&host, bytes("{}"), &p) != ASSAY_RC_OK || api.make_challenges || api.state_save)
		return 1;
	bare.close(p);
	p = ASSAY_KIT_NULL;
	if (api.open(&host, bytes("bad"), &p) != ASSAY_RC_CONFIG || p || freed != 1)
		return 2;
#ifdef __cpp_exceptions
	if (api.open(&host, bytes("throw"), &p) != ASSAY_RC_NOMEM || p || freed != 2)
		return 3;
#endif
	freed = 0;
	if (api.open(&host, bytes("{\"most\":8}"), &p) != ASSAY_RC_OK || !p)
		return 3;
	int bad = rows(p);
	api.close(p);
	return bad != 0 ? bad : freed == 1 ? 0 : 10;
}
