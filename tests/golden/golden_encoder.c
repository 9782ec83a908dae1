/* The sentence encoder: WordPiece against Hugging Face's, and a small BERT against
 * PyTorch, layer by layer, with every vector variant of this machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "encoder/file.h"
#include "encoder/forward.h"
#include "encoder/tokenizer.h"
#include "golden/golden.h"

enum { ROWS_MOST = 16, TOKENS_MOST = 64, HIDDEN = 32 };

static const char *string(asy_jv v, const char *absent)
{
	const char *s;
	size_t n;
	return asy_jv_str(v, &s, &n, NULL) == ASSAY_OK ? s : absent;
}

static uint64_t whole(asy_jv v)
{
	uint64_t n = UINT64_MAX;
	return asy_jv_u64(v, &n, NULL) == ASSAY_OK ? n : UINT64_MAX;
}

/* ---- wordpiece.json ---- */

static bool same_ids(golden *g, asy_jv c, const enc_ids *got, const enc_special *around)
{
	asy_jv want = asy_jv_get(asy_jv_get(c, "expected"), "ids");
	const char *id = string(asy_jv_get(c, "id"), "?");
	size_t n = asy_jv_size(want);
	if (n != got->n + 2 || whole(asy_jv_at(want, 0)) != around->open ||
		whole(asy_jv_at(want, n - 1)) != around->close) {
		golden_fail(g, id, "%zu tokens, expected %zu", got->n + 2, n);
		return false;
	}
	for (size_t i = 0; i < got->n; i++) {
		if (whole(asy_jv_at(want, i + 1)) != got->id[i]) {
			golden_fail(g, id, "token %zu is %u", i + 1, got->id[i]);
			return false;
		}
	}
	return true;
}

static void wordpiece_case(golden *g, enc_tokenizer *t, asy_jv c)
{
	const char *s = "";
	size_t n = 0;
	enc_ids ids = {.most = SIZE_MAX};
	enc_err err = {""};
	if (asy_jv_str(asy_jv_get(c, "input"), &s, &n, NULL) != ASSAY_OK ||
		enc_tokenizer_text(t, (assay_bytes){(const uint8_t *)s, n}, true, &ids, &err) != ENC_OK)
		golden_fail(g, string(asy_jv_get(c, "id"), "?"), "%s", err.msg);
	else if (same_ids(g, c, &ids, enc_tokenizer_special(t)))
		golden_pass(g);
	enc_ids_free(&ids);
}

static void run_wordpiece(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	enc_layout l;
	enc_file lines = {NULL, 0};
	enc_tokenizer *t = NULL;
	enc_err err = {""};
	enc_layout_begin(&l);
	enc_rc rc = enc_file_map(golden_sibling(g, ""), "wordpiece_vocab.txt", 1 << 24, &lines, &err);
	if (rc == ENC_UNAVAILABLE) {
		golden_skip(g, asy_jv_size(cases),
					"wordpiece_vocab.txt, a third party's file, is not here");
		return;
	}
	if (rc == ENC_OK)
		rc = enc_tokenizer_of_lines((assay_bytes){lines.ptr, lines.len}, &l, &t, &err);
	if (rc != ENC_OK)
		golden_fail(g, NULL, "%s", err.msg);
	for (size_t i = 0; rc == ENC_OK && i < asy_jv_size(cases); i++)
		wordpiece_case(g, t, asy_jv_at(cases, i));
	enc_tokenizer_close(t);
	enc_file_unmap(&lines);
}

/* ---- tiny_bert.json ---- */

typedef struct {
	golden *g;
	const char *id;
	const enc_layout *layout;
	const enc_weights *weights;
	const enc_kern *kern;
	double tolerance;
} bert;

static bool near(const bert *b, asy_jv want, float got, const char *what)
{
	double d = NAN;
	if (asy_jv_f64(want, &d, NULL) == ASSAY_OK && fabs(d - (double)got) <= b->tolerance)
		return true;
	golden_fail(b->g, b->id, "%s (%s) is %.9g, expected %.9g", what, b->kern->name, (double)got, d);
	return false;
}

static bool rows_near(const bert *b, asy_jv want, const float *x, size_t stride, const char *what)
{
	for (size_t i = 0; i < asy_jv_size(want); i++) {
		for (size_t j = 0; j < HIDDEN; j++) {
			if (!near(b, asy_jv_at(asy_jv_at(want, i), j), x[i * stride + j], what))
				return false;
		}
	}
	return true;
}

typedef struct {
	uint32_t id[ROWS_MOST * TOKENS_MOST];
	uint8_t type[ROWS_MOST * TOKENS_MOST];
	size_t start[ROWS_MOST + 1], n;
} sequences;

/* The ids whose mask is 1; they stand in front in every case. */
static bool read_case(asy_jv c, sequences *s)
{
	asy_jv ids = asy_jv_get(c, "ids"), mask = asy_jv_get(c, "attention_mask");
	*s = (sequences){.n = asy_jv_size(ids)};
	if (s->n > ROWS_MOST)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		size_t *end = &s->start[i + 1];
		*end = s->start[i];
		for (size_t j = 0; j < asy_jv_size(asy_jv_at(ids, i)); j++) {
			if (whole(asy_jv_at(asy_jv_at(mask, i), j)) != 1)
				break;
			if (*end == ROWS_MOST * TOKENS_MOST)
				return false;
			s->id[(*end)++] = (uint32_t)whole(asy_jv_at(asy_jv_at(ids, i), j));
		}
	}
	return true;
}

