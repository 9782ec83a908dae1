/* From a challenge's bytes to what its answers are compared with. */
#include "common/build.h"
#include "text/rouge.h"
#include "text/score.h"
#include "text/squad.h"
#include <string.h>

enum {
	MAX_REFERENCE = 1 << 20, /* bytes of reference or prompt JSON */
	MAX_ANSWERS = 64,
	MAX_MESSAGES = 64,
	QUESTION_TOKENS = 400
};

static plg_text without_invisible(plg_arena *a, plg_text t)
{
	uint32_t *cp = plg_arena_take(a, t.n, sizeof *cp);
	size_t n = 0;
	if (cp == NULL)
		return (plg_text){NULL, 0};
	for (size_t i = 0; i < t.n; i++)
		if (!plg_is_invisible(t.cp[i]))
			cp[n++] = t.cp[i];
	return (plg_text){cp, n};
}

typedef struct {
	int type;
	double tolerance;
	const txt_tokens *question;
	const txt_tools *tools;
} how;

static bool ref_prepare(plg_arena *a, const txt_settings *s, plg_text t, const how *h, txt_ref *r)
{
	r->text = without_invisible(a, t);
	r->squad.word = txt_squad_words(a, r->text, &r->squad.n);
	r->rouge.word = txt_rouge_words(a, r->text, s->stemmer, &r->rouge.n);
	const plg_text *ws = plg_split(a, r->text, &r->words);
	if (r->squad.word == NULL || r->rouge.word == NULL || ws == NULL)
		return false;
	r->rouge_applies = txt_rouge_applies(r->rouge.n, r->words);
	size_t most = s->mode == TXT_AUTO ? s->short_max_words : s->mode == TXT_SHORT ? SIZE_MAX : 0;
	if (!txt_meaning_prepare(a, h->tools->lexicon, r->text, most, h->type, h->tolerance,
							 h->question, &r->meaning))
		return false;
	if (h->tools->models.encoder != NULL && !r->meaning.is_short &&
		(h->tools->models.every_language || r->meaning.typed.gold.lang == TXT_EN) &&
		!txt_models_embed(&h->tools->models, a, r->text, &r->vectors))
		return false;
	return txt_repeat_measure(a, r->text, &r->repeat);
}

/* "type" and "tolerance" of the reference go before the configuration's. */
static const char *read_how(const txt_settings *s, const plg_json *reference, how *out)
{
	assay_bytes name;
	const plg_json *type = plg_json_get(reference, "type");
	*out = (how){.type = s->answer_type};
	if (plg_json_str(type, &name)) {
		out->type = -1;
		for (int k = 0; k < TXT_TYPE_N; k++)
			if (name.len == strlen(txt_type_name[k]) &&
				memcmp(name.ptr, txt_type_name[k], (size_t)name.len) == 0)
				out->type = k;
		if (out->type < 0)
			return "reference: \"type\" is none of text, number, date, yes_no, choice, name, set, "
				   "code";
	}
	if (plg_json_num(plg_json_get(reference, "tolerance"), &out->tolerance) &&
		!(out->tolerance >= 0 && out->tolerance <= 1))
		return "reference: \"tolerance\" is not a share between 0 and 1";
	return NULL;
}

/* The members of a set given one by one are one answer. */
static const char *join_set(plg_arena *a, const plg_json *answers, size_t n, plg_text *out)
{
	plg_build b = plg_build_begin(a, 64);
	for (size_t i = 0; i < n; i++) {
		assay_bytes utf8;
		plg_text t;
		if (!plg_json_str(plg_json_at(answers, i), &utf8) ||
			plg_utf8_decode(a, utf8, MAX_REFERENCE, &t) != PLG_OK || plg_is_blank(t))
			return "reference: a member of the set is not a string with text";
		if (i > 0)
			plg_build_ascii(&b, ", ");
		plg_build_text(&b, t);
	}
	*out = plg_build_end(&b);
	return NULL;
}

static const char *one_ref(plg_arena *a, const txt_settings *s, plg_text t, const how *h,
						   txt_key *key, size_t i)
{
	txt_ref *r = &key->ref[i];
	if (!ref_prepare(a, s, t, h, r))
		return "reference: not enough memory";
	if (r->words > s->max_tokens || r->rouge.n > s->max_tokens)
		return "reference: an answer has more words than max_tokens";
	key->squad[i] = r->squad;
	key->is_long |= !r->meaning.is_short;
	if (i == 0 || r->text.n < key->shortest)
		key->shortest = r->text.n;
	return NULL;
}

static const char *refs_prepare(plg_arena *a, const txt_settings *s, const plg_json *reference,
								const how *h, txt_key *key)
{
	const plg_json *answers = plg_json_get(reference, "answers");
	size_t n = plg_json_type(answers) == PLG_J_ARRAY ? plg_json_size(answers) : 0;
	if (n == 0)
		return "reference: \"answers\" is not a list of at least one string";
	if (n > MAX_ANSWERS)
		return "reference: more than 64 answers";
	key->ref = plg_arena_take(a, n, sizeof *key->ref);
	key->squad = plg_arena_take(a, n, sizeof *key->squad);
	if (key->ref == NULL || key->squad == NULL)
		return "reference: not enough memory";
	if (h->type == TXT_TYPE_SET && n > 1) {
		plg_text all;
		const char *why = join_set(a, answers, n, &all);
		key->n = 1;
		return why != NULL ? why : one_ref(a, s, all, h, key, 0);
	}
	key->n = n;
	for (size_t i = 0; i < n; i++) {
		assay_bytes utf8;
		plg_body b;
		if (!plg_json_str(plg_json_at(answers, i), &utf8))
			return "reference: an answer is not a string";
		if (plg_body_text(a, utf8, s->limits.max_code_points, &b) != PLG_GATE_OPEN)
			return "reference: an answer is empty, too long or holds NUL";
		const char *why = one_ref(a, s, b.text, h, key, i);
		if (why != NULL)
			return why;
	}
	return NULL;
}

