/* All measures work on numbered tokens; none is quadratic in the text. */
#include "text/repeat.h"
#include "common/compress.h"
#include "common/num.h"

enum {
	MIN_TOKENS = 8, /* below, "Walla Walla" would count as a loop      */
	MIN_TRIGRAM_WORDS = 40,
	MIN_ENTROPY_WORDS = 50,
	MIN_BYTES = 200,
	MAX_PERIOD = 1024 /* a longer loop shows as a longest repeat       */
};

typedef struct {
	const uint32_t *id;
	size_t n, kinds;
} tokens;

/* Words, or code points without white space when most letters belong to scripts that
 * do not space words. */
static bool tokenise(plg_arena *a, plg_text t, tokens *out)
{
	size_t letters = 0, unspaced = 0, n = 0;
	t = plg_lower(a, t);
	for (size_t i = 0; i < t.n; i++) {
		letters += plg_is_letter(t.cp[i]);
		unspaced += plg_is_unspaced(t.cp[i]);
	}
	plg_intern *in = plg_intern_new(a, t.n);
	uint32_t *id = NULL;
	if (t.cp == NULL || in == NULL)
		return false;
	if (2 * unspaced > letters) {
		id = plg_arena_take(a, t.n, sizeof *id);
		for (size_t i = 0; id != NULL && i < t.n; i++)
			if (!plg_is_space(t.cp[i]))
				id[n++] = plg_intern_pair(in, 0, t.cp[i]);
	} else {
		plg_text *w = plg_split(a, t, &n);
		id = w == NULL ? NULL : plg_intern_words(a, in, w, n);
	}
	*out = (tokens){id, n, plg_intern_count(in)};
	return id != NULL;
}

static bool distinct3(plg_arena *a, tokens t, double *out)
{
	plg_intern *pairs = plg_intern_new(a, t.n), *triples = plg_intern_new(a, t.n);
	if (pairs == NULL || triples == NULL)
		return false;
	*out = 1;
	if (t.n < 3)
		return true;
	for (size_t i = 0; i + 2 < t.n; i++)
		(void)plg_intern_pair(triples, plg_intern_pair(pairs, t.id[i], t.id[i + 1]), t.id[i + 2]);
	*out = (double)plg_intern_count(triples) / (double)(t.n - 2);
	return true;
}

/* Is there a stretch of len tokens that occurs twice without overlap? level[k][i]
 * numbers the stretch of 2^k tokens at i; a stretch of any length is two of them. */
static bool repeats(tokens t, size_t len, uint32_t *const *level, plg_intern *in, uint32_t *first)
{
	size_t k = 0;
	while (((size_t)2 << k) <= len)
		k++;
	size_t half = len - ((size_t)1 << k);
	plg_intern_clear(in);
	for (size_t i = 0; i + len <= t.n; i++) {
		size_t known = plg_intern_count(in);
		uint32_t id = plg_intern_pair(in, level[k][i], level[k][i + half]);
		if (id == known)
			first[id] = (uint32_t)i;
		else if (i - first[id] >= len)
			return true;
	}
	return false;
}

static bool longest_repeat(plg_arena *a, tokens t, double *out)
{
	enum { LEVELS = 24 };
	uint32_t *level[LEVELS] = {0}, *first = plg_arena_take(a, t.n, sizeof *first);
	plg_intern *in = plg_intern_new(a, t.n);
	size_t low = 0, high = t.n / 2;
	if (first == NULL || in == NULL)
		return false;
	for (size_t k = 0; ((size_t)1 << k) <= high && k < LEVELS; k++) {
		size_t len = (size_t)1 << k;
		level[k] = plg_arena_take(a, t.n, sizeof **level);
		if (level[k] == NULL)
			return false;
		plg_intern_clear(in);
		for (size_t i = 0; i + len <= t.n; i++)
			level[k][i] =
				k == 0 ? t.id[i] : plg_intern_pair(in, level[k - 1][i], level[k - 1][i + len / 2]);
	}
	/* A repeat of length n contains one of n - 1, so the longest can be bisected. */
	while (low < high) {
		size_t mid = (low + high + 1) / 2;
		if (repeats(t, mid, level, in, first))
			low = mid;
		else
			high = mid - 1;
	}
	*out = plg_ratio((double)low, (double)t.n);
	return true;
}

