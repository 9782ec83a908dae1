/* Reading a subnet and submitting to it, against the development chain. */
#include "unit/chain/net.h"
#include "schedule/schedule.h"

static asy_opening *seal(net *n, uint16_t netuid, const char *uri, uint16_t first)
{
	static uint16_t uids[3], values[3] = {100, 50, 25};
	asy_opening *o = NULL;
	assay_err err;
	for (uint16_t i = 0; i < 3; i++)
		uids[i] = (uint16_t)(first + i);
	asy_seal_input in = {.hotkey = world_account(uri),
						 .netuid = netuid,
						 .uids = uids,
						 .values = values,
						 .n = 3,
						 .version_key = 0};
	ck_ok(asy_seal(ASY_SEAL_HASH, &in, &n->w.rng.iface, &o, &err), err);
	return o;
}

/* Produces blocks until the reveal window of a commit is open for the next block. */
static void wait_for_window(net *n, uint16_t netuid, uint64_t commit_epoch)
{
	for (int i = 0; i < 200; i++) {
		asy_epoch_state s;
		asy_reveal_window w;
		assay_err err;
		asy_block_ref head = net_head(n);
		ck_ok(asy_chain_epoch_state(n->chain, netuid, &head, &s, &err), err);
		ck_ok(asy_schedule_reveal_window(&s, head.number, commit_epoch, 1, &w, &err), err);
		ck_assert_int_ne(w.phase, ASY_REVEAL_EXPIRED);
		if (w.phase == ASY_REVEAL_OPEN)
			return;
		world_blocks(&n->w, 1);
	}
	ck_abort_msg("the window never opened");
}

START_TEST(test_open_then_knows_runtime_and_genesis)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_chain_info info;
	asy_chain_get_info(n->chain, &info);
	ck_assert_uint_eq(info.spec_version, LNET_SPEC_VERSION);
	ck_assert_str_eq(info.spec_name, LNET_SPEC_NAME);
	ck_assert(asy_hash_eq(&info.genesis, &n->w.node->ledger->genesis));
	net_free(n);
}
END_TEST

START_TEST(test_snapshot_of_a_block_then_holds_what_the_scenario_says)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 3);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	ck_assert_uint_eq(s->n, 7);
	ck_assert_uint_eq(s->epoch.tempo, 10);
	ck_assert(s->epoch.stateful);
	ck_assert(s->hyper.commit_reveal_enabled);
	ck_assert_uint_eq(s->hyper.reveal_period_epochs, 1);
	asy_account v1 = world_account("//V1");
	ck_assert(asy_account_eq(&s->neuron[1].hotkey, &v1));
	ck_assert_uint_eq(s->neuron[1].alpha_stake, 5000000000000u);
	ck_assert_uint_ge(s->neuron[1].total_stake, s->neuron[1].alpha_stake);
	ck_assert_int_eq(asy_snapshot_find(s, &v1), 1);
	ck_assert_uint_eq(s->commit_n, 0);
	asy_snapshot_free(s);
	net_free(n);
}
END_TEST

/* As the owner of a subnet would: the item's value is written into the state. */
static void put_item(net *n, lnet_item item, uint16_t netuid, const void *value, size_t len)
{
	lnet_key k = asy_lnet_key_u16(item, netuid);
	asy_lnet_state_put(n->w.node->ledger->rt.state, asy_lnet_key_span(&k), asy_span(value, len));
}

static assay_snapshot *snapshot_now(net *n, uint16_t netuid)
{
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 1);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_snapshot(n->chain, netuid, 0, &head, &s, &err), err);
	return s;
}

