/* SS58, base58 and base64. The published address vectors are run by the golden
 * suite `crypto`; here are the properties. */
#include "codec/base58.h"
#include "codec/codec.h"
#include "support/test.h"

START_TEST(test_ss58_when_round_trip_then_same)
{
	test_rng r = {test_seed()};
	for (int i = 0; i < 2000; i++) {
		uint8_t a[32], back[32];
		char text[64];
		unsigned prefix = (unsigned)test_below(&r, ASY_SS58_PREFIX_MAX + 1), got;
		assay_err e;
		for (size_t k = 0; k < sizeof a; k++)
			a[k] = (uint8_t)test_next(&r);
		if (i % 10 == 0)
			memset(a, 0, 1 + test_below(&r, 32));
		ck_assert(asy_ss58_encode_prefix(a, prefix, text, sizeof text));
		ck_ok(asy_ss58_decode_prefix(text, back, &got, &e), e);
		ck_assert_mem_eq(a, back, 32);
		ck_assert_uint_eq(got, prefix);
	}
	ck_assert(
		!asy_ss58_encode_prefix((uint8_t[32]){0}, ASY_SS58_PREFIX_MAX + 1, (char[64]){0}, 64));
}
END_TEST

START_TEST(test_ss58_when_hostile_then_refused_with_cause)
{
	uint8_t a[32];
	assay_err e;
	char big[5000];
	memset(big, 'z', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	ck_assert_int_eq(asy_ss58_decode(big, a, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(asy_ss58_decode("", a, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(asy_ss58_decode("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5", a, &e),
					 ASSAY_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.msg, "network 0, expected 42"));
	ck_assert_int_eq(asy_ss58_decode("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", a, &e),
					 ASSAY_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.msg, "checksum"));
}
END_TEST

/* base58 by its definition: a digit at a time. */
static void base58_plainly(const uint8_t *bytes, size_t len, char *dst)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	uint8_t left[64];
	char text[100];
	size_t at = sizeof text, zeros = 0, first = 0;
	memcpy(left, bytes, len);
	while (zeros < len && bytes[zeros] == 0)
		zeros++;
	while (first < len) {
		unsigned rest = 0;
		for (size_t i = first; i < len; i++) {
			rest = rest << 8 | left[i];
			left[i] = (uint8_t)(rest / 58);
			rest %= 58;
		}
		text[--at] = alphabet[rest];
		while (first < len && left[first] == 0)
			first++;
	}
	if (zeros == len)
		at = sizeof text;
	memset(dst, '1', zeros);
	memcpy(dst + zeros, text + at, sizeof text - at);
	dst[zeros + sizeof text - at] = '\0';
}

START_TEST(test_base58_when_any_bytes_then_as_defined)
{
	test_rng r = {test_seed()};
	for (int i = 0; i < 20000; i++) {
		uint8_t a[64] = {0}, back[64];
		char got[100], want[100];
		const size_t len = test_below(&r, sizeof a + 1);
		const size_t from = i % 3 == 0 ? test_below(&r, len + 1) : 0; /* zeros lead */
		for (size_t k = from; k < len; k++)
			a[k] = i % 7 == 0 ? 0xff : i % 11 == 0 ? (uint8_t)(k == from) : (uint8_t)test_next(&r);
		base58_plainly(a, len, want);
		const long n = (long)strlen(want);
		ck_assert_int_eq(asy_base58_encode(got, sizeof got, asy_span(a, len)), n);
		ck_assert_str_eq(got, want);
		ck_assert_int_eq(asy_base58_encode(got, (size_t)n + 1, asy_span(a, len)), n);
		ck_assert_int_eq(asy_base58_encode(got, (size_t)n, asy_span(a, len)), -1);
		ck_assert_int_eq(asy_base58_decode(want, (size_t)n, back, sizeof back), (long)len);
		ck_assert_mem_eq(back, a, len);
	}
}
END_TEST

START_TEST(test_base58_when_zeros_lead_then_ones)
{
	char text[16];
	uint8_t back[16];
	ck_assert_int_eq(asy_base58_encode(text, sizeof text, asy_span("\0\0\x01", 3)), 3);
	ck_assert_str_eq(text, "112");
	ck_assert_int_eq(asy_base58_decode(text, 3, back, sizeof back), 3);
	ck_assert_mem_eq(back, "\0\0\x01", 3);
	ck_assert_int_eq(asy_base58_decode("1111", 4, back, 3), -1);
	ck_assert_int_eq(asy_base58_decode("0", 1, back, 3), -1);
}
END_TEST

START_TEST(test_base64_when_round_trip_then_same)
{
	test_rng r = {test_seed()};
	for (size_t n = 0; n < 200; n++) {
		uint8_t a[200], back[204];
		char text[300];
		size_t got = 999;
		for (size_t k = 0; k < n; k++)
			a[k] = (uint8_t)test_next(&r);
		asy_base64_encode(text, asy_span(a, n));
		ck_assert_uint_eq(strlen(text), asy_base64_encoded_len(n));
		ck_assert(asy_base64_decode(asy_span_str(text), back, &got));
		ck_assert_uint_eq(got, n);
		ck_assert_mem_eq(a, back, n);
	}
}
END_TEST

START_TEST(test_base64_when_malformed_then_refused)
{
	static const char *const bad[] = {"QQ=",    "QQ",   "Q===",     "QR==",
									  "QUJ=",   "Q Q=", "QQ==QQ==", "-_-_",
									  "====",   "QQ=A", "\xa9yNa",  "\xff\xff\xff\xff",
									  "QUF\xc1"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		uint8_t out[16];
		size_t n;
		ck_assert_msg(!asy_base64_decode(asy_span_str(bad[i]), out, &n), "%s", bad[i]);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_ss58_when_round_trip_then_same);
	tcase_add_test(tc, test_ss58_when_hostile_then_refused_with_cause);
	tcase_add_test(tc, test_base58_when_zeros_lead_then_ones);
	tcase_add_test(tc, test_base58_when_any_bytes_then_as_defined);
	tcase_add_test(tc, test_base64_when_round_trip_then_same);
	tcase_add_test(tc, test_base64_when_malformed_then_refused);
}

int main(void)
{
	return test_main("codec.address", fill, 30);
}
