/* Directory, sample, breaker, classes: the pure part of asking miners. */
#include "assay/plugin.h"
#include "config/config.h"
#include "miner/miner.h"
#include "support/test.h"

static asy_miner_row row(const char *hex_ip, uint8_t type, uint16_t port)
{
	asy_miner_row r = {.uid = 7, .port = port, .ip_type = type};
	memset(r.hotkey, 0x11, 32);
	ck_assert(asy_hex_decode(hex_ip, r.ip, 16));
	return r;
}

START_TEST(test_target_when_announced_then_dialled_or_refused)
{
	static const struct {
		const char *ip;
		uint8_t type;
		bool dev;
		asy_reach want;
		const char *host;
	} cases[] = {
		{"00000000000000000000000008080808", 4, false, ASY_REACH_OK, "8.8.8.8"},
		{"26064700000000000000000000001111", 6, false, ASY_REACH_OK, "[2606:4700::1111]"},
		{"00000000000000000000000000000000", 4, false, ASY_REACH_NOT_SERVING, ""},
		{"0000000000000000000000007f000001", 4, false, ASY_REACH_PRIVATE, ""},
		{"0000000000000000000000007f000001", 4, true, ASY_REACH_OK, "127.0.0.1"},
		{"00000000000000000000000000000001", 4, true, ASY_REACH_OK, "127.0.0.1"},
		{"00000000000000000000000000000001", 4, false, ASY_REACH_BAD_ADDRESS, ""},
		{"00000000000000000000000000000001", 6, true, ASY_REACH_OK, "[::1]"},
		{"000000000000000000000000e0000001", 4, true, ASY_REACH_BAD_ADDRESS, ""},
		{"00000000000000000000ffff7f000001", 6, false, ASY_REACH_PRIVATE, ""},
		{"00000000000000000000000008080808", 5, false, ASY_REACH_BAD_ADDRESS, ""},
		{"00000000000000000000000108080808", 4, false, ASY_REACH_BAD_ADDRESS, ""},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		asy_miner_row r = row(cases[i].ip, cases[i].type, 8091);
		asy_target t = {.uid = 0};
		asy_reach got = asy_miner_target(&r, cases[i].dev, &t);
		ck_assert_msg(got == cases[i].want, "%zu: %s", i, asy_reach_name(got));
		ck_assert_str_eq(t.host, cases[i].host);
		ck_assert_uint_eq(t.uid, got == ASY_REACH_OK ? 7 : 0);
	}
	asy_miner_row r = row(cases[0].ip, 4, 0);
	asy_target t;
	ck_assert_int_eq(asy_miner_target(&r, false, &t), ASY_REACH_NOT_SERVING);
}
END_TEST

/* n peers, k a round: nobody waits longer than ceil(n / k) rounds. */
START_TEST(test_sample_when_repeated_then_nobody_waits_long_and_seed_decides)
{
	enum { N = 37, K = 5, ROUNDS = 200 };
	uint64_t last[N] = {0};
	uint32_t pick[N], again[N];
	uint8_t seed[32] = {0};
	size_t n, m;
	assay_err e;
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		asy_put_u64le(seed, round * 977 + test_seed());
		ck_ok(asy_miner_sample(last, N, K, seed, pick, &n, &e), e);
		ck_ok(asy_miner_sample(last, N, K, seed, again, &m, &e), e);
		ck_assert_uint_eq(n, K);
		ck_assert_mem_eq(pick, again, sizeof pick[0] * K);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_lt(pick[i], N);
			ck_assert_uint_ne(last[pick[i]], round);
			last[pick[i]] = round;
		}
		for (size_t i = 0; i < N; i++)
			ck_assert(last[i] + (N + K - 1) / K >= round || round <= (N + K - 1) / K);
	}
	ck_ok(asy_miner_sample(last, N, 0, seed, pick, &n, &e), e);
	ck_assert_uint_eq(n, N);
	asy_miner_shuffle(again, N, seed); /* the waits do not show */
	ck_assert_mem_eq(pick, again, sizeof pick);
	ck_ok(asy_miner_sample(last, 0, 5, seed, pick, &n, &e), e);
	ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(test_shuffle_when_many_seeds_then_every_place_is_likely)
{
	unsigned seen[6][6] = {{0}};
	for (uint32_t s = 0; s < 6000; s++) {
		uint8_t seed[32] = {0};
		uint32_t v[6];
		asy_put_u32le(seed, s);
		asy_miner_shuffle(v, 6, seed);
		for (size_t i = 0; i < 6; i++)
			seen[i][v[i]]++;
	}
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++) /* 1000 expected, standard deviation 29 */
			ck_assert_msg(seen[i][j] > 850 && seen[i][j] < 1150, "%zu at %zu: %u", j, i,
						  seen[i][j]);
}
END_TEST

