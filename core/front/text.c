/* Text for a terminal: words broken at 80 columns under a hanging indent. */
#include "front/front.h"

#define COLUMNS 80u

/* Bytes of UTF-8 that begin a character; enough for the scripts this program prints. */
static size_t columns_of(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0u) != 0x80u;
	return n;
}

/* Where a line is being written. */
typedef struct {
	FILE *out;
	size_t at, indent; /* columns */
	bool is_fresh;     /* nothing of the text is on this line yet */
} cursor;

static void new_line(cursor *c)
{
	(void)fprintf(c->out, "\n%*s", (int)c->indent, "");
	c->at = c->indent;
	c->is_fresh = true;
}

static void put(cursor *c, const char *s, size_t len)
{
	(void)fwrite(s, 1, len, c->out);
	c->at += columns_of(s, len);
	c->is_fresh = c->is_fresh && len == 0;
}

/* The longest beginning of a word that ends in a comma and has at most room columns. */
static size_t up_to_comma(const char *s, size_t len, size_t room)
{
	size_t best = 0;
	for (size_t i = 0; i < len && columns_of(s, i + 1) <= room; i++)
		if (s[i] == ',')
			best = i + 1;
	return best;
}

/* A word wider than a line, a list for instance, is broken after commas. */
static void put_long(cursor *c, const char *s, size_t len)
{
	while (len > 0) {
		size_t room = c->at < COLUMNS ? COLUMNS - c->at : 0;
		size_t part = columns_of(s, len) <= room ? len : up_to_comma(s, len, room);
		if (part == 0 && !c->is_fresh) {
			new_line(c);
			continue;
		}
		if (part == 0) /* no comma near enough */
			part =
				memchr(s, ',', len) != NULL ? (size_t)((char *)memchr(s, ',', len) - s) + 1 : len;
		put(c, s, part);
		s += part;
		len -= part;
	}
}

void asy_front_print_wrapped(FILE *out, size_t at, size_t indent, const char *text)
{
	cursor c = {out, at, indent, true};
	while (*text != '\0') {
		size_t len = strcspn(text, " \n"), wide = columns_of(text, len);
		bool is_long = wide > COLUMNS - indent;
		if (!c.is_fresh && len > 0) {
			if (!is_long && c.at + 1 + wide > COLUMNS)
				new_line(&c);
			else
				c.at += (size_t)fprintf(out, " ");
		}
		if (is_long)
			put_long(&c, text, len);
		else
			put(&c, text, len);
		text += len;
		if (*text == '\n')
			new_line(&c);
		text += *text != '\0';
	}
	(void)fputc('\n', out);
}

/* A line that was laid out by hand. */
static bool is_laid_out(const char *line, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (line[i] == ' ' && line[i + 1] == ' ')
			return true;
	return false;
}

void asy_front_print_text(const char *text)
{
	char paragraph[4096];
	size_t n = 0;
	for (;;) {
		size_t len = strcspn(text, "\n");
		bool joins = len > 0 && !is_laid_out(text, len) && n + len + 2 < sizeof paragraph;
		if (!joins && n > 0) {
			paragraph[n] = '\0';
			asy_front_print_wrapped(stdout, 0, 0, paragraph);
			n = 0;
		}
		if (joins) {
			n += (size_t)snprintf(paragraph + n, sizeof paragraph - n, "%s%.*s", n > 0 ? " " : "",
								  (int)len, text);
		} else if (len > 0 || text[len] != '\0') {
			(void)printf("%.*s\n", (int)len, text);
		}
		text += len;
		if (*text == '\0')
			break;
		text++;
	}
	if (n > 0)
		asy_front_print_wrapped(stdout, 0, 0, paragraph);
}
