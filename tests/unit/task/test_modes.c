/* Consensus modes of the chain, end to end: an epoch that the development chain ran in a
 * mode is recomputed from what the client read, and equals it bit for bit. */
#include "submission/forecast.h"
#include "submission/recheck.h"
#include "unit/chain/net.h"

#define LIQUID_SCENARIO                                                                            \
	"{\"name\":\"modes\",\"block_ms\":0,\"finality_lag\":2,\"subnets\":["                          \
	"{\"netuid\":1,\"task\":\"text\",\"tempo\":10,\"hyperparameters\":{\"commit_reveal\":false,"   \
	"\"liquid_alpha\":true,\"bonds_penalty\":65535,\"max_allowed_validators\":4},"                 \
	"\"validators\":[{\"key\":\"//V0\",\"alpha\":3000000000000},"                                  \
	"{\"key\":\"//V1\",\"alpha\":5000000000000},{\"key\":\"//V2\",\"alpha\":4000000000000}],"      \
	"\"miners\":[{\"key\":\"//M0\"},{\"key\":\"//M1\"},{\"key\":\"//M2\"},{\"key\":\"//M3\"}]}]}"
enum { VALIDATORS = 3, MINERS = 4, TEMPO = 10 };

/* Rows of all validators, as if they had been set in the last block; turn changes them, so
 * that each epoch's consensus is another one than the epoch's before. */
static void set_rows(net *n, unsigned turn)
{
	lnet_state *s = n->w.node->ledger->rt.state;
	for (uint16_t v = 0; v < VALIDATORS; v++) {
		asy_buf row = {0};
		asy_scale_w w = asy_scale_out(&row);
		lnet_key k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, 1, v);
		asy_scale_put_compact(&w, MINERS);
		for (uint16_t m = 0; m < MINERS; m++) {
			asy_scale_put_u16(&w, VALIDATORS + m);
			asy_scale_put_u16(&w, (uint16_t)(1000 + 16000 * ((m + turn) % MINERS) + 300 * v));
		}
		assay_err err;
		ck_ok(asy_scale_out_end(&w, &err), err);
		asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_buf_span(&row));
		asy_lnet_vec_u64_set(s, asy_lnet_key_u16(LNET_S_LAST_UPDATE, 1), v,
							 n->w.node->ledger->head);
		asy_buf_fini(&row);
	}
}

/* Runs until the next epoch has run; its block. */
static uint64_t next_epoch(net *n)
{
	lnet_state *s = n->w.node->ledger->rt.state;
	uint64_t before = asy_lnet_read1(s, LNET_S_LAST_STEP, 1);
	for (unsigned i = 0; i < 2 * TEMPO; i++) {
		world_blocks(&n->w, 1);
		if (asy_lnet_read1(s, LNET_S_LAST_STEP, 1) != before)
			return asy_lnet_read1(s, LNET_S_LAST_STEP, 1);
	}
	ck_abort_msg("no epoch ran");
	return 0;
}

static void set_byte(net *n, lnet_item item, uint8_t value)
{
	lnet_key k = asy_lnet_key_u16(item, 1);
	asy_lnet_state_put(n->w.node->ledger->rt.state, asy_lnet_key_span(&k), asy_span(&value, 1));
}

static asy_recheck recheck(net *n, uint64_t block)
{
	asy_recheck r;
	assay_err err;
	ck_ok(asy_recheck_epoch(n->chain, 1, 0, block, 0, &r, &err), err);
	ck_assert_msg(r.equal, "block %u: %s", (unsigned)block, r.where);
	return r;
}

/* Whether the epoch would have paid otherwise with this epoch's own consensus. */
static bool matters(const asy_recheck *r, uint64_t block)
{
	assay_snapshot *s = NULL;
	asy_forecast other;
	assay_err err;
	ck_ok(asy_snapshot_dup(r->before, &s, &err), err);
	s->hyper.liquid_consensus_mode = 0;
	ck_ok(asy_forecast_run(s, block, NULL, 0, &other, &err), err);
	bool differs = memcmp(other.dividends, r->chain.dividends, other.n * 2) != 0;
	asy_forecast_fini(&other);
	asy_snapshot_free(s);
	return differs;
}

START_TEST(test_liquid_alpha_auto_then_every_epoch_equal_and_the_stored_consensus_matters)
{
	net *n = net_new(LIQUID_SCENARIO, NULL);
	unsigned mattered = 0;
	for (unsigned turn = 0; turn < 5; turn++) {
		set_rows(n, turn);
		uint64_t block = next_epoch(n);
		asy_recheck r = recheck(n, block);
		ck_assert_uint_eq(r.before->hyper.liquid_consensus_mode, 2);
		ck_assert_uint_eq(r.before->hyper.bonds_penalty, 65535);
		ck_assert_uint_eq(r.before->previous_consensus_n, turn == 0 ? 0 : r.before->n);
		mattered += matters(&r, block) ? 1 : 0;
		asy_recheck_fini(&r);
	}
	ck_assert_uint_ge(mattered, 2);
	net_free(n);
}
END_TEST

