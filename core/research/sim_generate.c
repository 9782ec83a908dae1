/* Experiments made from numbers: a subnet with honest validators and miners, and if
 * asked a cabal, copiers and a newcomer. Same numbers and seed, same subnet. */
#include "research/sim.h"

#define FIRST_BLOCK UINT64_C(1000000)
#define TEMPO 360
#define TOTAL_STAKE 1e15                /* rao */
#define EMISSION UINT64_C(147600000000) /* 0.41 per block */

asy_sim_generate asy_sim_generate_defaults(void)
{
	return (asy_sim_generate){
		.validators = 8,
		.miners = 24,
		.cabal_stake = 0.3,
		.cabal_own = 0.9,
		.copy_lag = 1,
		.newcomer_epoch = -1,
		.newcomer_quality = 2.0,
		.noise = 0.1,
		.stake_spread = 0.5,
		.quality_spread = 0.5,
		.yuma3 = true,
		.kappa = 32767,
		.bonds_penalty = 65535,
		.bonds_moving_average = 900000,
	};
}

static assay_status share(const char *name, double x, assay_err *err)
{
	if (x >= 0 && x <= 1)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_RANGE, "%s: %g is not between 0 and 1", name, x);
}

static assay_status deviation(const char *name, double x, assay_err *err)
{
	if (x >= 0 && x <= 16)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_RANGE, "%s: %g is not between 0 and 16", name, x);
}

