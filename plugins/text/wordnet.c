/* WordNet's files as they are distributed: index.* sorted by lemma, data.* addressed by
 * byte offset, *.exc with irregular forms. Read by bisection, nothing is loaded. A line
 * that does not look as the format says is skipped. */
#include <stdlib.h>
#include <string.h>
#include "text/lexicon_impl.h"

enum { WORD_MAX = 64, PART_SHIFT = 40 };

static size_t line_start(const txt_map *m, size_t at)
{
	while (at > 0 && m->at[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const txt_map *m, size_t at)
{
	const char *p = at < m->len ? memchr(m->at + at, '\n', m->len - at) : NULL;
	return p == NULL ? m->len : (size_t)(p - m->at);
}

/* Order of the line's first field against word. The licence lines start with a space,
 * which sorts before every letter. */
static int compare(const txt_map *m, size_t line, const char *word)
{
	size_t i = 0;
	while (line + i < m->len && m->at[line + i] != ' ' && m->at[line + i] != '\n' &&
		   word[i] != '\0' && m->at[line + i] == word[i])
		i++;
	char c = line + i < m->len ? m->at[line + i] : ' ';
	int left = c == ' ' || c == '\n' ? 0 : (unsigned char)c;
	return left - (unsigned char)word[i];
}

/* The rest of word's line behind its first field; NULL when there is none. */
static const char *look(const txt_map *m, const char *word, size_t *len)
{
	size_t low = 0, high = m->len;
	while (low < high) {
		size_t line = line_start(m, low + (high - low) / 2), end = line_end(m, line);
		int order = compare(m, line, word);
		if (order == 0) {
			size_t skip = strlen(word) + 1;
			if (line + skip >= end)
				return NULL;
			*len = end - line - skip;
			return m->at + line + skip;
		}
		if (order < 0)
			low = end + 1;
		else
			high = line;
	}
	return NULL;
}

/* The next field of a line, up to limit; false at its end. */
static bool field(const char **p, const char *end, char *dst, size_t cap)
{
	size_t n = 0;
	while (*p < end && **p == ' ')
		(*p)++;
	while (*p < end && **p != ' ') {
		if (n + 1 < cap)
			dst[n++] = **p;
		(*p)++;
	}
	dst[n] = '\0';
	return n > 0;
}

static int part_of(char c)
{
	static const char parts[] = "nvar";
	const char *p = c == 's' ? parts + 2 : c == '\0' ? NULL : strchr(parts, c);
	return p == NULL ? -1 : (int)(p - parts);
}

static uint64_t key(int part, unsigned long offset)
{
	return (uint64_t)(part + 1) << PART_SHIFT | offset;
}

/* Adds the links of one sense; hops: how many "similar" steps may still be taken. */
static void read_links(const txt_wordnet *w, uint64_t sense, int hops, txt_senses *out)
{
	const txt_map *m = &w->data[(sense >> PART_SHIFT) - 1];
	size_t offset = (size_t)(sense & (((uint64_t)1 << PART_SHIFT) - 1));
	char f[WORD_MAX];
	if (offset >= m->len)
		return;
	const char *p = m->at + offset, *end = m->at + line_end(m, offset);
	for (int i = 0; i < 3; i++) /* offset, file, type */
		if (!field(&p, end, f, sizeof f))
			return;
	if (!field(&p, end, f, sizeof f))
		return;
	unsigned long words = strtoul(f, NULL, 16);
	for (unsigned long i = 0; i < 2 * words; i++)
		if (!field(&p, end, f, sizeof f))
			return;
	if (!field(&p, end, f, sizeof f))
		return;
	for (unsigned long n = strtoul(f, NULL, 10); n > 0; n--) {
		char symbol[WORD_MAX], to[WORD_MAX], part[WORD_MAX], which[WORD_MAX];
		if (!field(&p, end, symbol, sizeof symbol) || !field(&p, end, to, sizeof to) ||
			!field(&p, end, part, sizeof part) || !field(&p, end, which, sizeof which))
			return;
		int k = part_of(part[0]);
		if (k < 0)
			continue;
		uint64_t other = key(k, strtoul(to, NULL, 10));
		if (symbol[0] == '@' && symbol[1] != 'i')
			out->common = true;
		if (symbol[0] == '@')
			txt_set_add(&out->wider, other);
		else if (symbol[0] == '!')
			txt_set_add(&out->against, other);
		else if (symbol[0] == '&' || symbol[0] == '+' || symbol[0] == '\\' || symbol[0] == '=' ||
				 symbol[0] == '$' || symbol[0] == '>')
			txt_set_add(&out->near, other);
		if (symbol[0] == '&' && hops > 0)
			read_links(w, other, hops - 1, out);
	}
}

/* Ancestors of the first senses, so that "element" is a wider word for "radium". */
static void climb(const txt_wordnet *w, txt_senses *out)
{
	size_t from = 0;
	for (int level = 0; level < 2; level++) {
		size_t to = out->wider.n;
		for (size_t i = from; i < to && out->wider.n < TXT_MAX_LINKS / 2; i++) {
			txt_senses up = {.self_n = 0};
			read_links(w, out->wider.v[i], 0, &up);
			for (size_t k = 0; k < up.wider.n; k++)
				txt_set_add(&out->wider, up.wider.v[k]);
		}
		from = to;
	}
}

static void add_lemma(const txt_wordnet *w, int part, const char *lemma, txt_senses *out)
{
	size_t len;
	char f[WORD_MAX];
	if (w->index[part].at == NULL || w->data[part].at == NULL)
		return;
	const char *p = look(&w->index[part], lemma, &len);
	if (p == NULL)
		return;
	const char *end = p + len;
	if (!field(&p, end, f, sizeof f) || !field(&p, end, f, sizeof f))
		return;
	unsigned long count = strtoul(f, NULL, 10);
	if (!field(&p, end, f, sizeof f))
		return;
	for (unsigned long skip = strtoul(f, NULL, 10) + 2; skip > 0; skip--)
		if (!field(&p, end, f, sizeof f))
			return;
	out->known = true;
	for (; count > 0 && out->self_n < TXT_MAX_SENSES; count--) {
		if (!field(&p, end, f, sizeof f))
			return;
		uint64_t sense = key(part, strtoul(f, NULL, 10));
		out->common |= part > 0;
		out->self[out->self_n++] = sense;
		read_links(w, sense, 0, out);
	}
}

/* The regular endings of English; the stem counts only where the index has it. */
static void add_regular(const txt_wordnet *w, int part, const char *word, txt_senses *out)
{
	static const char *const rules[4][9][2] = {
		{{"s", ""},
		 {"ses", "s"},
		 {"xes", "x"},
		 {"zes", "z"},
		 {"ches", "ch"},
		 {"shes", "sh"},
		 {"men", "man"},
		 {"ies", "y"}},
		{{"s", ""},
		 {"ies", "y"},
		 {"es", "e"},
		 {"es", ""},
		 {"ed", "e"},
		 {"ed", ""},
		 {"ing", "e"},
		 {"ing", ""}},
		{{"er", ""}, {"est", ""}, {"er", "e"}, {"est", "e"}, {"ier", "y"}, {"iest", "y"}},
		{{"ly", "ly"}},
	};
	size_t n = strlen(word);
	char stem[WORD_MAX];
	for (size_t i = 0; i < 9 && rules[part][i][0] != NULL; i++) {
		size_t cut = strlen(rules[part][i][0]), add = strlen(rules[part][i][1]);
		if (n <= cut || n - cut + add >= sizeof stem ||
			strcmp(word + n - cut, rules[part][i][0]) != 0)
			continue;
		memcpy(stem, word, n - cut);
		memcpy(stem + n - cut, rules[part][i][1], add + 1);
		size_t s = n - cut;
		if (strcmp(stem, word) != 0)
			add_lemma(w, part, stem, out);
		if (add == 0 && s > 2 && stem[s - 1] == stem[s - 2]) { /* stopped, running, bigger */
			stem[s - 1] = '\0';
			add_lemma(w, part, stem, out);
		}
	}
}

void txt_wordnet_look(const txt_wordnet *w, const char *word, txt_senses *out)
{
	if (strlen(word) >= WORD_MAX)
		return;
	for (int part = 0; part < 4; part++) {
		size_t len;
		char f[WORD_MAX];
		add_lemma(w, part, word, out);
		const char *p = w->exc[part].at == NULL ? NULL : look(&w->exc[part], word, &len);
		if (p != NULL)
			for (const char *end = p + len; field(&p, end, f, sizeof f);)
				add_lemma(w, part, f, out);
		else
			add_regular(w, part, word, out);
	}
	out->parents = out->wider.n;
	climb(w, out);
}
