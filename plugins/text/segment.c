/* The substitutions scan from left to right over matches that do not overlap, as regular
 * expressions do: of "..." every other mark is split by each pass. */
#include "text/segment.h"
#include <string.h>

plg_text txt_replace(plg_arena *a, plg_text t, const char *from, const char *to)
{
	size_t n = strlen(from);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n;) {
		size_t k = 0;
		while (k < n && i + k < t.n && t.cp[i + k] == (uint8_t)from[k])
			k++;
		if (k == n) {
			plg_build_ascii(&b, to);
			i += n;
		} else {
			plg_build_add(&b, t.cp[i++]);
		}
	}
	return plg_build_end(&b);
}

static bool in(uint32_t c, uint32_t from, uint32_t to)
{
	return c >= from && c <= to;
}

/* {-~ [-` space-& (-+ :-@ / */
static bool western_mark(uint32_t c)
{
	return in(c, '{', '~') || in(c, '[', '`') || in(c, ' ', '&') || in(c, '(', '+') ||
		   in(c, ':', '@') || c == '/';
}
static bool ascii_digit(uint32_t c)
{
	return in(c, '0', '9');
}
static bool not_ascii_digit(uint32_t c)
{
	return !ascii_digit(c);
}
static bool stop_or_comma(uint32_t c)
{
	return c == '.' || c == ',';
}
static bool hyphen(uint32_t c)
{
	return c == '-';
}
static bool number(uint32_t c)
{
	return plg_is_word(c) && !plg_is_letter(c) && c != '_';
}
static bool not_number(uint32_t c)
{
	return !number(c);
}

/* Every match of two neighbours: before, first, between, second, after. */
static plg_text pairs(plg_arena *a, plg_text t, bool (*first)(uint32_t), bool (*second)(uint32_t),
					  const char *before, const char *after)
{
	plg_build b = plg_build_begin(a, 2 * t.n);
	for (size_t i = 0; i < t.n; i++) {
		if (i + 1 < t.n && first(t.cp[i]) && second(t.cp[i + 1])) {
			plg_build_ascii(&b, before);
			plg_build_add(&b, t.cp[i]);
			plg_build_add(&b, ' ');
			plg_build_add(&b, t.cp[i + 1]);
			plg_build_ascii(&b, after);
			i++;
		} else {
			plg_build_add(&b, t.cp[i]);
		}
	}
	return plg_build_end(&b);
}

static plg_text around(plg_arena *a, plg_text t, bool (*mark)(uint32_t))
{
	plg_build b = plg_build_begin(a, 2 * t.n);
	for (size_t i = 0; i < t.n; i++) {
		bool is_mark = mark(t.cp[i]);
		if (is_mark)
			plg_build_add(&b, ' ');
		plg_build_add(&b, t.cp[i]);
		if (is_mark)
			plg_build_add(&b, ' ');
	}
	return plg_build_end(&b);
}

static plg_text joined(plg_arena *a, plg_text t)
{
	size_t n;
	plg_text *w = plg_split(a, t, &n);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; w != NULL && i < n; i++) {
		if (i > 0)
			plg_build_add(&b, ' ');
		plg_build_text(&b, w[i]);
	}
	return plg_build_end(&b);
}

static plg_text unchanged(plg_arena *a, plg_text t)
{
	(void)a;
	return t;
}

plg_text txt_segment_western(plg_arena *a, plg_text t)
{
	return txt_segment_tercom(a, t, unchanged);
}

plg_text txt_segment_tercom(plg_arena *a, plg_text t, plg_text (*between)(plg_arena *, plg_text))
{
	t = between(a, around(a, t, western_mark));
	t = pairs(a, t, not_ascii_digit, stop_or_comma, "", " ");
	t = pairs(a, t, stop_or_comma, not_ascii_digit, " ", "");
	return pairs(a, t, ascii_digit, hyphen, "", " ");
}

static plg_text spaced(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n + 2);
	plg_build_add(&b, ' ');
	plg_build_text(&b, t);
	plg_build_add(&b, ' ');
	return plg_build_end(&b);
}

static plg_text segment_13a(plg_arena *a, plg_text t)
{
	bool entities = false;
	t = txt_replace(a, t, "<skipped>", "");
	t = txt_replace(a, t, "-\n", "");
	t = txt_replace(a, t, "\n", " ");
	for (size_t i = 0; i < t.n; i++)
		entities |= t.cp[i] == '&';
	if (entities) {
		t = txt_replace(a, t, "&quot;", "\"");
		t = txt_replace(a, t, "&amp;", "&");
		t = txt_replace(a, t, "&lt;", "<");
		t = txt_replace(a, t, "&gt;", ">");
	}
	return joined(a, txt_segment_western(a, spaced(a, t)));
}

static bool chinese(uint32_t c)
{
	static const uint32_t range[][2] = {
		{0x3400, 0x4db5}, {0x4e00, 0x9fa5}, {0x9fa6, 0x9fbb}, {0xf900, 0xfa2d}, {0xfa30, 0xfa6a},
		{0xfa70, 0xfad9}, {0x2001, 0x2a6d}, {0x2f81, 0x2fa1}, {0xff00, 0xffef}, {0x2e80, 0x2eff},
		{0x3000, 0x303f}, {0x31c0, 0x31ef}, {0x2f00, 0x2fdf}, {0x2ff0, 0x2fff}, {0x3100, 0x312f},
		{0x31a0, 0x31bf}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0x2600, 0x26ff}, {0x2700, 0x27bf},
		{0x3200, 0x32ff}, {0x3300, 0x33ff},
	};
	for (size_t i = 0; i < sizeof range / sizeof range[0]; i++)
		if (in(c, range[i][0], range[i][1]))
			return true;
	return false;
}

static plg_text segment_intl(plg_arena *a, plg_text t)
{
	t = pairs(a, t, not_number, plg_is_punct, "", " ");
	t = pairs(a, t, plg_is_punct, not_number, " ", "");
	return joined(a, around(a, t, plg_is_symbol));
}

static plg_text segment_char(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, 2 * t.n);
	for (size_t i = 0; i < t.n; i++) {
		if (i > 0)
			plg_build_add(&b, ' ');
		plg_build_add(&b, t.cp[i]);
	}
	return plg_build_end(&b);
}

plg_text txt_segment(plg_arena *a, txt_segmenter how, plg_text t)
{
	switch (how) {
	case TXT_SEG_NONE:
		break;
	case TXT_SEG_13A:
		return segment_13a(a, t);
	case TXT_SEG_ZH:
		return joined(a, txt_segment_western(a, around(a, plg_strip(t), chinese)));
	case TXT_SEG_INTL:
		return segment_intl(a, t);
	case TXT_SEG_CHAR:
		return segment_char(a, t);
	}
	return t;
}

plg_text *txt_segment_words(plg_arena *a, txt_segmenter how, plg_text t, size_t *n)
{
	while (t.n > 0 && plg_is_space(t.cp[t.n - 1]))
		t.n--;
	return plg_split(a, txt_segment(a, how, t), n);
}
