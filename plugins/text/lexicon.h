/* lexicon: what installed word lists say about two words. English from WordNet (Debian's
 * wordnet-base), other languages from LibreOffice thesauri (Debian's mythes-*). Files are
 * mapped read-only where they lie; a language without its file is unavailable, which
 * txt_lexicon_has tells and the plugin reports. Not thread-safe. */
#ifndef TXT_LEXICON_H
#define TXT_LEXICON_H
#include "common/arena.h"
#include "text/language.h"

typedef struct txt_lexicon txt_lexicon;

/* Never fails on missing files; NULL only when out of memory. */
txt_lexicon *txt_lexicon_open(const char *wordnet_dir, const char *thesaurus_dir);
void txt_lexicon_close(txt_lexicon *l);
bool txt_lexicon_has(txt_lexicon *l, txt_lang lang);

/* Between two challenges: what was remembered goes when it has become much. */
void txt_lexicon_tidy(txt_lexicon *l);

/* What is known about one word, looked up once. Lives in the arena given, or until the next
 * txt_lexicon_tidy. */
typedef struct txt_senses txt_senses;
/* NULL when out of memory; an unknown word gives an empty record. */
const txt_senses *txt_lexicon_look(txt_lexicon *l, plg_arena *a, txt_lang lang, const char *word);
bool txt_senses_known(const txt_senses *s);
/* Known, and not only as a name. */
bool txt_senses_common(const txt_senses *s);

typedef enum {
	TXT_REL_NONE,
	TXT_REL_SYNONYM,
	TXT_REL_RELATED, /* derived word, similar adjective */
	TXT_REL_WIDER,   /* one is a kind of the other */
	TXT_REL_SIBLING, /* both are kinds of one thing */
	TXT_REL_OPPOSITE
} txt_relation;
txt_relation txt_senses_relate(const txt_senses *x, const txt_senses *y);

/* Forms of one word by their ending alone: a common start of four letters or more and
 * little behind it. */
bool txt_inflected(const char *x, const char *y);

#endif
