/* Golden suite `yuma`: epochs of the real pallet, every stored and every
 * intermediate value, once for each processor mask that this machine can run. A
 * case passes only when all of them agree. */
#include <stdlib.h>
#include "golden/golden_yuma.h"

typedef struct {
	golden *g;
	const char *id;
	const char *mask;
	bool failed;
} check;

static void differs(check *c, const char *what, size_t at, int64_t got, int64_t want)
{
	if (!c->failed)
		golden_fail(c->g, c->id, "[%s] %s[%zu] is %" PRId64 ", expected %" PRId64, c->mask, what,
					at, got, want);
	c->failed = true;
}

static void refuse(check *c, const char *what)
{
	if (!c->failed)
		golden_fail(c->g, c->id, "[%s] %s", c->mask, what);
	c->failed = true;
}

bool gy_i128(asy_jv v, asy_i128 *out)
{
	const char *s;
	size_t len;
	if (asy_jv_str(v, &s, &len, NULL) != ASSAY_OK || len == 0)
		return false;
	bool negative = s[0] == '-';
	asy_u128 x = 0;
	for (size_t i = negative ? 1 : 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		x = x * 10u + (unsigned char)(s[i] - '0');
	}
	*out = (asy_i128)(negative ? ~x + 1 : x);
	return true;
}

/* ---- vectors ---- */

enum kind { U8, U16, U64, I64 };

static int64_t element(enum kind kind, const void *p, size_t i)
{
	switch (kind) {
	case U8:
		return ((const uint8_t *)p)[i];
	case U16:
		return ((const uint16_t *)p)[i];
	case U64:
		return (int64_t)((const uint64_t *)p)[i];
	case I64:
		return ((const int64_t *)p)[i];
	}
	return 0;
}

static void check_vec(check *c, asy_jv want, const char *what, enum kind kind, const void *got,
					  size_t n)
{
	if (asy_jv_kind(want) == ASY_J_ABSENT)
		return; /* dense.out has no stake */
	if (asy_jv_size(want) != n) {
		refuse(c, what);
		return;
	}
	for (size_t i = 0; i < n && !c->failed; i++) {
		int64_t w = 0;
		uint64_t u = 0;
		assay_status st = kind == I64 ? asy_jv_i64(asy_jv_at(want, i), &w, NULL)
									  : asy_jv_u64(asy_jv_at(want, i), &u, NULL);
		if (kind != I64)
			w = (int64_t)u;
		if (st != ASSAY_OK || element(kind, got, i) != w)
			differs(c, what, i, element(kind, got, i), w);
	}
}

/* Activity is listed as long as last_update where that is longer than n; nothing
 * reads the rest. */
static void check_flags(check *c, asy_jv want, const char *what, const uint8_t *got, size_t n)
{
	for (size_t i = 0; i < n && !c->failed; i++) {
		bool w = false;
		if (asy_jv_bool(asy_jv_at(want, i), &w, NULL) != ASSAY_OK || w != got[i])
			differs(c, what, i, got[i], w);
	}
}

static void check_stake(check *c, asy_jv want, const char *what, const uint64_t *got, size_t n)
{
	for (size_t i = 0; i < n && !c->failed; i++) {
		asy_i128 w = 0;
		asy_u128 have = (asy_u128)got[2 * i + 1] << 64 | got[2 * i];
		if (!gy_i128(asy_jv_at(want, i), &w) || (asy_u128)w != have)
			refuse(c, what);
	}
}

/* ---- matrices: listed in full or as a digest ---- */

typedef struct {
	uint64_t h;
} fnv;

static void fnv_bytes(fnv *f, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		f->h ^= (v >> (8 * i)) & 0xff;
		f->h *= 0x100000001b3u;
	}
}

