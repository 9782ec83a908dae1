/* query.c - reads a challenge: the documents of the prompt, the grades of the
 * reference, the ideal gains. Whatever is wrong here is the validator's own fault
 * and leaves the rows unscored, never at 0. */
#include "query.h"
#include <stdlib.h>
#include <string.h>
#include "common/text.h"
#include "measure.h"

#define MAX_CHALLENGE ((size_t)32 << 20)
#define MAX_ARENA ((size_t)64 << 20)

/* Ids are compared as bytes after NFC; most are ASCII and need no work. */
static bool canonical(plg_arena *a, assay_bytes in, assay_bytes *out)
{
	plg_text t;
	bool ascii = true;
	if (in.len == 0 || in.len > RANKING_MAX_ID_BYTES || memchr(in.ptr, 0, (size_t)in.len) != NULL)
		return false;
	for (uint64_t i = 0; i < in.len; i++)
		ascii = ascii && in.ptr[i] < 0x80;
	if (ascii) {
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

static int compare_ids(const void *a, const void *b)
{
	return by_bytes(*(const assay_bytes *)a, *(const assay_bytes *)b);
}

static int falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

size_t ranking_query_find(const ranking_query *q, plg_arena *scratch, assay_bytes id)
{
	assay_bytes want;
	if (!canonical(scratch, id, &want))
		return q->document_n;
	size_t lo = 0, hi = q->document_n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = by_bytes(q->id[mid], want);
		if (c == 0)
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return q->document_n;
}

/* The documents' ids, copied out of the prompt and sorted. */
static const char *load_documents(ranking_query *q, const plg_json *prompt)
{
	const plg_json *list = plg_json_get(prompt, "documents");
	int64_t size;
	q->document_n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || q->document_n == 0 ||
		q->document_n > RANKING_MAX_DOCUMENTS)
		return "the prompt has no list of 1 to 10000 documents";
	q->id = plg_arena_take(q->arena, q->document_n, sizeof *q->id);
	for (size_t i = 0; q->id != NULL && i < q->document_n; i++) {
		assay_bytes s, form;
		if (!plg_json_str(plg_json_get(plg_json_at(list, i), "id"), &s) ||
			!canonical(q->arena, s, &form))
			return "a document of the prompt has no usable id";
		uint8_t *copy = plg_arena_take(q->arena, (size_t)form.len + 1, 1);
		if (copy == NULL)
			return "out of memory";
		memcpy(copy, form.ptr, (size_t)form.len);
		q->id[i] = (assay_bytes){copy, form.len};
	}
	if (q->id == NULL)
		return "out of memory";
	qsort(q->id, q->document_n, sizeof *q->id, compare_ids);
	for (size_t i = 1; i < q->document_n; i++)
		if (by_bytes(q->id[i - 1], q->id[i]) == 0)
			return "two documents of the prompt have the same id";
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
	double grade;
	if (at == q->document_n)
		g->fault = "the reference judges a document that the prompt does not offer";
	else if (g->judged[at]++ != 0)
		g->fault = "the reference judges a document twice, in two spellings of its id";
	else if (!plg_json_num(v, &grade) || grade > RANKING_MAX_GRADE)
		g->fault = "a grade of the reference is not a number up to 1e9";
	else
		q->grade[at] = grade;
	return g->fault == NULL;
}

/* One grade a document, 0 where the reference has none. Judgements of documents
 * that were not offered would make the ideal unreachable. */
static const char *load_grades(ranking_query *q, const ranking_settings *cfg,
							   const plg_json *relevance)
{
	grading g = {.q = q, .judged = plg_arena_take(q->arena, q->document_n, 1)};
	if (plg_json_type(relevance) != PLG_J_OBJECT)
		return "the reference has no relevance object";
	q->grade = plg_arena_take(q->arena, q->document_n, sizeof *q->grade);
	if (q->grade == NULL || g.judged == NULL)
		return "out of memory";
	if (!plg_json_each(relevance, take_grade, &g))
		return g.fault;
	for (size_t i = 0; i < q->document_n; i++) {
		q->relevant_n += q->grade[i] >= cfg->relevant_from;
		q->graded |= q->grade[i] > 1;
		q->large |= q->grade[i] > RANKING_MAX_EXPONENT;
	}
	if (q->large && cfg->form == RANKING_FORM_EXPONENTIAL)
		return "a grade above 30 has no exponential gain; configure \"gain\": \"linear\"";
	for (int form = 0; form < 2; form++) {
		double *ideal = plg_arena_take(q->arena, q->document_n, sizeof *ideal);
		if (ideal == NULL)
			return "out of memory";
		for (size_t i = 0; i < q->document_n; i++)
			ideal[i] = ranking_gain(q->grade[i], (ranking_gain_form)form);
		qsort(ideal, q->document_n, sizeof *ideal, falling);
		q->ideal[form] = ideal;
	}
	if (!(q->ideal[0][0] > 0) && !q->may_be_empty)
		return "no document is relevant, and the prompt does not say may_be_empty";
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
		q->own[i] = (uint32_t)at;
	}
	q->own_n = n;
	return NULL;
}

ranking_row_rc ranking_query_load(ranking_query *q, const ranking_settings *cfg, assay_bytes prompt,
								  assay_bytes reference, const char **why)
{
	*q = (ranking_query){.arena = plg_arena_new(MAX_ARENA)};
	if (q->arena == NULL)
		return RANKING_ROW_NOMEM;
	plg_json *in = plg_json_parse(prompt, MAX_CHALLENGE, NULL);
	plg_json *ref = plg_json_parse(reference, MAX_CHALLENGE, NULL);
	const char *fault = load_documents(q, in);
	if (fault == NULL)
		fault = load_grades(q, cfg, plg_json_get(ref, "relevance"));
	if (fault == NULL)
		fault = load_own(q, plg_json_get(ref, "ranking"));
	plg_json_free(in);
	plg_json_free(ref);
	if (fault == NULL)
		return RANKING_ROW_DONE;
	bool full = plg_arena_failed(q->arena);
	ranking_query_fini(q);
	*why = fault;
	return full ? RANKING_ROW_NOMEM : RANKING_ROW_UNSCORED;
}

void ranking_query_fini(ranking_query *q)
{
	plg_arena_free(q->arena);
	*q = (ranking_query){0};
}
