/* Tables of language codes; everything else follows from the characters. */
#include "stt/language.h"
#include "common/build.h"
#include <string.h>

static bool is_one_of(const char *code, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

static bool mostly_unspaced(plg_text t)
{
	size_t letters = 0, unspaced = 0;
	for (size_t i = 0; i < t.n; i++) {
		letters += plg_is_letter(t.cp[i]);
		unspaced += plg_is_unspaced(t.cp[i]);
	}
	return 2 * unspaced > letters;
}

stt_language stt_language_of(assay_bytes tag, plg_text reference)
{
	static const char *const letters[] = {"zh", "ja", "th", "lo", "my", "km", "yue", "ko", NULL};
	static const char *const turkic[] = {"tr", "az", NULL};
	static const char *const pointed[] = {"ar", "he", "fa", "ur", "yi", NULL};
	char code[4] = "";
	size_t n = 0;
	while (n < tag.len && tag.ptr[n] != '-' && tag.ptr[n] != '_')
		n++;
	for (size_t i = 0; n < sizeof code && i < n; i++)
		code[i] = (char)(tag.ptr[i] >= 'A' && tag.ptr[i] <= 'Z' ? tag.ptr[i] + 32 : tag.ptr[i]);
	stt_language l = {.known = n > 0 && n < sizeof code};
	l.english = strcmp(code, "en") == 0;
	l.turkic = is_one_of(code, turkic);
	l.pointed = is_one_of(code, pointed);
	l.by_letters = l.known ? is_one_of(code, letters) : mostly_unspaced(reference);
	return l;
}

static bool is_optional_point(uint32_t c)
{
	bool in_block = (c >= 0x590 && c <= 0x6ff) || (c >= 0x750 && c <= 0x77f) ||
					(c >= 0x8a0 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
					(c >= 0xfe70 && c <= 0xfeff);
	return c == 0x640 || (in_block && plg_is_nonspacing(c));
}

plg_text stt_language_fold(plg_arena *a, const stt_language *l, plg_text t)
{
	if (!l->turkic && !l->pointed)
		return t;
	plg_build b = plg_build_begin(a, t.n);
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = t.cp[i];
		if (l->turkic && c == 'I')
			plg_build_add(&b, 0x131);
		else if (l->turkic && c == 0x130)
			plg_build_add(&b, 'i');
		else if (!l->pointed || !is_optional_point(c))
			plg_build_add(&b, c);
	}
	return plg_build_end(&b);
}

enum { MAX_SCRIPTS = 32 };
typedef struct {
	const char *name[MAX_SCRIPTS];
	size_t count[2][MAX_SCRIPTS], n, total[2];
} histogram;

/* Scripts beyond the table's room share its last place. */
static void add_script(histogram *h, size_t side, uint32_t c)
{
	const char *name = plg_script(c);
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
