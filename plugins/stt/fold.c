/* One pass; what a letter becomes depends on the letter alone. */
#include "stt/fold.h"
#include "common/build.h"
#include "stt/language.h"

static bool is_apostrophe(uint32_t c)
{
	return c == 0x2018 || c == 0x2019 || c == 0x201b || c == 0x2bc || c == 0x2b9 || c == 0x2bb ||
		   c == 0x2032 || c == 0xb4 || c == 0x60 || c == 0xff07 || c == 0x55a;
}

static bool is_dash(uint32_t c)
{
	return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe63 || c == 0xff0d ||
		   c == 0x2796 || c == 0xfe58 || c == 0x2e3a || c == 0x2e3b;
}

static bool is_digit_at(plg_text t, size_t at)
{
	return at < t.n && plg_is_digit(t.cp[at]);
}

plg_text stt_fold_typography(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		bool range = c == 0x2013 && i > 0 && is_digit_at(t, i - 1) && is_digit_at(t, i + 1);
		plg_build_add(&b, is_apostrophe(c) ? '\'' : is_dash(c) && !range ? '-' : c);
	}
	return plg_build_end(&b);
}

static bool is_optional_point(uint32_t c)
{
	bool in_block = (c >= 0x590 && c <= 0x6ff) || (c >= 0x750 && c <= 0x77f) ||
					(c >= 0x8a0 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
					(c >= 0xfe70 && c <= 0xfeff);
	return c == 0x640 || (in_block && plg_is_nonspacing(c));
}

/* Serbian Cyrillic to Latin. */
static const char *serbian(uint32_t c)
{
	static const char *const small[] = {"a", "b", "v", "g", "d", "e",        "\xc5\xbe", "z", "i",
										"j", "k", "l", "m", "n", "o",        "p",        "r", "s",
										"t", "u", "f", "h", "c", "\xc4\x8d", "\xc5\xa1"};
	/* а б в г д е ж з и _ к л м н о п р с т у ф х ц ч ш */
	if (c >= 0x430 && c <= 0x448)
		return c == 0x439 ? NULL : small[c - 0x430];
	switch (c) {
	case 0x452:
		return "\xc4\x91";
	case 0x458:
		return "j";
	case 0x459:
		return "lj";
	case 0x45a:
		return "nj";
	case 0x45b:
		return "\xc4\x87";
	case 0x45f:
		return "d\xc5\xbe";
	default:
		return NULL;
	}
}

static const char *ligature(uint32_t c)
{
	return c == 0x153 ? "oe" : c == 0xe6 ? "ae" : NULL;
}

/* Malayalam: the atomic final consonants as consonant and virama. */
static const char *chillu(uint32_t c)
{
	switch (c) {
	case 0xd7a:
		return "\xe0\xb4\xa3\xe0\xb5\x8d";
	case 0xd7b:
		return "\xe0\xb4\xa8\xe0\xb5\x8d";
	case 0xd7c:
		return "\xe0\xb4\xb0\xe0\xb5\x8d";
	case 0xd7d:
		return "\xe0\xb4\xb2\xe0\xb5\x8d";
	case 0xd7e:
		return "\xe0\xb4\xb3\xe0\xb5\x8d";
	case 0xd7f:
		return "\xe0\xb4\x95\xe0\xb5\x8d";
	case 0x200d: /* the joiner of the older spelling */
		return "";
	default:
		return NULL;
	}
}

static const char *written_out(const stt_language *l, uint32_t c)
{
	const char *s = NULL;
	if (c < 0x80)
		return NULL;
	if (stt_language_has(l, STT_L_SERBIAN))
		s = serbian(c);
	if (stt_language_has(l, STT_L_LIGATURE))
		s = ligature(c);
	if (stt_language_has(l, STT_L_CHILLU))
		s = chillu(c);
	if (stt_language_has(l, STT_L_SHARP_S) && c == 0xdf)
		s = "ss";
	return s;
}

static uint32_t arabic(uint32_t c)
{
	if (c == 0x6a9)
		return 0x643;
	if (c == 0x6cc || c == 0x649)
		return 0x64a;
	return c == 0x622 || c == 0x623 || c == 0x625 || c == 0x671 ? 0x627 : c;
}

static uint32_t persian(uint32_t c)
{
	if (c == 0x643)
		return 0x6a9;
	if (c == 0x64a || c == 0x649)
		return 0x6cc;
	return c == 0x200c ? ' ' : c;
}

static uint32_t romanian(uint32_t c)
{
	switch (c) {
	case 0x15f:
		return 0x219;
	case 0x163:
		return 0x21b;
	default:
		return c;
	}
}

static uint32_t letter(const stt_language *l, uint32_t c)
{
	if (c < 0x80)
		return c;
	if (plg_is_digit(c))
		return '0' + plg_digit_value(c);
	if (stt_language_has(l, STT_L_YO))
		c = c == 0x451 ? 0x435 : c;
	if (stt_language_has(l, STT_L_ARABIC))
		c = arabic(c);
	if (stt_language_has(l, STT_L_PERSIAN))
		c = persian(c);
	if (stt_language_has(l, STT_L_ROMANIAN))
		c = romanian(c);
	if (stt_language_has(l, STT_L_GREEK) && c == 0x3c2)
		c = 0x3c3;
	return c;
}

/* Greek capitals lose their accents, so small letters do as well. */
static plg_text without_greek_accents(plg_arena *a, plg_text t)
{
	t = plg_normalize(a, PLG_NFD, t);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++)
		if (t.cp[i] < 0x300 || t.cp[i] > 0x345 || !plg_is_mark(t.cp[i]))
			plg_build_add(&b, t.cp[i]);
	return plg_normalize(a, PLG_NFC, plg_build_end(&b));
}

/* Before lower-casing: what it would get wrong. */
static plg_text lower_of_language(plg_arena *a, const stt_language *l, plg_text t)
{
	if (!stt_language_has(l, STT_L_TURKIC))
		return plg_lower(a, t);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++)
		plg_build_add(&b, t.cp[i] == 'I' ? 0x131 : t.cp[i] == 0x130 ? 'i' : t.cp[i]);
	return plg_lower(a, plg_build_end(&b));
}

plg_text stt_language_fold(plg_arena *a, const stt_language *l, bool letters, plg_text t)
{
	/* A decomposed letter must meet the tables as the composed one does. */
	t = lower_of_language(a, l, plg_normalize(a, PLG_NFC, t));
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		const char *s = letters ? written_out(l, c) : NULL;
		if (stt_language_has(l, STT_L_POINTED) && is_optional_point(c))
			continue;
		if (s != NULL)
			plg_build_text(&b, plg_text_of(a, s));
		else
			plg_build_add(&b, letters ? letter(l, c) : c);
	}
	t = plg_build_end(&b);
	return letters && stt_language_has(l, STT_L_GREEK) ? without_greek_accents(a, t) : t;
}
