/* A loaded model and its calls: texts become tokens, tokens are packed into batches of
 * bounded size, batches run, rows become vectors or probabilities. */
#include "encoder/encoder.h"
#include "encoder/fail.h"
#include "encoder/file.h"
#include "encoder/forward.h"
#include "encoder/tokenizer.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_TOKENS = 512, BATCH_TEXTS = 256, TOKENS_MOST = 2048 };
#define WEIGHTS_MOST ((uint64_t)8 << 30)

struct enc_model {
	enc_layout layout;
	enc_file file;
	enc_weights weights;
	enc_tokenizer *tokenizer;
	enc_forward *forward;
	enc_options opt;
	enc_info info;
	char names[ENC_LABELS_MAX][32]; /* of labels that the model does not name */
	/* the batch in the making */
	uint32_t *id;
	uint8_t *type;
	size_t start[BATCH_TEXTS + 1], n, room;
};

/* ---- opening ---- */

static void describe(enc_model *m, const enc_kern *k)
{
	const enc_layout *l = &m->layout;
	m->info = (enc_info){.kind = l->kind == ENC_BERT ? "bert" : "roberta",
						 .pooling = l->pool_cls ? "cls" : "mean",
						 .cpu = k->name,
						 .dtype = enc_dtype_name(m->weights.layer[0].query.w.dtype),
						 .dim = l->hidden,
						 .layers = l->layers,
						 .heads = l->heads,
						 .vocab = l->vocab,
						 .max_tokens = l->max_tokens,
						 .weights_bytes = m->file.len,
						 .labels = m->weights.has_head ? m->weights.out.w.rows : 0};
	for (size_t i = 0; i < m->info.labels; i++) {
		(void)snprintf(m->names[i], sizeof m->names[i], "LABEL_%zu", i);
		m->info.label[i] = l->label[i] != NULL ? l->label[i] : m->names[i];
	}
}

static enc_rc check_sizes(enc_model *m, enc_err *err)
{
	enc_layout *l = &m->layout;
	if (m->opt.max_tokens != 0 && m->opt.max_tokens < l->max_tokens)
		l->max_tokens = m->opt.max_tokens;
	if (l->max_tokens > TOKENS_MOST)
		l->max_tokens = TOKENS_MOST;
	if (l->max_tokens < enc_tokenizer_special(m->tokenizer)->around_two + 2)
		return enc_fail(err, ENC_BAD_MODEL, "max_tokens is below the smallest text pair, 6");
	if (enc_tokenizer_vocab(m->tokenizer) > l->vocab)
		return enc_fail(err, ENC_BAD_MODEL,
						"the vocabulary has %zu tokens, config.json says %zu: files of two models",
						enc_tokenizer_vocab(m->tokenizer), l->vocab);
	return ENC_OK;
}

static enc_rc allocate(enc_model *m, const enc_kern *k, enc_err *err)
{
	size_t longest = m->layout.max_tokens;
	m->room = longest > BATCH_TOKENS ? longest : BATCH_TOKENS;
	m->id = calloc(m->room, sizeof *m->id);
	m->type = calloc(m->room, 1);
	m->forward = enc_forward_new(&m->layout, &m->weights, k, m->room, longest);
	return m->id != NULL && m->type != NULL && m->forward != NULL
			   ? ENC_OK
			   : enc_fail(err, ENC_NOMEM, "out of memory for the encoder's working memory");
}

static enc_rc load(enc_model *m, const char *dir, enc_err *err)
{
	const enc_kern *k = enc_kern_of(m->opt.cpu);
	enc_rc rc = enc_layout_read(dir, &m->layout, err);
	if (rc == ENC_OK)
		rc = enc_file_map(dir, "model.safetensors", WEIGHTS_MOST, &m->file, err);
	if (rc == ENC_OK)
		rc =
			enc_weights_bind((assay_bytes){m->file.ptr, m->file.len}, &m->layout, &m->weights, err);
	if (rc == ENC_OK)
		rc = enc_tokenizer_open(dir, &m->layout, &m->tokenizer, err);
	if (rc == ENC_OK)
		rc = check_sizes(m, err);
	if (rc == ENC_OK)
		rc = allocate(m, k, err);
	if (rc == ENC_OK)
		describe(m, k);
	return rc;
}