static void check_digest(check *c, asy_jv want, const char *what, fnv f, size_t entries)
{
	char hex[17];
	const char *h;
	uint64_t n = 0;
	(void)snprintf(hex, sizeof hex, "%016" PRIx64, f.h);
	if (asy_jv_str(asy_jv_get(want, "fnv1a64"), &h, NULL, NULL) != ASSAY_OK ||
		asy_jv_u64(asy_jv_get(want, "entries"), &n, NULL) != ASSAY_OK || n != entries ||
		strcmp(h, hex) != 0)
		refuse(c, what);
}

static void check_matrix(check *c, asy_jv want, const char *what, const assay_yuma_matrix_out *m,
						 size_t n)
{
	if (asy_jv_kind(want) == ASY_J_OBJECT) {
		fnv f = {0xcbf29ce484222325u};
		for (size_t i = 0; i < n; i++) {
			fnv_bytes(&f, m->offset[i + 1] - m->offset[i], 4);
			for (size_t k = m->offset[i]; k < m->offset[i + 1]; k++) {
				fnv_bytes(&f, m->col[k], 2);
				fnv_bytes(&f, (uint64_t)m->bits[k], 8);
			}
		}
		check_digest(c, want, what, f, m->offset[n]);
		return;
	}
	size_t listed = 0;
	for (size_t i = 0; i < n && !c->failed; i++) {
		size_t len = m->offset[i + 1] - m->offset[i];
		if (len == 0)
			continue;
		asy_jv row = asy_jv_at(want, listed++);
		uint64_t uid = 0;
		if (asy_jv_u64(asy_jv_at(row, 0), &uid, NULL) != ASSAY_OK || uid != i) {
			differs(c, what, i, (int64_t)i, (int64_t)uid);
			return;
		}
		check_vec(c, asy_jv_at(row, 1), what, U16, m->col + m->offset[i], len);
		check_vec(c, asy_jv_at(row, 2), what, I64, m->bits + m->offset[i], len);
	}
	if (listed != asy_jv_size(want))
		refuse(c, what);
}

static void check_alphas(check *c, asy_jv want, const int64_t *got, size_t n)
{
	if (asy_jv_kind(want) == ASY_J_OBJECT) {
		fnv f = {0xcbf29ce484222325u};
		for (size_t i = 0; i < n; i++) {
			fnv_bytes(&f, n, 4);
			for (size_t j = 0; j < n; j++)
				fnv_bytes(&f, (uint64_t)got[i * n + j], 8);
		}
		check_digest(c, want, "alphas", f, n * n);
		return;
	}
	for (size_t i = 0; i < n && !c->failed; i++)
		check_vec(c, asy_jv_at(want, i), "alphas", I64, got + i * n, n);
}

static void check_bonds(check *c, asy_jv want, const assay_yuma_rows_out *got)
{
	for (size_t k = 0; k < asy_jv_size(want) && !c->failed; k++) {
		asy_jv row = asy_jv_at(want, k);
		uint64_t uid = 0;
		if (asy_jv_u64(asy_jv_at(row, 0), &uid, NULL) != ASSAY_OK) {
			refuse(c, "bonds");
			return;
		}
		size_t from = got->offset[uid], len = got->offset[uid + 1] - from;
		check_vec(c, asy_jv_at(row, 1), "bonds uid", U16, got->uid + from, len);
		check_vec(c, asy_jv_at(row, 2), "bonds value", U16, got->value + from, len);
	}
}

/* ---- one case ---- */

/* Everything an epoch can give, on one arena. */
typedef struct {
	assay_yuma_out out;
	assay_yuma_trace trace;
} results;

static assay_yuma_matrix_out matrix_of(asy_arena *a, size_t n, size_t cap)
{
	return (assay_yuma_matrix_out){asy_arena_array(a, n + 1, sizeof(size_t)),
								   asy_arena_array(a, cap + 1, sizeof(uint16_t)),
								   asy_arena_array(a, cap + 1, sizeof(int64_t)), cap};
}

