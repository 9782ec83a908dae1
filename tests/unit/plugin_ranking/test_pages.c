/* Documents that know more than their id: copies of a page, authors, ages, and the
 * published formulas that use them. */
#include <math.h>
#include "ranking/page.h"
#include "ranking/settings.h" /* before check.h, which defines a macro "fail" */
#include "support/reward.h"

static reward_host host;

static void open_with(const char *config)
{
	ck_assert_int_eq(reward_open(&host, config), ASSAY_RC_OK);
}

START_TEST(test_urls_when_they_name_one_page_then_equal)
{
	static const char *const same[][2] = {
		{"https://Example.org/a/", "http://www.example.org/a"},
		{"https://example.org/a?utm_source=x&b=2&a=1#top", "https://example.org:443/a?a=1&b=2"},
		{"http://example.org:80", "https://example.org/?fbclid=7"},
	};
	static const char *const other[][2] = {
		{"https://example.org/a", "https://example.org/A"},
		{"https://example.org/a?id=1", "https://example.org/a?id=2"},
		{"https://example.org/a", "https://example.com/a"},
	};
	plg_arena *a = plg_arena_new(1 << 20);
	assay_bytes x, y, hx, hy;
	for (size_t i = 0; i < ASY_COUNT(same); i++) {
		ck_assert(ranking_page_url(a, reward_text(same[i][0]), &x, &hx));
		ck_assert(ranking_page_url(a, reward_text(same[i][1]), &y, &hy));
		ck_assert_msg(x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0, "%.*s / %.*s", (int)x.len,
					  (const char *)x.ptr, (int)y.len, (const char *)y.ptr);
		ck_assert_uint_eq(hx.len, strlen("example.org"));
	}
	for (size_t i = 0; i < ASY_COUNT(other); i++) {
		ck_assert(ranking_page_url(a, reward_text(other[i][0]), &x, &hx));
		ck_assert(ranking_page_url(a, reward_text(other[i][1]), &y, &hy));
		ck_assert(x.len != y.len || memcmp(x.ptr, y.ptr, x.len) != 0);
	}
	static const char *const bad[] = {"",         "example.org", "ftp://example.org/a",
									  "https://", "https:///x",  "javascript:alert(1)"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_msg(!ranking_page_url(a, reward_text(bad[i]), &x, &hx), "%s", bad[i]);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_times_when_rfc_3339_then_seconds)
{
	static const struct {
		const char *json;
		double want;
	} cases[] = {
		{"\"1970-01-01T00:00:00Z\"", 0},
		{"\"2025-03-01T00:00:00+00:00\"", 1740787200},
		{"\"2025-02-28T22:00:00\"", 1740780000},
		{"\"2025-03-01T02:30:00.5+02:30\"", 1740787200.5},
		{"\"2024-02-29t23:59:59z\"", 1709251199},
		{"1740787200", 1740787200},
		{"\"2025-13-01T00:00:00Z\"", NAN},
		{"\"2025-03-01\"", NAN},
		{"\"2025-03-01T00:00:00Zx\"", NAN},
		{"\"2025-03-01T25:00:00Z\"", NAN},
		{"null", NAN},
		{"1e999", NAN},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		plg_json *v = plg_json_parse(reward_text(cases[i].json), 100, NULL);
		double got = NAN;
		bool ok = ranking_page_time(v, &got);
		ck_assert_msg(ok == !isnan(cases[i].want), "%s", cases[i].json);
		if (ok)
			ck_assert_double_eq_tol(got, cases[i].want, 1e-6);
		plg_json_free(v);
	}
}
END_TEST

static const char pages[] =
	"{\"documents\": ["
	"{\"id\": \"a\", \"url\": \"https://x.org/1\", \"author\": \"ann\"},"
	"{\"id\": \"a2\", \"url\": \"http://www.x.org/1/?utm_source=q\", \"author\": \"ann\"},"
	"{\"id\": \"b\", \"url\": \"https://y.org/1\", \"author\": \"bob\"},"
	"{\"id\": \"c\", \"text\": \"The ferry crosses the river every twenty minutes in summer.\"},"
	"{\"id\": \"c2\", \"text\": \"the ferry crosses the river  every twenty minutes in summer\"},"
	"{\"id\": \"d\"}, {\"id\": \"e\"}, {\"id\": \"f\"}, {\"id\": \"g\"}, {\"id\": \"h\"}]}";

START_TEST(test_pages_when_named_twice_then_one_item)
{
	const assay_challenge c = {.prompt = reward_text(pages),
							   .reference =
								   reward_text("{\"relevance\": {\"a\": 1, \"b\": 1, \"c2\": 1}}"),
							   .meta_json = reward_text("{}")};
	open_with("{}");
	reward_row best = reward_one(&host, &c, reward_text("{\"ranking\": [\"a2\", \"b\", \"c\"]}"));
	ck_assert_double_eq_tol(best.score, 1, 1e-12); /* either id stands for the page */
	reward_row twice =
		reward_one(&host, &c, reward_text("{\"ranking\": [\"a\", \"a2\", \"b\", \"c\"]}"));
	ck_assert_double_eq_tol(reward_part(&host, &twice, "uniqueness_factor"), 9 / 16.0, 1e-15);
	ck_assert_double_eq(reward_part(&host, &twice, "flags"), RANKING_FLAG_TWINS);
	ck_assert_double_lt(twice.score, 0.6);
	reward_close(&host);
}
END_TEST

START_TEST(test_texts_when_long_then_still_compared)
{
	enum { LONG = 8 << 20 };
	char *prompt = calloc(1, 2 * LONG + 256);
	ck_assert_ptr_nonnull(prompt);
	size_t at =
		(size_t)sprintf(prompt, "{\"documents\": [{\"id\": \"b\"}, {\"id\": \"c\"}, {\"id\": "
								"\"d\"}, {\"id\": \"e\"}");
	for (int i = 0; i < 2; i++) {
		at += (size_t)sprintf(prompt + at, ", {\"id\": \"a%d\", \"text\": \"", i);
		memset(prompt + at, 'x', LONG);
		at += LONG;
		at += (size_t)sprintf(prompt + at, "\"}");
	}
	(void)sprintf(prompt + at, "]}");
	const assay_challenge c = {.prompt = reward_text(prompt),
							   .reference = reward_text("{\"relevance\": {\"a0\": 1}}"),
							   .meta_json = reward_text("{}")};
	open_with("{}");
	reward_row row = reward_one(&host, &c, reward_text("{\"ranking\": [\"a1\"]}"));
	ck_assert_int_eq(row.flag, ASSAY_ROW_SCORED);
	ck_assert_double_eq_tol(row.score, 1, 1e-12);
	reward_close(&host);
	free(prompt);
}
END_TEST

START_TEST(test_authors_when_they_flood_then_surplus_is_halved)
{
	char prompt[2048] = "{\"documents\": [";
	char answer[256] = "{\"ranking\": [", relevance[256] = "{\"relevance\": {";
	for (int i = 0; i < 12; i++) {
		char one[128];
		(void)snprintf(one, sizeof one, "%s{\"id\": \"%c\", \"author\": \"%s\"}", i ? "," : "",
					   'a' + i,
					   i < 6   ? "flood"
					   : i < 9 ? "x"
							   : "y");
		strcat(prompt, one);
		(void)snprintf(one, sizeof one, "%s\"%c\": 1", i ? "," : "", 'a' + i);
		if (i < 8)
			strcat(relevance, one);
		(void)snprintf(one, sizeof one, "%s\"%c\"", i ? "," : "", 'a' + i);
		if (i < 6)
			strcat(answer, one);
	}
	strcat(prompt, "], \"size\": 6}");
	strcat(relevance, "}}");
	strcat(answer, "]}");
	const assay_challenge c = {.prompt = reward_text(prompt),
							   .reference = reward_text(relevance),
							   .meta_json = reward_text("{}")};
	open_with("{}");
	reward_row flood = reward_one(&host, &c, reward_text(answer));
	reward_row varied = reward_one(
		&host, &c, reward_text("{\"ranking\": [\"a\", \"b\", \"g\", \"h\", \"c\", \"d\"]}"));
	ck_assert_double_eq_tol(varied.score, 1, 1e-12);
	ck_assert_double_lt(flood.score, 0.7);
	ck_assert_double_eq(reward_part(&host, &flood, "flags"), RANKING_FLAG_FLOODED);
	reward_close(&host);
}
END_TEST

static const char dated[] =
	"{\"now\": \"2025-03-01T00:00:00Z\", \"documents\": ["
	"{\"id\": \"new\", \"created_at\": \"2025-02-28T00:00:00Z\"},"
	"{\"id\": \"old\", \"created_at\": \"2024-03-01T00:00:00Z\"},"
	"{\"id\": \"newest\", \"created_at\": \"2025-02-28T23:00:00Z\"},"
	"{\"id\": \"p\"}, {\"id\": \"q\"}, {\"id\": \"r\"}, {\"id\": \"s\"}, {\"id\": \"t\"}]}";

START_TEST(test_freshness_when_irrelevant_then_earns_nothing)
{
	const assay_challenge c = {.prompt = reward_text(dated),
							   .reference =
								   reward_text("{\"relevance\": {\"new\": 1, \"old\": 1}}"),
							   .meta_json = reward_text("{}")};
	open_with("{}");
	reward_row fresh = reward_one(&host, &c, reward_text("{\"ranking\": [\"new\", \"old\"]}"));
	reward_row stale = reward_one(&host, &c, reward_text("{\"ranking\": [\"old\", \"new\"]}"));
	reward_row farm = reward_one(&host, &c, reward_text("{\"ranking\": [\"newest\"]}"));
	ck_assert_double_eq_tol(fresh.score, 1, 1e-12);
	ck_assert_double_lt(stale.score, fresh.score);
	ck_assert_double_eq(reward_part(&host, &farm, "freshness"), 0);
	ck_assert_double_eq(farm.score, 0);
	reward_close(&host);
}
END_TEST

/* ---- presets ---- */

static char *read_preset(const char *name)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/plugins/ranking/presets/%s", ASSAY_SOURCE_DIR, name);
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL && text != NULL, "%s", path);
	ck_assert_uint_gt(fread(text, 1, 65535, f), 0);
	(void)fclose(f);
	return text;
}

