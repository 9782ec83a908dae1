/* classify.c - scoring of recognised labels: top-k accuracies, and proper scores when a
 * distribution was asked for, above what a guess earns. A k that covers the whole
 * candidate list proves nothing and is left out. */
#include "classify.h"
#include "common/num.h"
#include "recognise.h"
#include <math.h>
#include <string.h>

/* 256 names of 256 code points, decomposed, lowered and copied, stay far below:
 * an answer cannot make the arena refuse. */
#define MAX_ARENA ((size_t)32 << 20)

static bool load_candidates(image_classify *t, const plg_json *prompt, const char **why)
{
	const plg_json *list = plg_json_get(prompt, "labels");
	if (!plg_json_bool(plg_json_get(prompt, "distribution"), &t->distribution))
		t->distribution = false;
	if (list == NULL) {
		*why = "the prompt asks for a distribution without naming the labels";
		return !t->distribution;
	}
	*why = "the prompt's labels are not a list of 2 to 256 different names";
	t->candidate = image_labels(t->arena, list, &t->candidate_n);
	if (t->candidate == NULL || t->candidate_n < 2 ||
		image_labels_repeat(t->candidate, t->candidate_n))
		return false;
	t->right = plg_arena_take(t->arena, t->candidate_n, sizeof *t->right);
	if (t->right == NULL)
		return false;
	bool any = false;
	for (size_t i = 0; i < t->candidate_n; i++) {
		t->right[i] = image_labels_have(t->accepted, t->accepted_n, t->candidate[i], NULL);
		any |= t->right[i];
	}
	*why = "none of the prompt's labels is an accepted one";
	return any;
}

bool image_classify_load(image_classify *t, const plg_json *prompt, assay_bytes reference,
						 const char **why)
{
	*t = (image_classify){.arena = plg_arena_new(MAX_ARENA)};
	*why = "out of memory";
	if (t->arena == NULL)
		return false;
	*why = "the reference has no list of accepted labels";
	plg_json *doc = plg_json_parse(reference, (size_t)1 << 20, NULL);
	t->accepted = image_labels(t->arena, plg_json_get(doc, "labels"), &t->accepted_n);
	plg_json_free(doc);
	bool ok = t->accepted != NULL && load_candidates(t, prompt, why);
	if (plg_arena_failed(t->arena)) {
		*why = "out of memory";
		ok = false;
	}
	if (!ok) {
		image_classify_fini(t);
		return false;
	}
	return true;
}

void image_classify_fini(image_classify *t)
{
	plg_arena_free(t->arena);
	*t = (image_classify){0};
}

/* An answer as measures want it: one score and one truth per label. */
typedef struct {
	double *score;
	bool *right;
	size_t n;
	bool distribution;
} reading;

/* An order of labels becomes falling scores. Unknown names are merely wrong. */
static image_gate read_order(const image_classify *t, plg_arena *a, const plg_text *label, size_t n,
							 reading *out)
{
	*out = (reading){plg_arena_take(a, n, sizeof *out->score),
					 plg_arena_take(a, n, sizeof *out->right), n, false};
	if (out->score == NULL || out->right == NULL)
		return IMAGE_GATE_MALFORMED;
	for (size_t i = 0; i < n; i++) {
		out->score[i] = (double)(n - i);
		out->right[i] = image_labels_have(t->accepted, t->accepted_n, label[i], NULL);
	}
	return IMAGE_GATE_OPEN;
}

/* A distribution: every candidate exactly once, a finite non-negative number each,
 * summing to 1 within a hundredth; renormalised. */
