/* Plugins that were built against each header in this folder load into this host and give the
 * scores that they gave then, in a worker and in process. */
#include "unit/plugin/world.h"

static const char *const headers[] = {"1.0"};

/* Of the two rounds below: rounds seen, the body's 97/1000, the status, 10 for a seed. */
static double score_of(int round, int row)
{
	return (double)round + (row == 0 ? 0.097 : 0.0) + 0.0 + 0.0 + 200 + 10;
}

static void play(const char *header, asy_isolation isolation)
{
	char path[200];
	asy_plugin *p = NULL;
	asy_plugin_challenges made = {0};
	world *w = world_new(2);
	(void)snprintf(path, sizeof path, ASSAY_BINARY_DIR "/test-plugins/kept-%s.so", header);
	asy_plugin_opts o = world_opts(w, path, isolation);
	o.grant = ASY_NEED_STATE;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	w->challenge[0].prompt = w->challenge[1].prompt = (assay_span){0};
	world_say(w, 0, "a");
	world_say(w, 1, "");
	w->response[0].http_status = w->response[1].http_status = 200;
	for (int r = 0; r < 2; r++) {
		memset(w->row, 0, sizeof w->row);
		world_score(w, p);
		for (int i = 0; i < 2; i++)
			ck_assert_msg(w->row[i].flag == ASY_ROW_SCORED && w->row[i].score == score_of(r, i),
						  "%s round %d row %d: %.17g", header, r, i, w->row[i].score);
	}
	ck_assert(w->component[0] == 0.097);
	ck_ok(asy_plugin_make(p, &w->round, 3, &made, &w->err), w->err);
	ck_assert_uint_eq(made.challenge_n, 3);
	ck_assert(asy_span_eq(made.challenge[2].prompt, asy_span_str("{\"q\":1}")));
	asy_plugin_challenges_fini(&made);
	asy_plugin_close(p);
	free(w);
}

START_TEST(test_plugin_when_built_against_an_earlier_header_then_scores_as_then)
{
	for (size_t i = 0; i < ASY_COUNT(headers); i++) {
		play(headers[i], ASY_ISOLATION_WORKER);
		play(headers[i], ASY_ISOLATION_NONE);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_plugin_when_built_against_an_earlier_header_then_scores_as_then);
}

int main(void)
{
	return test_main("abi.kept", fill, 30);
}
