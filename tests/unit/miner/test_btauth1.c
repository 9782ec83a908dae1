/* btauth/1: the published example, and every way in which a request can be
 * wrong, checked on the answering side. */
#include "miner/miner.h"
#include "support/test.h"

#define SECOND 1000000000u
#define NOW ((uint64_t)1752076800 * SECOND)

static const char alice[] = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
static const char bob[] = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

static asy_key *key(asy_key_scheme scheme, const char *uri)
{
	asy_key *k = NULL;
	assay_err e;
	ck_ok(asy_crypto_init(&e), e);
	ck_ok(asy_key_from_uri(scheme, uri, &k, &e), e);
	return k;
}

static void id_of(const char *address, uint8_t out[32])
{
	assay_err e;
	ck_ok(asy_ss58_decode(address, out, &e), e);
}

START_TEST(test_payload_when_published_example_then_equal)
{
	asy_buf b = {0};
	assay_err e;
	ck_ok(asy_btauth1_payload(ASY_KEY_SR25519, "post", "/generate?stream=false",
							  asy_span_str("{\"prompt\": \"hello\"}"), NOW, alice, bob, &b, &e),
		  e);
	ck_assert_uint_eq(b.len, 227);
	ck_assert_str_eq(asy_buf_cstr(&b),
					 "btauth/1\nsr25519\nPOST\n/generate?stream=false\n"
					 "341c57448e531310fbbe83f44cea2a5e838bd9e8a6b82b269f01d0dbbc23c3cc\n"
					 "1752076800000000000\n5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\n"
					 "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty");
	asy_buf_fini(&b);
}
END_TEST

static asy_btauth1_request example(void)
{
	return (asy_btauth1_request){.version = "1",
								 .hotkey = alice,
								 .receiver = bob,
								 .nonce = "1752076800000000000",
								 .signature = "0x549a95661d63847ef5146f6743dc9c8abf638457ff65ec9436"
											  "76c09742f99b0661b3925fa0d613ed41b13776"
											  "1d5a4d5173bb048c58c6478519e14583ac57ac8b",
								 .method = "POST",
								 .target = "/generate?stream=false",
								 .body = asy_span_str("{\"prompt\": \"hello\"}")};
}

static assay_status verify(const asy_btauth1_request *r, uint64_t now)
{
	uint8_t own[32], sender[32] = {0}, want[32];
	assay_err e;
	id_of(bob, own);
	id_of(alice, want);
	assay_status st = asy_btauth1_verify(r, own, now, NULL, NULL, sender, &e);
	if (st == ASSAY_OK)
		ck_assert_mem_eq(sender, want, 32);
	return st;
}

START_TEST(test_verify_when_published_signature_then_accepted)
{
	asy_btauth1_request r = example();
	ck_assert_int_eq(verify(&r, NOW), ASSAY_OK);
	ck_assert_int_eq(verify(&r, NOW + (uint64_t)10 * SECOND), ASSAY_OK);
	ck_assert_int_eq(verify(&r, NOW - (uint64_t)2 * SECOND), ASSAY_OK);
}
END_TEST

START_TEST(test_ed25519_when_published_example_then_same_signature)
{
	asy_key *k = key(ASY_KEY_ED25519, "//Alice");
	uint8_t id[32], sig[64];
	char address[ASY_SS58_LEN], hex[129];
	asy_buf b = {0};
	assay_err e;
	asy_key_public(k, id);
	asy_ss58_encode(id, address);
	ck_assert_str_eq(address, "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu");
	ck_ok(asy_btauth1_payload(ASY_KEY_ED25519, "POST", "/generate?stream=false",
							  asy_span_str("{\"prompt\": \"hello\"}"), NOW, address, bob, &b, &e),
		  e);
	ck_ok(asy_key_sign(k, b.ptr, b.len, NULL, sig, &e), e);
	asy_hex_encode(hex, sig, 64);
	ck_assert_str_eq(hex, "1a6b631988bf1f7ea093ab9d5acf61f05c316d0b0e428b24b487b75a5f6ee0e1a56a2691"
						  "8fdf871b6cf09437e6588023"
						  "a4ce423cf622621b2a7feee17612f704");
	asy_buf_fini(&b);
	asy_key_free(k);
}
END_TEST

START_TEST(test_verify_when_anything_is_altered_then_refused)
{
	asy_btauth1_request r = example();
	ck_assert_int_eq(verify(&r, NOW + (uint64_t)10 * SECOND + 1), ASSAY_E_REFUSED);
	ck_assert_int_eq(verify(&r, NOW - (uint64_t)2 * SECOND - 1), ASSAY_E_REFUSED);
	r.method = "PUT";
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_CRYPTO);
	r = example();
	r.target = "/generate";
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_CRYPTO);
	r = example();
	r.body = asy_span_str("{\"prompt\": \"hellO\"}");
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_CRYPTO);
	r = example();
	r.nonce = "1752076800000000001";
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_CRYPTO);
	r = example();
	r.hotkey = bob;
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_CRYPTO);
	r = example();
	r.receiver = alice;
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_REFUSED);
	r.receiver = NULL;
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_REFUSED);
}
END_TEST

