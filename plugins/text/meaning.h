/* meaning: is what the answer says what the reference says? Short references are judged by
 * their kind, longer ones by content and facts. */
#ifndef TXT_MEANING_H
#define TXT_MEANING_H
#include "text/facts.h"
#include "text/typed.h"

typedef struct {
	txt_typed_ref typed;
	bool is_short;
} txt_meaning_ref;

/* Tokens read of a text; more than the word limit of an answer lets through. */
enum { TXT_MEANING_TOKENS = 9000 };

/* type: a txt_type or -1 (by form); question: helps to tell the language of a short reference. */
bool txt_meaning_prepare(plg_arena *a, txt_lexicon *l, plg_text ref, size_t short_max, int type,
						 double tolerance, const txt_tokens *question, txt_meaning_ref *out);

typedef struct {
	double meaning; /* in [0, 1]; content times the facts, or the verdict by kind */
	double content;
	bool typed; /* judged by kind; facts are then not measured */
	txt_facts facts;
} txt_meaning;

/* similarity: an encoder's opinion in [0, 1], negative when there is none. */
bool txt_meaning_judge(plg_arena *a, txt_lexicon *l, const txt_meaning_ref *ref, plg_text answer,
					   const txt_reading *prompt, double similarity, txt_meaning *out);

#endif
