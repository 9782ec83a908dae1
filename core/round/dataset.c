/* Reads a challenge set and draws from it. The file is the operator's, but it is
 * still checked line by line: a typo here would cost a round. */
#include <stdlib.h>
#include "round/dataset.h"

#define ITEMS_MAX 100000u
#define LINE_MAX_BYTES ((size_t)16 << 20)

struct asy_dataset {
	asy_question *item;
	size_t n, cap;
	asy_arena *arena;
};

void asy_dataset_free(asy_dataset *d)
{
	if (d == NULL)
		return;
	free(d->item);
	asy_arena_free(d->arena);
	free(d);
}

size_t asy_dataset_size(const asy_dataset *d)
{
	return d->n;
}

static assay_status canonical(asy_dataset *d, asy_jv v, assay_span *out, assay_err *err)
{
	asy_buf text = {0};
	if (asy_jv_kind(v) == ASY_J_ABSENT)
		return ASSAY_OK;
	assay_status st = asy_jv_canonical(v, &text, err);
	if (st == ASSAY_OK) {
		void *copy = asy_arena_dup(d->arena, text.ptr, text.len);
		*out = asy_span(copy, text.len);
		if (copy == NULL)
			st = ASSAY_FAIL(err, E_NOMEM, "challenge set");
	}
	asy_buf_fini(&text);
	return st;
}

static assay_status grow(asy_dataset *d, assay_err *err)
{
	if (d->n < d->cap)
		return ASSAY_OK;
	if (d->n >= ITEMS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "more than %u challenges", ITEMS_MAX);
	size_t cap = d->cap != 0 ? d->cap * 2 : 64;
	asy_question *more = realloc(d->item, cap * sizeof *more);
	if (more == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "challenge set");
	d->item = more;
	d->cap = cap;
	return ASSAY_OK;
}

static assay_status add_item(asy_dataset *d, asy_jv v, assay_err *err)
{
	const char *id;
	asy_question q = {0};
	if (asy_jv_kind(v) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_INPUT, "not a JSON object");
	assay_status st = asy_jv_str(asy_jv_get(v, "id"), &id, NULL, err);
	if (st != ASSAY_OK)
		return st;
	if (asy_jv_kind(asy_jv_get(v, "prompt")) == ASY_J_ABSENT)
		return ASSAY_FAIL(err, E_INPUT, "no \"prompt\"");
	q.id = asy_arena_strdup(d->arena, id);
	if (q.id == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "challenge set");
	st = canonical(d, asy_jv_get(v, "prompt"), &q.prompt, err);
	if (st == ASSAY_OK)
		st = canonical(d, asy_jv_get(v, "reference"), &q.reference, err);
	if (st == ASSAY_OK)
		st = canonical(d, asy_jv_get(v, "meta"), &q.meta, err);
	if (st == ASSAY_OK)
		st = grow(d, err);
	if (st == ASSAY_OK)
		d->item[d->n++] = q;
	return st;
}

static assay_status add_line(asy_dataset *d, assay_span line, assay_err *err)
{
	static const asy_json_limits limits = {.max_bytes = LINE_MAX_BYTES, .max_depth = 32};
	asy_json *doc = NULL;
	assay_status st = asy_json_parse(line, &limits, &doc, err);
	if (st == ASSAY_OK)
		st = add_item(d, asy_json_root(doc), err);
	asy_json_free(doc);
	return st;
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(const asy_question *const *)a)->id, (*(const asy_question *const *)b)->id);
}

static assay_status check_unique(const asy_dataset *d, assay_err *err)
{
	const asy_question **sorted = asy_calloc(d->n, sizeof *sorted);
	assay_status st = ASSAY_OK;
	if (sorted == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "challenge set");
	for (size_t i = 0; i < d->n; i++)
		sorted[i] = &d->item[i];
	qsort(sorted, d->n, sizeof *sorted, by_id);
	for (size_t i = 1; i < d->n && st == ASSAY_OK; i++)
		if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0)
			st = ASSAY_FAIL(err, E_INPUT, "the id '%s' occurs twice", sorted[i]->id);
	free(sorted);
	return st;
}

assay_status asy_dataset_parse(assay_span text, const char *name, asy_dataset **out, assay_err *err)
{
	asy_dataset *d = calloc(1, sizeof *d);
	assay_status st = ASSAY_OK;
	size_t line_no = 0;

	if (d == NULL || (d->arena = asy_arena_new(0)) == NULL) {
		free(d);
		return ASSAY_FAIL(err, E_NOMEM, "challenge set");
	}
	for (size_t at = 0; at < text.len && st == ASSAY_OK;) {
		const uint8_t *nl = memchr(text.ptr + at, '\n', text.len - at);
		size_t end = nl != NULL ? (size_t)(nl - text.ptr) : text.len;
		assay_span line = asy_span(text.ptr + at, end - at);
		line_no++;
		at = end + 1;
		while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == ' '))
			line.len--;
		if (line.len == 0)
			continue;
		st = add_line(d, line, err);
		if (st != ASSAY_OK)
			st = assay_err_at(err, st, "%s, line %zu", name, line_no);
	}
	if (st == ASSAY_OK && d->n == 0)
		st = ASSAY_FAIL(err, E_EMPTY, "%s holds no challenge", name);
	if (st == ASSAY_OK && (st = check_unique(d, err)) != ASSAY_OK)
		st = assay_err_at(err, st, "%s", name);
	if (st != ASSAY_OK) {
		asy_dataset_free(d);
		return st;
	}
	*out = d;
	return ASSAY_OK;
}

size_t asy_dataset_draw(const asy_dataset *d, asy_rng *rng, size_t want, asy_question *out)
{
	/* Selection sampling (Knuth, algorithm S) takes want of n in one pass; the shuffle
	 * after it makes the order a matter of the seed too. */
	size_t taken = 0;
	if (want > d->n)
		want = d->n;
	for (size_t i = 0; i < d->n && taken < want; i++)
		if (asy_rng_below(rng, d->n - i) < want - taken)
			out[taken++] = d->item[i];
	for (size_t i = taken; i > 1; i--) {
		size_t j = (size_t)asy_rng_below(rng, i);
		asy_question t = out[i - 1];
		out[i - 1] = out[j];
		out[j] = t;
	}
	return taken;
}
