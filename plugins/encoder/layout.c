/* config.json and its companions, each read by one function. */
#include "encoder/layout.h"
#include "encoder/fail.h"
#include "encoder/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_MOST = 1 << 20 };

typedef struct {
	const plg_json *root;
	const char *file;
	enc_err *err;
	enc_rc rc;
} source;

bool enc_json_is(const plg_json *v, const char *text)
{
	assay_bytes s;
	return plg_json_str(v, &s) && s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

enc_rc enc_json_file(const char *dir, const char *name, size_t max, plg_json **out, enc_err *err)
{
	enc_file f;
	const char *why;
	enc_rc rc = enc_file_map(dir, name, max, &f, err);
	if (rc != ENC_OK)
		return rc;
	*out = plg_json_parse((assay_bytes){f.ptr, f.len}, max, &why);
	enc_file_unmap(&f);
	return *out != NULL ? ENC_OK : enc_fail(err, ENC_BAD_MODEL, "%s/%s: %s", dir, name, why);
}

/* A whole number in min..max. absent < 0: it must be there. */
static size_t whole(source *s, const char *key, int64_t absent, int64_t min, int64_t max)
{
	const plg_json *v = plg_json_get(s->root, key);
	int64_t n = absent;
	bool there = v != NULL && plg_json_type(v) != PLG_J_NULL;
	if (s->rc != ENC_OK)
		return (size_t)min;
	if ((there && !plg_json_int(v, &n)) || n < min || n > max) {
		s->rc = enc_fail(s->err, ENC_BAD_MODEL, "%s: %s must be a whole number from %lld to %lld",
						 s->file, key, (long long)min, (long long)max);
		return (size_t)min;
	}
	return (size_t)n;
}

static void refuse(source *s, const char *why)
{
	if (s->rc == ENC_OK)
		s->rc = enc_fail(s->err, ENC_BAD_MODEL, "%s: %s", s->file, why);
}

static void read_kind(source *s, enc_layout *l)
{
	const plg_json *type = plg_json_get(s->root, "model_type");
	if (enc_json_is(type, "bert"))
		l->kind = ENC_BERT;
	else if (enc_json_is(type, "roberta"))
		l->kind = ENC_ROBERTA;
	else
		refuse(s, "model_type must be \"bert\" or \"roberta\": other shapes cannot be run");
}

static void read_act(source *s, enc_layout *l)
{
	const plg_json *act = plg_json_get(s->root, "hidden_act");
	if (act == NULL || enc_json_is(act, "gelu"))
		l->act = ENC_GELU;
	else if (enc_json_is(act, "gelu_new") || enc_json_is(act, "gelu_pytorch_tanh"))
		l->act = ENC_GELU_TANH;
	else if (enc_json_is(act, "relu"))
		l->act = ENC_RELU;
	else
		refuse(s, "hidden_act must be gelu, gelu_new, gelu_pytorch_tanh or relu");
}

static void read_sizes(source *s, enc_layout *l)
{
	double eps = 1e-12;
	const plg_json *place = plg_json_get(s->root, "position_embedding_type");
	l->hidden = whole(s, "hidden_size", -1, 1, 4096);
	l->layers = whole(s, "num_hidden_layers", -1, 1, 64);
	l->heads = whole(s, "num_attention_heads", -1, 1, 64);
	l->inner = whole(s, "intermediate_size", -1, 1, 16384);
	l->vocab = whole(s, "vocab_size", -1, 1, 1 << 20);
	l->positions = whole(s, "max_position_embeddings", 512, 4, 8192);
	l->types = whole(s, "type_vocab_size", 2, 1, 16);
	l->first_position = l->kind == ENC_ROBERTA ? whole(s, "pad_token_id", 1, 0, 64) + 1 : 0;
	(void)plg_json_num(plg_json_get(s->root, "layer_norm_eps"), &eps);
	if (!(eps > 0 && eps < 1))
		refuse(s, "layer_norm_eps must lie between 0 and 1");
	l->norm_eps = (float)eps;
	if (s->rc == ENC_OK && l->hidden % l->heads != 0)
		refuse(s, "hidden_size is no multiple of num_attention_heads");
	if (s->rc == ENC_OK && l->first_position + 3 > l->positions)
		refuse(s, "max_position_embeddings leaves no room for a token");
	bool decoder = false;
	(void)plg_json_bool(plg_json_get(s->root, "is_decoder"), &decoder);
	if (decoder)
		refuse(s, "is_decoder is set: only encoders can be run");
	if (place != NULL && !enc_json_is(place, "absolute"))
		refuse(s, "position_embedding_type must be \"absolute\"");
	l->max_tokens = l->positions - l->first_position;
}

typedef struct {
	source *s;
	enc_layout *l;
} labels;

static bool each_label(void *ctx, assay_bytes key, const plg_json *v)
{
	labels *x = ctx;
	assay_bytes name;
	char number[8] = {0}, *end = number;
	size_t id = ENC_LABELS_MAX;
	if (key.len > 0 && key.len < sizeof number) {
		memcpy(number, key.ptr, (size_t)key.len);
		id = strtoul(number, &end, 10);
	}
	if (*end != 0 || end == number || id >= x->l->labels || x->l->label[id] != NULL ||
		!plg_json_str(v, &name) || name.len > 64) {
		refuse(x->s, "id2label must name the labels 0, 1, 2 ... with at most 64 bytes each");
		return false;
	}
	x->l->label[id] = strndup(name.len == 0 ? "" : (const char *)name.ptr, (size_t)name.len);
	return x->l->label[id] != NULL;
}

static void read_labels(source *s, enc_layout *l)
{
	const plg_json *names = plg_json_get(s->root, "id2label");
	labels x = {s, l};
	l->labels = plg_json_size(names);
	if (l->labels > ENC_LABELS_MAX)
		refuse(s, "id2label has more than 64 labels");
	if (s->rc != ENC_OK) {
		l->labels = 0;
	} else if (!plg_json_each(names, each_label, &x) && l->labels != 0 && s->rc == ENC_OK) {
		s->rc = enc_fail(s->err, ENC_NOMEM, "out of memory");
	}
	l->multi_label =
		enc_json_is(plg_json_get(s->root, "problem_type"), "multi_label_classification");
}

static enc_rc read_config(source *s, enc_layout *l)
{
	read_kind(s, l);
	read_act(s, l);
	read_sizes(s, l);
	read_labels(s, l);
	return s->rc;
}

/* sentence_bert_config.json: how much of a text the encoder was trained to read. */
static enc_rc read_sentence(source *s, enc_layout *l)
{
	bool lower = false;
	size_t n = whole(s, "max_seq_length", (int64_t)l->max_tokens, 3, (int64_t)l->max_tokens);
	(void)plg_json_bool(plg_json_get(s->root, "do_lower_case"), &lower);
	if (lower && !l->lower)
		refuse(s, "do_lower_case is set here but not for the tokenizer, which cannot be run");
	l->max_tokens = n;
	return s->rc;
}

static enc_rc read_tokenizer(source *s, enc_layout *l)
{
	const plg_json *accents = plg_json_get(s->root, "strip_accents");
	double most = 0;
	bool strip;
	(void)plg_json_bool(plg_json_get(s->root, "do_lower_case"), &l->lower);
	(void)plg_json_bool(plg_json_get(s->root, "tokenize_chinese_chars"), &l->ideographs);
	(void)plg_json_bool(plg_json_get(s->root, "add_prefix_space"), &l->prefix_space);
	if (plg_json_bool(accents, &strip))
		l->strip_accents = strip;
	/* A huge number stands for "no limit" there. */
	if (plg_json_num(plg_json_get(s->root, "model_max_length"), &most) && most >= 3 &&
		most < (double)l->max_tokens)
		l->max_tokens = (size_t)most;
	return s->rc;
}

static enc_rc read_pooling(source *s, enc_layout *l)
{
	static const char *const others[] = {
		"pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
		"pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"};
	bool cls = false, mean = false, other = false;
	(void)plg_json_bool(plg_json_get(s->root, "pooling_mode_cls_token"), &cls);
	(void)plg_json_bool(plg_json_get(s->root, "pooling_mode_mean_tokens"), &mean);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		bool on = false;
		(void)plg_json_bool(plg_json_get(s->root, others[i]), &on);
		other |= on;
	}
	if (other || cls == mean)
		refuse(s, "pooling must be either pooling_mode_mean_tokens or pooling_mode_cls_token");
	l->pool_cls = cls;
	return s->rc;
}

