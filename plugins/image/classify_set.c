/* classify_set.c - macro-F1 and balanced accuracy over a set, above the level of a guess. */
#include "classify_set.h"
#include "confusion.h"
#include <math.h>

#define MAX_ARENA ((size_t)32 << 20)

/* The numbers of n names in the list; NULL when the count or a name is another. */
static uint32_t *numbers(plg_arena *a, const plg_json *list, const plg_text *label, size_t label_n,
						 size_t n)
{
	if (plg_json_type(list) != PLG_J_ARRAY || plg_json_size(list) != n)
		return NULL;
	uint32_t *out = plg_arena_take(a, n, sizeof *out);
	for (size_t i = 0; out != NULL && i < n; i++) {
		plg_text t;
		size_t at;
		if (!image_label(a, plg_json_at(list, i), &t) || !image_labels_have(label, label_n, t, &at))
			return NULL;
		out[i] = (uint32_t)at;
	}
	return out;
}

bool image_classify_set_load(image_classify_set *t, const plg_json *prompt, assay_bytes reference,
							 const char **why)
{
	*t = (image_classify_set){.arena = plg_arena_new(MAX_ARENA)};
	*why = "out of memory";
	if (t->arena == NULL)
		return false;
	*why = "the prompt's labels are not a list of 2 to 256 different names";
	t->label = image_labels(t->arena, plg_json_get(prompt, "labels"), &t->label_n);
	bool ok = t->label != NULL && t->label_n >= 2 && !image_labels_repeat(t->label, t->label_n);
	if (ok && plg_json_get(prompt, "scores") != NULL) {
		*why = "scores are asked for, but there are not two labels";
		ok = plg_json_bool(plg_json_get(prompt, "scores"), &t->scores) &&
			 (!t->scores || t->label_n == 2);
	}
	if (ok) {
		plg_json *doc = plg_json_parse(reference, (size_t)16 << 20, NULL);
		const plg_json *list = plg_json_get(doc, "labels");
		*why = "the reference has no list of 2 to 4096 labels of the prompt, one per image";
		t->n = plg_json_size(list);
		ok = t->n >= 2 && t->n <= IMAGE_MAX_SET;
		t->truth = ok ? numbers(t->arena, list, t->label, t->label_n, t->n) : NULL;
		ok = t->truth != NULL;
		plg_json_free(doc);
	}
	if (!ok)
		image_classify_set_fini(t);
	return ok;
}

void image_classify_set_fini(image_classify_set *t)
{
	plg_arena_free(t->arena);
	*t = (image_classify_set){0};
}

/* The order of the scores; false: not one number per image. */
static bool areas(const image_classify_set *t, plg_arena *a, const plg_json *list, double *c)
{
	double *score = plg_arena_take(a, t->n, sizeof *score);
	bool *positive = plg_arena_take(a, t->n, sizeof *positive);
	if (score == NULL || positive == NULL || plg_json_type(list) != PLG_J_ARRAY ||
		plg_json_size(list) != t->n)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		positive[i] = t->truth[i] == 1;
		if (!plg_json_num(plg_json_at(list, i), &score[i]) || !isfinite(score[i]))
			return false;
	}
	(void)image_binary_areas(positive, score, t->n, &c[IMAGE_C_AVERAGE_PRECISION],
							 &c[IMAGE_C_ROC_AUC]); /* one class only: not measured */
	return true;
}

image_row_rc image_classify_set_score(const image_classify_set *t, const image_settings *cfg,
									  plg_arena *scratch, assay_bytes body, double *c)
{
	plg_arena_reset(scratch);
	plg_json *doc = plg_json_parse(body, cfg->max_body_bytes, NULL);
	const plg_json *list = plg_json_get(doc, "labels");
	c[IMAGE_C_GATE] = plg_json_type(list) != PLG_J_ARRAY ? IMAGE_GATE_MALFORMED : IMAGE_GATE_LABELS;
	uint32_t *said = numbers(scratch, list, t->label, t->label_n, t->n);
	bool ordered = !t->scores || areas(t, scratch, plg_json_get(doc, "scores"), c);
	plg_json_free(doc);
	double *count = plg_arena_take(scratch, t->label_n * t->label_n, sizeof *count);
	if (plg_arena_failed(scratch))
		return IMAGE_ROW_NOMEM;
	if (said == NULL || !ordered) {
		c[IMAGE_C_ROC_AUC] = c[IMAGE_C_AVERAGE_PRECISION] = NAN;
		if (said != NULL)
			c[IMAGE_C_GATE] = IMAGE_GATE_MALFORMED;
		return IMAGE_ROW_DONE;
	}
	image_set_measures m;
	image_confusion(t->truth, said, t->n, t->label_n, count, &m);
	c[IMAGE_C_GATE] = IMAGE_GATE_OPEN;
	c[IMAGE_C_MACRO_F1] = m.f1_macro;
	c[IMAGE_C_BALANCED] = m.balanced_accuracy;
	c[IMAGE_C_KAPPA] = m.kappa;
	c[IMAGE_C_MCC] = m.mcc;
	if (!cfg->parity)
		c[IMAGE_C_BASELINE] = 1 / (double)t->label_n;
	return IMAGE_ROW_DONE;
}
