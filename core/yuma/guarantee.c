/* The split network of the published consensus-guarantee maps: honest validators and
 * one cabal, sampled with the original's own random stream and arithmetic, so that a
 * map can be compared digit by digit. One epoch per point; no old bonds.
 *
 * Everything is I32F32 as in the original, including the logarithm, the square
 * root and the CORDIC cosine of substrate-fixed: better mathematics would give
 * another network.
 * mirrors: subtensor tests/consensus.rs normal, split_graph, map_consensus_guarantees
 * @2026-04-01; substrate-fixed src/transcendental.rs @d5f7036; rand StdRng, PCG32
 * seeding, Uniform<u16> */
#include <stdlib.h>
#include "yuma/run.h"

#define NEURONS ASY_YUMA_SPLIT_NEURONS
#define VALIDATORS ASY_YUMA_SPLIT_VALIDATORS
#define SERVERS (NEURONS - VALIDATORS)
#define TOTAL_STAKE UINT64_C(21000000000000000)
#define EMISSION UINT64_C(1000000000)

/* ---- the random stream: ChaCha with 12 rounds, 64-bit counter, zero nonce ---- */

typedef struct {
	uint32_t key[8], out[16];
	uint64_t block;
	size_t used;
} stream;

static void stream_seed(stream *s, uint64_t seed)
{
	for (size_t i = 0; i < ASY_COUNT(s->key); i++) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(11634580027462260723);
		uint32_t x = (uint32_t)(((seed >> 18) ^ seed) >> 27);
		unsigned rot = (unsigned)(seed >> 59);
		s->key[i] = x >> rot | x << ((32 - rot) & 31);
	}
	s->block = 0;
	s->used = ASY_COUNT(s->out);
}

static void quarter(uint32_t x[16], size_t a, size_t b, size_t c, size_t d)
{
	static const unsigned rot[4] = {16, 12, 8, 7};
	for (size_t k = 0; k < 4; k++) {
		size_t p = k % 2 == 0 ? a : c, q = k % 2 == 0 ? b : d, t = k % 2 == 0 ? d : b;
		x[p] += x[q];
		x[t] ^= x[p];
		x[t] = x[t] << rot[k] | x[t] >> (32 - rot[k]);
	}
}

