/* Commitments that the chain opens itself, and stakes that are lent, against the development
 * chain. */
#include "unit/chain/net.h"
#include "schedule/schedule.h"

/* Sealed to the beacon of the development chain for the window that comes next. */
static asy_opening *seal_timelocked(net *n, const asy_block_ref *head, asy_reveal_plan *plan)
{
	static const uint16_t uids[] = {3, 4, 5}, values[] = {100, 50, 25};
	asy_epoch_state epoch;
	asy_chain_beacon beacon;
	assay_snapshot *s = NULL;
	asy_opening *o = NULL;
	double block_time = 0;
	assay_err err;
	ck_assert(asy_chain_takes_timelock(n->chain, 0));
	ck_ok(asy_chain_read_beacon(n->chain, head, &beacon, &err), err);
	ck_assert(beacon.is_known);
	ck_assert_mem_eq(beacon.key, asy_test_beacon_key, sizeof beacon.key);
	ck_ok(asy_chain_epoch_state(n->chain, 1, head, &epoch, &err), err);
	ck_ok(asy_chain_block_time(n->chain, head, 1, &block_time, &err), err);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, head, &s, &err), err);
	ck_assert_uint_eq(s->hyper.commit_reveal_version, ASY_TIMELOCK_VERSION);
	const asy_beacon_clock clock = {beacon.genesis_time, beacon.period};
	ck_ok(asy_schedule_plan_reveal(&epoch, head->number, 1, &clock, (double)s->timestamp_ms / 1000,
								   block_time, plan, &err),
		  err);
	asy_snapshot_free(s);
	const asy_seal_input in = {.hotkey = world_account("//V0"),
							   .netuid = 1,
							   .uids = uids,
							   .values = values,
							   .n = 3,
							   .reveal_round = plan->round,
							   .beacon_key = beacon.key};
	ck_ok(asy_seal(ASY_SEAL_TIMELOCK, &in, &n->w.rng.iface, &o, &err), err);
	return o;
}

START_TEST(test_timelock_then_queued_revealed_by_the_chain_and_found)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_block_ref head;
	asy_reveal_plan plan;
	asy_tx tx = {0};
	asy_commitment_state state;
	asy_commit c;
	assay_err err;
	world_blocks(&n->w, 4);
	ck_ok(asy_chain_head(n->chain, &head, &err), err);
	asy_opening *o = seal_timelocked(n, &head, &plan);
	ck_assert_uint_eq(plan.commit.first_reveal_block, 10);
	ck_assert_uint_eq(plan.block, 13);
	ck_ok(asy_chain_prepare_commit(n->chain, o, &tx, &err), err);
	ck_assert_str_eq(tx.call, "SubtensorModule.commit_timelocked_weights");
	asy_tx_outcome out = send_and_include(n, &tx, 1);
	ck_assert_int_eq(out.kind, ASY_TX_SUCCESS);
	ck_ok(asy_chain_queued(n->chain, o, &out.block, &c, &err), err);
	ck_assert_uint_eq(c.epoch, plan.commit.commit_epoch);
	ck_assert_uint_eq(c.block, out.block.number);
	ck_assert_uint_eq(c.reveal_round, plan.round);
	ck_ok(asy_chain_find_commitment(n->chain, o, 0, &state, &c, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_LIVE);
	world_blocks(&n->w, 11); /* block 16 */
	ck_ok(asy_chain_find_commitment(n->chain, o, out.block.number, &state, &c, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_REVEALED);
	ck_assert_uint_ge(c.block, 10);
	uint64_t off = c.block > plan.block ? c.block - plan.block : plan.block - c.block;
	ck_assert_uint_le(off, plan.uncertain);
	ck_assert_int_eq(asy_chain_queued(n->chain, o, &head, &c, &err), ASSAY_E_NOTFOUND);
	asy_tx_fini(&tx);
	asy_opening_free(o);
	net_free(n);
}
END_TEST

START_TEST(test_reveal_in_the_epochs_own_block_then_the_epoch_is_recomputed_with_it)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_block_ref head, before = {.number = 9}, block = {.number = 10};
	asy_reveal_plan plan;
	asy_tx tx = {0};
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 4);
	ck_ok(asy_chain_head(n->chain, &head, &err), err);
	asy_opening *o = seal_timelocked(n, &head, &plan);
	ck_ok(asy_chain_prepare_commit(n->chain, o, &tx, &err), err);
	asy_tx_outcome out = send_and_include(n, &tx, 1);
	ck_assert_int_eq(out.kind, ASY_TX_SUCCESS);
	/* the clock jumps: the pulse is there when the window opens */
	world_blocks(&n->w, 4);
	lnet_state *state = n->w.node->ledger->rt.state;
	asy_lnet_write0(state, LNET_S_NOW, asy_lnet_read0(state, LNET_S_NOW) + 3600000);
	world_blocks(&n->w, 1);
	ck_ok(asy_chain_block_hash(n->chain, 9, &before.hash, &err), err);
	ck_ok(asy_chain_block_hash(n->chain, 10, &block.hash, &err), err);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &before, &s, &err), err);
	ck_assert_uint_eq(s->commit_n, 1);
	ck_assert_uint_eq(asy_row_len(&s->weights, 0), 0);
	ck_ok(asy_chain_apply_reveals(n->chain, &block, s, &err), err);
	ck_assert_uint_eq(s->commit_n, 0);
	ck_assert_uint_eq(asy_row_len(&s->weights, 0), 3);
	ck_assert_uint_eq(asy_row(&s->weights, 0)[0].uid, 3);
	ck_assert_uint_eq(asy_row(&s->weights, 0)[0].value, 65535);
	ck_assert_uint_eq(s->block.number, 9);
	asy_snapshot_free(s);
	asy_tx_fini(&tx);
	asy_opening_free(o);
	net_free(n);
}
END_TEST