START_TEST(test_snapshot_then_holds_modes_stored_consensus_and_the_last_yuma_epoch)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	static const uint8_t previous[] = {1}, unknown[] = {7};
	static const uint8_t list[] = {4 << 2, 1, 0, 2, 0, 0xff, 0xff, 4, 0};
	static const uint8_t longer[] = {8 << 2, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0};
	static const uint8_t block[8] = {9};
	assay_snapshot *s = snapshot_now(n, 1);
	ck_assert_uint_eq(s->hyper.liquid_consensus_mode, 2); /* auto, the chain's default */
	ck_assert_uint_eq(s->previous_consensus_n, 0);        /* no epoch has run */
	ck_assert(s->epoch.net_by_tempo && !s->epoch.is_null && !s->epoch.has_yuma_step);
	asy_snapshot_free(s);

	put_item(n, LNET_S_LIQUID_MODE, 1, previous, 1);
	put_item(n, LNET_S_STORED_CONSENSUS, 1, list, sizeof list);
	put_item(n, LNET_S_LAST_YUMA_STEP, 1, block, sizeof block);
	s = snapshot_now(n, 1);
	ck_assert_uint_eq(s->hyper.liquid_consensus_mode, 1);
	ck_assert_uint_eq(s->previous_consensus_n, 4);
	ck_assert_uint_eq(s->previous_consensus[2], 65535);
	ck_assert(s->epoch.has_yuma_step);
	ck_assert_uint_eq(s->epoch.last_yuma_step_block, 9);
	asy_snapshot_free(s);

	/* a mode that nobody knows is read as it is; a list that is too long is cut */
	put_item(n, LNET_S_LIQUID_MODE, 1, unknown, 1);
	put_item(n, LNET_S_STORED_CONSENSUS, 1, longer, sizeof longer);
	s = snapshot_now(n, 1);
	ck_assert_uint_eq(s->hyper.liquid_consensus_mode, 7);
	ck_assert_uint_eq(s->previous_consensus_n, s->n);
	ck_assert_uint_eq(s->previous_consensus[6], 7);
	asy_snapshot_free(s);
	net_free(n);
}
END_TEST

START_TEST(test_stored_consensus_cut_short_then_the_endpoints_failure)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	static const uint8_t cut[] = {4 << 2, 1, 0, 2}, more[] = {1 << 2, 1, 0, 2};
	const struct {
		const uint8_t *bytes;
		size_t len;
	} rows[] = {{cut, sizeof cut}, {more, sizeof more}};
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		assay_snapshot *s = NULL;
		assay_err err;
		put_item(n, LNET_S_STORED_CONSENSUS, 1, rows[i].bytes, rows[i].len);
		world_blocks(&n->w, 1);
		asy_block_ref head = net_head(n);
		ck_assert_int_eq(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), ASSAY_E_AGAIN);
		ck_assert_ptr_nonnull(strstr(err.msg, "the stored consensus"));
		ck_assert_ptr_null(s);
	}
	net_free(n);
}
END_TEST

START_TEST(test_snapshot_of_an_absent_subnet_then_says_so)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	assay_snapshot *s = NULL;
	assay_err err;
	asy_block_ref head = net_head(n);
	ck_assert_int_eq(asy_chain_snapshot(n->chain, 9, 0, &head, &s, &err), ASSAY_E_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err.msg, "subnet 9 does not exist"));
	ck_assert_int_eq(asy_chain_snapshot(n->chain, 1, 3, &head, &s, &err), ASSAY_E_NOTFOUND);
	ck_assert_ptr_null(s);
	net_free(n);
}
END_TEST

