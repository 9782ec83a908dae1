/* Reports: the numbers in JSON and CSV are the cells', and a page stands alone. */
#include "research/guarantees.h"
#include "research/simulate.h"
#include "support/test.h"

typedef struct {
	asy_sim *sim;
	asy_sim_result res;
} experiment;

static experiment start(uint32_t epochs)
{
	experiment x = {0};
	asy_sim_generate g = asy_sim_generate_defaults();
	g.cabal_validators = 2;
	g.cabal_miners = 2;
	assay_err err = {0};
	ck_ok(asy_sim_make(&g, epochs, 1, &x.sim, &err), err);
	ck_ok(asy_sim_run(x.sim, &x.res, &err), err);
	return x;
}

static void stop(experiment *x)
{
	asy_sim_result_fini(&x->res);
	asy_sim_free(x->sim);
}

START_TEST(test_json_has_every_cell)
{
	experiment x = start(3);
	asy_buf text = {0};
	asy_json *doc = NULL;
	assay_err err = {0};
	ck_ok(asy_sim_json(x.sim, &x.res, &text, &err), err);
	ck_ok(asy_json_parse(asy_buf_span(&text), NULL, &doc, &err), err);
	asy_jv epochs = asy_jv_get(asy_json_root(doc), "epochs");
	ck_assert_uint_eq(asy_jv_size(epochs), 3);
	for (size_t e = 0; e < 3; e++)
		for (size_t i = 0; i < x.res.n; i++) {
			asy_jv one = asy_jv_at(epochs, e);
			const asy_sim_cell *c = &x.res.cell[e * x.res.n + i];
			uint64_t emission = 0, trust = 0, block = 0;
			ck_ok(asy_jv_u64(asy_jv_at(asy_jv_get(one, "emission"), i), &emission, &err), err);
			ck_ok(asy_jv_u64(asy_jv_at(asy_jv_get(one, "validator_trust"), i), &trust, &err), err);
			ck_ok(asy_jv_u64(asy_jv_get(one, "block"), &block, &err), err);
			ck_assert_uint_eq(emission, c->emission);
			ck_assert_uint_eq(trust, c->validator_trust);
			ck_assert_uint_eq(block, x.res.block[e]);
		}
	asy_json_free(doc);
	asy_buf_fini(&text);
	stop(&x);
}
END_TEST

START_TEST(test_csv_has_a_row_an_epoch_and_uid)
{
	experiment x = start(3);
	asy_buf text = {0};
	assay_err err = {0};
	ck_ok(asy_sim_csv(x.sim, &x.res, &text, &err), err);
	char *at = (char *)(uintptr_t)asy_buf_cstr(&text);
	size_t lines = 0;
	for (char *save = NULL, *line = strtok_r(at, "\n", &save); line != NULL;
		 line = strtok_r(NULL, "\n", &save), lines++) {
		size_t commas = 0;
		for (const char *p = line; *p != '\0'; p++)
			commas += *p == ',';
		ck_assert_uint_eq(commas, 12);
		if (lines == 0) {
			ck_assert_ptr_nonnull(strstr(line, "epoch,block,uid,group,active"));
			continue;
		}
		const asy_sim_cell *c = &x.res.cell[lines - 1];
		uint64_t emission = 0;
		ck_assert(asy_str_u64(strrchr(line, ',') + 1, &emission));
		ck_assert_uint_eq(emission, c->emission);
	}
	ck_assert_uint_eq(lines, 1 + 3 * x.res.n);
	asy_buf_fini(&text);
	stop(&x);
}
END_TEST

static size_t count(const char *text, const char *part)
{
	size_t n = 0;
	while ((text = strstr(text, part)) != NULL) {
		n++;
		text += strlen(part);
	}
	return n;
}

/* The page's data, parsed; nothing in it can end the element that it stands in. */
static asy_json *data_of(asy_buf *page)
{
	static const char begin[] = "id=\"data\">";
	const char *text = asy_buf_cstr(page), *from = strstr(text, begin);
	asy_json *doc = NULL;
	assay_err err = {0};
	ck_assert_ptr_nonnull(from);
	from += sizeof begin - 1;
	const char *to = strchr(from, '<');
	ck_assert(to != NULL && strncmp(to, "</script>", 9) == 0);
	ck_ok(asy_json_parse(asy_span(from, (size_t)(to - from)), NULL, &doc, &err), err);
	return doc;
}

/* Nothing is fetched from elsewhere: the one "://" is the name of SVG, and the policy
 * forbids the rest. */
static void check_page(asy_buf *page, const char *title)
{
	static const char *const banned[] = {"src=", "@import", "url(", "innerHTML", "eval("};
	const char *text = asy_buf_cstr(page), *is;
	for (size_t i = 0; i < ASY_COUNT(banned); i++)
		ck_assert_msg(strstr(text, banned[i]) == NULL, "the page has %s", banned[i]);
	ck_assert_uint_eq(count(text, "://"), 1);
	ck_assert_uint_eq(count(text, "<script"), 2);
	ck_assert_uint_eq(count(text, "@DATA@"), 0);
	ck_assert_ptr_nonnull(strstr(text, "default-src 'none'"));
	ck_assert_ptr_nonnull(strstr(text, "prefers-color-scheme:dark"));
	ck_assert_ptr_nonnull(strstr(text, "</html>"));
	asy_json *doc = data_of(page);
	assay_err err = {0};
	ck_ok(asy_jv_str(asy_jv_get(asy_json_root(doc), "title"), &is, NULL, &err), err);
	ck_assert_str_eq(is, title);
	ck_assert_uint_gt(asy_jv_size(asy_jv_get(asy_json_root(doc), "blocks")), 5);
	asy_json_free(doc);
}

