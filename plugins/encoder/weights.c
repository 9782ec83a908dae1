/* Names as transformers writes them, with or without a prefix. */
#include "encoder/weights.h"
#include "encoder/fail.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char file_name[] = "model.safetensors";

typedef struct {
	const enc_tensors *all;
	const enc_layout *l;
	const char *prefix;
	enc_err *err;
	enc_rc rc;
	float *next; /* the vectors' pool */
	size_t left;
} binder;

static const enc_tensor *find(const binder *b, const char *prefix, const char *name)
{
	char full[ENC_ST_NAME_MAX + 1];
	int n = snprintf(full, sizeof full, "%s%s", prefix, name);
	return n > 0 && n < (int)sizeof full ? enc_tensors_find(b->all, full) : NULL;
}

static void refuse(binder *b, const char *name, const char *why)
{
	if (b->rc == ENC_OK)
		b->rc = enc_fail(b->err, ENC_BAD_MODEL, "%s: %s%s %s", file_name, b->prefix, name, why);
}

static enc_mat matrix(binder *b, const enc_tensor *t, const char *name, size_t rows, size_t cols)
{
	char why[96];
	if (t == NULL) {
		refuse(b, name, "is missing");
	} else if (t->dtype == ENC_OTHER) {
		refuse(b, name, "is not F32, F16 or BF16");
	} else if (t->rank != 2 || t->shape[0] != rows || t->shape[1] != cols) {
		(void)snprintf(why, sizeof why, "is not %zu x %zu, as config.json says", rows, cols);
		refuse(b, name, why);
	}
	if (b->rc != ENC_OK)
		return (enc_mat){0};
	return (enc_mat){t->data, t->dtype, rows, cols, cols * enc_dtype_size(t->dtype)};
}

static float *vector(binder *b, const enc_tensor *t, const char *name, size_t n)
{
	if (t == NULL)
		refuse(b, name, "is missing");
	else if (t->dtype == ENC_OTHER || t->rank != 1 || t->shape[0] != n)
		refuse(b, name, "is no vector of numbers of the length that config.json says");
	if (b->rc != ENC_OK || n > b->left)
		return NULL;
	float *p = b->next;
	enc_tensor_floats(t, 0, n, p);
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(p[i])) {
			refuse(b, name, "holds a value that is not finite");
			return NULL;
		}
	}
	b->next += n;
	b->left -= n;
	return p;
}

static enc_linear linear(binder *b, const char *stem, size_t out, size_t in)
{
	char w[128], bias[128];
	(void)snprintf(w, sizeof w, "%s.weight", stem);
	(void)snprintf(bias, sizeof bias, "%s.bias", stem);
	enc_linear l = {matrix(b, find(b, b->prefix, w), w, out, in), NULL};
	l.bias = vector(b, find(b, b->prefix, bias), bias, out);
	return l;
}

/* Old files say gamma and beta. */
static enc_norm norm(binder *b, const char *stem)
{
	static const char *const names[2][2] = {{"weight", "gamma"}, {"bias", "beta"}};
	float *p[2] = {NULL, NULL};
	for (size_t i = 0; i < 2; i++) {
		char name[128];
		(void)snprintf(name, sizeof name, "%s.%s", stem, names[i][1]);
		const enc_tensor *old = find(b, b->prefix, name);
		(void)snprintf(name, sizeof name, "%s.%s", stem, names[i][0]);
		const enc_tensor *t = find(b, b->prefix, name);
		p[i] = vector(b, t != NULL ? t : old, name, b->l->hidden);
	}
	return (enc_norm){p[0], p[1]};
}

static enc_layer layer(binder *b, size_t i)
{
	enum { STEM = 96 };
	size_t h = b->l->hidden, inner = b->l->inner;
	char s[8][STEM];
	static const char *const names[8] = {"attention.self.query",
										 "attention.self.key",
										 "attention.self.value",
										 "attention.output.dense",
										 "attention.output.LayerNorm",
										 "intermediate.dense",
										 "output.dense",
										 "output.LayerNorm"};
	for (size_t j = 0; j < 8; j++)
		(void)snprintf(s[j], STEM, "encoder.layer.%zu.%s", i, names[j]);
	return (enc_layer){.query = linear(b, s[0], h, h),
					   .key = linear(b, s[1], h, h),
					   .value = linear(b, s[2], h, h),
					   .out = linear(b, s[3], h, h),
					   .after_attention = norm(b, s[4]),
					   .up = linear(b, s[5], inner, h),
					   .down = linear(b, s[6], h, inner),
					   .after_inner = norm(b, s[7])};
}

