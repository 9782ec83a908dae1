/* Records written by record.c read back into the same round, and nothing else does. */
#include <math.h>
#include "round/round.h"
#include "support/test.h"

static asy_round *begun(void)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_round *r;
	asy_begin_record f = {.under = {.genesis = {{3}},
									.netuid = 5,
									.config_digest = {2},
									.config = asy_span_str("{\"a\":1}")},
						  .block = {.number = 512, .hash = {{9}}},
						  .epoch = 3,
						  .time_ns = 77,
						  .seed = {1},
						  .plugin_id = "org.assay.test",
						  .plugin_version = "1.0.0",
						  .cage = "calls, user; not files",
						  .plugin_file = {4},
						  .component_n = 2};
	ck_ok(asy_round_new(1, &r, &e), e);
	ck_ok(asy_record_put_begin(&f, &b, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_BEGIN, asy_buf_span(&b), &e), e);
	asy_buf_fini(&b);
	ck_assert_int_eq(r->phase, ASY_ROUND_BEGUN);
	ck_assert_uint_eq(r->begin.block.number, 512);
	ck_assert_uint_eq(r->begin.block.hash.b[0], 9);
	ck_assert_uint_eq(r->begin.under.netuid, 5);
	ck_assert_uint_eq(r->begin.component_n, 2);
	ck_assert_str_eq(r->begin.plugin_id, "org.assay.test");
	ck_assert_str_eq(r->begin.cage, "calls, user; not files");
	ck_assert_uint_eq(r->begin.plugin_file[0], 4);
	ck_assert(asy_span_eq(r->begin.under.config, asy_span_str("{\"a\":1}")));
	return r;
}

static asy_round *asking(void)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_round *r = begun();
	asy_question q[2] = {
		{"q0", asy_span_str("\"p\\u00e9\""), asy_span_str("{\"z\":1,\"a\":[2]}"), {0}},
		{"q1", asy_span_str("7"), {0}, {0}}};
	asy_asked t[2] = {{.uid = 4, .hotkey.b = {4}},
					  {.uid = 9, .hotkey.b = {9}, .who = {1, 2, UINT64_MAX - 1}}};
	ck_ok(asy_record_put_challenge(&(asy_challenge_record){q, 2, t, 2}, &b, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_CHALLENGE, asy_buf_span(&b), &e), e);
	asy_buf_fini(&b);
	ck_assert_uint_eq(r->question_n, 2);
	ck_assert_uint_eq(r->target_n, 2);
	ck_assert_uint_eq(r->target[1].who.address, UINT64_MAX - 1);
	ck_assert(asy_span_eq(r->question[0].reference, asy_span_str("{\"a\":[2],\"z\":1}")));
	ck_assert_uint_eq(r->question[1].reference.len, 0);
	return r;
}

static void answer(asy_round *r, uint32_t target, uint32_t question, uint32_t status,
				   const char *body, size_t len)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_answer a = {.target = target,
					.question = question,
					.status = status,
					.why = status == 0 ? ASY_WHY_OK : ASY_WHY_TIMEOUT,
					.latency_ns = 12345,
					.cause = status == 0 ? "" : "because \"of\" \x01\xff",
					.body = asy_span(body, len),
					.body_len = len};
	ck_ok(asy_record_put_response(&a, &b, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_RESPONSE, asy_buf_span(&b), &e), e);
	asy_buf_fini(&b);
}

