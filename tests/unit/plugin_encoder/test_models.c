/* Small models with random weights against what PyTorch and transformers compute with
 * them (models/<name>/golden.json, written by make_models.py). */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/json.h"
#include "encoder/encoder.h"
#include "encoder/file.h"
#include "encoder/layout.h"
#include "encoder/tokenizer.h"
#include "support/test.h"

enum { TEXTS_MOST = 64 };

static const char *const names[] = {"bert", "bert-nli", "roberta", "roberta-score", "align"};
static const enc_cpu variants[] = {ENC_CPU_SCALAR, ENC_CPU_AVX2, ENC_CPU_AVX512};

static const char *folder(size_t i)
{
	static char path[512];
	snprintf(path, sizeof path, "%s/tests/unit/plugin_encoder/models/%s", ASSAY_SOURCE_DIR,
			 names[i]);
	return path;
}

static enc_model *open_model(size_t i, enc_cpu cpu)
{
	const enc_options opt = {.cpu = cpu};
	enc_model *m = NULL;
	enc_err err = {""};
	ck_assert_msg(enc_open(folder(i), &opt, &m, &err) == ENC_OK, "%s", err.msg);
	return m;
}

static plg_json *golden_of(size_t i)
{
	plg_json *g = NULL;
	enc_err err = {""};
	ck_assert_msg(enc_json_file(folder(i), "golden.json", 1 << 20, &g, &err) == ENC_OK, "%s",
				  err.msg);
	return g;
}

static assay_bytes bytes_of(const plg_json *v)
{
	assay_bytes b;
	ck_assert(plg_json_str(v, &b));
	return b;
}

static void check_floats(const plg_json *want, const float *got, double tolerance)
{
	for (size_t i = 0; i < plg_json_size(want); i++) {
		double w;
		ck_assert(plg_json_num(plg_json_at(want, i), &w));
		ck_assert_msg(fabs(w - (double)got[i]) <= tolerance * fmax(1, fabs(w)),
					  "%zu: %.9g, not %.9g", i, (double)got[i], w);
	}
}

START_TEST(test_vectors_are_what_the_reference_computes)
{
	enc_model *m = open_model((size_t)_i, ENC_CPU_AUTO);
	plg_json *g = golden_of((size_t)_i);
	const plg_json *texts = plg_json_get(g, "texts");
	size_t n = plg_json_size(texts), dim = enc_model_info(m)->dim;
	assay_bytes text[TEXTS_MOST];
	float *out = calloc(n * dim, sizeof *out);
	ck_assert(n > 5 && n <= TEXTS_MOST && out != NULL);
	for (size_t i = 0; i < n; i++)
		text[i] = bytes_of(plg_json_get(plg_json_at(texts, i), "text"));
	ck_assert_int_eq(enc_embed(m, text, n, out, NULL), ENC_OK);
	for (size_t i = 0; i < n; i++)
		check_floats(plg_json_get(plg_json_at(texts, i), "vector"), out + i * dim, 1e-5);
	free(out);
	plg_json_free(g);
	enc_close(m);
}
END_TEST

START_TEST(test_tokens_are_the_references)
{
	enc_layout l;
	enc_tokenizer *t = NULL;
	plg_json *g = golden_of((size_t)_i);
	const plg_json *texts = plg_json_get(g, "texts");
	ck_assert_int_eq(enc_layout_read(folder((size_t)_i), &l, NULL), ENC_OK);
	ck_assert_int_eq(enc_tokenizer_open(folder((size_t)_i), &l, &t, NULL), ENC_OK);
	enc_ids ids = {.most = l.max_tokens - 2};
	for (size_t i = 0; i < plg_json_size(texts); i++) {
		const plg_json *want = plg_json_get(plg_json_at(texts, i), "ids");
		ids.n = 0;
		ck_assert_int_eq(enc_tokenizer_text(t,
											bytes_of(plg_json_get(plg_json_at(texts, i), "text")),
											false, &ids, NULL),
						 ENC_OK);
		ck_assert_uint_eq(ids.n + 2, plg_json_size(want));
		for (size_t j = 0; j < ids.n; j++) {
			int64_t id;
			ck_assert(plg_json_int(plg_json_at(want, j + 1), &id));
			ck_assert_int_eq((int64_t)ids.id[j], id);
		}
	}
	enc_ids_free(&ids);
	enc_tokenizer_close(t);
	enc_layout_free(&l);
	plg_json_free(g);
}
END_TEST

START_TEST(test_pairs_are_judged_as_the_reference_does)
{
	enc_model *m = open_model((size_t)_i, ENC_CPU_AUTO);
	plg_json *g = golden_of((size_t)_i);
	const plg_json *pairs = plg_json_get(g, "pairs");
	size_t n = plg_json_size(pairs), labels = enc_model_info(m)->labels;
	enc_pair pair[TEXTS_MOST];
	float prob[TEXTS_MOST * 4], logit[TEXTS_MOST * 4];
	ck_assert_uint_eq(n > 0, labels > 0);
	for (size_t i = 0; i < n; i++)
		pair[i] = (enc_pair){bytes_of(plg_json_get(plg_json_at(pairs, i), "first")),
							 bytes_of(plg_json_get(plg_json_at(pairs, i), "second"))};
	ck_assert_int_eq(enc_classify(m, pair, n, prob, logit, NULL),
					 labels > 0 ? ENC_OK : ENC_NO_HEAD);
	for (size_t i = 0; i < n; i++) {
		check_floats(plg_json_get(plg_json_at(pairs, i), "logit"), logit + i * labels, 2e-5);
		check_floats(plg_json_get(plg_json_at(pairs, i), "prob"), prob + i * labels, 2e-5);
	}
	plg_json_free(g);
	enc_close(m);
}
END_TEST

