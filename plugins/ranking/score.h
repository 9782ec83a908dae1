/* score.h - the measures of one list and what they earn. */
#ifndef PLUGIN_RANKING_SCORE_H
#define PLUGIN_RANKING_SCORE_H
#include "list.h"

/* Scores one body into component[RANKING_C_N], which comes in as NaN. *list, with memory
 * from scratch, is what was read. False: out of memory. */
bool ranking_score(const ranking_query *q, const ranking_settings *cfg, plg_arena *scratch,
				   const assay_response *r, ranking_list *list, double *component);
/* Mean age of a readable list's documents, NaN where unknown. */
double ranking_mean_age(const ranking_query *q, const ranking_list *l);
#endif