/* A record names the pieces of a body; the bytes are elsewhere. */
START_TEST(test_fold_when_response_has_any_bytes_then_reads_back_equal)
{
	static char large[ASY_PIECE_BYTES + 1];
	asy_piece name;
	asy_round *r = asking();
	answer(r, 1, 0, ASY_RESP_OK, "\0\xff\"{", 4);
	ck_assert_ptr_nonnull(r->answer[2]);
	ck_assert_uint_eq(r->answer[2]->body_len, 4);
	ck_assert_uint_eq(r->answer[2]->body.len, 0);
	asy_piece_name(asy_span("\0\xff\"{", 4), &name);
	ck_assert(memcmp(&r->answer[2]->piece[0], &name, sizeof name) == 0);
	answer(r, 1, 1, ASY_RESP_OK, large, sizeof large);
	ck_assert_uint_eq(r->answer[3]->body_len, sizeof large);
	asy_piece_name(asy_span(large, 1), &name);
	ck_assert(memcmp(&r->answer[3]->piece[1], &name, sizeof name) == 0);
	ck_assert_uint_eq(r->answer_bytes, 4 + sizeof large);
	r->answer_n--;
	ck_assert_uint_eq(r->answer[2]->latency_ns, 12345);
	ck_assert_uint_eq(r->answer_n, 1);
	asy_round_free(r);
}
END_TEST

START_TEST(test_fold_when_response_has_evidence_then_reads_back_equal)
{
	static const asy_plugin_chunk chunk[] = {{1500, 2}, {UINT32_MAX, 4}}, late[] = {{1, 5}};
	assay_err e = {0};
	asy_buf b = {0};
	asy_round *r = asking();
	asy_answer a = {.cause = "",
					.first_byte_ns = 1400000,
					.content_type = "application/json; charset=\"x\"",
					.body = asy_span("abcd", 4),
					.body_len = 4,
					.chunk = chunk,
					.chunk_n = 2};
	ck_ok(asy_record_put_response(&a, &b, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_RESPONSE, asy_buf_span(&b), &e), e);
	const asy_answer *x = r->answer[0];
	ck_assert_uint_eq(x->first_byte_ns, 1400000);
	ck_assert_str_eq(x->content_type, a.content_type);
	ck_assert_uint_eq(x->chunk_n, 2);
	ck_assert(memcmp(x->chunk, chunk, sizeof chunk) == 0);
	a.chunk = late; /* past the end of the body */
	a.chunk_n = 1;
	a.question = 1;
	asy_buf_reset(&b);
	ck_ok(asy_record_put_response(&a, &b, &e), e);
	ck_assert_int_eq(asy_round_fold(r, ASY_REC_RESPONSE, asy_buf_span(&b), &e), ASSAY_E_STORE);
	asy_buf_fini(&b);
	asy_round_free(r);
}
END_TEST

START_TEST(test_who_when_the_same_key_or_host_then_the_same_number_that_only_the_salt_gives)
{
	uint8_t salt[32] = {1}, other[32] = {2};
	asy_neuron a = {.hotkey.b = {1}, .coldkey.b = {9}}, b = {.hotkey.b = {2}, .coldkey.b = {9}};
	a.axon.present = b.axon.present = true;
	a.axon.ip_type = b.axon.ip_type = 6;
	memset(a.axon.ip, 0x20, 16);
	memset(b.axon.ip, 0x20, 16);
	b.axon.ip[15] = 7; /* the same /64 */
	asy_plugin_who x = asy_round_who(salt, &a), y = asy_round_who(salt, &b);
	ck_assert(x.hotkey != y.hotkey && x.coldkey == y.coldkey && x.address == y.address);
	ck_assert(x.hotkey != 0 && x.hotkey != x.coldkey && x.coldkey != x.address);
	b.axon.ip_type = a.axon.ip_type = 4; /* now it is another host */
	ck_assert(asy_round_who(salt, &a).address != asy_round_who(salt, &b).address);
	a.axon.present = false;
	ck_assert_uint_eq(asy_round_who(salt, &a).address, 0);
	ck_assert(asy_round_who(other, &a).hotkey != x.hotkey);
}
END_TEST

