/* 5-grams are numbered by pairs: references first, then the prompt, so that the
 * number of a 5-gram alone tells where it was met. */
#include "text/copy.h"

enum { GRAM = 5 };

typedef struct {
	plg_intern *word, *gram[GRAM - 1];
} table;

/* The number of the 5-gram at w. */
static uint32_t number(const table *t, const plg_text *w)
{
	uint32_t id = plg_intern_word(t->word, w[0]);
	for (size_t k = 1; k < GRAM; k++)
		id = plg_intern_pair(t->gram[k - 1], id, plg_intern_word(t->word, w[k]));
	return id;
}

static void add(const table *t, txt_words w)
{
	for (size_t i = 0; i + GRAM <= w.n; i++)
		(void)number(t, w.word + i);
}

double txt_copy_share(plg_arena *a, txt_words answer, txt_words prompt, const txt_words *refs,
					  size_t refs_n)
{
	size_t total = answer.n + prompt.n, copied = 0;
	table t;
	if (answer.n < GRAM || prompt.n < GRAM)
		return 0;
	for (size_t r = 0; r < refs_n; r++)
		total += refs[r].n;
	t.word = plg_intern_new(a, total);
	for (size_t k = 0; k < GRAM - 1; k++)
		t.gram[k] = plg_intern_new(a, total);
	if (plg_arena_failed(a))
		return -1;
	const plg_intern *last = t.gram[GRAM - 2];
	for (size_t r = 0; r < refs_n; r++)
		add(&t, refs[r]);
	size_t from_refs = plg_intern_count(last);
	add(&t, prompt);
	size_t known = plg_intern_count(last);
	for (size_t i = 0; i + GRAM <= answer.n; i++) {
		uint32_t id = number(&t, answer.word + i);
		copied += id >= from_refs && id < known;
	}
	return (double)copied / (double)(answer.n - GRAM + 1);
}
