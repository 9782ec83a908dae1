/* The experiment's runner: what it feeds forward is what the chain would, and the
 * generated subnets are what their numbers say. */
#include <math.h>
#include "research/simulate.h"
#include "support/test.h"

static asy_sim *make(const asy_sim_generate *g, uint32_t epochs, uint64_t seed)
{
	asy_sim *s = NULL;
	assay_err err = {0};
	ck_ok(asy_sim_make(g, epochs, seed, &s, &err), err);
	return s;
}

static asy_sim_generate everything(void)
{
	asy_sim_generate g = asy_sim_generate_defaults();
	g.cabal_validators = 2;
	g.cabal_miners = 3;
	g.copiers = 2;
	g.newcomer_epoch = 4;
	g.drift = 0.05;
	return g;
}

static asy_sim_result run(asy_sim *s)
{
	asy_sim_result r = {0};
	assay_err err = {0};
	ck_ok(asy_sim_run(s, &r, &err), err);
	return r;
}

static void check_same(const asy_sim_result *a, const asy_sim_result *b, bool is_same)
{
	ck_assert_uint_eq(a->n, b->n);
	ck_assert_uint_eq(a->epochs, b->epochs);
	bool same = true;
	for (size_t i = 0; i < a->n * a->epochs; i++) {
		const asy_sim_cell *x = &a->cell[i], *y = &b->cell[i];
		same = same && x->emission == y->emission && x->consensus == y->consensus &&
			   x->dividends == y->dividends && x->validator_trust == y->validator_trust &&
			   x->incentive == y->incentive && x->stake == y->stake && x->permit == y->permit;
	}
	ck_assert_int_eq(same, is_same);
}

START_TEST(test_run_when_repeated_then_same_bits_and_another_seed_other_bits)
{
	asy_sim_generate g = everything();
	asy_sim *a = make(&g, 8, 11), *b = make(&g, 8, 11), *c = make(&g, 8, 12);
	asy_sim_result x = run(a), y = run(b), z = run(c);
	check_same(&x, &y, true);
	check_same(&x, &z, false);
	asy_sim_result_fini(&x);
	asy_sim_result_fini(&y);
	asy_sim_result_fini(&z);
	asy_sim_free(a);
	asy_sim_free(b);
	asy_sim_free(c);
}
END_TEST

START_TEST(test_run_on_every_cpu_mask_same_bits)
{
	asy_sim_generate g = everything();
	asy_sim *a = make(&g, 6, 3), *b = make(&g, 6, 3);
	asy_sim_cpu(a, 0);
	asy_sim_cpu(b, ASSAY_YUMA_CPU_AUTO);
	asy_sim_result x = run(a), y = run(b);
	check_same(&x, &y, true);
	asy_sim_result_fini(&x);
	asy_sim_result_fini(&y);
	asy_sim_free(a);
	asy_sim_free(b);
}
END_TEST

/* ---- bonds, permits and blocks, against epochs run by hand ---- */

typedef struct {
	size_t *offset;
	uint16_t *uid, *value;
	uint8_t *permit;
	uint64_t *emission;
	uint16_t *out16;
} hand;

static hand hand_epoch(const assay_yuma_input *in)
{
	size_t n = in->n, cap = assay_yuma_bonds_cap(in), need = assay_yuma_scratch_len(in);
	hand h = {calloc(n + 1, sizeof(size_t)),
			  calloc(cap + 1, 2),
			  calloc(cap + 1, 2),
			  calloc(n + 1, 1),
			  calloc(n + 1, 8),
			  calloc(2 * n + 1, 2)};
	uint8_t *scratch = malloc(need);
	assay_err err = {0};
	assay_yuma_out out = {.validator_permit = h.permit,
						  .emission = h.emission,
						  .consensus = h.out16,
						  .dividends = h.out16 + n,
						  .bonds = {h.offset, h.uid, h.value, cap}};
	ck_ok(assay_yuma_epoch(in, (assay_mut){scratch, need}, &out, &err), err);
	free(scratch);
	return h;
}

static void hand_free(hand *h)
{
	free(h->offset);
	free(h->uid);
	free(h->value);
	free(h->permit);
	free(h->emission);
	free(h->out16);
}