/* ---- the head ---- */

static void head_parts(binder *b, enc_weights *w, const char *dense_prefix, const char *dense,
					   const char *out)
{
	const char *own = b->prefix;
	const enc_tensor *t = find(b, "", out);
	size_t labels = t != NULL && t->rank == 2 ? t->shape[0] : 0;
	char stem[64];
	if (labels == 0 || labels > ENC_LABELS_MAX) {
		refuse(b, out, "has no shape of 1 to 64 labels");
		return;
	}
	if (b->l->labels != 0 && b->l->labels != labels) {
		refuse(b, out, "has another number of labels than id2label of config.json");
		return;
	}
	b->prefix = dense_prefix;
	w->dense = linear(b, dense, b->l->hidden, b->l->hidden);
	b->prefix = "";
	(void)snprintf(stem, sizeof stem, "%.*s", (int)(strlen(out) - strlen(".weight")), out);
	w->out = linear(b, stem, labels, b->l->hidden);
	b->prefix = own;
	w->has_head = b->rc == ENC_OK;
}

static void head(binder *b, enc_weights *w)
{
	if (find(b, "", "classifier.out_proj.weight") != NULL)
		head_parts(b, w, "", "classifier.dense", "classifier.out_proj.weight");
	else if (find(b, "", "classifier.weight") != NULL)
		head_parts(b, w, b->prefix, "pooler.dense", "classifier.weight");
	else if (find(b, "", "tri_layer.weight") != NULL) /* AlignScore's, the one it scores with */
		head_parts(b, w, b->prefix, "pooler.dense", "tri_layer.weight");
}

/* ---- all of it ---- */

/* The prefix of the encoder's own tensors, or NULL. */
static const char *prefix_of(const enc_tensors *all)
{
	static const char *const known[] = {
		"", "bert.", "roberta.", "0.auto_model.", "auto_model.", "model.", "base_model."};
	const binder b = {.all = all};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (find(&b, known[i], "embeddings.word_embeddings.weight") != NULL)
			return known[i];
	}
	return NULL;
}

static size_t pool_floats(const enc_layout *l)
{
	return 2 * l->hidden + l->layers * (9 * l->hidden + l->inner) + l->hidden + ENC_LABELS_MAX;
}

static enc_rc bind_all(binder *b, enc_weights *w)
{
	const enc_layout *l = b->l;
	static const char word[] = "embeddings.word_embeddings.weight",
					  place[] = "embeddings.position_embeddings.weight",
					  type[] = "embeddings.token_type_embeddings.weight";
	w->word = matrix(b, find(b, b->prefix, word), word, l->vocab, l->hidden);
	w->place = matrix(b, find(b, b->prefix, place), place, l->positions, l->hidden);
	w->type = matrix(b, find(b, b->prefix, type), type, l->types, l->hidden);
	w->norm = norm(b, "embeddings.LayerNorm");
	for (size_t i = 0; i < l->layers && b->rc == ENC_OK; i++)
		w->layer[i] = layer(b, i);
	if (b->rc == ENC_OK)
		head(b, w);
	return b->rc;
}

enc_rc enc_weights_bind(assay_bytes file, const enc_layout *l, enc_weights *out, enc_err *err)
{
	enc_tensors all;
	enc_rc rc = enc_tensors_read(file, file_name, &all, err);
	if (rc != ENC_OK)
		return rc;
	size_t floats = pool_floats(l);
	enc_weights w = {.layer = calloc(l->layers, sizeof *w.layer),
					 .vectors = calloc(floats, sizeof(float))};
	binder b = {&all, l, prefix_of(&all), err, ENC_OK, w.vectors, floats};
	if (w.layer == NULL || w.vectors == NULL)
		rc = enc_fail(err, ENC_NOMEM, "out of memory");
	else if (b.prefix == NULL)
		rc = enc_fail(err, ENC_BAD_MODEL,
					  "%s has no embeddings.word_embeddings.weight: no BERT or RoBERTa encoder",
					  file_name);
	else
		rc = bind_all(&b, &w);
	enc_tensors_free(&all);
	if (rc != ENC_OK)
		enc_weights_free(&w);
	else
		*out = w;
	return rc;
}

void enc_weights_free(enc_weights *w)
{
	free(w->layer);
	free(w->vectors);
	*w = (enc_weights){0};
}