static assay_status check(const asy_sim_generate *g, uint32_t epochs, size_t *n, assay_err *err)
{
	assay_status st = share("cabal_stake", g->cabal_stake, err);
	if (st == ASSAY_OK)
		st = share("cabal_own", g->cabal_own, err);
	if (st == ASSAY_OK)
		st = deviation("noise", g->noise, err);
	if (st == ASSAY_OK)
		st = deviation("drift", g->drift, err);
	if (st == ASSAY_OK)
		st = deviation("stake_spread", g->stake_spread, err);
	if (st == ASSAY_OK)
		st = deviation("quality_spread", g->quality_spread, err);
	if (st != ASSAY_OK)
		return st;
	*n = (size_t)g->validators + g->cabal_validators + g->copiers + g->miners + g->cabal_miners;
	if (g->validators == 0 || g->miners == 0)
		return ASSAY_FAIL(err, E_RANGE, "validators and miners: at least one of each");
	if ((g->cabal_validators == 0) != (g->cabal_miners == 0))
		return ASSAY_FAIL(
			err, E_RANGE,
			"cabal_validators and cabal_miners: both or neither, a cabal pays itself");
	if (*n > ASSAY_YUMA_UIDS_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu neurons, at most %u", *n, ASSAY_YUMA_UIDS_MAX);
	if (g->copiers > 0 && (g->copy_lag == 0 || g->copy_lag > ASY_SIM_LAG_MAX))
		return ASSAY_FAIL(err, E_RANGE, "copy_lag: %u is not in 1 .. %u", g->copy_lag,
						  ASY_SIM_LAG_MAX);
	if (g->newcomer_epoch >= (int64_t)epochs)
		return ASSAY_FAIL(err, E_RANGE,
						  "newcomer_epoch: %" PRId64 ", but the last epoch is %" PRIu32,
						  g->newcomer_epoch, epochs - 1);
	if (!(g->newcomer_quality > 0 && g->newcomer_quality <= 1000))
		return ASSAY_FAIL(err, E_RANGE, "newcomer_quality: %g is not in (0, 1000]",
						  g->newcomer_quality);
	return ASSAY_OK;
}

/* max(0.05, 1 + spread * normal) of one uid. */
static double around_one(uint64_t seed, sim_draw what, size_t uid, double spread)
{
	asy_seeded_rng rng;
	sim_stream(seed, what, 0, (uint32_t)uid, &rng);
	double x = 1.0 + spread * sim_normal(&rng);
	return x < 0.05 ? 0.05 : x;
}

/* Stake of uids from .. to - 1, together `total`. */
static void give_stake(asy_sim *s, size_t from, size_t to, double spread, double total)
{
	double sum = 0;
	for (size_t i = from; i < to; i++)
		sum += around_one(s->seed, SIM_DRAW_STAKE, i, spread);
	for (size_t i = from; i < to; i++)
		s->alpha[i] =
			(uint64_t)(around_one(s->seed, SIM_DRAW_STAKE, i, spread) / sum * total + 0.5);
}

static void name_group(asy_sim *s, const char *name, size_t from, size_t to)
{
	if (from == to)
		return;
	(void)asy_str_copy(s->group_name[s->group_n], ASY_SIM_NAME_MAX, name);
	for (size_t i = from; i < to; i++)
		s->group[i] = (uint8_t)s->group_n;
	s->group_n++;
}

static void set_parameters(asy_sim *s, const asy_sim_generate *g)
{
	s->in = (assay_yuma_input){
		.current_block = FIRST_BLOCK,
		.last_mechanism_step_block = FIRST_BLOCK - TEMPO,
		.activity_cutoff_factor_milli = 13889,
		.tempo = TEMPO,
		.owner_uid = -1,
		.max_allowed_validators = 64,
		.kappa = g->kappa,
		.bonds_penalty = g->bonds_penalty,
		.bonds_moving_average = g->bonds_moving_average,
		.yuma3 = g->yuma3,
		.liquid_alpha = g->liquid_alpha,
		.alpha_low = 45875,
		.alpha_high = 58982,
		.alpha_sigmoid_steepness = 1000,
		.rao_emission = EMISSION,
		.cpu_mask = ASSAY_YUMA_CPU_AUTO,
	};
	size_t voters = (size_t)g->validators + g->cabal_validators + g->copiers;
	if (voters > s->in.max_allowed_validators)
		s->in.max_allowed_validators = (uint16_t)voters;
}

static assay_status add_agents(asy_sim *s, const asy_sim_generate *g, const size_t edge[6],
							   assay_err *err)
{
	size_t voters = edge[3];
	uint16_t *own = asy_arena_array(s->arena, (size_t)g->cabal_miners + 1, sizeof *own);
	s->agent = asy_arena_array(s->arena, voters, sizeof *s->agent);
	if (own == NULL || s->agent == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu agents", voters);
	for (size_t k = 0; k < g->cabal_miners; k++)
		own[k] = (uint16_t)(edge[4] + k);
	for (size_t i = 0; i < voters; i++)
		s->agent[i] = (sim_agent){
			.uid = (uint16_t)i,
			.kind = i < edge[1]   ? SIM_JUDGE
					: i < edge[2] ? SIM_CABAL
								  : SIM_COPY,
			.noise = g->noise,
			.own = g->cabal_own,
			.lag = g->copy_lag,
			.miner = own,
			.miner_n = g->cabal_miners,
		};
	s->agent_n = voters;
	return ASSAY_OK;
}

static assay_status add_newcomer(asy_sim *s, const asy_sim_generate *g, size_t uid, assay_err *err)
{
	if (g->newcomer_epoch < 0)
		return ASSAY_OK;
	s->event = asy_arena_array(s->arena, 2, sizeof *s->event);
	if (s->event == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "events");
	const uint32_t epoch = (uint32_t)g->newcomer_epoch;
	s->event[0] = (sim_event){.epoch = epoch, .action = SIM_REGISTER, .uid = (uint16_t)uid};
	s->event[1] = (sim_event){.epoch = epoch,
							  .action = SIM_QUALITY,
							  .uid = (uint16_t)uid,
							  .quality = g->newcomer_quality};
	s->event_n = 2;
	return ASSAY_OK;
}

assay_status sim_generate(const asy_sim_generate *g, uint32_t epochs, uint64_t seed, asy_sim **out,
						  assay_err *err)
{
	size_t n = 0;
	asy_sim *s = NULL;
	assay_status st = check(g, epochs, &n, err);
	if (st == ASSAY_OK)
		st = sim_alloc(n, epochs, &s, err);
	if (st != ASSAY_OK)
		return st;
	s->seed = seed;
	s->drift = g->drift;
	set_parameters(s, g);
	/* honest validators | cabal's | copiers | honest miners | cabal's | end */
	size_t edge[6] = {0};
	const size_t part[5] = {g->validators, g->cabal_validators, g->copiers, g->miners,
							g->cabal_miners};
	static const char *const name[5] = {"honest validators", "cabal validators", "copiers",
										"honest miners", "cabal miners"};
	for (size_t k = 0; k < 5; k++) {
		edge[k + 1] = edge[k] + part[k];
		name_group(s, name[k], edge[k], edge[k + 1]);
	}
	/* A copier has the stake of an average honest validator. */
	double honest = TOTAL_STAKE * (g->cabal_validators > 0 ? 1.0 - g->cabal_stake : 1.0);
	double each = honest / (double)(g->validators + g->copiers);
	give_stake(s, 0, edge[1], g->stake_spread, each * g->validators);
	give_stake(s, edge[1], edge[2], g->stake_spread, TOTAL_STAKE - honest);
	give_stake(s, edge[2], edge[3], 0, each * g->copiers);
	for (size_t i = 0; i < n; i++) {
		s->permit[i] = i < edge[3];
		s->last_update[i] = FIRST_BLOCK - 1;
		s->quality[i] = i < edge[3] ? -1 : around_one(seed, SIM_DRAW_QUALITY, i, g->quality_spread);
	}
	st = add_agents(s, g, edge, err);
	if (st == ASSAY_OK)
		st = add_newcomer(s, g, edge[4] - 1, err);
	if (st != ASSAY_OK) {
		asy_sim_free(s);
		return st;
	}
	*out = s;
	return ASSAY_OK;
}

assay_status asy_sim_make(const asy_sim_generate *how, uint32_t epochs, uint64_t seed,
						  asy_sim **out, assay_err *err)
{
	asy_sim *s = NULL;
	assay_status st = sim_generate(how, epochs, seed, &s, err);
	if (st == ASSAY_OK)
		st = sim_ready(s, err);
	if (st == ASSAY_OK)
		*out = s;
	else
		asy_sim_free(s);
	return st;
}
