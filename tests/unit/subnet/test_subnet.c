/* Snapshots: built, copied, checked, packed; axons; max-upscale. */
#include "support/test.h"
#include "subnet/subnet.h"

static assay_snapshot *sample(size_t n, uint64_t seed)
{
	test_rng r = {seed};
	assay_snapshot *s = NULL;
	assay_err err;
	uint32_t *len = calloc(n + 1, sizeof *len);
	asy_entry *entry = calloc(n * n + 1, sizeof *entry);
	asy_commit commits[3] = {
		{.kind = ASY_COMMIT_HASH, .epoch = 5, .block = 70},
		{.kind = ASY_COMMIT_HASH, .epoch = 6, .block = 60},
		{.kind = ASY_COMMIT_TIMELOCK, .epoch = 6, .block = 65, .reveal_round = 9}};
	size_t at = 0;
	ck_ok(asy_snapshot_new(n, &s, &err), err);
	s->block.number = 1000;
	s->netuid = s->epoch.netuid = 3;
	s->mecid = 1;
	s->hyper.reveal_period_epochs = 1;
	s->hyper.alpha_sigmoid_steepness = -7;
	s->emission.pending_root = UINT64_MAX;
	s->hyper.liquid_consensus_mode = 2;
	s->hyper.epoch_consensus = ASY_CONSENSUS_NULL;
	s->epoch.is_null = s->epoch.net_by_tempo = s->epoch.has_yuma_step = true;
	s->epoch.last_yuma_step_block = 990;
	s->has_owner_uid = n > 1;
	s->owner_uid = n > 1 ? 1 : 0;
	for (size_t i = 0; i < n; i++) {
		asy_neuron *u = &s->neuron[i];
		asy_put_u64le(u->hotkey.b, i + 1);
		u->alpha_stake = test_next(&r);
		u->permit = test_below(&r, 2) != 0;
		u->consensus = (uint16_t)test_next(&r);
		u->axon.present = test_below(&r, 2) != 0;
		if (u->axon.present) {
			u->axon.port = (uint16_t)test_next(&r);
			u->axon.ip[15] = 7;
			u->axon.ip_type = 4;
		}
		len[i] = (uint32_t)test_below(&r, n + 1);
		for (uint32_t k = 0; k < len[i]; k++)
			entry[at++] = (asy_entry){(uint16_t)k, (uint16_t)test_next(&r)};
	}
	ck_ok(asy_snapshot_set_rows(s, &s->weights, len, entry, &err), err);
	ck_ok(asy_snapshot_set_rows(s, &s->bonds, len, entry, &err), err);
	for (size_t i = 0; i < 3 && n > 0; i++)
		commits[i].hotkey = s->neuron[0].hotkey;
	ck_ok(asy_snapshot_set_commits(s, commits, n > 0 ? 3 : 0, &err), err);
	const uint16_t stored[] = {7, 65535, 9};
	ck_ok(asy_snapshot_set_consensus(s, stored, 3, &err), err);
	ck_ok(asy_snapshot_check(s, &err), err);
	free(entry);
	free(len);
	return s;
}

START_TEST(test_pack_then_unpack_is_the_same_and_canonical)
{
	static const size_t sizes[] = {0, 1, 2, 16, 64};
	for (size_t i = 0; i < ASY_COUNT(sizes); i++) {
		assay_snapshot *s = sample(sizes[i], 11 + i), *back = NULL, *copy = NULL;
		asy_buf a = {0}, b = {0}, c = {0};
		assay_err err;
		ck_ok(asy_snapshot_pack(s, &a, &err), err);
		ck_ok(asy_snapshot_unpack(asy_buf_span(&a), &back, &err), err);
		ck_ok(asy_snapshot_pack(back, &b, &err), err);
		ck_assert(asy_span_eq(asy_buf_span(&a), asy_buf_span(&b)));
		ck_assert(back->epoch.is_null && back->epoch.net_by_tempo);
		ck_assert_uint_eq(back->epoch.last_yuma_step_block, 990);
		ck_assert_uint_eq(back->previous_consensus_n, sizes[i] < 3 ? sizes[i] : 3);
		ck_assert(sizes[i] < 2 || back->previous_consensus[1] == 65535);
		ck_ok(asy_snapshot_dup(s, &copy, &err), err);
		asy_snapshot_free(s);
		ck_ok(asy_snapshot_pack(copy, &c, &err), err);
		ck_assert(asy_span_eq(asy_buf_span(&a), asy_buf_span(&c)));
		asy_snapshot_free(copy);
		asy_snapshot_free(back);
		asy_buf_fini(&a);
		asy_buf_fini(&b);
		asy_buf_fini(&c);
	}
}
END_TEST

