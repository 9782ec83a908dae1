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

static bool is_filler(plg_text w)
{
	static const char *const fillers[] = {"hmm", "mm", "mhm", "mmm", "uh", "um"};
	while (w.n > 0 && plg_is_punct(w.cp[w.n - 1]))
		w.n--;
	for (size_t k = 0; k < sizeof fillers / sizeof fillers[0]; k++) {
		size_t i = 0;
		while (i < w.n && fillers[k][i] != '\0' && w.cp[i] == (uint8_t)fillers[k][i])
			i++;
		if (i == w.n && fillers[k][i] == '\0')
			return true;
	}
	return false;
}

double stt_filler_share(plg_arena *a, plg_text t)
{
	size_t n = 0, fillers = 0;
	plg_text *words = plg_split(a, plg_lower(a, t), &n);
	if (words == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		fillers += is_filler(words[i]);
	return n > 0 ? (double)fillers / (double)n : 0;
}

plg_text stt_unhide(plg_arena *a, plg_text t)
{
	plg_text visible = stt_without_brackets(a, t);
	if (plg_arena_failed(a))
		return (plg_text){NULL, 0};
	if (5 * (t.n - visible.n) <= t.n)
		return t;
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		bool bracket = c == '<' || c == '>' || c == '[' || c == ']' || c == '(' || c == ')';
		plg_build_add(&b, bracket ? ' ' : c);
	}
	return plg_build_end(&b);
}
