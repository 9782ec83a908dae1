/* The map for eyes: the headline table, the retention lines of each family of
 * settings, and a heat map for every setting with its line. */
#include <math.h>
#include <stdlib.h>
#include "research/guarantees.h"
#include "research/plot.h"

#define MAPS_MAX 24u /* heat maps on a page */
#define LINES_MAX 32u

/* The same but for S_H: such lines share one chart. */
static bool is_family(const asy_guar_setting *a, const asy_guar_setting *b)
{
	return fabs(a->spread - b->spread) < 1e-12 && a->kappa == b->kappa &&
		   a->bonds_penalty == b->bonds_penalty && a->yuma3 == b->yuma3;
}

static void name_family(const asy_guar_setting *s, char *out, size_t cap)
{
	(void)snprintf(out, cap, "Yuma %d, \u03c3 = %g, bonds penalty %.2f, \u03ba = %.2f",
				   s->yuma3 ? 3 : 2, s->spread, s->bonds_penalty / 65534.0, s->kappa / 65535.0);
}

static void draw_table(plot *p, const asy_guar *g)
{
	static const char *const head[] = {
		"bonds",     "\u03c3", "penalty",   "\u03ba",   "honest stake", "largest W_H on the line",
		"std. dev.", "at W_C", "published", "furthest", "tolerance"};
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	plot_table_begin(p, head, ASY_COUNT(head));
	for (size_t m = 0; m < plan->setting_n; m++) {
		const asy_guar_setting *s = &plan->setting[m];
		asy_guar_summary sum = asy_guar_summarise(g, m);
		asy_guar_verdict v = asy_guar_check(g, m);
		plot_table_row(p);
		plot_cell(p, "Yuma %d", s->yuma3 ? 3 : 2);
		plot_cell(p, "%g", s->spread);
		plot_cell(p, "%u", s->bonds_penalty);
		plot_cell(p, "%u", s->kappa);
		plot_cell(p, "%.2f", s->honest_stake);
		plot_cell(p, "%s%.4f", sum.is_kept ? "" : "not kept, ", sum.mean);
		if (plan->seed_n > 1)
			plot_cell(p, "%.4f", sum.sd);
		else
			plot_cell(p, "%s", "");
		plot_cell(p, "%.2f", sum.cabal_weight);
		if (v.row == NULL) {
			for (int blank = 0; blank < 3; blank++)
				plot_cell(p, "%s", "");
			continue;
		}
		plot_cell(p, "%.3f", v.row->headline);
		plot_cell(p, "%.4f", v.worst);
		plot_cell(p, "%.4f %s", v.tolerance, v.is_within ? "within" : "OUTSIDE");
	}
	plot_table_end(p);
}

/* Memory of one chart's lines: x and y of each, W_C downwards. */
typedef struct {
	double *xy;
	plot_series series[LINES_MAX];
	char label[LINES_MAX][24];
	size_t n;
} lines;

static void add_line(lines *l, const asy_guar *g, size_t setting, size_t seed, bool is_faint)
{
	size_t points = asy_guar_cabal_n(g);
	double *x = l->xy + l->n * 2 * points, *y = x + points;
	for (size_t k = 0; k < points; k++) {
		y[k] = asy_guar_line(g, setting, seed, k, &x[k]) ? asy_guar_cabal_weight(g, k) : NAN;
	}
	double stake = asy_guar_plan_get(g)->setting[setting].honest_stake;
	bool is_headline = fabs(stake - 0.6) < 1e-9;
	(void)snprintf(l->label[l->n], sizeof l->label[l->n], "%g", stake);
	l->series[l->n] = (plot_series){.x = x,
									.y = y,
									.n = points,
									.colour = is_headline ? 1 : 0,
									.is_faint = is_faint,
									.is_bold = is_headline && !is_faint,
									.hint = l->label[l->n],
									.label = is_faint ? NULL : l->label[l->n]};
	l->n++;
}

/* How many lines share the chart of the family that begins at first. */
static size_t family_n(const asy_guar_plan *plan, size_t first)
{
	size_t n = 0;
	for (size_t m = 0; m < plan->setting_n; m++)
		if (is_family(&plan->setting[first], &plan->setting[m])) {
			if (m < first)
				return 0;
			n++;
		}
	return n;
}

static void draw_family(plot *p, const asy_guar *g, size_t first, lines *l, bool is_square)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	char title[128];
	name_family(&plan->setting[first], title, sizeof title);
	l->n = 0;
	for (size_t m = first; m < plan->setting_n && l->n < LINES_MAX; m++)
		if (is_family(&plan->setting[first], &plan->setting[m]))
			add_line(l, g, m, 0, false);
	const plot_lines chart = {.title = title,
							  .x_name = "honest weight W_H",
							  .y_name = "cabal weight W_C",
							  .x_max = 1,
							  .y_max = 1,
							  .series = l->series,
							  .series_n = l->n,
							  .is_square = is_square};
	plot_draw_lines(p, &chart);
}

/* Families of several lines wide, the others side by side. */
static void draw_families(plot *p, const asy_guar *g, lines *l)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	for (size_t m = 0; m < plan->setting_n; m++)
		if (family_n(plan, m) > 2)
			draw_family(p, g, m, l, false);
	plot_row_begin(p);
	for (size_t m = 0; m < plan->setting_n; m++)
		if (family_n(plan, m) == 1 || family_n(plan, m) == 2)
			draw_family(p, g, m, l, true);
	plot_row_end(p);
}

