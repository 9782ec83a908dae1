/* forward: the layers. Sequences lie one behind the other without padding; a sequence's
 * result does not depend on its neighbours. */
#ifndef ENC_FORWARD_H
#define ENC_FORWARD_H
#include "encoder/weights.h"

typedef struct enc_forward enc_forward;

typedef struct {
	const uint32_t *id;
	const uint8_t *type;
	const size_t *start; /* n + 1 places in id; sequence i is start[i] .. start[i + 1] */
	size_t n;
} enc_batch;

/* Working memory for batches of up to `tokens` tokens, sequences of up to `longest`. */
enc_forward *enc_forward_new(const enc_layout *l, const enc_weights *w, const enc_kern *k,
							 size_t tokens, size_t longest);
void enc_forward_free(enc_forward *f);

/* The last layer's rows, *stride floats apart, valid until the next call; NULL when
 * stop said so. Ids, types and lengths are within what the model has. */
const float *enc_forward_run(enc_forward *f, const enc_batch *b, bool (*stop)(void *), void *arg,
							 size_t *stride);
/* The head's outputs for one row of the above, `labels` floats. */
void enc_forward_head(enc_forward *f, const float *row, float *logit);

#endif
