/* vocab: token <-> id. The bytes of the tokens are borrowed (from a mapped file or from
 * the vocabulary's own pool); the table itself is a few bytes for each token. */
#ifndef ENC_VOCAB_H
#define ENC_VOCAB_H
#include "encoder/encoder.h"

#define ENC_VOCAB_MAX (1u << 20)
#define ENC_NO_ID UINT32_MAX

typedef struct enc_vocab enc_vocab;

/* Room for n tokens with ids 0..n-1; pool bytes for tokens that are copied. */
enc_vocab *enc_vocab_new(size_t n, size_t pool);
void enc_vocab_free(enc_vocab *v);
/* Token bytes that outlive the vocabulary. false: id out of range or taken, or the token
 * is there already. */
bool enc_vocab_add(enc_vocab *v, uint32_t id, assay_bytes token);
/* The same with a copy; false also when the pool is full. */
bool enc_vocab_add_copy(enc_vocab *v, uint32_t id, assay_bytes token);
uint32_t enc_vocab_find(const enc_vocab *v, assay_bytes token);
assay_bytes enc_vocab_token(const enc_vocab *v, uint32_t id); /* empty for unused ids */
size_t enc_vocab_size(const enc_vocab *v);
size_t enc_vocab_longest(const enc_vocab *v); /* bytes of the longest token */

/* One token a line; the line number from 0 is the id. Of a token that comes twice the
 * last id counts, as in the reference. */
enc_rc enc_vocab_lines(assay_bytes file, const char *what, enc_vocab **out, enc_err *err);

#endif
