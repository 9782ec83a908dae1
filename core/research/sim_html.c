/* An experiment's page: what each group earns, what a stake returns, who is trusted,
 * and consensus of every uid over time. */
#include <math.h>
#include <stdlib.h>
#include "research/plot.h"
#include "research/simulate.h"

#define FAINT_MAX 48u /* lines of single uids in a chart */
#define HEAT_UIDS 512u
#define HEAT_EPOCHS 400u

typedef struct {
	const asy_sim *sim;
	const asy_sim_result *res;
	plot *page;
	double *x; /* epochs */
	double *y; /* of the most series that a chart can have */
	plot_key key[ASY_SIM_GROUPS_MAX];
	asy_sim_group_cell *group; /* [epoch][group] */
} page;

typedef double group_value(const asy_sim_group_cell *c);
static double emission_share(const asy_sim_group_cell *c)
{
	return c->emission_share;
}
static double return_per_stake(const asy_sim_group_cell *c)
{
	return c->stake_share > 0 && c->permits > 0 ? c->return_per_stake : NAN;
}
static double incentive_share(const asy_sim_group_cell *c)
{
	return c->incentive_share;
}

static void draw_groups(page *g, const char *title, const char *y_name, group_value *value)
{
	plot_series series[ASY_SIM_GROUPS_MAX];
	plot_key key[ASY_SIM_GROUPS_MAX];
	size_t groups = asy_sim_groups(g->sim), shown = 0;
	uint32_t epochs = g->res->epochs;
	for (size_t k = 0; k < groups; k++) {
		double *y = g->y + shown * epochs;
		bool is_there = false;
		for (uint32_t e = 0; e < epochs; e++) {
			y[e] = value(&g->group[e * groups + k]);
			is_there = is_there || (isfinite(y[e]) && y[e] > 0);
		}
		if (!is_there)
			continue;
		key[shown] = g->key[k];
		series[shown++] = (plot_series){.x = g->x,
										.y = y,
										.n = epochs,
										.colour = (unsigned)k,
										.hint = asy_sim_group_name(g->sim, k)};
	}
	plot_lines l = {.title = title,
					.x_name = "epoch",
					.y_name = y_name,
					.x_max = epochs > 1 ? epochs - 1 : 1,
					.series = series,
					.series_n = shown,
					.key = key,
					.key_n = shown};
	plot_draw_lines(g->page, &l);
}

/* One faint line a uid that `has` the property in some epoch. */
static void draw_uids(page *g, const char *title, const char *y_name,
					  double (*value)(const asy_sim_cell *), bool is_validators)
{
	plot_series series[FAINT_MAX];
	char hint[FAINT_MAX][48];
	bool seen[ASY_SIM_GROUPS_MAX] = {false};
	plot_key key[ASY_SIM_GROUPS_MAX];
	size_t shown = 0, key_n = 0, left_out = 0;
	const asy_sim_result *r = g->res;
	for (size_t i = 0; i < r->n; i++) {
		bool is_there = false;
		for (uint32_t e = 0; e < r->epochs && !is_there; e++) {
			const asy_sim_cell *c = &r->cell[(size_t)e * r->n + i];
			is_there = is_validators ? c->permit && c->stake_weight > 0 : c->incentive > 0;
		}
		left_out += is_there && shown == FAINT_MAX;
		if (!is_there || shown == FAINT_MAX)
			continue;
		size_t group = asy_sim_group(g->sim, i);
		double *y = g->y + shown * r->epochs;
		for (uint32_t e = 0; e < r->epochs; e++)
			y[e] = value(&r->cell[(size_t)e * r->n + i]);
		(void)snprintf(hint[shown], sizeof hint[shown], "uid %zu, %s", i,
					   asy_sim_group_name(g->sim, group));
		series[shown] = (plot_series){.x = g->x,
									  .y = y,
									  .n = r->epochs,
									  .colour = (unsigned)group,
									  .is_faint = true,
									  .hint = hint[shown]};
		shown++;
		if (!seen[group])
			key[key_n++] = g->key[group];
		seen[group] = true;
	}
	plot_lines l = {.title = title,
					.x_name = "epoch",
					.y_name = y_name,
					.x_max = r->epochs > 1 ? r->epochs - 1 : 1,
					.series = series,
					.series_n = shown,
					.key = key,
					.key_n = key_n};
	plot_draw_lines(g->page, &l);
	if (left_out > 0)
		plot_paragraph(g->page, "The first %u uids are drawn; %zu more are in the CSV.", FAINT_MAX,
					   left_out);
}

static double trust_of(const asy_sim_cell *c)
{
	return c->permit ? c->validator_trust / 65535.0 : NAN;
}
static double incentive_of(const asy_sim_cell *c)
{
	return c->incentive / 65535.0;
}

