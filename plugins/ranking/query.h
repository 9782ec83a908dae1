/* query.h - one query with its documents and judgements, and the score of a list. */
#ifndef PLUGIN_RANKING_QUERY_H
#define PLUGIN_RANKING_QUERY_H
#include "chance.h"
#include "common/arena.h"
#include "common/json.h"
#include "row.h"
#include "settings.h"

#define RANKING_MAX_DOCUMENTS 10000
#define RANKING_MAX_ID_BYTES 256

typedef struct {
	assay_bytes id; /* NFC */
	double grade;   /* 0 where the reference has none */
	double age_s;   /* NaN: not known */
	/* The first document that is the same page (address, or a text of some length), has
	 * the same author, lies on the same host; of oneself where it is the first, and
	 * RANKING_NONE for an unknown author or host. */
	uint32_t page, author, host;
	bool is_credited, is_judged;
} ranking_document;
#define RANKING_NONE UINT32_MAX

typedef struct {
	plg_arena *arena;
	size_t document_n, size, depth; /* longest list allowed; what the measures look at */
	ranking_document *document;     /* in byte order of their ids */
	size_t page_n;                  /* different pages */
	double *ideal[2];               /* gains of pages in falling order, by ranking_gain_form */
	double ideal_dcg[2], ideal_fresh;
	uint32_t *own;                                    /* the reference's ranking, or NULL */
	size_t own_n, relevant_n, irrelevant_n, judged_n; /* judged: and not relevant */
	size_t flood;      /* items of one author or host before the next are surplus; 0: no limit */
	bool graded;       /* some grade is above 1   */
	bool large;        /* some grade is above 30: no exponential gain */
	bool may_be_empty; /* "nothing fits" is a possible answer */
	bool has_ages, has_credits;
	bool exponential;  /* the gain form that counts */
	ranking_luck luck; /* of the weighted mean */
	double baseline;   /* where the reward begins */
	double oldest_s;   /* mean age of the batch's oldest answer, for RANKING_FRESH_OLDEST */
} ranking_query;

/* Reads one challenge into q, with memory from a that lives as long as q. NULL, or why
 * it cannot be scored: the challenge is at fault (or a has failed). */
const char *ranking_query_load(ranking_query *q, const ranking_settings *cfg, plg_arena *a,
							   assay_bytes prompt, assay_bytes reference);

/* Index of an id among the documents (after NFC), or document_n. */
size_t ranking_query_find(const ranking_query *q, plg_arena *scratch, assay_bytes id);

/* 2^(-age / half-life) of a relevant document, else 0; NaN age: 0. */
double ranking_fresh_gain(const ranking_settings *cfg, const ranking_document *d);
#endif
