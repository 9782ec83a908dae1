/* Marks that cannot be true (backwards, overlapping, outside the clip, faster than anyone
 * speaks) make their whole list worthless: half a list of good times is easy to pick. */
#include "stt/timing.h"
#include "common/build.h"
#include "common/num.h"
#include "stt/align.h"
#include <math.h>
#include <stdlib.h>

static const double slack_s = 0.5, overlap_s = 0.05, words_a_second = 8, window_s = 5;

/* ---- reading ---- */

static plg_text folded(plg_arena *a, const stt_language *l, plg_text t)
{
	t = stt_language_fold(a, l, true, plg_normalize(a, PLG_NFKC, t));
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		bool kept = plg_is_word(t.cp[i]) || plg_is_mark(t.cp[i]);
		if (kept)
			plg_build_add(&b, t.cp[i]);
		else if (plg_is_space(t.cp[i]) && b.n > 0 && b.cp[b.n - 1] != ' ')
			plg_build_add(&b, ' ');
	}
	return plg_strip(plg_build_end(&b));
}

static bool read_mark(plg_arena *a, const plg_json *v, const char *key, const stt_language *l,
					  stt_mark *out)
{
	assay_bytes s;
	plg_text t;
	if (!plg_json_str(plg_json_get(v, key), &s) ||
		!plg_json_num(plg_json_get(v, "start"), &out->start) ||
		!plg_json_num(plg_json_get(v, "end"), &out->end) ||
		plg_utf8_decode(a, s, STT_WORDS_MAX, &t) != PLG_OK)
		return false;
	out->text = folded(a, l, t);
	return true;
}

static size_t words_in(plg_text t)
{
	size_t n = t.n > 0;
	for (size_t i = 0; i < t.n; i++)
		n += t.cp[i] == ' ';
	return n;
}

/* In order, inside the clip. */
static bool in_order(const stt_mark *m, size_t n, double duration)
{
	double end = duration > 0 ? duration + slack_s : 1e6;
	for (size_t i = 0; i < n; i++)
		if (!(m[i].start >= 0 && m[i].start < m[i].end && m[i].end <= end) ||
			(i > 0 && (m[i].start < m[i - 1].start || m[i].start < m[i - 1].end - overlap_s)))
			return false;
	return true;
}

/* Could anyone have said it in that time? Words by windows, a segment by itself. */
static bool can_be_said(const stt_mark *m, size_t n, bool segments)
{
	size_t first = 0, words = 0;
	for (size_t i = 0; i < n; i++) {
		double limit = words_a_second * (segments ? m[i].end - m[i].start : window_s);
		if (segments) {
			words = words_in(m[i].text);
			limit += 4; /* a short phrase may be fast */
		} else {
			words++;
			while (m[i].start - m[first].start >= window_s) {
				first++;
				words--;
			}
		}
		if ((double)words > limit)
			return false;
	}
	return true;
}

/* *bad: the list is there and worthless. False when out of memory. */
static bool read_marks(plg_arena *a, const plg_json *list, const char *key, size_t max,
					   const stt_language *l, double duration, stt_mark **out, size_t *out_n,
					   bool *bad)
{
	size_t n = plg_json_type(list) == PLG_J_ARRAY ? plg_json_size(list) : 0;
	*bad = list != NULL && (n == 0 || n > max);
	if (list == NULL || *bad)
		return true;
	stt_mark *m = plg_arena_take(a, n, sizeof *m);
	if (m == NULL)
		return false;
	for (size_t i = 0; i < n && !*bad; i++)
		*bad = !read_mark(a, plg_json_at(list, i), key, l, &m[i]);
	*bad = *bad || !in_order(m, n, duration) || !can_be_said(m, n, key[0] == 't');
	*out = m;
	*out_n = *bad ? 0 : n;
	return !plg_arena_failed(a);
}

bool stt_times_read(plg_arena *a, const plg_json *doc, const stt_language *l, double duration,
					stt_times *out)
{
	return read_marks(a, plg_json_get(doc, "words"), "word", STT_WORDS_MAX, l, duration, &out->word,
					  &out->word_n, &out->word_bad) &&
		   read_marks(a, plg_json_get(doc, "segments"), "text", STT_SEGMENTS_MAX, l, duration,
					  &out->segment, &out->segment_n, &out->segment_bad);
}

/* ---- words ---- */

static uint32_t *numbers(plg_arena *a, plg_intern *in, const stt_mark *m, size_t n)
{
	uint32_t *id = plg_arena_take(a, n, sizeof *id);
	for (size_t i = 0; id != NULL && i < n; i++)
		id[i] = plg_intern_word(in, m[i].text);
	return id;
}

static double closeness(const stt_mark *x, const stt_mark *y)
{
	double start = fabs(x->start - y->start), end = fabs(x->end - y->end);
	return plg_clamp(1 - ((start > end ? start : end) - 0.1) / 0.9, 0, 1);
}