START_TEST(test_fold_when_same_answer_twice_then_refuses)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_round *r = asking();
	answer(r, 0, 0, ASY_RESP_TIMEOUT, "", 0);
	asy_answer a = {.cause = ""};
	ck_ok(asy_record_put_response(&a, &b, &e), e);
	ck_assert_int_eq(asy_round_fold(r, ASY_REC_RESPONSE, asy_buf_span(&b), &e), ASSAY_E_STORE);
	ck_assert_ptr_nonnull(strstr(e.msg, "second response"));
	asy_buf_fini(&b);
	asy_round_free(r);
}
END_TEST

START_TEST(test_fold_when_scores_then_same_bits_and_means)
{
	assay_err e = {0};
	asy_buf b = {0};
	asy_round *r = asking();
	double odd = nextafter(0.1, 1.0);
	asy_plugin_row row[4] = {{.score = odd, .value = odd, .flag = ASY_ROW_SCORED},
							 {.score = NAN, .value = NAN, .flag = ASY_ROW_NOT_ASKED},
							 {.score = NAN, .value = NAN, .flag = ASY_ROW_ABSTAIN},
							 {.score = NAN, .value = NAN, .flag = ASY_ROW_ABSTAIN}};
	double component[8] = {odd, 1e-300, NAN, NAN, NAN, NAN, NAN, NAN}, mean[2];
	size_t slots[4] = {0, 1, 2, 3};
	for (uint32_t t = 0; t < 2; t++)
		for (uint32_t q = 0; q < 2; q++)
			answer(r, t, q, t == 0 && q == 1 ? ASY_RESP_TIMEOUT : ASY_RESP_OK, "x", 1);
	ck_ok(asy_record_put_query_end(&(asy_query_end_record){.answers = 4, .rules = 2}, &b, &e), e);
	ck_ok(asy_round_fold(r, ASY_REC_QUERY_END, asy_buf_span(&b), &e), e);
	ck_assert(!asy_round_all_scored(r));
	asy_buf_reset(&b);
	ck_ok(asy_record_put_scores(
			  &(asy_scores_record){
				  .n = 4, .component_n = 2, .slot = slots, .row = row, .component = component},
			  &b, &e),
		  e);
	ck_ok(asy_round_fold(r, ASY_REC_SCORES, asy_buf_span(&b), &e), e);
	ck_assert(asy_round_all_scored(r));
	ck_assert(memcmp(&r->row[0].score, &odd, 8) == 0);
	ck_assert(memcmp(&r->component[0], &odd, 8) == 0);
	asy_round_means(r, mean);
	/* one scored, one failed: the failure counts as zero */
	ck_assert(mean[0] == odd / 2);
	ck_assert(isnan(mean[1]));
	r->suspect = true;
	asy_round_means(r, mean);
	ck_assert(isnan(mean[0]));
	asy_buf_fini(&b);
	asy_round_free(r);
}
END_TEST

static void older(asy_round *r, asy_rec_type type, const char *json)
{
	assay_err e = {0};
	ck_ok(asy_round_fold(r, type, asy_span_str(json), &e), e);
}

