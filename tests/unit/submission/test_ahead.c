/* The forecast before sealing and its outcome: exact where nothing is hidden, in the band
 * where rows are, and wrong for the reason that is true. */
#include "unit/validator/story.h"

/* ---- a real chain: nothing changes, so nothing may be off ---- */

typedef struct {
	asy_arena *arena;
	uint64_t round[16];
	asy_forecast_outcome x[16];
	size_t n;
} history;

static assay_status on_row(void *arg, const asy_forecast_row *row, assay_err *err)
{
	history *h = arg;
	ck_assert_uint_lt(h->n, ASY_COUNT(h->x));
	h->round[h->n] = row->round;
	ck_assert_uint_eq(row->counted_at > row->made_at, 1);
	return asy_forecast_outcome_get(row->outcome, h->arena, &h->x[h->n++], err);
}

static history history_of(story *s)
{
	assay_err e = {0};
	history h = {.arena = asy_arena_new(0)};
	ck_ok(asy_store_forecasts(s->store, 0, on_row, &h, &e), e);
	return h;
}

static void check_exact(const asy_forecast_outcome *x)
{
	ck_assert_uint_eq(x->expected_at, x->counted_at);
	ck_assert_uint_eq(x->error_n, 0);
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		ck_assert_uint_gt(x->of[q].n, 0);
		ck_assert_uint_eq(x->of[q].in_band, x->of[q].n);
		ck_assert_msg(x->of[q].max <= 0.0, "%s is off by %g", asy_quantity_name((asy_quantity)q),
					  x->of[q].max);
	}
	ck_assert_uint_gt(x->outcome[ASY_OWN_VALIDATOR_TRUST], 0);
	ck_assert_uint_gt(x->outcome[ASY_OWN_DIVIDENDS], 0);
}

static void steady(story *s, unsigned rounds)
{
	s->stop_at = 1000;
	story_ok(s, rounds);
	history h = history_of(s);
	ck_assert_uint_eq(h.n, rounds);
	for (size_t i = 0; i < h.n; i++) {
		ck_assert(i == 0 || h.round[i] < h.round[i - 1]); /* newest first */
		check_exact(&h.x[i]);
	}
	ck_assert_uint_eq(story_logged(s, "forecast.outcome"), rounds);
	asy_arena_free(h.arena);
	story_free(s);
}

/* The epochs between the forecast and the one that counts it: one with a period of 1,
 * three with a period of 3, none when set directly. */
START_TEST(test_forecast_when_nothing_is_hidden_then_exact_to_the_last_bit)
{
	static const char *const hyper[] = {"", "\"reveal_period_epochs\":3", "\"commit_reveal\":false",
										"\"reveal_period_epochs\":2,\"yuma3\":true"};
	for (size_t i = 0; i < ASY_COUNT(hyper); i++)
		steady(story_new(STORY_TEMPO, 1, hyper[i], ""), 3);
}
END_TEST

START_TEST(test_forecast_when_the_daemon_restarts_in_between_then_still_compared)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	for (s->stop_at = 6; s->stop_at < 40; s->stop_at += 3)
		story_until_stop(s);
	history h = history_of(s);
	ck_assert_uint_ge(h.n, 1);
	for (size_t i = 0; i < h.n; i++)
		ck_assert(h.x[i].has_causes);
	asy_arena_free(h.arena);
	story_free(s);
}
END_TEST

/* ---- a subnet of our own making ---- */

#define N 6u /* uids 0 to 2 are validators, the others miners */

static void set_row(assay_snapshot *s, size_t uid, uint16_t a, uint16_t b, uint16_t c)
{
	assay_err e = {0};
	uint32_t len[N];
	asy_entry all[N * N];
	size_t at = 0;
	for (size_t i = 0; i < N; i++) {
		if (i == uid) {
			const uint16_t v[3] = {a, b, c};
			len[i] = a + b + c > 0 ? 3 : 0;
			for (uint16_t k = 0; k < len[i]; k++)
				all[at + k] = (asy_entry){(uint16_t)(3 + k), v[k]};
		} else {
			len[i] = (uint32_t)asy_row_len(&s->weights, i);
			if (len[i] > 0)
				memcpy(all + at, asy_row(&s->weights, i), len[i] * sizeof *all);
		}
		at += len[i];
	}
	ck_ok(asy_snapshot_set_rows(s, &s->weights, len, all, &e), e);
}