START_TEST(test_commit_and_reveal_then_the_stored_row_is_the_upscaled_vector)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_opening *o = seal(n, 1, "//V0", 3);
	asy_tx tx = {0};
	asy_commit live = {0};
	asy_commitment_state state;
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 4);

	ck_ok(asy_chain_find_commitment(n->chain, o, 1, &state, &live, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_ABSENT);
	ck_ok(asy_chain_prepare_commit(n->chain, o, &tx, &err), err);
	ck_assert_str_eq(tx.call, "SubtensorModule.commit_weights");
	asy_tx_outcome out = send_and_include(n, &tx, 1);
	ck_assert_msg(out.kind == ASY_TX_SUCCESS, "%s", out.error);
	ck_assert(!out.finalized);
	ck_assert_int_eq(out.next, ASY_NEXT_POLL);
	const asy_block_ref commit_block = out.block;
	world_blocks(&n->w, 3);
	ck_ok(asy_chain_outcome(n->chain, &tx, out.block.number, &out, &err), err);
	ck_assert(out.finalized);
	ck_assert_int_eq(out.next, ASY_NEXT_NONE);

	ck_ok(asy_chain_find_commitment(n->chain, o, commit_block.number, &state, &live, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_LIVE);
	ck_assert_uint_eq(live.block, commit_block.number);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	ck_assert_uint_eq(s->commit_n, 1);
	ck_assert(asy_hash_eq(&s->commit[0].hash, &o->commit_hash));
	ck_assert_uint_eq(s->neuron[0].last_update, commit_block.number);
	ck_assert_uint_eq(asy_snapshot_commit_block(s, &o->hotkey, live.epoch + 1), live.block);
	ck_assert_uint_eq(asy_snapshot_commit_block(s, &o->hotkey, live.epoch + 2), UINT64_MAX);
	asy_snapshot_free(s);
	asy_tx_fini(&tx);

	wait_for_window(n, 1, live.epoch);
	ck_ok(asy_chain_prepare_reveal(n->chain, o, &tx, &err), err);
	out = send_and_include(n, &tx, 1);
	ck_assert_msg(out.kind == ASY_TX_SUCCESS, "%s", out.error);
	world_blocks(&n->w, 5);
	ck_ok(asy_chain_find_commitment(n->chain, o, commit_block.number, &state, &live, &err), err);
	ck_assert_int_eq(state, ASY_COMMITMENT_REVEALED);
	/* also from a block before it was queued, one block at a time */
	ck_ok(asy_chain_find_commitment(n->chain, o, commit_block.number - 1, &state, &live, &err),
		  err);
	ck_assert_int_eq(state, ASY_COMMITMENT_REVEALED);

	asy_entry *row = NULL;
	size_t row_n = 0;
	head = net_head(n);
	ck_ok(asy_chain_weights_row(n->chain, 1, 0, 0, &head, &row, &row_n, &err), err);
	ck_assert_uint_eq(row_n, 3);
	ck_assert_uint_eq(row[0].uid, 3);
	ck_assert_uint_eq(row[0].value, 65535);
	ck_assert_uint_eq(row[1].value, 32768);
	free(row);
	asy_tx_fini(&tx);
	asy_opening_free(o);
	net_free(n);
}
END_TEST

START_TEST(test_reveal_too_early_then_refused_with_custom_17)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_opening *o = seal(n, 1, "//V0", 3);
	asy_tx tx = {0};
	asy_tx_outcome out;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_commit(n->chain, o, &tx, &err), err);
	ck_assert_int_eq(send_and_include(n, &tx, 1).kind, ASY_TX_SUCCESS);
	asy_tx_fini(&tx);
	ck_ok(asy_chain_prepare_reveal(n->chain, o, &tx, &err), err);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_REFUSED);
	ck_assert_int_eq(out.custom, 17);
	ck_assert_str_eq(out.error, "CommitBlockNotInRevealRange");
	ck_assert_int_eq(out.next, ASY_NEXT_WAIT);
	asy_tx_fini(&tx);
	asy_opening_free(o);
	net_free(n);
}
END_TEST

START_TEST(test_commit_twice_then_told_how_many_blocks_to_wait)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_opening *a = seal(n, 1, "//V0", 3), *b = seal(n, 1, "//V0", 3);
	asy_tx tx = {0};
	asy_tx_outcome out;
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_commit(n->chain, a, &tx, &err), err);
	out = send_and_include(n, &tx, 1);
	ck_assert_int_eq(out.kind, ASY_TX_SUCCESS);
	uint64_t last = out.block.number;
	asy_tx_fini(&tx);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	uint64_t limit = s->hyper.weights_set_rate_limit;
	asy_snapshot_free(s);
	ck_ok(asy_chain_prepare_commit(n->chain, b, &tx, &err), err);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	if (limit > 1) {
		ck_assert_int_eq(out.kind, ASY_TX_REFUSED);
		ck_assert_int_eq(out.custom, 6);
		ck_assert_int_eq(out.next, ASY_NEXT_WAIT);
		ck_assert_uint_eq(out.wait_blocks, last + limit - head.number);
	}
	asy_tx_fini(&tx);
	asy_opening_free(a);
	asy_opening_free(b);
	net_free(n);
}
END_TEST

