/* The only file of the plugin that knows the encoder. */
#include "text/models.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/num.h"

enum { WINDOWS = 16, STRIDE = 200, PATH = 512 };

static enc_model *open_model(plg_config *c, const char *option)
{
	char path[PATH], name[64];
	enc_model *m = NULL;
	enc_err err = {""};
	(void)snprintf(name, sizeof name, "%s.path", option);
	plg_config_str(c, name, path, sizeof path);
	if (path[0] != '\0' && enc_open(path, NULL, &m, &err) != ENC_OK)
		plg_config_fail(c, "%s: %.150s", name, err.msg);
	return m;
}

static bool holds(const char *label, const char *word)
{
	char low[64];
	size_t n = 0;
	for (; label[n] != '\0' && n + 1 < sizeof low; n++)
		low[n] = (char)(label[n] >= 'A' && label[n] <= 'Z' ? label[n] + 32 : label[n]);
	low[n] = '\0';
	return strstr(low, word) != NULL;
}

/* Finds the labels by their names; "not_entailment" is no entailment. */
static void read_labels(plg_config *c, txt_models *m)
{
	const enc_info *info = enc_model_info(m->judge);
	m->entails = m->contradicts = SIZE_MAX;
	for (size_t k = 0; k < info->labels; k++) {
		const char *s = info->label[k];
		bool negated = holds(s, "not") || holds(s, "non") || holds(s, "in");
		if ((holds(s, "entail") && !holds(s, "not")) || (holds(s, "align") && !negated) ||
			(holds(s, "consistent") && !holds(s, "inconsistent")))
			m->entails = k;
		else if (holds(s, "contra"))
			m->contradicts = k;
	}
	if (info->labels == 0)
		plg_config_fail(c, "entailment.path: the model has no classification head");
	else if (m->entails == SIZE_MAX && info->labels == 1)
		m->entails = 0;
	else if (m->entails == SIZE_MAX)
		plg_config_fail(c, "entailment.path: no label of the model names entailment or alignment");
}

void txt_models_open(plg_config *c, txt_models *out)
{
	static const char *const languages[] = {"en", "all"};
	*out = (txt_models){.encoder = open_model(c, "encoder"), .judge = open_model(c, "entailment")};
	out->every_language = plg_config_choice(c, "encoder.language", languages, 2, 0) == 1;
	if (out->encoder != NULL)
		out->dim = enc_model_info(out->encoder)->dim;
	if (out->judge != NULL)
		read_labels(c, out);
}

void txt_models_close(txt_models *m)
{
	enc_close(m->encoder);
	enc_close(m->judge);
	*m = (txt_models){.encoder = NULL};
}

bool txt_models_embed(const txt_models *m, plg_arena *a, plg_text t, txt_vectors *out)
{
	assay_bytes utf8 = plg_utf8_encode(a, t);
	float *v = plg_arena_take(a, WINDOWS * m->dim, sizeof *v);
	size_t *tokens = plg_arena_take(a, WINDOWS, sizeof *tokens);
	*out = (txt_vectors){v, tokens, 0};
	if (utf8.ptr == NULL || v == NULL || tokens == NULL)
		return false;
	return enc_embed_windows(m->encoder, utf8, STRIDE, WINDOWS, v, tokens, &out->n, NULL, NULL) ==
		   ENC_OK;
}

static double dot(const float *x, const float *y, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)y[i];
	return sum;
}

/* Cosine of the token-weighted mean of x's windows with one vector. */
static double mean_cosine(const txt_models *m, const float *r, const txt_vectors *x)
{
	double with = 0, norm = 0;
	for (size_t i = 0; i < x->n; i++)
		with += (double)x->tokens[i] * dot(r, x->v + i * m->dim, m->dim);
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < x->n; k++)
			norm += (double)x->tokens[i] * (double)x->tokens[k] *
					dot(x->v + i * m->dim, x->v + k * m->dim, m->dim);
	return norm > 0 ? with / sqrt(norm) : 0;
}

double txt_models_cosine(const txt_models *m, const txt_vectors *ref, const txt_vectors *x)
{
	double whole = 0, worst = 1;
	for (size_t i = 0; i < ref->n; i++) {
		double c = mean_cosine(m, ref->v + i * m->dim, x);
		whole = i == 0 || c > whole ? c : whole;
	}
	for (size_t k = 0; k < x->n; k++) {
		double best = -1;
		for (size_t i = 0; i < ref->n; i++) {
			double c = dot(ref->v + i * m->dim, x->v + k * m->dim, m->dim);
			best = c > best ? c : best;
		}
		worst = best < worst ? best : worst;
	}
	double c = plg_clamp(whole, 0, 1);
	return x->n > 1 ? c * (0.5 + 0.5 * plg_clamp(worst, 0, 1)) : c;
}

bool txt_models_judge(const txt_models *m, plg_arena *a, plg_text ref, plg_text x, txt_verdict *out)
{
	enc_pair pair = {plg_utf8_encode(a, ref), plg_utf8_encode(a, x)};
	float prob[ENC_LABELS_MAX];
	if (pair.first.ptr == NULL || pair.second.ptr == NULL ||
		enc_classify(m->judge, &pair, 1, prob, NULL, NULL) != ENC_OK)
		return false;
	out->entails = (double)prob[m->entails];
	out->contradicts = m->contradicts == SIZE_MAX ? 1 - out->entails : (double)prob[m->contradicts];
	return true;
}
