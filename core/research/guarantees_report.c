/* The map for machines: JSON with headlines, lines and points, CSV with one row per point
 * and seed. Emissions are the epoch's own integers. */
#include "research/guarantees.h"

static void put_setting(asy_jw *w, const asy_guar_setting *s)
{
	asy_jw_ku64(w, "yuma", s->yuma3 ? 3 : 2);
	asy_jw_kf64(w, "sigma_w", s->spread);
	asy_jw_ku64(w, "bonds_penalty", s->bonds_penalty);
	asy_jw_ku64(w, "kappa", s->kappa);
	asy_jw_kf64(w, "honest_stake", s->honest_stake);
}

static void put_headline(asy_jw *w, const asy_guar *g, size_t setting)
{
	asy_guar_summary s = asy_guar_summarise(g, setting);
	asy_guar_verdict v = asy_guar_check(g, setting);
	asy_jw_key(w, "largest_honest_weight");
	asy_jw_object(w);
	asy_jw_kf64(w, "mean", s.mean);
	asy_jw_kf64(w, "standard_deviation", s.sd);
	asy_jw_kf64(w, "minimum", s.min);
	asy_jw_kf64(w, "maximum", s.max);
	asy_jw_kf64(w, "at_cabal_weight", s.cabal_weight);
	asy_jw_kbool(w, "retained_at_full_honesty", s.is_kept);
	asy_jw_end_object(w);
	if (v.row == NULL)
		return;
	asy_jw_key(w, "published");
	asy_jw_object(w);
	asy_jw_kf64(w, "largest_honest_weight", v.row->headline);
	asy_jw_kf64(w, "at_cabal_weight", v.row->cabal_weight);
	asy_jw_kf64(w, "furthest", v.worst);
	asy_jw_ku64(w, "furthest_seed", v.seed);
	asy_jw_kf64(w, "tolerance", v.tolerance);
	asy_jw_kbool(w, "is_within", v.is_within);
	asy_jw_end_object(w);
}

/* [W_C, W_H of each seed]; null where retention fails at W_H = 1 too. */
static void put_lines(asy_jw *w, const asy_guar *g, size_t setting)
{
	asy_jw_key(w, "line");
	asy_jw_array(w);
	for (size_t k = 0; k < asy_guar_cabal_n(g); k++) {
		asy_jw_array(w);
		asy_jw_f64(w, asy_guar_cabal_weight(g, k));
		for (size_t s = 0; s < asy_guar_plan_get(g)->seed_n; s++) {
			double x = 0;
			if (asy_guar_line(g, setting, s, k, &x))
				asy_jw_f64(w, x);
			else
				asy_jw_null(w);
		}
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
}

/* [W_H, W_C, mean ratio, its deviation over the seeds, and of the first seed: weight
 * deviation, honest emission, cabal emission] */
static void put_points(asy_jw *w, const asy_guar *g, size_t setting)
{
	asy_jw_key(w, "points");
	asy_jw_array(w);
	for (size_t i = 0; i < asy_guar_honest_n(g); i++)
		for (size_t k = 0; k < asy_guar_cabal_n(g); k++) {
			double mean, sd;
			const asy_guar_point *p = asy_guar_at(g, setting, 0, i, k);
			asy_guar_spread(g, setting, i, k, &mean, &sd);
			asy_jw_array(w);
			asy_jw_f64(w, asy_guar_honest_weight(g, i));
			asy_jw_f64(w, asy_guar_cabal_weight(g, k));
			asy_jw_f64(w, mean);
			asy_jw_f64(w, sd);
			asy_jw_f64(w, p->deviation);
			asy_jw_u64(w, p->honest_emission);
			asy_jw_u64(w, p->cabal_emission);
			asy_jw_end_array(w);
		}
	asy_jw_end_array(w);
}

assay_status asy_guar_json(const asy_guar *g, const asy_guar_cost *cost, asy_buf *out,
						   assay_err *err)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "format", "assay-guarantees/1");
	asy_jw_key(&w, "grid");
	asy_jw_object(&w);
	asy_jw_ku64(&w, "honest_weights", asy_guar_honest_n(g));
	asy_jw_ku64(&w, "cabal_weights", asy_guar_cabal_n(g));
	asy_jw_kf64(&w, "honest_step", plan->honest_step / (double)ASY_GUAR_WHOLE);
	asy_jw_kf64(&w, "cabal_step", plan->cabal_step / (double)ASY_GUAR_WHOLE);
	asy_jw_end_object(&w);
	asy_jw_key(&w, "seeds");
	asy_jw_array(&w);
	for (size_t s = 0; s < plan->seed_n; s++)
		asy_jw_u64(&w, plan->seed[s]);
	asy_jw_end_array(&w);
	asy_jw_key(&w, "run");
	asy_jw_object(&w);
	asy_jw_kf64(&w, "wall_s", cost->wall_s);
	asy_jw_ku64(&w, "epochs", cost->epochs);
	asy_jw_kf64(&w, "epochs_per_s", cost->wall_s > 0 ? (double)cost->epochs / cost->wall_s : 0);
	asy_jw_ku64(&w, "threads", cost->threads);
	asy_jw_end_object(&w);
	asy_jw_key(&w, "maps");
	asy_jw_array(&w);
	for (size_t m = 0; m < plan->setting_n; m++) {
		asy_jw_object(&w);
		put_setting(&w, &plan->setting[m]);
		put_headline(&w, g, m);
		put_lines(&w, g, m);
		put_points(&w, g, m);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_guar_csv(const asy_guar *g, asy_buf *out, assay_err *err)
{
	const asy_guar_plan *plan = asy_guar_plan_get(g);
	assay_status st = asy_buf_add_str(out,
									  "yuma,sigma_w,bonds_penalty,kappa,honest_stake,seed,"
									  "honest_weight,cabal_weight,ratio,deviation,"
									  "honest_emission,cabal_emission\n",
									  err);
	for (size_t m = 0; m < plan->setting_n; m++)
		for (size_t s = 0; s < plan->seed_n; s++)
			for (size_t i = 0; i < asy_guar_honest_n(g); i++)
				for (size_t k = 0; k < asy_guar_cabal_n(g) && st == ASSAY_OK; k++) {
					const asy_guar_setting *x = &plan->setting[m];
					const asy_guar_point *p = asy_guar_at(g, m, s, i, k);
					st = asy_buf_printf(
						out, err,
						"%d,%g,%u,%u,%g,%" PRIu64 ",%.2f,%.2f,%.9f,%.9f,%" PRIu64 ",%" PRIu64 "\n",
						x->yuma3 ? 3 : 2, x->spread, x->bonds_penalty, x->kappa, x->honest_stake,
						plan->seed[s], asy_guar_honest_weight(g, i), asy_guar_cabal_weight(g, k),
						asy_guar_ratio(p), p->deviation, p->honest_emission, p->cabal_emission);
				}
	return st;
}
