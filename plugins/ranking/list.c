/* list.c - from a miner's bytes to documents. Scores that an answer claims for itself
 * are not read. */
#include "list.h"
#include <string.h>
#include "common/num.h"

static bool is_blank(assay_bytes b)
{
	for (uint64_t i = 0; i < b.len; i++)
		if (b.ptr[i] != ' ' && b.ptr[i] != '\t' && b.ptr[i] != '\n' && b.ptr[i] != '\r')
			return false;
	return true;
}

/* More of one author or host than a varied list holds. */
static bool is_surplus(const ranking_query *q, const ranking_document *d, uint32_t *count)
{
	bool over = false;
	if (q->flood == 0)
		return false;
	if (d->author != RANKING_NONE)
		over = count[d->author]++ >= q->flood;
	if (d->host != RANKING_NONE)
		over = count[q->document_n + d->host]++ >= q->flood || over;
	return over;
}

static ranking_gate read_items(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
							   const plg_json *in, ranking_list *out)
{
	out->item = plg_arena_take(a, out->n, sizeof *out->item);
	out->worth = plg_arena_take(a, out->n, sizeof *out->worth);
	uint32_t *seen = plg_arena_take(a, q->document_n, sizeof *seen);
	uint32_t *count = plg_arena_take(a, q->flood > 0 ? 2 * q->document_n : 0, sizeof *count);
	if (out->item == NULL || out->worth == NULL || seen == NULL || count == NULL)
		return RANKING_GATE_MALFORMED;
	for (size_t i = 0; i < out->n; i++) {
		assay_bytes s;
		if (!plg_json_str(plg_json_at(in, i), &s) || s.len == 0 || s.len > RANKING_MAX_ID_BYTES)
			return RANKING_GATE_MALFORMED;
		size_t at = ranking_query_find(q, a, s);
		if (at == q->document_n)
			return RANKING_GATE_FABRICATED;
		uint32_t page = q->document[at].page;
		bool again = seen[page] != 0, surplus = !again && is_surplus(q, &q->document[page], count);
		if (again)
			out->flags |= seen[page] == at + 1 ? RANKING_FLAG_DUPLICATES : RANKING_FLAG_TWINS;
		if (surplus)
			out->flags |= RANKING_FLAG_FLOODED;
		bool is_void = again && !cfg->pays_repeats;
		out->item[i] = is_void ? RANKING_NONE : page;
		out->worth[i] = is_void ? 0 : surplus ? cfg->surplus : 1;
		out->distinct += !again;
		if (!again)
			seen[page] = (uint32_t)at + 1;
	}
	return RANKING_GATE_OPEN;
}

ranking_gate ranking_list_read(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
							   assay_bytes body, ranking_list *out)
{
	ranking_gate gate = RANKING_GATE_MALFORMED;
	*out = (ranking_list){0};
	if (body.len > cfg->max_body_bytes)
		return RANKING_GATE_OVERSIZE;
	if (is_blank(body))
		return RANKING_GATE_EMPTY;
	plg_json *doc = plg_json_parse(body, cfg->max_body_bytes, NULL);
	const plg_json *in = plg_json_get(doc, "ranking");
	if (plg_json_type(doc) != PLG_J_OBJECT || plg_json_type(in) != PLG_J_ARRAY)
		goto out;
	out->n = plg_json_size(in);
	gate = RANKING_GATE_TOO_MANY;
	if (out->n > q->size && !cfg->truncate)
		goto out;
	if (out->n > q->size) {
		out->n = q->size;
		out->flags |= RANKING_FLAG_TRUNCATED;
	}
	gate = out->n == 0 ? RANKING_GATE_EMPTY : read_items(q, cfg, a, in, out);
out:
	plg_json_free(doc);
	return gate;
}

/* ---- what a copy shows ---- */

static bool is_arbitrary(const ranking_query *q, const ranking_list *l, size_t i)
{
	return l->item[i] != RANKING_NONE && !(q->document[l->item[i]].grade > 0);
}

/* Bits of choosing k of n documents, or of choosing and ordering them. */
static double free_choice(size_t n, size_t k, bool is_set)
{
	double bits = 0;
	for (size_t i = 0; i < k; i++)
		bits += plg_log2((double)(n - i)) - (is_set ? plg_log2((double)(i + 1)) : 0);
	return bits;
}

bool ranking_list_print(const ranking_query *q, const plg_dup_settings *s, const ranking_list *l,
						plg_arena *a, uint64_t key, plg_print *out)
{
	size_t k = 0;
	uint64_t last = 0;
	for (size_t i = 0; i < l->n; i++)
		k += is_arbitrary(q, l, i);
	/* The choice of documents, in any order; where nearly all are listed it says nothing,
	 * and neighbours show the order. */
	bool by_set = 2 * k <= q->irrelevant_n;
	out->bits = free_choice(q->irrelevant_n, k, by_set);
	if (out->bits < s->bits)
		return true; /* exempt, whatever it looks like */
	uint32_t *sketch = plg_arena_take(a, PLG_SKETCH, sizeof *sketch);
	if (sketch == NULL)
		return false;
	plg_sketch_begin(sketch);
	for (size_t i = 0; i < l->n; i++) {
		if (!is_arbitrary(q, l, i))
			continue;
		plg_sketch_add(sketch, key, by_set ? l->item[i] : last << 32 | l->item[i]);
		last = (uint64_t)l->item[i] + 1;
	}
	out->sketch = plg_sketch_end(sketch, key) ? sketch : NULL;
	plg_print_bytes(key, l->item, l->n * sizeof *l->item, out->exact);
	return true;
}
