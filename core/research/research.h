/* research: what one does with recorded rounds. Replay recomputes a round, and the
 * submissions that were made right after it, from their own records and compares bits; nothing is asked of the network or the clock.
 * Reason to change: a new question about a recorded round. */
#ifndef ASY_RESEARCH_H
#define ASY_RESEARCH_H
#include "base/base.h"
#include "config/config.h"
#include "plugin/plugin.h"
#include "store/store.h"

typedef struct {
	asy_store *store; /* a data directory or a bundle; read only is enough */
	uint64_t round;
	asy_plugin *plugin; /* NULL: scores are not recomputed, and that is reported */
	uint64_t cpu_mask;
} asy_replay_request;

typedef enum { ASY_REPLAY_EQUAL, ASY_REPLAY_DIFFERS, ASY_REPLAY_SKIPPED } asy_replay_verdict;
/* One line for each kind of record. */
typedef struct {
	asy_rec_type type;
	asy_replay_verdict verdict;
	uint64_t compared; /* values compared bit for bit */
	char note[160];    /* the first difference, or why it was skipped */
} asy_replay_line;

#define ASY_REPLAY_LINES 6
typedef struct {
	uint64_t round;
	uint32_t records;
	asy_replay_line line[ASY_REPLAY_LINES]; /* SCORES .. SEAL, COUNTED */
	size_t line_n;
	bool differs;
} asy_replay_report;

/* The configuration that a round was recorded with; freed by the caller. */
assay_status asy_research_config(asy_store *store, uint64_t round, asy_config **out,
								 assay_err *err) ASSAY_CHECKED;
/* ASSAY_OK also when something differs: see the report. E_NOTFOUND: no such round.
 * E_STORE: the journal itself is damaged. */
assay_status asy_research_replay(const asy_replay_request *req, asy_replay_report *out,
								 assay_err *err) ASSAY_CHECKED;

/* What another plugin makes of a recorded round's answers, beside what was recorded. */
typedef struct {
	uint64_t round, rows;    /* rows that were scored then */
	uint64_t differ;         /* of these, how many have another value now, or none */
	uint64_t unscored;       /* of these, how many have none */
	uint64_t deaths;         /* crashes and stalls */
	double largest;          /* difference of two values, which lie in [0, 1] */
	double rank_correlation; /* Spearman's over rows scored both times; NaN: no order */
} asy_shadow;
/* The store is used before the plugin is first called, and not after that.
 * E_NOTFOUND: no such round, or pruned. */
assay_status asy_research_shadow(asy_store *store, uint64_t round, asy_plugin *plugin,
								 asy_shadow *out, assay_err *err) ASSAY_CHECKED;
#endif