/* The outputs of the first `layers` layers, in memory that the caller frees. */
static float *run(const bert *b, const sequences *s, size_t layers)
{
	enc_layout l = *b->layout;
	const enc_batch batch = {s->id, s->type, s->start, s->n};
	size_t stride, tokens = s->start[s->n];
	float *out = calloc(tokens + 1, HIDDEN * sizeof *out);
	l.layers = layers;
	enc_forward *f = enc_forward_new(&l, b->weights, b->kern, tokens, TOKENS_MOST);
	const float *x = enc_forward_run(f, &batch, NULL, NULL, &stride);
	for (size_t i = 0; i < tokens; i++)
		memcpy(out + i * HIDDEN, x + i * stride, HIDDEN * sizeof *out);
	enc_forward_free(f);
	return out;
}

static bool check_layers(const bert *b, const sequences *s, asy_jv expected)
{
	asy_jv layers = asy_jv_get(expected, "layer_outputs");
	bool ok = true;
	for (size_t i = 0; ok && i <= asy_jv_size(layers) && asy_jv_size(layers) > 0; i++) {
		float *x = run(b, s, i);
		asy_jv want =
			i == 0 ? asy_jv_get(expected, "embedding_layernorm") : asy_jv_at(layers, i - 1);
		for (size_t j = 0; ok && j < s->n; j++)
			ok = rows_near(b, asy_jv_at(want, j), x + s->start[j] * HIDDEN, HIDDEN,
						   i == 0 ? "the embedding" : "a layer's output");
		free(x);
	}
	return ok;
}

static bool check_means(const bert *b, const sequences *s, asy_jv expected)
{
	float mean[ROWS_MOST][HIDDEN] = {{0}}, unit[ROWS_MOST][HIDDEN], cosine[ROWS_MOST];
	float *x = run(b, s, b->layout->layers);
	for (size_t i = 0; i < s->n; i++) {
		float n = (float)(s->start[i + 1] - s->start[i]), sum = 0;
		for (size_t t = s->start[i]; t < s->start[i + 1]; t++) {
			for (size_t j = 0; j < HIDDEN; j++)
				mean[i][j] += x[t * HIDDEN + j] / n;
		}
		for (size_t j = 0; j < HIDDEN; j++)
			sum += mean[i][j] * mean[i][j];
		for (size_t j = 0; j < HIDDEN; j++)
			unit[i][j] = mean[i][j] / sqrtf(sum);
	}
	free(x);
	bool ok = rows_near(b, asy_jv_get(expected, "mean_pooled"), mean[0], HIDDEN, "the mean") &&
			  rows_near(b, asy_jv_get(expected, "normalised"), unit[0], HIDDEN, "the unit vector");
	for (size_t i = 0; ok && i < s->n; i++) {
		for (size_t j = 0; ok && j < s->n; j++) {
			cosine[j] = 0;
			for (size_t k = 0; k < HIDDEN; k++)
				cosine[j] += unit[i][k] * unit[j][k];
			ok = near(b, asy_jv_at(asy_jv_at(asy_jv_get(expected, "cosine_matrix"), i), j),
					  cosine[j], "a cosine");
		}
	}
	return ok;
}

static void bert_case(bert *b, asy_jv c)
{
	static const enc_cpu variants[] = {ENC_CPU_SCALAR, ENC_CPU_AVX2, ENC_CPU_AVX512};
	static sequences s;
	asy_jv expected = asy_jv_get(c, "expected");
	b->id = string(asy_jv_get(c, "id"), "?");
	if (!read_case(c, &s)) {
		golden_fail(b->g, b->id, "the case is larger than the suite holds");
		return;
	}
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
		b->kern = enc_kern_of(variants[i]);
		if (!check_layers(b, &s, expected) || !check_means(b, &s, expected))
			return;
	}
	golden_pass(b->g);
}

static void run_bert(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	const enc_layout l = {.hidden = HIDDEN,
						  .layers = 3,
						  .heads = 4,
						  .inner = 64,
						  .vocab = 400,
						  .positions = TOKENS_MOST,
						  .types = 2,
						  .norm_eps = 1e-12f};
	enc_file file = {NULL, 0};
	enc_weights w;
	enc_err err = {""};
	bert b = {.g = g, .layout = &l, .weights = &w, .tolerance = 0};
	if (asy_jv_f64(asy_jv_get(root, "tolerance"), &b.tolerance, NULL) != ASSAY_OK)
		b.tolerance = 0;
	enc_rc rc = enc_file_map(golden_sibling(g, ""), "tiny_bert.safetensors", 1 << 24, &file, &err);
	if (rc == ENC_OK)
		rc = enc_weights_bind((assay_bytes){file.ptr, file.len}, &l, &w, &err);
	if (rc != ENC_OK) {
		golden_fail(g, NULL, "%s", err.msg);
	} else {
		for (size_t i = 0; i < asy_jv_size(cases); i++)
			bert_case(&b, asy_jv_at(cases, i));
		enc_weights_free(&w);
	}
	enc_file_unmap(&file);
}

const golden_row golden_suite_encoder[] = {
	{NULL, "cases.input cases.expected.ids cases.expected.tokens", run_wordpiece},
	{NULL, "cases.ids cases.attention_mask cases.expected", run_bert},
	{NULL, NULL, NULL},
};
