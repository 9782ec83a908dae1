/* An experiment's page: what each group earns, what a stake returns, who is trusted,
 * and consensus of every uid over time. */
#include <math.h>
#include <stdlib.h>
#include "research/plot.h"
#include "research/sim.h"

#define FAINT_MAX 48u /* lines of single uids in a chart */
#define HEAT_UIDS 512u
#define HEAT_EPOCHS 400u
#define MARKS_MAX 40u
#define EVENTS_MAX 200u

typedef struct {
	const asy_sim *sim;
	const asy_sim_result *res;
	plot *page;
	double *y;                 /* of the most series that a chart can have */
	plot_mark mark[MARKS_MAX]; /* one per epoch with events */
	char mark_name[MARKS_MAX][24], mark_text[MARKS_MAX][160];
	size_t mark_n;
	plot_key key[ASY_SIM_GROUPS_MAX];
	asy_sim_group_cell *group; /* [epoch][group] */
} sim_page;

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

static void draw_groups(sim_page *g, const char *title, const char *y_name, group_value *value)
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
		series[shown++] = (plot_series){
			.y = y, .n = epochs, .colour = (unsigned)k, .hint = asy_sim_group_name(g->sim, k)};
	}
	plot_lines l = {.title = title,
					.x_name = "epoch",
					.y_name = y_name,
					.x_max = epochs > 1 ? epochs - 1 : 1,
					.series = series,
					.series_n = shown,
					.key = key,
					.key_n = shown,
					.mark = g->mark,
					.mark_n = g->mark_n};
	plot_draw_lines(g->page, &l);
}

/* One faint line per uid that is a validator, or earns as a miner, in some epoch. */
static void draw_uids(sim_page *g, const char *title, const char *y_name,
					  double (*value)(const asy_sim_cell *), bool is_validators)
{
	plot_series series[FAINT_MAX];
	char hint[FAINT_MAX][64], label[FAINT_MAX][24];
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
		(void)snprintf(label[shown], sizeof label[shown], "%zu", i);
		series[shown] = (plot_series){.y = y,
									  .n = r->epochs,
									  .colour = (unsigned)group,
									  .is_faint = true,
									  .hint = hint[shown],
									  .label = label[shown]};
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
					.key_n = key_n,
					.mark = g->mark,
					.mark_n = g->mark_n};
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

static void draw_consensus(sim_page *g)
{
	const asy_sim_result *r = g->res;
	size_t uids = r->n < HEAT_UIDS ? r->n : HEAT_UIDS;
	uint32_t stride = (r->epochs - 1) / HEAT_EPOCHS + 1, columns = (r->epochs - 1) / stride + 1;
	if (uids == 0)
		return;
	double *value = asy_calloc(uids * columns, sizeof *value), most = 0;
	if (value == NULL) {
		plot_poison(g->page, ASSAY_E_NOMEM);
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
				   .high = most > 0 ? most : 1,
				   .mark = g->mark,
				   .mark_n = g->mark_n};
	plot_draw_heat(g->page, &h);
	free(value);
}

static void draw_table(sim_page *g)
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

/* ---- what it was made from, and what happened ---- */

static void find_marks(sim_page *g)
{
	const asy_sim *s = g->sim;
	for (size_t i = 0; i < s->event_n; i++) {
		const sim_event *e = &s->event[i];
		bool is_new = g->mark_n == 0 || g->mark[g->mark_n - 1].x < (double)e->epoch;
		if (is_new && g->mark_n == MARKS_MAX)
			return;
		g->mark_n += is_new;
		size_t k = g->mark_n - 1;
		size_t len = strlen(g->mark_text[k]);
		if (len + 4 < sizeof g->mark_text[k]) {
			(void)snprintf(g->mark_text[k] + len, sizeof g->mark_text[k] - len, "%s",
						   len > 0 ? "; " : "");
			len = strlen(g->mark_text[k]);
			sim_event_text(e, g->mark_text[k] + len, sizeof g->mark_text[k] - len);
		}
		(void)snprintf(g->mark_name[k], sizeof g->mark_name[k], "%zu", g->mark_n);
		g->mark[k] = (plot_mark){e->epoch, g->mark_name[k], g->mark_text[k]};
	}
}