START_TEST(test_breaker_when_silent_then_skipped_longer_and_forgiven_at_once)
{
	asy_breaker *b = asy_breaker_new(NULL);
	uint8_t a[32] = {1}, other[32] = {2};
	uint64_t round = 1, asked = 0;
	for (; round <= 200; round++) {
		if (!asy_breaker_allows(b, a, round))
			continue;
		asked++;
		ck_assert(asy_breaker_fold(b, a, round, false));
	}
	ck_assert_uint_gt(asked, 200 / 9);
	ck_assert_uint_lt(asked, 200 / 9 + 8);
	ck_assert(asy_breaker_allows(b, other, 1));
	while (!asy_breaker_allows(b, a, round))
		round++;
	ck_assert(asy_breaker_fold(b, a, round, true));
	ck_assert(asy_breaker_fold(b, a, round, false));
	ck_assert(asy_breaker_allows(b, a, round + 1));
	asy_breaker_free(b);
}
END_TEST

START_TEST(test_breaker_when_many_peers_then_all_kept_apart)
{
	asy_breaker *b = asy_breaker_new(&(asy_breaker_rules){.failures = 1, .max_rounds = 1});
	for (uint32_t i = 0; i < 3000; i++) {
		uint8_t k[32] = {0};
		asy_put_u32le(k, i * 2654435761u);
		if (i % 2 == 0)
			ck_assert(asy_breaker_fold(b, k, 5, false));
	}
	for (uint32_t i = 0; i < 3000; i++) {
		uint8_t k[32] = {0};
		asy_put_u32le(k, i * 2654435761u);
		ck_assert(asy_breaker_allows(b, k, 6) == (i % 2 != 0));
		ck_assert(asy_breaker_allows(b, k, 7));
	}
	asy_breaker_free(b);
}
END_TEST

START_TEST(test_why_when_any_then_its_word_is_found_again)
{
	for (asy_why w = 0; w < ASY_WHY_N; w++) {
		ck_assert_ptr_nonnull(asy_why_word(w));
		ck_assert_ptr_nonnull(asy_why_name(w));
		ck_assert_int_eq(asy_why_find(asy_why_word(w)), w);
	}
	ck_assert_int_eq(asy_why_find("no such word"), ASY_WHY_N);
}
END_TEST

static asy_reply classify(asy_http_class cls, int status, const char *body, bool json, asy_why *why)
{
	asy_http_result r = {.cls = cls, .status = status};
	ck_assert_int_eq(asy_buf_add_str(&r.body, body, NULL), ASSAY_OK);
	asy_reply c = asy_response_classify(&r, json, why);
	asy_http_result_fini(&r);
	return c;
}

