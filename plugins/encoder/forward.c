/* Embedding, then for each layer attention and the inner product, each with its
 * residual and norm (post-norm, as BERT and RoBERTa have it). */
#include "encoder/forward.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows are kept a few floats longer than they are: rows of a power of two would all
 * fall into the same few lines of the processor's cache. */
enum { PAD = 16, QUERIES = 64, SLICE = 6 * ENC_PANEL };

struct enc_forward {
	const enc_layout *l;
	const enc_weights *w;
	const enc_kern *k;
	size_t row, wide, inner; /* floats from row to row of x, of qkv, of the inner product */
	size_t score;            /* of the attention scores */
	float *x, *scores, *panel;
	/* One piece of memory: a layer first needs qkv and context, then up. */
	float *qkv, *context, *up;
	bool (*stop)(void *);
	void *stop_arg;
	bool stopped; /* nothing is computed any more */
};

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

enc_forward *enc_forward_new(const enc_layout *l, const enc_weights *w, const enc_kern *k,
							 size_t tokens, size_t longest)
{
	enc_forward *f = calloc(1, sizeof *f);
	if (f == NULL)
		return NULL;
	*f = (enc_forward){.l = l,
					   .w = w,
					   .k = k,
					   .row = l->hidden + PAD,
					   .wide = 3 * l->hidden + PAD,
					   .inner = l->inner + PAD,
					   .score = longest + PAD};
	size_t attention = tokens * f->wide + ENC_PANEL;
	f->x = calloc(tokens, f->row * sizeof(float));
	f->qkv = calloc(most(attention + tokens * f->row, tokens * f->inner), sizeof(float));
	f->context = f->qkv == NULL ? NULL : f->qkv + attention;
	f->up = f->qkv;
	f->scores = calloc(QUERIES, f->score * sizeof(float));
	f->panel = calloc(most(l->inner, l->hidden), ENC_PANEL * sizeof(float));
	if (f->x != NULL && f->qkv != NULL && f->scores != NULL && f->panel != NULL)
		return f;
	enc_forward_free(f);
	return NULL;
}

void enc_forward_free(enc_forward *f)
{
	if (f == NULL)
		return;
	free(f->x);
	free(f->qkv);
	free(f->scores);
	free(f->panel);
	free(f);
}

static void add_row(const enc_mat *w, size_t row, float *x)
{
	float part[128];
	for (size_t at = 0; at < w->cols; at += 128) {
		size_t n = w->cols - at < 128 ? w->cols - at : 128;
		enc_mat_floats(w, row, at, n, part);
		for (size_t i = 0; i < n; i++)
			x[at + i] += part[i];
	}
}

static void embed(enc_forward *f, const enc_batch *b)
{
	const enc_weights *w = f->w;
	for (size_t s = 0; s < b->n; s++) {
		for (size_t t = b->start[s]; t < b->start[s + 1]; t++) {
			float *x = f->x + t * f->row;
			memset(x, 0, f->l->hidden * sizeof *x);
			add_row(&w->word, b->id[t], x);
			add_row(&w->type, b->type[t], x);
			add_row(&w->place, f->l->first_position + t - b->start[s], x);
		}
	}
	f->k->norm(f->x, b->start[b->n], f->l->hidden, f->row, w->norm.gamma, w->norm.beta,
			   f->l->norm_eps);
}

/* True when the call is over. */
static bool polled(enc_forward *f)
{
	if (!f->stopped && f->stop != NULL)
		f->stopped = f->stop(f->stop_arg);
	return f->stopped;
}

/* c = then(a w' + bias) + add over rows of the given strides. A few columns at a time, so
 * that a large product can be stopped within. */
static void dense(enc_forward *f, size_t rows, const float *a, size_t lda, const enc_linear *w,
				  enc_then then, const float *add, float *c, size_t ldc)
{
	for (size_t j = 0; j < w->w.rows && !polled(f); j += SLICE) {
		enc_mat part = w->w;
		part.data += j * part.stride;
		part.rows = w->w.rows - j < SLICE ? w->w.rows - j : SLICE;
		f->k->product(&(enc_product){.m = rows,
									 .n = part.rows,
									 .k = part.cols,
									 .a = a,
									 .lda = lda,
									 .w = &part,
									 .panel = f->panel,
									 .bias = w->bias + j,
									 .add = add == NULL ? NULL : add + j,
									 .then = then,
									 .c = c + j,
									 .ldc = ldc});
	}
}

