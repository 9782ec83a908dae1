/* facts: what a wrong answer gets wrong, one component each: 1 when nothing speaks against
 * the answer, near 0 for a contradiction, between for something that is missing. */
#ifndef TXT_FACTS_H
#define TXT_FACTS_H
#include "text/reading.h"

typedef struct {
	double quantity; /* numbers, units, dates */
	double name;
	double polarity; /* negation and opposites */
	double order;    /* who did what to whom, before and after, cause and effect */
	double change;   /* near-copies: what was replaced */
	double hedge;
	double strictness;        /* how near the part is that is near */
	size_t length;            /* content words in the pieces that share one */
	double closeness;         /* share of words that both texts have, not a factor */
	double relevance;         /* how much of the reference's content the answer has */
	double recall, precision; /* of content words, related ones included */
	bool replaced;            /* a word of the reference stands for another in its place */
	bool lexicon;             /* false: no word list for this language */
} txt_facts;

/* prompt (may be NULL): what the question already says needs no reference. */
bool txt_facts_judge(plg_arena *a, txt_lexicon *l, txt_reading *ref, txt_reading *ans,
					 const txt_reading *prompt, txt_facts *out);
/* order.c: are roles turned round? */
bool txt_order_reversed(const txt_alignment *m);
/* order.c: 1, falling for words in an order that no sentence has. */
double txt_order_kept(const txt_alignment *m);
/* The product of the factors without relevance. */
double txt_facts_gate(const txt_facts *f);

#endif
