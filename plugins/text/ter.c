/* mirrors: sacrebleu/metrics/lib_ter.py translation_edit_rate, _shift, BeamEditDistance. */
#include "text/ter.h"
#include <math.h>
#include <string.h>
#include "common/intern.h"
#include "text/segment.h"

enum { SHIFT_SIZE = 10, SHIFT_DISTANCE = 50, CANDIDATES = 1000, BEAM = 25 };

typedef enum { OP_NONE, OP_KEEP, OP_SUBSTITUTE, OP_INSERT, OP_DELETE } op;

typedef struct {
	const uint32_t *ref;
	size_t rn, hn;
	uint32_t *cost; /* [hn + 1][rn + 1] */
	uint8_t *how;
	/* of the last trace, seen from the reference */
	long *align; /* [rn] */
	bool *hyp_err, *ref_err;
} table;

enum { FAR = 1 << 30 };

static bool begin(plg_arena *a, const uint32_t *ref, size_t rn, size_t hn, table *t)
{
	*t = (table){.ref = ref, .rn = rn, .hn = hn};
	t->cost = plg_arena_take(a, (hn + 1) * (rn + 1), sizeof *t->cost);
	t->how = plg_arena_take(a, (hn + 1) * (rn + 1), 1);
	t->align = plg_arena_take(a, rn + 1, sizeof *t->align);
	t->hyp_err = plg_arena_take(a, hn + 1, sizeof *t->hyp_err);
	t->ref_err = plg_arena_take(a, rn + 1, sizeof *t->ref_err);
	return !plg_arena_failed(a);
}

static void better(table *t, size_t at, uint32_t cost, op how)
{
	if (t->cost[at] > cost) {
		t->cost[at] = cost;
		t->how[at] = (uint8_t)how;
	}
}

static uint32_t edits(table *t, const uint32_t *hyp)
{
	size_t w = t->rn + 1;
	double ratio = t->hn > 0 ? (double)t->rn / (double)t->hn : 1;
	size_t beam = ratio > BEAM / 2.0 ? (size_t)ceil(ratio / 2 + BEAM) : BEAM;
	for (size_t i = 0; i < (t->hn + 1) * w; i++) {
		t->cost[i] = FAR;
		t->how[i] = OP_NONE;
	}
	for (size_t j = 0; j <= t->rn; j++) {
		t->cost[j] = (uint32_t)j;
		t->how[j] = OP_INSERT;
	}
	for (size_t i = 1; i <= t->hn; i++) {
		size_t diagonal = (size_t)floor((double)i * ratio);
		size_t from = diagonal > beam ? diagonal - beam : 0;
		size_t to = diagonal + beam < t->rn + 1 ? diagonal + beam : t->rn + 1;
		if (i == t->hn)
			to = t->rn + 1;
		for (size_t j = from; j < to; j++) {
			size_t at = i * w + j;
			if (j == 0) {
				t->cost[at] = t->cost[at - w] + 1;
				t->how[at] = OP_DELETE;
				continue;
			}
			bool same = hyp[i - 1] == t->ref[j - 1];
			better(t, at, t->cost[at - w - 1] + !same, same ? OP_KEEP : OP_SUBSTITUTE);
			better(t, at, t->cost[at - w] + 1, OP_DELETE);
			better(t, at, t->cost[at - 1] + 1, OP_INSERT);
		}
	}
	return t->cost[t->hn * w + t->rn];
}

/* Walks the trace backwards: what stands where, and what is wrong on either side. */
static void trace(table *t)
{
	size_t i = t->hn, j = t->rn, w = t->rn + 1;
	while (i > 0 || j > 0) {
		op how = (op)t->how[i * w + j];
		if (how == OP_KEEP || how == OP_SUBSTITUTE) {
			i--;
			j--;
			t->align[j] = (long)i;
			t->hyp_err[i] = t->ref_err[j] = how == OP_SUBSTITUTE;
		} else if (how == OP_INSERT || i == 0) {
			j--;
			t->align[j] = (long)i - 1;
			t->ref_err[j] = true;
		} else {
			i--;
			t->hyp_err[i] = true;
		}
	}
}