static image_gate read_distribution(const image_classify *t, plg_arena *a, const plg_text *label,
									size_t n, const plg_json *scores, reading *out)
{
	if (n != t->candidate_n)
		return IMAGE_GATE_LABELS;
	*out = (reading){plg_arena_take(a, n, sizeof *out->score), t->right, n, true};
	if (out->score == NULL)
		return IMAGE_GATE_MALFORMED;
	if (plg_json_type(scores) != PLG_J_ARRAY || plg_json_size(scores) != n)
		return IMAGE_GATE_SCORES;
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		size_t at;
		double p;
		if (!image_labels_have(t->candidate, n, label[i], &at))
			return IMAGE_GATE_LABELS;
		if (!plg_json_num(plg_json_at(scores, i), &p) || p < 0 || p > 1.01)
			return IMAGE_GATE_SCORES;
		out->score[at] = p;
	}
	/* in the order of the candidates, so that the answer's order changes no bit */
	for (size_t i = 0; i < n; i++)
		sum += out->score[i];
	if (sum < 0.99 || sum > 1.01)
		return IMAGE_GATE_SCORES;
	for (size_t i = 0; i < n; i++)
		out->score[i] /= sum;
	return IMAGE_GATE_OPEN;
}

static image_gate read_answer(const image_classify *t, const image_settings *cfg, plg_arena *a,
							  assay_bytes body, reading *out)
{
	image_gate gate = IMAGE_GATE_MALFORMED;
	size_t n;
	plg_json *doc = plg_json_parse(body, cfg->max_body_bytes, NULL);
	const plg_json *list = plg_json_get(doc, "labels");
	if (plg_json_type(list) == PLG_J_ARRAY && plg_json_size(list) == 0)
		gate = IMAGE_GATE_EMPTY;
	else if (plg_json_type(list) == PLG_J_ARRAY && plg_json_size(list) > IMAGE_MAX_LABELS)
		gate = IMAGE_GATE_LABELS;
	else {
		const plg_text *label = image_labels(a, list, &n);
		if (label != NULL && image_labels_repeat(label, n))
			gate = IMAGE_GATE_DUPLICATE;
		else if (label != NULL && t->distribution)
			gate = read_distribution(t, a, label, n, plg_json_get(doc, "scores"), out);
		else if (label != NULL)
			gate = read_order(t, a, label, n, out);
	}
	plg_json_free(doc);
	return gate;
}

/* What a guess earns in each part: the uniform distribution, or any order. */
static void chance(const image_classify *t, const image_settings *cfg, const double *c,
				   double *part)
{
	double n = (double)t->candidate_n;
	for (size_t i = 0; i < IMAGE_PART_N; i++)
		part[i] = isnan(c[i]) ? NAN : 0;
	for (size_t i = 0; i < cfg->k_n; i++)
		if (!isnan(c[IMAGE_C_TOP_K1 + i]) && t->candidate_n > 0)
			part[IMAGE_C_TOP_K1 + i] = (double)cfg->k[i] / n;
	if (!isnan(c[IMAGE_C_BRIER]))
		part[IMAGE_C_BRIER] = 1 - (1 - 1 / n) / 2;
}

image_row_rc image_classify_score(const image_classify *t, const image_settings *cfg,
								  plg_arena *scratch, assay_bytes body, double *c)
{
	reading r;
	double guess[IMAGE_PART_N];
	plg_arena_reset(scratch);
	image_gate gate = read_answer(t, cfg, scratch, body, &r);
	if (plg_arena_failed(scratch))
		return IMAGE_ROW_NOMEM;
	c[IMAGE_C_GATE] = gate;
	if (gate != IMAGE_GATE_OPEN)
		return IMAGE_ROW_DONE;
	for (size_t i = 0; i < cfg->k_n; i++)
		if (t->candidate_n == 0 || cfg->k[i] < t->candidate_n)
			c[IMAGE_C_TOP_K1 + i] = image_top_k(r.score, r.right, r.n, cfg->k[i]);
	if (r.distribution) {
		double uniform = image_log_uniform(t->candidate_n);
		c[IMAGE_C_BRIER] = image_brier(r.score, r.right, r.n);
		c[IMAGE_C_LOG_LOSS] = image_log_loss(r.score, r.right, r.n);
		c[IMAGE_C_LOG_SKILL] = plg_clamp(1 - c[IMAGE_C_LOG_LOSS] / uniform, 0, 1);
	}
	chance(t, cfg, c, guess);
	if (!cfg->parity)
		c[IMAGE_C_BASELINE] = plg_mean(&cfg->weights, guess, NULL);
	return IMAGE_ROW_DONE;
}