START_TEST(test_set_weights_where_commits_are_wanted_then_refused_and_sent_the_other_way)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	const uint16_t uids[] = {3, 4}, values[] = {1, 2};
	asy_tx tx = {0};
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 1, 0, uids, values, 2, 0, &tx, &err), err);
	asy_tx_outcome out;
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_REFUSED);
	ck_assert_int_eq(out.next, ASY_NEXT_RESEAL);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

START_TEST(test_set_weights_then_last_update_moves)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	uint16_t uid = 9;
	uint64_t last = 0;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	asy_tx_outcome out = send_and_include(n, &tx, 1);
	ck_assert_msg(out.kind == ASY_TX_SUCCESS, "%s", out.error);
	asy_block_ref head = net_head(n);
	asy_account v1 = world_account("//V1");
	ck_ok(asy_chain_uid(n->chain, 2, &v1, &head, &uid, &err), err);
	ck_assert_uint_eq(uid, 1);
	ck_ok(asy_chain_last_update(n->chain, 2, 0, uid, &head, &last, &err), err);
	ck_assert_uint_eq(last, out.block.number);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

START_TEST(test_same_bytes_sent_again_then_the_chain_takes_them_once)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0}, again = {0};
	asy_tx_outcome out;
	asy_buf bytes = {0};
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	/* through the journal's form, as after a restart */
	ck_ok(asy_tx_encode(&tx, &bytes, &err), err);
	ck_ok(asy_tx_decode(asy_buf_span(&bytes), &again, &err), err);
	ck_assert(asy_hash_eq(&again.hash, &tx.hash));
	ck_assert_str_eq(again.call, tx.call);
	ck_assert_uint_eq(again.netuid, 2);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	ck_ok(asy_chain_send(n->chain, &again, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_PENDING); /* 1013 */
	world_blocks(&n->w, 1);
	ck_ok(asy_chain_send(n->chain, &again, &out, &err), err);
	ck_assert_msg(out.kind == ASY_TX_SUCCESS, "%s: %s", asy_tx_kind_name(out.kind), out.error);
	asy_tx_fini(&again);
	asy_tx_fini(&tx);
	asy_buf_fini(&bytes);
	net_free(n);
}
END_TEST

START_TEST(test_equal_nonce_pending_then_blocked_and_free_in_the_next_block)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7}, others[] = {7, 65535};
	asy_tx a = {0}, b = {0};
	asy_tx_outcome out;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &a, &err), err);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, others, 2, 0, &b, &err), err);
	ck_assert_uint_eq(a.nonce, b.nonce);
	ck_ok(asy_chain_send(n->chain, &a, &out, &err), err);
	ck_ok(asy_chain_send(n->chain, &b, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_BLOCKED);
	ck_assert_int_eq(out.code, 1014);
	ck_assert_int_eq(out.next, ASY_NEXT_WAIT);
	/* the node counts its pool, so a new one gets the next nonce */
	asy_tx_fini(&b);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, others, 2, 0, &b, &err), err);
	ck_assert_uint_eq(b.nonce, a.nonce + 1);
	asy_tx_fini(&a);
	asy_tx_fini(&b);
	net_free(n);
}
END_TEST