static assay_snapshot *subnet(uint64_t block)
{
	assay_err e = {0};
	assay_snapshot *s;
	ck_ok(asy_snapshot_new(N, &s, &e), e);
	s->block.number = block;
	s->netuid = 1;
	s->hyper = (asy_hyper){.kappa = 32767,
						   .bonds_moving_average = 900000,
						   .bonds_penalty = 65535,
						   .activity_cutoff_factor_milli = 5000,
						   .max_weights_limit = 65535,
						   .max_allowed_validators = 64,
						   .commit_reveal_enabled = true,
						   .reveal_period_epochs = 1,
						   .mechanism_count = 1};
	s->epoch = (asy_epoch_state){.netuid = 1,
								 .tempo = 100,
								 .stateful = true,
								 .last_epoch_block = 900,
								 .last_mechanism_step_block = 900,
								 .subnet_epoch_index = 9,
								 .blocks_since_last_step = block - 900};
	for (size_t i = 0; i < N; i++) {
		asy_neuron *n = &s->neuron[i];
		n->hotkey.b[0] = (uint8_t)(i + 1);
		n->permit = i < 3;
		n->alpha_stake = n->total_stake = i < 3 ? 1000000000u * (i == 1 ? 3 : 2) : 0;
		n->last_update = i < 3 ? 890 : 0;
	}
	set_row(s, 0, 65535, 30000, 0);
	set_row(s, 1, 65535, 20000, 0);
	set_row(s, 2, 60000, 65535, 0);
	return s;
}

static void commit_of(assay_snapshot *s, size_t uid)
{
	assay_err e = {0};
	asy_commit c = {.kind = ASY_COMMIT_HASH,
					.hotkey = s->neuron[uid].hotkey,
					.hash = {{7}},
					.epoch = 9,
					.block = 950};
	ck_ok(asy_snapshot_set_commits(s, &c, 1, &e), e);
}

static uint16_t own_uids[] = {3, 4}, own_values[] = {65535, 40000};

/* Made at 950, revealed after 1000, counted by the epoch at 1100. */
static asy_expectation forecast(const assay_snapshot *s, uint16_t margin_of_all)
{
	assay_err e = {0};
	asy_expectation x;
	const uint16_t margin[ASY_QUANTITIES] = {margin_of_all, margin_of_all, margin_of_all,
											 margin_of_all};
	const asy_planned_row row = {1100, {own_uids, own_values, 2}};
	const asy_forecast_plan plan = {
		.uid = 0, .last_update = 951, .counts_at = 1100, .row = &row, .row_n = 1};
	ck_ok(asy_forecast_ahead(s, &plan, margin, 0, &x, &e), e);
	return x;
}

static asy_epoch_outputs outputs_of(const asy_forecast *f)
{
	return (asy_epoch_outputs){.n = f->n,
							   .last_mechanism_step_block = f->epoch_block,
							   .consensus = f->consensus,
							   .validator_trust = f->validator_trust,
							   .incentive = f->incentive,
							   .dividends = f->dividends};
}

/* The state before the epoch at 1100, if all went as expected. */
static assay_snapshot *as_expected(const assay_snapshot *s)
{
	assay_err e = {0};
	assay_snapshot *b;
	ck_ok(asy_snapshot_dup(s, &b, &e), e);
	b->epoch.last_mechanism_step_block = b->epoch.last_epoch_block = 1000;
	b->epoch.subnet_epoch_index = 10;
	b->block.number = 1099;
	b->neuron[0].last_update = 951;
	b->commit_n = 0;
	set_row(b, 0, own_values[0], own_values[1], 0);
	return b;
}

static asy_forecast_outcome judge(const asy_expectation *x, const assay_snapshot *made,
								  const assay_snapshot *before, asy_arena *a)
{
	assay_err e = {0};
	asy_forecast f;
	asy_forecast_outcome o;
	ck_ok(asy_forecast_run(before, 1100, NULL, 0, &f, &e), e);
	asy_epoch_outputs chain = outputs_of(&f);
	ck_ok(asy_forecast_judge(x, made, before, &chain, 0, a, &o, &e), e);
	asy_forecast_fini(&f);
	return o;
}

static double all_of(const asy_forecast_outcome *o, size_t member)
{
	double sum = 0;
	for (int q = 0; q < ASY_QUANTITIES; q++) {
		const double cause[] = {o->of[q].rows, o->of[q].stakes, o->of[q].rest};
		sum += cause[member];
	}
	return sum;
}

