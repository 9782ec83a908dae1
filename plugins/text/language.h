/* language: the small words of a language that decide what a sentence says: function
 * words, negation, hedges, opposites, number words, months, connectors. Tables only; a
 * language that is not here is read with the English tables switched off. */
#ifndef TXT_LANGUAGE_H
#define TXT_LANGUAGE_H
#include <stdbool.h>
#include "text/token.h"

typedef enum {
	TXT_EN,
	TXT_DE,
	TXT_FR,
	TXT_ES,
	TXT_IT,
	TXT_PT,
	TXT_RU,
	TXT_NL,
	TXT_ZH,
	TXT_JA,
	TXT_LANG_N,
	TXT_OTHER = TXT_LANG_N
} txt_lang;

/* Lists are words between single spaces, with a space at both ends. */
typedef struct {
	const char *code;             /* "en" */
	const char *thesaurus;        /* file name of the thesaurus, NULL when none */
	const char *stop;             /* carry no fact */
	const char *negation;         /* one each turns the polarity */
	const char *hedge;            /* phrases, separated by '|' */
	const char *refusal;          /* phrases, separated by '|' */
	const char *opposite;         /* groups "a b|c d" separated by ';' */
	const char *same;             /* groups of interchangeable words, separated by ';' */
	const char *agent;            /* "by" of the passive */
	const char *auxiliary;        /* be/was ... of the passive */
	const char *before, *after;   /* A before B / A after B       */
	const char *causes, *because; /* A causes B / A because of B  */
	const char *than;
	const char *yes, *no;
	const char *months; /* twelve entries separated by ';', each "full short ..." */
	const char *number; /* "word=value" separated by spaces; value 1e3 multiplies */
	const char *ordinal;
	const char *clause; /* words that open a clause: and, while, which ... */
	bool noun_capitals; /* every noun is capitalised */
} txt_language;

const txt_language *txt_language_of(txt_lang lang); /* NULL for TXT_OTHER */
/* By script, then by function words. */
/* more (may be NULL) is a second text in the same language. */
txt_lang txt_language_guess(const txt_tokens *t, const txt_tokens *more);
bool txt_listed(const char *list, const char *word);
/* The places of a word in a table of groups: group * 16 + side + 1, 0 behind the last. */
enum { TXT_PLACES = 4 };
typedef struct {
	int at[TXT_PLACES];
} txt_places;
void txt_word_places(const txt_language *l, const char *word, txt_places *opposite,
					 txt_places *same);
bool txt_has_opposite(const txt_language *l, const char *word);
/* One group, two sides. */
bool txt_places_oppose(const txt_places *x, const txt_places *y);
/* One group; with sides, one side of it. */
bool txt_places_agree(const txt_places *x, const txt_places *y, bool sides);
/* True when the tokens hold one of the phrases; *at is the token where it starts. */
bool txt_phrase(const txt_tokens *t, size_t from, size_t to, const char *phrases, size_t *at);

#endif