START_TEST(test_era_over_then_expired_and_to_be_built_anew)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	asy_tx_outcome out;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	ck_assert_uint_eq(tx.death - tx.birth, 64);
	world_blocks(&n->w, 70); /* never sent: the process was stopped for that long */
	ck_ok(asy_chain_outcome(n->chain, &tx, tx.birth + 1, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_EXPIRED);
	ck_assert_int_eq(out.next, ASY_NEXT_REBUILD);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_EXPIRED);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

START_TEST(test_commit_expired_unrevealed_then_absent)
{
	net *n = net_new(WORLD_SCENARIO, "//V0");
	asy_opening *o = seal(n, 1, "//V0", 3);
	asy_tx tx = {0};
	asy_commit live;
	asy_commitment_state state;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_commit(n->chain, o, &tx, &err), err);
	asy_tx_outcome out = send_and_include(n, &tx, 1);
	ck_assert_int_eq(out.kind, ASY_TX_SUCCESS);
	asy_tx_fini(&tx);
	world_blocks(&n->w, 40);
	ck_ok(asy_chain_find_commitment(n->chain, o, out.block.number, &state, &live, &err), err);
	ck_assert_int_ne(state, ASY_COMMITMENT_REVEALED);
	/* too late: refused, with the reason */
	ck_ok(asy_chain_prepare_reveal(n->chain, o, &tx, &err), err);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	ck_assert_int_eq(out.kind, ASY_TX_REFUSED);
	ck_assert(out.custom == 16 || out.custom == 17);
	asy_tx_fini(&tx);
	asy_opening_free(o);
	net_free(n);
}
END_TEST

START_TEST(test_outputs_and_snapshot_agree)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_epoch_outputs o;
	assay_snapshot *s = NULL;
	assay_err err;
	world_blocks(&n->w, 25);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_outputs(n->chain, 1, 0, &head, &o, &err), err);
	ck_ok(asy_chain_snapshot(n->chain, 1, 0, &head, &s, &err), err);
	ck_assert_uint_eq(o.n, s->n);
	ck_assert_uint_ge(o.subnet_epoch_index, 1);
	ck_assert_uint_eq(o.subnet_epoch_index, s->epoch.subnet_epoch_index);
	for (size_t i = 0; i < o.n; i++) {
		ck_assert_uint_eq(o.consensus[i], s->neuron[i].consensus);
		ck_assert_uint_eq(o.incentive[i], s->neuron[i].incentive);
		ck_assert_int_eq(o.permit[i], s->neuron[i].permit);
	}
	asy_epoch_outputs_fini(&o);
	asy_snapshot_free(s);
	net_free(n);
}
END_TEST

START_TEST(test_next_epoch_as_scheduled_then_the_chain_runs_it_there)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	assay_err err;
	for (int i = 0; i < 30; i++) {
		asy_epoch_state s, after;
		uint64_t next = 0;
		asy_block_ref head = net_head(n);
		ck_ok(asy_chain_epoch_state(n->chain, 2, &head, &s, &err), err);
		ck_ok(asy_schedule_next_epoch(&s, head.number, &next, &err), err);
		world_blocks(&n->w, 1);
		head = net_head(n);
		ck_ok(asy_chain_epoch_state(n->chain, 2, &head, &after, &err), err);
		ck_assert_uint_eq(after.subnet_epoch_index, s.subnet_epoch_index + (next == head.number));
	}
	net_free(n);
}
END_TEST

static uint64_t requests_of(const net *n)
{
	asy_chain_info info;
	asy_chain_get_info(n->chain, &info);
	return info.requests;
}

static asy_epoch_state clock_at(net *n, uint16_t netuid, const asy_block_ref *at)
{
	asy_epoch_state s;
	assay_err err;
	ck_ok(asy_chain_epoch_state(n->chain, netuid, at, &s, &err), err);
	return s;
}

