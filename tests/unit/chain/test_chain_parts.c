/* The parts below the client: metadata that lies, extensions nobody knows, values,
 * events, stakes, replies. */
#include "unit/chain/net.h"
#include "support/value_encode.h"

static asy_buf own_metadata(void)
{
	net *n = net_new(WORLD_SCENARIO, NULL);
	asy_buf copy = {0};
	assay_err err;
	ck_ok(asy_buf_add(&copy, n->w.node->metadata.ptr, n->w.node->metadata.len, &err), err);
	net_free(n);
	return copy;
}

START_TEST(test_metadata_cut_anywhere_then_refused)
{
	asy_buf whole = own_metadata();
	assay_err err;
	for (size_t len = 0; len < whole.len; len += 1 + len / 97) {
		asy_metadata *m = NULL;
		ck_assert_int_ne(asy_metadata_parse(asy_span(whole.ptr, len), &m, &err), ASSAY_OK);
		ck_assert_ptr_null(m);
	}
	asy_buf_fini(&whole);
}
END_TEST

START_TEST(test_metadata_with_flipped_bytes_then_refused_or_usable)
{
	asy_buf bytes = own_metadata();
	test_rng rng = {test_seed()};
	assay_err err;
	for (int i = 0; i < 3000; i++) {
		size_t at = test_below(&rng, bytes.len);
		uint8_t was = bytes.ptr[at];
		asy_metadata *m = NULL;
		bytes.ptr[at] = (uint8_t)test_next(&rng);
		if (asy_metadata_parse(asy_buf_span(&bytes), &m, &err) == ASSAY_OK) {
			asy_buf text = {0};
			asy_items items;
			asy_items_resolve(m, &items);
			for (uint32_t t = 0; t < m->types_n; t += 7)
				(void)!asy_metadata_shape(m, t, &text, &err);
			asy_buf_fini(&text);
		}
		asy_metadata_free(m);
		bytes.ptr[at] = was;
	}
	asy_buf_fini(&bytes);
}
END_TEST

/* Third-party files: skipped with a word when they are not here. */
static bool read_vector(const char *name, asy_buf *out)
{
	char path[4096];
	const char *root = getenv("ASSAY_VECTORS");
	uint8_t chunk[65536];
	assay_err err;
	(void)snprintf(path, sizeof path, "%s/chain/%s",
				   root != NULL ? root : ASSAY_SOURCE_DIR "/../shared/vectors", name);
	asy_buf_reset(out);
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		(void)printf("skipped: %s is not here (ASSAY_VECTORS)\n", name);
		return false;
	}
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		ck_ok(asy_buf_add(out, chunk, n, &err), err);
	(void)fclose(f);
	return true;
}

/* Of 461 every item resolves but those that came later and those that it dropped. */
static void check_all(const asy_items *items, bool is_461)
{
	static const asy_item absent[] = {ITEM_EPOCH_CONSENSUS, ITEM_LAST_YUMA_STEP, ITEM_HOTKEY_STAKE};
	for (int i = 0; is_461 && i < ITEM_N; i++) {
		bool is_absent = false;
		for (size_t k = 0; k < ASY_COUNT(absent); k++)
			is_absent = is_absent || i == (int)absent[k];
		ck_assert_msg(is_absent == (items->item[i] == NULL), "item %d", i);
	}
}