START_TEST(test_forecast_when_we_were_inactive_then_counts_us_in)
{
	assay_err e = {0};
	assay_snapshot *s = subnet(950);
	asy_forecast next;
	s->neuron[0].last_update = 10; /* long beyond the cut-off of 500 blocks */
	const asy_own_row own = {0, own_uids, own_values, 2};
	ck_ok(asy_forecast_run(s, 1000, &own, 0, &next, &e), e);
	ck_assert_uint_eq(next.dividends[0], 0); /* as stored, our stake does not vote */
	asy_expectation x = forecast(s, 0);
	ck_assert_uint_gt(x.point.dividends[0], 0);
	ck_assert_uint_gt(x.point.validator_trust[0], 0);
	/* and the others, whose updates will be older by then, still vote too */
	s->neuron[1].last_update = s->neuron[2].last_update = 500;
	s->hyper.activity_cutoff_factor_milli = 5000;
	asy_expectation y = forecast(s, 0);
	ck_assert_uint_gt(y.point.dividends[1], 0);
	asy_forecast_fini(&next);
	asy_expectation_fini(&x);
	asy_expectation_fini(&y);
	asy_snapshot_free(s);
}
END_TEST

START_TEST(test_outcome_when_a_row_or_a_stake_changed_then_names_the_cause)
{
	asy_arena *a = asy_arena_new(0);
	assay_snapshot *made = subnet(950), *before = as_expected(made);
	asy_expectation x = forecast(made, 0);

	/* bonds of the epoch in between are the only thing that as_expected leaves out */
	asy_forecast_outcome o = judge(&x, made, before, a);
	ck_assert(o.has_causes);
	ck_assert(all_of(&o, 0) <= 0 && all_of(&o, 1) <= 0);

	set_row(before, 1, 20000, 65535, 0);
	o = judge(&x, made, before, a);
	ck_assert(all_of(&o, 0) > 0 && all_of(&o, 1) <= 0);
	ck_assert(o.of[ASY_EACH_CONSENSUS].max > 0);
	ck_assert_uint_gt(o.error_n, 0);

	set_row(before, 1, 65535, 20000, 0);
	before->neuron[1].alpha_stake *= 3;
	o = judge(&x, made, before, a);
	ck_assert(all_of(&o, 0) <= 0 && all_of(&o, 1) > 0);

	/* a uid that changed hands is nobody's row */
	before->neuron[1].hotkey.b[5] = 99;
	o = judge(&x, made, before, a);
	ck_assert(all_of(&o, 0) <= 0 && all_of(&o, 1) <= 0 && all_of(&o, 2) > 0);
	asy_expectation_fini(&x);
	asy_snapshot_free(made);
	asy_snapshot_free(before);
	asy_arena_free(a);
}
END_TEST

START_TEST(test_band_when_a_row_is_hidden_then_holds_what_it_may_become)
{
	asy_arena *a = asy_arena_new(0);
	assay_snapshot *made = subnet(950), *before = as_expected(made);
	asy_expectation open = forecast(made, 0);
	ck_assert_uint_eq(open.hidden_n, 0);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(open.band[ASY_EACH_CONSENSUS].low[i],
						  open.band[ASY_EACH_CONSENSUS].high[i]);
	commit_of(made, 1);
	asy_expectation x = forecast(made, 0);
	ck_assert_uint_eq(x.hidden_n, 1);
	ck_assert_int_gt(x.hidden_stake, 0);
	/* within a quarter of what is stored, consensus stays in the band */
	for (uint16_t v = 16000; v <= 24000; v = (uint16_t)(v + 500)) {
		set_row(before, 1, 65535, v, 0);
		asy_forecast_outcome o = judge(&x, made, before, a);
		ck_assert_uint_eq(o.of[ASY_EACH_CONSENSUS].in_band, o.of[ASY_EACH_CONSENSUS].n);
		ck_assert_uint_eq(o.of[ASY_OWN_VALIDATOR_TRUST].in_band, 1);
	}
	/* far beyond it does not, and a margin makes up for it */
	set_row(before, 1, 0, 0, 65535);
	asy_forecast_outcome o = judge(&x, made, before, a);
	ck_assert_uint_lt(o.of[ASY_EACH_CONSENSUS].in_band, o.of[ASY_EACH_CONSENSUS].n);
	ck_assert(o.of[ASY_EACH_CONSENSUS].beyond > 0);
	asy_expectation wide = forecast(made, (uint16_t)o.of[ASY_EACH_CONSENSUS].beyond);
	asy_forecast_outcome p = judge(&wide, made, before, a);
	ck_assert_uint_eq(p.of[ASY_EACH_CONSENSUS].in_band, p.of[ASY_EACH_CONSENSUS].n);
	asy_expectation_fini(&open);
	asy_expectation_fini(&x);
	asy_expectation_fini(&wide);
	asy_snapshot_free(made);
	asy_snapshot_free(before);
	asy_arena_free(a);
}
END_TEST

