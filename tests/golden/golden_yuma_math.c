/* math.json: the single functions of the chain's arithmetic. One table is one
 * list of rows; a row is arguments, then results. */
#include "golden/golden_yuma.h"
#include "weights/weights.h"

#define ARGS_MAX 8
#define LIST_MAX 4096

typedef struct {
	int64_t v[ARGS_MAX];
	asy_i128 w[ARGS_MAX];
} args;

static bool read_args(asy_jv row, args *a)
{
	size_t n = asy_jv_size(row);
	if (n > ARGS_MAX)
		return false;
	for (size_t k = 0; k < n; k++) {
		asy_jv x = asy_jv_at(row, k);
		uint64_t u = 0;
		if (asy_jv_kind(x) == ASY_J_STRING) {
			if (!gy_i128(x, &a->w[k]))
				return false;
		} else if (asy_jv_u64(x, &u, NULL) == ASSAY_OK) {
			a->v[k] = (int64_t)u;
		} else if (asy_jv_i64(x, &a->v[k], NULL) != ASSAY_OK) {
			return false;
		}
	}
	return true;
}

static bool is_mul(const args *a)
{
	return fx_mul(a->v[0], a->v[1]) == a->v[2];
}
static bool is_cmul(const args *a)
{
	return fx_cmul(a->v[0], a->v[1]) == a->v[2];
}
static bool is_div(const args *a)
{
	return fx_div(a->v[0], a->v[1]) == a->v[2];
}
static bool is_sdiv(const args *a)
{
	return fx_sdiv(a->v[0], a->v[1]) == a->v[2];
}
static bool is_add_sub(const args *a)
{
	return fx_add(a->v[0], a->v[1]) == a->v[2] && fx_sub(a->v[0], a->v[1]) == a->v[3];
}
static bool is_div64(const args *a)
{
	return fx64_div(a->w[0], a->w[1]) == a->w[2];
}
static bool is_mul64(const args *a)
{
	return fx64_mul(a->w[0], a->w[1]) == a->w[2];
}
static bool is_narrow(const args *a)
{
	return fx64_to_fx32(a->w[0]) == a->v[1] && fx64_to_u64(a->w[0]) == (uint64_t)a->v[2];
}
static bool is_widen(const args *a)
{
	return fx64_from_u64((uint64_t)a->v[0]) == a->w[1];
}
static bool is_stake(const args *a)
{
	asy_i128 w = fx64_weight((uint64_t)a->v[0]);
	asy_i128 total =
		fx64_add(fx64_from_u64(123456789), fx64_mul(fx64_from_u64((uint64_t)a->v[1]), w));
	return w == a->w[2] && total == a->w[3];
}
static bool is_proportion(const args *a)
{
	int64_t p = fx_from_u16p((uint16_t)a->v[0]);
	return p == a->v[1] && fx_to_u16p(p) == a->v[2];
}
static bool is_to_u16(const args *a)
{
	return fx_to_u16p(a->v[0]) == a->v[1] && fx_to_u16(a->v[0]) == a->v[2];
}
static bool is_exp(const args *a)
{
	return fx_exp_safe(a->v[0]) == a->v[1];
}
static bool is_ln(const args *a)
{
	return fx_ln_safe(a->v[0]) == a->v[1];
}
static bool is_alpha(const args *a)
{
	return asy_yuma_bond_alpha(a->v[0], a->v[1], a->v[2], fx_from_u16p((uint16_t)a->v[3]),
							   fx_from_u16p((uint16_t)a->v[4]), a->v[5] * FX_ONE) == a->v[6];
}
static bool is_constant_alpha(const args *a)
{
	return fx_ema_alpha((uint64_t)a->v[0]) == a->v[1];
}
static bool is_ema(const args *a)
{
	int64_t fresh = fx_mul(a->v[0], a->v[1]), old = fx_mul(fx_sub(FX_ONE, a->v[0]), a->v[2]);
	return fx_add(fresh, old) == a->v[3] &&
		   fx_min(fx_add(old, fx_max(fresh, 0)), FX_ONE) == a->v[4];
}
static bool is_penalty(const args *a)
{
	int64_t beta = fx_from_u16p((uint16_t)a->v[2]);
	int64_t x = beta == 0        ? a->v[0]
				: beta == FX_ONE ? a->v[1]
								 : fx_add(a->v[0], fx_mul(beta, fx_sub(a->v[1], a->v[0])));
	return fx_max(x, 0) == a->v[3];
}
static bool is_share(const args *a)
{
	return fx_share(a->v[0], (uint64_t)a->v[1]) == (uint64_t)a->v[2];
}