START_TEST(test_real_runtimes_then_everything_a_validator_needs_resolves)
{
	static const struct {
		const char *name;
		bool fits, stateful, mechanisms, modes;
	} rows[] = {{"metadata-devnet.scale", true, false, true, false},
				{"metadata-devnet-v14.scale", true, false, true, false},
				{"metadata-devnet-v15.scale", true, false, true, false},
				{"metadata-localnet-v14.scale", true, true, true, false},
				{"metadata-localnet-v15.scale", true, true, true, false},
				{"metadata-localnet-spec461-v14.scale", true, true, true, true},
				{"metadata-localnet-spec461-v15.scale", true, true, true, true},
				{"metadata-spec240-v15.scale", true, false, false, false},
				{"metadata-finney-spec219-v14.scale", false, false, false, false}};
	static const asy_item essential[] = {ITEM_NETWORKS_ADDED, ITEM_SUBNETWORK_N, ITEM_KEYS,
										 ITEM_UIDS,           ITEM_TEMPO,        ITEM_EVENTS};
	asy_buf bytes = {0}, out = {0};
	const uint16_t one[] = {1};
	const asy_sign_params p = {.era = asy_era_immortal()};
	for (size_t i = 0; i < ASY_COUNT(rows); i++) {
		asy_metadata *m = NULL;
		asy_items items;
		assay_err err;
		if (!read_vector(rows[i].name, &bytes))
			continue;
		ck_ok(asy_metadata_parse(asy_buf_span(&bytes), &m, &err), err);
		asy_items_resolve(m, &items);
		ck_ok(asy_items_need(&items, essential, ASY_COUNT(essential), &err), err);
		ck_assert(rows[i].fits == asy_items_forecast(&items));
		ck_assert(rows[i].stateful == (items.item[ITEM_EPOCH_INDEX] != NULL));
		ck_assert(rows[i].modes == (items.item[ITEM_LIQUID_MODE] != NULL));
		ck_assert(rows[i].modes == (items.item[ITEM_STORED_CONSENSUS] != NULL));
		check_all(&items, rows[i].modes);
		/* the oldest one has another list of extensions, all of them known */
		ck_ok(asy_extrinsic_payload(m, asy_span("", 0), &p, &out, &err), err);
		ck_ok(asy_call_set_weights(m, 1, 0, one, one, 1, 0, &out, &err), err);
		ck_assert_int_eq(asy_call_set_weights(m, 1, 1, one, one, 1, 0, &out, &err),
						 rows[i].mechanisms ? ASSAY_OK : ASSAY_E_UNSUPPORTED);
		asy_metadata_free(m);
	}
	asy_buf_fini(&out);
	asy_buf_fini(&bytes);
}
END_TEST

START_TEST(test_unknown_version_then_unsupported)
{
	asy_metadata *m = NULL;
	assay_err err;
	ck_assert_int_eq(asy_metadata_parse(asy_span("meta\x0d", 5), &m, &err), ASSAY_E_UNSUPPORTED);
	ck_assert_int_eq(asy_metadata_parse(asy_span("atem\x0e", 5), &m, &err), ASSAY_E_FORMAT);
	ck_assert_int_eq(asy_metadata_parse(asy_span("", 0), &m, &err), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_unknown_extension_with_bytes_then_nothing_is_signed)
{
	asy_buf bytes = own_metadata();
	asy_metadata *m = NULL;
	asy_buf out = {0};
	assay_err err;
	const asy_sign_params p = {.era = asy_era_immortal()};
	ck_ok(asy_metadata_parse(asy_buf_span(&bytes), &m, &err), err);
	ck_ok(asy_extrinsic_payload(m, asy_span("\0\0", 2), &p, &out, &err), err);
	/* the same list with one more that adds bytes, and one that does not */
	asy_extension list[32];
	ck_assert_uint_lt(m->extensions_n, 30);
	memcpy(list, m->extensions, m->extensions_n * sizeof *list);
	asy_metadata twin = *m;
	twin.extensions = list;
	list[twin.extensions_n] = list[0];
	list[twin.extensions_n++].identifier = "SomethingEmpty";
	size_t len = out.len;
	asy_buf_reset(&out);
	ck_ok(asy_extrinsic_payload(&twin, asy_span("\0\0", 2), &p, &out, &err), err);
	ck_assert_uint_eq(out.len, len);
	for (uint32_t i = 0; i < m->extensions_n; i++)
		if (strcmp(list[i].identifier, "CheckNonce") == 0)
			list[twin.extensions_n - 1] = list[i];
	list[twin.extensions_n - 1].identifier = "SomethingWithBytes";
	ck_assert_int_eq(asy_extrinsic_payload(&twin, asy_span("\0\0", 2), &p, &out, &err),
					 ASSAY_E_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.msg, "SomethingWithBytes"));
	asy_buf_fini(&out);
	asy_metadata_free(m);
	asy_buf_fini(&bytes);
}
END_TEST