/* three_miners of openkaito_composite.json: each answer's items are documents here. */
START_TEST(test_preset_openkaito_when_three_miners_then_the_published_scores)
{
	const assay_challenge c = {
		.prompt = reward_text(
			"{\"now\": \"2025-03-01T00:00:00+00:00\", \"size\": 3, \"credit_authors\": [\"alice\", "
			"\"bob\"], \"documents\": ["
			"{\"id\": \"1\", \"created_at\": \"2025-02-28T22:00:00\", \"author\": \"alice\"},"
			"{\"id\": \"2\", \"created_at\": \"2025-02-28T19:00:00\", \"author\": \"bob\"},"
			"{\"id\": \"3\", \"created_at\": \"2025-02-28T15:00:00\", \"author\": \"eve\"},"
			"{\"id\": \"4\", \"created_at\": \"2025-02-26T22:00:00\", \"author\": \"eve\"},"
			"{\"id\": \"5\", \"created_at\": \"2025-02-26T12:00:00\", \"author\": \"dan\"},"
			"{\"id\": \"6\", \"created_at\": \"2025-02-26T02:00:00\", \"author\": \"alice\"},"
			"{\"id\": \"7\", \"created_at\": \"2025-02-28T23:00:00\", \"author\": \"eve\"}]}"),
		.reference = reward_text(
			"{\"relevance\": {\"1\": 1, \"2\": 1, \"3\": 0.5, \"4\": 1, \"5\": 0, \"6\": 1, "
			"\"7\": 1}}"),
		.meta_json = reward_text("{}")};
	static const char *const bodies[] = {"{\"ranking\": [\"1\", \"2\", \"3\"]}",
										 "{\"ranking\": [\"4\", \"5\", \"6\"]}",
										 "{\"ranking\": [\"7\"]}"};
	static const double want[] = {0.8667651414871216, 0.5260769128799438, 0.1750539392232895};
	assay_response x[3];
	reward_row row[3];
	char *config = read_preset("openkaito.json");
	open_with(config);
	for (int i = 0; i < 3; i++)
		x[i] = reward_answer(0, reward_text(bodies[i]));
	ck_assert_int_eq(reward_score(&host, &c, 1, x, 3, row), ASSAY_RC_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_double_eq_tol(row[i].score, want[i], 2e-6);
	/* a repeated id is paid each time, over the size: three times one item, a third */
	reward_row thrice = reward_one(&host, &c, reward_text("{\"ranking\": [\"1\", \"1\", \"1\"]}"));
	ck_assert_double_eq_tol(thrice.score, (0.7 + 0.2 / 7201 + 0.1) / 3, 2e-6);
	reward_close(&host);
	free(config);
}
END_TEST

START_TEST(test_preset_trec_eval_when_scored_then_its_ndcg)
{
	const assay_challenge c = {
		.prompt =
			reward_text("{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}]}"),
		.reference = reward_text("{\"relevance\": {\"a\": 3, \"b\": 1}}"),
		.meta_json = reward_text("{}")};
	char *config = read_preset("trec_eval.json");
	open_with(config);
	reward_row row = reward_one(&host, &c, reward_text("{\"ranking\": [\"b\", \"c\", \"a\"]}"));
	ck_assert_double_eq_tol(row.score, (1 + 1.5) / (3 + 1 / log2(3)), 1e-14);
	reward_close(&host);
	free(config);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_urls_when_they_name_one_page_then_equal);
	tcase_add_test(tc, test_times_when_rfc_3339_then_seconds);
	tcase_add_test(tc, test_pages_when_named_twice_then_one_item);
	tcase_add_test(tc, test_texts_when_long_then_still_compared);
	tcase_add_test(tc, test_authors_when_they_flood_then_surplus_is_halved);
	tcase_add_test(tc, test_freshness_when_irrelevant_then_earns_nothing);
	tcase_add_test(tc, test_preset_openkaito_when_three_miners_then_the_published_scores);
	tcase_add_test(tc, test_preset_trec_eval_when_scored_then_its_ndcg);
}

int main(void)
{
	return test_main("ranking_pages", fill, 30);
}
