/* research/rescore.h - the answers of a recorded round through a plugin once more; replay and
 * shadow scoring do it with the same batch as the live round. */
#ifndef ASY_RESEARCH_RESCORE_H
#define ASY_RESEARCH_RESCORE_H
#include "round/round.h"

typedef struct {
	asy_plugin_challenge *challenge;
	asy_plugin_response *response;
	asy_plugin_row *row; /* by batch row */
	size_t *slot, n;     /* batch row -> slot of the round */
	asy_plugin_stats stats;
} asy_rescored;

/* Bodies come from store into r before the plugin is called; store is not used after that.
 * out needs asy_rescored_fini also on failure. */
assay_status asy_rescore(asy_round *r, asy_store *store, asy_plugin *plugin, asy_rescored *out,
						 assay_err *err) ASSAY_CHECKED;
void asy_rescored_fini(asy_rescored *b);
#endif
