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

/* Nothing is fetched from elsewhere and nothing runs. */
static void check_page(asy_buf *page)
{
	static const char *const banned[] = {"<script", "http://", "https://",
										 "src=",    "@import", "url("};
	const char *text = asy_buf_cstr(page);
	for (size_t i = 0; i < ASY_COUNT(banned); i++)
		ck_assert_msg(strstr(text, banned[i]) == NULL, "the page has %s", banned[i]);
	ck_assert_ptr_nonnull(strstr(text, "<svg"));
	ck_assert_ptr_nonnull(strstr(text, "prefers-color-scheme:dark"));
	ck_assert_ptr_nonnull(strstr(text, "</html>"));
	ck_assert_ptr_null(strstr(text, "nan"));
	ck_assert_ptr_null(strstr(text, "inf "));
}

START_TEST(test_page_of_an_experiment_stands_alone)
{
	static const uint32_t epochs[] = {1, 2, 40};
	for (size_t i = 0; i < ASY_COUNT(epochs); i++) {
		experiment x = start(epochs[i]);
		asy_buf page = {0};
		assay_err err = {0};
		ck_ok(asy_sim_html(x.sim, &x.res, "a < b & c", &page, &err), err);
		check_page(&page);
		ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&page), "a &lt; b &amp; c"));
		asy_buf_fini(&page);
		stop(&x);
	}
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
	check_page(&page);
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
	tcase_add_test(tc, test_page_and_csv_of_a_map);
}

int main(void)
{
	return test_main("research_report", fill, 30);
}
