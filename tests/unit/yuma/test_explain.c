/* Explanations add up to the epoch that they explain, and a forecast's band holds
 * whatever the unknown rows turn out to be. */
#include "support/test.h"
#include "diff/yuma/cases.h"
#include "yuma/kern.h"

static random_case c;
static case_results epoch_results;
static size_t traced_off[CASE_N_MAX + 1];
static uint16_t traced_col[(CASE_N_MAX + 3) * CASE_ROW_MAX * 2];
static int64_t traced_bits[(CASE_N_MAX + 3) * CASE_ROW_MAX * 2];

static void run_epoch(assay_yuma_input *in)
{
	static uint8_t scratch[1 << 22];
	assay_err err = {0};
	in->cpu_mask = ASSAY_YUMA_CPU_AUTO;
	case_results_init(&epoch_results);
	epoch_results.trace.weights =
		(assay_yuma_matrix_out){traced_off, traced_col, traced_bits, ASY_COUNT(traced_col)};
	ck_assert_uint_le(assay_yuma_matrix_cap(in), ASY_COUNT(traced_col));
	ck_assert_uint_le(assay_yuma_scratch_len(in), sizeof scratch);
	ck_ok(assay_yuma_epoch(in, (assay_mut){scratch, sizeof scratch}, &epoch_results.out, &err),
		  err);
}

static int64_t traced(const assay_yuma_matrix_out *m, size_t i, size_t j)
{
	for (size_t k = m->offset[i]; k < m->offset[i + 1]; k++)
		if (m->col[k] == j)
			return m->bits[k];
	return 0;
}

/* Everybody's vote on the miner, looked up in the epoch's own matrix. */
static void check_votes(const assay_yuma_trace *t, size_t n, size_t own, const asy_yuma_why *w)
{
	int64_t share[CASE_N_MAX];
	asy_yuma_why want = {0};
	memcpy(share, t->active_stake, n * sizeof *share);
	asy_yuma_normalise(share, n);
	for (size_t i = 0; i < n; i++) {
		const int64_t x = traced(&t->weights, i, w->miner), s = share[i];
		if (s <= 0)
			continue;
		want.support += x >= w->weight ? s : 0;
		want.support_consensus += x >= w->consensus ? s : 0;
		if (i != own && x > w->weight)
			want.above++;
		if (i != own && x < w->weight)
			want.below++;
		if (i != own && x == w->weight)
			want.equal++;
		want.stake_above += i != own && x > w->weight ? s : 0;
		want.stake_below += i != own && x < w->weight ? s : 0;
		want.stake_equal += i != own && x == w->weight ? s : 0;
	}
	ck_assert_int_eq(w->weight, traced(&t->weights, own, w->miner));
	ck_assert_int_eq(w->support, want.support);
	ck_assert_int_eq(w->support_consensus, want.support_consensus);
	ck_assert_int_eq(w->above, want.above);
	ck_assert_int_eq(w->below, want.below);
	ck_assert_int_eq(w->equal, want.equal);
	ck_assert_int_eq(w->stake_above, want.stake_above);
	ck_assert_int_eq(w->stake_below, want.stake_below);
	ck_assert_int_eq(w->stake_equal, want.stake_equal);
}

START_TEST(test_report_when_any_epoch_then_parts_add_up)
{
	const uint64_t seed = test_seed();
	for (uint64_t k = 0; k < 300; k++) {
		asy_yuma_report *r = NULL;
		assay_err err = {0};
		random_case_make(&c, seed + k, CASE_N_MAX);
		if (c.in.n == 0 || c.in.bonds_moving_average > 1000000)
			continue;
		run_epoch(&c.in);
		const assay_yuma_trace *t = &epoch_results.trace;
		ck_ok(asy_yuma_report_new(&c.in, NULL, &r, &err), err);
		for (size_t i = 0; i < c.in.n; i++) {
			asy_yuma_summary s;
			const asy_yuma_why *why;
			const asy_yuma_vote *votes;
			ck_ok(asy_yuma_report_uid(r, (uint16_t)i, &s, &why, &votes, &err), err);
			int64_t trust = 0, parts = 0, stake = 0;
			for (size_t m = 0; m < s.why_n; m++) {
				trust += why[m].weight - why[m].clipped_by;
				parts += why[m].dividend_part;
				check_votes(t, c.in.n, i, &why[m]);
				ck_assert_int_ge(why[m].support_consensus, 0);
				ck_assert_int_eq(why[m].consensus, t->consensus[why[m].miner]);
			}
			ck_assert_int_eq(trust, t->validator_trust[i]);
			ck_assert_int_le(parts, s.total_bonds);
			if (c.in.yuma3)
				ck_assert_int_eq(s.total_bonds, t->total_bonds_per_validator[i]);
			ck_assert_int_eq(s.dividend, t->dividends[i]);
			for (size_t m = 0; m < s.votes_n; m++)
				stake += votes[m].stake;
			ck_assert_int_le(stake, ASSAY_YUMA_ONE * 2);
		}
		ck_assert_int_eq(asy_yuma_report_uid(r, (uint16_t)c.in.n, &(asy_yuma_summary){0},
											 &(const asy_yuma_why *){NULL},
											 &(const asy_yuma_vote *){NULL}, &err),
						 ASSAY_E_RANGE);
		asy_yuma_report_free(r);
	}
}
END_TEST

