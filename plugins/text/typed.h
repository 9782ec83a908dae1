/* typed: short answers that are right or wrong by their kind: a number with its unit, a
 * date, yes or no, a letter of a choice, a name, a set, a string in which case and
 * punctuation count. A sentence around the answer does no harm; a second answer does. */
#ifndef TXT_TYPED_H
#define TXT_TYPED_H
#include "text/reading.h"

typedef enum {
	TXT_TYPE_TEXT, /* none of the others */
	TXT_TYPE_NUMBER,
	TXT_TYPE_DATE,
	TXT_TYPE_YES_NO,
	TXT_TYPE_CHOICE,
	TXT_TYPE_NAME,
	TXT_TYPE_SET,
	TXT_TYPE_CODE,
	TXT_TYPE_N
} txt_type;
extern const char *const txt_type_name[TXT_TYPE_N];

typedef struct {
	txt_type type;
	plg_text text; /* the reference as it came */
	txt_reading gold;
	double tolerance; /* relative, for numbers; 0: as written */
} txt_typed_ref;

/* The kind of a reference, from its own form. */
txt_type txt_type_guess(plg_arena *a, plg_text ref, const txt_reading *gold);
/* 1 right, 0 wrong, between for a set that is partly right. False: out of memory. */
bool txt_typed_judge(plg_arena *a, txt_lexicon *l, const txt_typed_ref *ref, plg_text answer,
					 txt_reading *x, const txt_reading *prompt, double *out);

/* typed_list.c: is the answer a list of guesses, three or more bare words or names? */
bool txt_is_list(const txt_reading *x, const txt_reading *prompt);
bool txt_has_rival(const txt_reading *x); /* "or" */
/* Is there a hedge, or another answer or a "no" beside the tokens [from, to)? */
bool txt_is_withdrawn(const txt_reading *x, size_t from, size_t to);
/* typed_choice.c */
double txt_choice_judge(plg_arena *a, const txt_reading *gold, plg_text answer,
						const txt_reading *x, const txt_reading *prompt);
/* The gold is the number of an option that the prompt lists: "(1) red (2) green". False: it
 * lists none. */
bool txt_numbered_choice(const txt_reading *gold, const txt_reading *x, const txt_reading *prompt,
						 double *out);
/* The tokens of option letter in the prompt; false when it lists no such option. */
bool txt_choice_option(const txt_reading *prompt, char letter, size_t *from, size_t *to);
char txt_choice_letter(const txt_reading *x);
/* typed_name.c */
bool txt_name_judge(plg_arena *a, txt_lexicon *l, const txt_typed_ref *ref, txt_reading *x,
					const txt_reading *prompt, double *out);

#endif
