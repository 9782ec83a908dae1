/* ideal.h - the best and the random list of a query. */
#ifndef PLUGIN_RANKING_IDEAL_H
#define PLUGIN_RANKING_IDEAL_H
#include "query.h"

/* Sets depth, flood, ideal gains, luck and baseline of a query whose documents are read.
 * NULL, or why no list can be judged. */
const char *ranking_ideal_make(ranking_query *q, const ranking_settings *cfg);
/* Which parts can be measured for this query at all. */
bool ranking_part_applies(const ranking_query *q, const ranking_settings *cfg, int part);
/* Relevant documents that a list can hold within the depth: what recall divides by. */
double ranking_recall_most(const ranking_query *q, const ranking_settings *cfg);
/* What precision divides by. */
double ranking_precision_places(const ranking_query *q, const ranking_settings *cfg);
#endif
