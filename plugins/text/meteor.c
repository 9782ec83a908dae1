/* In each stage the unmatched words of the hypothesis are taken from the last to the first
 * and paired with the last equal word of the reference that is still free. */
#include "text/meteor.h"
#include <string.h>
#include "text/porter.h"

static plg_text lowered(plg_arena *a, plg_text w, bool stem)
{
	plg_text t = plg_lower(a, w);
	if (!stem || t.cp == NULL)
		return t;
	assay_bytes utf8 = plg_utf8_encode(a, t);
	if (utf8.ptr == NULL)
		return (plg_text){NULL, 0};
	char *s = plg_arena_take(a, utf8.len + 1, 1);
	if (s == NULL)
		return (plg_text){NULL, 0};
	memcpy(s, utf8.ptr, utf8.len);
	plg_text out = {NULL, 0};
	(void)plg_utf8_decode(a, (assay_bytes){(const uint8_t *)s, txt_porter(s, (size_t)utf8.len)},
						  (size_t)utf8.len, &out);
	return out.cp == NULL ? t : out; /* a rule that cut a letter of several bytes */
}

static plg_text *forms(plg_arena *a, txt_words w, bool stem)
{
	plg_text *out = plg_arena_take(a, w.n + 1, sizeof *out);
	for (size_t i = 0; out != NULL && i < w.n; i++)
		out[i] = lowered(a, w.word[i], stem);
	return out;
}

static void match(const plg_text *x, size_t xn, const plg_text *y, size_t yn, size_t *to,
				  bool *used)
{
	for (size_t i = xn; i-- > 0;) {
		if (to[i] != SIZE_MAX)
			continue;
		for (size_t k = yn; k-- > 0;)
			if (!used[k] && plg_text_eq(x[i], y[k])) {
				to[i] = k;
				used[k] = true;
				break;
			}
	}
}

static double one(plg_arena *a, txt_words hyp, txt_words ref)
{
	size_t *to = plg_arena_take(a, hyp.n + 1, sizeof *to), m = 0, chunks = 0, last = SIZE_MAX,
		   last_i = SIZE_MAX;
	bool *used = plg_arena_take(a, ref.n + 1, sizeof *used);
	if (to == NULL || used == NULL)
		return -1;
	for (size_t i = 0; i < hyp.n; i++)
		to[i] = SIZE_MAX;
	for (int stem = 0; stem < 2; stem++) {
		plg_text *x = forms(a, hyp, stem != 0), *y = forms(a, ref, stem != 0);
		if (plg_arena_failed(a))
			return -1;
		match(x, hyp.n, y, ref.n, to, used);
	}
	for (size_t i = 0; i < hyp.n; i++) {
		if (to[i] == SIZE_MAX)
			continue;
		chunks += m == 0 || to[i] != last + 1 || i != last_i + 1;
		m++;
		last = to[i];
		last_i = i;
	}
	if (m == 0)
		return 0;
	double p = (double)m / (double)hyp.n, r = (double)m / (double)ref.n;
	double f = p * r / (0.9 * p + 0.1 * r), share = (double)chunks / (double)m;
	return f * (1 - 0.5 * share * share * share);
}

double txt_meteor(plg_arena *a, txt_words hyp, const txt_words *refs, size_t refs_n)
{
	double best = 0;
	for (size_t r = 0; r < refs_n; r++) {
		double s = one(a, hyp, refs[r]);
		if (s < 0)
			return -1;
		best = s > best ? s : best;
	}
	return best;
}
