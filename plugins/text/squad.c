/* The order of the normalisation steps is part of the definition: punctuation goes
 * first, so "twenty-one" is one word and "the-end" keeps its "the". */
#include "text/squad.h"
#include "common/num.h"

static plg_text without_punctuation(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_ascii_punct(t.cp[i]))
			cp[n++] = t.cp[i];
	return (plg_text){cp, n};
}

/* Length of the article at the start of the word characters [at, end), when those
 * are nothing else. */
static bool is_article(plg_text t, size_t at, size_t end)
{
	const uint32_t *c = t.cp + at;
	switch (end - at) {
	case 1:
		return c[0] == 'a';
	case 2:
		return c[0] == 'a' && c[1] == 'n';
	case 3:
		return c[0] == 't' && c[1] == 'h' && c[2] == 'e';
	}
	return false;
}

/* A combining mark is no word character, so an article may stand next to one. */
static plg_text without_articles(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	size_t n = 0, at = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	while (at < t.n) {
		size_t end = at;
		while (end < t.n && plg_is_word(t.cp[end]))
			end++;
		if (is_article(t, at, end)) {
			cp[n++] = ' ';
			at = end;
		}
		while (at < end)
			cp[n++] = t.cp[at++];
		if (at < t.n)
			cp[n++] = t.cp[at++]; /* the non-word character that ended the run */
	}
	return (plg_text){cp, n};
}

plg_text *txt_squad_words(plg_arena *a, plg_text t, size_t *n)
{
	t = plg_lower(a, t);
	t = without_punctuation(a, t);
	t = without_articles(a, t);
	return t.cp == NULL ? NULL : plg_split(a, t, n);
}

bool txt_squad_equal(const plg_text *x, size_t xn, const plg_text *y, size_t yn)
{
	if (xn != yn)
		return false;
	for (size_t i = 0; i < xn; i++)
		if (!plg_text_eq(x[i], y[i]))
			return false;
	return true;
}

double txt_squad_f1(plg_arena *a, const uint32_t *x, size_t xn, const uint32_t *y, size_t yn,
					size_t count)
{
	uint32_t *left = plg_arena_take(a, count, sizeof *left);
	size_t same = 0;
	if (left == NULL)
		return -1;
	if (xn == 0 || yn == 0)
		return xn == yn ? 1 : 0;
	for (size_t i = 0; i < yn; i++)
		left[y[i]]++;
	for (size_t i = 0; i < xn; i++)
		if (left[x[i]] > 0) {
			left[x[i]]--;
			same++;
		}
	return plg_f1((double)same / (double)xn, (double)same / (double)yn);
}