static const struct {
	const char *table;
	bool (*holds)(const args *);
} TABLES[] = {
	{"i32f32_saturating_mul", is_mul},
	{"i32f32_checked_mul_or_zero", is_cmul},
	{"i32f32_safe_div", is_div},
	{"i32f32_saturating_div", is_sdiv},
	{"i32f32_saturating_add_sub", is_add_sub},
	{"i64f64_safe_div", is_div64},
	{"i64f64_saturating_mul", is_mul64},
	{"i64f64_to_i32f32_and_u64", is_narrow},
	{"u64_to_i64f64", is_widen},
	{"tao_weighted_stake_alpha_123456789", is_stake},
	{"u16_proportion_to_fixed_and_back", is_proportion},
	{"fixed_proportion_to_u16_and_fixed_to_u16", is_to_u16},
	{"exp_safe", is_exp},
	{"safe_ln", is_ln},
	{"alpha_sigmoid", is_alpha},
	{"constant_alpha_from_bonds_moving_average", is_constant_alpha},
	{"ema_alpha_new_old__plain_clamped", is_ema},
	{"interpolate_weight_clipped_penalty", is_penalty},
	{"emission_share_rao", is_share},
};

/* ---- tables of lists ---- */

static size_t read_list(asy_jv list, int64_t out[LIST_MAX])
{
	size_t n = asy_jv_size(list);
	for (size_t i = 0; i < n && i < LIST_MAX; i++)
		if (asy_jv_i64(asy_jv_at(list, i), &out[i], NULL) != ASSAY_OK)
			return SIZE_MAX;
	return n <= LIST_MAX ? n : SIZE_MAX;
}

static uint16_t u16_member(asy_jv v, const char *key)
{
	uint16_t x = 0;
	return asy_jv_u16(asy_jv_get(v, key), &x, NULL) == ASSAY_OK ? x : 0;
}

/* vec_max_upscale_to_u16 of fixed values: as for stored weights, on any numbers. */
static uint16_t upscale(int64_t v, int64_t max)
{
	const int64_t full = fx_from_u16(UINT16_MAX);
	int64_t x =
		max > fx_from_u16(32768) ? fx_mul(v, fx_div(full, max)) : fx_div(fx_mul(v, full), max);
	return max == 0 ? fx_to_u16(v) : fx_to_u16(fx_add(x, FX_ONE / 2));
}