static void shift(const uint32_t *x, size_t n, size_t start, size_t len, size_t target,
				  uint32_t *out)
{
	size_t k = 0;
	if (target < start) {
		memcpy(out, x, target * sizeof *x);
		k = target;
		memcpy(out + k, x + start, len * sizeof *x);
		k += len;
		memcpy(out + k, x + target, (start - target) * sizeof *x);
		k += start - target;
		memcpy(out + k, x + start + len, (n - start - len) * sizeof *x);
	} else if (target > start + len) {
		memcpy(out, x, start * sizeof *x);
		k = start;
		memcpy(out + k, x + start + len, (target - start - len) * sizeof *x);
		k += target - start - len;
		memcpy(out + k, x + start, len * sizeof *x);
		k += len;
		memcpy(out + k, x + target, (n - target) * sizeof *x);
	} else {
		/* within the block: words[:start] + words[start+len : len+target] + block + the rest */
		size_t stop = len + target < n ? len + target : n;
		memcpy(out, x, start * sizeof *x);
		k = start;
		memcpy(out + k, x + start + len, (stop - start - len) * sizeof *x);
		k += stop - start - len;
		memcpy(out + k, x + start, len * sizeof *x);
		k += len;
		memcpy(out + k, x + stop, (n - stop) * sizeof *x);
	}
}

typedef struct {
	long gain, length, start, target; /* start and target negated: earlier is better */
	bool any;
} candidate;

static bool exceeds(const candidate *x, const candidate *y)
{
	if (!y->any || x->gain != y->gain)
		return !y->any || x->gain > y->gain;
	if (x->length != y->length)
		return x->length > y->length;
	if (x->start != y->start)
		return x->start > y->start;
	return x->target > y->target;
}

typedef struct {
	table *t;
	const uint32_t *hyp;
	uint32_t *work, *best_words;
	long before; /* edits before the shift */
	size_t checked;
	candidate best;
	long *align;
	bool *hyp_err, *ref_err;
} search;

static size_t sum(const bool *x, size_t from, size_t n)
{
	size_t s = 0;
	for (size_t i = from; i < from + n; i++)
		s += x[i];
	return s;
}

static void try_block(search *s, size_t h, size_t r, size_t len)
{
	long last = -1;
	if (sum(s->hyp_err, h, len) == 0 || sum(s->ref_err, r, len) == 0)
		return;
	if (s->align[r] >= (long)h && s->align[r] < (long)(h + len))
		return;
	for (long offset = -1; offset < (long)len; offset++) {
		long place = (long)r + offset, target;
		if (place == -1)
			target = 0;
		else if (place < (long)s->t->rn)
			target = s->align[place] + 1;
		else
			break;
		if (target == last)
			continue;
		last = target;
		shift(s->hyp, s->t->hn, h, len, (size_t)target, s->work);
		candidate c = {s->before - (long)edits(s->t, s->work), (long)len, -(long)h, -target, true};
		s->checked++;
		if (exceeds(&c, &s->best)) {
			s->best = c;
			memcpy(s->best_words, s->work, s->t->hn * sizeof *s->work);
		}
	}
}

static void try_all(search *s)
{
	for (size_t h = 0; h < s->t->hn; h++)
		for (size_t r = 0; r < s->t->rn; r++) {
			if ((h > r ? h - r : r - h) > SHIFT_DISTANCE)
				continue;
			for (size_t len = 0; len < SHIFT_SIZE && h + len < s->t->hn && r + len < s->t->rn &&
								 s->hyp[h + len] == s->t->ref[r + len];) {
				len++;
				try_block(s, h, r, len);
				if (s->checked >= CANDIDATES)
					return;
			}
		}
}