START_TEST(test_classes_when_answered_then_as_the_plugin_contract_numbers_them)
{
	asy_why w;
	ck_assert_int_eq(classify(ASY_HTTP_ANSWERED, 200, "{}", true, &w), (int)ASSAY_RESP_OK);
	ck_assert_int_eq(classify(ASY_HTTP_ANSWERED, 200, "", true, &w), (int)ASSAY_RESP_EMPTY);
	ck_assert_int_eq(classify(ASY_HTTP_TIMEOUT, 200, "x", true, &w), (int)ASSAY_RESP_TIMEOUT);
	ck_assert_int_eq(classify(ASY_HTTP_ANSWERED, 500, "x", true, &w), (int)ASSAY_RESP_HTTP);
	ck_assert_int_eq(classify(ASY_HTTP_UNREACHABLE, 0, "", true, &w), (int)ASSAY_RESP_REFUSED);
	ck_assert_int_eq(classify(ASY_HTTP_TOO_LARGE, 200, "x", true, &w), (int)ASSAY_RESP_TOO_LARGE);
	ck_assert_int_eq((int)ASY_REPLY_UNSIGNED, (int)ASSAY_RESP_UNSIGNED);
	ck_assert_int_eq(classify(ASY_HTTP_NOT_STARTED, 0, "", true, &w), ASY_REPLY_INTERNAL);
	ck_assert_int_eq(classify(ASY_HTTP_INTERNAL, 0, "", true, &w), ASY_REPLY_INTERNAL);
	ck_assert_int_eq(classify(ASY_HTTP_ANSWERED, 302, "", true, &w), ASY_REPLY_HTTP);
	ck_assert_int_eq(w, ASY_WHY_REDIRECT);
	for (int i = 0; i < ASY_WHY_N; i++)
		ck_assert(strlen(asy_why_name((asy_why)i)) > 1);
}
END_TEST

START_TEST(test_json_when_10000_levels_deep_then_classified)
{
	static char deep[20001];
	asy_why w;
	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	ck_assert_int_eq(classify(ASY_HTTP_ANSWERED, 200, deep, true, &w), ASY_REPLY_HTTP);
	ck_assert_int_eq(w, ASY_WHY_DECODE);
	ck_assert_int_eq(classify(ASY_HTTP_ANSWERED, 200, deep, false, &w), ASY_REPLY_OK);
}
END_TEST

/* What a configuration may name is what there is, no more and no less. */
START_TEST(test_dialect_when_listed_then_the_configuration_takes_exactly_these)
{
	assay_err e = {0};
	asy_config *c = NULL;
	size_t n = 0;
	ck_ok(asy_config_new(&c, &e), e);
	for (; asy_dialect_name(n) != NULL; n++) {
		ck_assert_str_eq(asy_dialect_find(asy_dialect_name(n))->name, asy_dialect_name(n));
		ck_ok(asy_config_set(c, "query.dialect", asy_dialect_name(n), ASY_FROM_FLAG, &e), e);
	}
	ck_assert_uint_ge(n, 1);
	ck_assert_ptr_null(asy_dialect_find("btauth2"));
	ck_assert_int_eq(asy_config_set(c, "query.dialect", "btauth2", ASY_FROM_FLAG, &e),
					 ASSAY_E_CONFIG);
	for (size_t i = 0; i < n; i++) /* the refusal lists them */
		ck_assert_msg(strstr(e.msg, asy_dialect_name(i)) != NULL, "%s", e.msg);
	asy_config_free(c);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_dialect_when_listed_then_the_configuration_takes_exactly_these);
	tcase_add_test(tc, test_target_when_announced_then_dialled_or_refused);
	tcase_add_test(tc, test_sample_when_repeated_then_nobody_waits_long_and_seed_decides);
	tcase_add_test(tc, test_shuffle_when_many_seeds_then_every_place_is_likely);
	tcase_add_test(tc, test_breaker_when_silent_then_skipped_longer_and_forgiven_at_once);
	tcase_add_test(tc, test_breaker_when_many_peers_then_all_kept_apart);
	tcase_add_test(tc, test_why_when_any_then_its_word_is_found_again);
	tcase_add_test(tc, test_classes_when_answered_then_as_the_plugin_contract_numbers_them);
	tcase_add_test(tc, test_json_when_10000_levels_deep_then_classified);
}

int main(void)
{
	return test_main("miner", fill, 30);
}