static void results_init(results *r, asy_arena *a, const assay_yuma_input *in)
{
	const size_t n = in->n + 1, cap = assay_yuma_matrix_cap(in);
	memset(r, 0, sizeof *r);
	r->out.trace = &r->trace;
	uint8_t **u8[] = {&r->out.active, &r->out.validator_permit, &r->trace.inactive};
	uint16_t **u16[] = {&r->out.stake_weight, &r->out.consensus, &r->out.validator_trust,
						&r->out.incentive, &r->out.dividends};
	uint64_t **u64[] = {&r->out.emission, &r->out.server_emission, &r->out.validator_emission,
						&r->out.stake};
	int64_t **i64[] = {&r->trace.stake,
					   &r->trace.active_stake,
					   &r->trace.consensus,
					   &r->trace.validator_trust,
					   &r->trace.rank,
					   &r->trace.incentive,
					   &r->trace.dividends,
					   &r->trace.prerank,
					   &r->trace.trust,
					   &r->trace.total_bonds_per_validator,
					   &r->trace.server_emission,
					   &r->trace.validator_emission,
					   &r->trace.combined_emission,
					   &r->trace.kappa,
					   &r->trace.bonds_penalty,
					   &r->trace.alpha};
	assay_yuma_matrix_out *mats[] = {
		&r->trace.weights,          &r->trace.clipped_weights, &r->trace.weights_for_bonds,
		&r->trace.bonds_masked,     &r->trace.bonds_norm,      &r->trace.bonds_delta,
		&r->trace.bonds_delta_norm, &r->trace.ema_bonds_raw,   &r->trace.ema_bonds_stored,
		&r->trace.ema_bonds,        &r->trace.ema_bonds_norm,
	};
	for (size_t k = 0; k < ASY_COUNT(u8); k++)
		*u8[k] = asy_arena_array(a, n, 1);
	for (size_t k = 0; k < ASY_COUNT(u16); k++)
		*u16[k] = asy_arena_array(a, n, sizeof(uint16_t));
	for (size_t k = 0; k < ASY_COUNT(u64); k++)
		*u64[k] = asy_arena_array(a, n, sizeof(uint64_t));
	for (size_t k = 0; k < ASY_COUNT(i64); k++)
		*i64[k] = asy_arena_array(a, n, sizeof(int64_t));
	for (size_t k = 0; k < ASY_COUNT(mats); k++)
		*mats[k] = matrix_of(a, n, cap);
	r->trace.total_stake = asy_arena_array(a, n, 2 * sizeof(uint64_t));
	r->trace.filtered_stake = asy_arena_array(a, n, 2 * sizeof(uint64_t));
	r->trace.liquid_alpha_used = asy_arena_array(a, 1, sizeof(bool));
	r->trace.alphas = asy_arena_array(a, n * n, sizeof(int64_t));
	size_t bonds = assay_yuma_bonds_cap(in) + in->n * in->n; /* dense rows are full */
	r->out.bonds = (assay_yuma_rows_out){asy_arena_array(a, n, sizeof(size_t)),
										 asy_arena_array(a, bonds + 1, sizeof(uint16_t)),
										 asy_arena_array(a, bonds + 1, sizeof(uint16_t)), bonds};
}

