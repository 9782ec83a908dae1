/* spelling: a table of British to American spellings, data that an operator gives by
 * path ({"colour": "color", ...}). Not shipped; everything works without it. */
#ifndef STT_SPELLING_H
#define STT_SPELLING_H
#include "common/json.h"
#include "common/text.h"

typedef struct stt_spelling stt_spelling;

/* Reads the file at path. NULL on failure; *why then is a constant sentence. */
stt_spelling *stt_spelling_load(const char *path, const char **why);
void stt_spelling_free(stt_spelling *s);
/* The spelling to use for a word: the table's, else the word itself. */
plg_text stt_spelling_of(const stt_spelling *s, plg_text word);

#endif
