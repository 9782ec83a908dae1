/* Line by line: what opens a line is removed first, then what stands inside it. Words are
 * never removed, except the address of a link. */
#include "text/layout.h"
#include <string.h>

typedef struct {
	const uint32_t *cp;
	size_t n, at;
	uint32_t *out;
	size_t out_n;
	uint32_t number; /* the number that the next numbered line must have */
	bool numbered;   /* "1." and "2." open lines */
} layout;

static bool in(uint32_t c, const char *set)
{
	return c != 0 && c < 0x80 && strchr(set, (int)c) != NULL;
}

static bool is_blank(uint32_t c)
{
	return plg_is_space(c) && c != '\n';
}

static size_t skip_blanks(const layout *l, size_t i)
{
	while (i < l->n && is_blank(l->cp[i]))
		i++;
	return i;
}

static size_t line_end(const layout *l, size_t i)
{
	while (i < l->n && l->cp[i] != '\n')
		i++;
	return i;
}

/* "---", "***", "===", and the "|---|---|" of a table: marks without a letter or digit. */
static bool is_rule(const layout *l, size_t from, size_t to)
{
	size_t marks = 0;
	for (size_t i = from; i < to; i++) {
		if (in(l->cp[i], "-*_=~|:+"))
			marks++;
		else if (!is_blank(l->cp[i]))
			return false;
	}
	return marks >= 3;
}

/* "3. " or "3) " at i: its value and the end; 0 when there is none. */
static uint32_t line_number(const layout *l, size_t i, size_t *end)
{
	uint32_t value = 0;
	size_t start = i;
	while (i < l->n && i < start + 2 && l->cp[i] >= '0' && l->cp[i] <= '9')
		value = value * 10 + (l->cp[i++] - '0');
	if (i == start || i + 1 >= l->n || !in(l->cp[i], ".)") || !is_blank(l->cp[i + 1]))
		return 0;
	*end = i + 2;
	return value;
}

/* One list needs a line that opens with 1 and a later one with 2. */
static bool has_numbered_lines(const layout *l)
{
	uint32_t next = 1;
	for (size_t i = 0; i < l->n && next <= 2; i = line_end(l, i) + 1) {
		size_t end;
		next += line_number(l, skip_blanks(l, i), &end) == next;
	}
	return next > 2;
}

static size_t past_opening(layout *l, size_t i)
{
	size_t end, k = skip_blanks(l, i);
	while (k < l->n && l->cp[k] == '>')
		k = skip_blanks(l, k + 1);
	size_t hash = k;
	while (hash < l->n && l->cp[hash] == '#')
		hash++;
	if (hash > k && hash <= k + 6 && hash < l->n && is_blank(l->cp[hash]))
		return skip_blanks(l, hash);
	if (k + 1 < l->n && (in(l->cp[k], "-*+") || l->cp[k] == 0x2022) && is_blank(l->cp[k + 1])) {
		size_t word = skip_blanks(l, k + 1);
		return word < l->n && plg_is_digit(l->cp[word]) ? k : word; /* "- 5" may be a number */
	}
	uint32_t number = l->numbered ? line_number(l, k, &end) : 0;
	if (number != 0 && number == l->number) {
		l->number++;
		return end;
	}
	return k;
}

/* "<b>", "</li>", "<br/>": the end of a tag of layout at i, 0 when there is none. */
static size_t tag_end(const layout *l, size_t i, size_t to)
{
	static const char names[] = " b i u p br hr em strong ul ol li h1 h2 h3 h4 h5 h6 code pre span "
								"div blockquote table tr td th s unk pad bos eos ";
	char name[16] = " ";
	size_t k = i + 1, n = 1;
	if (k < to && l->cp[k] == '/')
		k++;
	while (k < to && n < sizeof name - 2 && l->cp[k] < 0x80 &&
		   (plg_is_letter(l->cp[k]) || plg_is_digit(l->cp[k]))) {
		name[n++] = (char)(plg_is_letter(l->cp[k]) ? l->cp[k] | 32 : l->cp[k]);
		k++;
	}
	name[n++] = ' ';
	name[n] = '\0';
	if (n < 3 || strstr(names, name) == NULL)
		return 0;
	while (k < to && in(l->cp[k], " /"))
		k++;
	return k < to && l->cp[k] == '>' ? k + 1 : 0;
}

