/* A submission's records read back into the same state, in their order and no other. */
#include "submission/state.h"
#include "support/test.h"

static asy_submission *weighed(void)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_submission *sub;
	uint16_t uids[] = {2, 7}, values[] = {65535, 9};
	uint64_t rounds[] = {4, 6};
	asy_weights_record x = {.has_under = true,
							.under = {.genesis = {{3}},
									  .netuid = 5,
									  .mecid = 1,
									  .config_digest = {2},
									  .config = asy_span_str("{\"a\":1}")},
							.block = 512,
							.time_ns = 77,
							.version_key = 8,
							.note = "",
							.row = {uids, values, 2},
							.memory = {.present = true, .b = {9}},
							.version = 6,
							.round = rounds,
							.round_n = 2};
	ck_ok(asy_submission_new(5, &sub, &e), e);
	ck_ok(asy_record_put_weights(&x, &b, &e), e);
	ck_ok(asy_submission_fold(sub, ASY_REC_WEIGHTS, asy_buf_span(&b), &e), e);
	asy_buf_fini(&b);
	return sub;
}

START_TEST(test_fold_when_weights_then_says_from_which_memory_and_under_what)
{
	asy_submission *sub = weighed();
	ck_assert_int_eq(sub->phase, ASY_SUBMISSION_WEIGHED);
	ck_assert(sub->has_under);
	ck_assert_uint_eq(sub->under.netuid, 5);
	ck_assert_uint_eq(sub->under.mecid, 1);
	ck_assert_uint_eq(sub->under.genesis.b[0], 3);
	ck_assert(asy_span_eq(sub->under.config, asy_span_str("{\"a\":1}")));
	ck_assert_uint_eq(sub->version, 6);
	ck_assert_uint_eq(sub->weigh_block, 512);
	ck_assert_uint_eq(sub->weight_n, 2);
	ck_assert_uint_eq(sub->values[0], 65535);
	asy_submission_free(sub);
}
END_TEST

START_TEST(test_get_weights_when_read_then_names_the_rounds_that_were_folded)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_json *doc = NULL;
	asy_arena *a = asy_arena_new(0);
	uint64_t rounds[] = {4, 6};
	asy_weights_record y, x = {.note = "", .version = 6, .round = rounds, .round_n = 2};
	ck_ok(asy_record_put_weights(&x, &b, &e), e);
	ck_ok(asy_record_parse(asy_buf_span(&b), &doc, &e), e);
	ck_ok(asy_record_get_weights(asy_json_root(doc), a, &y, &e), e);
	ck_assert_uint_eq(y.version, 6);
	ck_assert_uint_eq(y.round_n, 2);
	ck_assert_uint_eq(y.round[1], 6);
	asy_json_free(doc);
	asy_buf_fini(&b);
	asy_arena_free(a);
}
END_TEST

START_TEST(test_fold_when_out_of_order_then_refuses_each)
{
	static const asy_rec_type late[] = {ASY_REC_BEGIN,     ASY_REC_CHALLENGE, ASY_REC_RESPONSE,
										ASY_REC_QUERY_END, ASY_REC_SCORES,    ASY_REC_TRACK,
										ASY_REC_WEIGHTS,   ASY_REC_SUBMIT,    ASY_REC_INCLUDED,
										ASY_REC_FINAL,     ASY_REC_REVEALED,  ASY_REC_REVEAL_SUBMIT,
										ASY_REC_COUNTED,   ASY_REC_MISSED};
	asy_submission *sub = weighed();
	assay_err e;
	for (size_t i = 0; i < ASY_COUNT(late); i++)
		ck_assert_int_eq(asy_submission_fold(sub, late[i], asy_span_str("{}"), &e), ASSAY_E_STORE);
	ck_assert_int_eq(sub->phase, ASY_SUBMISSION_WEIGHED);
	ck_ok(asy_submission_fold(sub, ASY_REC_END, asy_span_str("{\"reason\":\"x\"}"), &e), e);
	ck_assert_str_eq(sub->note, "x");
	asy_submission_free(sub);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_fold_when_weights_then_says_from_which_memory_and_under_what);
	tcase_add_test(tc, test_get_weights_when_read_then_names_the_rounds_that_were_folded);
	tcase_add_test(tc, test_fold_when_out_of_order_then_refuses_each);
}

int main(void)
{
	return test_main("submission_fold", fill, 20);
}
