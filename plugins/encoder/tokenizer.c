/* Finds the vocabulary of a folder and loads it: vocab.txt; vocab.json with merges.txt;
 * or tokenizer.json, which can hold either. */
#include "encoder/tokenizer.h"
#include "encoder/fail.h"
#include "encoder/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 64 << 20, WORK_MOST = 192 << 20 };

struct enc_tokenizer {
	enc_file lines; /* vocab.txt, whose bytes the vocabulary borrows */
	enc_vocab *vocab;
	enc_bpe *bpe; /* NULL: WordPiece */
	enc_wordpiece piece;
	enc_special special;
	plg_arena *work;
};

/* ---- from JSON ---- */

typedef struct {
	enc_vocab *vocab;
	size_t bytes;
	uint64_t highest;
	bool bad;
} json_vocab;

static bool measure_token(void *ctx, assay_bytes key, const plg_json *v)
{
	json_vocab *j = ctx;
	int64_t id;
	if (!plg_json_int(v, &id) || id < 0 || id >= ENC_VOCAB_MAX)
		return false;
	j->highest = (uint64_t)id > j->highest ? (uint64_t)id : j->highest;
	j->bytes += (size_t)key.len;
	return true;
}

static bool add_token(void *ctx, assay_bytes key, const plg_json *v)
{
	json_vocab *j = ctx;
	int64_t id = -1;
	return plg_json_int(v, &id) && enc_vocab_add_copy(j->vocab, (uint32_t)id, key);
}