enc_rc enc_open(const char *dir, const enc_options *opt, enc_model **out, enc_err *err)
{
	enc_model *m = calloc(1, sizeof *m);
	if (m == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory");
	if (opt != NULL)
		m->opt = *opt;
	enc_rc rc = load(m, dir, err);
	if (rc != ENC_OK)
		enc_close(m);
	else
		*out = m;
	return rc;
}

void enc_close(enc_model *m)
{
	if (m == NULL)
		return;
	enc_forward_free(m->forward);
	enc_tokenizer_close(m->tokenizer);
	enc_weights_free(&m->weights);
	enc_file_unmap(&m->file);
	enc_layout_free(&m->layout);
	free(m->id);
	free(m->type);
	free(m);
}

const enc_info *enc_model_info(const enc_model *m)
{
	return &m->info;
}

/* ---- batches ---- */

typedef enc_rc each_row(enc_model *m, const float *rows, size_t stride, size_t n, void *arg,
						enc_err *err);

/* Runs what has been put and gives each sequence's rows to `each`, in order. */
static enc_rc flush(enc_model *m, each_row *each, void *arg, enc_err *err)
{
	const enc_batch b = {m->id, m->type, m->start, m->n};
	size_t stride;
	enc_rc rc = ENC_OK;
	if (m->n == 0)
		return ENC_OK;
	const float *x = enc_forward_run(m->forward, &b, m->opt.stop, m->opt.stop_arg, &stride);
	if (x == NULL)
		rc = enc_fail(err, ENC_STOPPED, "the encoder was told to stop");
	for (size_t i = 0; i < m->n && rc == ENC_OK; i++)
		rc = each(m, x + m->start[i] * stride, stride, m->start[i + 1] - m->start[i], arg, err);
	m->n = 0;
	return rc;
}

static bool fits(const enc_model *m, size_t tokens)
{
	return m->n < BATCH_TEXTS && m->start[m->n] + tokens <= m->room;
}

static void put(enc_model *m, uint32_t id, uint8_t type)
{
	size_t *end = &m->start[m->n + 1];
	m->id[*end] = id;
	m->type[*end] = type;
	++*end;
}

static void put_all(enc_model *m, const uint32_t *id, size_t n, uint8_t type)
{
	for (size_t i = 0; i < n; i++)
		put(m, id[i], type);
}

static void begin(enc_model *m)
{
	if (m->n == 0)
		m->start[0] = 0;
	m->start[m->n + 1] = m->start[m->n];
}

/* One sequence of a text's tokens, special ones around it. */
static void put_one(enc_model *m, const uint32_t *id, size_t n)
{
	const enc_special *s = enc_tokenizer_special(m->tokenizer);
	begin(m);
	put(m, s->open, 0);
	put_all(m, id, n, 0);
	put(m, s->close, 0);
	m->n++;
}

static void put_two(enc_model *m, const uint32_t *a, size_t an, const uint32_t *b, size_t bn)
{
	const enc_special *s = enc_tokenizer_special(m->tokenizer);
	uint8_t second = m->layout.types > 1 && !s->doubled;
	begin(m);
	put(m, s->open, 0);
	put_all(m, a, an, 0);
	put(m, s->close, 0);
	if (s->doubled)
		put(m, s->close, 0);
	put_all(m, b, bn, second);
	put(m, s->close, second);
	m->n++;
}

/* ---- vectors ---- */

typedef struct {
	float *next;
} vectors;

static enc_rc unit(float *v, size_t n, enc_err *err)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (double)v[i] * (double)v[i];
	if (!isfinite(sum))
		return enc_fail(err, ENC_BAD_MODEL,
						"the model's vector is not finite: its weights are damaged");
	double by = sum > 0 ? 1 / sqrt(sum) : 0;
	for (size_t i = 0; i < n; i++)
		v[i] = (float)(v[i] * by);
	return ENC_OK;
}

static enc_rc pool(enc_model *m, const float *rows, size_t stride, size_t n, void *arg,
				   enc_err *err)
{
	vectors *v = arg;
	float *out = v->next;
	memcpy(out, rows, m->info.dim * sizeof *out);
	for (size_t i = 1; i < n && !m->layout.pool_cls; i++) {
		for (size_t j = 0; j < m->info.dim; j++)
			out[j] += rows[i * stride + j];
	}
	v->next += m->info.dim;
	return unit(out, m->info.dim, err);
}

static enc_rc embed_ids(enc_model *m, const uint32_t *id, size_t n, vectors *v, enc_err *err)
{
	enc_rc rc = fits(m, n + 2) ? ENC_OK : flush(m, pool, v, err);
	if (rc == ENC_OK)
		put_one(m, id, n);
	return rc;
}

enc_rc enc_embed(enc_model *m, const assay_bytes *text, size_t n, float *out, enc_err *err)
{
	enc_ids ids = {.most = m->layout.max_tokens - 2};
	vectors v = {out};
	enc_rc rc = ENC_OK;
	m->n = m->start[0] = 0;
	for (size_t i = 0; i < n && rc == ENC_OK; i++) {
		ids.n = 0;
		rc = enc_tokenizer_text(m->tokenizer, text[i], false, &ids, err);
		if (rc == ENC_OK)
			rc = embed_ids(m, ids.id, ids.n, &v, err);
	}
	enc_ids_free(&ids);
	return rc == ENC_OK ? flush(m, pool, &v, err) : rc;
}