START_TEST(test_call_of_another_shape_then_refused_with_both_shapes)
{
	asy_buf bytes = own_metadata(), out = {0};
	asy_metadata *m = NULL;
	assay_err err;
	static const char *const wrong[] = {"u16", "Vec<u16>", "Vec<u32>", "u64"};
	ck_ok(asy_metadata_parse(asy_buf_span(&bytes), &m, &err), err);
	ck_assert_int_eq(asy_call_begin(m, "SubtensorModule", "set_weights", wrong, 4, &out, &err),
					 ASSAY_E_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.msg, "Vec<u32>"));
	ck_assert_int_eq(asy_call_begin(m, "SubtensorModule", "set_weights", wrong, 3, &out, &err),
					 ASSAY_E_UNSUPPORTED);
	ck_assert_int_eq(asy_call_begin(m, "SubtensorModule", "no_such_call", wrong, 3, &out, &err),
					 ASSAY_E_UNSUPPORTED);
	ck_assert_uint_eq(out.len, 0);
	asy_metadata_free(m);
	asy_buf_fini(&bytes);
}
END_TEST

START_TEST(test_own_calls_equal_the_generic_encoder)
{
	asy_buf bytes = own_metadata(), ours = {0}, generic = {0};
	asy_metadata *m = NULL;
	asy_json *doc = NULL;
	assay_err err;
	const uint16_t uids[] = {1, 500}, values[] = {65535, 3}, salt[] = {9, 8, 7};
	const asy_reveal_args args = {uids, values, 2, salt, 3, UINT64_MAX};
	ck_ok(asy_metadata_parse(asy_buf_span(&bytes), &m, &err), err);
	ck_ok(asy_call_reveal(m, 7, 0, &args, &ours, &err), err);
	ck_ok(asy_json_parse(asy_span_str("[7,[1,500],[65535,3],[9,8,7],\"18446744073709551615\"]"),
						 NULL, &doc, &err),
		  err);
	uint8_t pallet;
	const asy_type_variant *v = asy_metadata_call(m, "SubtensorModule", "reveal_weights", &pallet);
	ck_assert_ptr_nonnull(v);
	const uint8_t head[2] = {pallet, v->index};
	ck_ok(asy_buf_add(&generic, head, 2, &err), err);
	for (uint32_t i = 0; i < v->fields_n; i++)
		ck_ok(value_encode(m, v->fields[i].type, asy_jv_at(asy_json_root(doc), i), &generic, &err),
			  err);
	ck_assert(asy_span_eq(asy_buf_span(&ours), asy_buf_span(&generic)));
	/* out of range, wrong kind, wrong length: refused with the path */
	ck_assert_int_eq(
		value_encode(m, v->fields[0].type, asy_jv_at(asy_json_root(doc), 4), &generic, &err),
		ASSAY_E_INPUT);
	ck_assert_int_eq(
		value_encode(m, v->fields[1].type, asy_jv_at(asy_json_root(doc), 0), &generic, &err),
		ASSAY_E_INPUT);
	asy_json_free(doc);
	asy_buf_fini(&generic);
	asy_buf_fini(&ours);
	asy_metadata_free(m);
	asy_buf_fini(&bytes);
}
END_TEST

START_TEST(test_events_of_a_block_cut_anywhere_then_refused)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	asy_tx_outcome out;
	asy_read r = {.slot = NULL};
	asy_dispatch d = {.found = false};
	assay_span events;
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	ck_ok(asy_chain_send(n->chain, &tx, &out, &err), err);
	world_blocks(&n->w, 1);
	asy_block_ref head = net_head(n);
	size_t i = asy_read_add0(&r, n->chain, ITEM_EVENTS);
	ck_ok(ASY_ASK(n->chain, &err, asy_read_run(&r, n->chain, &head.hash, &err)), err);
	ck_assert(asy_read_get(&r, n->chain, i, &events));
	const asy_metadata *m = asy_chain_metadata(n->chain);
	ck_ok(asy_events_dispatch(m, events, 1, &d, &err), err);
	ck_assert(d.found && d.success);
	ck_ok(asy_events_dispatch(m, events, 77, &d, &err), err);
	ck_assert(!d.found);
	for (size_t len = 0; len < events.len; len++)
		ck_assert_int_ne(asy_events_dispatch(m, asy_span(events.ptr, len), 77, &d, &err), ASSAY_OK);
	asy_read_fini(&r);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

