/* The speech measures and the libraries' normalisers as a filter, for comparing them with
 * those libraries:
 *   stt_probe english|basic|bare|letters|standard [TABLE] <IN >OUT
 *   stt_probe measures <IN >OUT
 * IN: texts, each a 32-bit length and its UTF-8 bytes (measures: two texts each). OUT, for
 * each: the normalised text in the same form ("standard": the words of wer_standardize,
 * joined by U+001F); for measures: hits, substitutions, deletions, insertions, wer, mer,
 * wil, wip and cer as doubles. Numbers are little-endian. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/build.h"
#include "stt/measures.h"
#include "stt/normalise.h"
#include "stt/transforms.h"

static int fail(const char *what)
{
	fprintf(stderr, "stt_probe: %s\n", what);
	return 1;
}

/* The next text; false at the end of the input. */
static bool next(plg_arena *a, plg_text *t)
{
	uint32_t len;
	if (fread(&len, sizeof len, 1, stdin) != 1)
		return false;
	uint8_t *p = plg_arena_take(a, (size_t)len + 1, 1);
	/* A leading space keeps the decoder from taking a byte order mark away. */
	if (p == NULL || fread(p + 1, 1, len, stdin) != len)
		exit(fail("short input"));
	p[0] = ' ';
	if (plg_utf8_decode(a, (assay_bytes){p, (uint64_t)len + 1}, SIZE_MAX, t) != PLG_OK)
		exit(fail("a text is not UTF-8"));
	*t = plg_text_sub(*t, 1, t->n);
	return true;
}

static plg_text standard(plg_arena *a, plg_text t)
{
	size_t n = 0;
	plg_text *word = stt_wer_standardize(a, t, &n);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; word != NULL && i < n; i++) {
		if (i > 0)
			plg_build_add(&b, 0x1f);
		plg_build_text(&b, word[i]);
	}
	return plg_build_end(&b);
}

static int normalise(const char *mode, const stt_spelling *spelling)
{
	static const stt_basic_options plain = {0}, bare = {.remove_diacritics = true},
								   letters = {.split_letters = true};
	plg_arena *a = plg_arena_new((size_t)1 << 30);
	plg_text t;
	while (a != NULL && next(a, &t)) {
		if (strcmp(mode, "english") == 0)
			t = stt_english(a, t, spelling);
		else if (strcmp(mode, "standard") == 0)
			t = standard(a, t);
		else
			t = stt_basic(a, t, mode[0] == 'l' ? &letters : mode[2] == 'r' ? &bare : &plain);
		assay_bytes out = plg_utf8_encode(a, t);
		uint32_t len = (uint32_t)out.len;
		if (plg_arena_failed(a) || fwrite(&len, sizeof len, 1, stdout) != 1 ||
			fwrite(out.ptr, 1, len, stdout) != len)
			return fail("out of memory, or the output is closed");
		plg_arena_reset(a);
	}
	plg_arena_free(a);
	return 0;
}

/* Characters as words of one letter. */
static bool align(plg_arena *a, const plg_text *r, size_t rn, const plg_text *h, size_t hn,
				  stt_counts *out)
{
	plg_intern *in = plg_intern_new(a, rn + hn);
	if (in == NULL || r == NULL || h == NULL)
		return false;
	uint32_t *ri = plg_intern_words(a, in, r, rn), *hi = plg_intern_words(a, in, h, hn);
	return ri != NULL && hi != NULL && stt_align(a, ri, rn, hi, hn, out, NULL, NULL);
}

static plg_text *characters(plg_arena *a, plg_text *t)
{
	*t = plg_strip(*t);
	plg_text *c = plg_arena_take(a, t->n, sizeof *c);
	for (size_t i = 0; c != NULL && i < t->n; i++)
		c[i] = plg_text_sub(*t, i, i + 1);
	return c;
}

static int measures(void)
{
	plg_arena *a = plg_arena_new((size_t)1 << 30);
	plg_text ref, hyp;
	while (a != NULL && next(a, &ref) && next(a, &hyp)) {
		size_t rn = 0, hn = 0;
		stt_counts w, c;
		plg_text *r = stt_jiwer_words(a, ref, &rn), *h = stt_jiwer_words(a, hyp, &hn);
		plg_text *rc = characters(a, &ref), *hc = characters(a, &hyp);
		if (!align(a, r, rn, h, hn, &w) || !align(a, rc, ref.n, hc, hyp.n, &c))
			return fail("out of memory");
		stt_measures m = stt_measures_of(w);
		const double out[9] = {(double)w.hits,
							   (double)w.substitutions,
							   (double)w.deletions,
							   (double)w.insertions,
							   m.wer,
							   m.mer,
							   m.wil,
							   m.wip,
							   stt_error_rate(c)};
		if (fwrite(out, sizeof out, 1, stdout) != 1)
			return fail("the output is closed");
		plg_arena_reset(a);
	}
	plg_arena_free(a);
	return 0;
}

int main(int argc, char **argv)
{
	const char *why = NULL;
	stt_spelling *table = argc > 2 ? stt_spelling_load(argv[2], &why) : NULL;
	if (argc < 2)
		return fail("usage: stt_probe english|basic|bare|letters|standard|measures [TABLE]");
	if (why != NULL)
		return fail(why);
	int rc = strcmp(argv[1], "measures") == 0 ? measures() : normalise(argv[1], table);
	stt_spelling_free(table);
	return rc;
}
