/* See cases.h. */
#include <string.h>
#include "diff/yuma/cases.h"

typedef struct {
	uint64_t s;
} rng;

static uint64_t next(rng *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}
static uint64_t below(rng *r, uint64_t n)
{
	return next(r) % n;
}
static bool one_in(rng *r, uint64_t n)
{
	return below(r, n) == 0;
}

static uint64_t pick(rng *r, const uint64_t *of, size_t n)
{
	return of[below(r, n)];
}
#define PICK(r, ...)                                                                               \
	pick((r), (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8)

static size_t size_of(rng *r, size_t n_most)
{
	static const uint64_t borders[] = {0,  1,  2,  3,  4,  5,  7,  8,  9, 15,
									   16, 17, 31, 32, 33, 63, 64, 65, 70};
	if (n_most < CASE_N_MAX)
		return (size_t)below(r, n_most + 1);
	if (one_in(r, 4))
		return (size_t)pick(r, borders, sizeof borders / 8);
	return (size_t)below(r, one_in(r, 8) ? CASE_N_MAX + 1 : 25);
}

static void make_stakes(rng *r, random_case *c)
{
	const unsigned kind = (unsigned)below(r, 6);
	for (size_t i = 0; i < c->in.n; i++) {
		c->alpha[i] = c->tao[i] = 0;
		if (kind != 0 && one_in(r, 3))
			continue;
		switch (kind) {
		case 0: /* ties: equal stakes */
			c->alpha[i] = 1000000000000;
			break;
		case 1:
			c->alpha[i] = 1 + below(r, 5);
			break;
		case 2: /* one holds nearly all, or all */
			c->alpha[i] = i == 0 ? 1000000000000000 : below(r, 3);
			break;
		case 3:
			c->alpha[i] = below(r, 4) * 250000000000;
			c->tao[i] = below(r, 1000000000000);
			break;
		default:
			c->alpha[i] = next(r) >> (14 + below(r, 40));
			break;
		}
		if (one_in(r, 400))
			c->alpha[i] = PICK(r, UINT64_MAX, (uint64_t)1 << 63, ((uint64_t)1 << 63) - 1);
	}
}

static uint16_t value_of(rng *r, unsigned kind)
{
	switch (kind) {
	case 0:
		return UINT16_MAX;
	case 1:
		return (uint16_t)below(r, 3);
	case 2:
		return (uint16_t)PICK(r, 0, 1, 32767, 32768, 65534, 65535);
	case 3:
		return (uint16_t)(20000 + below(r, 200));
	default:
		return (uint16_t)next(r);
	}
}

/* One row: dense run, random subset, a single target; sometimes out of order. */
static size_t make_row(rng *r, size_t n, size_t own, uint16_t *uid, uint16_t *val, bool tidy)
{
	const unsigned shape = (unsigned)below(r, 8), kind = (unsigned)below(r, 6);
	const uint64_t keep = 1 + below(r, 4);
	size_t len = 0;
	(void)own;
	if (n == 0 || shape == 0)
		return 0;
	if (shape == 1) {
		uid[0] = (uint16_t)below(r, n);
		val[0] = value_of(r, kind);
		return 1;
	}
	for (size_t j = 0; j < n; j++) {
		if (shape < 4 && !one_in(r, keep))
			continue;
		uid[len] = (uint16_t)j;
		val[len++] = value_of(r, kind);
	}
	if (tidy) {
		for (size_t k = 0; k < len; k++)
			val[k] = val[k] == 0 ? 1 : val[k];
		return len;
	}
	if (one_in(r, 12)) { /* targets that do not exist */
		uid[len] = (uint16_t)(n + below(r, 3));
		val[len++] = value_of(r, kind);
	}
	if (one_in(r, 6) && len > 1) { /* out of order */
		for (size_t k = len - 1; k > 0; k--) {
			size_t m = (size_t)below(r, k + 1);
			uint16_t u = uid[k], v = val[k];
			uid[k] = uid[m];
			val[k] = val[m];
			uid[m] = u;
			val[m] = v;
		}
	}
	return len;
}

static void make_rows(rng *r, size_t n, size_t rows_n, bool tidy, size_t *off, uint16_t *uid,
					  uint16_t *val, assay_yuma_rows *out)
{
	off[0] = 0;
	for (size_t i = 0; i < rows_n; i++)
		off[i + 1] = off[i] + make_row(r, n, i, uid + off[i], val + off[i], tidy);
	*out = (assay_yuma_rows){off, uid, val, rows_n};
}

void random_case_make(random_case *c, uint64_t seed, size_t n_most)
{
	rng r = {seed};
	assay_yuma_input *in = &c->in;
	memset(in, 0, sizeof *in);
	in->n = size_of(&r, n_most);
	in->current_block = 1000;
	in->tempo = (uint16_t)PICK(&r, 0, 10, 360, 360, 360);
	in->activity_cutoff_factor_milli = (uint32_t)PICK(&r, 1000, 13889, 13889);
	in->last_mechanism_step_block = PICK(&r, 0, 0, 640, 950);
	make_stakes(&r, c);
	const bool calm = !one_in(&r, 3); /* nobody inactive or newly registered */
	for (size_t i = 0; i < in->n; i++) {
		c->registered[i] = calm ? 0 : PICK(&r, 0, 0, 0, 640, 641, 899, 900, 901);
		c->last_update[i] = calm ? 900 : PICK(&r, 900, 900, 900, 0, 640, 639);
		c->permit[i] = !one_in(&r, 4);
	}
	in->last_update_n = in->n;
	in->validator_permit_n = in->n;
	if (in->n > 1 && one_in(&r, 20))
		in->last_update_n -= 1;
	if (in->n > 1 && one_in(&r, 20))
		in->validator_permit_n -= 1;
	in->last_update = c->last_update;
	in->block_at_registration = c->registered;
	in->alpha_stake = c->alpha;
	in->tao_stake = c->tao;
	in->validator_permit = c->permit;
	in->tao_weight = PICK(&r, 0, 971718665099567868u, UINT64_MAX);
	in->stake_threshold = one_in(&r, 5) ? 500000000000 : 0;
	in->owner_uid = one_in(&r, 3) && in->n > 0 ? (int32_t)below(&r, in->n) : -1;
	in->max_allowed_validators = (uint16_t)PICK(&r, 0, 1, 3, 16, 64, 128);
	in->kappa = (uint16_t)PICK(&r, 0, 1, 16384, 21845, 26214, 32767, 32767, 32768, 43690, 49151,
							   65534, 65535);
	in->bonds_penalty = (uint16_t)PICK(&r, 0, 1, 32768, 65534, 65535, 65535, 65535);
	in->bonds_moving_average =
		PICK(&r, 0, 1, 500000, 900000, 900000, 900000, 975000, 1000000, 1500000, 123456789);
	in->yuma3 = one_in(&r, 2);
	in->liquid_alpha = one_in(&r, 2);
	in->alpha_low = (uint16_t)PICK(&r, 0, 1638, 45875, 45875, 65535);
	in->alpha_high = (uint16_t)PICK(&r, 1, 58982, 58982, 65535, 1638);
	in->alpha_sigmoid_steepness =
		(int16_t)(int64_t)PICK(&r, 1000, 1000, 1000, 200, 400, 100, 0, 1, 1234, 3000, 32767,
							   (uint64_t)-1000, (uint64_t)-32768);
	in->commit_reveal = one_in(&r, 6);
	in->commit_reveal_period = 1;
	in->current_epoch = 10;
	in->commits_n = (size_t)below(&r, 16);
	for (size_t k = 0; k < in->commits_n; k++)
		c->commits[k] = (assay_yuma_commit){.epoch = 7 + below(&r, 4),
											.block = PICK(&r, 0, 640, 899, 900, 901),
											.uid = (uint16_t)below(&r, in->n + 2),
											.timelock = one_in(&r, 2)};
	in->commits = c->commits;
	in->rao_emission = PICK(&r, 0, 1, 1000000000, UINT64_MAX);
	const bool tidy = one_in(&r, 2);
	make_rows(&r, in->n, in->n + below(&r, 3), tidy, c->w_off, c->w_uid, c->w_val, &in->weights);
	if (!one_in(&r, 4))
		make_rows(&r, in->n, in->n + below(&r, 3), tidy, c->b_off, c->b_uid, c->b_val, &in->bonds);
	in->liquid_consensus_mode = (uint8_t)PICK(&r, 0, 1, 2, 2);
	in->previous_consensus_n = (size_t)PICK(&r, in->n, in->n, in->n, 0, in->n / 2, in->n + 2);
	for (size_t j = 0; j < in->previous_consensus_n; j++)
		c->previous[j] = (uint16_t)PICK(&r, 0, 0, 65535, below(&r, 65536), below(&r, 3000));
	in->previous_consensus = c->previous;
}

void case_results_init(case_results *r)
{
	memset(r, 0, sizeof *r);
	r->trace = (assay_yuma_trace){.stake = r->i64[0],
								  .active_stake = r->i64[1],
								  .consensus = r->i64[2],
								  .validator_trust = r->i64[3],
								  .rank = r->i64[4],
								  .incentive = r->i64[5],
								  .dividends = r->i64[6],
								  .total_bonds_per_validator = r->i64[7],
								  .server_emission = r->i64[8],
								  .validator_emission = r->i64[9],
								  .combined_emission = r->i64[10]};
	r->out = (assay_yuma_out){.active = r->active,
							  .validator_permit = r->permit,
							  .stake_weight = r->u16[0],
							  .consensus = r->u16[1],
							  .validator_trust = r->u16[2],
							  .incentive = r->u16[3],
							  .dividends = r->u16[4],
							  .emission = r->u64[0],
							  .server_emission = r->u64[1],
							  .validator_emission = r->u64[2],
							  .stake = r->u64[3],
							  .bonds = {r->off, r->uid, r->val, sizeof r->uid / sizeof *r->uid},
							  .trace = &r->trace};
}

const char *case_results_differ(const case_results *a, const case_results *b, size_t n, size_t *at)
{
	static const char *const fixed[] = {"stake",  "active_stake", "consensus", "validator_trust",
										"rank",   "incentive",    "dividends", "total_bonds",
										"server", "validator",    "combined"};
	for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++)
		for (*at = 0; *at < n; ++*at)
			if (a->i64[k][*at] != b->i64[k][*at])
				return fixed[k];
	for (size_t k = 0; k < 5; k++)
		for (*at = 0; *at < n; ++*at)
			if (a->u16[k][*at] != b->u16[k][*at])
				return "a stored u16 vector";
	for (size_t k = 0; k < 4; k++)
		for (*at = 0; *at < n; ++*at)
			if (a->u64[k][*at] != b->u64[k][*at])
				return "a rao vector";
	for (*at = 0; *at < n; ++*at)
		if (a->active[*at] != b->active[*at] || a->permit[*at] != b->permit[*at])
			return "flags";
	for (*at = 0; *at <= n; ++*at)
		if (a->off[*at] != b->off[*at])
			return "bond row length";
	for (*at = 0; *at < a->off[n]; ++*at)
		if (a->uid[*at] != b->uid[*at] || a->val[*at] != b->val[*at])
			return "bond";
	return NULL;
}
