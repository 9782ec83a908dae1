/* The arithmetic of one score, from the names of the components alone, so that a row
 * stored last year explains itself without the plugin. The names are a contract with
 * plugins (docs/plugins.md, "Names that explain themselves"); plugins/common/compose.h
 * computes by the same rule. Refuses to explain what does not add up: it says so. */
#include <math.h>
#include "plugin/explain.h"

#define TOLERANCE 1e-9

static size_t find(const asy_plugin_about *a, const char *name)
{
	for (uint32_t i = 0; i < a->component_n; i++)
		if (strcmp(a->component_name[i], name) == 0)
			return i;
	return ASY_EXPLAIN_NONE;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n > m && strcmp(s + n - m, suffix) == 0;
}

/* The component that X_weight weighs: X_part where there is one, else X. */
static size_t weighed_by(const asy_plugin_about *a, size_t weight)
{
	char name[96];
	int stem = (int)(strlen(a->component_name[weight]) - strlen("_weight"));
	(void)snprintf(name, sizeof name, "%.*s_part", stem, a->component_name[weight]);
	size_t at = find(a, name);
	if (at != ASY_EXPLAIN_NONE)
		return at;
	(void)snprintf(name, sizeof name, "%.*s", stem, a->component_name[weight]);
	return find(a, name);
}

void asy_explain_rule(const asy_plugin_about *a, asy_explain_formula *f)
{
	*f = (asy_explain_formula){.gate = find(a, "gate"),
							   .mean = find(a, "mean"),
							   .baseline = find(a, "baseline"),
							   .curve = find(a, "curve"),
							   .quality = find(a, "quality"),
							   .raw = find(a, "raw_score"),
							   .duplicate_rule = find(a, "duplicate_rule"),
							   .duplicate_bits = find(a, "duplicate_bits"),
							   .cluster_size = find(a, "cluster_size")};
	for (uint32_t i = 0; i < a->component_n && i < ASY_EXPLAIN_MAX; i++) {
		if (ends_with(a->component_name[i], "_factor"))
			f->factor[f->factor_n++] = i;
		if (!ends_with(a->component_name[i], "_weight"))
			continue;
		size_t part = weighed_by(a, i);
		if (part != ASY_EXPLAIN_NONE) {
			f->weight[f->part_n] = i;
			f->part[f->part_n++] = part;
		}
	}
}

static double get(const double *c, size_t at, double otherwise)
{
	return at == ASY_EXPLAIN_NONE || isnan(c[at]) ? otherwise : c[at];
}

static bool near(double a, double b)
{
	return fabs(a - b) <= TOLERANCE;
}

