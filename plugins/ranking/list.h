/* list.h - an answer, read. */
#ifndef PLUGIN_RANKING_LIST_H
#define PLUGIN_RANKING_LIST_H
#include "query.h"

/* The list as numbers of pages; RANKING_NONE for a repetition, which keeps its place. */
typedef struct {
	uint32_t *item;
	double *worth; /* what the gain is multiplied with: 0 repeated, < 1 surplus */
	size_t n, distinct;
	unsigned flags;
} ranking_list;

/* Reads {"ranking": [id, ...]} with memory from a, and says which gate is closed. */
ranking_gate ranking_list_read(const ranking_query *q, const ranking_settings *cfg, plg_arena *a,
							   assay_bytes body, ranking_list *out);

/* What the duplicate rule compares: shared choices among documents that are not
 * relevant. Agreement on what is right says nothing; agreement on what is arbitrary
 * says who copied. */
bool ranking_list_print(const ranking_query *q, const plg_dup_settings *s, const ranking_list *l,
						plg_arena *a, uint64_t key, plg_print *out);
#endif
