/* tokens: a growing list of token ids with a most, and the two ways to fill it. */
#ifndef ENC_TOKENS_H
#define ENC_TOKENS_H
#include "common/arena.h"
#include "encoder/vocab.h"

typedef struct {
	uint32_t *id;
	size_t n, cap;
	size_t most; /* filling stops here: what lies beyond is cut anyway */
	bool failed; /* out of memory */
} enc_ids;

/* false: the list is full (or memory ran out), stop. */
bool enc_ids_push(enc_ids *l, uint32_t id);
void enc_ids_free(enc_ids *l);

/* BERT: cleaning, spaces around ideographs, accents, case, punctuation, then the
 * longest known piece first. */
typedef struct {
	bool lower, strip_accents, clean, ideographs;
	uint32_t unknown;
	const enc_vocab *vocab;
} enc_wordpiece;

/* Appends the tokens of text. a is working memory, reset by the caller. */
enc_rc enc_wordpiece_text(const enc_wordpiece *w, plg_arena *a, assay_bytes text, enc_ids *out);

/* RoBERTa: GPT-2's split, then merges of byte symbols by rank. */
typedef struct enc_bpe enc_bpe;
enc_bpe *enc_bpe_new(size_t merges_n);
void enc_bpe_free(enc_bpe *b);
/* The next merge in rank; both parts and their sum are tokens of v. */
bool enc_bpe_add(enc_bpe *b, const enc_vocab *v, assay_bytes left, assay_bytes right);
/* Looks up the 256 byte symbols; false when one is missing. */
bool enc_bpe_finish(enc_bpe *b, const enc_vocab *v, bool add_prefix_space);
enc_rc enc_bpe_text(const enc_bpe *b, plg_arena *a, assay_bytes text, enc_ids *out);

/* The end of the piece that begins at byte `at` of the split (text is UTF-8). */
size_t enc_bpe_piece_end(assay_bytes text, size_t at);

#endif