/* Who asks for several at every head has them in one request, each once. */
START_TEST(test_clocks_of_many_subnets_are_read_together)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_block_ref first = net_head(n), head;
	(void)clock_at(n, 1, &first);
	(void)clock_at(n, 2, &first);
	world_blocks(&n->w, 3);
	head = net_head(n);
	uint64_t before = requests_of(n);
	(void)clock_at(n, 1, &head);
	ck_assert_uint_eq(requests_of(n), before + 1);
	asy_epoch_state ahead = clock_at(n, 2, &head);
	ck_assert_uint_eq(requests_of(n), before + 1);
	asy_epoch_state asked = clock_at(n, 2, &head);
	ck_assert_uint_eq(requests_of(n), before + 2);
	ck_assert_uint_eq(ahead.netuid, 2);
	ck_assert_uint_eq(ahead.tempo, asked.tempo);
	ck_assert_uint_eq(ahead.last_epoch_block, asked.last_epoch_block);
	ck_assert_uint_eq(ahead.subnet_epoch_index, asked.subnet_epoch_index);
	ck_assert_uint_eq(ahead.blocks_since_last_step, asked.blocks_since_last_step);
	/* the past is nobody's but the one's who asks */
	(void)clock_at(n, 1, &first);
	(void)clock_at(n, 2, &first);
	ck_assert_uint_eq(requests_of(n), before + 4);
	net_free(n);
}
END_TEST

START_TEST(test_block_time_from_the_chains_clock)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	double seconds = 0;
	assay_err err;
	world_blocks(&n->w, 10);
	asy_block_ref head = net_head(n);
	ck_ok(asy_chain_block_time(n->chain, &head, 99, &seconds, &err), err);
	ck_assert(seconds > 0 && seconds <= 99);
	net_free(n);
}
END_TEST

START_TEST(test_read_only_then_nothing_is_signed)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	net *other = net_new(WORLD_SCENARIO, "//V1");
	asy_opening *o = seal(n, 1, "//V0", 3);
	asy_tx tx = {0};
	assay_err err;
	ck_assert_int_eq(asy_chain_prepare_commit(n->chain, o, &tx, &err), ASSAY_E_CONFIG);
	ck_assert_int_eq(asy_chain_prepare_commit(other->chain, o, &tx, &err), ASSAY_E_MISMATCH);
	ck_assert_ptr_null(tx.bytes);
	asy_opening_free(o);
	net_free(other);
	net_free(n);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_open_then_knows_runtime_and_genesis);
	tcase_add_test(tc, test_snapshot_of_a_block_then_holds_what_the_scenario_says);
	tcase_add_test(tc, test_snapshot_then_holds_modes_stored_consensus_and_the_last_yuma_epoch);
	tcase_add_test(tc, test_stored_consensus_cut_short_then_the_endpoints_failure);
	tcase_add_test(tc, test_snapshot_of_an_absent_subnet_then_says_so);
	tcase_add_test(tc, test_commit_and_reveal_then_the_stored_row_is_the_upscaled_vector);
	tcase_add_test(tc, test_reveal_too_early_then_refused_with_custom_17);
	tcase_add_test(tc, test_commit_twice_then_told_how_many_blocks_to_wait);
	tcase_add_test(tc,
				   test_set_weights_where_commits_are_wanted_then_refused_and_sent_the_other_way);
	tcase_add_test(tc, test_set_weights_then_last_update_moves);
	tcase_add_test(tc, test_same_bytes_sent_again_then_the_chain_takes_them_once);
	tcase_add_test(tc, test_equal_nonce_pending_then_blocked_and_free_in_the_next_block);
	tcase_add_test(tc, test_era_over_then_expired_and_to_be_built_anew);
	tcase_add_test(tc, test_commit_expired_unrevealed_then_absent);
	tcase_add_test(tc, test_outputs_and_snapshot_agree);
	tcase_add_test(tc, test_next_epoch_as_scheduled_then_the_chain_runs_it_there);
	tcase_add_test(tc, test_clocks_of_many_subnets_are_read_together);
	tcase_add_test(tc, test_block_time_from_the_chains_clock);
	tcase_add_test(tc, test_read_only_then_nothing_is_signed);
}

int main(void)
{
	return test_main("chain", cases, 60);
}
