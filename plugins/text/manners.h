/* manners: the words of polite openings, offers and sources. They say nothing about the
 * question; dress.c decides where they may be left out. */
#ifndef TXT_MANNERS_H
#define TXT_MANNERS_H
#include "text/language.h"

/* Lists as in language.h: words between single spaces, with a space at both ends. */
typedef struct {
	const char *polite; /* content words of openings and offers */
	const char *offer;  /* of these, the ones that may stand with a negation: "do not hesitate" */
	const char *untrue; /* words that deny what they stand with: "it is a lie that" */
	const char *source; /* open a source: "according to" */
	const char *that;   /* open what a frame is about: "the answer is that" */
	const char *rival;  /* open another answer: "or" */
} txt_manners;

const txt_manners *txt_manners_of(txt_lang lang); /* NULL for TXT_OTHER */

#endif