/* Rounds that were asked before there was a table of faults keep their meaning. */
START_TEST(test_fold_when_older_records_then_judged_by_their_rules)
{
	assay_err e = {0};
	assay_obs obs[4];
	asy_round *r = asking();
	older(
		r, ASY_REC_RESPONSE,
		"{\"target\":0,\"question\":0,\"status\":\"refused\",\"our_fault\":false,\"http_status\":0,"
		"\"latency_ns\":0,\"cause\":\"not asked: failed too often lately\",\"body\":\"\"}");
	older(
		r, ASY_REC_RESPONSE,
		"{\"target\":0,\"question\":1,\"status\":\"timeout\",\"our_fault\":true,\"http_status\":0,"
		"\"latency_ns\":0,\"cause\":\"failed on our side\",\"body\":\"\"}");
	older(r, ASY_REC_RESPONSE,
		  "{\"target\":1,\"question\":0,\"status\":\"ok\",\"our_fault\":false,\"http_status\":200,"
		  "\"latency_ns\":9,\"cause\":\"\",\"body\":\"eA==\"}");
	older(r, ASY_REC_QUERY_END, "{\"answers\":3,\"suspect_self\":false,\"by_status\":{\"ok\":1}}");
	ck_assert_uint_eq(r->fault_rules, 1);
	ck_assert(asy_span_eq(r->answer[2]->body, asy_span_str("x")));
	r->row[0].flag = r->row[1].flag = ASY_ROW_NOT_ASKED;
	r->row[2] = (asy_plugin_row){.score = 0.5, .value = 0.5, .flag = ASY_ROW_SCORED};
	ck_assert_uint_eq(asy_round_observations(r, obs), 3);
	ck_assert_int_eq(obs[0].kind, ASSAY_OBS_FAILED); /* as it was then */
	ck_assert_int_eq(obs[1].kind, ASSAY_OBS_MISSING);
	ck_assert_int_eq(obs[2].kind, ASSAY_OBS_SCORED);
	asy_round_free(r);
	r = asking();
	ck_assert_int_eq(asy_round_fold(r, ASY_REC_QUERY_END,
									asy_span_str("{\"answers\":0,\"rules\":99,\"suspect\":false}"),
									&e),
					 ASSAY_E_STORE);
	asy_round_free(r);
}
END_TEST

START_TEST(test_fold_when_out_of_order_then_refuses_each)
{
	static const asy_rec_type late[] = {ASY_REC_SCORES,   ASY_REC_TRACK,   ASY_REC_WEIGHTS,
										ASY_REC_PREDICT,  ASY_REC_SEAL,    ASY_REC_SUBMIT,
										ASY_REC_INCLUDED, ASY_REC_FINAL,   ASY_REC_REVEAL_SUBMIT,
										ASY_REC_REVEALED, ASY_REC_COUNTED, ASY_REC_MISSED};
	asy_round *r = begun();
	assay_err e;
	for (size_t i = 0; i < ASY_COUNT(late); i++)
		ck_assert_int_eq(asy_round_fold(r, late[i], asy_span_str("{}"), &e), ASSAY_E_STORE);
	ck_assert_int_eq(r->phase, ASY_ROUND_BEGUN);
	asy_round_free(r);
}
END_TEST

START_TEST(test_fold_when_payload_is_hostile_then_error_with_path)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"questions\":[{}],\"targets\":[]}",
		"{\"questions\":[],\"targets\":[{\"uid\":70000}]}",
		"{\"questions\":[],\"targets\":[{\"uid\":1,\"hotkey\":\"0x12\"}]}"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		asy_round *r = begun();
		assay_err e = {0};
		assay_status st = asy_round_fold(r, ASY_REC_CHALLENGE, asy_span_str(bad[i]), &e);
		/* no questions and no targets is a legal, empty round */
		if (strcmp(bad[i], "{}") == 0 || strcmp(bad[i], "[]") == 0)
			ck_assert_int_eq(st, ASSAY_OK);
		else
			ck_assert_msg(st != ASSAY_OK && e.msg[0] != '\0', "accepted %s", bad[i]);
		asy_round_free(r);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_fold_when_response_has_any_bytes_then_reads_back_equal);
	tcase_add_test(tc, test_fold_when_response_has_evidence_then_reads_back_equal);
	tcase_add_test(
		tc, test_who_when_the_same_key_or_host_then_the_same_number_that_only_the_salt_gives);
	tcase_add_test(tc, test_fold_when_same_answer_twice_then_refuses);
	tcase_add_test(tc, test_fold_when_scores_then_same_bits_and_means);
	tcase_add_test(tc, test_fold_when_older_records_then_judged_by_their_rules);
	tcase_add_test(tc, test_fold_when_out_of_order_then_refuses_each);
	tcase_add_test(tc, test_fold_when_payload_is_hostile_then_error_with_path);
}

int main(void)
{
	return test_main("fold", fill, 20);
}
