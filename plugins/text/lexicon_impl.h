/* What lexicon.c, wordnet.c and thesaurus.c share. */
#ifndef TXT_LEXICON_IMPL_H
#define TXT_LEXICON_IMPL_H
#include "text/lexicon.h"

typedef struct {
	const char *at; /* NULL when the file is not there */
	size_t len;
} txt_map;

txt_map txt_map_file(const char *dir, const char *name);
void txt_unmap(txt_map *m);

enum { TXT_MAX_SENSES = 40, TXT_MAX_LINKS = 96 };

/* Sense numbers of WordNet, or hashes of the words of a thesaurus entry. */
typedef struct {
	uint64_t v[TXT_MAX_LINKS];
	size_t n;
} txt_set;

struct txt_senses {
	bool known;
	bool common; /* has a sense that is no proper name */
	uint64_t self[TXT_MAX_SENSES];
	size_t self_n;
	size_t parents;               /* of wider, the direct ones */
	txt_set near, wider, against; /* of all senses together */
	/* thesaurus only: the words of the entries, for comparing inflected forms */
	const char **word;
	size_t word_n;
	const char *text;
};

static inline void txt_set_add(txt_set *s, uint64_t v)
{
	if (s->n < TXT_MAX_LINKS)
		s->v[s->n++] = v;
}

/* wordnet.c */
typedef struct {
	txt_map index[4], data[4], exc[4]; /* noun, verb, adjective, adverb */
} txt_wordnet;
void txt_wordnet_look(const txt_wordnet *w, const char *word, txt_senses *out);

/* thesaurus.c */
typedef struct txt_thesaurus txt_thesaurus;
txt_thesaurus *txt_thesaurus_open(const char *dir, const char *name);
/* At the first call, the words are found; false: it has none that can be used. */
bool txt_thesaurus_index(txt_thesaurus *t);
void txt_thesaurus_close(txt_thesaurus *t);
bool txt_thesaurus_look(txt_thesaurus *t, plg_arena *a, const char *word, txt_senses *out);

#endif