static bool ends_with(const plg_json *v, const char *end)
{
	assay_bytes s;
	size_t n = strlen(end);
	return plg_json_str(v, &s) && s.len >= n && memcmp(s.ptr + s.len - n, end, n) == 0;
}

/* A vector made without one of its steps would be another model's. */
static enc_rc read_modules(source *s, enc_layout *l)
{
	(void)l;
	if (plg_json_type(s->root) != PLG_J_ARRAY)
		refuse(s, "is no list of modules");
	for (size_t i = 0; i < plg_json_size(s->root); i++) {
		const plg_json *m = plg_json_at(s->root, i), *type = plg_json_get(m, "type");
		bool encoder = ends_with(type, ".Transformer") && enc_json_is(plg_json_get(m, "path"), "");
		bool pooling =
			ends_with(type, ".Pooling") && enc_json_is(plg_json_get(m, "path"), "1_Pooling");
		if (!encoder && !pooling && !ends_with(type, ".Normalize"))
			refuse(s, "only a Transformer in the folder itself, Pooling in 1_Pooling and Normalize "
					  "can be run");
	}
	return s->rc;
}

static enc_rc read_prompts(source *s, enc_layout *l)
{
	(void)l;
	if (plg_json_type(plg_json_get(s->root, "default_prompt_name")) == PLG_J_STRING)
		refuse(s, "default_prompt_name is set: texts with a prompt in front cannot be run");
	return s->rc;
}