static void stream_block(stream *s)
{
	uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	memcpy(in + 4, s->key, sizeof s->key);
	in[12] = (uint32_t)s->block;
	in[13] = (uint32_t)(s->block >> 32);
	memcpy(s->out, in, sizeof in);
	for (int round = 0; round < 12; round += 2) {
		for (size_t i = 0; i < 4; i++)
			quarter(s->out, i, 4 + i, 8 + i, 12 + i);
		for (size_t i = 0; i < 4; i++)
			quarter(s->out, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
	}
	for (size_t i = 0; i < 16; i++)
		s->out[i] += in[i];
	s->block++;
	s->used = 0;
}

/* Uniform on 0 .. 65534, without bias. */
static uint16_t stream_u16(stream *s)
{
	while (true) {
		if (s->used == ASY_COUNT(s->out))
			stream_block(s);
		uint64_t t = (uint64_t)s->out[s->used++] * UINT16_MAX;
		if ((uint32_t)t != 0)
			return (uint16_t)(t >> 32);
	}
}

/* ---- the mathematics of the original ---- */

/* pi, cut to 23 fraction bits by the library's constants. */
#define PI ((int64_t)26353589 << 9)
#define TWO_PI ((int64_t)52707178 << 9)
#define HALF_PI ((int64_t)13176794 << 9)
#define CORDIC_STEPS 24
#define CORDIC_GAIN 0x9b74eda8

static int64_t root(int64_t x)
{
	if (x <= 0 || x == FX_ONE)
		return x;
	bool invert = x < FX_ONE;
	if (invert)
		x = fx_sdiv(FX_ONE, x);
	int64_t l = x / 2 + FX_ONE;
	for (int i = 0; i < 32; i++)
		l = (l + fx_sdiv(x, l)) / 2;
	return invert ? fx_sdiv(FX_ONE, l) : l;
}

static int64_t cosine(int64_t angle)
{
	/* floor(2^32 arctan(2^-i)) */
	static const uint32_t arctan[CORDIC_STEPS] = {
		0xc90fdaa2, 0x76b19c15, 0x3eb6ebf2, 0x1fd5ba9a, 0x0ffaaddb, 0x07ff556e,
		0x03ffeaab, 0x01fffd55, 0x00ffffaa, 0x007ffff5, 0x003ffffe, 0x001fffff,
		0x000fffff, 0x0007ffff, 0x0003ffff, 0x0001ffff, 0x0000ffff, 0x00007fff,
		0x00003fff, 0x00001fff, 0x00000fff, 0x000007ff, 0x000003ff, 0x000001ff,
	};
	int64_t z = angle + HALF_PI; /* cosine is the shifted sine */
	while (z > PI)
		z -= TWO_PI;
	while (z < -PI)
		z += TWO_PI;
	if (z > HALF_PI)
		z = HALF_PI - (z - HALF_PI);
	if (z < -HALF_PI)
		z = -HALF_PI - (z + HALF_PI);
	int64_t x = CORDIC_GAIN, y = 0;
	for (int i = 0; i < CORDIC_STEPS; i++) {
		int64_t dx = y >> i, dy = x >> i;
		x += z < 0 ? dx : -dx;
		y += z < 0 ? -dy : dy;
		z += z < 0 ? (int64_t)arctan[i] : -(int64_t)arctan[i];
	}
	return y;
}

/* m shares of a group: max(0, 1 + spread * normal), divided by their sum. */
static void sample(stream *s, int64_t spread, size_t m, int64_t *out)
{
	const int64_t eps = 4295; /* 10^-6 */
	uint16_t draw[2 * NEURONS];
	int64_t sum = 0;
	for (size_t i = 0; i < 2 * m; i++)
		draw[i] = stream_u16(s);
	for (size_t i = 0; i < m; i++) {
		int64_t u = fx_from_u16p(draw[i]) + eps, v = fx_from_u16p(draw[i + m]) + eps;
		int64_t radius = root(fx_mul(-2 * FX_ONE, fx_ln_safe(u)));
		int64_t z = fx_mul(radius, cosine(fx_mul(2 * PI, v)));
		out[i] = fx_max(fx_mul(spread, z) + FX_ONE, 0);
		sum += out[i];
	}
	for (size_t i = 0; i < m && sum != 0; i++)
		out[i] = fx_sdiv(out[i], sum);
}

/* ---- the network ---- */

struct asy_yuma_split {
	size_t validators, servers; /* honest ones */
	int64_t ratio;
	int64_t stake_share[VALIDATORS]; /* of all stake, I32F32, sums to about one */
	uint64_t stake[NEURONS], zeros[NEURONS], ones[NEURONS];
	uint8_t permit[NEURONS];
	int64_t share[VALIDATORS][SERVERS]; /* within the row's two groups */
	/* one point */
	int64_t weight[VALIDATORS][SERVERS];
	uint16_t uid[VALIDATORS * SERVERS], value[VALIDATORS * SERVERS];
	size_t offset[VALIDATORS + 1], no_bonds[1];
	uint64_t emission[NEURONS];
	uint8_t *scratch;
	size_t scratch_len;
};

/* floor(ratio * total), kept off the extremes. */
static size_t part(int64_t ratio, size_t total)
{
	size_t n = (size_t)(fx_mul(ratio, (int64_t)total * FX_ONE) >> 32);
	return n == 0 ? 1 : n >= total ? total - 1 : n;
}

static int64_t fixed(double x)
{
	return (int64_t)(x * 4294967296.0 + 0.5);
}

static void sample_stakes(asy_yuma_split *s, stream *rng)
{
	const int64_t ratios[] = {s->ratio, FX_ONE - s->ratio};
	const size_t from[] = {0, s->validators}, to[] = {s->validators, VALIDATORS};
	int64_t sum = 0;
	for (size_t g = 0; g < 2; g++) {
		int64_t x[VALIDATORS];
		sample(rng, fixed(0.3), to[g] - from[g], x);
		for (size_t i = from[g]; i < to[g]; i++) {
			asy_i128 share = fx64_mul((asy_i128)ratios[g] << 32, (asy_i128)x[i - from[g]] << 32);
			s->stake[i] = fx64_to_u64(fx64_mul(share, fx64_from_u64(TOTAL_STAKE)));
			s->stake_share[i] = fx64_to_fx32(share);
			sum += s->stake_share[i];
		}
	}
	for (size_t i = 0; i < VALIDATORS; i++)
		s->stake_share[i] = fx_sdiv(s->stake_share[i], sum);
}

assay_status asy_yuma_split_new(double honest_stake, double spread, uint64_t seed,
								asy_yuma_split **out, assay_err *err)
{
	if (!(honest_stake > 0 && honest_stake < 1) || !(spread >= 0 && spread <= 16))
		return ASSAY_FAIL(err, E_RANGE,
						  "honest stake must lie between 0 and 1, the spread between 0 and 16");
	asy_yuma_split *s = asy_calloc(1, sizeof *s);
	if (s == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a split network");
	s->ratio = fixed(honest_stake);
	s->validators = part(s->ratio, VALIDATORS);
	s->servers = part(s->ratio, SERVERS);
	stream rng;
	stream_seed(&rng, seed);
	sample_stakes(s, &rng);
	for (size_t i = 0; i < VALIDATORS; i++) {
		sample(&rng, fixed(spread), s->servers, s->share[i]);
		sample(&rng, fixed(spread), SERVERS - s->servers, s->share[i] + s->servers);
		s->permit[i] = 1;
	}
	for (size_t i = 0; i < NEURONS; i++)
		s->ones[i] = 1;
	for (size_t i = 0; i <= VALIDATORS; i++)
		s->offset[i] = i * SERVERS;
	for (size_t k = 0; k < VALIDATORS * (size_t)SERVERS; k++)
		s->uid[k] = (uint16_t)(VALIDATORS + k % SERVERS);
	*out = s;
	return ASSAY_OK;
}

void asy_yuma_split_free(asy_yuma_split *s)
{
	if (s == NULL)
		return;
	free(s->scratch);
	free(s);
}

static void set_weights(asy_yuma_split *s, int64_t honest, int64_t cabal)
{
	for (size_t i = 0; i < VALIDATORS; i++) {
		int64_t first = i < s->validators ? honest : FX_ONE - cabal;
		uint16_t *value = s->value + s->offset[i];
		for (size_t j = 0; j < SERVERS; j++) {
			int64_t group = j < s->servers ? first : FX_ONE - first;
			s->weight[i][j] = fx_mul(group, s->share[i][j]);
			value[j] = fx_to_u16p(s->weight[i][j]);
		}
		asy_yuma_max_upscale_u16(value, SERVERS, value);
	}
}

/* sum_j sum_i S_i |mean_j - W_ij| / sum_j mean_j, with W's rows normalised. */
static int64_t deviation(asy_yuma_split *s)
{
	int64_t mean[SERVERS] = {0}, spread = 0, total = 0;
	for (size_t i = 0; i < VALIDATORS; i++) {
		int64_t sum = 0;
		for (size_t j = 0; j < SERVERS; j++)
			sum += s->weight[i][j];
		for (size_t j = 0; j < SERVERS && sum != 0; j++)
			s->weight[i][j] = fx_sdiv(s->weight[i][j], sum);
		for (size_t j = 0; s->stake_share[i] > 0 && j < SERVERS; j++)
			mean[j] += fx_mul(s->stake_share[i], s->weight[i][j]);
	}
	for (size_t i = 0; i < VALIDATORS; i++)
		for (size_t j = 0; s->stake_share[i] > 0 && j < SERVERS; j++)
			spread += fx_mul(s->stake_share[i], llabs(mean[j] - s->weight[i][j]));
	for (size_t j = 0; j < SERVERS; j++)
		total += mean[j];
	return total == 0 ? 0 : fx_sdiv(spread, total);
}

assay_status asy_yuma_split_run(asy_yuma_split *s, const asy_yuma_split_point *p,
								asy_yuma_split_result *out, assay_err *err)
{
	if (p->honest_weight < 0 || p->honest_weight > FX_ONE || p->cabal_weight < 0 ||
		p->cabal_weight > FX_ONE)
		return ASSAY_FAIL(err, E_RANGE, "weights of a point lie between 0 and 1");
	set_weights(s, p->honest_weight, p->cabal_weight);
	const assay_yuma_input in = {
		.n = NEURONS,
		.current_block = 1,
		.tempo = UINT16_MAX - 1,
		.activity_cutoff_factor_milli = 1000,
		.last_update = s->ones,
		.last_update_n = NEURONS,
		.block_at_registration = s->zeros,
		.alpha_stake = s->stake,
		.tao_stake = s->zeros,
		.owner_uid = -1,
		.max_allowed_validators = VALIDATORS,
		.validator_permit = s->permit,
		.validator_permit_n = NEURONS,
		.kappa = p->kappa,
		.bonds_penalty = p->bonds_penalty,
		.bonds_moving_average = 900000,
		.yuma3 = p->yuma3,
		.weights = {s->offset, s->uid, s->value, VALIDATORS},
		.rao_emission = EMISSION,
		.cpu_mask = p->cpu_mask,
	};
	size_t need = assay_yuma_scratch_len(&in);
	if (s->scratch_len < need) {
		free(s->scratch);
		s->scratch = asy_calloc(need, 1);
		s->scratch_len = s->scratch == NULL ? 0 : need;
	}
	const assay_yuma_out o = {.emission = s->emission};
	assay_status st = assay_yuma_epoch(&in, (assay_mut){s->scratch, s->scratch_len}, &o, err);
	if (st != ASSAY_OK)
		return st;
	asy_yuma_split_result r = {.deviation = deviation(s)};
	for (size_t i = 0; i < NEURONS; i++) {
		bool honest = i < VALIDATORS ? i < s->validators : i - VALIDATORS < s->servers;
		*(honest ? &r.honest_emission : &r.cabal_emission) += s->emission[i];
	}
	asy_i128 all = fx64_from_u64(r.honest_emission + r.cabal_emission);
	r.ratio = fx64_to_fx32(fx64_div(fx64_from_u64(r.honest_emission), all));
	*out = r;
	return ASSAY_OK;
}
