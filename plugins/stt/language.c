/* One table of language names; everything else follows from the characters. */
#include "stt/language.h"
#include "common/build.h"
#include "stt/fold.h"
#include <string.h>

/* ISO 639-1, ISO 639-3 (or -2/B, or a member of the macro-language), English name. */
typedef struct {
	const char *two, *three, *other, *name;
	unsigned flags;
} language;

static const language table[] = {
	{"en", "eng", NULL, "english", STT_L_ENGLISH},
	{"zh", "zho", "chi", "chinese", STT_L_LETTERS},
	{NULL, "cmn", "wuu", "mandarin", STT_L_LETTERS},
	{NULL, "yue", NULL, "cantonese", STT_L_LETTERS},
	{NULL, "nan", "hak", "hokkien", STT_L_LETTERS},
	{"ja", "jpn", NULL, "japanese", STT_L_LETTERS},
	{"th", "tha", NULL, "thai", STT_L_LETTERS},
	{"lo", "lao", NULL, "lao", STT_L_LETTERS},
	{"my", "mya", "bur", "burmese", STT_L_LETTERS},
	{NULL, NULL, NULL, "myanmar", STT_L_LETTERS},
	{"km", "khm", NULL, "khmer", STT_L_LETTERS},
	{"bo", "bod", "tib", "tibetan", STT_L_LETTERS},
	{"dz", "dzo", NULL, "dzongkha", STT_L_LETTERS},
	{"ko", "kor", NULL, "korean", STT_L_LETTERS},
	{"ar", "ara", "arb", "arabic", STT_L_POINTED | STT_L_ARABIC},
	{NULL, "arz", "apc", NULL, STT_L_POINTED | STT_L_ARABIC},
	{"he", "heb", NULL, "hebrew", STT_L_POINTED},
	{"iw", NULL, NULL, NULL, STT_L_POINTED},
	{"yi", "yid", "ydd", "yiddish", STT_L_POINTED},
	{"fa", "fas", "per", "persian", STT_L_POINTED | STT_L_PERSIAN},
	{NULL, "pes", "prs", "farsi", STT_L_POINTED | STT_L_PERSIAN},
	{"ur", "urd", NULL, "urdu", STT_L_POINTED | STT_L_PERSIAN},
	{"ps", "pus", "pbt", "pashto", STT_L_POINTED | STT_L_PERSIAN},
	{NULL, "ckb", NULL, "sorani", STT_L_POINTED | STT_L_PERSIAN},
	{"tr", "tur", NULL, "turkish", STT_L_TURKIC},
	{"az", "aze", "azj", "azerbaijani", STT_L_TURKIC},
	{"ru", "rus", NULL, "russian", STT_L_YO},
	{"de", "deu", "ger", "german", STT_L_SHARP_S},
	{NULL, "gsw", "bar", NULL, STT_L_SHARP_S},
	{"fr", "fra", "fre", "french", STT_L_LIGATURE},
	{"sr", "srp", NULL, "serbian", STT_L_SERBIAN},
	{"sh", "hbs", NULL, NULL, STT_L_SERBIAN},
	{"bs", "bos", "cnr", "bosnian", STT_L_SERBIAN},
	{"el", "ell", "gre", "greek", STT_L_GREEK},
	{"ro", "ron", "rum", "romanian", STT_L_ROMANIAN},
	{NULL, NULL, NULL, "moldavian", STT_L_ROMANIAN},
	{"ml", "mal", NULL, "malayalam", STT_L_CHILLU},
};

static bool is_name(const char *code, const char *name)
{
	return name != NULL && strcmp(code, name) == 0;
}

static const language *find(const char *code)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (is_name(code, table[i].two) || is_name(code, table[i].three) ||
			is_name(code, table[i].other) || is_name(code, table[i].name))
			return &table[i];
	return NULL;
}

/* ---- a reference without a language ---- */

static bool is_hangul(uint32_t c)
{
	return (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff) ||
		   (c >= 0x3130 && c <= 0x318f);
}

static bool mostly_unspaced(plg_text t)
{
	size_t letters = 0, unspaced = 0;
	for (size_t i = 0; i < t.n; i++) {
		letters += plg_is_letter(t.cp[i]);
		unspaced += plg_is_unspaced(t.cp[i]) || is_hangul(t.cp[i]);
	}
	return 2 * unspaced > letters;
}