static void check_forward(bool yuma3, bool liquid_alpha)
{
	asy_sim_generate g = everything();
	g.newcomer_epoch = -1;
	g.yuma3 = yuma3;
	g.liquid_alpha = liquid_alpha;
	asy_sim *s = make(&g, 4, 5);
	size_t n = asy_sim_neurons(s);
	asy_sim_cell *cells = calloc(n, sizeof *cells);
	hand last = {0};
	uint64_t block = 0;
	for (uint32_t e = 0; e < 4; e++) {
		assay_err err = {0};
		ck_ok(asy_sim_prepare(s, &err), err);
		assay_yuma_input in = *asy_sim_input(s);
		if (e > 0) {
			/* the chain's own stored values of the epoch before, and nothing else */
			ck_assert_uint_eq(in.last_mechanism_step_block, block);
			ck_assert_uint_eq(in.current_block, block + in.tempo);
			ck_assert_mem_eq(in.validator_permit, last.permit, n);
			ck_assert_mem_eq(in.bonds.offset, last.offset, (n + 1) * sizeof *last.offset);
			size_t all = last.offset[n];
			ck_assert_uint_gt(all, 0);
			ck_assert_mem_eq(in.bonds.uid, last.uid, all * 2);
			ck_assert_mem_eq(in.bonds.value, last.value, all * 2);
			hand_free(&last);
		}
		block = in.current_block;
		in.cpu_mask = 0;
		last = hand_epoch(&in);
		ck_ok(asy_sim_advance(s, cells, &err), err);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_eq(cells[i].emission, last.emission[i]);
			ck_assert_uint_eq(cells[i].consensus, last.out16[i]);
			ck_assert_uint_eq(cells[i].dividends, last.out16[n + i]);
			ck_assert_uint_eq(cells[i].permit, last.permit[i]);
		}
	}
	assay_err err = {0};
	ck_assert_int_eq(asy_sim_advance(s, cells, &err), ASSAY_E_EMPTY);
	hand_free(&last);
	free(cells);
	asy_sim_free(s);
}

START_TEST(test_bonds_when_fed_forward_then_equal_to_epochs_run_by_hand)
{
	check_forward(false, false);
	check_forward(true, false);
	check_forward(true, true);
}
END_TEST

/* ---- what the generator promises ---- */

