/* reading: a text as the judge of meaning sees it: its language, its quantities, and its
 * content words (what is left without the small words), each with what the lexicon knows. */
#ifndef TXT_READING_H
#define TXT_READING_H
#include "text/lexicon.h"
#include "text/quantity.h"

typedef struct {
	const char *s, *stem; /* lower-cased; without its ending */
	const char *bare;     /* without accents */
	size_t token;
	bool name;     /* a proper name, as far as its writing tells */
	bool negated;  /* a negation stands right before it */
	bool unspaced; /* a letter of a script without spaces */
	size_t sentence;
	txt_places opposite, same; /* in the tables of its language */
	int quantity;              /* index + 1 when the item is a quantity, not a word */
	const txt_senses *senses;  /* looked up when first needed */
} txt_item;

typedef struct {
	txt_tokens t;
	txt_lang lang;
	txt_quantities q;
	txt_item *item; /* content words and quantities in their order */
	size_t n, words, names;
	size_t negations;
	bool denied; /* a sentence calls it untrue (dress.c) */
} txt_reading;

/* Reads at most max_tokens tokens. lang TXT_GUESS: guess it, also from the tokens of a text that
 * belongs to it (may be NULL). False: out of memory. */
#define TXT_GUESS ((txt_lang)(TXT_LANG_N + 1))
bool txt_read(plg_arena *a, plg_text text, size_t max_tokens, txt_lang lang, const txt_tokens *with,
			  txt_reading *out);
/* The same of tokens that are there already. */
bool txt_read_tokens(plg_arena *a, const txt_tokens *t, txt_lang lang, txt_reading *out);
const txt_senses *txt_item_senses(txt_lexicon *l, plg_arena *a, txt_lang lang, txt_item *i);

/* How one item answers another, best first. */
typedef enum {
	TXT_M_NONE,
	TXT_M_WIDER,
	TXT_M_RELATED,
	TXT_M_SYNONYM,
	TXT_M_FORM, /* an inflection */
	TXT_M_EXACT
} txt_match_kind;

typedef struct {
	txt_reading *ref, *ans;
	int *of_ref, *of_ans; /* index of the partner, -1 when there is none */
	txt_match_kind *how;  /* for each item of ref */
	bool lexicon;         /* synonyms could be looked up */
	uint8_t *relation;    /* [ref->n][ans->n]: txt_relation + 1 once known; NULL for long texts */
} txt_alignment;
/* The relation of item i of ref and item k of ans, worked out once. */
txt_relation txt_relation_of(plg_arena *a, txt_lexicon *l, const txt_alignment *m, size_t i,
							 size_t k);

bool txt_align(plg_arena *a, txt_lexicon *l, txt_reading *ref, txt_reading *ans,
			   txt_alignment *out);
/* align.c: the relation of two items that do not match. */
txt_relation txt_item_relation(plg_arena *a, txt_lexicon *l, txt_lang lang, txt_item *x,
							   txt_item *y);

#endif