/* Small words that no other large language in Latin letters shares in this mixture. */
static bool is_english_word(const char *w)
{
	static const char words[] =
		" the and of to is it you that was for are with his they this have from had by not what "
		"all were we when your can there an each which she do how their if will up about out then "
		"them these so some her would make like him has two more write see could been who now "
		"did get come made may my our where very it's i'm don't that's he's she's we're you're "
		"i've can't didn't one three four five seven eight nine eleven twelve twenty thirty "
		"forty fifty hundred thousand dollars please thank ";
	char key[16];
	size_t n = strlen(w);
	if (n == 0 || n + 3 > sizeof key)
		return false;
	key[0] = ' ';
	memcpy(key + 1, w, n);
	memcpy(key + 1 + n, " ", 2);
	return strstr(words, key) != NULL;
}

/* One word of a text as lower-case ASCII, "" when it is anything else; its end. */
static size_t ascii_word(plg_text t, size_t at, char *w, size_t cap)
{
	size_t n = 0;
	bool plain = true;
	for (; at < t.n && !plg_is_space(t.cp[at]); at++) {
		uint32_t c = t.cp[at] == 0x2019 ? '\'' : t.cp[at];
		bool letter = plg_is_letter(c);
		if (c >= 0x80 && letter)
			plain = false;
		if (c < 0x80 && (letter || c == '\'') && n + 1 < cap)
			w[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	w[plain ? n : 0] = '\0';
	return at;
}

static bool looks_english(plg_text t)
{
	size_t words = 0, hits = 0;
	for (size_t at = 0; at < t.n;) {
		char w[16];
		if (plg_is_space(t.cp[at])) {
			at++;
			continue;
		}
		at = ascii_word(t, at, w, sizeof w);
		words++;
		hits += is_english_word(w);
	}
	return hits > 0 && 5 * hits >= words;
}

static stt_language guess(plg_text reference)
{
	stt_language l = {.flags = STT_L_POINTED};
	if (mostly_unspaced(reference))
		l.flags |= STT_L_LETTERS;
	else if (looks_english(reference))
		l.flags |= STT_L_ENGLISH;
	return l;
}

stt_language stt_language_of(assay_bytes tag, plg_text reference)
{
	static const char *const none[] = {"", "auto", "und", "mul", "mis", "zxx", "x", "i"};
	char code[16];
	size_t n = 0;
	while (n < tag.len && n + 1 < sizeof code && tag.ptr[n] != '-' && tag.ptr[n] != '_') {
		uint8_t c = tag.ptr[n];
		code[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	code[n] = '\0';
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (strcmp(code, none[i]) == 0)
			return guess(reference);
	const language *l = find(code);
	return (stt_language){.known = true, .flags = l == NULL ? 0 : l->flags};
}

/* ---- scripts ---- */

enum { MAX_SCRIPTS = 32 };
typedef struct {
	const char *name[MAX_SCRIPTS];
	size_t count[2][MAX_SCRIPTS], n, total[2];
} histogram;

/* Scripts beyond the table's room share its last place. */
static void add_script(histogram *h, size_t side, uint32_t c)
{
	const char *name = c < 0x80 ? "Latin" : plg_script(c);
	size_t k = 0;
	while (k < h->n && strcmp(h->name[k], name) != 0)
		k++;
	if (k == h->n && h->n < MAX_SCRIPTS)
		h->name[h->n++] = name;
	if (k == MAX_SCRIPTS)
		k--;
	h->count[side][k]++;
	h->total[side]++;
}

double stt_script_overlap(plg_arena *a, plg_text x, plg_text y)
{
	histogram *h = plg_arena_take(a, 1, sizeof *h);
	double same = 0;
	if (h == NULL)
		return -1;
	for (size_t i = 0; i < x.n; i++)
		if (plg_is_letter(x.cp[i]))
			add_script(h, 0, x.cp[i]);
	for (size_t i = 0; i < y.n; i++)
		if (plg_is_letter(y.cp[i]))
			add_script(h, 1, y.cp[i]);
	if (h->total[0] == 0 || h->total[1] == 0)
		return 1;
	for (size_t k = 0; k < h->n; k++) {
		double p = (double)h->count[0][k] / (double)h->total[0];
		double q = (double)h->count[1][k] / (double)h->total[1];
		same += p < q ? p : q;
	}
	return same;
}