START_TEST(test_verify_when_malformed_then_format)
{
	static const char *const nonces[] = {
		NULL, "", "0", "01752076800000000000", "-1", "1e18", "99999999999999999999999", " 1"};
	static const char *const signatures[] = {
		NULL, "", "0x", "549a",
		"0x549A95661d63847ef5146f6743dc9c8abf638457ff65ec943676c09742f99b0661b3925fa0d613ed41b13776"
		"1d5a4d5173bb048c58c6478519e14583ac57ac8b"};
	asy_btauth1_request r;
	for (size_t i = 0; i < ASY_COUNT(nonces); i++) {
		r = example();
		r.nonce = nonces[i];
		ck_assert_int_eq(verify(&r, NOW), ASSAY_E_FORMAT);
	}
	for (size_t i = 0; i < ASY_COUNT(signatures); i++) {
		r = example();
		r.signature = signatures[i];
		ck_assert_int_eq(verify(&r, NOW), ASSAY_E_FORMAT);
	}
	r = example();
	r.version = "2";
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_FORMAT);
	r = example();
	r.hotkey = "nobody";
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_FORMAT);
	r = example();
	r.target = "/a\nb";
	ck_assert_int_eq(verify(&r, NOW), ASSAY_E_FORMAT);
	ck_assert_int_eq(verify(&(asy_btauth1_request){0}, NOW), ASSAY_E_FORMAT);
}
END_TEST

START_TEST(test_replay_when_seen_then_refused_and_bounded)
{
	asy_replay *store = asy_replay_new(100);
	asy_key *k = key(ASY_KEY_SR25519, "//Alice");
	uint8_t own[32], sender[32], sig[64];
	asy_seeded_rng rng;
	assay_err e;
	id_of(bob, own);
	asy_seeded_rng_init(&rng, own);
	for (uint64_t i = 0; i < 250; i++) {
		char nonce[24], hex[131] = "0x";
		asy_buf b = {0};
		uint64_t at = NOW + i * (i < 150 ? 1 : SECOND);
		(void)snprintf(nonce, sizeof nonce, "%" PRIu64, at);
		ck_ok(asy_btauth1_payload(ASY_KEY_SR25519, "POST", "/", asy_span(NULL, 0), at, alice, bob,
								  &b, &e),
			  e);
		ck_ok(asy_key_sign(k, b.ptr, b.len, &rng.iface, sig, &e), e);
		asy_hex_encode(hex + 2, sig, 64);
		asy_buf_fini(&b);
		asy_btauth1_request r = {.version = "1",
								 .hotkey = alice,
								 .receiver = bob,
								 .nonce = nonce,
								 .signature = hex,
								 .method = "POST",
								 .target = "/"};
		assay_status st = asy_btauth1_verify(&r, own, at, NULL, store, sender, &e);
		/* the first 100 fill it within one window; later ones find the old gone */
		ck_assert_int_eq(st, i < 100 || i >= 150 ? ASSAY_OK : ASSAY_E_LIMIT);
		if (st == ASSAY_OK)
			ck_assert_int_eq(asy_btauth1_verify(&r, own, at, NULL, store, sender, &e),
							 ASSAY_E_REFUSED);
	}
	asy_key_free(k);
	asy_replay_free(store);
}
END_TEST

START_TEST(test_nonce_when_clock_stands_or_goes_back_then_still_increasing)
{
	asy_nonce n = {0};
	uint64_t a = asy_nonce_next(&n, 1000), b = asy_nonce_next(&n, 1000), c = asy_nonce_next(&n, 10),
			 d = asy_nonce_next(&n, 5000);
	ck_assert(a == 1000 && b == 1001 && c == 1002 && d == 5000);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_payload_when_published_example_then_equal);
	tcase_add_test(tc, test_verify_when_published_signature_then_accepted);
	tcase_add_test(tc, test_ed25519_when_published_example_then_same_signature);
	tcase_add_test(tc, test_verify_when_anything_is_altered_then_refused);
	tcase_add_test(tc, test_verify_when_malformed_then_format);
	tcase_add_test(tc, test_replay_when_seen_then_refused_and_bounded);
	tcase_add_test(tc, test_nonce_when_clock_stands_or_goes_back_then_still_increasing);
}

int main(void)
{
	return test_main("miner.btauth1", fill, 30);
}