static void check_out(check *c, asy_jv want, const assay_yuma_out *o, size_t n)
{
	check_flags(c, asy_jv_get(want, "active"), "active", o->active, n);
	check_vec(c, asy_jv_get(want, "validator_permit"), "validator_permit", U8, o->validator_permit,
			  n);
	check_vec(c, asy_jv_get(want, "stake_weight"), "stake_weight", U16, o->stake_weight, n);
	check_vec(c, asy_jv_get(want, "consensus"), "out.consensus", U16, o->consensus, n);
	check_vec(c, asy_jv_get(want, "validator_trust"), "out.validator_trust", U16,
			  o->validator_trust, n);
	check_vec(c, asy_jv_get(want, "incentive"), "out.incentive", U16, o->incentive, n);
	check_vec(c, asy_jv_get(want, "dividends"), "out.dividends", U16, o->dividends, n);
	check_vec(c, asy_jv_get(want, "emission"), "emission", U64, o->emission, n);
	check_vec(c, asy_jv_get(want, "server_emission"), "server_emission", U64, o->server_emission,
			  n);
	check_vec(c, asy_jv_get(want, "validator_emission"), "validator_emission", U64,
			  o->validator_emission, n);
	check_vec(c, asy_jv_get(want, "stake"), "out.stake", U64, o->stake, n);
	check_bonds(c, asy_jv_get(want, "bonds"), &o->bonds);
}

static void check_trace(check *c, asy_jv want, const assay_yuma_trace *t, size_t n)
{
	const struct {
		const char *key;
		const int64_t *got;
	} vecs[] = {
		{"stake", t->stake},
		{"active_stake", t->active_stake},
		{"consensus", t->consensus},
		{"validator_trust", t->validator_trust},
		{"rank", t->rank},
		{"incentive", t->incentive},
		{"prerank", t->prerank},
		{"trust", t->trust},
		{"dividends", t->dividends},
		{"total_bonds_per_validator", t->total_bonds_per_validator},
		{"normalized_server_emission", t->server_emission},
		{"normalized_validator_emission", t->validator_emission},
		{"normalized_combined_emission", t->combined_emission},
	};
	const struct {
		const char *key;
		const assay_yuma_matrix_out *got;
	} mats[] = {
		{"weights", &t->weights},
		{"clipped_weights", &t->clipped_weights},
		{"weights_for_bonds", &t->weights_for_bonds},
		{"bonds_masked", &t->bonds_masked},
		{"bonds_norm", &t->bonds_norm},
		{"bonds_delta", &t->bonds_delta},
		{"bonds_delta_norm", &t->bonds_delta_norm},
		{"ema_bonds_raw", &t->ema_bonds_raw},
		{"ema_bonds", &t->ema_bonds},
		{"ema_bonds_stored", &t->ema_bonds_stored},
		{"ema_bonds_norm", &t->ema_bonds_norm},
	};
	const struct {
		const char *key;
		const int64_t *got;
	} scalars[] = {{"kappa", t->kappa}, {"bonds_penalty", t->bonds_penalty}, {"alpha", t->alpha}};

	check_flags(c, asy_jv_get(want, "inactive"), "inactive", t->inactive, n);
	check_stake(c, asy_jv_get(want, "total_stake"), "total_stake differs", t->total_stake, n);
	check_stake(c, asy_jv_get(want, "filtered_stake"), "filtered_stake differs", t->filtered_stake,
				n);
	for (size_t k = 0; k < ASY_COUNT(scalars); k++) {
		int64_t w = 0;
		if (asy_jv_i64(asy_jv_get(want, scalars[k].key), &w, NULL) != ASSAY_OK ||
			*scalars[k].got != w)
			differs(c, scalars[k].key, 0, *scalars[k].got, w);
	}
	for (size_t k = 0; k < ASY_COUNT(vecs) && !c->failed; k++)
		check_vec(c, asy_jv_get(want, vecs[k].key), vecs[k].key, I64, vecs[k].got, n);
	for (size_t k = 0; k < ASY_COUNT(mats) && !c->failed; k++)
		if (asy_jv_kind(asy_jv_get(want, mats[k].key)) != ASY_J_ABSENT)
			check_matrix(c, asy_jv_get(want, mats[k].key), mats[k].key, mats[k].got, n);
	asy_jv alphas = asy_jv_get(want, "alphas");
	/* newer files say it in a word and leave the factors out */
	asy_jv said = asy_jv_get(want, "liquid_active");
	bool active = asy_jv_kind(alphas) != ASY_J_ABSENT,
		 told = asy_jv_bool(said, &active, NULL) == ASSAY_OK;
	if (*t->liquid_alpha_used != active)
		refuse(c, "liquid alpha used where the pallet did not, or the reverse");
	else if (*t->liquid_alpha_used && !told)
		check_alphas(c, alphas, t->alphas, n);
}

