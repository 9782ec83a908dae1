/* encoder: sentence encoders and text-pair classifiers for plugins. Loads a folder in
 * the layout of Hugging Face transformers (config.json, model.safetensors, a WordPiece
 * or byte-level BPE vocabulary; 1_Pooling/ where sentence-transformers made it) and runs
 * BERT and RoBERTa shapes on the processor.
 *
 * A result is a function of the model files and the text alone: the same bits whatever
 * else is in the batch and whatever vector instructions the machine has. The library
 * starts no thread, keeps no global state and prints nothing. Weights stay in a shared
 * read-only mapping of the file. */
#ifndef ENC_ENCODER_H
#define ENC_ENCODER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "assay/plugin.h"

typedef struct enc_model enc_model;

typedef enum {
	ENC_OK,
	ENC_UNAVAILABLE, /* no model there: report the metric as unavailable and go on */
	ENC_BAD_MODEL,   /* something is there that cannot be used */
	ENC_TOO_LONG,    /* a text over ENC_TEXT_MAX */
	ENC_NO_HEAD,     /* the model has no classification head */
	ENC_NOMEM,
	ENC_STOPPED /* options.stop said so; outputs are unfinished */
} enc_rc;

/* One sentence that says what happened, to what, and what to do. */
typedef struct {
	char msg[320];
} enc_err;

/* Bytes of one text. Longer texts are refused, not cut. */
#define ENC_TEXT_MAX (1u << 20)
#define ENC_LABELS_MAX 64

typedef enum { ENC_CPU_AUTO, ENC_CPU_SCALAR, ENC_CPU_AVX2, ENC_CPU_AVX512 } enc_cpu;

typedef struct {
	enc_cpu cpu; /* best variant not above this; ENC_CPU_AUTO: the machine's best */
	/* Tokens for one text, [CLS] and [SEP] included; 0: what the model's files say. */
	size_t max_tokens;
	/* Polled between matrix products (every few milliseconds); true ends the call. May be NULL. */
	bool (*stop)(void *arg);
	void *stop_arg;
} enc_options;

typedef struct {
	const char *kind;    /* "bert" or "roberta" */
	const char *pooling; /* "mean" or "cls" */
	const char *cpu;     /* the variant in use: "scalar", "avx2", "avx512" */
	const char *dtype;   /* of the matrices: "F32", "F16", "BF16" */
	size_t dim, layers, heads, vocab, max_tokens;
	uint64_t weights_bytes; /* size of the mapped file */
	size_t labels;          /* 0: no classification head */
	const char *label[ENC_LABELS_MAX];
} enc_info;

/* dir is borrowed for the call, opt may be NULL. On failure *out is untouched and err
 * (may be NULL) says why. All files are opened and mapped here and none later. One
 * thread at a time may use a model; separate models are independent. */
enc_rc enc_open(const char *dir, const enc_options *opt, enc_model **out, enc_err *err);
void enc_close(enc_model *m);
const enc_info *enc_model_info(const enc_model *m);

/* n texts -> n unit vectors of info.dim floats in out, row after row. A text of more
 * than info.max_tokens tokens counts up to there. Bytes that are not UTF-8 count as
 * U+FFFD. An empty text has a vector too (of the model's two special tokens). Names of
 * special tokens in a text ("[SEP]") are plain text. */
enc_rc enc_embed(enc_model *m, const assay_bytes *text, size_t n, float *out, enc_err *err);

/* The whole of one long text: windows of max_tokens tokens, each starting stride tokens
 * after the one before; at most cap windows, the rest of the text is not looked at and
 * *complete (may be NULL) is then false. out has room for cap unit vectors, tokens[i] (may be NULL) gets
 * the tokens of window i without the special ones, *n the number of windows (at least 1). */
enc_rc enc_embed_windows(enc_model *m, assay_bytes text, size_t stride, size_t cap, float *out,
						 size_t *tokens, size_t *n, bool *complete, enc_err *err);

typedef struct {
	assay_bytes first, second;
} enc_pair;

/* n pairs -> probabilities, info.labels floats for each pair (softmax; the logistic
 * function where the model has one label or says "multi_label_classification"). logit
 * may be NULL. The longer text of a pair is cut until both fit. */
enc_rc enc_classify(enc_model *m, const enc_pair *pair, size_t n, float *prob, float *logit,
					enc_err *err);

/* Number of tokens of a text, special ones included, before any cut. */
enc_rc enc_count_tokens(enc_model *m, assay_bytes text, size_t *n, enc_err *err);

#endif