static bool is_upscale(asy_jv v)
{
	int64_t in[LIST_MAX], up[LIST_MAX], norm[LIST_MAX], max = 0, sum = 0;
	size_t n = read_list(asy_jv_get(v, "in"), in);
	if (n == SIZE_MAX || read_list(asy_jv_get(v, "max_upscale_u16"), up) != n ||
		read_list(asy_jv_get(v, "normalize"), norm) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		max = fx_max(max, in[i]);
		sum = fx_wrap_add(sum, in[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (upscale(in[i], max) != up[i] || (sum == 0 ? in[i] : fx_div(in[i], sum)) != norm[i])
			return false;
	asy_yuma_normalise(in, n);
	return n == 0 || memcmp(in, norm, n * sizeof *in) == 0;
}

static size_t read_u16s(asy_jv list, uint16_t out[LIST_MAX])
{
	size_t n = asy_jv_size(list);
	for (size_t i = 0; i < n && i < LIST_MAX; i++)
		if (asy_jv_u16(asy_jv_at(list, i), &out[i], NULL) != ASSAY_OK)
			return SIZE_MAX;
	return n <= LIST_MAX ? n : SIZE_MAX;
}

static bool is_upscale_u16(asy_jv v)
{
	uint16_t in[LIST_MAX], want[LIST_MAX];
	size_t n = read_u16s(asy_jv_get(v, "in"), in);
	if (n == SIZE_MAX || read_u16s(asy_jv_get(v, "out"), want) != n)
		return false;
	asy_yuma_max_upscale_u16(in, n, in);
	return n == 0 || memcmp(in, want, n * sizeof *in) == 0;
}

static bool is_limited(asy_jv v)
{
	uint16_t in[LIST_MAX];
	bool want = false;
	size_t n = read_u16s(asy_jv_get(v, "in"), in);
	return n != SIZE_MAX && asy_jv_bool(asy_jv_get(v, "ok"), &want, NULL) == ASSAY_OK &&
		   asy_weights_cap_holds(in, n, u16_member(v, "limit")) == want;
}

static bool is_topk(asy_jv v)
{
	int64_t in[LIST_MAX], want[LIST_MAX];
	uint64_t keys[LIST_MAX];
	uint8_t got[LIST_MAX];
	size_t n = read_list(asy_jv_get(v, "in"), in);
	if (n == SIZE_MAX || read_list(asy_jv_get(v, "out"), want) != n)
		return false;
	asy_yuma_topk(in, n, u16_member(v, "k"), got, keys);
	for (size_t i = 0; i < n; i++)
		if (got[i] != want[i])
			return false;
	return true;
}

static bool is_median(asy_jv v)
{
	int64_t stake[LIST_MAX], score[LIST_MAX], want = 0, total = 0, zeros = 0;
	size_t n = read_list(asy_jv_get(v, "stake"), stake), m = 0, voters = 0;
	if (n == SIZE_MAX || read_list(asy_jv_get(v, "score"), score) != n ||
		asy_jv_i64(asy_jv_get(v, "median"), &want, NULL) != ASSAY_OK)
		return false;
	asy_yuma_normalise(stake, n);
	for (size_t i = 0; i < n; i++) {
		if (stake[i] == 0)
			continue;
		voters++;
		total += stake[i];
		if (score[i] == 0) {
			zeros += stake[i];
			continue;
		}
		score[m] = score[i];
		stake[m++] = stake[i];
	}
	int64_t minority = fx_sub(total, fx_from_u16p(u16_member(v, "kappa")));
	return asy_yuma_median(score, stake, m, m < voters, zeros, minority) == want;
}

static const struct {
	const char *table;
	bool (*holds)(asy_jv);
} LISTS[] = {
	{"vec_max_upscale_and_normalize", is_upscale},
	{"vec_u16_max_upscale_to_u16", is_upscale_u16},
	{"check_vec_max_limited", is_limited},
	{"is_topk_nonzero", is_topk},
	{"weighted_median_col", is_median},
};

static void run_table(golden *g, const char *name, asy_jv rows)
{
	for (size_t t = 0; t < ASY_COUNT(TABLES); t++) {
		if (strcmp(name, TABLES[t].table) != 0)
			continue;
		for (size_t i = 0; i < asy_jv_size(rows); i++) {
			args a = {0};
			if (read_args(asy_jv_at(rows, i), &a) && TABLES[t].holds(&a))
				golden_pass(g);
			else
				golden_fail(g, name, "row %zu", i);
		}
		return;
	}
	for (size_t t = 0; t < ASY_COUNT(LISTS); t++) {
		if (strcmp(name, LISTS[t].table) != 0)
			continue;
		for (size_t i = 0; i < asy_jv_size(rows); i++) {
			if (LISTS[t].holds(asy_jv_at(rows, i)))
				golden_pass(g);
			else
				golden_fail(g, name, "entry %zu", i);
		}
		return;
	}
	golden_skip(g, asy_jv_size(rows), "a table this suite does not know");
}

void golden_yuma_math(golden *g, asy_jv root)
{
	for (size_t i = 0; i < asy_jv_size(root); i++)
		if (asy_jv_kind(asy_jv_value(root, i)) == ASY_J_ARRAY)
			run_table(g, asy_jv_key(root, i), asy_jv_value(root, i));
}
