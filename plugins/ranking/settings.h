/* settings.h - the configuration of an instance, as ranking.schema.json describes it. */
#ifndef PLUGIN_RANKING_SETTINGS_H
#define PLUGIN_RANKING_SETTINGS_H
#include <stdbool.h>
#include "common/batch.h"
#include "common/latency.h"
#include "row.h"

typedef enum { RANKING_FORM_AUTO, RANKING_FORM_LINEAR, RANKING_FORM_EXPONENTIAL } ranking_form;
/* default: what a user calls right; trec_eval: the arithmetic of trec_eval 10.0. The
 * differences are tabled in README.md. */
typedef enum { RANKING_PROFILE_DEFAULT, RANKING_PROFILE_TREC_EVAL } ranking_profile;
/* What the ideal list holds: the judged gains, or size items of gain 1 (OpenKaito). */
typedef enum { RANKING_IDEAL_JUDGED, RANKING_IDEAL_ONES } ranking_ideal;
/* half_life: 2^(-age / h), of relevant documents. oldest: 1 - mean age over the oldest
 * mean age of the batch, as OpenKaito publishes it: one decoy moves everyone's. */
typedef enum { RANKING_FRESH_HALF_LIFE, RANKING_FRESH_OLDEST } ranking_fresh;

typedef struct {
	ranking_profile profile;
	size_t depth; /* k of nDCG@k, recall@k, precision@k and MRR */
	ranking_form form;
	ranking_ideal ideal;
	double relevant_from; /* the least grade that counts as relevant    */
	bool truncate;        /* too long a list is cut instead of refused  */
	double rbo_p;
	plg_weights weights;
	bool chance;         /* the reward begins above a random order     */
	double margin;       /* ... by this many standard deviations       */
	double curve;        /* exponent of the quality                    */
	double uniqueness;   /* exponent of distinct / n; 0: no factor     */
	bool per_list;       /* of the list, else of the size (OpenKaito)  */
	bool pays_repeats;   /* a repeated id counts again (OpenKaito)     */
	double author_share; /* of a list, before surplus applies; 1: off  */
	double surplus;      /* what further items of an author are worth  */
	ranking_fresh fresh;
	double half_life_s;
	size_t max_body_bytes;
	plg_latency latency;
	plg_relative relative;
} ranking_settings;

extern const char *const ranking_component_names[RANKING_C_N];
assay_rc ranking_settings_read(ranking_settings *s, assay_bytes json, const assay_host_api *host);
#endif