START_TEST(test_stake_lent_and_borrowed_then_floored_as_the_chain_does)
{
	const asy_delegation all = {UINT64_MAX, 1000}, half = {UINT64_MAX / 2, 1001};
	ck_assert_uint_eq(asy_stake_inherited(500, NULL, 0, NULL, 0), 500);
	ck_assert_uint_eq(asy_stake_inherited(500, &all, 1, NULL, 0), 0);
	ck_assert_uint_eq(asy_stake_inherited(500, NULL, 0, &all, 1), 1500);
	/* 2^63 - 1 of 2^64 - 1 is a little under one half: 500.49.. floors to 500 */
	ck_assert_uint_eq(asy_stake_inherited(0, NULL, 0, &half, 1), 500);
	/* lending more than everything leaves nothing, not a wrapped number */
	const asy_delegation twice[2] = {{UINT64_MAX, 0}, {UINT64_MAX, 0}};
	ck_assert_uint_eq(asy_stake_inherited(UINT64_MAX, twice, 2, NULL, 0), 0);
	const asy_delegation giants[2] = {{UINT64_MAX, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}};
	ck_assert_uint_eq(asy_stake_inherited(UINT64_MAX, NULL, 0, giants, 2), UINT64_MAX);
	ck_assert_uint_eq(asy_stake_total(10, 100, UINT64_MAX), 110);
	ck_assert_uint_eq(asy_stake_total(10, 100, UINT64_MAX / 2), 10 + 49);
	ck_assert_uint_eq(asy_stake_total(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
}
END_TEST

START_TEST(test_replies_that_are_none_then_refused)
{
	static const char *const bad[] = {"",
									  "null",
									  "[]",
									  "{}",
									  "{\"id\":1}",
									  "{\"id\":2,\"result\":1}",
									  "{\"id\":\"1\",\"result\":1}",
									  "{\"id\":1,\"error\":{}}",
									  "{\"id\":1,\"error\":{\"code\":0,\"message\":\"\"}}",
									  "{\"id\":1,\"error\":\"x\"}",
									  "{\"id\":1,\"result\":1} trailing",
									  "{\"id\":1,\"result\":\"\xff\"}",
									  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
	assay_err err;
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		asy_rpc_reply r = {.doc = NULL};
		ck_assert_msg(asy_rpc_decode(asy_span_str(bad[i]), 1, 100, &r, &err) == ASSAY_E_FORMAT,
					  "%s", bad[i]);
		ck_assert_ptr_null(r.doc);
	}
	asy_rpc_reply r = {.doc = NULL};
	ck_ok(asy_rpc_decode(asy_span_str("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}"), 1, 100, &r,
						 &err),
		  err);
	ck_assert(asy_jv_is_null(r.result));
	asy_rpc_reply_fini(&r);
}
END_TEST

START_TEST(test_transaction_bytes_cut_or_changed_then_refused)
{
	net *n = net_new(WORLD_SCENARIO, "//V1");
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0}, again = {0};
	asy_buf bytes = {0};
	assay_err err;
	world_blocks(&n->w, 2);
	ck_ok(asy_chain_prepare_set_weights(n->chain, 2, 0, uids, values, 2, 0, &tx, &err), err);
	ck_ok(asy_tx_encode(&tx, &bytes, &err), err);
	for (size_t len = 0; len < bytes.len; len++)
		ck_assert_int_ne(asy_tx_decode(asy_span(bytes.ptr, len), &again, &err), ASSAY_OK);
	ck_assert_ptr_null(again.bytes);
	asy_buf_fini(&bytes);
	asy_tx_fini(&tx);
	net_free(n);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_metadata_cut_anywhere_then_refused);
	tcase_add_test(tc, test_metadata_with_flipped_bytes_then_refused_or_usable);
	tcase_add_test(tc, test_real_runtimes_then_everything_a_validator_needs_resolves);
	tcase_add_test(tc, test_unknown_version_then_unsupported);
	tcase_add_test(tc, test_unknown_extension_with_bytes_then_nothing_is_signed);
	tcase_add_test(tc, test_call_of_another_shape_then_refused_with_both_shapes);
	tcase_add_test(tc, test_own_calls_equal_the_generic_encoder);
	tcase_add_test(tc, test_events_of_a_block_cut_anywhere_then_refused);
	tcase_add_test(tc, test_stake_lent_and_borrowed_then_floored_as_the_chain_does);
	tcase_add_test(tc, test_replies_that_are_none_then_refused);
	tcase_add_test(tc, test_transaction_bytes_cut_or_changed_then_refused);
}

int main(void)
{
	return test_main("chain-parts", cases, 60);
}
