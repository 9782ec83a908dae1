/* Any bytes as a file of a model. The first byte says which: one of the JSON
 * files, tokenizer.json, vocab.txt, the weights. Properties: a verdict with a sentence, and what
 * is accepted can be used within its bounds. */
#include <stdlib.h>
#include <string.h>
#include "encoder/safetensors.h"
#include "encoder/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int held)
{
	if (!held)
		abort();
}

static void weights(assay_bytes in)
{
	enc_tensors t = {NULL, 0};
	enc_err err = {""};
	float x;
	if (enc_tensors_read(in, "f", &t, &err) != ENC_OK) {
		require(err.msg[0] != 0 && t.n == 0);
		return;
	}
	for (size_t i = 0; i < t.n; i++) {
		const enc_tensor *e = enc_tensors_find(&t, t.tensor[i].name);
		require(e == &t.tensor[i] && e->end <= in.len && e->begin <= e->end);
		if (e->dtype != ENC_OTHER && e->end > e->begin)
			enc_tensor_floats(e, (size_t)(e->end - e->begin) / enc_dtype_size(e->dtype) - 1, 1, &x);
	}
	enc_tensors_free(&t);
}

static void use(enc_tokenizer *t)
{
	static const char text[] = "The caf\xc3\xa9's 42 <s>\xff [SEP]";
	enc_ids ids = {.most = 64};
	require(enc_tokenizer_text(t, (assay_bytes){(const uint8_t *)text, sizeof text - 1}, true, &ids,
							   NULL) == ENC_OK);
	for (size_t i = 0; i < ids.n; i++)
		require(ids.id[i] < enc_tokenizer_vocab(t));
	enc_ids_free(&ids);
	enc_tokenizer_close(t);
}

static void layout(enc_part part, const plg_json *root)
{
	enc_layout l;
	enc_err err = {""};
	enc_layout_begin(&l);
	l.max_tokens = 512;
	if (enc_layout_part(part, root, "f", &l, &err) != ENC_OK)
		require(err.msg[0] != 0);
	else if (part == ENC_CONFIG)
		require(l.hidden % l.heads == 0 && l.layers <= 64 && l.max_tokens <= l.positions);
	enc_layout_free(&l);
}

static void document(uint8_t which, assay_bytes in)
{
	enc_tokenizer *t = NULL;
	enc_layout l;
	plg_json *root = plg_json_parse(in, 1 << 20, NULL);
	enc_layout_begin(&l);
	if (root != NULL && which < ENC_PARTS)
		layout((enc_part)which, root);
	else if (root != NULL && enc_tokenizer_of_json(root, &l, &t, NULL) == ENC_OK)
		use(t);
	plg_json_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enc_tokenizer *t = NULL;
	enc_layout l;
	if (size == 0)
		return 0;
	uint8_t which = data[0] % (ENC_PARTS + 3);
	const assay_bytes in = {data + 1, size - 1};
	enc_layout_begin(&l);
	if (which == ENC_PARTS + 2)
		weights(in);
	else if (which == ENC_PARTS + 1 && enc_tokenizer_of_lines(in, &l, &t, NULL) == ENC_OK)
		use(t);
	else if (which <= ENC_PARTS)
		document(which, in);
	return 0;
}