static double clamped(double x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

void asy_explain_sum(const asy_explain_formula *f, const double *c, double score,
					 asy_explain_row *r)
{
	*r = (asy_explain_row){.mean = NAN, .gate = get(c, f->gate, 0)};
	r->is_known = f->quality != ASY_EXPLAIN_NONE;
	r->quality = get(c, f->quality, NAN);
	r->is_gated = r->gate > 0;
	if (!r->is_known || r->is_gated) {
		r->adds_up = r->is_gated && near(score, 0);
		return;
	}
	r->adds_up = true;
	for (size_t k = 0; k < f->part_n; k++)
		if (!isnan(c[f->weight[k]]))
			r->mean = (isnan(r->mean) ? 0 : r->mean) + c[f->weight[k]] * c[f->part[k]];
	if (!isnan(r->mean)) {
		double low = get(c, f->baseline, 0), curve = get(c, f->curve, 1);
		double q = pow(clamped((r->mean - low) / (1 - low)), curve);
		r->adds_up = near(q, r->quality) && near(r->mean, get(c, f->mean, r->mean));
	}
	r->product = r->quality;
	for (size_t k = 0; k < f->factor_n; k++)
		r->product *= get(c, f->factor[k], 1);
	r->product = clamped(r->product);
	r->raw = get(c, f->raw, NAN);
	r->adds_up = r->adds_up && near(r->product, isnan(r->raw) ? score : r->raw);
}

/* What the rule for duplicate answers made of this one; NULL: nothing to say. */
static const char *duplicates(const asy_explain_formula *f, const double *c, char *dst, size_t cap)
{
	double rule = get(c, f->duplicate_rule, -1), size = get(c, f->cluster_size, 1);
	if (rule < 0)
		return NULL;
	if (rule >= 2)
		return "not looked for: duplicates.mode is off";
	if (rule >= 1)
		(void)snprintf(dst, cap,
					   "exempt: right answers have %.1f bits of free choice, too few for "
					   "equality to mean anything",
					   get(c, f->duplicate_bits, 0));
	else if (size > 1)
		(void)snprintf(dst, cap, "one of %.0f answers that independent miners would not all give",
					   size);
	else
		(void)snprintf(dst, cap, "none");
	return dst;
}

/* ---- JSON ---- */

static void write_parts(asy_jw *w, const asy_plugin_about *a, const asy_explain_formula *f,
						const double *c)
{
	asy_jw_key(w, "parts");
	asy_jw_array(w);
	for (size_t k = 0; k < f->part_n; k++) {
		if (isnan(c[f->weight[k]]))
			continue;
		asy_jw_object(w);
		asy_jw_kstr(w, "name", a->component_name[f->part[k]]);
		asy_jw_kf64(w, "value", c[f->part[k]]);
		asy_jw_kf64(w, "weight", c[f->weight[k]]);
		asy_jw_kf64(w, "product", c[f->weight[k]] * c[f->part[k]]);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

static void write_factors(asy_jw *w, const asy_plugin_about *a, const asy_explain_formula *f,
						  const double *c)
{
	asy_jw_key(w, "factors");
	asy_jw_array(w);
	for (size_t k = 0; k < f->factor_n; k++) {
		if (isnan(c[f->factor[k]]))
			continue;
		asy_jw_object(w);
		asy_jw_kstr(w, "name", a->component_name[f->factor[k]]);
		asy_jw_kf64(w, "value", c[f->factor[k]]);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

void asy_explain_json(asy_jw *w, const asy_plugin_about *a, const asy_explain_formula *f,
					  const double *c, double score)
{
	char text[160];
	asy_explain_row r;
	asy_explain_sum(f, c, score, &r);
	asy_jw_object(w);
	if (!r.is_known) {
		asy_jw_kstr(w, "unknown", "the plugin has no component named quality");
	} else if (r.is_gated) {
		asy_jw_kf64(w, "gate", r.gate);
	} else {
		write_parts(w, a, f, c);
		asy_jw_kf64(w, "mean", r.mean);
		asy_jw_kf64(w, "baseline", get(c, f->baseline, 0));
		asy_jw_kf64(w, "curve", get(c, f->curve, 1));
		asy_jw_kf64(w, "quality", r.quality);
		write_factors(w, a, f, c);
		const char *said = duplicates(f, c, text, sizeof text);
		if (said != NULL)
			asy_jw_kstr(w, "duplicates", said);
		asy_jw_kf64(w, "product", r.product);
	}
	asy_jw_kf64(w, "score", score);
	if (r.is_known)
		asy_jw_kbool(w, "adds_up", r.adds_up);
	asy_jw_end_object(w);
}

/* ---- lines to read ---- */

static assay_status say_mean(const asy_plugin_about *a, const asy_explain_formula *f,
							 const double *c, const asy_explain_row *r, asy_buf *out,
							 assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t k = 0; st == ASSAY_OK && k < f->part_n; k++)
		if (!isnan(c[f->weight[k]]))
			st = asy_buf_printf(out, err, "    %9.6f x %9.6f  %s\n", c[f->weight[k]], c[f->part[k]],
								a->component_name[f->part[k]]);
	double low = get(c, f->baseline, 0), curve = get(c, f->curve, 1);
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, "  = %9.6f  mean\n", r->mean);
	if (st == ASSAY_OK && (low > 0 || low < 0))
		st = asy_buf_printf(
			out, err, "    above the baseline %.6f: (mean - baseline) / (1 - baseline)\n", low);
	if (st == ASSAY_OK && curve > 1)
		st = asy_buf_printf(out, err, "    to the power %g\n", curve);
	return st;
}

static assay_status say_sum(const asy_plugin_about *a, const asy_explain_formula *f,
							const double *c, double score, const asy_explain_row *r, asy_buf *out,
							assay_err *err)
{
	char text[160];
	assay_status st = isnan(r->mean) ? ASSAY_OK : say_mean(a, f, c, r, out, err);
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, "  = %9.6f  quality\n", r->quality);
	for (size_t k = 0; st == ASSAY_OK && k < f->factor_n; k++)
		if (!isnan(c[f->factor[k]]))
			st = asy_buf_printf(out, err, "  x %9.6f  %s\n", c[f->factor[k]],
								a->component_name[f->factor[k]]);
	const char *said = duplicates(f, c, text, sizeof text);
	if (st == ASSAY_OK && said != NULL)
		st = asy_buf_printf(out, err, "    duplicates: %s\n", said);
	if (st == ASSAY_OK && !isnan(r->raw))
		st = asy_buf_printf(out, err, "  = %9.6f  raw_score, before the batch normaliser\n",
							r->product);
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, "  = %9.6f  score%s\n", score,
							r->adds_up ? ""
									   : " (DOES NOT ADD UP: the plugin's components do not "
										 "explain its score)");
	return st;
}

assay_status asy_explain_text(const asy_plugin_about *a, const asy_explain_formula *f,
							  const double *c, double score, asy_buf *out, assay_err *err)
{
	asy_explain_row r;
	asy_explain_sum(f, c, score, &r);
	if (!r.is_known)
		return asy_buf_printf(out, err, "  score %.6f; the plugin has no component named quality\n",
							  score);
	if (r.is_gated)
		return asy_buf_printf(out, err, "  score %.6f; gate %g is closed%s\n", score, r.gate,
							  r.gate <= 1   ? ": no answer"
							  : r.gate <= 2 ? ": over a size limit"
							  : r.gate <= 3 ? ": malformed"
											: ": a rule of the plugin, see its README");
	return say_sum(a, f, c, score, &r, out, err);
}

bool asy_plugin_explains(const asy_plugin_about *a, const double *component, double score,
						 bool *adds_up)
{
	asy_explain_formula f;
	asy_explain_row r;
	asy_explain_rule(a, &f);
	asy_explain_sum(&f, component, score, &r);
	*adds_up = r.adds_up;
	return r.is_known;
}
