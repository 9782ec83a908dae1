/* The presets of public formulas, on the published results of their libraries: the quality of
 * an answer is the library's number. What a factor takes away (repetition, control
 * characters) is Assay's own and seen beside it. */
#include "support/reward.h"

static asy_buf read_source(const char *name)
{
	char path[512];
	asy_buf b = {0};
	assay_err err;
	static uint8_t chunk[65536];
	size_t n;
	(void)snprintf(path, sizeof path, "%s/%s", ASSAY_SOURCE_DIR, name);
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		ck_ok(asy_buf_add(&b, chunk, n, &err), err);
	(void)fclose(f);
	return b;
}

static void open_preset(reward_host *h, const char *name)
{
	char path[128];
	(void)snprintf(path, sizeof path, "plugins/text/presets/%s.json", name);
	asy_buf config = read_source(path);
	ck_assert_int_eq(reward_open(h, asy_buf_cstr(&config)), ASSAY_RC_OK);
	asy_buf_fini(&config);
}

static void put_text(asy_jw *w, asy_jv v)
{
	const char *s;
	size_t n;
	assay_err err;
	ck_ok(asy_jv_str(v, &s, &n, &err), err);
	asy_jw_strn(w, s, n);
}

/* {"completion": text}, or {"answers": [text, ...]} of one text or a list. */
static asy_buf wrap(const char *key, asy_jv v, bool list)
{
	asy_buf b = {0};
	assay_err err;
	asy_jw w = asy_jw_out(&b, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, key);
	if (!list) {
		put_text(&w, v);
	} else {
		size_t n = asy_jv_kind(v) == ASY_J_ARRAY ? asy_jv_size(v) : 1;
		asy_jw_array(&w);
		for (size_t i = 0; i < n; i++)
			put_text(&w, asy_jv_kind(v) == ASY_J_ARRAY ? asy_jv_at(v, i) : v);
		asy_jw_end_array(&w);
	}
	asy_jw_end_object(&w);
	ck_ok(asy_jw_end(&w, &err), err);
	return b;
}

static double number(asy_jv v)
{
	double d = 0;
	assay_err err;
	ck_ok(asy_jv_f64(v, &d, &err), err);
	return d;
}

typedef struct {
	const char *preset, *vectors, *hyp, *ref;
	double (*expected)(asy_jv c); /* negative: not this case */
} published;

static double squad(asy_jv c)
{
	asy_jv e = asy_jv_get(c, "expected");
	return (number(asy_jv_get(e, "exact_match")) + number(asy_jv_get(e, "f1"))) / 2;
}

static double rouge_l(asy_jv c)
{
	bool stemmer = false;
	assay_err err;
	ck_ok(asy_jv_bool(asy_jv_get(c, "use_stemmer"), &stemmer, &err), err);
	return stemmer ? number(asy_jv_get(asy_jv_get(c, "expected"), "rougeL_fmeasure")) : -1;
}

/* chrF of the library tells composed letters from their parts; the plugin does not. */
static double chrf(asy_jv c)
{
	asy_jv p = asy_jv_get(c, "params");
	const char *metric, *id;
	size_t n;
	assay_err err;
	ck_ok(asy_jv_str(asy_jv_get(c, "metric"), &metric, &n, &err), err);
	ck_ok(asy_jv_str(asy_jv_get(c, "id"), &id, &n, &err), err);
	if (strcmp(metric, "chrf") != 0 || strstr(id, "combining") != NULL ||
		number(asy_jv_get(p, "char_order")) != 6 || number(asy_jv_get(p, "word_order")) != 2 ||
		number(asy_jv_get(p, "beta")) != 2 ||
		asy_jv_kind(asy_jv_get(p, "lowercase")) != ASY_J_ABSENT ||
		asy_jv_kind(asy_jv_get(p, "eps_smoothing")) != ASY_J_ABSENT)
		return -1;
	return number(asy_jv_get(c, "expected")) / 100;
}

static size_t run(const published *p)
{
	reward_host h;
	asy_json *doc;
	assay_err err;
	size_t compared = 0;
	asy_buf text = read_source(p->vectors);
	ck_ok(asy_json_parse((assay_span){text.ptr, text.len}, NULL, &doc, &err), err);
	asy_jv cases = asy_jv_get(asy_json_root(doc), "cases");
	double tolerance = 1e-9 + number(asy_jv_get(asy_json_root(doc), "tolerance"));
	open_preset(&h, p->preset);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		double want = p->expected(c);
		if (want < 0)
			continue;
		asy_buf body = wrap("completion", asy_jv_get(c, p->hyp), false);
		asy_buf reference = wrap("answers", asy_jv_get(c, p->ref), true);
		const assay_challenge x = {.prompt = reward_text("{\"question\":\"?\"}"),
								   .reference = {reference.ptr, reference.len},
								   .meta_json = reward_text("{}")};
		reward_row row = reward_one(&h, &x, (assay_bytes){body.ptr, body.len});
		bool open = row.flag == ASSAY_ROW_SCORED && reward_part(&h, &row, "gate") == 0 &&
					reward_part(&h, &row, "invisible_share") == 0; /* those are taken out here */
		double got = open ? reward_part(&h, &row, "quality") : -1;
		if (open && !__builtin_isnan(got)) { /* an empty text has no quality */
			ck_assert_msg(got > want - tolerance && got < want + tolerance,
						  "%s, case %zu: %.12g, not %.12g", p->preset, i, got, want);
			compared++;
		}
		asy_buf_fini(&body);
		asy_buf_fini(&reference);
	}
	reward_close(&h);
	asy_json_free(doc);
	asy_buf_fini(&text);
	return compared;
}

START_TEST(test_presets_when_run_on_published_cases_then_the_library_s_numbers)
{
	static const published all[] = {
		{"squad", "tests/golden/rewards/text/squad.json", "prediction", "answers", squad},
		{"rouge_l", "tests/golden/rewards/text/rouge.json", "hyp", "ref", rouge_l},
		{"chrf", "tests/golden/rewards/text/chrf_ter.json", "hyp", "refs", chrf},
	};
	for (size_t i = 0; i < ASY_COUNT(all); i++) {
		size_t n = run(&all[i]);
		printf("preset %s: %zu published cases equal\n", all[i].preset, n);
		ck_assert_uint_ge(n, 10);
	}
	(void)fflush(stdout);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_presets_when_run_on_published_cases_then_the_library_s_numbers);
}

int main(void)
{
	return test_main("text presets", fill, 60);
}