START_TEST(test_timelock_without_its_pulse_then_absent_after_the_window)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_block_ref head;
	asy_reveal_plan plan;
	asy_tx tx = {0};
	asy_commitment_state state;
	asy_commit c;
	assay_err err;
	world_blocks(&n->w, 4);
	ck_ok(asy_chain_head(n->chain, &head, &err), err);
	asy_opening *o = seal_timelocked(n, &head, &plan);
	ck_ok(asy_chain_prepare_commit(n->chain, o, &tx, &err), err);
	asy_tx_outcome out = send_and_include(n, &tx, 1);
	n->w.node->ledger->rt.pulses_held = true;
	world_blocks(&n->w, 12); /* block 17, inside the window */
	ck_ok(asy_chain_find_commitment(n->chain, o, out.block.number, &state, &c, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_LIVE);
	world_blocks(&n->w, 4);
	ck_ok(asy_chain_find_commitment(n->chain, o, out.block.number, &state, &c, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_ABSENT);
	asy_tx_fini(&tx);
	asy_opening_free(o);
	net_free(n);
}
END_TEST

/* from lends half of its stake in subnet 1 to to. */
static void lend(lnet_state *state, const char *from, const char *to)
{
	const asy_account who[2] = {world_account(from), world_account(to)};
	for (size_t i = 0; i < 2; i++) {
		uint8_t list[41] = {4};
		lnet_key k =
			asy_lnet_key_account_u16(i == 0 ? LNET_S_CHILD_KEYS : LNET_S_PARENT_KEYS, &who[i], 1);
		asy_put_u64le(list + 1, UINT64_MAX / 2);
		memcpy(list + 9, who[1 - i].b, 32);
		asy_lnet_state_put(state, asy_lnet_key_span(&k), asy_span(list, sizeof list));
	}
}

static void expect_stakes(net *n, uint64_t v0, uint64_t v1)
{
	const uint64_t want[2] = {v0, v1};
	asy_block_ref head;
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 1);
	ck_ok(asy_chain_head(n->chain, &head, &err), err);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	for (size_t i = 0; i < 2; i++) {
		uint64_t alpha, tao, total;
		asy_lnet_stake(n->w.node->ledger->rt.state, 1, &s->neuron[i].hotkey, &alpha, &tao, &total);
		ck_assert_uint_eq(s->neuron[i].alpha_stake, alpha);
		ck_assert_uint_eq(s->neuron[i].total_stake, total);
		ck_assert_msg(alpha / 1000000000 == want[i] / 1000000000, "uid %zu has %" PRIu64, i, alpha);
	}
	asy_snapshot_free(s);
}

START_TEST(test_suspended_parent_then_lends_nothing_but_where_it_owns_the_subnet)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	lnet_state *state = n->w.node->ledger->rt.state;
	asy_account v1 = world_account("//V1");
	lnet_key suspended = asy_lnet_key_account(LNET_S_SUSPENDED, &v1),
			 owner = asy_lnet_key_u16(LNET_S_SUBNET_OWNER_HOTKEY, 1);
	lend(state, "//V1", "//V0");
	expect_stakes(n, 5499999999999, 2500000000001);
	asy_lnet_state_put(state, asy_lnet_key_span(&suspended), asy_span("", 0));
	expect_stakes(n, 3000000000000, 5000000000000);
	asy_lnet_state_put(state, asy_lnet_key_span(&owner), asy_span(v1.b, 32));
	expect_stakes(n, 5499999999999, 2500000000001);
	net_free(n);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_timelock_then_queued_revealed_by_the_chain_and_found);
	tcase_add_test(tc, test_reveal_in_the_epochs_own_block_then_the_epoch_is_recomputed_with_it);
	tcase_add_test(tc, test_timelock_without_its_pulse_then_absent_after_the_window);
	tcase_add_test(tc, test_suspended_parent_then_lends_nothing_but_where_it_owns_the_subnet);
}

int main(void)
{
	return test_main("chain-timelock", cases, 60);
}
