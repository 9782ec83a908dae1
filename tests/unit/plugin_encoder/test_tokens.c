/* The two splits on what a miner can send: borders, hostile bytes, lengths. */
#include <stdlib.h>
#include <string.h>
#include "encoder/tokens.h"
#include "encoder/unicode.h"
#include "support/test.h"

static assay_bytes text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

/* ---- UTF-8 ---- */

START_TEST(test_utf8_when_broken_then_one_replacement_for_each_maximal_part)
{
	static const struct {
		const char *in;
		size_t n;
	} c[] = {
		{"\xff", 1},         {"\xc3", 1},          {"\xe0\x80\x80", 3},     {"\xed\xa0\x80", 3},
		{"\xf0\x9f\x98", 1}, {"\xf0\x9f\x98!", 2}, {"\xf4\x90\x80\x80", 4}, {"\xc0\xaf", 2},
		{"\x80\x80", 2},     {"\xe2\x82", 1}};
	for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
		size_t n = 0, replaced = 0, len = strlen(c[i].in);
		for (size_t at = 0; at < len; n++) {
			uint32_t cp;
			at += enc_utf8_next((const uint8_t *)c[i].in + at, len - at, &cp);
			replaced += cp == 0xfffd;
		}
		ck_assert_uint_eq(n, c[i].n);
		ck_assert_uint_ge(replaced, 1);
	}
}
END_TEST

/* ---- WordPiece ---- */

static const char lines[] =
	"[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##a\nab\n##b\n##c\n,\ncafe\n\xe5\x90\x8d\n";

static size_t pieces(const char *in, size_t len, uint32_t *id, size_t most)
{
	enc_vocab *v = NULL;
	plg_arena *a = plg_arena_new(64 << 20);
	ck_assert_int_eq(enc_vocab_lines(text(lines), "lines", &v, NULL), ENC_OK);
	const enc_wordpiece w = {true, true, true, true, 1, v};
	enc_ids ids = {.most = most};
	ck_assert_int_eq(enc_wordpiece_text(&w, a, (assay_bytes){(const uint8_t *)in, len}, &ids),
					 ENC_OK);
	size_t n = ids.n;
	for (size_t i = 0; i < n && i < 8; i++)
		id[i] = ids.id[i];
	enc_ids_free(&ids);
	enc_vocab_free(v);
	plg_arena_free(a);
	return n;
}

static void check_pieces(const char *in, size_t n, const uint32_t *want)
{
	uint32_t id[8];
	ck_assert_msg(pieces(in, strlen(in), id, 8) == n, "%s", in);
	ck_assert_mem_eq(id, want, n * sizeof *id);
}

START_TEST(test_wordpiece_when_greedy_then_longest_first)
{
	check_pieces("aba", 2, (const uint32_t[]){6, 5});
	check_pieces("AB, \xc3\xa1", 3, (const uint32_t[]){6, 9, 4});
	check_pieces("abd", 1, (const uint32_t[]){1}); /* the whole word is unknown */
	check_pieces("CAF\xc3\x89", 1, (const uint32_t[]){10});
	check_pieces("a\xe5\x90\x8d\x61", 3, (const uint32_t[]){4, 11, 4});
	check_pieces("a\xe2\x80\x8b\x62", 1, (const uint32_t[]){6}); /* zero-width space is dropped */
	check_pieces("a\xe3\x80\x80\x61", 2, (const uint32_t[]){4, 4});
	check_pieces("\xff", 0, (const uint32_t[]){0}); /* U+FFFD is dropped */
	check_pieces("[SEP]", 3, (const uint32_t[]){1, 1, 1});
}
END_TEST

START_TEST(test_wordpiece_when_a_word_is_long_then_unknown_from_101_characters)
{
	char word[102];
	uint32_t id[8];
	memset(word, 'a', 101);
	ck_assert_uint_eq(pieces(word, 100, id, 1000), 100);
	ck_assert_uint_eq(pieces(word, 101, id, 1000), 1);
	ck_assert_uint_eq(id[0], 1);
	ck_assert_uint_eq(pieces(word, 100, id, 7), 7); /* the list is full */
}
END_TEST

START_TEST(test_vocab_when_a_token_comes_twice_then_the_last_counts)
{
	enc_vocab *v = NULL;
	ck_assert_int_eq(enc_vocab_lines(text("a\r\nb\na\n"), "x", &v, NULL), ENC_OK);
	ck_assert_uint_eq(enc_vocab_find(v, text("a")), 2);
	ck_assert_uint_eq(enc_vocab_find(v, text("b")), 1);
	ck_assert_uint_eq(enc_vocab_find(v, text("c")), ENC_NO_ID);
	ck_assert_uint_eq(enc_vocab_size(v), 3);
	enc_vocab_free(v);
}
END_TEST

/* ---- byte-level BPE ---- */

START_TEST(test_split_when_given_then_gpt2s)
{
	static const char *const c[][6] = {
		{"I'll go", "I", "'ll", " go"},
		{"a  b", "a", " ", " b"},
		{"a \n", "a", " \n"},
		{"a\nb", "a", "\n", "b"},
		{"x1 2", "x", "1", " 2"},
		{"!!'s", "!!'", "s"},
		{"it's", "it", "'s"},
		{" 's", " '", "s"},
		{"\xc2\xa0\xc2\xa0z", "\xc2\xa0", "\xc2\xa0", "z"},
		{"  ", "  "},
		{"caf\xc3\xa9!", "caf\xc3\xa9", "!"},
		{"\xe5\x90\x8d\xe3\x80\x81", "\xe5\x90\x8d", "\xe3\x80\x81"},
	};
	for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
		assay_bytes t = text(c[i][0]);
		size_t at = 0;
		for (size_t j = 1; j < 6 && c[i][j] != NULL; j++) {
			size_t end = enc_bpe_piece_end(t, at);
			ck_assert_msg(end - at == strlen(c[i][j]) && memcmp(t.ptr + at, c[i][j], end - at) == 0,
						  "%s: piece %zu", c[i][0], j);
			at = end;
		}
		ck_assert_uint_eq(at, t.len);
	}
}
END_TEST

