/* Linear in the text. */
#include "stt/hallucinate.h"
#include "common/build.h"
#include "stt/normalise.h"
#include <string.h>

size_t stt_stutter(const uint32_t *words, size_t n)
{
	enum { LONGEST = 8 };
	size_t most = 0;
	for (size_t len = 1; len <= LONGEST && len < n; len++) {
		size_t same = 0; /* words equal to the one len places before, in a row */
		for (size_t i = len; i < n; i++) {
			same = words[i] == words[i - len] ? same + 1 : 0;
			if (same / len > most)
				most = same / len;
		}
	}
	return most;
}

/* The word without outer punctuation, and every run of a letter as one: "Ummm," is um. */
static size_t squeezed(plg_text w, char *out, size_t cap)
{
	size_t n = 0;
	while (w.n > 0 && plg_is_punct(w.cp[w.n - 1]))
		w.n--;
	while (w.n > 0 && plg_is_punct(w.cp[0]))
		w = plg_text_sub(w, 1, w.n);
	for (size_t i = 0; i < w.n; i++) {
		if (i > 0 && w.cp[i] == w.cp[i - 1])
			continue;
		if (n + 1 == cap || !((w.cp[i] >= 'a' && w.cp[i] <= 'z') || w.cp[i] == '-'))
			return 0;
		out[n++] = (char)w.cp[i];
	}
	out[n] = '\0';
	return w.n > 1 ? n : 0; /* "m" alone is a letter */
}

bool stt_is_hesitation(plg_text w)
{
	static const char *const sounds[] = {"um",   "uh",  "uhm", "hm",    "m",    "mhm",
										 "m-hm", "erm", "er",  "um-hm", "uh-hm"};
	char s[8];
	if (squeezed(w, s, sizeof s) == 0)
		return false;
	for (size_t k = 0; k < sizeof sounds / sizeof sounds[0]; k++)
		if (strcmp(s, sounds[k]) == 0)
			return true;
	return false;
}

double stt_filler_share(plg_arena *a, plg_text t)
{
	size_t n = 0, fillers = 0;
	plg_text *words = plg_split(a, plg_lower(a, t), &n);
	if (words == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		fillers += stt_is_hesitation(words[i]);
	return n > 0 ? (double)fillers / (double)n : 0;
}

double stt_hidden_share(plg_arena *a, plg_text t)
{
	plg_text visible = stt_without_brackets(a, t);
	return t.n == 0 ? 0 : (double)(t.n - visible.n) / (double)t.n;
}

plg_text stt_unhide(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		bool bracket = c == '<' || c == '>' || c == '[' || c == ']' || c == '(' || c == ')';
		plg_build_add(&b, bracket ? ' ' : c);
	}
	return plg_build_end(&b);
}
