/* weights: which tensor of the file plays which part, with its shape checked. Matrices
 * stay in the file's mapping; the short vectors are copied as floats. */
#ifndef ENC_WEIGHTS_H
#define ENC_WEIGHTS_H
#include "encoder/kern.h"
#include "encoder/layout.h"

typedef struct {
	enc_mat w;
	float *bias;
} enc_linear;

typedef struct {
	float *gamma, *beta;
} enc_norm;

typedef struct {
	enc_linear query, key, value, out, up, down;
	enc_norm after_attention, after_inner;
} enc_layer;

typedef struct {
	enc_mat word, place, type;
	enc_norm norm;
	enc_layer *layer;
	/* A classification head: tanh(dense(x of the first token)), then out. */
	bool has_head;
	enc_linear dense, out;
	void *vectors; /* owns every float * above */
} enc_weights;

/* file is borrowed and must outlive the result; labels is what the head's shape says. */
enc_rc enc_weights_bind(assay_bytes file, const enc_layout *l, enc_weights *out, enc_err *err);
void enc_weights_free(enc_weights *w);

#endif
