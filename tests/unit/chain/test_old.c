/* Runtimes of other times: shapes that were or may come, made from names and types, in every
 * version of the format. What can be read is read, what cannot is left out by name. */
#include "support/metadata_build.h"
#include "support/test.h"
#include "chain/impl.h"

#define ACCOUNT "AccountId32:[u8; 32]"

static asy_metadata *runtime_with(unsigned version, const char *axon, const char *commits,
								  asy_items *items)
{
	const mb_item list[] = {
		{.name = "Axons",
		 .value = axon,
		 .optional = true,
		 .hashers = {6, 2},
		 .keys = {"NetUid:u16", ACCOUNT},
		 .keys_n = 2},
		{.name = "WeightCommits",
		 .value = commits,
		 .optional = true,
		 .hashers = {5, 5},
		 .keys = {"u16", ACCOUNT},
		 .keys_n = 2},
		{.name = "TotalHotkeyStake",
		 .value = "TaoBalance:u64",
		 .hashers = {6},
		 .keys = {ACCOUNT},
		 .keys_n = 1},
		{.name = "Tempo", .value = "u16", .hashers = {6}, .keys = {"u16"}, .keys_n = 1}};
	const mb_pallet pallet = {
		.name = "SubtensorModule", .index = 7, .items = list, .items_n = ASY_COUNT(list)};
	mb_registry *r = mb_registry_new();
	asy_metadata *m = NULL;
	asy_buf bytes = {0};
	assay_err err;
	ck_assert_ptr_nonnull(r);
	ck_ok(mb_build(r, version, &pallet, 1, &bytes, &err), err);
	ck_ok(asy_metadata_parse(asy_buf_span(&bytes), &m, &err), err);
	asy_items_resolve(m, items);
	asy_buf_fini(&bytes);
	mb_registry_free(r);
	return m;
}

static const char usual_commits[] = "Vec<(H256:[u8; 32], u64, u64, u64)>";
static const char usual_axon[] =
	"AxonInfo{block: u64, version: u32, ip: u128, port: u16, ip_type: u8, protocol: u8, "
	"placeholder1: u8, placeholder2: u8}";

static assay_status decode(const asy_metadata *m, const asy_items *items, const asy_buf *b,
						   asy_axon *out, assay_err *err)
{
	return asy_axon_decode(m, items->item[ITEM_AXONS]->value, asy_buf_span(b), out, err);
}

START_TEST(test_axon_of_another_shape_then_its_fields_are_found_by_name)
{
	/* an address of 8 bytes, a certificate, a wider port in another place */
	static const char other[] =
		"AxonInfo{ip: u64, certificate: Option<Vec<u8>>, port: Port:u32, block: u64}";
	for (unsigned version = 14; version <= 16; version++) {
		asy_items items;
		asy_metadata *m = runtime_with(version, other, usual_commits, &items);
		asy_buf b = {0};
		asy_scale_w w = asy_scale_out(&b);
		asy_axon a = {.port = 1};
		assay_err err;
		ck_assert_ptr_nonnull(items.item[ITEM_AXONS]);
		asy_scale_put_u64(&w, 0x7f000001);
		asy_scale_put_bool(&w, true);
		asy_scale_put_bytes(&w, "abc", 3);
		asy_scale_put_u32(&w, 8091);
		asy_scale_put_u64(&w, 77);
		ck_ok(asy_scale_out_end(&w, &err), err);
		ck_ok(decode(m, &items, &b, &a, &err), err);
		ck_assert(a.present && a.port == 8091 && a.block == 77 && a.version == 0);
		ck_assert_uint_eq(a.ip[12], 0x7f);
		ck_assert_uint_eq(a.ip[15], 1);
		b.ptr[15] = 1; /* port 73627 */
		ck_assert_int_eq(decode(m, &items, &b, &a, &err), ASSAY_E_FORMAT);
		ck_assert_uint_eq(a.port, 8091);
		b.ptr[15] = 0;
		for (size_t len = 0; len < b.len; len++) {
			asy_buf cut = {.ptr = b.ptr, .len = len};
			ck_assert_int_ne(decode(m, &items, &cut, &a, &err), ASSAY_OK);
		}
		asy_buf_fini(&b);
		asy_metadata_free(m);
	}
}
END_TEST

START_TEST(test_axon_without_what_is_needed_then_left_out_with_a_reason)
{
	static const char *const bad[] = {"AxonInfo{block: u64, ip: u128}", "AxonInfo{port: u16}",
									  "u64", "AxonInfo{ip: Vec<u8>, port: u16}", "(u64, u16)"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		asy_items items;
		asy_metadata *m = runtime_with(14, bad[i], usual_commits, &items);
		ck_assert_ptr_null(items.item[ITEM_AXONS]);
		ck_assert_ptr_nonnull(strstr(items.strange[ITEM_AXONS], "no number"));
		ck_assert_ptr_nonnull(items.item[ITEM_TEMPO]);
		asy_metadata_free(m);
	}
}
END_TEST

START_TEST(test_one_commit_a_hotkey_then_read_like_a_list_of_one)
{
	asy_items items;
	asy_metadata *m = runtime_with(15, usual_axon, "(H256:[u8; 32], u64)", &items);
	const asy_account who = {{9}};
	const asy_epoch_state clock = {.netuid = 1, .tempo = 99};
	asy_commit out[2];
	uint8_t bytes[40] = {5};
	size_t n = 0;
	assay_err err;
	ck_assert_ptr_nonnull(items.item[ITEM_WEIGHT_COMMITS]);
	asy_put_u64le(bytes + 32, 1234);
	ck_ok(asy_decode_commits(asy_span(bytes, 40), &who, &clock, out, 2, &n, &err), err);
	ck_assert_uint_eq(n, 1);
	ck_assert(out[0].block == 1234 && out[0].hash.b[0] == 5 &&
			  asy_account_eq(&out[0].hotkey, &who));
	ck_assert_int_ne(asy_decode_commits(asy_span(bytes, 39), &who, &clock, out, 2, &n, &err),
					 ASSAY_OK);
	ck_assert_int_eq(asy_decode_commits(asy_span(bytes, 40), &who, &clock, out, 0, &n, &err),
					 ASSAY_E_LIMIT);
	asy_metadata_free(m);
	m = runtime_with(15, usual_axon, "Vec<(H256:[u8; 32], u64)>", &items);
	ck_assert_ptr_null(items.item[ITEM_WEIGHT_COMMITS]);
	ck_assert(items.strange[ITEM_WEIGHT_COMMITS][0] != '\0');
	asy_metadata_free(m);
}
END_TEST

START_TEST(test_runtime_with_one_stake_a_hotkey_then_it_is_known)
{
	asy_items items;
	asy_metadata *m = runtime_with(14, usual_axon, usual_commits, &items);
	ck_assert_ptr_null(items.item[ITEM_HOTKEY_ALPHA]);
	ck_assert_ptr_nonnull(items.item[ITEM_HOTKEY_STAKE]);
	ck_assert(!asy_items_forecast(&items));
	asy_metadata_free(m);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_axon_of_another_shape_then_its_fields_are_found_by_name);
	tcase_add_test(tc, test_axon_without_what_is_needed_then_left_out_with_a_reason);
	tcase_add_test(tc, test_one_commit_a_hotkey_then_read_like_a_list_of_one);
	tcase_add_test(tc, test_runtime_with_one_stake_a_hotkey_then_it_is_known);
}

int main(void)
{
	return test_main("chain-old", fill, 30);
}
