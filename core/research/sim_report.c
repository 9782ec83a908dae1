/* What an experiment says to machines: JSON and long-format CSV, and the groups'
 * figures that the page shows too. u16 and rao integers are as the chain stores them. */
#include "research/simulate.h"

void asy_sim_group_at(const asy_sim *s, const asy_sim_result *r, uint32_t epoch, size_t group,
					  asy_sim_group_cell *out)
{
	const asy_sim_cell *cell = r->cell + (size_t)epoch * r->n;
	uint64_t emission[2] = {0}, stake[2] = {0}, dividends[2] = {0}, incentive[2] = {0};
	asy_sim_group_cell g = {0};
	for (size_t i = 0; i < r->n; i++) {
		size_t mine = asy_sim_group(s, i) == group;
		for (size_t k = 0; k <= mine; k++) { /* 0: everybody, 1: the group */
			emission[k] = asy_sat_add_u64(emission[k], cell[i].emission);
			/* stake weights, since stakes may be anything up to 64 bits */
			stake[k] += cell[i].stake_weight;
			dividends[k] += cell[i].dividends;
			incentive[k] += cell[i].incentive;
		}
		if (mine && cell[i].permit) {
			g.validator_trust += cell[i].validator_trust / 65535.0;
			g.permits++;
		}
		g.actives += mine && cell[i].active;
	}
#define PART(x) ((x)[0] > 0 ? (double)(x)[1] / (double)(x)[0] : 0)
	g.emission_share = PART(emission);
	g.stake_share = PART(stake);
	g.dividend_share = PART(dividends);
	g.incentive_share = PART(incentive);
#undef PART
	g.validator_trust = g.permits > 0 ? g.validator_trust / (double)g.permits : 0;
	g.return_per_stake = g.stake_share > 0 ? g.dividend_share / g.stake_share : 0;
	*out = g;
}

static void put_column(asy_jw *w, const char *key, const asy_sim_cell *cell, size_t n,
					   uint64_t (*get)(const asy_sim_cell *))
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, get(&cell[i]));
	asy_jw_end_array(w);
}

#define GETTER(field)                                                                              \
	static uint64_t get_##field(const asy_sim_cell *c)                                             \
	{                                                                                              \
		return c->field;                                                                           \
	}
GETTER(emission)
GETTER(stake)
GETTER(stake_weight)
GETTER(consensus)
GETTER(validator_trust)
GETTER(incentive)
GETTER(dividends)
GETTER(active)
GETTER(permit)
#undef GETTER

/* In the order of the CSV's columns. */
static const struct {
	const char *name;
	uint64_t (*get)(const asy_sim_cell *);
} COLUMNS[] = {
	{"active", get_active},       {"validator_permit", get_permit},
	{"stake", get_stake},         {"stake_weight", get_stake_weight},
	{"consensus", get_consensus}, {"validator_trust", get_validator_trust},
	{"incentive", get_incentive}, {"dividends", get_dividends},
	{"emission", get_emission},
};

static void put_groups(asy_jw *w, const asy_sim *s, const asy_sim_result *r, uint32_t epoch)
{
	asy_jw_key(w, "groups");
	asy_jw_array(w);
	for (size_t g = 0; g < asy_sim_groups(s); g++) {
		asy_sim_group_cell c;
		asy_sim_group_at(s, r, epoch, g, &c);
		asy_jw_object(w);
		asy_jw_kstr(w, "name", asy_sim_group_name(s, g));
		asy_jw_kf64(w, "emission_share", c.emission_share);
		asy_jw_kf64(w, "stake_share", c.stake_share);
		asy_jw_kf64(w, "dividend_share", c.dividend_share);
		asy_jw_kf64(w, "incentive_share", c.incentive_share);
		asy_jw_kf64(w, "validator_trust", c.validator_trust);
		asy_jw_kf64(w, "return_per_stake", c.return_per_stake);
		asy_jw_ku64(w, "permits", c.permits);
		asy_jw_ku64(w, "active", c.actives);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
}

assay_status asy_sim_json(const asy_sim *s, const asy_sim_result *r, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "format", "assay-simulation/1");
	asy_jw_ku64(&w, "n", r->n);
	asy_jw_key(&w, "groups");
	asy_jw_array(&w);
	for (size_t g = 0; g < asy_sim_groups(s); g++) {
		asy_jw_object(&w);
		asy_jw_kstr(&w, "name", asy_sim_group_name(s, g));
		asy_jw_key(&w, "uids");
		asy_jw_array(&w);
		for (size_t i = 0; i < r->n; i++)
			if (asy_sim_group(s, i) == g)
				asy_jw_u64(&w, i);
		asy_jw_end_array(&w);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_key(&w, "epochs");
	asy_jw_array(&w);
	for (uint32_t e = 0; e < r->epochs; e++) {
		asy_jw_object(&w);
		asy_jw_ku64(&w, "epoch", e);
		asy_jw_ku64(&w, "block", r->block[e]);
		for (size_t k = 0; k < ASY_COUNT(COLUMNS); k++)
			put_column(&w, COLUMNS[k].name, r->cell + (size_t)e * r->n, r->n, COLUMNS[k].get);
		put_groups(&w, s, r, e);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

/* A group's name is the user's: quoted, quotes doubled. */
static assay_status add_quoted(asy_buf *out, const char *text, assay_err *err)
{
	assay_status st = asy_buf_add(out, "\"", 1, err);
	for (; *text != '\0' && st == ASSAY_OK; text++) {
		st = asy_buf_add(out, text, 1, err);
		if (st == ASSAY_OK && *text == '"')
			st = asy_buf_add(out, text, 1, err);
	}
	return st == ASSAY_OK ? asy_buf_add(out, "\"", 1, err) : st;
}

assay_status asy_sim_csv(const asy_sim *s, const asy_sim_result *r, asy_buf *out, assay_err *err)
{
	assay_status st = asy_buf_add_str(out, "epoch,block,uid,group", err);
	for (size_t k = 0; k < ASY_COUNT(COLUMNS) && st == ASSAY_OK; k++)
		st = asy_buf_printf(out, err, ",%s", COLUMNS[k].name);
	for (uint32_t e = 0; e < r->epochs && st == ASSAY_OK; e++)
		for (size_t i = 0; i < r->n && st == ASSAY_OK; i++) {
			const asy_sim_cell *c = r->cell + (size_t)e * r->n + i;
			st = asy_buf_printf(out, err, "\n%" PRIu32 ",%" PRIu64 ",%zu,", e, r->block[e], i);
			if (st == ASSAY_OK)
				st = add_quoted(out, asy_sim_group_name(s, asy_sim_group(s, i)), err);
			for (size_t k = 0; k < ASY_COUNT(COLUMNS) && st == ASSAY_OK; k++)
				st = asy_buf_printf(out, err, ",%" PRIu64, COLUMNS[k].get(c));
		}
	return st == ASSAY_OK ? asy_buf_add(out, "\n", 1, err) : st;
}
