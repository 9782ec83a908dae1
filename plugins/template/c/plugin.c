/* @NAME@: the words that an answer shares with the reference, and how few others it has (the
 * F1 of words). A place to start: what is yours is score_one, the rest can stay. */
#include <assay/plugin_kit.h>

#define TEXT_MAX 8192 /* a longer answer earns nothing */
#define WORDS_MAX 1024

typedef struct {
	const char *at;
	size_t len;
} word;

struct assay_plugin {
	const assay_host_api *host;
	size_t min_words; /* an answer with fewer earns nothing */
	char answer[TEXT_MAX], reference[TEXT_MAX];
	word answer_word[WORDS_MAX], reference_word[WORDS_MAX];
};

/* The member "text" of a JSON object, which is what this task's answers and references are. */
static int text_of(assay_bytes json, char *dst)
{
	assay_bytes v;
	dst[0] = '\0';
	return assay_kit_json_get(json, "text", &v) && assay_kit_json_text(v, dst, TEXT_MAX, NULL);
}

static int is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* Makes the text lower case and finds its words. */
static size_t split(char *text, word *out)
{
	size_t n = 0;
	for (char *p = text; *p != '\0' && n < WORDS_MAX;) {
		size_t len = 0;
		for (; is_word((unsigned char)p[len]); len++)
			if (p[len] >= 'A' && p[len] <= 'Z')
				p[len] = (char)(p[len] + 'a' - 'A');
		if (len != 0)
			out[n++] = (word){p, len};
		p += len != 0 ? len : 1;
	}
	return n;
}

/* How many words of a are in b, each of b counted once: saying a word twice does not pay. */
static size_t common(const word *a, size_t a_n, const word *b, size_t b_n)
{
	unsigned char used[WORDS_MAX] = {0};
	size_t n = 0;
	for (size_t i = 0; i < a_n; i++) {
		size_t k = 0;
		while (k < b_n && (used[k] || a[i].len != b[k].len || memcmp(a[i].at, b[k].at, a[i].len)))
			k++;
		if (k < b_n) {
			used[k] = 1;
			n++;
		}
	}
	return n;
}

/* From 0 to 1. Both texts are in p. */
static double score_one(assay_plugin *p)
{
	size_t a = split(p->answer, p->answer_word), r = split(p->reference, p->reference_word);
	if (a < p->min_words || a + r == 0)
		return 0;
	size_t both = common(p->answer_word, a, p->reference_word, r);
	return 2.0 * (double)both / (double)(a + r);
}

static int judge(assay_plugin *p, const assay_kit_row *row, double *score)
{
	if (!text_of(row->challenge->reference, p->reference))
		return ASSAY_ROW_ABSTAIN; /* nothing to compare with: not the miner's fault */
	*score = text_of(row->response->body, p->answer) ? score_one(p) : 0;
	return ASSAY_ROW_SCORED;
}

static assay_rc options(assay_plugin *p, assay_bytes config)
{
	p->min_words = (size_t)assay_kit_number(config, "min_words", 1);
	return ASSAY_RC_OK;
}

ASSAY_ROW_PLUGIN(options, NULL, judge, NULL, .id = "@ID@", .version = "0.1.0", .name = "@NAME@",
				 .summary = "Words in common with the reference", .licence = "Apache-2.0",
				 .vendor = "unknown", .task_kind = "@NAME@", .score_max = 1, .higher_is_better = 1,
				 .ms_hint = 1000,
				 .config_schema = ASSAY_KIT_OPTIONS(ASSAY_KIT_INTEGER("min_words", 1, 1000, 1,
																	  "fewer words earn nothing")));
