/* MyThes files: th_XX.dat holds entries ("word|number of meanings", then one line for each
 * meaning: "(part of speech)|synonym|synonym"), in the encoding that its first line
 * names. The words are indexed once, when their language is first met. */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uniconv.h>
#include <unistr.h>
#include "text/lexicon_impl.h"

enum { MAX_ENTRIES = 1 << 19, MAX_FORMS = 6, WORDS = 512 };

typedef struct {
	const char *word; /* lower-cased UTF-8 */
	size_t at;        /* byte of the entry's first meaning */
	size_t meanings;
} entry;

struct txt_thesaurus {
	txt_map dat;
	bool latin1, tried, indexed;
	entry *entry;
	size_t n;
	char *pool;
	size_t pool_n, pool_cap;
};

/* Lower-cased UTF-8 of len bytes of the file; n is its length. Freed by the caller. */
static char *lowered(const txt_thesaurus *t, const char *s, size_t len, size_t *n)
{
	if (t->latin1) {
		uint8_t *wide = malloc(2 * len + 1);
		size_t k = 0;
		if (wide == NULL)
			return NULL;
		for (size_t i = 0; i < len; i++) {
			uint8_t c = (uint8_t)s[i];
			if (c < 0x80) {
				wide[k++] = c;
			} else {
				wide[k++] = (uint8_t)(0xc0 | c >> 6);
				wide[k++] = (uint8_t)(0x80 | (c & 0x3f));
			}
		}
		char *low = (char *)u8_tolower(wide, k, NULL, NULL, NULL, n);
		free(wide);
		return low;
	}
	if (u8_check((const uint8_t *)s, len) != NULL)
		return NULL;
	return (char *)u8_tolower((const uint8_t *)s, len, NULL, NULL, NULL, n);
}

static int by_word(const void *a, const void *b)
{
	const entry *x = a, *y = b;
	int order = strcmp(x->word, y->word);
	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* Single words only: what is compared is one token. */
static void add_entry(txt_thesaurus *t, const char *line, const char *bar, size_t at,
					  size_t meanings)
{
	size_t len = (size_t)(bar - line), n = 0;
	if (len == 0 || len > 40 || memchr(line, ' ', len) != NULL || t->n == MAX_ENTRIES)
		return;
	char *low = lowered(t, line, len, &n);
	if (low != NULL && n > 0 && t->pool_n + n + 1 <= t->pool_cap) {
		char *w = t->pool + t->pool_n;
		memcpy(w, low, n);
		w[n] = '\0';
		t->pool_n += n + 1;
		t->entry[t->n++] = (entry){w, at, meanings};
	}
	free(low);
}

static bool index_entries(txt_thesaurus *t)
{
	const char *p = t->dat.at, *end = p + t->dat.len;
	t->pool_cap = t->dat.len;
	t->entry = malloc(MAX_ENTRIES * sizeof *t->entry);
	t->pool = malloc(t->pool_cap + 1);
	if (t->entry == NULL || t->pool == NULL)
		return false;
	const char *line_end = memchr(p, '\n', t->dat.len);
	if (line_end == NULL)
		return false;
	t->latin1 = memmem(p, (size_t)(line_end - p), "8859-1", 6) != NULL;
	for (p = line_end + 1; p < end;) {
		line_end = memchr(p, '\n', (size_t)(end - p));
		const char *stop = line_end == NULL ? end : line_end;
		const char *bar = memchr(p, '|', (size_t)(stop - p));
		size_t meanings = bar == NULL ? 0 : (size_t)strtoul(bar + 1, NULL, 10);
		if (bar != NULL)
			add_entry(t, p, bar, (size_t)(stop - t->dat.at) + 1, meanings);
		p = stop + 1;
		for (size_t i = 0; i < meanings && p < end; i++) {
			line_end = memchr(p, '\n', (size_t)(end - p));
			p = line_end == NULL ? end : line_end + 1;
		}
	}
	qsort(t->entry, t->n, sizeof *t->entry, by_word);
	return true;
}

txt_thesaurus *txt_thesaurus_open(const char *dir, const char *name)
{
	char file[64];
	size_t n = strlen(name);
	txt_thesaurus *t = calloc(1, sizeof *t);
	if (t == NULL || n + 5 > sizeof file) {
		free(t);
		return NULL;
	}
	memcpy(file, name, n);
	memcpy(file + n, ".dat", 5);
	t->dat = txt_map_file(dir, file);
	if (t->dat.at == NULL) {
		txt_thesaurus_close(t);
		return NULL;
	}
	return t;
}

bool txt_thesaurus_index(txt_thesaurus *t)
{
	if (!t->tried)
		t->indexed = index_entries(t);
	t->tried = true;
	return t->indexed;
}

void txt_thesaurus_close(txt_thesaurus *t)
{
	if (t == NULL)
		return;
	txt_unmap(&t->dat);
	free(t->entry);
	free(t->pool);
	free(t);
}

static void add_word(txt_thesaurus *t, plg_arena *a, const char *s, size_t len, txt_senses *out)
{
	size_t n = 0;
	const char *note = memmem(s, len, " (", 2);
	if (note != NULL) /* "geschwind (veraltend)" */
		len = (size_t)(note - s);
	if (len == 0 || len > 40 || s[0] == '(' || out->word_n == WORDS)
		return;
	char *low = lowered(t, s, len, &n);
	char *w = low == NULL ? NULL : plg_arena_take(a, n + 1, 1);
	if (w != NULL) {
		memcpy(w, low, n);
		out->word[out->word_n++] = w;
	}
	free(low);
}

static void add_meanings(txt_thesaurus *t, plg_arena *a, const entry *e, txt_senses *out)
{
	const char *p = t->dat.at + e->at, *end = t->dat.at + t->dat.len;
	for (size_t i = 0; i < e->meanings && p < end; i++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		const char *bar = memchr(p, '|', (size_t)(stop - p)); /* behind the part of speech */
		while (bar != NULL && bar < stop) {
			const char *s = bar + 1, *next = memchr(s, '|', (size_t)(stop - s));
			const char *w_end = next == NULL ? stop : next;
			add_word(t, a, s, (size_t)(w_end - s), out);
			bar = next;
		}
		p = stop + 1;
	}
}

static size_t lower_bound(const txt_thesaurus *t, const char *word)
{
	size_t low = 0, high = t->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(t->entry[mid].word, word) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool txt_thesaurus_look(txt_thesaurus *t, plg_arena *a, const char *word, txt_senses *out)
{
	size_t at = lower_bound(t, word), forms = 0;
	out->word = plg_arena_take(a, WORDS, sizeof *out->word);
	out->text = word;
	if (out->word == NULL)
		return false;
	for (; at < t->n && strcmp(t->entry[at].word, word) == 0; at++, forms++)
		add_meanings(t, a, &t->entry[at], out);
	/* No entry of its own: those that share its start ("rapides", "scattered"). */
	char start[64];
	size_t n = strlen(word);
	for (size_t cut = 1; forms == 0 && cut <= 4 && n >= cut + 4 && n < sizeof start; cut++) {
		memcpy(start, word, n - cut);
		start[n - cut] = '\0';
		for (size_t i = lower_bound(t, start); i < t->n && forms < MAX_FORMS; i++) {
			if (strncmp(t->entry[i].word, start, n - cut) != 0)
				break;
			if (txt_inflected(t->entry[i].word, word)) {
				add_meanings(t, a, &t->entry[i], out);
				forms++;
			}
		}
	}
	out->known = forms > 0;
	return true;
}