static double word_timing(plg_arena *a, const stt_times *ref, const stt_times *hyp)
{
	size_t rn = ref->word_n, hn = hyp->word_n, ops_n = 0, i = 0, j = 0;
	plg_intern *in = plg_intern_new(a, rn + hn);
	uint32_t *r = in == NULL ? NULL : numbers(a, in, ref->word, rn);
	uint32_t *h = in == NULL ? NULL : numbers(a, in, hyp->word, hn);
	uint8_t *ops = plg_arena_take(a, rn + hn, 1);
	stt_counts n;
	double sum = 0;
	if (r == NULL || h == NULL || ops == NULL || !stt_align(a, r, rn, h, hn, &n, ops, &ops_n))
		return -1;
	for (size_t k = 0; k < ops_n; k++) {
		if (ops[k] == STT_EQUAL)
			sum += closeness(&ref->word[i], &hyp->word[j]);
		i += ops[k] != STT_INSERT;
		j += ops[k] != STT_DELETE;
	}
	return sum / (double)rn;
}

/* ---- segments ---- */

typedef struct {
	uint32_t *id; /* sorted */
	size_t n;
} bag;

static int by_number(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return (a > b) - (a < b);
}

static bag *bags(plg_arena *a, plg_intern *in, const stt_mark *m, size_t n)
{
	bag *b = plg_arena_take(a, n, sizeof *b);
	for (size_t i = 0; b != NULL && i < n; i++) {
		plg_text *words = plg_split(a, m[i].text, &b[i].n);
		b[i].id = words == NULL ? NULL : plg_intern_words(a, in, words, b[i].n);
		if (b[i].id == NULL)
			return NULL;
		qsort(b[i].id, b[i].n, sizeof *b[i].id, by_number);
	}
	return b;
}

static uint32_t shared_words(const bag *x, const bag *y)
{
	uint32_t same = 0;
	for (size_t i = 0, j = 0; i < x->n && j < y->n;) {
		if (x->id[i] == y->id[j]) {
			same++;
			i++;
			j++;
		} else if (x->id[i] < y->id[j]) {
			i++;
		} else {
			j++;
		}
	}
	return same;
}

static double shared_time(const stt_mark *x, const stt_mark *y)
{
	double from = x->start > y->start ? x->start : y->start;
	double to = x->end < y->end ? x->end : y->end;
	double first = x->start < y->start ? x->start : y->start;
	double last = x->end > y->end ? x->end : y->end;
	return to > from ? (to - from) / (last - first) : 0;
}

/* What matching two segments is worth: words first, and of equal ones the shared time. */
static double gain(const stt_mark *x, const stt_mark *y, const bag *r, const bag *h)
{
	uint32_t words = shared_words(r, h);
	return words == 0 ? 0 : words + 0.5 * shared_time(x, y);
}

/* Matched in order so that the most is gained. best has (rn + 1) * (hn + 1). */
static double matched(const stt_times *ref, const stt_times *hyp, const bag *r, const bag *h,
					  double *best)
{
	const stt_mark *x = ref->segment, *y = hyp->segment;
	size_t rn = ref->segment_n, hn = hyp->segment_n, row = hn + 1;
	double sum = 0, whole = 0;
	for (size_t i = 0; i < rn; i++)
		for (size_t j = 0; j < hn; j++) {
			double both = best[i * row + j] + gain(&x[i], &y[j], &r[i], &h[j]);
			both = fmax(both, fmax(best[i * row + j + 1], best[(i + 1) * row + j]));
			best[(i + 1) * row + j + 1] = both;
		}
	for (size_t i = 0; i < rn; i++)
		whole += x[i].end - x[i].start;
	for (size_t i = rn, j = hn; i > 0 && j > 0;) {
		double here = best[i * row + j];
		if (!(here > best[(i - 1) * row + j])) {
			i--;
		} else if (!(here > best[i * row + j - 1])) {
			j--;
		} else {
			i--;
			j--;
			sum += shared_time(&x[i], &y[j]) * (x[i].end - x[i].start);
		}
	}
	return sum / whole;
}

static double segment_timing(plg_arena *a, const stt_times *ref, const stt_times *hyp)
{
	size_t cells = (ref->segment_n + 1) * (hyp->segment_n + 1), words = 0;
	for (size_t i = 0; i < ref->segment_n; i++)
		words += words_in(ref->segment[i].text);
	for (size_t i = 0; i < hyp->segment_n; i++)
		words += words_in(hyp->segment[i].text);
	plg_intern *in = plg_intern_new(a, words);
	bag *r = in == NULL ? NULL : bags(a, in, ref->segment, ref->segment_n);
	bag *h = in == NULL ? NULL : bags(a, in, hyp->segment, hyp->segment_n);
	double *best = plg_arena_take(a, cells, sizeof *best);
	if (r == NULL || h == NULL || best == NULL)
		return -1;
	return matched(ref, hyp, r, h, best);
}

double stt_timing(plg_arena *a, const stt_times *ref, const stt_times *hyp)
{
	if (ref->word_n > 0 && (ref->segment_n == 0 || hyp->word_n > 0 || hyp->word_bad))
		return hyp->word_n > 0 ? word_timing(a, ref, hyp) : 0;
	if (ref->segment_n == 0)
		return NAN;
	return hyp->segment_n > 0 ? segment_timing(a, ref, hyp) : 0;
}