/* One head of one sequence: qkv holds its rows, out gets its columns of the context. */
static void attend(enc_forward *f, const float *qkv, size_t n, float *out)
{
	size_t d = f->l->hidden / f->l->heads;
	const enc_mat keys = {(const uint8_t *)(qkv + f->l->hidden), ENC_F32, n, d,
						  f->wide * sizeof(float)};
	for (size_t i = 0; i < n; i += QUERIES) {
		size_t rows = n - i < QUERIES ? n - i : QUERIES;
		f->k->product(&(enc_product){.m = rows,
									 .n = n,
									 .k = d,
									 .a = qkv + i * f->wide,
									 .lda = f->wide,
									 .w = &keys,
									 .panel = f->panel,
									 .c = f->scores,
									 .ldc = f->score});
		f->k->softmax(f->scores, rows, n, f->score, 1.0f / sqrtf((float)d));
		f->k->product(&(enc_product){.m = rows,
									 .n = d,
									 .k = n,
									 .a = f->scores,
									 .lda = f->score,
									 .b = qkv + 2 * f->l->hidden,
									 .ldb = f->wide,
									 .c = out + i * f->row,
									 .ldc = f->row});
	}
}

static void attention(enc_forward *f, const enc_layer *y, const enc_batch *b)
{
	size_t tokens = b->start[b->n], h = f->l->hidden, d = h / f->l->heads;
	dense(f, tokens, f->x, f->row, &y->query, ENC_PLAIN, NULL, f->qkv, f->wide);
	dense(f, tokens, f->x, f->row, &y->key, ENC_PLAIN, NULL, f->qkv + h, f->wide);
	dense(f, tokens, f->x, f->row, &y->value, ENC_PLAIN, NULL, f->qkv + 2 * h, f->wide);
	for (size_t s = 0; s < b->n; s++) {
		for (size_t i = 0; i < f->l->heads && !polled(f); i++)
			attend(f, f->qkv + b->start[s] * f->wide + i * d, b->start[s + 1] - b->start[s],
				   f->context + b->start[s] * f->row + i * d);
	}
	dense(f, tokens, f->context, f->row, &y->out, ENC_PLAIN, f->x, f->x, f->row);
	f->k->norm(f->x, tokens, h, f->row, y->after_attention.gamma, y->after_attention.beta,
			   f->l->norm_eps);
}

static void inner(enc_forward *f, const enc_layer *y, size_t tokens)
{
	static const enc_then thens[] = {ENC_THEN_GELU, ENC_THEN_GELU_TANH, ENC_THEN_RELU};
	dense(f, tokens, f->x, f->row, &y->up, thens[f->l->act], NULL, f->up, f->inner);
	dense(f, tokens, f->up, f->inner, &y->down, ENC_PLAIN, f->x, f->x, f->row);
	f->k->norm(f->x, tokens, f->l->hidden, f->row, y->after_inner.gamma, y->after_inner.beta,
			   f->l->norm_eps);
}

const float *enc_forward_run(enc_forward *f, const enc_batch *b, bool (*stop)(void *), void *arg,
							 size_t *stride)
{
	f->stop = stop;
	f->stop_arg = arg;
	f->stopped = false;
	embed(f, b);
	for (size_t i = 0; i < f->l->layers && !polled(f); i++) {
		attention(f, &f->w->layer[i], b);
		inner(f, &f->w->layer[i], b->start[b->n]);
	}
	*stride = f->row;
	return f->stopped ? NULL : f->x;
}

/* Short: not stopped within. */
void enc_forward_head(enc_forward *f, const float *row, float *logit)
{
	f->stop = NULL;
	dense(f, 1, row, f->row, &f->w->dense, ENC_THEN_TANH, NULL, f->context, f->row);
	dense(f, 1, f->context, f->row, &f->w->out, ENC_PLAIN, NULL, logit, f->w->out.w.rows);
}
