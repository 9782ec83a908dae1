/* Hostile and damaged model files: each gets its own sentence, none is read past. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "encoder/encoder.h"
#include "encoder/safetensors.h"
#include "support/test.h"

/* ---- safetensors ---- */

typedef struct {
	const char *header; /* the length in front is written by the test */
	size_t data;        /* bytes behind it */
	const char *says;   /* NULL: it is fine */
} header_case;

#define T(name, shape, from, to)                                                                   \
	"\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"

static const header_case headers[] = {
	{"{" T("a", "[2,3]", "0", "24") "," T("b", "[1]", "24", "28") "}", 28, NULL},
	{"{\"__metadata__\":{\"format\":\"pt\"}," T("a", "[]", "0", "4") "}", 4, NULL},
	{"{" T("a", "[0]", "0", "0") "," T("b", "[0]", "0", "0") "}", 0, NULL},
	{"{" T("a", "[2]", "0", "8") "," T("b", "[1]", "4", "8") "}", 8, "overlap"},
	{"{" T("a", "[2]", "0", "8") "," T("b", "[2]", "0", "8") "}", 8, "overlap"},
	{"{" T("a", "[2]", "0", "8") "}", 7, "outside the file"},
	{"{" T("a", "[2]", "8", "0") "}", 8, "outside the file"},
	{"{" T("a", "[2]", "-8", "0") "}", 8, "outside the file"},
	{"{" T("a", "[3]", "0", "8") "}", 8, "does not match"},
	{"{" T("a", "[4611686018427387904,4]", "0", "0") "}", 0, "shape"},
	{"{" T("a", "[4611686018427387905]", "0", "4") "}", 4, "does not match"},
	{"{" T("a", "[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4, "shape"},
	{"{" T("a", "[1.5]", "0", "4") "}", 4, "shape"},
	{"{" T("a", "[-1]", "0", "4") "}", 4, "shape"},
	{"{" T("a", "1", "0", "4") "}", 4, "shape"},
	{"{" T("a", "[1]", "0", "4") "," T("a", "[1]", "0", "4") "}", 4, "duplicate"},
	{"{\"a\":{\"dtype\":\"F8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "dtype"},
	{"{\"a\":{\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "dtype"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets"},
	{"{\"a\":7}", 4, "dtype"},
	{"[]", 4, "no object"},
	{"{}", 4, "no object"},
	{"{\"a\":", 4, "not JSON"},
	{"", 4, "not JSON"},
};

static assay_bytes file_of(const header_case *c, uint64_t claimed, uint8_t **owned)
{
	size_t n = strlen(c->header);
	uint8_t *p = calloc(1, 8 + n + c->data + 1);
	ck_assert_ptr_nonnull(p);
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(claimed >> (8 * i));
	memcpy(p + 8, c->header, n);
	*owned = p;
	return (assay_bytes){p, 8 + n + c->data};
}

START_TEST(test_header_when_wrong_then_says_what)
{
	const header_case *c = &headers[_i];
	uint8_t *owned;
	enc_tensors t = {NULL, 0};
	enc_err err = {""};
	assay_bytes file = file_of(c, strlen(c->header), &owned);
	enc_rc rc = enc_tensors_read(file, "f", &t, &err);
	if (c->says == NULL) {
		ck_assert_msg(rc == ENC_OK, "%s", err.msg);
	} else {
		ck_assert_int_eq(rc, ENC_BAD_MODEL);
		ck_assert_msg(strstr(err.msg, c->says) != NULL, "%s", err.msg);
		ck_assert_uint_eq(t.n, 0);
	}
	enc_tensors_free(&t);
	free(owned);
}
END_TEST

START_TEST(test_header_when_its_length_lies_then_refused)
{
	static const uint64_t claims[] = {1u << 20, UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63};
	uint8_t *owned;
	enc_tensors t = {NULL, 0};
	enc_err err = {""};
	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		assay_bytes file = file_of(&headers[0], claims[i], &owned);
		ck_assert_int_eq(enc_tensors_read(file, "f", &t, &err), ENC_BAD_MODEL);
		ck_assert_msg(strstr(err.msg, "cut off") != NULL, "%s", err.msg);
		free(owned);
	}
	for (size_t len = 0; len < 8; len++)
		ck_assert_int_eq(
			enc_tensors_read((assay_bytes){(const uint8_t *)"\1\0\0\0\0\0\0", len}, "f", &t, &err),
			ENC_BAD_MODEL);
}
END_TEST

START_TEST(test_header_when_nested_or_huge_then_refused_before_it_costs)
{
	size_t n = ENC_ST_HEADER_MAX + 1;
	uint8_t *p = malloc(8 + n);
	enc_tensors t = {NULL, 0};
	enc_err err = {""};
	ck_assert_ptr_nonnull(p);
	memset(p, '[', 8 + n);
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)((uint64_t)n >> (8 * i));
	ck_assert_int_eq(enc_tensors_read((assay_bytes){p, 8 + n}, "f", &t, &err), ENC_BAD_MODEL);
	ck_assert_msg(strstr(err.msg, "limit") != NULL, "%s", err.msg);
	memset(p, 0, 8);
	p[1] = 0x10;
	ck_assert_int_eq(enc_tensors_read((assay_bytes){p, 8 + n}, "f", &t, &err), ENC_BAD_MODEL);
	ck_assert_msg(strstr(err.msg, "nested") != NULL, "%s", err.msg);
	free(p);
}
END_TEST

START_TEST(test_half_when_converted_then_exact)
{
	static const struct {
		uint16_t h;
		float f;
	} c[] = {{0x0000, 0.0f},     {0x3c00, 1.0f},       {0xc000, -2.0f},
			 {0x7bff, 65504.0f}, {0x0001, 0x1p-24f},   {0x83ff, -0x1.ff8p-15f},
			 {0x0400, 0x1p-14f}, {0x3555, 0x1.554p-2f}};
	for (size_t i = 0; i < sizeof c / sizeof *c; i++)
		ck_assert_float_eq(enc_half_to_float(c[i].h), c[i].f);
	ck_assert(enc_half_to_float(0x7c00) > 1e38f && enc_half_to_float(0xfc00) < -1e38f);
	ck_assert_float_nan(enc_half_to_float(0x7e00));
}
END_TEST

/* ---- folders ---- */

static char dir[256];

static void put(const char *name, const void *data, size_t n)
{
	char path[600];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	fclose(f);
}

static void copy(const char *model, const char *name)
{
	char path[600];
	static uint8_t data[1 << 20];
	snprintf(path, sizeof path, "%s/tests/unit/plugin_encoder/models/%s/%s", ASSAY_SOURCE_DIR,
			 model, name);
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
	size_t n = fread(data, 1, sizeof data, f);
	fclose(f);
	put(name, data, n);
}

/* A folder like models/bert, to be damaged. */
static void make_folder(void)
{
	snprintf(dir, sizeof dir, "/tmp/assay-encoder-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	copy("bert", "config.json");
	copy("bert", "vocab.txt");
	copy("bert", "model.safetensors");
}

static void remove_folder(void)
{
	static const char *const all[] = {"config.json",
									  "vocab.txt",
									  "model.safetensors",
									  "tokenizer_config.json",
									  "sentence_bert_config.json",
									  "1_Pooling/config.json",
									  "1_Pooling",
									  "vocab.json",
									  "merges.txt",
									  "tokenizer.json",
									  "modules.json",
									  "config_sentence_transformers.json"};
	char path[600];
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, all[i]);
		(void)remove(path);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}

static void expect(enc_rc want, const char *says)
{
	enc_model *m = NULL;
	enc_err err = {""};
	enc_rc rc = enc_open(dir, NULL, &m, &err);
	ck_assert_msg(rc == want, "%d: %s", (int)rc, err.msg);
	if (rc == ENC_OK)
		enc_close(m);
	else
		ck_assert_msg(strstr(err.msg, says) != NULL, "'%s' lacks '%s'", err.msg, says);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void expect_file(const char *name, const char *text, const char *says)
{
	put(name, text, strlen(text));
	expect(ENC_BAD_MODEL, says);
}

#define CONFIG(type, hidden, heads, more)                                                          \
	"{\"model_type\":\"" type "\",\"hidden_size\":" hidden ",\"num_hidden_layers\":2,"             \
	"\"num_attention_heads\":" heads ",\"intermediate_size\":40,\"vocab_size\":45,"                \
	"\"max_position_embeddings\":40" more "}"

START_TEST(test_config_when_wrong_then_says_what)
{
	static const char *const cases[][2] = {
		{"", "not JSON"},
		{"[]", "no JSON object"},
		{"{}", "model_type"},
		{CONFIG("distilbert", "24", "3", ""), "model_type"},
		{CONFIG("bert", "24", "5", ""), "multiple"},
		{CONFIG("bert", "24", "0", ""), "num_attention_heads"},
		{CONFIG("bert", "1e99", "3", ""), "hidden_size"},
		{CONFIG("bert", "\"24\"", "3", ""), "hidden_size"},
		{CONFIG("bert", "9000", "3", ""), "4096"},
		{CONFIG("bert", "48", "3", ""), "45 x 48"},
		{CONFIG("bert", "24", "3", ",\"hidden_act\":\"silu\""), "hidden_act"},
		{CONFIG("bert", "24", "3", ",\"layer_norm_eps\":0"), "layer_norm_eps"},
		{CONFIG("bert", "24", "3", ",\"position_embedding_type\":\"relative_key\""), "absolute"},
		{CONFIG("bert", "24", "3", ",\"is_decoder\":true"), "is_decoder"},
		{CONFIG("bert", "24", "3", ",\"id2label\":{\"0\":\"a\",\"2\":\"b\"}"), "id2label"},
		{CONFIG("bert", "24", "3", ",\"id2label\":{\"0\":\"a\",\"00\":\"b\"}"), "id2label"},
		{CONFIG("bert", "24", "3", ",\"id2label\":{\"0\":7}"), "id2label"},
	};
	make_folder();
	expect(ENC_OK, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect_file("config.json", cases[i][0], cases[i][1]);
	remove_folder();
}
END_TEST

START_TEST(test_companions_when_wrong_then_say_what)
{
	char sub[300];
	make_folder();
	expect_file("sentence_bert_config.json", "{\"max_seq_length\":41}", "max_seq_length");
	expect_file("sentence_bert_config.json", "{\"max_seq_length\":4}", "max_tokens");
	put("sentence_bert_config.json", "{}", 2);
	expect_file("tokenizer_config.json", "{", "not JSON");
	put("tokenizer_config.json", "{}", 2);
	snprintf(sub, sizeof sub, "%s/1_Pooling", dir);
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	expect_file("1_Pooling/config.json", "{\"pooling_mode_max_tokens\":true}", "pooling");
	expect_file("1_Pooling/config.json", "{}", "pooling");
	put("1_Pooling/config.json", "{\"pooling_mode_cls_token\":true}", 31);
	expect(ENC_OK, "");
	expect_file("modules.json", "{}", "list of modules");
	expect_file("modules.json", "[{\"type\":\"x.models.Dense\",\"path\":\"2_Dense\"}]", "only a");
	expect_file("modules.json", "[{\"type\":\"x.Transformer\",\"path\":\"0_Transformer\"}]",
				"only a");
	expect_file("modules.json", "[7]", "only a");
	put_text("modules.json",
			 "[{\"type\":\"x.Transformer\",\"path\":\"\"},{\"type\":\"x.Normalize\"}]");
	expect(ENC_OK, "");
	expect_file("config_sentence_transformers.json", "{\"default_prompt_name\":\"query\"}",
				"default_prompt_name");
	put_text("config_sentence_transformers.json", "{\"default_prompt_name\":null}");
	expect(ENC_OK, "");
	remove_folder();
}
END_TEST

START_TEST(test_vocabulary_when_wrong_then_says_what)
{
	char path[300], more[1000] = "[CLS]\n[SEP]\n[UNK]\n";
	make_folder();
	expect_file("vocab.txt", "", "tokens");
	expect_file("vocab.txt", "the\ncat\n", "[CLS]");
	for (int i = 0; i < 60; i++)
		snprintf(more + strlen(more), sizeof more - strlen(more), "w%d\n", i);
	expect_file("vocab.txt", more, "two models");
	snprintf(path, sizeof path, "%s/vocab.txt", dir);
	ck_assert_int_eq(unlink(path), 0);
	expect(ENC_BAD_MODEL, "no vocabulary");
	copy("roberta", "vocab.json");
	expect(ENC_BAD_MODEL, "merges.txt");
	put("merges.txt", "a b c d\n", 8);
	expect(ENC_BAD_MODEL, "merge 1");
	expect_file("vocab.json", "{\"a\":0,\"b\":0}", "one id");
	expect_file("vocab.json", "{\"a\":-1}", "tokens and ids");
	expect_file("vocab.json", "{\"a\":99999999}", "tokens and ids");
	expect_file("vocab.json", "{}", "tokens and ids");
	remove_folder();
}
END_TEST

START_TEST(test_weights_when_cut_anywhere_then_refused)
{
	static uint8_t data[1 << 20];
	char path[300];
	make_folder();
	snprintf(path, sizeof path, "%s/model.safetensors", dir);
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(data, 1, sizeof data, f);
	fclose(f);
	for (size_t len = 0; len < n; len += len < 64 ? 1 : 997) {
		put("model.safetensors", data, len);
		expect(ENC_BAD_MODEL, "model.safetensors");
	}
	put("model.safetensors", data, n);
	expect(ENC_OK, "");
	ck_assert_int_eq(unlink(path), 0);
	expect(ENC_UNAVAILABLE, "model.safetensors");
	ck_assert_int_eq(mkdir(path, 0700), 0);
	expect(ENC_BAD_MODEL, "not a regular file");
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	expect(ENC_BAD_MODEL, "not a regular file");
	remove_folder();
}
END_TEST

START_TEST(test_weights_when_not_finite_then_refused)
{
	static uint8_t data[1 << 20];
	char path[300];
	const assay_bytes text = {(const uint8_t *)"the cat", 7};
	enc_model *m = NULL;
	enc_err err = {""};
	float out[24];
	make_folder();
	snprintf(path, sizeof path, "%s/model.safetensors", dir);
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(data, 1, sizeof data, f);
	fclose(f);
	enc_tensors t;
	ck_assert_int_eq(enc_tensors_read((assay_bytes){data, n}, "f", &t, NULL), ENC_OK);
	const enc_tensor *w = enc_tensors_find(&t, "encoder.layer.0.output.dense.weight");
	ck_assert_ptr_nonnull(w);
	memset(data + w->begin, 0xff, (size_t)(w->end - w->begin));
	put("model.safetensors", data, n);
	ck_assert_int_eq(enc_open(dir, NULL, &m, &err), ENC_OK); /* matrices are not read at open */
	ck_assert_int_eq(enc_embed(m, &text, 1, out, &err), ENC_BAD_MODEL);
	ck_assert_msg(strstr(err.msg, "not finite") != NULL, "%s", err.msg);
	enc_close(m);
	w = enc_tensors_find(&t, "embeddings.LayerNorm.bias");
	ck_assert_ptr_nonnull(w);
	memset(data + w->begin, 0xff, (size_t)(w->end - w->begin));
	put("model.safetensors", data, n);
	expect(ENC_BAD_MODEL, "not finite");
	enc_tensors_free(&t);
	remove_folder();
}
END_TEST

/* ---- memory ---- */

static size_t anonymous_kib(void)
{
	char line[256];
	size_t kib = 0;
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof line, f) != NULL)
		(void)sscanf(line, "Anonymous: %zu kB", &kib);
	fclose(f);
	return kib;
}

static bool mapped_shared(const char *name)
{
	char line[1024];
	bool found = false;
	FILE *f = fopen("/proc/self/maps", "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f) != NULL)
		found |= strstr(line, name) != NULL && strstr(line, " r--s ") != NULL;
	fclose(f);
	return found;
}

/* The model of make_folder with `vocab` rows of words: the header's numbers change, the
 * data behind it is a hole of zeros. */
static void make_large(size_t vocab)
{
	static const char *const stems[] = {"attention.self.query", "attention.self.key",
										"attention.self.value", "attention.output.dense"};
	static char h[16384];
	char path[300];
	uint8_t len[8] = {0};
	size_t at = 0, n = 0;
	n += (size_t)snprintf(h, sizeof h, "{");
#define TENSOR(shape, count, ...)                                                                  \
	do {                                                                                           \
		n += (size_t)snprintf(h + n, sizeof h - n, "\"");                                          \
		n += (size_t)snprintf(h + n, sizeof h - n, __VA_ARGS__);                                   \
		n += (size_t)snprintf(h + n, sizeof h - n,                                                 \
							  "\":{\"dtype\":\"F32\",\"shape\":" shape                             \
							  ",\"data_offsets\":[%zu,%zu]},",                                     \
							  at, at + 4 * (size_t)(count));                                       \
		at += 4 * (size_t)(count);                                                                 \
	} while (0)
	n += (size_t)snprintf(
		h + n, sizeof h - n,
		"\"embeddings.word_embeddings.weight\":{\"dtype\":\"F32\",\"shape\":[%zu,24],"
		"\"data_offsets\":[0,%zu]},",
		vocab, 96 * vocab);
	at = 96 * vocab;
	TENSOR("[40,24]", 960, "embeddings.position_embeddings.weight");
	TENSOR("[2,24]", 48, "embeddings.token_type_embeddings.weight");
	TENSOR("[24]", 24, "embeddings.LayerNorm.weight");
	TENSOR("[24]", 24, "embeddings.LayerNorm.bias");
	for (int i = 0; i < 2; i++) {
		for (size_t j = 0; j < sizeof stems / sizeof *stems; j++) {
			TENSOR("[24,24]", 576, "encoder.layer.%d.%s.weight", i, stems[j]);
			TENSOR("[24]", 24, "encoder.layer.%d.%s.bias", i, stems[j]);
		}
		TENSOR("[24]", 24, "encoder.layer.%d.attention.output.LayerNorm.weight", i);
		TENSOR("[24]", 24, "encoder.layer.%d.attention.output.LayerNorm.bias", i);
		TENSOR("[40,24]", 960, "encoder.layer.%d.intermediate.dense.weight", i);
		TENSOR("[40]", 40, "encoder.layer.%d.intermediate.dense.bias", i);
		TENSOR("[24,40]", 960, "encoder.layer.%d.output.dense.weight", i);
		TENSOR("[24]", 24, "encoder.layer.%d.output.dense.bias", i);
		TENSOR("[24]", 24, "encoder.layer.%d.output.LayerNorm.weight", i);
		TENSOR("[24]", 24, "encoder.layer.%d.output.LayerNorm.bias", i);
	}
	h[n - 1] = '}';
	for (size_t i = 0; i < 8; i++)
		len[i] = (uint8_t)(n >> (8 * i));
	snprintf(path, sizeof path, "%s/model.safetensors", dir);
	FILE *f = fopen(path, "wb");
	ck_assert(f != NULL && fwrite(len, 1, 8, f) == 8 && fwrite(h, 1, n, f) == n);
	fclose(f);
	ck_assert_int_eq(truncate(path, (off_t)(8 + n + at)), 0);
}

START_TEST(test_weights_when_large_then_shared_and_not_copied)
{
	enum { VOCAB = 400000, FILE_KIB = VOCAB * 96 / 1024 };
	static const char config[] =
		"{\"model_type\":\"bert\",\"hidden_size\":24,\"num_hidden_layers\":2,"
		"\"num_attention_heads\":3,\"intermediate_size\":40,\"vocab_size\":400000,"
		"\"max_position_embeddings\":40}";
	const assay_bytes text = {(const uint8_t *)"the cat sat", 11};
	enc_model *m = NULL;
	enc_err err = {""};
	float out[24];
	make_folder();
	put("config.json", config, strlen(config));
	make_large(VOCAB);
	size_t before = anonymous_kib();
	ck_assert_msg(enc_open(dir, NULL, &m, &err) == ENC_OK, "%s", err.msg);
	ck_assert_int_eq(enc_embed(m, &text, 1, out, &err), ENC_OK);
	size_t grown = anonymous_kib() - before;
	ck_assert(mapped_shared("/model.safetensors"));
	ck_assert_msg(grown < FILE_KIB / 10, "%zu KiB of memory for a file of %d", grown, FILE_KIB);
	enc_close(m);
	remove_folder();
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, test_header_when_wrong_then_says_what, 0,
						(int)(sizeof headers / sizeof *headers));
	tcase_add_test(tc, test_header_when_its_length_lies_then_refused);
	tcase_add_test(tc, test_header_when_nested_or_huge_then_refused_before_it_costs);
	tcase_add_test(tc, test_half_when_converted_then_exact);
	tcase_add_test(tc, test_config_when_wrong_then_says_what);
	tcase_add_test(tc, test_companions_when_wrong_then_say_what);
	tcase_add_test(tc, test_vocabulary_when_wrong_then_says_what);
	tcase_add_test(tc, test_weights_when_cut_anywhere_then_refused);
	tcase_add_test(tc, test_weights_when_not_finite_then_refused);
	tcase_add_test(tc, test_weights_when_large_then_shared_and_not_copied);
}

int main(void)
{
	return test_main("encoder files", fill, 60);
}
