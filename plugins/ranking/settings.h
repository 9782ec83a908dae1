/* settings.h - the configuration of an instance, as ranking.schema.json describes it. */
#ifndef PLUGIN_RANKING_SETTINGS_H
#define PLUGIN_RANKING_SETTINGS_H
#include <stdbool.h>
#include "assay/plugin.h"

typedef enum { RANKING_FORM_AUTO, RANKING_FORM_LINEAR, RANKING_FORM_EXPONENTIAL } ranking_form;

typedef struct {
	size_t depth; /* k of nDCG@k, recall@k, precision@k and MRR */
	ranking_form form;
	double relevant_from; /* the least grade that counts as relevant    */
	bool truncate;        /* too long a list is cut instead of refused  */
	double rbo_p;
	size_t max_body_bytes;
	double latency_weight;
	uint32_t deadline_ms;
} ranking_settings;

assay_rc ranking_settings_read(ranking_settings *s, assay_bytes json, const assay_host_api *host);
#endif