static void draw_events(sim_page *g)
{
	static const char *const head[] = {"mark", "before epoch", "event"};
	const asy_sim *s = g->sim;
	size_t mark = 0;
	if (s->event_n == 0)
		return;
	plot_heading(g->page, "Events");
	plot_table_begin(g->page, head, ASY_COUNT(head));
	for (size_t i = 0; i < s->event_n && i < EVENTS_MAX; i++) {
		char text[128];
		mark += i == 0 || s->event[i].epoch != s->event[i - 1].epoch;
		sim_event_text(&s->event[i], text, sizeof text);
		plot_table_row(g->page);
		plot_cell(g->page, "%zu", mark);
		plot_cell(g->page, "%" PRIu32, s->event[i].epoch);
		plot_cell(g->page, "%s", text);
	}
	plot_table_end(g->page);
	if (s->event_n > EVENTS_MAX)
		plot_paragraph(g->page, "%zu more events are not listed.", s->event_n - EVENTS_MAX);
}

static void draw_facts(sim_page *g)
{
	const assay_yuma_input *in = &g->sim->began;
	plot *p = g->page;
	plot_facts_begin(p);
	plot_fact(p, "assay", "%s", assay_version());
	plot_fact(p, "seed", "%" PRIu64, g->sim->seed);
	plot_fact(p, "epochs", "%" PRIu32, g->res->epochs);
	plot_fact(p, "neurons", "%zu", g->res->n);
	plot_fact(p, "tempo", "%u blocks", in->tempo);
	plot_fact(p, "drift", "%g", g->sim->drift);
	plot_fact(p, "reinvested", "%g", g->sim->reinvest_milli / 1000.0);
	plot_fact(p, "kappa", "%u", in->kappa);
	plot_fact(p, "bonds", "%s", in->yuma3 ? "Yuma 3" : "Yuma 2");
	plot_fact(p, "bonds penalty", "%u", in->bonds_penalty);
	plot_fact(p, "bonds moving average", "%" PRIu64, in->bonds_moving_average);
	if (in->liquid_alpha)
		plot_fact(p, "liquid alpha", "%u to %u, steepness %d", in->alpha_low, in->alpha_high,
				  in->alpha_sigmoid_steepness);
	else
		plot_fact(p, "liquid alpha", "off");
	plot_fact(p, "permits", "%u", in->max_allowed_validators);
	plot_fact(p, "emission per epoch", "%" PRIu64 " rao", in->rao_emission);
	plot_facts_end(p);
}

static void draw(sim_page *g)
{
	plot_paragraph(g->page,
				   "%" PRIu32 " epochs of %zu neurons, blocks %" PRIu64 " to %" PRIu64
				   ". Every epoch is the chain's own arithmetic; its bonds and permits feed the "
				   "next. Lines say their names and values to the pointer; numbers at the ends are "
				   "uids, dashed lines are events.",
				   g->res->epochs, g->res->n, g->res->block[0], g->res->block[g->res->epochs - 1]);
	draw_facts(g);
	draw_groups(g, "Emission by group", "share of the subnet's emission", emission_share);
	draw_groups(g, "Return on stake by group", "dividend share / stake share (1 = average)",
				return_per_stake);
	draw_groups(g, "Incentive by group", "share of all incentive", incentive_share);
	draw_uids(g, "Validator trust", "share of the row that survives clipping", trust_of, true);
	draw_uids(g, "Incentive of each miner", "share of all incentive", incentive_of, false);
	draw_consensus(g);
	draw_events(g);
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
	sim_page *g = asy_calloc(1, sizeof *g);
	assay_status st = ASSAY_OK;
	if (g == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a page");
	g->sim = s;
	g->res = r;
	g->y = asy_calloc((size_t)r->epochs * series + 1, sizeof *g->y);
	g->group = asy_calloc((size_t)r->epochs * groups + 1, sizeof *g->group);
	if (r->epochs == 0)
		st = ASSAY_FAIL(err, E_EMPTY, "no epoch to draw");
	else if (g->y == NULL || g->group == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "a page of %" PRIu32 " epochs", r->epochs);
	if (st == ASSAY_OK) {
		plot p;
		plot_begin(&p, out, title);
		g->page = &p;
		for (size_t k = 0; k < groups; k++)
			g->key[k] = (plot_key){asy_sim_group_name(s, k), (unsigned)k};
		for (uint32_t e = 0; e < r->epochs; e++)
			for (size_t k = 0; k < groups; k++)
				asy_sim_group_at(s, r, e, k, &g->group[e * groups + k]);
		find_marks(g);
		draw(g);
		st = plot_end(&p, err);
	}
	free(g->y);
	free(g->group);
	free(g);
	return st;
}