START_TEST(test_labels_have_the_models_names)
{
	enc_model *m = open_model(1, ENC_CPU_AUTO);
	const enc_info *i = enc_model_info(m);
	ck_assert_uint_eq(i->labels, 3);
	ck_assert_str_eq(i->label[0], "entailment");
	ck_assert_str_eq(i->label[2], "contradiction");
	ck_assert_str_eq(i->dtype, "BF16");
	ck_assert_str_eq(i->kind, "bert");
	enc_close(m);
}
END_TEST

static const char *const words[] = {"the", "cat", "sat", "on", "a", "mat", "zzz", ",", "it's"};

/* n texts of 0 to 50 words, the same for each call */
static void make_texts(char (*store)[512], assay_bytes *text, size_t n)
{
	uint32_t r = 12345;
	for (size_t i = 0; i < n; i++) {
		size_t len = 0, count = (i * 7) % 50;
		for (size_t j = 0; j < count; j++) {
			r = r * 1664525u + 1013904223u;
			len += (size_t)snprintf(store[i] + len, 512 - len, "%s ",
									words[(r >> 16) % (sizeof words / sizeof *words)]);
		}
		text[i] = (assay_bytes){(const uint8_t *)store[i], len};
	}
}

START_TEST(test_bits_do_not_depend_on_the_batch)
{
	static char store[60][512];
	assay_bytes text[60];
	enc_model *m = open_model((size_t)_i, ENC_CPU_AUTO);
	size_t dim = enc_model_info(m)->dim;
	float *all = calloc(60 * dim, sizeof *all), *one = calloc(7 * dim, sizeof *one);
	ck_assert(all != NULL && one != NULL);
	make_texts(store, text, 60);
	ck_assert_int_eq(enc_embed(m, text, 60, all, NULL), ENC_OK);
	for (size_t i = 0; i < 60; i += 7) {
		size_t n = 60 - i < 7 ? 60 - i : 7;
		ck_assert_int_eq(enc_embed(m, text + i, n, one, NULL), ENC_OK);
		ck_assert_mem_eq(one, all + i * dim, n * dim * sizeof *one);
	}
	free(all);
	free(one);
	enc_close(m);
}
END_TEST

START_TEST(test_bits_do_not_depend_on_the_processor)
{
	static char store[60][512];
	assay_bytes text[60];
	float *first = NULL;
	make_texts(store, text, 60);
	for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
		enc_model *m = open_model((size_t)_i, variants[v]);
		size_t bytes = 60 * enc_model_info(m)->dim * sizeof *first;
		float *out = malloc(bytes);
		ck_assert(out != NULL);
		ck_assert_int_eq(enc_embed(m, text, 60, out, NULL), ENC_OK);
		if (first == NULL)
			first = out;
		else {
			ck_assert_mem_eq(out, first, bytes);
			free(out);
		}
		enc_close(m);
	}
	free(first);
}
END_TEST

START_TEST(test_windows_cover_the_text_and_the_first_is_the_text_cut)
{
	static char store[60][512];
	assay_bytes text[60];
	size_t tokens[9], n = 0, dim;
	float cut[64], out[9 * 64];
	bool complete = false;
	enc_model *m = open_model(0, ENC_CPU_AUTO);
	dim = enc_model_info(m)->dim;
	make_texts(store, text, 60);
	assay_bytes longest = text[7]; /* 49 words */
	ck_assert_int_eq(enc_embed(m, &longest, 1, cut, NULL), ENC_OK);
	ck_assert_int_eq(enc_embed_windows(m, longest, 20, 9, out, tokens, &n, &complete, NULL),
					 ENC_OK);
	ck_assert(complete && n >= 2);
	ck_assert_uint_eq(tokens[0], 30);
	ck_assert_mem_eq(cut, out, dim * sizeof *cut);
	ck_assert_int_eq(enc_embed_windows(m, longest, 20, 1, out, tokens, &n, &complete, NULL),
					 ENC_OK);
	ck_assert(!complete && n == 1);
	ck_assert_int_eq(
		enc_embed_windows(m, (assay_bytes){NULL, 0}, 20, 9, out, tokens, &n, &complete, NULL),
		ENC_OK);
	ck_assert(complete && n == 1 && tokens[0] == 0);
	enc_close(m);
}
END_TEST

typedef struct {
	int polled, stop_at;
} stopper;

static bool stop_now(void *arg)
{
	stopper *s = arg;
	return ++s->polled == s->stop_at;
}

