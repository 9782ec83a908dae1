/* Null epochs against the big-integer oracle of null_475.json. */
#include "golden/golden_yuma.h"

#define UIDS 256
#define ENTRIES 65536

typedef struct {
	assay_yuma_input in;
	assay_yuma_null_budget budget;
	uint64_t last_update[UIDS], registered[UIDS], alpha[UIDS], tao[UIDS];
	assay_yuma_commit commit[UIDS];
	size_t offset[UIDS + 1];
	uint16_t uid[ENTRIES], value[ENTRIES];
} world;

static uint64_t number(asy_jv v)
{
	uint64_t x = 0;
	bool flag;
	if (asy_jv_u64(v, &x, NULL) == ASSAY_OK)
		return x;
	return asy_jv_bool(v, &flag, NULL) == ASSAY_OK && flag;
}

static void numbers(asy_jv list, uint64_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = number(asy_jv_at(list, i));
}

static bool read_rows(asy_jv rows, world *w)
{
	size_t at = 0;
	for (size_t i = 0; i < w->in.n; i++) {
		char key[24];
		(void)snprintf(key, sizeof key, "%zu", i);
		asy_jv row = asy_jv_get(rows, key);
		w->offset[i] = at;
		for (size_t k = 0; k < asy_jv_size(row); k++, at++) {
			if (at == ENTRIES)
				return false;
			w->uid[at] = (uint16_t)number(asy_jv_at(asy_jv_at(row, k), 0));
			w->value[at] = (uint16_t)number(asy_jv_at(asy_jv_at(row, k), 1));
		}
	}
	w->offset[w->in.n] = at;
	w->in.weights = (assay_yuma_rows){w->offset, w->uid, w->value, w->in.n};
	return true;
}

static bool read_case(asy_jv c, world *w)
{
	assay_yuma_input *in = &w->in;
	asy_jv commits = asy_jv_get(c, "earliest_live_commit"), owner = asy_jv_get(c, "owner_uid");
	asy_jv budget = asy_jv_get(c, "budget");
	*in = (assay_yuma_input){.n = number(asy_jv_get(c, "n")),
							 .current_block = number(asy_jv_get(c, "block")),
							 .tao_weight = number(asy_jv_get(c, "tao_weight")),
							 .stake_threshold = number(asy_jv_get(c, "stake_threshold")),
							 .owner_uid = asy_jv_is_null(owner) ? -1 : (int32_t)number(owner),
							 .commit_reveal = number(asy_jv_get(c, "commit_reveal")) != 0,
							 .commit_reveal_period = 1,
							 /* a cutoff of k blocks is a factor of k tempos of one block each */
							 .activity_cutoff_factor_milli =
								 (uint32_t)number(asy_jv_get(c, "cutoff")) * 1000,
							 .tempo = 1};
	if (in->n > UIDS)
		return false;
	w->budget = (assay_yuma_null_budget){number(asy_jv_get(budget, "mining")),
										 number(asy_jv_get(budget, "dividend")),
										 number(asy_jv_get(budget, "fallback"))};
	numbers(asy_jv_get(c, "last_update"), w->last_update, in->n);
	numbers(asy_jv_get(c, "block_at_registration"), w->registered, in->n);
	numbers(asy_jv_get(c, "alpha"), w->alpha, in->n);
	numbers(asy_jv_get(c, "tao"), w->tao, in->n);
	in->last_update = w->last_update;
	in->last_update_n = in->n;
	in->block_at_registration = w->registered;
	in->alpha_stake = w->alpha;
	in->tao_stake = w->tao;
	for (size_t i = 0; i < in->n; i++)
		if (!asy_jv_is_null(asy_jv_at(commits, i)))
			w->commit[in->commits_n++] = (assay_yuma_commit){
				.block = number(asy_jv_at(commits, i)), .uid = (uint16_t)i, .timelock = true};
	in->commits = w->commit;
	return read_rows(asy_jv_get(c, "rows"), w);
}

typedef struct {
	uint16_t winner, u16[3][UIDS];
	uint8_t u8[2][UIDS];
	uint64_t u64[3][UIDS];
} results;

/* The first place where got differs from the list; n when nowhere. */
#define FIRST_DIFFERENT(list, got, n, at)                                                          \
	do {                                                                                           \
		for ((at) = 0; (at) < (n) && number(asy_jv_at((list), (at))) == (got)[at];)                \
			(at)++;                                                                                \
	} while (0)

static void compare(golden *g, const char *id, asy_jv e, const results *r, size_t n)
{
	static const char *const u16[] = {"stake_weight", "incentive", "dividends"};
	static const char *const u8[] = {"permits", "active"};
	static const char *const u64[] = {"miner", "validator", "emission"};
	size_t at;
	if (n > 0 && number(asy_jv_get(e, "winner")) != r->winner) {
		golden_fail(g, id, "winner is %u", r->winner);
		return;
	}
	for (size_t k = 0; k < 8; k++) {
		const char *name = k < 3 ? u16[k] : k < 5 ? u8[k - 3] : u64[k - 5];
		asy_jv list = asy_jv_get(e, name);
		if (k < 3)
			FIRST_DIFFERENT(list, r->u16[k], n, at);
		else if (k < 5)
			FIRST_DIFFERENT(list, r->u8[k - 3], n, at);
		else
			FIRST_DIFFERENT(list, r->u64[k - 5], n, at);
		if (at == n && asy_jv_size(list) == n)
			continue;
		golden_fail(g, id, "%s[%zu] differs", name, at);
		return;
	}
	golden_pass(g);
}

void golden_yuma_null(golden *g, asy_jv root)
{
	static world w;
	static results r;
	static uint8_t scratch[1 << 20];
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		const char *id = "?";
		assay_err err = {0};
		(void)!asy_jv_str(asy_jv_get(c, "name"), &id, NULL, NULL);
		const assay_yuma_null_out out = {.winner = &r.winner,
										 .validator_permit = r.u8[0],
										 .active = r.u8[1],
										 .stake_weight = r.u16[0],
										 .incentive = r.u16[1],
										 .dividends = r.u16[2],
										 .server_emission = r.u64[0],
										 .validator_emission = r.u64[1],
										 .emission = r.u64[2]};
		if (!read_case(c, &w))
			golden_fail(g, id, "larger than this reader takes");
		else if (assay_yuma_null_epoch(&w.in, &w.budget, (assay_mut){scratch, sizeof scratch}, &out,
									   &err) != ASSAY_OK)
			golden_fail(g, id, "%s", err.msg);
		else
			compare(g, id, asy_jv_get(c, "expect"), &r, w.in.n);
	}
}
