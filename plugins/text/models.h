/* models: the optional opinions of neural models that the operator has on disk: a sentence
 * encoder (how alike are two texts) and a pair classifier (does one follow from the
 * other). Without a path, or without files there, there is no opinion. */
#ifndef TXT_MODELS_H
#define TXT_MODELS_H
#include "common/config.h"
#include "common/text.h"
#include "encoder/encoder.h"

typedef struct {
	enc_model *encoder, *judge;
	size_t dim;
	size_t entails, contradicts; /* labels of the judge; contradicts may be SIZE_MAX */
	bool every_language;         /* the encoder reads more than English */
} txt_models;

/* Reads "encoder" and "entailment" and opens what they name; a folder that is named and
 * cannot be used is a mistake in the configuration. */
void txt_models_open(plg_config *c, txt_models *out);
void txt_models_close(txt_models *m);

/* Unit vectors of a text's windows, [n][dim], and how many tokens each has. Lives in a.
 * False when out of memory or the model failed. */
typedef struct {
	const float *v;
	const size_t *tokens;
	size_t n;
} txt_vectors;
bool txt_models_embed(const txt_models *m, plg_arena *a, plg_text t, txt_vectors *out);
/* Cosine of the texts; for several windows the worst one counts half. */
double txt_models_cosine(const txt_models *m, const txt_vectors *ref, const txt_vectors *x);

typedef struct {
	double entails, contradicts;
} txt_verdict;
/* Does x say what ref says? False when the model failed. */
bool txt_models_judge(const txt_models *m, plg_arena *a, plg_text ref, plg_text x,
					  txt_verdict *out);

#endif