enc_rc enc_embed_windows(enc_model *m, assay_bytes text, size_t stride, size_t cap, float *out,
						 size_t *tokens, size_t *n, bool *complete, enc_err *err)
{
	size_t width = m->layout.max_tokens - 2, at = 0, count = 0;
	size_t step = stride == 0 || stride > width ? width : stride;
	vectors v = {out};
	if (cap == 0 || cap > SIZE_MAX / 2 / width)
		return enc_fail(err, ENC_TOO_LONG, "%zu windows are out of range", cap);
	enc_ids ids = {.most = (cap - 1) * step + width + 1}; /* one more tells that there is more */
	m->n = m->start[0] = 0;
	enc_rc rc = enc_tokenizer_text(m->tokenizer, text, false, &ids, err);
	for (bool more = true; rc == ENC_OK && more && count < cap; count++, at += step) {
		size_t len = ids.n - at < width ? ids.n - at : width;
		rc = embed_ids(m, ids.id + at, len, &v, err);
		if (tokens != NULL)
			tokens[count] = len;
		more = at + len < ids.n;
	}
	if (rc == ENC_OK)
		rc = flush(m, pool, &v, err);
	if (rc == ENC_OK) {
		*n = count;
		if (complete != NULL)
			*complete = (count - 1) * step + width >= ids.n;
	}
	enc_ids_free(&ids);
	return rc;
}

/* ---- pairs ---- */

typedef struct {
	float *prob, *logit; /* logit may be NULL */
} answers;

static float logistic(enc_model *m, float x)
{
	float two[2] = {x, 0};
	enc_kern_of(m->opt.cpu)->softmax(two, 1, 2, 2, 1);
	return two[0];
}

static enc_rc judge(enc_model *m, const float *rows, size_t stride, size_t n, void *arg,
					enc_err *err)
{
	answers *a = arg;
	float logit[ENC_LABELS_MAX];
	size_t labels = m->info.labels;
	(void)stride;
	(void)n;
	enc_forward_head(m->forward, rows, logit);
	for (size_t i = 0; i < labels; i++) {
		if (!isfinite(logit[i]))
			return enc_fail(err, ENC_BAD_MODEL,
							"the model's output is not finite: its weights are damaged");
	}
	memcpy(a->prob, logit, labels * sizeof *logit);
	if (labels == 1 || m->layout.multi_label) {
		for (size_t i = 0; i < labels; i++)
			a->prob[i] = logistic(m, logit[i]);
	} else {
		enc_kern_of(m->opt.cpu)->softmax(a->prob, 1, labels, labels, 1);
	}
	if (a->logit != NULL) {
		memcpy(a->logit, logit, labels * sizeof *logit);
		a->logit += labels;
	}
	a->prob += labels;
	return ENC_OK;
}

/* How much of each text stays, so that both have `room` tokens at most: the longer one
 * gives first. mirrors: tokenizers utils/truncation.rs, LongestFirst */
static void share(size_t *a, size_t *b, size_t room)
{
	bool swap = *a > *b;
	size_t small = swap ? *b : *a, large = swap ? *a : *b;
	if (small + large <= room)
		return;
	large = small > room ? small : small > room - small ? small : room - small;
	if (small + large > room) {
		small = room / 2;
		large = small + room % 2;
	}
	*a = swap ? large : small;
	*b = swap ? small : large;
}

static enc_rc judge_pair(enc_model *m, const enc_pair *p, enc_ids ids[2], answers *a, enc_err *err)
{
	size_t around = enc_tokenizer_special(m->tokenizer)->around_two;
	ids[0].n = ids[1].n = 0;
	enc_rc rc = enc_tokenizer_text(m->tokenizer, p->first, false, &ids[0], err);
	if (rc == ENC_OK)
		rc = enc_tokenizer_text(m->tokenizer, p->second, false, &ids[1], err);
	size_t an = ids[0].n, bn = ids[1].n;
	share(&an, &bn, m->layout.max_tokens - around);
	if (rc == ENC_OK && !fits(m, an + bn + around))
		rc = flush(m, judge, a, err);
	if (rc == ENC_OK)
		put_two(m, ids[0].id, an, ids[1].id, bn);
	return rc;
}

enc_rc enc_classify(enc_model *m, const enc_pair *pair, size_t n, float *prob, float *logit,
					enc_err *err)
{
	enc_ids ids[2] = {{.most = SIZE_MAX}, {.most = SIZE_MAX}}; /* full lengths decide the cut */
	answers a = {prob, logit};
	enc_rc rc = ENC_OK;
	if (m->info.labels == 0)
		return enc_fail(err, ENC_NO_HEAD,
						"the model has no classification head (classifier.* in its weights)");
	m->n = m->start[0] = 0;
	for (size_t i = 0; i < n && rc == ENC_OK; i++)
		rc = judge_pair(m, &pair[i], ids, &a, err);
	enc_ids_free(&ids[0]);
	enc_ids_free(&ids[1]);
	return rc == ENC_OK ? flush(m, judge, &a, err) : rc;
}

enc_rc enc_count_tokens(enc_model *m, assay_bytes text, size_t *n, enc_err *err)
{
	enc_ids ids = {.most = SIZE_MAX};
	enc_rc rc = enc_tokenizer_text(m->tokenizer, text, false, &ids, err);
	if (rc == ENC_OK)
		*n = ids.n + 2;
	enc_ids_free(&ids);
	return rc;
}