static enc_rc vocab_of_json(const plg_json *map, const char *what, enc_vocab **out, enc_err *err)
{
	json_vocab j = {0};
	if (plg_json_type(map) != PLG_J_OBJECT || plg_json_size(map) == 0 ||
		!plg_json_each(map, measure_token, &j))
		return enc_fail(err, ENC_BAD_MODEL, "%s: the vocabulary is no object of tokens and ids",
						what);
	j.vocab = enc_vocab_new((size_t)j.highest + 1, j.bytes);
	if (j.vocab == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory reading %s", what);
	if (!plg_json_each(map, add_token, &j)) {
		enc_vocab_free(j.vocab);
		return enc_fail(err, ENC_BAD_MODEL, "%s: two tokens of the vocabulary have one id", what);
	}
	*out = j.vocab;
	return ENC_OK;
}

/* ---- merges ---- */

static bool add_merge(enc_tokenizer *t, assay_bytes line)
{
	const uint8_t *gap = line.len == 0 ? NULL : memchr(line.ptr, ' ', (size_t)line.len);
	if (gap == NULL || gap == line.ptr)
		return false;
	size_t n = (size_t)(gap - line.ptr);
	return n + 1 < line.len && enc_bpe_add(t->bpe, t->vocab, (assay_bytes){line.ptr, n},
										   (assay_bytes){gap + 1, line.len - n - 1});
}

static bool json_merge(enc_tokenizer *t, const plg_json *v)
{
	assay_bytes a, b;
	if (plg_json_str(v, &a))
		return add_merge(t, a);
	return plg_json_str(plg_json_at(v, 0), &a) && plg_json_str(plg_json_at(v, 1), &b) &&
		   plg_json_size(v) == 2 && enc_bpe_add(t->bpe, t->vocab, a, b);
}

static enc_rc bad_merge(size_t i, const char *what, enc_err *err)
{
	return enc_fail(err, ENC_BAD_MODEL, "%s: merge %zu does not join two tokens of the vocabulary",
					what, i + 1);
}

static enc_rc merges_of_json(enc_tokenizer *t, const plg_json *list, const char *what, enc_err *err)
{
	size_t n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || n > ENC_VOCAB_MAX)
		return enc_fail(err, ENC_BAD_MODEL, "%s: merges are no list of at most %u", what,
						ENC_VOCAB_MAX);
	t->bpe = enc_bpe_new(n);
	if (t->bpe == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory reading %s", what);
	for (size_t i = 0; i < n; i++) {
		if (!json_merge(t, plg_json_at(list, i)))
			return bad_merge(i, what, err);
	}
	return ENC_OK;
}

static assay_bytes take_line(assay_bytes *left)
{
	const uint8_t *end = memchr(left->ptr, '\n', (size_t)left->len);
	uint64_t n = end == NULL ? left->len : (uint64_t)(end - left->ptr);
	assay_bytes line = {left->ptr, n};
	uint64_t skip = end == NULL ? n : n + 1;
	left->ptr += skip;
	left->len -= skip;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool is_version(assay_bytes line)
{
	return line.len >= 8 && memcmp(line.ptr, "#version", 8) == 0;
}

static enc_rc merges_of_lines(enc_tokenizer *t, assay_bytes text, const char *what, enc_err *err)
{
	size_t n = 0, lines = 1;
	for (uint64_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	t->bpe = lines > ENC_VOCAB_MAX ? NULL : enc_bpe_new(lines);
	if (t->bpe == NULL)
		return enc_fail(err, ENC_BAD_MODEL, "%s has more than %u lines, or memory ran out", what,
						ENC_VOCAB_MAX);
	while (text.len > 0) {
		assay_bytes line = take_line(&text);
		if (line.len == 0 || is_version(line))
			continue;
		if (!add_merge(t, line))
			return bad_merge(n, what, err);
		n++;
	}
	return ENC_OK;
}

/* ---- the three kinds of folder ---- */

static enc_rc open_lines(enc_tokenizer *t, const char *dir, enc_err *err)
{
	enc_rc rc = enc_file_map(dir, "vocab.txt", FILE_MOST, &t->lines, err);
	return rc != ENC_OK ? rc
						: enc_vocab_lines((assay_bytes){t->lines.ptr, t->lines.len}, "vocab.txt",
										  &t->vocab, err);
}

static enc_rc open_pair(enc_tokenizer *t, const char *dir, enc_err *err)
{
	plg_json *map = NULL;
	enc_file merges = {NULL, 0};
	enc_rc rc = enc_json_file(dir, "vocab.json", FILE_MOST, &map, err);
	if (rc == ENC_OK)
		rc = vocab_of_json(map, "vocab.json", &t->vocab, err);
	plg_json_free(map);
	if (rc == ENC_OK)
		rc = enc_file_map(dir, "merges.txt", FILE_MOST, &merges, err);
	if (rc == ENC_OK)
		rc = merges_of_lines(t, (assay_bytes){merges.ptr, merges.len}, "merges.txt", err);
	enc_file_unmap(&merges);
	return rc;
}

/* What tokenizer.json says about cleaning, where BERT's is used. */
static enc_rc bert_normalizer(const plg_json *root, enc_wordpiece *w, enc_err *err)
{
	const plg_json *n = plg_json_get(root, "normalizer");
	if (!enc_json_is(plg_json_get(n, "type"), "BertNormalizer") ||
		!enc_json_is(plg_json_get(plg_json_get(root, "pre_tokenizer"), "type"), "BertPreTokenizer"))
		return enc_fail(err, ENC_BAD_MODEL,
						"tokenizer.json: only BertNormalizer with BertPreTokenizer can be run");
	w->strip_accents = true;
	(void)plg_json_bool(plg_json_get(n, "clean_text"), &w->clean);
	(void)plg_json_bool(plg_json_get(n, "handle_chinese_chars"), &w->ideographs);
	(void)plg_json_bool(plg_json_get(n, "lowercase"), &w->lower);
	w->strip_accents = w->lower;
	(void)plg_json_bool(plg_json_get(n, "strip_accents"), &w->strip_accents);
	return ENC_OK;
}

static enc_rc open_json_model(enc_tokenizer *t, const plg_json *root, bool *prefix_space,
							  enc_err *err)
{
	static const char what[] = "tokenizer.json";
	const plg_json *model = plg_json_get(root, "model"), *type = plg_json_get(model, "type");
	const plg_json *split = plg_json_get(root, "pre_tokenizer");
	bool piece = enc_json_is(type, "WordPiece"), bpe = enc_json_is(type, "BPE");
	if (!piece && !bpe)
		return enc_fail(err, ENC_BAD_MODEL, "%s: model.type must be WordPiece or BPE", what);
	enc_rc rc = vocab_of_json(plg_json_get(model, "vocab"), what, &t->vocab, err);
	if (rc != ENC_OK)
		return rc;
	if (piece)
		return bert_normalizer(root, &t->piece, err);
	if (!enc_json_is(plg_json_get(split, "type"), "ByteLevel") ||
		plg_json_type(plg_json_get(root, "normalizer")) == PLG_J_OBJECT)
		return enc_fail(err, ENC_BAD_MODEL, "%s: BPE runs with pre_tokenizer ByteLevel only", what);
	(void)plg_json_bool(plg_json_get(split, "add_prefix_space"), prefix_space);
	return merges_of_json(t, plg_json_get(model, "merges"), what, err);
}

static enc_rc open_json(enc_tokenizer *t, const char *dir, bool *prefix_space, enc_err *err)
{
	plg_json *root = NULL;
	enc_rc rc = enc_json_file(dir, "tokenizer.json", FILE_MOST, &root, err);
	if (rc == ENC_UNAVAILABLE)
		return enc_fail(err, ENC_BAD_MODEL,
						"%s has no vocabulary: vocab.txt, vocab.json with merges.txt, or "
						"tokenizer.json",
						dir);
	if (rc == ENC_OK)
		rc = open_json_model(t, root, prefix_space, err);
	plg_json_free(root);
	return rc;
}

static enc_rc open_vocabulary(enc_tokenizer *t, const char *dir, bool *prefix_space, enc_err *err)
{
	enc_rc rc = open_lines(t, dir, err);
	if (rc == ENC_UNAVAILABLE) {
		rc = open_pair(t, dir, err);
		if (rc == ENC_UNAVAILABLE && t->vocab == NULL)
			rc = open_json(t, dir, prefix_space, err);
	}
	/* Part of a vocabulary is a damaged model, not an absent one. */
	return rc == ENC_UNAVAILABLE ? ENC_BAD_MODEL : rc;
}

static uint32_t id_of(const enc_tokenizer *t, const char *name)
{
	return enc_vocab_find(t->vocab, (assay_bytes){(const uint8_t *)name, strlen(name)});
}

static enc_rc find_special(enc_tokenizer *t, bool prefix_space, enc_err *err)
{
	bool bpe = t->bpe != NULL;
	t->special = (enc_special){.open = id_of(t, bpe ? "<s>" : "[CLS]"),
							   .close = id_of(t, bpe ? "</s>" : "[SEP]"),
							   .around_one = 2,
							   .around_two = bpe ? 4 : 3,
							   .doubled = bpe};
	t->piece.unknown = bpe ? t->special.open : id_of(t, "[UNK]");
	t->piece.vocab = t->vocab;
	if (t->special.open == ENC_NO_ID || t->special.close == ENC_NO_ID ||
		t->piece.unknown == ENC_NO_ID)
		return enc_fail(err, ENC_BAD_MODEL, "the vocabulary lacks %s",
						bpe ? "<s> or </s>" : "[CLS], [SEP] or [UNK]");
	if (bpe && !enc_bpe_finish(t->bpe, t->vocab, prefix_space))
		return enc_fail(err, ENC_BAD_MODEL, "the vocabulary lacks some of the 256 byte symbols");
	return ENC_OK;
}

static enc_tokenizer *begin(const enc_layout *l)
{
	enc_tokenizer *t = calloc(1, sizeof *t);
	if (t == NULL)
		return NULL;
	t->work = plg_arena_new(WORK_MOST);
	t->piece = (enc_wordpiece){.lower = l->lower,
							   .strip_accents = l->strip_accents < 0 ? l->lower : l->strip_accents,
							   .clean = true,
							   .ideographs = l->ideographs};
	if (t->work != NULL)
		return t;
	free(t);
	return NULL;
}

/* Ends opening: *out is set, or t is closed. */
static enc_rc finish(enc_tokenizer *t, enc_rc rc, bool prefix_space, enc_tokenizer **out,
					 enc_err *err)
{
	if (rc == ENC_OK)
		rc = find_special(t, prefix_space, err);
	if (rc != ENC_OK)
		enc_tokenizer_close(t);
	else
		*out = t;
	return rc;
}

enc_rc enc_tokenizer_open(const char *dir, const enc_layout *l, enc_tokenizer **out, enc_err *err)
{
	enc_tokenizer *t = begin(l);
	bool prefix_space = l->prefix_space;
	if (t == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory");
	enc_rc rc = open_vocabulary(t, dir, &prefix_space, err);
	return finish(t, rc, prefix_space, out, err);
}

enc_rc enc_tokenizer_of_lines(assay_bytes lines, const enc_layout *l, enc_tokenizer **out,
							  enc_err *err)
{
	enc_tokenizer *t = begin(l);
	if (t == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory");
	return finish(t, enc_vocab_lines(lines, "vocab.txt", &t->vocab, err), false, out, err);
}

enc_rc enc_tokenizer_of_json(const plg_json *root, const enc_layout *l, enc_tokenizer **out,
							 enc_err *err)
{
	enc_tokenizer *t = begin(l);
	bool prefix_space = l->prefix_space;
	if (t == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory");
	enc_rc rc = open_json_model(t, root, &prefix_space, err);
	return finish(t, rc, prefix_space, out, err);
}

void enc_tokenizer_close(enc_tokenizer *t)
{
	if (t == NULL)
		return;
	enc_vocab_free(t->vocab);
	enc_bpe_free(t->bpe);
	enc_file_unmap(&t->lines);
	plg_arena_free(t->work);
	free(t);
}

size_t enc_tokenizer_vocab(const enc_tokenizer *t)
{
	return enc_vocab_size(t->vocab);
}

const char *enc_tokenizer_kind(const enc_tokenizer *t)
{
	return t->bpe != NULL ? "byte-level BPE" : "WordPiece";
}

const enc_special *enc_tokenizer_special(const enc_tokenizer *t)
{
	return &t->special;
}

/* ---- text ---- */

static enc_rc plain(enc_tokenizer *t, assay_bytes text, enc_ids *out)
{
	plg_arena_reset(t->work);
	if (text.len == 0)
		return ENC_OK;
	return t->bpe != NULL ? enc_bpe_text(t->bpe, t->work, text, out)
						  : enc_wordpiece_text(&t->piece, t->work, text, out);
}

/* The special token whose name is at the start of text, or ENC_NO_ID. */
static uint32_t special_at(const enc_tokenizer *t, assay_bytes text, size_t *len)
{
	static const char *const names[2][5] = {{"[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"},
											{"<s>", "</s>", "<mask>", "<pad>", "<unk>"}};
	for (size_t i = 0; i < 5; i++) {
		const char *name = names[t->bpe != NULL][i];
		*len = strlen(name);
		if (text.len >= *len && memcmp(text.ptr, name, *len) == 0)
			return id_of(t, name);
	}
	return ENC_NO_ID;
}

static enc_rc with_special(enc_tokenizer *t, assay_bytes text, enc_ids *out)
{
	size_t from = 0, len = 0;
	enc_rc rc = ENC_OK;
	for (size_t at = 0; at < text.len && rc == ENC_OK; at++) {
		uint32_t id = special_at(t, (assay_bytes){text.ptr + at, text.len - at}, &len);
		if (id == ENC_NO_ID)
			continue;
		rc = plain(t, (assay_bytes){text.ptr + from, at - from}, out);
		(void)enc_ids_push(out, id);
		from = at + len;
		at = from - 1;
	}
	return rc != ENC_OK ? rc : plain(t, (assay_bytes){text.ptr + from, text.len - from}, out);
}

enc_rc enc_tokenizer_text(enc_tokenizer *t, assay_bytes text, bool special, enc_ids *out,
						  enc_err *err)
{
	if (text.len > ENC_TEXT_MAX)
		return enc_fail(err, ENC_TOO_LONG, "a text of %llu bytes, the limit is %u",
						(unsigned long long)text.len, ENC_TEXT_MAX);
	enc_rc rc = special && text.len > 0 ? with_special(t, text, out) : plain(t, text, out);
	return rc == ENC_NOMEM ? enc_fail(err, rc, "out of memory splitting a text of %llu bytes",
									  (unsigned long long)text.len)
						   : rc;
}