START_TEST(test_report_when_written_then_json_parses_and_text_names_the_miner)
{
	asy_yuma_report *r = NULL;
	assay_err err = {0};
	asy_buf json = {0}, text = {0};
	asy_json *doc = NULL;
	uint64_t seed = 1;
	for (random_case_make(&c, seed, CASE_N_MAX); c.in.n < 8 || !c.in.yuma3;
		 random_case_make(&c, ++seed, CASE_N_MAX))
		;
	ck_ok(asy_yuma_report_new(&c.in, &c.in, &r, &err), err);
	for (size_t i = 0; i < c.in.n; i++) {
		asy_jw w = asy_jw_out(&json, 0);
		asy_buf_reset(&json);
		asy_buf_reset(&text);
		ck_ok(asy_yuma_report_json(r, (uint16_t)i, &w, &err), err);
		ck_ok(asy_jw_end(&w, &err), err);
		ck_ok(asy_json_parse(asy_buf_span(&json), NULL, &doc, &err), err);
		uint64_t uid = 0;
		ck_ok(asy_jv_u64(asy_jv_get(asy_json_root(doc), "uid"), &uid, &err), err);
		ck_assert_uint_eq(uid, i);
		asy_json_free(doc);
		ck_ok(asy_yuma_report_text(r, (uint16_t)i, &text, &err), err);
		ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&text), "As a miner"));
		/* the epoch before was this one: nothing changed */
		ck_assert_ptr_nonnull(strstr(asy_buf_cstr(&text), "+0.000 since"));
	}
	asy_buf_fini(&json);
	asy_buf_fini(&text);
	asy_yuma_report_free(r);
}
END_TEST

/* Replace the unknown rows by random ones within the assumption: the consensus of the
 * full epoch must lie in the band. */
START_TEST(test_forecast_when_rows_turn_out_anyhow_then_band_holds)
{
	static uint16_t uid[CASE_N_MAX * CASE_N_MAX], val[CASE_N_MAX * CASE_N_MAX];
	const uint64_t seed = test_seed();
	test_rng rng = {seed};
	for (uint64_t k = 0; k < 400; k++) {
		int64_t low[CASE_N_MAX], high[CASE_N_MAX];
		uint8_t unknown[CASE_N_MAX] = {0};
		size_t off[CASE_N_MAX + 1], at = 0;
		assay_err err = {0};
		random_case_make(&c, seed + k, CASE_N_MAX);
		const size_t n = c.in.n;
		if (n == 0)
			continue;
		c.in.commit_reveal = false;
		const uint16_t own = (uint16_t)test_below(&rng, n);
		for (size_t i = 0; i < n; i++)
			unknown[i] = i != own && test_below(&rng, 3) == 0;
		const asy_yuma_band_query q = {unknown, -1, own};
		asy_yuma_band band = {.low = low, .high = high};
		ck_ok(asy_yuma_forecast(&c.in, &q, &band, &err), err);
		for (size_t i = 0; i < n; i++) {
			asy_yuma_row row = asy_yuma_rows_get(&c.in.weights, i);
			off[i] = at;
			if (!unknown[i]) {
				for (size_t e = 0; e < row.len; e++, at++) {
					uid[at] = row.uid[e];
					val[at] = row.value[e];
				}
				continue;
			}
			for (size_t j = 0; j < n; j++, at++) {
				uid[at] = (uint16_t)j;
				val[at] = (uint16_t)test_next(&rng);
			}
		}
		off[n] = at;
		c.in.weights = (assay_yuma_rows){off, uid, val, n};
		run_epoch(&c.in);
		for (size_t j = 0; j < n; j++) {
			ck_assert_int_le(low[j], epoch_results.trace.consensus[j]);
			ck_assert_int_ge(high[j], epoch_results.trace.consensus[j]);
		}
		ck_assert_int_le(band.trust_low, epoch_results.trace.validator_trust[own]);
		ck_assert_int_ge(band.trust_high, epoch_results.trace.validator_trust[own]);
	}
}
END_TEST

START_TEST(test_forecast_when_nothing_unknown_then_band_is_consensus)
{
	for (uint64_t k = 0; k < 200; k++) {
		int64_t low[CASE_N_MAX], high[CASE_N_MAX];
		uint8_t unknown[CASE_N_MAX] = {0};
		assay_err err = {0};
		random_case_make(&c, k, CASE_N_MAX);
		if (c.in.n == 0)
			continue;
		const asy_yuma_band_query q = {unknown, FX_ONE / 10, 0};
		asy_yuma_band band = {.low = low, .high = high};
		run_epoch(&c.in);
		ck_ok(asy_yuma_forecast(&c.in, &q, &band, &err), err);
		ck_assert_mem_eq(low, epoch_results.trace.consensus, c.in.n * sizeof *low);
		ck_assert_mem_eq(high, epoch_results.trace.consensus, c.in.n * sizeof *high);
		ck_assert_uint_eq(band.unknown_n, 0);
	}
}
END_TEST

START_TEST(test_stale_rows_when_commit_expired_then_not_stale)
{
	const assay_yuma_commit commits[] = {
		{.epoch = 9, .uid = 1}, {.epoch = 8, .uid = 2}, {.epoch = 10, .uid = 7, .timelock = true}};
	const assay_yuma_input in = {
		.n = 4, .current_epoch = 10, .commit_reveal_period = 1, .commits = commits, .commits_n = 3};
	uint8_t flags[4];
	asy_yuma_stale_rows(&in, flags);
	ck_assert_mem_eq(flags, ((uint8_t[4]){0, 1, 0, 0}), 4);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_report_when_any_epoch_then_parts_add_up);
	tcase_add_test(tc, test_report_when_written_then_json_parses_and_text_names_the_miner);
	tcase_add_test(tc, test_forecast_when_rows_turn_out_anyhow_then_band_holds);
	tcase_add_test(tc, test_forecast_when_nothing_unknown_then_band_is_consensus);
	tcase_add_test(tc, test_stale_rows_when_commit_expired_then_not_stale);
}

int main(void)
{
	return test_main("yuma_explain", fill, 60);
}
