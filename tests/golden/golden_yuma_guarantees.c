/* guarantees.json: the retention maps, point by point. The network is sampled with
 * the original's stream, so emissions must be equal as integers; the two printed
 * ratios are compared to their six digits. */
#include "golden/golden_yuma.h"

typedef struct {
	double stake, spread;
	uint64_t yuma;
	asy_yuma_split_point point;
} table;

static bool read_table(asy_jv v, table *t)
{
	return asy_jv_u64(asy_jv_get(v, "yuma"), &t->yuma, NULL) == ASSAY_OK &&
		   asy_jv_f64(asy_jv_get(v, "sigma_w"), &t->spread, NULL) == ASSAY_OK &&
		   asy_jv_f64(asy_jv_get(v, "honest_stake"), &t->stake, NULL) == ASSAY_OK &&
		   asy_jv_u16(asy_jv_get(v, "kappa"), &t->point.kappa, NULL) == ASSAY_OK &&
		   asy_jv_u16(asy_jv_get(v, "bonds_penalty"), &t->point.bonds_penalty, NULL) == ASSAY_OK;
}

/* Grid values are fiftieths, divided as the original divides them. */
static bool read_weight(asy_jv v, int64_t *out)
{
	double x = 0;
	if (asy_jv_f64(v, &x, NULL) != ASSAY_OK || !(x >= 0 && x <= 1))
		return false;
	*out = fx_div((int64_t)(x * 50 + 0.5) * FX_ONE, 50 * FX_ONE);
	return true;
}

static bool is_near(int64_t fixed, asy_jv v)
{
	double want = 0, got = (double)fixed / 4294967296.0;
	return asy_jv_f64(v, &want, NULL) == ASSAY_OK && got - want < 0.000001 && want - got < 0.000001;
}

static bool run_point(asy_yuma_split *s, asy_yuma_split_point *p, asy_jv row)
{
	asy_yuma_split_result r;
	uint64_t honest = 0, cabal = 0;
	return read_weight(asy_jv_at(row, 0), &p->honest_weight) &&
		   read_weight(asy_jv_at(row, 1), &p->cabal_weight) &&
		   asy_yuma_split_run(s, p, &r, NULL) == ASSAY_OK &&
		   asy_jv_u64(asy_jv_at(row, 4), &honest, NULL) == ASSAY_OK &&
		   asy_jv_u64(asy_jv_at(row, 5), &cabal, NULL) == ASSAY_OK && r.honest_emission == honest &&
		   r.cabal_emission == cabal && is_near(r.ratio, asy_jv_at(row, 2)) &&
		   is_near(r.deviation, asy_jv_at(row, 3));
}

void golden_yuma_guarantees(golden *g, asy_jv root)
{
	asy_jv tables = asy_jv_get(root, "tables");
	for (size_t i = 0; i < asy_jv_size(tables); i++) {
		asy_jv v = asy_jv_at(tables, i), rows = asy_jv_get(v, "rows");
		table t = {0};
		asy_yuma_split *s = NULL;
		assay_err err = {0};
		char id[96];
		(void)snprintf(id, sizeof id, "table %zu", i);
		if (!read_table(v, &t) || asy_yuma_split_new(t.stake, t.spread, 0, &s, &err) != ASSAY_OK) {
			golden_fail(g, id, "not readable: %s", err.msg);
			continue;
		}
		t.point.yuma3 = t.yuma == 3;
		t.point.cpu_mask = ASSAY_YUMA_CPU_AUTO;
		size_t wrong = 0, first = 0;
		for (size_t k = 0; k < asy_jv_size(rows); k++)
			if (!run_point(s, &t.point, asy_jv_at(rows, k)) && wrong++ == 0)
				first = k;
		asy_yuma_split_free(s);
		if (wrong == 0)
			golden_pass(g);
		else
			golden_fail(g, id, "%zu of %zu points differ, first point %zu", wrong,
						asy_jv_size(rows), first);
	}
}