typedef enc_rc read_fn(source *s, enc_layout *l);

static const struct {
	const char *name;
	read_fn *read;
} parts[ENC_PARTS] = {[ENC_CONFIG] = {"config.json", read_config},
					  [ENC_TOKENIZER] = {"tokenizer_config.json", read_tokenizer},
					  [ENC_SENTENCE] = {"sentence_bert_config.json", read_sentence},
					  [ENC_POOLING] = {"1_Pooling/config.json", read_pooling},
					  [ENC_MODULES] = {"modules.json", read_modules},
					  [ENC_PROMPTS] = {"config_sentence_transformers.json", read_prompts}};

void enc_layout_begin(enc_layout *l)
{
	*l = (enc_layout){.lower = true, .ideographs = true, .strip_accents = -1};
}

enc_rc enc_layout_part(enc_part part, const plg_json *root, const char *name, enc_layout *l,
					   enc_err *err)
{
	source s = {root, name, err, ENC_OK};
	if (part != ENC_MODULES && plg_json_type(root) != PLG_J_OBJECT)
		return enc_fail(err, ENC_BAD_MODEL, "%s is no JSON object", name);
	return parts[part].read(&s, l);
}

static enc_rc read_file(const char *dir, enc_part part, enc_layout *l, enc_err *err)
{
	plg_json *root = NULL;
	char name[512];
	enc_rc rc = enc_json_file(dir, parts[part].name, JSON_MOST, &root, err);
	if (rc == ENC_UNAVAILABLE && part != ENC_CONFIG)
		return ENC_OK;
	if (rc != ENC_OK)
		return rc;
	(void)snprintf(name, sizeof name, "%s/%s", dir, parts[part].name);
	rc = enc_layout_part(part, root, name, l, err);
	plg_json_free(root);
	return rc;
}

enc_rc enc_layout_read(const char *dir, enc_layout *out, enc_err *err)
{
	enc_layout l;
	enc_rc rc = ENC_OK;
	enc_layout_begin(&l);
	for (int part = ENC_CONFIG; part < ENC_PARTS && rc == ENC_OK; part++)
		rc = read_file(dir, (enc_part)part, &l, err);
	if (rc != ENC_OK)
		enc_layout_free(&l);
	else
		*out = l;
	return rc;
}

void enc_layout_free(enc_layout *l)
{
	for (size_t i = 0; i < ENC_LABELS_MAX; i++) {
		free(l->label[i]);
		l->label[i] = NULL;
	}
}
