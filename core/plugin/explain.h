/* explain: what moved a score, in the order in which it was computed. Private to the
 * module; score_io.c writes it. */
#ifndef ASY_PLUGIN_EXPLAIN_H
#define ASY_PLUGIN_EXPLAIN_H
#include "codec/codec.h"
#include "plugin/plugin.h"

#define ASY_EXPLAIN_MAX 64
#define ASY_EXPLAIN_NONE SIZE_MAX

/* Which component plays which part; indices into a row. */
typedef struct {
	size_t gate, mean, baseline, curve, quality, raw;
	size_t duplicate_rule, duplicate_bits, cluster_size;
	size_t part[ASY_EXPLAIN_MAX], weight[ASY_EXPLAIN_MAX], part_n;
	size_t factor[ASY_EXPLAIN_MAX], factor_n;
} asy_explain_formula;
void asy_explain_rule(const asy_plugin_about *a, asy_explain_formula *f);

typedef struct {
	bool is_known; /* there is a quality to start from */
	bool is_gated, adds_up;
	double gate, mean, quality, product, raw; /* NaN: not measured */
} asy_explain_row;
void asy_explain_sum(const asy_explain_formula *f, const double *component, double score,
					 asy_explain_row *out);

/* One object: parts with weights, mean, baseline, quality, factors, score. */
void asy_explain_json(asy_jw *w, const asy_plugin_about *a, const asy_explain_formula *f,
					  const double *component, double score);
/* Some lines, indented by two. */
assay_status asy_explain_text(const asy_plugin_about *a, const asy_explain_formula *f,
							  const double *component, double score, asy_buf *out,
							  assay_err *err) ASSAY_CHECKED;
#endif