/* "](address)" at i: the end of the address, 0 when there is none. */
static size_t address_end(const layout *l, size_t i, size_t to)
{
	if (i + 1 >= to || l->cp[i] != ']' || l->cp[i + 1] != '(')
		return 0;
	for (size_t k = i + 2; k < to && !plg_is_space(l->cp[k]); k++)
		if (l->cp[k] == ')')
			return k + 1;
	return 0;
}

/* Emphasis stands at the edge of a word: "**so**", "`so`", "*so*", not "6 * 7" or "a*b". */
static size_t emphasis_end(const layout *l, size_t i, size_t from, size_t to)
{
	size_t k = i;
	while (k < to && l->cp[k] == l->cp[i])
		k++;
	bool before = i > from && plg_is_word(l->cp[i - 1]), after = k < to && plg_is_word(l->cp[k]);
	bool outside = i == from || plg_is_space(l->cp[i - 1]), end = k == to || plg_is_space(l->cp[k]);
	if (k - i > 3 || (outside && end))
		return 0;
	return !before || !after || k - i >= 2 ? k : 0;
}

/* "<|im_end|>", "[SEP]", "[/INST]": the end of a language model's own mark, 0 for none. */
static size_t model_mark_end(const layout *l, size_t i, size_t to)
{
	bool square = l->cp[i] == '[';
	size_t k = i + 1, letters = 0;
	if (square && k < to && l->cp[k] == '/')
		k++;
	if (!square && (k >= to || l->cp[k++] != '|'))
		return 0;
	for (; k < to && k < i + 32; k++, letters++) {
		bool capital = l->cp[k] >= 'A' && l->cp[k] <= 'Z';
		if (!(capital || l->cp[k] == '_' || (!square && l->cp[k] >= 'a' && l->cp[k] <= 'z')))
			break;
	}
	if (letters < 3 || k >= to)
		return 0;
	if (square)
		return l->cp[k] == ']' && (k + 1 == to || l->cp[k + 1] != '(') ? k + 1 : 0;
	return l->cp[k] == '|' && k + 1 < to && l->cp[k + 1] == '>' ? k + 2 : 0;
}

static void copy_line(layout *l, size_t i, size_t to)
{
	size_t from = i;
	if (is_rule(l, i, to))
		return;
	if (i + 2 < to && l->cp[i] == '`' && l->cp[i + 1] == '`' && l->cp[i + 2] == '`')
		return; /* a fence and the name of its language */
	while (i < to) {
		size_t end = in(l->cp[i], "<[") ? model_mark_end(l, i, to) : 0;
		if (end == 0)
			end = l->cp[i] == '<'       ? tag_end(l, i, to)
				  : l->cp[i] == ']'     ? address_end(l, i, to)
				  : in(l->cp[i], "*_`") ? emphasis_end(l, i, from, to)
										: 0;
		if (end == 0)
			l->out[l->out_n++] = l->cp[i++];
		else if (in(l->cp[i], "<["))
			l->out[l->out_n++] = ' ';
		i = end == 0 ? i : end;
	}
}

plg_text txt_without_layout(plg_arena *a, plg_text t)
{
	layout l = {.cp = t.cp, .n = t.n, .number = 1};
	l.out = plg_arena_take(a, t.n + 1, sizeof *l.out);
	if (l.out == NULL)
		return (plg_text){NULL, 0};
	l.numbered = has_numbered_lines(&l);
	for (size_t i = 0; i < t.n;) {
		size_t to = line_end(&l, i);
		size_t start = past_opening(&l, i);
		copy_line(&l, is_rule(&l, i, to) ? to : start, to);
		if (to < t.n)
			l.out[l.out_n++] = '\n';
		i = to + 1;
	}
	return (plg_text){l.out, l.out_n};
}
