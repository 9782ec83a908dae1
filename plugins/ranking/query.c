/* query.c - reads a challenge: the documents of the prompt, the grades of the
 * reference, the ideal gains. Whatever is wrong here is the validator's own fault
 * and leaves the rows unscored, never at 0. */
#include "query.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/num.h"
#include "common/text.h"
#include "ideal.h"
#include "measure.h"
#include "page.h"

#define MAX_CHALLENGE ((size_t)32 << 20)
#define TWIN_CODE_POINTS 40     /* shorter texts are equal by chance */
#define TWIN_FOLDED_BYTES 65536 /* longer ones are compared as bytes: folding takes memory */

/* Ids are compared as bytes after NFC; most are ASCII and need no work. */
static bool canonical(plg_arena *a, assay_bytes in, assay_bytes *out)
{
	plg_text t;
	uint8_t seen = 0;
	if (in.len == 0 || in.len > RANKING_MAX_ID_BYTES || memchr(in.ptr, 0, (size_t)in.len) != NULL)
		return false;
	for (uint64_t i = 0; i < in.len; i++)
		seen |= in.ptr[i];
	if (seen < 0x80) {
		*out = in;
		return true;
	}
	if (plg_utf8_decode(a, in, RANKING_MAX_ID_BYTES, &t) != PLG_OK || t.n == 0)
		return false;
	*out = plg_utf8_encode(a, plg_normalize(a, PLG_NFC, t));
	return out->ptr != NULL;
}

