/* Each pass is one left-to-right walk without overlap. */
#include "stt/passes.h"
#include "common/build.h"
#include "stt/transforms.h"

static bool is_ascii_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* Letters that compatibility decomposition leaves whole. */
static const char *plain_letters(uint32_t c)
{
	static const struct {
		uint32_t c;
		const char *s;
	} table[] = {{0x153, "oe"}, {0x152, "OE"}, {0xf8, "o"},  {0xd8, "O"},
				 {0xe6, "ae"},  {0xc6, "AE"},  {0xdf, "ss"}, {0x1e9e, "SS"},
				 {0x111, "d"},  {0x110, "D"},  {0xf0, "d"},  {0xd0, "D"},
				 {0xfe, "th"},  {0xde, "Th"},  {0x142, "l"}, {0x141, "L"}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].c == c)
			return table[i].s;
	return NULL;
}

static bool is_kept(uint32_t c, bool currency)
{
	return currency && (c == '.' || c == '%' || c == '$' || c == 0xa2 || c == 0xa3 || c == 0x20ac);
}

plg_text stt_without_diacritics(plg_arena *a, plg_text t, bool keep_currency)
{
	t = plg_normalize(a, PLG_NFKD, t);
	plg_build b = plg_build_begin(a, t.n + 16);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		const char *plain = plain_letters(c);
		if (plain != NULL)
			plg_build_ascii(&b, plain);
		else if (is_kept(c, keep_currency))
			plg_build_add(&b, c);
		else if (!plg_is_nonspacing(c))
			plg_build_add(&b, plg_is_mark(c) || plg_is_symbol(c) || plg_is_punct(c) ? ' ' : c);
	}
	return plg_build_end(&b);
}

/* White space before an apostrophe is dropped: "it 's" is "it's". */
plg_text stt_join_apostrophes(plg_arena *a, plg_text t)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n;) {
		size_t end = at;
		while (end < t.n && plg_is_space(t.cp[end]))
			end++;
		if (end > at && end < t.n && t.cp[end] == '\'')
			at = end;
		else if (end > at)
			while (at < end)
				plg_build_add(&b, t.cp[at++]);
		else
			plg_build_add(&b, t.cp[at++]);
	}
	return plg_build_end(&b);
}

plg_text stt_expand(plg_arena *a, plg_text t)
{
	static const stt_replacement words[] = {
		{"wanna", "want to"},       {"gotta", "got to"},      {"gonna", "going to"},
		{"imma", "i am going to"},  {"woulda", "would have"}, {"coulda", "could have"},
		{"shoulda", "should have"}, {"mr", "mister "},        {"mrs", "missus "},
		{"st", "saint "},           {"dr", "doctor "},        {"prof", "professor "},
		{"capt", "captain "},       {"gov", "governor "},     {"ald", "alderman "},
		{"gen", "general "},        {"sen", "senator "},      {"rep", "representative "},
		{"pres", "president "},     {"rev", "reverend "},     {"hon", "honorable "},
		{"asst", "assistant "},     {"assoc", "associate "},  {"lt", "lieutenant "},
		{"col", "colonel "},        {"jr", "junior "},        {"sr", "senior "},
		{"esq", "esquire "},
	};
	static const stt_substitution list[] = {
		{"won't", "will not", true, true},
		{"can't", "can not", true, true},
		{"let's", "let us", true, true},
		{"ain't", "aint", true, true},
		{"y'all", "you all", true, true},
		{"i'ma", "i am going to", true, true},
		{"ma'am", "madam", true, true},
		{"'d been", " had been", false, true},
		{"'s been", " has been", false, true},
		{"'d gone", " had gone", false, true},
		{"'s gone", " has gone", false, true},
		{"'d done", " had done", false, true},
		{"'s got", " has got", false, true},
		{"n't", " not", false, true},
		{"'re", " are", false, true},
		{"'s", " is", false, true},
		{"'d", " would", false, true},
		{"'ll", " will", false, true},
		{"'t", " not", false, true},
		{"'ve", " have", false, true},
		{"'m", " am", false, true},
	};
	bool apostrophe = false;
	t = stt_replace_words(a, t, words, sizeof words / sizeof words[0]);
	for (size_t i = 0; i < t.n; i++)
		apostrophe = apostrophe || t.cp[i] == '\'';
	for (size_t i = 0; apostrophe && i < sizeof list / sizeof list[0]; i++)
		t = stt_substitute(a, t, &list[i]);
	return t;
}

/* A mark of the set that no digit follows becomes a space; the character that shows it
 * is kept but consumed. at_end: also a mark that ends the text. */
plg_text stt_drop_marks(plg_arena *a, plg_text t, bool currency, bool at_end)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n; at++) {
		uint32_t c = t.cp[at];
		bool mark = c == '.' || (currency && c != '%' && is_kept(c, true));
		if (mark && at + 1 < t.n && !is_ascii_digit(t.cp[at + 1])) {
			plg_build_add(&b, ' ');
			plg_build_add(&b, t.cp[++at]);
		} else {
			plg_build_add(&b, mark && at_end && at + 1 == t.n ? ' ' : c);
		}
	}
	return plg_build_end(&b);
}

plg_text stt_american(plg_arena *a, plg_text t, const stt_spelling *spelling)
{
	size_t n = 0;
	plg_text *words = plg_split(a, t, &n);
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; words != NULL && i < n; i++) {
		if (i > 0)
			plg_build_add(&b, ' ');
		plg_build_text(&b, stt_spelling_of(spelling, words[i]));
	}
	return plg_build_end(&b);
}
