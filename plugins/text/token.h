/* token: one reading of a text for everything that judges meaning. Typographic forms are
 * folded (curly quotes, dashes before digits, full-width and compatibility characters),
 * words are lower-cased, contractions opened ("isn't" is "is" + "not"), and scripts that
 * put no spaces between words give one token for each letter. */
#ifndef TXT_TOKEN_H
#define TXT_TOKEN_H
#include "common/text.h"

typedef enum {
	TXT_T_WORD,
	TXT_T_NUMBER, /* digits with their separators: 1,234.5 */
	TXT_T_MARK    /* one character of punctuation or a symbol */
} txt_token_kind;

typedef struct {
	const char *s; /* folded, lower-cased UTF-8, NUL-terminated */
	plg_text raw;  /* as folded, case kept */
	txt_token_kind kind;
	bool capital;  /* starts with an upper-case letter */
	bool first;    /* first word of a sentence */
	bool unspaced; /* a letter of a script without spaces */
	bool tight;    /* nothing stands between it and the token before */
	bool line;     /* a line ends before it */
} txt_token;

typedef struct {
	txt_token *at;
	size_t n;
} txt_tokens;

/* Folds typography: NFKC, quotes to ' and ", dashes to -, minus signs to -, invisible
 * characters removed. Keeps case and accents. cp NULL when out of memory. */
plg_text txt_fold(plg_arena *a, plg_text t);
/* At most max tokens are read. False when out of memory. */
bool txt_tokenise(plg_arena *a, plg_text t, size_t max, txt_tokens *out);
/* Lower-cased without accents, for names. */
const char *txt_bare(plg_arena *a, plg_text t);

/* Appends s to the string in dst, cut to what cap bytes hold. */
void txt_append(char *dst, size_t cap, const char *s);

#endif