/* The values that the pallet's own tests publish: [what, uid, value], and for a
 * bond [what, row, column, value]. */
static void check_known_value(check *c, asy_jv e, const assay_yuma_out *o)
{
	const char *what = "";
	uint64_t a = 0, b = 0, want = 0, got = 0;
	double target = 0;
	assay_status st = asy_jv_str(asy_jv_at(e, 0), &what, NULL, NULL);
	bool bond = strncmp(what, "bond", 4) == 0, approx = strstr(what, "_approx") != NULL;
	asy_jv last = asy_jv_at(e, bond ? 3 : 2);
	if (st == ASSAY_OK && strcmp(what, "note") == 0)
		return; /* a sentence for people */
	if (st == ASSAY_OK)
		st = asy_jv_u64(asy_jv_at(e, 1), &a, NULL);
	if (st == ASSAY_OK && bond)
		st = asy_jv_u64(asy_jv_at(e, 2), &b, NULL);
	if (st == ASSAY_OK)
		st = approx ? asy_jv_f64(last, &target, NULL) : asy_jv_u64(last, &want, NULL);
	if (st != ASSAY_OK) {
		refuse(c, "known: not readable");
	} else if (bond) {
		for (size_t i = o->bonds.offset[a]; i < o->bonds.offset[a + 1]; i++)
			if (o->bonds.uid[i] == b)
				got = o->bonds.value[i];
	} else if (strncmp(what, "dividend", 8) == 0) {
		got = o->dividends[a];
	} else if (strcmp(what, "consensus") == 0) {
		got = o->consensus[a];
	} else if (strcmp(what, "incentive") == 0) {
		got = o->incentive[a];
	} else if (strcmp(what, "emission") == 0) {
		got = o->emission[a];
	} else if (strcmp(what, "permit") == 0) {
		got = o->validator_permit[a];
	} else {
		refuse(c, "known: of a kind this suite does not know");
	}
	double off = (double)got / 65535.0 - target;
	if (approx ? off > 0.0011 || off < -0.0011 : got != want)
		differs(c, what, a, (int64_t)got, (int64_t)want);
}

static void run_epoch(check *c, asy_jv v, assay_yuma_input *in, asy_arena *a)
{
	results full, lean;
	assay_err err = {0};
	size_t need = assay_yuma_scratch_len(in);
	assay_mut scratch = {asy_arena_take(a, need, 64), need};
	results_init(&full, a, in);
	results_init(&lean, a, in);
	/* without matrices the fast path runs: the same vectors must come out */
	assay_yuma_trace *t = &lean.trace;
	*t = (assay_yuma_trace){.stake = t->stake,
							.active_stake = t->active_stake,
							.consensus = t->consensus,
							.validator_trust = t->validator_trust,
							.rank = t->rank,
							.incentive = t->incentive,
							.dividends = t->dividends,
							.total_bonds_per_validator = t->total_bonds_per_validator};
	if (assay_yuma_epoch(in, scratch, &full.out, &err) != ASSAY_OK ||
		assay_yuma_epoch(in, scratch, &lean.out, &err) != ASSAY_OK) {
		refuse(c, err.msg);
		return;
	}
	asy_jv sparse = asy_jv_get(v, "sparse"), trace = asy_jv_get(sparse, "trace");
	check_trace(c, trace, &full.trace, in->n);
	check_out(c, asy_jv_get(sparse, "out"), &full.out, in->n);
	check_out(c, asy_jv_get(sparse, "out"), &lean.out, in->n);
	check_vec(c, asy_jv_get(trace, "consensus"), "lean consensus", I64, t->consensus, in->n);
	check_vec(c, asy_jv_get(trace, "rank"), "lean rank", I64, t->rank, in->n);
	check_vec(c, asy_jv_get(trace, "validator_trust"), "lean vtrust", I64, t->validator_trust,
			  in->n);
	check_vec(c, asy_jv_get(trace, "dividends"), "lean dividends", I64, t->dividends, in->n);
	check_vec(c, asy_jv_get(trace, "total_bonds_per_validator"), "lean bonds", I64,
			  t->total_bonds_per_validator, in->n);
	asy_jv known = asy_jv_get(v, "known");
	for (size_t k = 0; k < asy_jv_size(known) && !c->failed; k++)
		check_known_value(c, asy_jv_at(known, k), &full.out);
}