static int by_bytes(assay_bytes a, assay_bytes b)
{
	size_t n = (size_t)(a.len < b.len ? a.len : b.len);
	int c = memcmp(a.ptr, b.ptr, n);
	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

size_t ranking_query_find(const ranking_query *q, plg_arena *scratch, assay_bytes id)
{
	assay_bytes want;
	if (!canonical(scratch, id, &want))
		return q->document_n;
	size_t lo = 0, hi = q->document_n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = by_bytes(q->document[mid].id, want);
		if (c == 0)
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return q->document_n;
}

/* ---- documents ---- */

/* A document of the prompt on its way into order. */
typedef struct {
	assay_bytes id;
	const plg_json *json;
} arrival;

static int by_id(const void *a, const void *b)
{
	return by_bytes(((const arrival *)a)->id, ((const arrival *)b)->id);
}

static const char *read_ids(ranking_query *q, const plg_json *list, arrival *in)
{
	for (size_t i = 0; i < q->document_n; i++) {
		assay_bytes s, form;
		in[i].json = plg_json_at(list, i);
		if (!plg_json_str(plg_json_get(in[i].json, "id"), &s) || !canonical(q->arena, s, &form))
			return "a document of the prompt has no usable id";
		uint8_t *copy = plg_arena_take(q->arena, (size_t)form.len + 1, 1);
		if (copy == NULL)
			return "out of memory";
		memcpy(copy, form.ptr, (size_t)form.len);
		in[i].id = (assay_bytes){copy, form.len};
	}
	qsort(in, q->document_n, sizeof *in, by_id);
	for (size_t i = 1; i < q->document_n; i++)
		if (by_bytes(in[i - 1].id, in[i].id) == 0)
			return "two documents of the prompt have the same id";
	return NULL;
}

/* ---- what documents have in common ---- */

typedef struct {
	uint64_t hash[2];
	uint32_t at;
} trait;

static int by_trait(const void *a, const void *b)
{
	const trait *x = a, *y = b;
	int c = memcmp(x->hash, y->hash, sizeof x->hash);
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

/* Calls same(q, first, at) for each document that shares a trait with an earlier one. */
static void pair_up(ranking_query *q, trait *t, size_t n,
					void (*same)(ranking_query *q, uint32_t first, uint32_t at))
{
	if (n > 1)
		qsort(t, n, sizeof *t, by_trait);
	for (size_t i = 0, first = 0; i < n; i++) {
		if (memcmp(t[i].hash, t[first].hash, sizeof t[i].hash) != 0)
			first = i;
		same(q, t[first].at, t[i].at);
	}
}

static uint32_t page_of(const ranking_query *q, uint32_t at)
{
	while (q->document[at].page != at)
		at = q->document[at].page;
	return at;
}

static void same_page(ranking_query *q, uint32_t first, uint32_t at)
{
	uint32_t a = page_of(q, first), b = page_of(q, at);
	q->document[a > b ? a : b].page = a < b ? a : b;
}

static void same_author(ranking_query *q, uint32_t first, uint32_t at)
{
	q->document[at].author = first;
}

static void same_host(ranking_query *q, uint32_t first, uint32_t at)
{
	q->document[at].host = first;
}

typedef struct {
	trait *url, *text, *author, *host;
	size_t url_n, text_n, author_n, host_n;
} traits;

static void note(trait *t, size_t *n, size_t at, const void *p, size_t len)
{
	t[*n].at = (uint32_t)at;
	plg_print_bytes(0, p, len, t[(*n)++].hash);
}

static void note_document(plg_arena *scratch, const plg_json *v, size_t at, traits *t)
{
	assay_bytes s, url, host;
	plg_text text;
	if (plg_json_str(plg_json_get(v, "url"), &s) && ranking_page_url(scratch, s, &url, &host)) {
		note(t->url, &t->url_n, at, url.ptr, (size_t)url.len);
		note(t->host, &t->host_n, at, host.ptr, (size_t)host.len);
	}
	if (plg_json_str(plg_json_get(v, "author"), &s) && s.len > 0)
		note(t->author, &t->author_n, at, s.ptr, (size_t)s.len);
	if (!plg_json_str(plg_json_get(v, "text"), &s) || s.len < TWIN_CODE_POINTS)
		return;
	if (s.len > TWIN_FOLDED_BYTES)
		note(t->text, &t->text_n, at, s.ptr, (size_t)s.len);
	else if (plg_utf8_decode(scratch, s, SIZE_MAX, &text) == PLG_OK) {
		text = plg_canon(scratch, text);
		if (text.n >= TWIN_CODE_POINTS)
			note(t->text, &t->text_n, at, text.cp, text.n * sizeof *text.cp);
	}
}

/* Copies of one page, documents of one author, of one host. */
static const char *compare_documents(ranking_query *q, const arrival *in)
{
	traits t = {0};
	size_t n = q->document_n;
	plg_arena *a = q->arena;
	t.url = plg_arena_take(a, n, sizeof *t.url);
	t.text = plg_arena_take(a, n, sizeof *t.text);
	t.author = plg_arena_take(a, n, sizeof *t.author);
	t.host = plg_arena_take(a, n, sizeof *t.host);
	if (plg_arena_failed(a))
		return "out of memory";
	for (size_t i = 0; i < n; i++) {
		plg_arena_point before = plg_arena_mark(a);
		note_document(a, in[i].json, i, &t);
		plg_arena_rewind(a, before);
	}
	pair_up(q, t.url, t.url_n, same_page);
	pair_up(q, t.text, t.text_n, same_page);
	pair_up(q, t.author, t.author_n, same_author);
	pair_up(q, t.host, t.host_n, same_host);
	for (uint32_t i = 0; i < n; i++)
		q->document[i].page = page_of(q, i);
	return plg_arena_failed(a) ? "out of memory" : NULL;
}

/* ---- ages and authors ---- */

static bool in_list(const plg_json *list, assay_bytes s)
{
	for (size_t i = 0; i < plg_json_size(list); i++) {
		assay_bytes x;
		if (plg_json_str(plg_json_at(list, i), &x) && by_bytes(x, s) == 0)
			return true;
	}
	return false;
}

static void read_facts(ranking_query *q, const plg_json *prompt, const arrival *in)
{
	const plg_json *credits = plg_json_get(prompt, "credit_authors");
	double now, created;
	bool has_now = ranking_page_time(plg_json_get(prompt, "now"), &now);
	q->has_credits = plg_json_type(credits) == PLG_J_ARRAY;
	for (size_t i = 0; i < q->document_n; i++) {
		ranking_document *d = &q->document[i];
		assay_bytes author;
		d->age_s = NAN;
		if (has_now && ranking_page_time(plg_json_get(in[i].json, "created_at"), &created)) {
			d->age_s = now - created > 0 ? now - created : 0;
			q->has_ages = true;
		}
		d->is_credited = q->has_credits &&
						 plg_json_str(plg_json_get(in[i].json, "author"), &author) &&
						 in_list(credits, author);
	}
}

static const char *load_size(ranking_query *q, const plg_json *prompt)
{
	int64_t size;
	q->size = q->document_n;
	if (plg_json_get(prompt, "size") != NULL) {
		if (!plg_json_int(plg_json_get(prompt, "size"), &size) || size < 1 ||
			size > RANKING_MAX_DOCUMENTS)
			return "the prompt's size is not a whole number from 1 to 10000";
		q->size = (size_t)size;
	}
	if (!plg_json_bool(plg_json_get(prompt, "may_be_empty"), &q->may_be_empty))
		q->may_be_empty = false;
	return NULL;
}

static const char *load_documents(ranking_query *q, const ranking_settings *cfg,
								  const plg_json *prompt)
{
	const plg_json *list = plg_json_get(prompt, "documents");
	q->document_n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || q->document_n == 0 ||
		q->document_n > RANKING_MAX_DOCUMENTS)
		return "the prompt has no list of 1 to 10000 documents";
	arrival *in = plg_arena_take(q->arena, q->document_n, sizeof *in);
	q->document = plg_arena_take(q->arena, q->document_n, sizeof *q->document);
	if (in == NULL || q->document == NULL)
		return "out of memory";
	const char *fault = read_ids(q, list, in);
	for (uint32_t i = 0; fault == NULL && i < q->document_n; i++)
		q->document[i] = (ranking_document){
			.id = in[i].id, .page = i, .author = RANKING_NONE, .host = RANKING_NONE};
	if (fault == NULL)
		read_facts(q, prompt, in);
	if (fault == NULL && cfg->profile == RANKING_PROFILE_DEFAULT)
		fault = compare_documents(q, in);
	return fault == NULL ? load_size(q, prompt) : fault;
}

/* ---- judgements ---- */

typedef struct {
	ranking_query *q;
	const char *fault;
	uint8_t *judged; /* [document_n] */
} grading;

/* One judgement. Its id is compared in the same form as all others. */
static bool take_grade(void *ctx, assay_bytes key, const plg_json *v)
{
	grading *g = ctx;
	ranking_query *q = g->q;
	size_t at = ranking_query_find(q, q->arena, key);
	double grade = 0;
	if (at == q->document_n)
		g->fault = "the reference judges a document that the prompt does not offer";
	else if (g->judged[at]++ != 0)
		g->fault = "the reference judges a document twice, in two spellings of its id";
	else if (!plg_json_num(v, &grade) || grade > RANKING_MAX_GRADE)
		g->fault = "a grade of the reference is not a number up to 1e9";
	if (g->fault != NULL)
		return false;
	q->document[at].grade = grade;
	q->document[at].is_judged = true;
	return true;
}

/* Copies of a page are as good as the best of them. */
static void count_pages(ranking_query *q, const ranking_settings *cfg)
{
	for (size_t i = 0; i < q->document_n; i++) {
		ranking_document *d = &q->document[i], *page = &q->document[d->page];
		page->grade = d->grade > page->grade ? d->grade : page->grade;
		page->is_judged = page->is_judged || d->is_judged;
	}
	for (uint32_t i = 0; i < q->document_n; i++) {
		const ranking_document *d = &q->document[i];
		if (d->page != i)
			continue;
		q->page_n++;
		q->relevant_n += d->grade >= cfg->relevant_from;
		q->judged_n += d->is_judged && !(d->grade >= cfg->relevant_from);
		q->irrelevant_n += !(d->grade > 0);
		q->graded |= d->grade > 1;
		q->large |= d->grade > RANKING_MAX_EXPONENT;
	}
}

static const char *load_grades(ranking_query *q, const ranking_settings *cfg,
							   const plg_json *relevance)
{
	grading g = {.q = q, .judged = plg_arena_take(q->arena, q->document_n, 1)};
	if (plg_json_type(relevance) != PLG_J_OBJECT)
		return "the reference has no relevance object";
	if (g.judged == NULL)
		return "out of memory";
	if (!plg_json_each(relevance, take_grade, &g))
		return g.fault;
	count_pages(q, cfg);
	if (q->large && cfg->form == RANKING_FORM_EXPONENTIAL)
		return "a grade above 30 has no exponential gain; configure \"gain\": \"linear\"";
	return NULL;
}

/* The validator's own order, when the reference brings one. */
static const char *load_own(ranking_query *q, const plg_json *list)
{
	if (list == NULL)
		return NULL;
	size_t n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || n > q->document_n)
		return "the reference's ranking is not a list of offered documents";
	q->own = plg_arena_take(q->arena, n, sizeof *q->own);
	uint8_t *seen = plg_arena_take(q->arena, q->document_n, 1);
	if (q->own == NULL || seen == NULL)
		return "out of memory";
	for (size_t i = 0; i < n; i++) {
		assay_bytes s;
		size_t at = q->document_n;
		if (plg_json_str(plg_json_at(list, i), &s))
			at = ranking_query_find(q, q->arena, s);
		if (at == q->document_n || seen[at]++ != 0)
			return "the reference's ranking names an unknown or repeated document";
		if (q->document[at].page == at)
			q->own[q->own_n++] = (uint32_t)at;
	}
	return NULL;
}

const char *ranking_query_load(ranking_query *q, const ranking_settings *cfg, plg_arena *a,
							   assay_bytes prompt, assay_bytes reference)
{
	*q = (ranking_query){.arena = a};
	plg_json *in = plg_json_parse(prompt, MAX_CHALLENGE, NULL);
	plg_json *ref = plg_json_parse(reference, MAX_CHALLENGE, NULL);
	const char *fault = load_documents(q, cfg, in);
	if (fault == NULL)
		fault = load_grades(q, cfg, plg_json_get(ref, "relevance"));
	if (fault == NULL)
		fault = load_own(q, plg_json_get(ref, "ranking"));
	if (fault == NULL)
		fault = ranking_ideal_make(q, cfg);
	plg_json_free(in);
	plg_json_free(ref);
	return fault;
}