/* Auto is the current consensus below the full penalty; 0 and 1 say it outright. */
START_TEST(test_each_mode_and_penalty_then_equal)
{
	static const struct {
		uint8_t mode;
		uint16_t penalty;
		bool is_previous;
	} rows[] = {
		{0, 65535, false}, {1, 65535, true}, {1, 0, true}, {2, 65534, false}, {2, 0, false}};
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		net *n = net_new(LIQUID_SCENARIO, NULL);
		bool mattered = false;
		set_byte(n, LNET_S_LIQUID_MODE, rows[i].mode);
		asy_lnet_write1(n->w.node->ledger->rt.state, LNET_S_BONDS_PENALTY, 1, rows[i].penalty);
		for (unsigned turn = 0; turn < 4; turn++) {
			set_rows(n, turn);
			uint64_t block = next_epoch(n);
			asy_recheck r = recheck(n, block);
			mattered = matters(&r, block) || mattered;
			asy_recheck_fini(&r);
		}
		ck_assert_msg(mattered == rows[i].is_previous, "row %zu", i);
		net_free(n);
	}
}
END_TEST

START_TEST(test_unknown_mode_then_no_forecast_and_the_mode_is_named)
{
	net *n = net_new(LIQUID_SCENARIO, NULL);
	assay_snapshot *s = NULL;
	asy_forecast f;
	assay_err err;
	set_rows(n, 0);
	(void)next_epoch(n);
	set_byte(n, LNET_S_LIQUID_MODE, 3);
	world_blocks(&n->w, 1);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	ck_assert_int_eq(asy_forecast_run(s, head.number + 1, NULL, 0, &f, &err), ASSAY_E_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.msg, "in mode 3"));
	s->hyper.liquid_alpha_on = false; /* then nothing asks for it */
	ck_ok(asy_forecast_run(s, head.number + 1, NULL, 0, &f, &err), err);
	asy_forecast_fini(&f);
	s->hyper.epoch_consensus = 2;
	ck_assert_int_eq(asy_forecast_run(s, head.number + 1, NULL, 0, &f, &err), ASSAY_E_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.msg, "consensus mode 2"));
	asy_snapshot_free(s);
	net_free(n);
}
END_TEST

/* The block of the last Yuma epoch, where the runtime tells it, masks the bonds of who
 * registered after it. */
START_TEST(test_last_yuma_epoch_then_it_decides_whose_bonds_are_old)
{
	net *n = net_new(LIQUID_SCENARIO, NULL);
	for (unsigned turn = 0; turn < 2; turn++) {
		set_rows(n, turn);
		asy_recheck r = recheck(n, next_epoch(n));
		asy_recheck_fini(&r);
	}
	lnet_state *s = n->w.node->ledger->rt.state;
	uint64_t ran = asy_lnet_read1(s, LNET_S_LAST_STEP, 1);
	asy_lnet_write1(s, LNET_S_LAST_YUMA_STEP, 1, 1); /* a Null epoch was the last one */
	asy_lnet_write(s, LNET_S_REGISTERED_AT, asy_lnet_key_u16x2(LNET_S_REGISTERED_AT, 1, 4), 3);
	set_rows(n, 2);
	uint64_t block = next_epoch(n);
	asy_recheck r = recheck(n, block);
	assay_err err;
	asy_forecast other;
	r.before->epoch.last_yuma_step_block = ran;
	ck_ok(asy_forecast_run(r.before, block, NULL, 0, &other, &err), err);
	ck_assert_int_ne(memcmp(other.dividends, r.chain.dividends, other.n * 2), 0);
	asy_forecast_fini(&other);
	asy_recheck_fini(&r);
	net_free(n);
}
END_TEST

/* A subnet that is switched to Null and back: every epoch is verified, and the first Yuma
 * epoch after it finds a stored consensus of zeros. */
START_TEST(test_null_and_back_then_every_epoch_equal)
{
	net *n = net_new(LIQUID_SCENARIO, NULL);
	for (unsigned turn = 0; turn < 7; turn++) {
		bool is_null = turn >= 2 && turn < 5;
		set_byte(n, LNET_S_EPOCH_CONSENSUS, is_null);
		set_rows(n, turn);
		asy_recheck r = recheck(n, next_epoch(n));
		ck_assert(r.before->epoch.is_null == is_null);
		if (is_null) { /* V1 has most stake; its row is paid as it is */
			const asy_entry *row = asy_row(&r.before->weights, 1);
			unsigned best = 0;
			for (unsigned m = 0; m < MINERS; m++)
				best = row[m].value > row[best].value ? m : best;
			for (unsigned m = 0; m < MINERS; m++)
				ck_assert(m == best ||
						  r.chain.incentive[VALIDATORS + m] < r.chain.incentive[VALIDATORS + best]);
			ck_assert(r.chain.permit[1] && !r.chain.permit[0] && !r.chain.permit[2]);
			ck_assert_uint_eq(r.chain.consensus[VALIDATORS], 0);
		}
		for (size_t i = 0; turn == 5 && i < r.before->n; i++)
			ck_assert_uint_eq(r.before->previous_consensus[i], 0);
		asy_recheck_fini(&r);
	}
	net_free(n);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc,
				   test_liquid_alpha_auto_then_every_epoch_equal_and_the_stored_consensus_matters);
	tcase_add_test(tc, test_null_and_back_then_every_epoch_equal);
	tcase_add_test(tc, test_each_mode_and_penalty_then_equal);
	tcase_add_test(tc, test_unknown_mode_then_no_forecast_and_the_mode_is_named);
	tcase_add_test(tc, test_last_yuma_epoch_then_it_decides_whose_bonds_are_old);
}

int main(void)
{
	return test_main("modes", fill, 60);
}
