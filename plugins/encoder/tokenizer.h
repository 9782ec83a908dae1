/* tokenizer: text to token ids with the special tokens around them, for whichever of
 * the two vocabularies a model's folder has. */
#ifndef ENC_TOKENIZER_H
#define ENC_TOKENIZER_H
#include "encoder/layout.h"
#include "encoder/tokens.h"

typedef struct enc_tokenizer enc_tokenizer;

/* l is borrowed for the call. */
enc_rc enc_tokenizer_open(const char *dir, const enc_layout *l, enc_tokenizer **out, enc_err *err);
/* WordPiece over the lines of a vocab.txt; the bytes must outlive the tokenizer. */
enc_rc enc_tokenizer_of_lines(assay_bytes lines, const enc_layout *l, enc_tokenizer **out,
							  enc_err *err);
/* What a tokenizer.json holds. */
enc_rc enc_tokenizer_of_json(const plg_json *root, const enc_layout *l, enc_tokenizer **out,
							 enc_err *err);
void enc_tokenizer_close(enc_tokenizer *t);
size_t enc_tokenizer_vocab(const enc_tokenizer *t);
const char *enc_tokenizer_kind(const enc_tokenizer *t); /* "WordPiece" or "byte-level BPE" */

/* Appends the tokens of text alone, at most out->most in the list. With special, names
 * of special tokens in the text stand for these, as the reference does by default;
 * never for a miner's text. */
enc_rc enc_tokenizer_text(enc_tokenizer *t, assay_bytes text, bool special, enc_ids *out,
						  enc_err *err);

/* The tokens around: BERT [CLS] a [SEP] (b [SEP]), RoBERTa <s> a </s> (</s> b </s>). */
typedef struct {
	uint32_t open, close;
	size_t around_one, around_two; /* how many special tokens */
	bool doubled;                  /* two closing ones between the texts */
} enc_special;
const enc_special *enc_tokenizer_special(const enc_tokenizer *t);

#endif