START_TEST(test_band_when_a_hidden_row_is_empty_then_taken_to_be_like_ours)
{
	assay_snapshot *s = subnet(950);
	set_row(s, 1, 0, 0, 0);
	asy_expectation x = forecast(s, 0);
	ck_assert_uint_eq(x.hidden_n, 1);
	ck_assert_uint_gt(x.point.validator_trust[0], 60000);
	ck_assert_uint_lt(asy_band_low(&x.band[ASY_OWN_VALIDATOR_TRUST], 0),
					  asy_band_high(&x.band[ASY_OWN_VALIDATOR_TRUST], 0));
	asy_expectation_fini(&x);
	asy_snapshot_free(s);
}
END_TEST

/* Our row has one entry, and the rival whose row was empty when we forecast has three. */
START_TEST(test_outcome_when_an_empty_row_filled_then_ours_is_assumed_with_its_own_length)
{
	assay_err e = {0};
	assay_snapshot *s = subnet(950);
	set_row(s, 1, 0, 0, 0);
	asy_expectation x = forecast(s, 0);
	assay_snapshot *before = as_expected(s);
	set_row(before, 1, 10, 20, 65535);
	uint32_t len[N];
	asy_entry all[N * N];
	size_t at = 0;
	for (size_t i = 0; i < N; at += len[i++]) {
		len[i] = (uint32_t)(i == 0 ? 1 : asy_row_len(&before->weights, i));
		if (len[i] > 0)
			memcpy(all + at, asy_row(&before->weights, i), len[i] * sizeof *all);
	}
	ck_ok(asy_snapshot_set_rows(before, &before->weights, len, all, &e), e);
	asy_arena *a = asy_arena_new(0);
	asy_forecast_outcome o = judge(&x, s, before, a);
	ck_assert_uint_eq(o.uid, 0);
	asy_arena_free(a);
	asy_expectation_fini(&x);
	asy_snapshot_free(before);
	asy_snapshot_free(s);
}
END_TEST

START_TEST(test_outcome_when_written_then_reads_back_equal)
{
	assay_err e = {0};
	asy_arena *a = asy_arena_new(0);
	assay_snapshot *made = subnet(950), *before = as_expected(made);
	asy_buf one = {0}, two = {0};
	asy_forecast_outcome back;
	asy_expectation x = forecast(made, 7);
	set_row(before, 1, 20000, 65535, 333);
	asy_forecast_outcome o = judge(&x, made, before, a);
	ck_ok(asy_forecast_outcome_put(&o, &one, &e), e);
	ck_ok(asy_forecast_outcome_get(asy_buf_span(&one), a, &back, &e), e);
	ck_ok(asy_forecast_outcome_put(&back, &two, &e), e);
	ck_assert(asy_span_eq(asy_buf_span(&one), asy_buf_span(&two)));
	static const char *const bad[] = {"", "[]", "{}", "{\"made_at\":-1}"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++)
		ck_assert_int_ne(asy_forecast_outcome_get(asy_span_str(bad[i]), a, &back, &e), ASSAY_OK);
	asy_buf_fini(&one);
	asy_buf_fini(&two);
	asy_expectation_fini(&x);
	asy_snapshot_free(made);
	asy_snapshot_free(before);
	asy_arena_free(a);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_forecast_when_nothing_is_hidden_then_exact_to_the_last_bit);
	tcase_add_test(tc, test_forecast_when_the_daemon_restarts_in_between_then_still_compared);
	tcase_add_test(tc, test_forecast_when_we_were_inactive_then_counts_us_in);
	tcase_add_test(tc, test_outcome_when_a_row_or_a_stake_changed_then_names_the_cause);
	tcase_add_test(tc, test_band_when_a_row_is_hidden_then_holds_what_it_may_become);
	tcase_add_test(tc, test_band_when_a_hidden_row_is_empty_then_taken_to_be_like_ours);
	tcase_add_test(tc,
				   test_outcome_when_an_empty_row_filled_then_ours_is_assumed_with_its_own_length);
	tcase_add_test(tc, test_outcome_when_written_then_reads_back_equal);
}

int main(void)
{
	return test_main("ahead", fill, 100);
}