START_TEST(test_split_when_any_bytes_then_it_advances_to_the_end)
{
	uint8_t b[64];
	uint32_t r = 99;
	for (int i = 0; i < 20000; i++) {
		for (size_t j = 0; j < sizeof b; j++) {
			r = r * 1664525u + 1013904223u;
			b[j] = (uint8_t)(r >> (r >> 30 == 0 ? 24 : 26));
		}
		const assay_bytes t = {b, sizeof b};
		for (size_t at = 0, end; at < t.len; at = end) {
			end = enc_bpe_piece_end(t, at);
			ck_assert(end > at && end <= t.len);
		}
	}
}
END_TEST

/* The 256 byte symbols as tokens 0 to 255, in room for n tokens. */
static enc_vocab *byte_symbols(size_t n)
{
	enc_vocab *v = enc_vocab_new(n, 2000);
	uint32_t next = 256;
	ck_assert_ptr_nonnull(v);
	for (uint32_t i = 0; i < 256; i++) {
		bool itself = (i >= 33 && i <= 126) || (i >= 161 && i <= 172) || i >= 174;
		uint32_t c = itself ? i : next++;
		uint8_t utf8[2] = {(uint8_t)c, 0};
		if (c >= 0x80) {
			utf8[0] = (uint8_t)(0xc0 | c >> 6);
			utf8[1] = (uint8_t)(0x80 | (c & 0x3f));
		}
		ck_assert(enc_vocab_add_copy(v, i, (assay_bytes){utf8, c < 0x80 ? 1 : 2}));
	}
	return v;
}

START_TEST(test_bytes_when_no_utf8_then_those_of_the_replacement)
{
	static const struct {
		const char *in;
		bool prefix;
		const char *out;
	} c[] = {{"a\xef", false, "a\xef\xbf\xbd"},
			 {"\xef\xf2"
			  "b",
			  false,
			  "\xef\xbf\xbd\xef\xbf\xbd"
			  "b"},
			 {"\xef\xbf", false, "\xef\xbf\xbd"},
			 {"\xef\xbf\xbd", false, "\xef\xbf\xbd"},
			 {"\xf0\x9f\x98", false, "\xef\xbf\xbd"},
			 {"a", true, " a"},
			 {" a", true, " a"},
			 {"\n", true, " \n"}};
	enc_vocab *v = byte_symbols(256);
	plg_arena *a = plg_arena_new(1 << 20);
	for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
		enc_bpe *b = enc_bpe_new(0);
		enc_ids ids = {.most = SIZE_MAX};
		ck_assert(b != NULL && enc_bpe_finish(b, v, c[i].prefix));
		ck_assert_int_eq(enc_bpe_text(b, a, text(c[i].in), &ids), ENC_OK);
		ck_assert_uint_eq(ids.n, strlen(c[i].out));
		for (size_t j = 0; j < ids.n; j++)
			ck_assert_uint_eq(ids.id[j], (uint8_t)c[i].out[j]);
		enc_ids_free(&ids);
		enc_bpe_free(b);
	}
	enc_vocab_free(v);
	plg_arena_free(a);
}
END_TEST

START_TEST(test_merges_when_a_word_is_long_then_the_time_does_not_explode)
{
	enum { LONG = 200000 };
	enc_vocab *v = byte_symbols(300);
	uint8_t *word = malloc(LONG);
	plg_arena *a = plg_arena_new(64 << 20);
	enc_ids ids = {.most = SIZE_MAX};
	ck_assert(word != NULL && a != NULL);
	ck_assert(enc_vocab_add_copy(v, 256, text("aa")) && enc_vocab_add_copy(v, 257, text("aaaa")));
	enc_bpe *b = enc_bpe_new(2);
	ck_assert(enc_bpe_add(b, v, text("a"), text("a")) && enc_bpe_add(b, v, text("aa"), text("aa")));
	ck_assert(!enc_bpe_add(b, v, text("a"), text("b")));
	ck_assert(enc_bpe_finish(b, v, false));
	memset(word, 'a', LONG);
	ck_assert_int_eq(enc_bpe_text(b, a, (assay_bytes){word, LONG - 1}, &ids), ENC_OK);
	ck_assert_uint_eq(ids.n, LONG / 4 + 1);
	ck_assert_uint_eq(ids.id[0], 257);
	ck_assert_uint_eq(ids.id[ids.n - 1], 'a');
	enc_ids_free(&ids);
	enc_bpe_free(b);
	enc_vocab_free(v);
	plg_arena_free(a);
	free(word);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_utf8_when_broken_then_one_replacement_for_each_maximal_part);
	tcase_add_test(tc, test_wordpiece_when_greedy_then_longest_first);
	tcase_add_test(tc, test_wordpiece_when_a_word_is_long_then_unknown_from_101_characters);
	tcase_add_test(tc, test_vocab_when_a_token_comes_twice_then_the_last_counts);
	tcase_add_test(tc, test_split_when_given_then_gpt2s);
	tcase_add_test(tc, test_split_when_any_bytes_then_it_advances_to_the_end);
	tcase_add_test(tc, test_bytes_when_no_utf8_then_those_of_the_replacement);
	tcase_add_test(tc, test_merges_when_a_word_is_long_then_the_time_does_not_explode);
}

int main(void)
{
	return test_main("encoder tokens", fill, 60);
}
