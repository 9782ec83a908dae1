/* Crypto: properties and published constants. The vectors of other
 * implementations are run by the golden suite `crypto`. */
#include "crypto/impl.h"
#include "support/test.h"

static void setup(void)
{
	assay_err e;
	ck_ok(asy_crypto_init(&e), e);
}

static void ck_hex(const uint8_t *got, size_t len, const char *want)
{
	char text[129];
	asy_hex_encode(text, got, len);
	ck_assert_str_eq(text, want);
}

/* Merlin transcripts use Keccak-f alone. SHA3-256 over it has published digests. */
static void sha3_256(const void *data, size_t len, uint8_t out[32])
{
	enum { RATE = 136 };
	uint8_t state[ASY_KECCAK_LEN] = {0};
	const uint8_t *p = data;

	for (; len >= RATE; p += RATE, len -= RATE) {
		for (size_t i = 0; i < RATE; i++)
			state[i] ^= p[i];
		asy_keccak_f1600(state);
	}
	for (size_t i = 0; i < len; i++)
		state[i] ^= p[i];
	state[len] ^= 0x06;
	state[RATE - 1] ^= 0x80;
	asy_keccak_f1600(state);
	memcpy(out, state, 32);
}

START_TEST(test_hashes_when_known_input_then_published_digest)
{
	uint8_t d[64];
	setup();
	sha3_256("", 0, d);
	ck_hex(d, 32, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
	sha3_256("abc", 3, d);
	ck_hex(d, 32, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
	asy_sha256("abc", 3, d);
	ck_hex(d, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	asy_blake2b("", 0, d, 32);
	ck_hex(d, 32, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
	asy_twox("System", 6, d, 2);
	ck_hex(d, 16, "26aa394eea5630e07c48ae0c9558cef7");
	asy_twox("Account", 7, d, 2);
	ck_hex(d, 16, "b99d880ec681799c0cf30e8886371da9");
}
END_TEST

START_TEST(test_sha3_when_length_around_the_rate_then_as_published)
{
	/* 135, 136 and 137 bytes of 'a' meet the padding in one byte, a block of its
	 * own, and the ordinary case. Digests from Python's hashlib. */
	static const char *const want[3] = {
		"8094bb53c44cfb1e67b7c30447f9a1c33696d2463ecc1d9c92538913392843c9",
		"3fc5559f14db8e453a0a3091edbd2bc25e11528d81c66fa570a4efdcc2695ee1",
		"f8d6846cedd2ccfadf15c5879ef95af724d799eed7391fb1c91f95344e738614"};
	char a[137];
	uint8_t d[32];
	memset(a, 'a', sizeof a);
	for (size_t i = 0; i < 3; i++) {
		sha3_256(a, 135 + i, d);
		ck_hex(d, 32, want[i]);
	}
}
END_TEST

START_TEST(test_blake2b_when_in_pieces_then_same)
{
	uint8_t a[32], b[32], data[1000];
	asy_blake2b_state s;
	test_rng r = {test_seed()};
	setup();
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)test_next(&r);
	asy_blake2b(data, sizeof data, a, 32);
	asy_blake2b_init(&s, 32);
	for (size_t at = 0; at < sizeof data;) {
		size_t n = 1 + test_below(&r, 200);
		n = n < sizeof data - at ? n : sizeof data - at;
		asy_blake2b_update(&s, data + at, n);
		at += n;
	}
	asy_blake2b_final(&s, b, 32);
	ck_assert_mem_eq(a, b, 32);
}
END_TEST

START_TEST(test_sign_when_any_key_then_verifies_and_altered_does_not)
{
	test_rng r = {test_seed()};
	asy_seeded_rng rng;
	uint8_t seed[32] = {7};
	assay_err e;
	setup();
	asy_seeded_rng_init(&rng, seed);
	for (unsigned i = 0; i < 60; i++) {
		asy_key *k = NULL;
		uint8_t id[32], sig[64], msg[300];
		size_t n = test_below(&r, sizeof msg);
		asy_key_scheme scheme = i % 2 != 0 ? ASY_KEY_ED25519 : ASY_KEY_SR25519;
		rng.iface.fill(&rng.iface, seed, sizeof seed);
		rng.iface.fill(&rng.iface, msg, sizeof msg);
		ck_ok(asy_key_from_seed(scheme, seed, &k, &e), e);
		ck_assert_int_eq(asy_key_kind(k), scheme);
		asy_key_public(k, id);
		ck_ok(asy_key_sign(k, msg, n, &rng.iface, sig, &e), e);
		ck_assert(asy_verify(scheme, id, msg, n, sig));
		ck_assert(!asy_verify(scheme == ASY_KEY_ED25519 ? ASY_KEY_SR25519 : ASY_KEY_ED25519, id,
							  msg, n, sig));
		size_t bit = test_below(&r, 512);
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(!asy_verify(scheme, id, msg, n, sig));
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		id[test_below(&r, 32)] ^= 1;
		ck_assert(!asy_verify(scheme, id, msg, n, sig));
		asy_key_free(k);
	}
}
END_TEST

START_TEST(test_verify_when_key_or_scalar_is_degenerate_then_refused)
{
	static const uint8_t zero[32];
	uint8_t sig[64] = {0}, id[32];
	assay_err e;
	asy_key *k = NULL;
	setup();
	sig[63] = 0x80;
	/* identity as key, zero as scalar: the equation would hold */
	ck_assert(!asy_verify(ASY_KEY_SR25519, zero, "m", 1, sig));
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//Alice", &k, &e), e);
	asy_key_public(k, id);
	memset(sig + 32, 0xff, 32);
	ck_assert(!asy_verify(ASY_KEY_SR25519, id, "m", 1, sig));
	asy_key_free(k);
}
END_TEST

/* The short form takes its seed from a constant, the phrase in full is stretched. */
START_TEST(test_uri_when_the_phrase_is_left_out_then_the_same_key_as_with_it)
{
	static const char *const tails[] = {"//Alice", "//Miner//text//3", "/soft", "//a///secret"};
	assay_err e;
	setup();
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		char full[160];
		uint8_t a[32], b[32];
		asy_key *k = NULL;
		(void)snprintf(full, sizeof full,
					   "bottom drive obey lake curtain smoke basket hold race lonely fit walk%s",
					   tails[i]);
		ck_ok(asy_key_from_uri(ASY_KEY_SR25519, tails[i], &k, &e), e);
		asy_key_public(k, a);
		asy_key_free(k);
		ck_ok(asy_key_from_uri(ASY_KEY_SR25519, full, &k, &e), e);
		asy_key_public(k, b);
		asy_key_free(k);
		ck_assert_mem_eq(a, b, sizeof a);
	}
}
END_TEST

START_TEST(test_uri_when_malformed_then_refused_without_echo)
{
	static const struct {
		const char *uri;
		assay_status st;
	} bad[] = {
		{"0x1234", ASSAY_E_INPUT},
		{"0xzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", ASSAY_E_INPUT},
		{"//Alice//", ASSAY_E_INPUT},
		{"//", ASSAY_E_INPUT},
		{"0x0000000000000000000000000000000000000000000000000000000000000001///pw", ASSAY_E_INPUT},
		{"zebra zebra zebra", ASSAY_E_UNSUPPORTED}};
	setup();
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		asy_key *k = NULL;
		assay_err e = {0};
		ck_assert_int_eq(asy_key_from_uri(ASY_KEY_SR25519, bad[i].uri, &k, &e), bad[i].st);
		ck_assert_ptr_null(k);
		ck_assert_ptr_null(strstr(e.msg, "zebra"));
	}
	asy_key *k = NULL;
	assay_err e;
	ck_assert_int_eq(asy_key_from_uri(ASY_KEY_ED25519, "//a/b", &k, &e), ASSAY_E_INPUT);
}
END_TEST

START_TEST(test_soft_child_when_made_twice_then_signs_as_itself)
{
	asy_key *a = NULL, *b = NULL;
	uint8_t x[32], y[32], sig[64];
	assay_err e;
	asy_seeded_rng rng;
	setup();
	asy_seeded_rng_init(&rng, (const uint8_t[32]){1});
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//Alice/soft", &a, &e), e);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//Alice/soft", &b, &e), e);
	asy_key_derive(a, "label", x);
	asy_key_derive(b, "label", y);
	ck_assert_mem_eq(x, y, 32);
	asy_key_derive(b, "other", y);
	ck_assert(memcmp(x, y, 32) != 0);
	asy_key_public(a, x);
	ck_ok(asy_key_sign(a, "hi", 2, &rng.iface, sig, &e), e);
	ck_assert(asy_verify(ASY_KEY_SR25519, x, "hi", 2, sig));
	asy_key_free(a);
	asy_key_free(b);
}
END_TEST

START_TEST(test_seeded_rng_when_read_in_pieces_then_same_stream)
{
	asy_seeded_rng a, b;
	uint8_t x[2000], y[2000];
	test_rng r = {test_seed()};
	asy_seeded_rng_init(&a, (const uint8_t[32]){0});
	asy_seeded_rng_init(&b, (const uint8_t[32]){0});
	a.iface.fill(&a.iface, x, sizeof x);
	for (size_t at = 0; at < sizeof y;) {
		size_t n = test_below(&r, 300);
		n = n < sizeof y - at ? n : sizeof y - at;
		b.iface.fill(&b.iface, y + at, n);
		at += n;
	}
	ck_assert_mem_eq(x, y, sizeof x);
	/* ChaCha20, key and nonce zero: the published first block */
	ck_hex(x, 32, "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7");
}
END_TEST

START_TEST(test_sealed_when_too_short_or_long_then_refused_before_work)
{
	uint8_t *plain = NULL, junk[40] = {0};
	size_t n;
	assay_err e;
	setup();
	ck_assert_int_eq(asy_sealed_open(asy_span(junk, 39), "x", &plain, &n, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(asy_sealed_open(asy_span(junk, (size_t)1 << 40), "x", &plain, &n, &e),
					 ASSAY_E_FORMAT);
	ck_assert_ptr_null(plain);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_hashes_when_known_input_then_published_digest);
	tcase_add_test(tc, test_sha3_when_length_around_the_rate_then_as_published);
	tcase_add_test(tc, test_blake2b_when_in_pieces_then_same);
	tcase_add_test(tc, test_sign_when_any_key_then_verifies_and_altered_does_not);
	tcase_add_test(tc, test_verify_when_key_or_scalar_is_degenerate_then_refused);
	tcase_add_test(tc, test_uri_when_the_phrase_is_left_out_then_the_same_key_as_with_it);
	tcase_add_test(tc, test_uri_when_malformed_then_refused_without_echo);
	tcase_add_test(tc, test_soft_child_when_made_twice_then_signs_as_itself);
	tcase_add_test(tc, test_seeded_rng_when_read_in_pieces_then_same_stream);
	tcase_add_test(tc, test_sealed_when_too_short_or_long_then_refused_before_work);
}

int main(void)
{
	return test_main("crypto", fill, 30);
}
