/*~ compose: from measured components to one score, the same way in every plugin.
 *
 *     mean    = sum of X_weight * X          over the parts that were measured
 *     quality = ((mean - baseline) / (1 - baseline)) ^ curve, held in [0, 1]
 *     score   = quality * product of the *_factor components, 0 behind a closed gate
 *
 * The names are the contract: whoever has a row of components (the host, a journal
 * of last year) can do this sum again and needs no code of the plugin. A part that
 * was not measured is NaN, has a NaN weight, and the other weights grow; it is never
 * a 0. For example, weights 0.6 and 0.4 with only the first part measured at 0.5
 * give the effective weight 1 and the mean 0.5, not 0.3. */
#ifndef PLG_COMPOSE_H
#define PLG_COMPOSE_H
#include "common/config.h"

#define PLG_PARTS_MAX 16
#define PLG_COMPONENTS_MAX 64 /* what a host takes */

/* ---- weights: read once from the configuration ---- */

typedef struct {
	const char *const *name; /* [n], borrowed for ever */
	size_t n;
	double weight[PLG_PARTS_MAX];
} plg_weights;

/* Numbers 0..1 below path; at least one must be above 0. n <= PLG_PARTS_MAX. */
void plg_weights_read(plg_config *c, const char *path, const char *const *name, const double *def,
					  size_t n, plg_weights *out);

/* Mean of the measured parts, added in their order; effective[n] (may be NULL) gets the
 * shares, which sum to 1, NaN where a part is NaN or has no weight. NaN when no part
 * with a weight was measured. */
double plg_mean(const plg_weights *w, const double *part, double *effective);

/* ---- the formula: read once from the component names ---- */

typedef struct {
	uint32_t gate, mean, baseline, curve, quality, raw; /* PLG_NO_COMPONENT: has none */
	uint32_t factor[PLG_COMPONENTS_MAX];
	size_t factor_n;
} plg_formula;
#define PLG_NO_COMPONENT UINT32_MAX

plg_formula plg_formula_of(const char *const *name, uint32_t n);
/* Position of a name, or PLG_NO_COMPONENT. */
uint32_t plg_component_find(const char *const *name, uint32_t n, const char *want);
/* All NaN; the gate open. */
void plg_components_begin(const plg_formula *f, double *component, uint32_t n);
/* Sets quality from mean, baseline and curve (absent or NaN: 0 and 1). NaN mean: NaN. */
void plg_quality(const plg_formula *f, double *component);
/* The score of a row: 0 behind a gate, NaN when quality is NaN (nothing was measured:
 * abstain), else quality times the measured factors, in the order of their names. */
double plg_score(const plg_formula *f, const double *component);
/* A closed gate leaves nothing measured: everything else becomes NaN. */
void plg_gate_close(const plg_formula *f, double *component, uint32_t n, double gate);

#endif