START_TEST(test_page_of_an_experiment_stands_alone)
{
	static const uint32_t epochs[] = {1, 2, 40};
	for (size_t i = 0; i < ASY_COUNT(epochs); i++) {
		experiment x = start(epochs[i]);
		asy_buf page = {0};
		assay_err err = {0};
		static const char title[] = "a < b & c </script><script>alert(1)</script><!-- \xe2\x80\xa8";
		ck_ok(asy_sim_html(x.sim, &x.res, title, &page, &err), err);
		check_page(&page, title);
		asy_buf_fini(&page);
		stop(&x);
	}
}
END_TEST

/* Groups are named by users, events are told in words, and both are on the page with the
 * seed, the parameters and the version. */
START_TEST(test_page_of_an_experiment_says_what_it_was_made_from)
{
	static const char doc[] =
		"{\"format\":\"assay-simulate/1\",\"epochs\":12,\"seed\":77,"
		"\"generate\":{\"validators\":2,\"miners\":3,\"kappa\":31000},\"events\":["
		"{\"epoch\":3,\"set\":{\"kappa\":40000}},{\"epoch\":3,\"miss\":{\"uid\":1,\"epochs\":2}},"
		"{\"epoch\":5,\"register\":{\"uid\":4}},{\"epoch\":6,\"quality\":{\"uid\":4,\"value\":2}},"
		"{\"epoch\":7,\"set_stake\":{\"uid\":0,\"alpha\":5}},"
		"{\"epoch\":8,\"set_row\":{\"uid\":0,\"uids\":[2],\"values\":[9]}}]}";
	static const char *const parts[] = {"kappa is 40000",
										"uid 1 sends nothing for 2 epochs",
										"a new neuron takes uid 4",
										"the quality of uid 4 is 2",
										"the stake of uid 0 changes",
										"uid 0 sends a row of 1 weights",
										"[\"seed\",\"77\"]",
										"[\"kappa\",\"31000\"]",
										"[\"epochs\",\"12\"]",
										"\"marks\":[{\"x\":3,\"name\":\"1\""};
	asy_json *json = NULL;
	asy_sim *sim = NULL;
	asy_buf page = {0};
	asy_sim_result res;
	char version[64];
	assay_err err = {0};
	ck_ok(asy_json_parse(asy_span_str(doc), NULL, &json, &err), err);
	ck_ok(asy_sim_read(asy_json_root(json), &sim, &err), err);
	ck_ok(asy_sim_run(sim, &res, &err), err);
	ck_ok(asy_sim_html(sim, &res, "t", &page, &err), err);
	check_page(&page, "t");
	for (size_t i = 0; i < ASY_COUNT(parts); i++)
		ck_assert_msg(strstr(asy_buf_cstr(&page), parts[i]) != NULL, "the page lacks %s", parts[i]);
	(void)snprintf(version, sizeof version, "[\"assay\",\"%s\"]", assay_version());
	ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&page), version));
	asy_buf_fini(&page);
	asy_sim_result_fini(&res);
	asy_sim_free(sim);
	asy_json_free(json);
}
END_TEST

static assay_status ignore(void *arg, assay_span line, assay_err *err)
{
	(void)arg;
	(void)line;
	(void)err;
	return ASSAY_OK;
}

START_TEST(test_page_and_csv_of_a_map)
{
	const asy_guar_setting settings[] = {{0.6, 0.4, 32767, 65534, false},
										 {0.7, 0.4, 32767, 65534, false}};
	const uint64_t seeds[] = {0, 1};
	const asy_guar_plan plan = {settings, 2, seeds, 2, 25, 50, UINT64_MAX};
	const asy_guar_cost cost = {1.5, 24, 1};
	asy_guar *g = NULL;
	asy_buf page = {0}, csv = {0};
	assay_err err = {0};
	ck_ok(asy_guar_new(&plan, &g, &err), err);
	ck_ok(asy_guar_run(g, 1, ignore, NULL, &err), err);
	ck_ok(asy_guar_html(g, &cost, &page, &err), err);
	check_page(&page, "Consensus guarantees");
	ck_ok(asy_guar_csv(g, &csv, &err), err);
	size_t lines = 0;
	for (size_t i = 0; i < csv.len; i++)
		lines += csv.ptr[i] == '\n';
	ck_assert_uint_eq(lines, 1 + 2 * 2 * 3 * 2);
	asy_buf_fini(&page);
	asy_buf_fini(&csv);
	asy_guar_free(g);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_json_has_every_cell);
	tcase_add_test(tc, test_csv_has_a_row_an_epoch_and_uid);
	tcase_add_test(tc, test_page_of_an_experiment_stands_alone);
	tcase_add_test(tc, test_page_of_an_experiment_says_what_it_was_made_from);
	tcase_add_test(tc, test_page_and_csv_of_a_map);
}

int main(void)
{
	return test_main("research_report", fill, 30);
}
