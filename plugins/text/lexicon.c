/* Which list answers for which language, and how two records relate. */
#include "text/lexicon.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "text/lexicon_impl.h"

enum { MAX_FILE = 256 << 20, REMEMBERED = 8192, MEMORY = 64 << 20 };

/* A word that was looked up before. */
typedef struct {
	const txt_senses *senses; /* NULL: a free place */
	const char *word;
	txt_lang lang;
} remembered;

struct txt_lexicon {
	txt_wordnet wordnet;
	txt_thesaurus *thesaurus[TXT_LANG_N];
	plg_arena *memory; /* of the words below */
	remembered *word;  /* [REMEMBERED], open addressing */
	size_t words;
};

txt_map txt_map_file(const char *dir, const char *name)
{
	char path[1024];
	struct stat st;
	txt_map m = {NULL, 0};
	if (dir[0] == '\0' || snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return m;
	int fd = open(path, O_RDONLY | O_CLOEXEC); /* edge: word lists where the system keeps them */
	if (fd < 0)
		return m;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= MAX_FILE) {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED)
			m = (txt_map){p, (size_t)st.st_size};
	}
	(void)close(fd);
	return m;
}

void txt_unmap(txt_map *m)
{
	if (m->at != NULL)
		(void)munmap((void *)(uintptr_t)m->at, m->len);
	*m = (txt_map){NULL, 0};
}

static void map_wordnet(txt_lexicon *l, const char *dir)
{
	static const char *const part[4] = {"noun", "verb", "adj", "adv"};
	char name[32];
	for (int i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof name, "index.%s", part[i]);
		l->wordnet.index[i] = txt_map_file(dir, name);
		(void)snprintf(name, sizeof name, "data.%s", part[i]);
		l->wordnet.data[i] = txt_map_file(dir, name);
		(void)snprintf(name, sizeof name, "%s.exc", part[i]);
		l->wordnet.exc[i] = txt_map_file(dir, name);
	}
}

/* Indexed when its language is first met, mapped now: a plugin opens no file once it scores. */
static void map_thesauri(txt_lexicon *l, const char *dir)
{
	for (int i = 0; i < TXT_LANG_N; i++) {
		const txt_language *t = txt_language_of((txt_lang)i);
		if (t != NULL && t->thesaurus != NULL)
			l->thesaurus[i] = txt_thesaurus_open(dir, t->thesaurus);
	}
}

txt_lexicon *txt_lexicon_open(const char *wordnet_dir, const char *thesaurus_dir)
{
	txt_lexicon *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->memory = plg_arena_new(MEMORY);
	l->word = calloc(REMEMBERED, sizeof *l->word);
	if (l->memory == NULL || l->word == NULL) {
		txt_lexicon_close(l);
		return NULL;
	}
	map_wordnet(l, wordnet_dir);
	map_thesauri(l, thesaurus_dir);
	return l;
}

void txt_lexicon_close(txt_lexicon *l)
{
	if (l == NULL)
		return;
	for (int i = 0; i < 4; i++) {
		txt_unmap(&l->wordnet.index[i]);
		txt_unmap(&l->wordnet.data[i]);
		txt_unmap(&l->wordnet.exc[i]);
	}
	for (int i = 0; i < TXT_LANG_N; i++)
		txt_thesaurus_close(l->thesaurus[i]);
	plg_arena_free(l->memory);
	free(l->word);
	free(l);
}

static txt_thesaurus *thesaurus_of(txt_lexicon *l, txt_lang lang)
{
	txt_thesaurus *t = l->thesaurus[lang];
	return t != NULL && txt_thesaurus_index(t) ? t : NULL;
}

bool txt_lexicon_has(txt_lexicon *l, txt_lang lang)
{
	if (l == NULL || lang >= TXT_LANG_N)
		return false;
	if (lang != TXT_EN)
		return thesaurus_of(l, lang) != NULL;
	return l->wordnet.index[0].at != NULL && l->wordnet.data[0].at != NULL;
}