START_TEST(test_generated_subnet_has_the_groups_and_stakes_asked_for)
{
	asy_sim_generate g = everything();
	g.newcomer_epoch = -1;
	asy_sim *s = make(&g, 1, 9);
	asy_sim_result r = run(s);
	asy_sim_group_cell c;
	static const char *const names[] = {"honest validators", "cabal validators", "copiers",
										"honest miners", "cabal miners"};
	static const size_t sizes[] = {8, 2, 2, 24, 3};
	ck_assert_uint_eq(asy_sim_groups(s), 5);
	size_t uid = 0;
	for (size_t k = 0; k < 5; k++) {
		ck_assert_str_eq(asy_sim_group_name(s, k), names[k]);
		for (size_t i = 0; i < sizes[k]; i++)
			ck_assert_uint_eq(asy_sim_group(s, uid++), k);
	}
	ck_assert_uint_eq(uid, r.n);
	asy_sim_group_at(s, &r, 0, 1, &c);
	ck_assert_double_eq_tol(c.stake_share, 0.3, 0.001);
	asy_sim_group_at(s, &r, 0, 2, &c);
	ck_assert_double_eq_tol(c.stake_share, 0.7 * 2 / 10, 0.001);
	asy_sim_group_at(s, &r, 0, 3, &c);
	ck_assert_double_eq_tol(c.stake_share, 0, 1e-12);
	ck_assert_uint_eq(c.permits, 0);
	asy_sim_result_fini(&r);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_cabal_row_puts_its_share_on_its_own_miners)
{
	asy_sim_generate g = everything();
	g.cabal_own = 0.8;
	g.newcomer_epoch = -1;
	asy_sim *s = make(&g, 1, 1);
	assay_err err = {0};
	ck_ok(asy_sim_prepare(s, &err), err);
	asy_yuma_row row = asy_yuma_rows_get(&asy_sim_input(s)->weights, 8);
	double own = 0, all = 0;
	for (size_t k = 0; k < row.len; k++) {
		all += row.value[k];
		own += asy_sim_group(s, row.uid[k]) == 4 ? row.value[k] : 0;
	}
	ck_assert_double_eq_tol(own / all, 0.8, 0.001);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_copier_sends_the_consensus_of_lag_epochs_ago)
{
	asy_sim_generate g = everything();
	g.copy_lag = 2;
	asy_sim *s = make(&g, 6, 2);
	size_t n = asy_sim_neurons(s);
	asy_sim_cell *cells = calloc(n * 6, sizeof *cells);
	assay_err err = {0};
	for (uint32_t e = 0; e < 6; e++) {
		ck_ok(asy_sim_prepare(s, &err), err);
		asy_yuma_row row = asy_yuma_rows_get(&asy_sim_input(s)->weights, 10);
		if (e < 2) {
			ck_assert_uint_eq(row.len, 0);
		} else {
			uint16_t want[64] = {0}, got[64] = {0};
			ck_assert_uint_le(n, 64);
			for (size_t i = 0; i < n; i++)
				want[i] = cells[(e - 2) * n + i].consensus;
			asy_yuma_max_upscale_u16(want, n, want);
			for (size_t k = 0; k < row.len; k++)
				got[row.uid[k]] = row.value[k];
			ck_assert_mem_eq(want, got, sizeof want);
		}
		ck_ok(asy_sim_advance(s, cells + e * n, &err), err);
	}
	free(cells);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_newcomer_is_registered_after_the_epoch_before_and_is_judged_anew)
{
	asy_sim_generate g = everything();
	asy_sim *s = make(&g, 6, 2);
	const size_t uid = 8 + 2 + 2 + 23;
	asy_sim_cell *cells = calloc(asy_sim_neurons(s), sizeof *cells);
	assay_err err = {0};
	for (uint32_t e = 0; e < 6; e++) {
		uint64_t before = asy_sim_input(s)->current_block;
		ck_ok(asy_sim_prepare(s, &err), err);
		const assay_yuma_input *in = asy_sim_input(s);
		uint64_t registered = in->block_at_registration[uid];
		ck_assert_uint_eq(registered, e < 4 ? 0 : 1000000 + 3 * 360 + 1);
		if (e == 4) {
			ck_assert_uint_eq(registered, before + 1);
			ck_assert_uint_lt(registered, in->last_update[0]);
		}
		ck_ok(asy_sim_advance(s, cells, &err), err);
		/* every validator has sent a row since, so the newcomer is paid at once */
		ck_assert_uint_gt(cells[uid].incentive, 0);
	}
	free(cells);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_honest_subnet_keeps_consensus_and_trust)
{
	asy_sim_generate g = asy_sim_generate_defaults();
	g.noise = 0;
	asy_sim *s = make(&g, 3, 2);
	asy_sim_result r = run(s);
	asy_sim_group_cell c;
	asy_sim_group_at(s, &r, 2, 0, &c);
	/* equal rows: nothing is clipped, dividends follow stake */
	ck_assert_double_ge(c.validator_trust, 0.999);
	ck_assert_double_eq_tol(c.return_per_stake, 1, 0.001);
	ck_assert_double_eq_tol(c.emission_share, 0.5, 0.001);
	asy_sim_result_fini(&r);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_generate_when_numbers_make_no_subnet_then_refused)
{
	asy_sim_generate g[10];
	for (size_t i = 0; i < ASY_COUNT(g); i++)
		g[i] = asy_sim_generate_defaults();
	g[0].validators = 0;
	g[1].miners = 0;
	g[2].cabal_validators = 1;
	g[3].cabal_miners = 1;
	g[4].cabal_stake = 1.5;
	g[5].noise = NAN;
	g[6].copiers = 1;
	g[6].copy_lag = 0;
	g[7].newcomer_epoch = 5;
	g[8].validators = g[8].miners = 65535;
	g[9].newcomer_quality = 0;
	for (size_t i = 0; i < ASY_COUNT(g); i++) {
		asy_sim *s = NULL;
		assay_err err = {0};
		ck_assert_msg(asy_sim_make(&g[i], 5, 0, &s, &err) != ASSAY_OK, "case %zu", i);
		ck_assert_ptr_null(s);
		ck_assert_int_ne(err.msg[0], '\0');
	}
	asy_sim_generate good = asy_sim_generate_defaults();
	static const uint32_t epochs[] = {0, ASY_SIM_EPOCHS_MAX + 1, ASY_SIM_EPOCHS_MAX};
	for (size_t i = 0; i < ASY_COUNT(epochs); i++) {
		asy_sim *s = NULL;
		assay_err err = {0};
		ck_assert_int_ne(asy_sim_make(&good, epochs[i], 0, &s, &err), ASSAY_OK);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_run_when_repeated_then_same_bits_and_another_seed_other_bits);
	tcase_add_test(tc, test_run_on_every_cpu_mask_same_bits);
	tcase_add_test(tc, test_bonds_when_fed_forward_then_equal_to_epochs_run_by_hand);
	tcase_add_test(tc, test_generated_subnet_has_the_groups_and_stakes_asked_for);
	tcase_add_test(tc, test_cabal_row_puts_its_share_on_its_own_miners);
	tcase_add_test(tc, test_copier_sends_the_consensus_of_lag_epochs_ago);
	tcase_add_test(tc, test_newcomer_is_registered_after_the_epoch_before_and_is_judged_anew);
	tcase_add_test(tc, test_honest_subnet_keeps_consensus_and_trust);
	tcase_add_test(tc, test_generate_when_numbers_make_no_subnet_then_refused);
}

int main(void)
{
	return test_main("research_simulate", fill, 30);
}