static void draw_map(plot *p, const asy_guar *g, size_t m, lines *l, double *value)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	const asy_guar_setting *s = &plan->setting[m];
	size_t x_n = asy_guar_honest_n(g), y_n = asy_guar_cabal_n(g);
	double dx = plan->honest_step / (double)ASY_GUAR_WHOLE / 2;
	double dy = plan->cabal_step / (double)ASY_GUAR_WHOLE / 2, sd;
	char family[96], title[128];
	for (size_t i = 0; i < x_n; i++)
		for (size_t k = 0; k < y_n; k++) {
			double *cell = &value[(y_n - 1 - k) * x_n + (x_n - 1 - i)];
			asy_guar_spread(g, m, i, k, cell, &sd);
			*cell -= s->honest_stake;
		}
	l->n = 0;
	for (size_t seed = 0; seed < plan->seed_n && l->n < LINES_MAX; seed++)
		add_line(l, g, m, seed, plan->seed_n > 1);
	for (size_t i = 0; i < l->n; i++) {
		l->series[i].colour = PLOT_INK;
		l->series[i].label = NULL;
	}
	name_family(s, family, sizeof family);
	(void)snprintf(title, sizeof title, "S_H = %g: %s", s->honest_stake, family);
	plot_heat h = {.title = title,
				   .x_name = "honest weight W_H",
				   .y_name = "cabal weight W_C",
				   .scale_name = "gain or loss",
				   .x_min = asy_guar_honest_weight(g, x_n - 1) - dx,
				   .x_max = 1 + dx,
				   .y_min = asy_guar_cabal_weight(g, y_n - 1) - dy,
				   .y_max = 1 + dy,
				   .x_n = x_n,
				   .y_n = y_n,
				   .value = value,
				   .low = -0.4,
				   .high = 0.4,
				   .is_diverging = true,
				   .is_square = true,
				   .line = l->series,
				   .line_n = l->n};
	plot_draw_heat(p, &h);
}

static void draw(plot *p, const asy_guar *g, const asy_guar_cost *cost, lines *l, double *value)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	plot_paragraph(
		p, "How much of its weight an honest majority must put on honest miners (W_H) to keep its "
		   "share of the stake, against a cabal that puts W_C on its own. Each point is one epoch "
		   "of a sampled network of 512 neurons, in the chain's own arithmetic.");
	plot_facts_begin(p);
	plot_fact(p, "assay", "%s", assay_version());
	plot_fact(p, "seeds", "%zu, the first is %" PRIu64, plan->seed_n, plan->seed[0]);
	plot_fact(p, "steps", "%g in W_H, %g in W_C", plan->honest_step / (double)ASY_GUAR_WHOLE,
			  plan->cabal_step / (double)ASY_GUAR_WHOLE);
	plot_facts_end(p);
	plot_paragraph(p,
				   "%zu maps of %zu x %zu points, %zu seed%s; %" PRIu64
				   " epochs computed in this run, %.1f s on %u thread%s, %.0f epochs/s.",
				   plan->setting_n, asy_guar_honest_n(g), asy_guar_cabal_n(g), plan->seed_n,
				   plan->seed_n == 1 ? "" : "s", cost->epochs, cost->wall_s, cost->threads,
				   cost->threads == 1 ? "" : "s",
				   cost->wall_s > 0 ? (double)cost->epochs / cost->wall_s : 0);
	plot_heading(p, "Headline numbers");
	draw_table(p, g);
	plot_heading(p, "Retention lines");
	plot_paragraph(p, "Right of a line the honest side keeps its share. The number is the honest "
					  "stake S_H; 0.6 is drawn thick. First seed.");
	draw_families(p, g, l);
	plot_heading(p, "Maps");
	plot_paragraph(p, "Colour: the honest side's share of the emission minus its share of the "
					  "stake, mean over the seeds. Line: where that is zero, for each seed.");
	plot_row_begin(p);
	for (size_t m = 0; m < plan->setting_n && m < MAPS_MAX; m++)
		draw_map(p, g, m, l, value);
	plot_row_end(p);
	if (plan->setting_n > MAPS_MAX)
		plot_paragraph(p, "%zu more maps are in the JSON and CSV.", plan->setting_n - MAPS_MAX);
}

assay_status asy_guar_html(const asy_guar *g, const asy_guar_cost *cost, asy_buf *out,
						   assay_err *err)
{
	size_t points = asy_guar_cabal_n(g);
	lines *l = asy_calloc(1, sizeof *l);
	double *value = asy_calloc(points * asy_guar_honest_n(g), sizeof *value);
	assay_status st = ASSAY_OK;
	if (l != NULL)
		l->xy = asy_calloc(LINES_MAX * 2 * points, sizeof *l->xy);
	if (l == NULL || value == NULL || l->xy == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "a page of maps");
	} else {
		plot p;
		plot_begin(&p, out, "Consensus guarantees");
		draw(&p, g, cost, l, value);
		st = plot_end(&p, err);
	}
	if (l != NULL)
		free(l->xy);
	free(l);
	free(value);
	return st;
}