static size_t place_of(const txt_lexicon *l, txt_lang lang, const char *word)
{
	uint64_t h = 0xcbf29ce484222325u + lang;
	for (const char *p = word; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3u;
	size_t at = (size_t)(h ^ h >> 29) % REMEMBERED;
	while (l->word[at].senses != NULL &&
		   (l->word[at].lang != lang || strcmp(l->word[at].word, word) != 0))
		at = (at + 1) % REMEMBERED;
	return at;
}

void txt_lexicon_tidy(txt_lexicon *l)
{
	if (l->words < REMEMBERED / 4 && !plg_arena_failed(l->memory))
		return;
	plg_arena_reset(l->memory);
	memset(l->word, 0, REMEMBERED * sizeof *l->word);
	l->words = 0;
}

static const txt_senses *look(txt_lexicon *l, plg_arena *a, txt_lang lang, const char *word)
{
	txt_senses *s = plg_arena_take(a, 1, sizeof *s);
	if (s == NULL)
		return NULL;
	if (lang == TXT_EN)
		txt_wordnet_look(&l->wordnet, word, s);
	else if (!txt_thesaurus_look(thesaurus_of(l, lang), a, word, s))
		return NULL;
	return s;
}

const txt_senses *txt_lexicon_look(txt_lexicon *l, plg_arena *a, txt_lang lang, const char *word)
{
	size_t n = strlen(word);
	if (!txt_lexicon_has(l, lang))
		return plg_arena_take(a, 1, sizeof(txt_senses));
	size_t at = place_of(l, lang, word);
	if (l->word[at].senses != NULL)
		return l->word[at].senses;
	if (l->words >= REMEMBERED / 2 || n > 64 || plg_arena_failed(l->memory))
		return look(l, a, lang, word);
	char *kept = plg_arena_take(l->memory, n + 1, 1);
	if (kept == NULL)
		return look(l, a, lang, word);
	memcpy(kept, word, n + 1);
	const txt_senses *s = look(l, l->memory, lang, kept);
	if (s == NULL)
		return look(l, a, lang, word);
	l->word[at] = (remembered){s, kept, lang};
	l->words++;
	return s;
}

bool txt_senses_known(const txt_senses *s)
{
	return s != NULL && s->known;
}

bool txt_senses_common(const txt_senses *s)
{
	return s != NULL && s->known && (s->common || s->text != NULL);
}

static bool meets(const uint64_t *x, size_t xn, const uint64_t *y, size_t yn)
{
	for (size_t i = 0; i < xn; i++)
		for (size_t k = 0; k < yn; k++)
			if (x[i] == y[k])
				return true;
	return false;
}

static bool lists(const txt_senses *x, const char *word)
{
	for (size_t i = 0; i < x->word_n; i++)
		if (strcmp(x->word[i], word) == 0 || txt_inflected(x->word[i], word))
			return true;
	return false;
}

txt_relation txt_senses_relate(const txt_senses *x, const txt_senses *y)
{
	if (x == NULL || y == NULL || !x->known || !y->known)
		return x != NULL && y != NULL && x->text != NULL && y->text != NULL &&
					   (lists(x, y->text) || lists(y, x->text))
				   ? TXT_REL_SYNONYM
				   : TXT_REL_NONE;
	if (x->text != NULL && y->text != NULL)
		return lists(x, y->text) || lists(y, x->text) ? TXT_REL_SYNONYM : TXT_REL_NONE;
	if (meets(x->against.v, x->against.n, y->self, y->self_n) ||
		meets(y->against.v, y->against.n, x->self, x->self_n))
		return TXT_REL_OPPOSITE;
	if (meets(x->self, x->self_n, y->self, y->self_n))
		return TXT_REL_SYNONYM;
	if (meets(x->near.v, x->near.n, y->against.v, y->against.n) ||
		meets(y->near.v, y->near.n, x->against.v, x->against.n))
		return TXT_REL_OPPOSITE; /* huge, small: by way of large */
	if (meets(x->near.v, x->near.n, y->self, y->self_n) ||
		meets(y->near.v, y->near.n, x->self, x->self_n))
		return TXT_REL_RELATED;
	if (meets(x->wider.v, x->wider.n, y->self, y->self_n) ||
		meets(y->wider.v, y->wider.n, x->self, x->self_n))
		return TXT_REL_WIDER;
	if (meets(x->wider.v, x->parents, y->wider.v, y->parents))
		return TXT_REL_SIBLING;
	return TXT_REL_NONE;
}

static size_t letters(const char *s)
{
	size_t n = 0;
	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

bool txt_inflected(const char *x, const char *y)
{
	size_t same = 0, k = 0;
	while (x[same] != '\0' && x[same] == y[same])
		same++;
	while (same > 0 && ((unsigned char)x[same] & 0xc0) == 0x80)
		same--; /* not within a letter */
	for (size_t i = 0; i < same; i++)
		k += ((unsigned char)x[i] & 0xc0) != 0x80;
	size_t rest_x = letters(x + same), rest_y = letters(y + same);
	size_t allowed = k >= 6 ? 3 : 2;
	if (k == 5 && (rest_x < 3 || rest_y < 3))
		allowed = 3; /* escrita, escribió */
	return k >= 4 && rest_x <= allowed && rest_y <= allowed;
}