START_TEST(test_stop_ends_the_call_wherever_it_is_asked_and_the_model_goes_on)
{
	stopper s = {0, 0};
	const enc_options opt = {.stop = stop_now, .stop_arg = &s};
	const assay_bytes text = {(const uint8_t *)"the cat", 7};
	float out[64], again[64];
	enc_model *m = NULL;
	ck_assert_int_eq(enc_open(folder(0), &opt, &m, NULL), ENC_OK);
	ck_assert_int_eq(enc_embed(m, &text, 1, out, NULL), ENC_OK);
	int all = s.polled; /* at least once for each of six products of two layers */
	ck_assert_int_ge(all, 12);
	for (int at = 1; at <= all; at++) {
		s = (stopper){0, at};
		ck_assert_int_eq(enc_embed(m, &text, 1, again, NULL), ENC_STOPPED);
		ck_assert_int_eq(s.polled, at);
		s = (stopper){0, 0};
		ck_assert_int_eq(enc_embed(m, &text, 1, again, NULL), ENC_OK);
		ck_assert_mem_eq(again, out, enc_model_info(m)->dim * sizeof *out);
	}
	enc_close(m);
}
END_TEST

START_TEST(test_text_over_the_limit_is_refused_and_the_model_goes_on)
{
	enc_model *m = open_model(0, ENC_CPU_AUTO);
	uint8_t *big = calloc(1, ENC_TEXT_MAX + 1);
	float out[64];
	enc_err err = {""};
	ck_assert(big != NULL);
	memset(big, 'a', ENC_TEXT_MAX + 1);
	ck_assert_int_eq(enc_embed(m, &(assay_bytes){big, ENC_TEXT_MAX + 1}, 1, out, &err),
					 ENC_TOO_LONG);
	ck_assert_msg(strstr(err.msg, "1048577 bytes") != NULL, "%s", err.msg);
	ck_assert_int_eq(enc_embed(m, &(assay_bytes){big, ENC_TEXT_MAX}, 1, out, &err), ENC_OK);
	free(big);
	enc_close(m);
}
END_TEST

START_TEST(test_missing_model_is_unavailable_not_broken)
{
	enc_model *m = NULL;
	enc_err err = {""};
	ck_assert_int_eq(enc_open("/nowhere/at/all", NULL, &m, &err), ENC_UNAVAILABLE);
	ck_assert_ptr_null(m);
	ck_assert_msg(strstr(err.msg, "/nowhere/at/all/config.json") != NULL, "%s", err.msg);
}
END_TEST

/* The published model, where it is installed. */
START_TEST(test_minilm_knows_what_is_alike)
{
	const char *dir = getenv("ASSAY_MODEL_MINILM");
	static const char *const s[] = {"A man is eating food.", "A man is eating a piece of bread.",
									"The girl is carrying a baby."};
	assay_bytes text[3];
	enc_model *m = NULL;
	enc_err err = {""};
	float v[3 * 384];
	double near = 0, far = 0;
	if (dir == NULL || dir[0] == '\0') {
		printf("skipped: ASSAY_MODEL_MINILM names no folder with all-MiniLM-L6-v2\n");
		return;
	}
	ck_assert_msg(enc_open(dir, NULL, &m, &err) == ENC_OK, "%s", err.msg);
	ck_assert_uint_eq(enc_model_info(m)->dim, 384);
	ck_assert_uint_eq(enc_model_info(m)->max_tokens, 256);
	for (size_t i = 0; i < 3; i++)
		text[i] = (assay_bytes){(const uint8_t *)s[i], strlen(s[i])};
	ck_assert_int_eq(enc_embed(m, text, 3, v, &err), ENC_OK);
	for (size_t i = 0; i < 384; i++) {
		near += (double)v[i] * (double)v[384 + i];
		far += (double)v[i] * (double)v[768 + i];
	}
	ck_assert_double_gt(near, 0.7);
	ck_assert_double_lt(far, 0.2);
	enc_close(m);
}
END_TEST

static void fill(TCase *tc)
{
	int n = (int)(sizeof names / sizeof *names);
	tcase_add_loop_test(tc, test_vectors_are_what_the_reference_computes, 0, n);
	tcase_add_loop_test(tc, test_tokens_are_the_references, 0, n);
	tcase_add_loop_test(tc, test_pairs_are_judged_as_the_reference_does, 0, n);
	tcase_add_loop_test(tc, test_bits_do_not_depend_on_the_batch, 0, n);
	tcase_add_loop_test(tc, test_bits_do_not_depend_on_the_processor, 0, n);
	tcase_add_test(tc, test_labels_have_the_models_names);
	tcase_add_test(tc, test_windows_cover_the_text_and_the_first_is_the_text_cut);
	tcase_add_test(tc, test_stop_ends_the_call_wherever_it_is_asked_and_the_model_goes_on);
	tcase_add_test(tc, test_text_over_the_limit_is_refused_and_the_model_goes_on);
	tcase_add_test(tc, test_missing_model_is_unavailable_not_broken);
	tcase_add_test(tc, test_minilm_knows_what_is_alike);
}

int main(void)
{
	return test_main("encoder models", fill, 60);
}