static void run_dense(check *c, asy_jv want, const assay_yuma_input *in)
{
	asy_arena *a = asy_arena_new(0);
	results r;
	if (a == NULL || asy_jv_kind(want) == ASY_J_ABSENT) {
		asy_arena_free(a);
		return;
	}
	results_init(&r, a, in);
	r.out.trace = NULL;
	c->mask = "dense";
	if (!golden_yuma_dense(in, &r.out))
		refuse(c, "out of memory");
	else
		check_out(c, want, &r.out, in->n);
	asy_arena_free(a);
}

static void run_case(golden *g, asy_jv v)
{
	static const uint64_t masks[] = {ASY_CPU_SCALAR, ASY_YUMA_CPU_LANES, ASY_CPU_AVX2,
									 ASY_CPU_NEON};
	check c = {.g = g};
	asy_yuma_owned *o = NULL;
	assay_err err = {0};
	if (asy_jv_str(asy_jv_get(v, "name"), &c.id, NULL, &err) != ASSAY_OK ||
		asy_yuma_input_read(asy_jv_get(v, "input"), &o, &err) != ASSAY_OK) {
		golden_fail(g, c.id, "%s", err.msg);
		return;
	}
	assay_yuma_input *in = asy_yuma_input_get(o);
	for (size_t k = 0; k < ASY_COUNT(masks) && !c.failed; k++) {
		if (masks[k] != ASY_YUMA_CPU_LANES && (masks[k] & asy_cpu_detect()) != masks[k])
			continue;
		c.mask = masks[k] == ASY_YUMA_CPU_LANES ? "lanes" : asy_cpu_name(masks[k]);
		in->cpu_mask = masks[k];
		asy_arena *a = asy_arena_new(0);
		if (a == NULL)
			refuse(&c, "out of memory");
		else
			run_epoch(&c, v, in, a);
		asy_arena_free(a);
	}
	if (!c.failed)
		run_dense(&c, asy_jv_get(asy_jv_get(v, "dense"), "out"), in);
	asy_yuma_input_free(o);
	if (!c.failed)
		golden_pass(g);
}

static void run_cases(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++)
		run_case(g, asy_jv_at(cases, i));
}

const golden_row golden_suite_yuma[] = {
	{NULL, "cases.input cases.sparse", run_cases},
	{NULL, "cases.tao_weight cases.expect", golden_yuma_null},
	{NULL, "tables.sigma_w tables.rows", golden_yuma_guarantees},
	/* a file of tables may hold any of them */
	{NULL, "i32f32_saturating_mul", golden_yuma_math},
	{NULL, "i64f64_safe_div", golden_yuma_math},
	{NULL, "exp_safe", golden_yuma_math},
	{NULL, "safe_ln", golden_yuma_math},
	{NULL, "alpha_sigmoid", golden_yuma_math},
	{NULL, "emission_share_rao", golden_yuma_math},
	{NULL, "vec_max_upscale_and_normalize", golden_yuma_math},
	{NULL, "weighted_median_col", golden_yuma_math},
	{NULL, NULL, NULL},
};
