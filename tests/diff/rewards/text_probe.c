/* text_probe: measures of the text plugin over lines {"hyp": "...", "ref": "..."} on standard
 * input, one line of numbers for each. text.py compares them with the libraries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/json.h"
#include "text/bleu.h"
#include "text/chrf.h"
#include "text/fuzzy.h"
#include "text/meteor.h"
#include "text/rouge.h"
#include "text/segment.h"
#include "text/ter.h"

enum { LINE = 1 << 20, MEMORY = 512 << 20 };

static plg_text member(plg_arena *a, const plg_json *doc, const char *key)
{
	assay_bytes s;
	plg_text t = {NULL, 0};
	if (plg_json_str(plg_json_get(doc, key), &s))
		(void)plg_utf8_decode(a, s, SIZE_MAX, &t);
	return t;
}

static txt_words words(plg_arena *a, txt_segmenter how, plg_text t)
{
	txt_words w;
	w.word = txt_segment_words(a, how, t, &w.n);
	return w;
}

static void bleu(plg_arena *a, plg_text h, plg_text r)
{
	static const txt_segmenter how[] = {TXT_SEG_13A, TXT_SEG_ZH, TXT_SEG_INTL, TXT_SEG_CHAR};
	static const txt_smooth smooth[] = {TXT_SMOOTH_EXP, TXT_SMOOTH_FLOOR, TXT_SMOOTH_ADD_K,
										TXT_SMOOTH_NONE};
	for (int i = 0; i < 4; i++) {
		txt_bleu_counts c = {.hyp = 0};
		txt_words ref = words(a, how[i], r);
		(void)txt_bleu_count(a, words(a, how[i], h), &ref, 1, &c);
		printf("%.17g ", txt_bleu(&c, smooth[i], i != 3));
	}
}

static void rouge(plg_arena *a, plg_text h, plg_text r)
{
	size_t xn, yn;
	txt_prf m = {0, 0, 0};
	plg_text *x = txt_rouge_words(a, h, false, &xn), *y = txt_rouge_words(a, r, false, &yn);
	plg_intern *in = plg_intern_new(a, xn + yn);
	txt_pair p = {plg_intern_words(a, in, x, xn), plg_intern_words(a, in, y, yn), xn, yn, xn, 0};
	p.count = plg_intern_count(in);
	for (size_t n = 1; n <= 2; n++) {
		(void)txt_rouge_n(a, &p, n, &m);
		printf("%.17g ", m.f);
	}
	(void)txt_rouge_l(a, &p, &m);
	printf("%.17g ", m.f);
}

static void line(plg_arena *a, plg_text h, plg_text r)
{
	static const txt_chrf_params plain = {.char_order = 6, .beta = 2},
								 plus = {.char_order = 6, .word_order = 2, .beta = 2};
	static const txt_ter_params ter[] = {{false, false, false}, {true, true, false}};
	double nltk = 0;
	txt_words hw, rw;
	hw.word = plg_split(a, h, &hw.n);
	rw.word = plg_split(a, r, &rw.n);
	bleu(a, h, r);
	printf("%.17g %.17g ", 100 * txt_chrf(a, h, r, &plain), 100 * txt_chrf(a, h, r, &plus));
	printf("%.17g %.17g ", txt_ter(a, h, &r, 1, &ter[0]), txt_ter(a, h, &r, 1, &ter[1]));
	rouge(a, h, r);
	(void)txt_bleu_nltk(a, hw, &rw, 1, 1, &nltk);
	printf("%.17g %.17g ", nltk, txt_meteor(a, hw, &rw, 1));
	printf("%.17g %.17g %.17g %.17g\n", txt_ratio(a, h, r), txt_partial_ratio(a, h, r),
		   txt_token_sort_ratio(a, h, r), txt_token_set_ratio(a, h, r));
}

int main(void)
{
	char *buf = malloc(LINE);
	plg_arena *a = plg_arena_new(MEMORY);
	while (buf != NULL && a != NULL && fgets(buf, LINE, stdin) != NULL) {
		plg_json *doc =
			plg_json_parse((assay_bytes){(const uint8_t *)buf, strlen(buf)}, LINE, NULL);
		plg_arena_reset(a);
		line(a, member(a, doc, "hyp"), member(a, doc, "ref"));
		plg_json_free(doc);
	}
	plg_arena_free(a);
	free(buf);
	return 0;
}
