/* Every word that references and prompt hold is put into one table first; what the answer adds to
 * it is its own. */
#include "text/choice.h"
#include <stdint.h>
#include "text/squad.h"

/* A word is one piece; in scripts without spaces, where it may be a whole clause, each pair of
 * letters is. Returns the length of the pieces that were not met before. */
static size_t meet(plg_intern *in, plg_text word)
{
	size_t fresh = 0, step = 1;
	for (size_t i = 0; i < word.n; i += step) {
		bool pair = plg_is_unspaced(word.cp[i]);
		size_t end = i + 1;
		if (pair)
			end += i + 1 < word.n;
		else
			while (end < word.n && !plg_is_unspaced(word.cp[end]))
				end++;
		size_t known = plg_intern_count(in);
		step = pair ? 1 : end - i;
		if (plg_intern_word(in, plg_text_sub(word, i, end)) >= known)
			fresh += step;
	}
	return fresh;
}

static size_t meet_all(plg_intern *in, txt_words x)
{
	size_t fresh = 0;
	for (size_t i = 0; i < x.n; i++)
		fresh += meet(in, x.word[i]);
	return fresh;
}

static size_t letters(txt_words x)
{
	size_t n = 0;
	for (size_t i = 0; i < x.n; i++)
		n += x.word[i].n;
	return n;
}

size_t txt_choice(plg_arena *a, const txt_key *key, plg_text answer)
{
	txt_words x;
	x.word = txt_squad_words(a, answer, &x.n);
	if (x.word == NULL)
		return SIZE_MAX;
	size_t pieces = letters(x) + letters(key->prompt);
	for (size_t r = 0; r < key->n; r++)
		pieces += letters(key->squad[r]);
	plg_intern *in = plg_intern_new(a, pieces);
	if (in == NULL)
		return SIZE_MAX;
	for (size_t r = 0; r < key->n; r++)
		(void)meet_all(in, key->squad[r]);
	(void)meet_all(in, key->prompt);
	return meet_all(in, x) + (key->is_long ? key->shortest : 0);
}
