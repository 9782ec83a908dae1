/* guarantees: the Monte-Carlo map of how much honest utility an honest majority
 * needs to keep its stake share (one epoch of a split network per point, over a grid
 * of W_H x W_C). Pure and seeded: the same plan gives the same bits on any number
 * of threads, in one run or in several.
 * Reason to change: another question to the map. */
#ifndef ASY_RESEARCH_GUARANTEES_H
#define ASY_RESEARCH_GUARANTEES_H
#include "base/base.h"
#include "codec/codec.h"

/* One map. Proportions as the chain has them: kappa and penalty of 65535. */
typedef struct {
	double honest_stake; /* S_H, between 0 and 1 */
	double spread;       /* sigma_W */
	uint16_t kappa, bonds_penalty;
	bool yuma3;
} asy_guar_setting;

/* Weights are fiftieths: 50 is all of it. Both axes begin at 50 and go down. */
#define ASY_GUAR_WHOLE 50u
#define ASY_GUAR_SETTINGS_MAX 4096u
#define ASY_GUAR_SEEDS_MAX 4096u
typedef struct {
	const asy_guar_setting *setting;
	size_t setting_n;
	const uint64_t *seed; /* 0 is the seed of the published map */
	size_t seed_n;
	unsigned honest_step, cabal_step; /* fiftieths between grid points, 1 .. 50 */
	uint64_t cpu_mask;
} asy_guar_plan;

typedef struct {
	uint64_t honest_emission, cabal_emission; /* of 10^9; honest / (both) is the ratio */
	double deviation;                         /* average weight deviation */
} asy_guar_point;

/* A plan and what is known of it so far. The unit of work, of progress and of the
 * state file is one line of W_H at one (setting, seed, W_C). */
typedef struct asy_guar asy_guar;
/* Copies the plan. E_RANGE, E_LIMIT, E_NOMEM. */
assay_status asy_guar_new(const asy_guar_plan *plan, asy_guar **out, assay_err *err) ASSAY_CHECKED;
void asy_guar_free(asy_guar *g);
const asy_guar_plan *asy_guar_plan_get(const asy_guar *g);
size_t asy_guar_units(const asy_guar *g); /* all */
size_t asy_guar_known(const asy_guar *g); /* done or loaded */
size_t asy_guar_honest_n(const asy_guar *g), asy_guar_cabal_n(const asy_guar *g);

/* ---- state lines: JSON, one unit each, that say themselves what they are of ---- */

/* The first line of a state file. */
#define ASY_GUAR_STATE_HEADER "{\"format\": \"assay-guarantees-state/1\"}"
/* Takes one line of an earlier run; used tells whether it belongs to this plan (a
 * state file may serve several plans). E_FORMAT, E_RANGE: a damaged line. */
assay_status asy_guar_load(asy_guar *g, assay_span line, bool *used, assay_err *err) ASSAY_CHECKED;
/* Receives each finished unit as a line without its newline; in the caller's thread.
 * A failure (E_CANCELLED, say) ends the run; units under way still arrive. */
typedef assay_status asy_guar_sink(void *arg, assay_span line, assay_err *err);
/* Computes what is not known yet. Resumable after any failure. */
assay_status asy_guar_run(asy_guar *g, unsigned threads, asy_guar_sink *sink, void *arg,
						  assay_err *err) ASSAY_CHECKED;

/* ---- reading the map (every unit must be known) ---- */

/* i-th W_H and k-th W_C of the grid, 1.0 first. */
double asy_guar_honest_weight(const asy_guar *g, size_t i);
double asy_guar_cabal_weight(const asy_guar *g, size_t k);
const asy_guar_point *asy_guar_at(const asy_guar *g, size_t setting, size_t seed, size_t i,
								  size_t k);
double asy_guar_ratio(const asy_guar_point *p);
/* Mean and standard deviation (n - 1; 0 for one seed) of the ratio over the seeds. */
void asy_guar_spread(const asy_guar *g, size_t setting, size_t i, size_t k, double *mean,
					 double *sd);

/* The retention line at one W_C: the smallest W_H from which on upwards the honest
 * side keeps its share, linear between grid points. false: not even at W_H = 1. */
bool asy_guar_line(const asy_guar *g, size_t setting, size_t seed, size_t k, double *honest_weight);
/* The headline number: the largest W_H on the line over all W_C. */
typedef struct {
	double honest_weight, cabal_weight;
	bool is_kept; /* false: at some W_C retention fails even at W_H = 1 */
} asy_guar_headline;
asy_guar_headline asy_guar_worst(const asy_guar *g, size_t setting, size_t seed);
typedef struct {
	double mean, sd, min, max; /* of the headline over the seeds */
	double cabal_weight;       /* of the first seed */
	bool is_kept;              /* for every seed */
} asy_guar_summary;
asy_guar_summary asy_guar_summarise(const asy_guar *g, size_t setting);

/* ---- the published numbers ---- */

typedef struct {
	asy_guar_setting setting;
	double headline, cabal_weight; /* of the table, three and two digits */
	double cited;                  /* in the older text, in whole per cent; 0 = not there */
} asy_guar_published;
const asy_guar_published *asy_guar_published_get(size_t *n);
/* The table's row for a setting, or NULL. */
const asy_guar_published *asy_guar_published_find(const asy_guar_setting *s);
/* How far a headline may lie from the table: half a unit of its last digit for the
 * published sample itself (seed 0 on the table's grid), else four of the table's
 * standard deviations over seeds. */
double asy_guar_tolerance(const asy_guar_plan *plan, const asy_guar_published *p, uint64_t seed);
typedef struct {
	const asy_guar_published *row; /* NULL: nothing published for this setting */
	double worst, tolerance;       /* the seed that lies furthest, by its own tolerance */
	uint64_t seed;
	bool is_within;
} asy_guar_verdict;
asy_guar_verdict asy_guar_check(const asy_guar *g, size_t setting);

/* ---- reports (guarantees_report.c) ---- */

/* What a run cost, measured by the caller. */
typedef struct {
	double wall_s;
	uint64_t epochs; /* computed in this run; the rest was loaded */
	unsigned threads;
} asy_guar_cost;
/* Appends to out. JSON: plan, cost, headlines, lines, points with mean and sd. */
assay_status asy_guar_json(const asy_guar *g, const asy_guar_cost *cost, asy_buf *out,
						   assay_err *err) ASSAY_CHECKED;
/* CSV, one row per point and seed. */
assay_status asy_guar_csv(const asy_guar *g, asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* One self-contained page: heat maps, retention lines, the table. */
assay_status asy_guar_html(const asy_guar *g, const asy_guar_cost *cost, asy_buf *out,
						   assay_err *err) ASSAY_CHECKED;
#endif