/* ROUGE reads Latin letters and digits only; without another measure in the weights
 * some references cannot be judged at all. */
static bool can_judge(const txt_settings *s, const txt_key *key)
{
	const double *w = key->is_long ? s->weight_long.weight : s->weight_short.weight;
	if (w[TXT_typed] + w[TXT_content] + w[TXT_exact_match] + w[TXT_f1] + w[TXT_chrf_above] > 0)
		return true;
	for (size_t i = 0; i < key->n; i++)
		if (!key->ref[i].rouge_applies)
			return false;
	return true;
}

/* ---- the prompt ---- */

typedef struct {
	plg_text part[MAX_MESSAGES + 3];
	size_t n;
	plg_text question; /* the last thing the user said */
} asked;

static bool add_part(plg_arena *a, const plg_json *v, asked *out, bool is_question)
{
	assay_bytes utf8;
	plg_text t;
	if (!plg_json_str(v, &utf8))
		return true;
	if (plg_utf8_decode(a, utf8, MAX_REFERENCE, &t) != PLG_OK)
		return false;
	if (out->n < sizeof out->part / sizeof out->part[0])
		out->part[out->n++] = t;
	if (is_question)
		out->question = t;
	return true;
}

static bool add_messages(plg_arena *a, const plg_json *list, asked *out)
{
	size_t n = plg_json_type(list) == PLG_J_ARRAY ? plg_json_size(list) : 0;
	for (size_t i = n > MAX_MESSAGES ? n - MAX_MESSAGES : 0; i < n; i++) {
		const plg_json *m = plg_json_at(list, i);
		assay_bytes role = {NULL, 0};
		(void)plg_json_str(plg_json_get(m, "role"), &role);
		bool user = role.len == 4 && memcmp(role.ptr, "user", 4) == 0;
		if (!add_part(a, plg_json_get(m, "content"), out, user))
			return false;
	}
	return true;
}

/* The words of everything the miner was shown, in one list. */
static const char *prompt_prepare(plg_arena *a, const plg_json *prompt, txt_key *key)
{
	asked all = {.n = 0};
	size_t total = 0;
	if (!add_part(a, plg_json_get(prompt, "context"), &all, false) ||
		!add_part(a, plg_json_get(prompt, "prompt"), &all, true) ||
		!add_messages(a, plg_json_get(prompt, "messages"), &all) ||
		!add_part(a, plg_json_get(prompt, "question"), &all, true) ||
		!add_part(a, prompt, &all, true))
		return "prompt: text that cannot be decoded";
	txt_words *part = plg_arena_take(a, all.n + 1, sizeof *part);
	for (size_t i = 0; part != NULL && i < all.n; i++) {
		part[i].word = txt_squad_words(a, all.part[i], &part[i].n);
		total += part[i].n;
	}
	plg_text *word = plg_arena_take(a, total, sizeof *word);
	key->prompt = (txt_words){word, total};
	if (plg_arena_failed(a) || word == NULL)
		return "prompt: not enough memory";
	for (size_t i = 0; i < all.n; i++)
		for (size_t k = 0; k < part[i].n; k++)
			*word++ = part[i].word[k];
	key->question_words.word = txt_squad_words(a, all.question, &key->question_words.n);
	if (!txt_read(a, all.question, QUESTION_TOKENS, TXT_GUESS, NULL, &key->question))
		return "prompt: not enough memory";
	return NULL;
}

const char *txt_key_prepare(plg_arena *a, const txt_tools *tools, const txt_settings *s,
							const assay_challenge *c, txt_key *key)
{
	txt_lexicon_tidy(tools->lexicon);
	plg_json *reference = plg_json_parse(c->reference, MAX_REFERENCE, NULL);
	plg_json *prompt = plg_json_parse(c->prompt, MAX_REFERENCE, NULL);
	txt_key k = {0};
	how h = {.type = -1};
	const char *why = NULL;
	if (reference == NULL)
		why = "reference: not JSON, or over 1 MiB";
	else if (prompt == NULL)
		why = "prompt: not JSON, or over 1 MiB";
	if (why == NULL)
		why = prompt_prepare(a, prompt, &k);
	if (why == NULL)
		why = read_how(s, reference, &h);
	if (why == NULL) {
		h.tools = tools;
		h.question = &k.question.t;
		why = refs_prepare(a, s, reference, &h, &k);
	}
	if (why == NULL && !can_judge(s, &k))
		why = "reference: its script has no ROUGE words and no other measure has a weight";
	plg_json_free(reference);
	plg_json_free(prompt);
	if (why == NULL)
		*key = k;
	return why;
}
