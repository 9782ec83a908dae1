/* The arithmetic of a score; core/plugin/explain.c does the same from a stored row. */
#include "common/compose.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/num.h"

void plg_weights_read(plg_config *c, const char *path, const char *const *name, const double *def,
					  size_t n, plg_weights *out)
{
	double sum = 0;
	*out = (plg_weights){.name = name, .n = n};
	for (size_t k = 0; k < n; k++) {
		char at[96];
		(void)snprintf(at, sizeof at, "%s.%s", path, name[k]);
		out->weight[k] = plg_config_num(c, at, def[k], 0, 1);
		sum += out->weight[k];
	}
	if (!(sum > 0))
		plg_config_fail(c, "%s: all are 0; give at least one part a weight", path);
}

double plg_mean(const plg_weights *w, const double *part, double *effective)
{
	double sum = 0, weight = 0;
	for (size_t k = 0; k < w->n; k++)
		if (w->weight[k] > 0 && !isnan(part[k]))
			weight += w->weight[k];
	for (size_t k = 0; k < w->n; k++) {
		bool counts = w->weight[k] > 0 && !isnan(part[k]);
		double share = counts ? w->weight[k] / weight : NAN;
		if (effective != NULL)
			effective[k] = share;
		if (counts)
			sum += share * part[k];
	}
	return weight > 0 ? sum : NAN;
}

uint32_t plg_component_find(const char *const *name, uint32_t n, const char *want)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(name[i], want) == 0)
			return i;
	return PLG_NO_COMPONENT;
}

plg_formula plg_formula_of(const char *const *name, uint32_t n)
{
	static const char suffix[] = "_factor";
	plg_formula f = {.gate = plg_component_find(name, n, "gate"),
					 .mean = plg_component_find(name, n, "mean"),
					 .baseline = plg_component_find(name, n, "baseline"),
					 .curve = plg_component_find(name, n, "curve"),
					 .quality = plg_component_find(name, n, "quality"),
					 .raw = plg_component_find(name, n, "raw_score")};
	for (uint32_t i = 0; i < n && i < PLG_COMPONENTS_MAX; i++) {
		size_t len = strlen(name[i]);
		if (len >= sizeof suffix && strcmp(name[i] + len - (sizeof suffix - 1), suffix) == 0)
			f.factor[f.factor_n++] = i;
	}
	return f;
}

static double value_or(const double *component, uint32_t at, double otherwise)
{
	return at == PLG_NO_COMPONENT || isnan(component[at]) ? otherwise : component[at];
}

void plg_components_begin(const plg_formula *f, double *component, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		component[i] = NAN;
	if (f->gate != PLG_NO_COMPONENT)
		component[f->gate] = 0;
}

void plg_quality(const plg_formula *f, double *component)
{
	double mean = component[f->mean], low = value_or(component, f->baseline, 0);
	double curve = value_or(component, f->curve, 1);
	double x = isnan(mean) ? NAN : plg_clamp((mean - low) / (1 - low), 0, 1);
	component[f->quality] = isnan(x) || curve <= 1 ? x : plg_power(x, curve);
}

double plg_score(const plg_formula *f, const double *component)
{
	double score = component[f->quality];
	if (value_or(component, f->gate, 0) > 0)
		return 0;
	for (size_t k = 0; k < f->factor_n; k++)
		score *= value_or(component, f->factor[k], 1);
	return isnan(score) ? NAN : plg_clamp(score, 0, 1);
}

void plg_gate_close(const plg_formula *f, double *component, uint32_t n, double gate)
{
	plg_components_begin(f, component, n);
	component[f->gate] = gate;
}
