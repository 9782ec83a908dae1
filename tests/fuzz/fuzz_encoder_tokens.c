/* Any bytes as a text for WordPiece in four settings or byte-level BPE. Properties: ids
 * are of the vocabulary, a shorter list is the front of a longer one, the byte-level split
 * loses nothing, and the same bytes give the same tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "encoder/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int held)
{
	if (!held)
		abort();
}

static const char lines[] =
	"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\nb\n##b\nab\n##ab\nthe\n##s\n,\n[\n"
	"]\ncafe\ncaf\xc3\xa9\n\xe5\x90\x8d\n##\xe5\x90\x8d\nA\nB\n\xc3\xa9\n##1\n1\n";

static enc_tokenizer *word_pieces(bool lower, bool ideographs)
{
	enc_tokenizer *t = NULL;
	enc_layout l;
	enc_layout_begin(&l);
	l.lower = lower;
	l.ideographs = ideographs;
	require(enc_tokenizer_of_lines((assay_bytes){(const uint8_t *)lines, sizeof lines - 1}, &l, &t,
								   NULL) == ENC_OK);
	return t;
}

/* A tokenizer.json of the byte symbols and a few merges. */
static enc_tokenizer *byte_level(void)
{
	static char json[16384];
	size_t n = 0;
	uint32_t next = 256;
	enc_layout l;
	enc_tokenizer *t = NULL;
	n += (size_t)snprintf(
		json, sizeof json,
		"{\"pre_tokenizer\":{\"type\":\"ByteLevel\"},\"model\":{\"type\":\"BPE\","
		"\"merges\":[\"a a\",\"aa aa\",\"a b\",\"\\u0120 a\"],\"vocab\":{\"<s>\":256,"
		"\"</s>\":257,\"aa\":258,\"aaaa\":259,\"ab\":260,\"\\u0120a\":261");
	for (uint32_t i = 0; i < 256; i++) {
		bool itself = (i >= 33 && i <= 126) || (i >= 161 && i <= 172) || i >= 174;
		n += (size_t)snprintf(json + n, sizeof json - n, ",\"\\u%04x\":%u", itself ? i : next++, i);
	}
	n += (size_t)snprintf(json + n, sizeof json - n, "}}}");
	plg_json *root = plg_json_parse((assay_bytes){(const uint8_t *)json, n}, sizeof json, NULL);
	enc_layout_begin(&l);
	require(root != NULL && enc_tokenizer_of_json(root, &l, &t, NULL) == ENC_OK);
	plg_json_free(root);
	return t;
}

static void check(enc_tokenizer *t, assay_bytes in, bool special)
{
	enc_ids all = {.most = SIZE_MAX}, few = {.most = 7};
	require(enc_tokenizer_text(t, in, special, &all, NULL) == ENC_OK);
	require(enc_tokenizer_text(t, in, special, &few, NULL) == ENC_OK);
	require(few.n == (all.n < 7 ? all.n : 7));
	require(few.n == 0 || memcmp(few.id, all.id, few.n * sizeof *few.id) == 0);
	for (size_t i = 0; i < all.n; i++)
		require(all.id[i] < enc_tokenizer_vocab(t));
	enc_ids_free(&all);
	enc_ids_free(&few);
}

static void check_split(assay_bytes in)
{
	for (size_t at = 0, end; at < in.len; at = end) {
		end = enc_bpe_piece_end(in, at);
		require(end > at && end <= in.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static enc_tokenizer *t[5];
	if (t[4] == NULL) {
		for (size_t i = 0; i < 4; i++)
			t[i] = word_pieces(i & 1, i & 2);
		t[4] = byte_level();
	}
	if (size == 0)
		return 0;
	/* The first byte says which of them and how. */
	const assay_bytes in = {data + 1, size - 1};
	check(t[data[0] % 5], in, data[0] & 0x80);
	check_split(in);
	return 0;
}