static void draw_consensus(page *g)
{
	const asy_sim_result *r = g->res;
	size_t uids = r->n < HEAT_UIDS ? r->n : HEAT_UIDS;
	uint32_t stride = (r->epochs - 1) / HEAT_EPOCHS + 1, columns = (r->epochs - 1) / stride + 1;
	if (uids == 0)
		return;
	double *value = asy_calloc(uids * columns, sizeof *value), most = 0;
	if (value == NULL) {
		g->page->st = ASSAY_E_NOMEM;
		return;
	}
	for (size_t i = 0; i < uids; i++)
		for (uint32_t c = 0; c < columns; c++) {
			double v = r->cell[(size_t)c * stride * r->n + i].consensus / 65535.0;
			value[i * columns + c] = v;
			most = v > most ? v : most;
		}
	plot_heat h = {.title = "Consensus of every uid",
				   .x_name = "epoch",
				   .y_name = "uid",
				   .scale_name = "share of a row",
				   .x_max = (double)columns * stride,
				   .y_max = (double)uids,
				   .x_n = columns,
				   .y_n = uids,
				   .value = value,
				   .high = most > 0 ? most : 1};
	plot_draw_heat(g->page, &h);
	free(value);
}

static void draw_table(page *g)
{
	static const char *const head[] = {"group",     "uids",      "stake",  "emission",
									   "dividends", "incentive", "return", "trust"};
	size_t groups = asy_sim_groups(g->sim);
	uint32_t last = g->res->epochs - 1;
	plot_table_begin(g->page, head, ASY_COUNT(head));
	for (size_t k = 0; k < groups; k++) {
		const asy_sim_group_cell *c = &g->group[last * groups + k];
		size_t uids = 0;
		for (size_t i = 0; i < g->res->n; i++)
			uids += asy_sim_group(g->sim, i) == k;
		plot_table_row(g->page);
		plot_cell(g->page, "%s", asy_sim_group_name(g->sim, k));
		plot_cell(g->page, "%zu", uids);
		plot_cell(g->page, "%.4f", c->stake_share);
		plot_cell(g->page, "%.4f", c->emission_share);
		plot_cell(g->page, "%.4f", c->dividend_share);
		plot_cell(g->page, "%.4f", c->incentive_share);
		plot_cell(g->page, "%.4f", c->return_per_stake);
		plot_cell(g->page, "%.4f", c->validator_trust);
	}
	plot_table_end(g->page);
}

static void draw(page *g)
{
	plot_paragraph(g->page,
				   "%" PRIu32 " epochs of %zu neurons, blocks %" PRIu64 " to %" PRIu64
				   ". Every epoch is the chain's own arithmetic; its bonds and permits feed the "
				   "next. Hover a line for its name.",
				   g->res->epochs, g->res->n, g->res->block[0], g->res->block[g->res->epochs - 1]);
	draw_groups(g, "Emission by group", "share of the subnet's emission", emission_share);
	draw_groups(g, "Return on stake by group", "dividend share / stake share (1 = average)",
				return_per_stake);
	draw_groups(g, "Incentive by group", "share of all incentive", incentive_share);
	draw_uids(g, "Validator trust", "share of the row that survives clipping", trust_of, true);
	draw_uids(g, "Incentive of each miner", "share of all incentive", incentive_of, false);
	draw_consensus(g);
	plot_heading(g->page, "The last epoch");
	plot_paragraph(g->page,
				   "Shares of the whole subnet; return is dividend share over stake share; "
				   "trust is the mean over permitted uids.");
	draw_table(g);
}

assay_status asy_sim_html(const asy_sim *s, const asy_sim_result *r, const char *title,
						  asy_buf *out, assay_err *err)
{
	size_t groups = asy_sim_groups(s), uids = r->n < FAINT_MAX ? r->n : FAINT_MAX;
	size_t series = uids > groups ? uids : groups;
	page g = {.sim = s,
			  .res = r,
			  .x = asy_calloc(r->epochs + (size_t)1, sizeof *g.x),
			  .y = asy_calloc((size_t)r->epochs * series + 1, sizeof *g.y),
			  .group = asy_calloc((size_t)r->epochs * groups + 1, sizeof *g.group)};
	assay_status st = ASSAY_OK;
	if (r->epochs == 0)
		st = ASSAY_FAIL(err, E_EMPTY, "no epoch to draw");
	else if (g.x == NULL || g.y == NULL || g.group == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "a page of %" PRIu32 " epochs", r->epochs);
	if (st == ASSAY_OK) {
		plot p = plot_begin(out, title);
		g.page = &p;
		for (size_t k = 0; k < groups; k++)
			g.key[k] = (plot_key){asy_sim_group_name(s, k), (unsigned)k};
		for (uint32_t e = 0; e < r->epochs; e++) {
			g.x[e] = e;
			for (size_t k = 0; k < groups; k++)
				asy_sim_group_at(s, r, e, k, &g.group[e * groups + k]);
		}
		draw(&g);
		st = plot_end(&p, err);
	}
	free(g.x);
	free(g.y);
	free(g.group);
	return st;
}
