/* layout: what a model's folder says about itself in JSON: sizes, activation, pooling,
 * labels, and how its tokenizer treats text. Every number is checked here; what cannot
 * be run is refused with the reason. */
#ifndef ENC_LAYOUT_H
#define ENC_LAYOUT_H
#include "common/json.h"
#include "encoder/encoder.h"

typedef enum { ENC_GELU, ENC_GELU_TANH, ENC_RELU } enc_act;
typedef enum { ENC_BERT, ENC_ROBERTA } enc_kind;

typedef struct {
	enc_kind kind;
	enc_act act;
	size_t hidden, layers, heads, inner, vocab, positions, types;
	size_t first_position; /* RoBERTa counts from the padding id plus one */
	float norm_eps;
	bool pool_cls;
	bool multi_label;
	size_t max_tokens; /* special tokens included */
	size_t labels;     /* names given by id2label; 0 when there are none */
	char *label[ENC_LABELS_MAX];
	/* of the tokenizer */
	bool lower, ideographs, prefix_space;
	int strip_accents; /* -1: as lower */
} enc_layout;

/* The files that speak of it, in the order in which they are read. */
typedef enum {
	ENC_CONFIG,    /* config.json, which must be there */
	ENC_TOKENIZER, /* tokenizer_config.json */
	ENC_SENTENCE,  /* sentence_bert_config.json */
	ENC_POOLING,   /* 1_Pooling/config.json */
	ENC_MODULES,   /* modules.json: is there a step that would be left out? */
	ENC_PROMPTS,   /* config_sentence_transformers.json: the same for words put in front */
	ENC_PARTS
} enc_part;

/* Reads one of them; name is for messages. l is begun by enc_layout_begin. */
void enc_layout_begin(enc_layout *l);
enc_rc enc_layout_part(enc_part part, const plg_json *root, const char *name, enc_layout *l,
					   enc_err *err);

enc_rc enc_layout_read(const char *dir, enc_layout *out, enc_err *err);
void enc_layout_free(enc_layout *l);

/* One JSON file of the folder. ENC_UNAVAILABLE when it is not there. */
enc_rc enc_json_file(const char *dir, const char *name, size_t max, plg_json **out, enc_err *err);
bool enc_json_is(const plg_json *v, const char *text); /* v is that string */

#endif