static double periodicity(tokens t)
{
	double best = 0;
	for (size_t p = 1; p <= t.n / 3 && p <= MAX_PERIOD; p++) {
		size_t same = 0;
		for (size_t i = 0; i + p < t.n; i++)
			same += t.id[i] == t.id[i + p];
		double share = (double)same / (double)(t.n - p);
		best = share > best ? share : best;
	}
	return best;
}

static bool may_run(uint32_t c)
{
	return plg_is_space(c) || plg_is_digit(c) || c == '-' || c == '=' || c == '_' || c == '*' ||
		   c == '#';
}

static double longest_run(plg_text t)
{
	size_t best = 0, run = 0;
	for (size_t i = 0; i < t.n; i++) {
		run = i > 0 && t.cp[i] == t.cp[i - 1] ? run + 1 : 1;
		if (run > best && !may_run(t.cp[i]))
			best = run;
	}
	return (double)best;
}

static bool entropy(plg_arena *a, tokens t, double *out)
{
	uint32_t *count = plg_arena_take(a, t.kinds, sizeof *count);
	double bits = 0, most = t.n < 1000 ? (double)t.n : 1000;
	if (count == NULL)
		return false;
	for (size_t i = 0; i < t.n; i++)
		count[t.id[i]]++;
	for (size_t k = 0; k < t.kinds; k++) {
		double share = (double)count[k] / (double)t.n;
		if (count[k] > 0)
			bits -= share * plg_log2(share);
	}
	*out = t.n > 1 ? bits / plg_log2(most) : 1;
	return true;
}

bool txt_repeat_measure(plg_arena *a, plg_text t, txt_repeat *out)
{
	txt_repeat r = {0};
	tokens tok = {NULL, 0, 0};
	assay_bytes utf8 = plg_utf8_encode(a, t);
	if (utf8.ptr == NULL || !tokenise(a, t, &tok) || !distinct3(a, tok, &r.distinct3) ||
		!longest_repeat(a, tok, &r.longest_repeat) || !entropy(a, tok, &r.entropy))
		return false;
	r.tokens = tok.n;
	r.periodicity = periodicity(tok);
	r.run = longest_run(t);
	if (utf8.len >= MIN_BYTES)
		r.compression = plg_compression_ratio(utf8);
	*out = r;
	return true;
}

static double above(double x, double bound, double ref)
{
	if (ref > bound)
		bound = ref * 1.1;
	return x <= bound ? 1 : plg_clamp(1 - 2 * (x - bound) / bound, 0.2, 1);
}

static double below(double x, double bound, double ref)
{
	if (ref < bound)
		bound = ref / 1.1;
	return x >= bound ? 1 : plg_clamp(1 - 2 * (bound - x) / bound, 0.2, 1);
}

double txt_repeat_factor(const txt_repeat *h, const txt_repeat *ref)
{
	static const txt_repeat plain = {.distinct3 = 1, .entropy = 1};
	double f = above(h->run, 32, ref == NULL ? 0 : ref->run);
	if (ref == NULL)
		ref = &plain;
	f *= above(h->compression, 2.4, ref->compression);
	if (h->tokens >= MIN_TOKENS) {
		f *= above(h->longest_repeat, 0.35, ref->longest_repeat);
		f *= above(h->periodicity, 0.6, ref->periodicity);
	}
	if (h->tokens >= MIN_TRIGRAM_WORDS)
		f *= below(h->distinct3, 0.35, ref->distinct3);
	if (h->tokens >= MIN_ENTROPY_WORDS)
		f *= below(h->entropy, 0.55, ref->entropy);
	return f;
}
