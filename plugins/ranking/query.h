/* query.h - one query with its documents and judgements, and the score of a list. */
#ifndef PLUGIN_RANKING_QUERY_H
#define PLUGIN_RANKING_QUERY_H
#include "common/arena.h"
#include "common/json.h"
#include "row.h"
#include "settings.h"

#define RANKING_MAX_DOCUMENTS 10000
#define RANKING_MAX_ID_BYTES 256

typedef struct {
	plg_arena *arena;
	size_t document_n, size; /* documents of the prompt; longest list allowed */
	assay_bytes *id;         /* [document_n], in byte order                   */
	double *grade;           /* [document_n], of the same                     */
	double *ideal[2];        /* gains in falling order, by ranking_gain_form  */
	uint32_t *own;           /* the reference's ranking, or NULL              */
	size_t own_n, relevant_n;
	bool graded;       /* some grade is above 1   */
	bool large;        /* some grade is above 30: no exponential gain */
	bool may_be_empty; /* "nothing fits" is a possible answer */
} ranking_query;

typedef enum { RANKING_ROW_DONE, RANKING_ROW_UNSCORED, RANKING_ROW_NOMEM } ranking_row_rc;

/* Reads one challenge. RANKING_ROW_UNSCORED: the challenge is at fault and *why
 * says how; nothing is left to free unless RANKING_ROW_DONE is returned. */
ranking_row_rc ranking_query_load(ranking_query *q, const ranking_settings *cfg, assay_bytes prompt,
								  assay_bytes reference, const char **why);
void ranking_query_fini(ranking_query *q);

/* Index of an id among the documents (after NFC), or document_n. */
size_t ranking_query_find(const ranking_query *q, plg_arena *scratch, assay_bytes id);

/* Scores one body, {"ranking": [id, ...]}. scratch is reset by the call; row was
 * initialised. */
ranking_row_rc ranking_score(const ranking_query *q, const ranking_settings *cfg,
							 plg_arena *scratch, assay_bytes body, ranking_row *row);
#endif