START_TEST(test_packed_bytes_cut_anywhere_then_refused)
{
	assay_snapshot *s = sample(5, 3), *back = NULL;
	asy_buf a = {0};
	assay_err err;
	ck_ok(asy_snapshot_pack(s, &a, &err), err);
	for (size_t len = 0; len < a.len; len++) {
		ck_assert_int_ne(asy_snapshot_unpack(asy_span(a.ptr, len), &back, &err), ASSAY_OK);
		ck_assert_ptr_null(back);
	}
	asy_snapshot_free(s);
	asy_buf_fini(&a);
}
END_TEST

/* Written by version 1: two neurons, no word of modes. A state of a runtime without them. */
START_TEST(test_bytes_of_version_1_then_read_as_they_were_meant)
{
	asy_buf again = {0};
	assay_snapshot *s = NULL;
	assay_err err;
	FILE *f = fopen(ASSAY_SOURCE_DIR "/tests/golden/store/snapshot_1.bin", "rb");
	ck_assert_ptr_nonnull(f);
	uint8_t bytes[1024];
	size_t len = fread(bytes, 1, sizeof bytes, f);
	(void)fclose(f);
	ck_assert_uint_eq(len, 813);
	ck_assert_uint_eq(bytes[4], 1);
	ck_ok(asy_snapshot_unpack(asy_span(bytes, len), &s, &err), err);
	ck_assert_uint_eq(s->n, 2);
	ck_assert_uint_eq(s->block.number, 1000);
	ck_assert_int_eq(s->hyper.alpha_sigmoid_steepness, -7);
	ck_assert_uint_eq(s->emission.pending_root, UINT64_MAX);
	ck_assert_uint_eq(s->commit_n, 3);
	ck_assert_uint_eq(s->commit[2].reveal_round, 9);
	ck_assert_uint_eq(s->hyper.liquid_consensus_mode, 0);
	ck_assert_uint_eq(s->hyper.epoch_consensus, ASY_CONSENSUS_YUMA);
	ck_assert(!s->epoch.is_null && !s->epoch.net_by_tempo && !s->epoch.has_yuma_step);
	ck_assert_uint_eq(s->previous_consensus_n, 0);
	/* from then on it is of the version of today; every cut of the old bytes is refused */
	ck_ok(asy_snapshot_pack(s, &again, &err), err);
	ck_assert_uint_eq(again.ptr[4], 2);
	asy_snapshot_free(s);
	for (size_t cut = 0; cut < len; cut++)
		ck_assert_int_ne(asy_snapshot_unpack(asy_span(bytes, cut), &s, &err), ASSAY_OK);
	for (unsigned v = 0; v < 256; v++) {
		bytes[4] = (uint8_t)v;
		assay_status st = asy_snapshot_unpack(asy_span(bytes, len), &s, &err);
		ck_assert(v == 1 ? st == ASSAY_OK : st != ASSAY_OK);
		if (st == ASSAY_OK)
			asy_snapshot_free(s);
	}
	asy_buf_fini(&again);
}
END_TEST

START_TEST(test_rows_that_point_outside_then_check_names_the_place)
{
	assay_snapshot *s = sample(4, 5);
	assay_err err;
	const uint32_t len[4] = {0, 1, 0, 0};
	const asy_entry entry = {4, 1};
	ck_ok(asy_snapshot_set_rows(s, &s->bonds, len, &entry, &err), err);
	ck_assert_int_eq(asy_snapshot_check(s, &err), ASSAY_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, "bonds of uid 1"));
	asy_snapshot_free(s);
}
END_TEST

START_TEST(test_one_hotkey_on_two_uids_then_refused)
{
	assay_snapshot *s = sample(4, 5);
	assay_err err;
	s->neuron[3].hotkey = s->neuron[0].hotkey;
	ck_assert_int_eq(asy_snapshot_check(s, &err), ASSAY_E_INPUT);
	asy_snapshot_free(s);
}
END_TEST

START_TEST(test_uid_index_then_equals_looking_at_every_neuron)
{
	assay_snapshot *s = sample(40, 3), *none = NULL;
	asy_uid_index *x = NULL;
	asy_account stranger = {{9, 9, 9}};
	assay_err err;
	ck_ok(asy_uid_index_new(s, &x, &err), err);
	for (size_t i = 0; i < s->n; i++) {
		ck_assert_int_eq(asy_uid_index_find(x, &s->neuron[i].hotkey), (long)i);
		ck_assert_int_eq(asy_snapshot_find(s, &s->neuron[i].hotkey), (long)i);
	}
	ck_assert_int_eq(asy_uid_index_find(x, &stranger), -1);
	asy_uid_index_free(x);
	asy_snapshot_free(s);
	ck_ok(asy_snapshot_new(0, &none, &err), err);
	ck_ok(asy_uid_index_new(none, &x, &err), err);
	ck_assert_int_eq(asy_uid_index_find(x, &stranger), -1);
	asy_uid_index_free(x);
	asy_snapshot_free(none);
}
END_TEST