/* Edits and shifts from hyp to ref; SIZE_MAX when out of memory. */
static size_t edit_rate(plg_arena *a, uint32_t *hyp, size_t hn, const uint32_t *ref, size_t rn)
{
	table t;
	size_t shifts = 0, checked = 0;
	if (rn == 0)
		return hn;
	search s = {.t = &t,
				.work = plg_arena_take(a, hn + 1, sizeof *s.work),
				.best_words = plg_arena_take(a, hn + 1, sizeof *s.work)};
	if (!begin(a, ref, rn, hn, &t))
		return SIZE_MAX;
	for (;;) {
		s.hyp = hyp;
		s.before = (long)edits(&t, hyp);
		s.best = (candidate){.any = false};
		s.checked = checked;
		memset(t.hyp_err, 0, hn * sizeof *t.hyp_err);
		memset(t.ref_err, 0, rn * sizeof *t.ref_err);
		trace(&t);
		s.align = t.align;
		s.hyp_err = t.hyp_err;
		s.ref_err = t.ref_err;
		try_all(&s);
		checked = s.checked;
		if (checked >= CANDIDATES || !s.best.any || s.best.gain <= 0)
			break;
		shifts++;
		memcpy(hyp, s.best_words, hn * sizeof *hyp);
	}
	return shifts + edits(&t, hyp);
}

static plg_text possessives(plg_arena *a, plg_text t)
{
	plg_text s = txt_replace(a, t, "'s ", " 's ");
	if (s.n >= 2 && s.cp[s.n - 1] == 's' && s.cp[s.n - 2] == '\'') {
		plg_build b = plg_build_begin(a, s.n + 1);
		plg_build_text(&b, plg_text_sub(s, 0, s.n - 2));
		plg_build_ascii(&b, " 's");
		return plg_build_end(&b);
	}
	return s;
}

static plg_text without_punct(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++)
		if (t.cp[i] == 0 || t.cp[i] >= 0x80 || strchr(".,?:;!\"()", (int)t.cp[i]) == NULL)
			plg_build_add(&b, t.cp[i]);
	return plg_build_end(&b);
}

static plg_text prepare(plg_arena *a, plg_text t, const txt_ter_params *p)
{
	while (t.n > 0 && plg_is_space(t.cp[t.n - 1]))
		t.n--;
	if (!p->case_sensitive)
		t = plg_lower(a, t);
	if (p->normalized) {
		static const char *const entity[][2] = {{"\n-", ""},    {"\n", " "},   {"&quot;", "\""},
												{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};
		for (size_t i = 0; i < sizeof entity / sizeof entity[0]; i++)
			t = txt_replace(a, t, entity[i][0], entity[i][1]);
		plg_build b = plg_build_begin(a, t.n + 2);
		plg_build_add(&b, ' ');
		plg_build_text(&b, t);
		plg_build_add(&b, ' ');
		t = plg_build_end(&b);
		t = txt_segment_tercom(a, t, possessives);
	}
	return p->no_punct ? without_punct(a, t) : t;
}

double txt_ter(plg_arena *a, plg_text hyp, const plg_text *refs, size_t refs_n,
			   const txt_ter_params *p)
{
	size_t hn, best = SIZE_MAX;
	double lengths = 0;
	plg_text *h = plg_split(a, prepare(a, hyp, p), &hn);
	for (size_t r = 0; h != NULL && r < refs_n; r++) {
		size_t rn;
		plg_arena_point before = plg_arena_mark(a);
		plg_text *w = plg_split(a, prepare(a, refs[r], p), &rn);
		plg_intern *in = w == NULL ? NULL : plg_intern_new(a, hn + rn);
		uint32_t *x = in == NULL ? NULL : plg_intern_words(a, in, h, hn);
		uint32_t *y = x == NULL ? NULL : plg_intern_words(a, in, w, rn);
		size_t e = y == NULL ? SIZE_MAX : edit_rate(a, x, hn, y, rn);
		if (e == SIZE_MAX || plg_arena_failed(a))
			return -1;
		lengths += (double)rn;
		best = e < best ? e : best;
		plg_arena_rewind(a, before);
	}
	if (h == NULL)
		return -1;
	double mean = refs_n > 0 ? lengths / (double)refs_n : 0;
	if (mean > 0)
		return 100 * ((double)best / mean);
	return best > 0 && best != SIZE_MAX ? 100 : 0;
}
