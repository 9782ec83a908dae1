/* The agents: how a validator chooses its row before an epoch. They see what a
 * validator can see: their own noisy look at the miners, and consensus of earlier
 * epochs. Doubles meet only + - * /, so that no mathematics library is in the bits. */
#include "research/sim.h"

void sim_stream(uint64_t seed, sim_draw what, uint32_t epoch, uint32_t uid, asy_seeded_rng *out)
{
	uint8_t address[8 + 4 * 3], key[32];
	asy_put_u64le(address, seed);
	asy_put_u32le(address + 8, (uint32_t)what);
	asy_put_u32le(address + 12, epoch);
	asy_put_u32le(address + 16, uid);
	asy_blake2b(address, sizeof address, key, sizeof key);
	asy_seeded_rng_init(out, key);
}

double sim_normal(asy_seeded_rng *r)
{
	uint8_t bytes[12 * 4];
	uint64_t sum = 0;
	r->iface.fill(&r->iface, bytes, sizeof bytes);
	for (size_t i = 0; i < 12; i++)
		sum += asy_get_u32le(bytes + 4 * i);
	return (double)sum / 4294967296.0 - 6.0;
}

/* score[j] = what uid i thinks of j this epoch; 0 for what is not judged. */
static void judge(asy_sim *s, const sim_agent *a)
{
	asy_seeded_rng rng;
	sim_stream(s->seed, SIM_DRAW_NOISE, s->at, a->uid, &rng);
	for (size_t j = 0; j < s->n; j++) {
		double z = sim_normal(&rng);
		double x = s->quality[j] * (1.0 + a->noise * z);
		s->score[j] = x > 0 && j != a->uid ? x : 0;
	}
}

/* Moves the share `own` of the row to the agent's miners, evenly. */
static void favour(asy_sim *s, const sim_agent *a)
{
	double sum = 0;
	for (size_t k = 0; k < a->miner_n; k++)
		s->score[a->miner[k]] = 0;
	for (size_t j = 0; j < s->n; j++)
		sum += s->score[j];
	for (size_t j = 0; j < s->n && sum > 0; j++)
		s->score[j] = s->score[j] / sum * (1.0 - a->own);
	for (size_t k = 0; k < a->miner_n; k++)
		s->score[a->miner[k]] = a->own / (double)a->miner_n;
}

static assay_status send_scores(asy_sim *s, size_t uid, assay_err *err)
{
	double most = 0;
	size_t len = 0;
	uint16_t *target = s->row[uid].uid, *value = s->row[uid].value;
	ASSERT(s->row[uid].cap >= s->n);
	for (size_t j = 0; j < s->n; j++)
		most = s->score[j] > most ? s->score[j] : most;
	for (size_t j = 0; j < s->n && most > 0; j++) {
		uint16_t v = (uint16_t)(s->score[j] / most * 65535.0 + 0.5);
		if (v == 0)
			continue;
		target[len] = (uint16_t)j;
		value[len++] = v;
	}
	return sim_row_set(s, uid, target, value, len, err);
}

/* The consensus that was stored `lag` epochs ago; before there is one, no row. */
static assay_status copy(asy_sim *s, const sim_agent *a, assay_err *err)
{
	if (s->at < a->lag)
		return ASSAY_OK;
	const uint16_t *seen = s->past + (size_t)((s->at - a->lag) % s->past_n) * s->n;
	size_t len = 0;
	uint16_t *target = s->row[a->uid].uid, *value = s->row[a->uid].value;
	for (size_t j = 0; j < s->n; j++) {
		if (seen[j] == 0 || j == a->uid)
			continue;
		target[len] = (uint16_t)j;
		value[len++] = seen[j];
	}
	return sim_row_set(s, a->uid, target, value, len, err);
}

assay_status sim_agents_act(asy_sim *s, uint64_t block, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < s->agent_n && st == ASSAY_OK; i++) {
		const sim_agent *a = &s->agent[i];
		if (s->at < s->missing_until[a->uid])
			continue;
		switch (a->kind) {
		case SIM_JUDGE:
			judge(s, a);
			st = send_scores(s, a->uid, err);
			break;
		case SIM_CABAL:
			judge(s, a);
			favour(s, a);
			st = send_scores(s, a->uid, err);
			break;
		case SIM_COPY:
			st = copy(s, a, err);
			break;
		}
		if (s->row[a->uid].len > 0 && s->last_update[a->uid] < block)
			s->last_update[a->uid] = block;
	}
	return st;
}