START_TEST(test_sizes_beyond_the_limits_then_refused)
{
	assay_snapshot *s = NULL;
	assay_err err;
	ck_assert_int_eq(asy_snapshot_new(ASY_UIDS_MAX + 1, &s, &err), ASSAY_E_LIMIT);
	ck_assert_ptr_null(s);
	ck_ok(asy_snapshot_new(ASY_UIDS_MAX, &s, &err), err);
	asy_snapshot_free(s);
	asy_snapshot_free(NULL);
}
END_TEST

START_TEST(test_commit_bound_then_the_first_unexpired_hash_or_any_timelock)
{
	assay_snapshot *s = sample(3, 7);
	const asy_account *who = &s->neuron[0].hotkey;
	/* epoch 6: the hash of epoch 5 (block 70) is the queue's first; the timelock is 65 */
	ck_assert_uint_eq(asy_snapshot_commit_block(s, who, 6), 65);
	/* epoch 7: the first hash has expired, the second counts */
	ck_assert_uint_eq(asy_snapshot_commit_block(s, who, 7), 60);
	ck_assert_uint_eq(asy_snapshot_commit_block(s, who, 8), UINT64_MAX);
	ck_assert_uint_eq(asy_snapshot_commit_block(s, &s->neuron[1].hotkey, 6), UINT64_MAX);
	asy_snapshot_free(s);
}
END_TEST

START_TEST(test_axon_hosts)
{
	char host[ASY_AXON_HOST_LEN];
	asy_axon a = {.present = true, .ip_type = 4};
	a.ip[12] = 10;
	a.ip[15] = 254;
	ck_assert(asy_axon_host(&a, host));
	ck_assert_str_eq(host, "10.0.0.254");
	a.ip[0] = 1; /* more than 32 bits is no IPv4 */
	ck_assert(!asy_axon_host(&a, host));
	a.ip_type = 6;
	ck_assert(asy_axon_host(&a, host));
	ck_assert_str_eq(host, "100::a00:fe");
	a.ip_type = 5;
	ck_assert(!asy_axon_host(&a, host));
}
END_TEST

START_TEST(test_upscale_then_largest_is_full_and_ties_follow_the_chain)
{
	uint16_t v[] = {65534, 32767, 1, 0}, zero[] = {0, 0};
	asy_max_upscale(v, 4, v);
	ck_assert_uint_eq(v[0], 65535);
	ck_assert_uint_eq(v[1], 32767);
	asy_max_upscale(zero, 2, zero);
	ck_assert_uint_eq(zero[0], 0);
	asy_max_upscale(NULL, 0, NULL);
}
END_TEST

START_TEST(test_cutoff_then_at_least_one_block_and_legacy_when_there_is_no_factor)
{
	asy_hyper h = {.activity_cutoff_factor_milli = 13889, .activity_cutoff = 77};
	ck_assert_uint_eq(asy_activity_cutoff(&h, 360), 5000);
	h.activity_cutoff_factor_milli = 1;
	ck_assert_uint_eq(asy_activity_cutoff(&h, 10), 1);
	h.activity_cutoff_factor_milli = 0;
	ck_assert_uint_eq(asy_activity_cutoff(&h, 360), 77);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_pack_then_unpack_is_the_same_and_canonical);
	tcase_add_test(tc, test_packed_bytes_cut_anywhere_then_refused);
	tcase_add_test(tc, test_bytes_of_version_1_then_read_as_they_were_meant);
	tcase_add_test(tc, test_rows_that_point_outside_then_check_names_the_place);
	tcase_add_test(tc, test_one_hotkey_on_two_uids_then_refused);
	tcase_add_test(tc, test_uid_index_then_equals_looking_at_every_neuron);
	tcase_add_test(tc, test_sizes_beyond_the_limits_then_refused);
	tcase_add_test(tc, test_commit_bound_then_the_first_unexpired_hash_or_any_timelock);
	tcase_add_test(tc, test_axon_hosts);
	tcase_add_test(tc, test_upscale_then_largest_is_full_and_ties_follow_the_chain);
	tcase_add_test(tc, test_cutoff_then_at_least_one_block_and_legacy_when_there_is_no_factor);
}

int main(void)
{
	return test_main("subnet", cases, 30);
}
