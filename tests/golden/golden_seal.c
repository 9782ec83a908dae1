/* Golden suite `seal`: BLS12-381, drand's quicknet and timelock commitments against what
 * @noble/curves and the chain's own Rust library computed. The arithmetic below points
 * (expansion, field, tower) is blst's own affair: the vectors see it through its results. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "golden/golden.h"
#include "seal/seal.h"

#define BYTES_MAX 16384u

static const char *str(asy_jv v, const char *key)
{
	const char *s;
	return asy_jv_str(asy_jv_get(v, key), &s, NULL, NULL) == ASSAY_OK ? s : "";
}

static bool hex(asy_jv v, const char *key, uint8_t *dst, size_t len)
{
	return asy_hex_decode(str(v, key), dst, len);
}

static uint64_t u64(asy_jv v, const char *key)
{
	uint64_t n = UINT64_MAX;
	return asy_jv_u64(asy_jv_get(v, key), &n, NULL) == ASSAY_OK ? n : UINT64_MAX;
}

/* Any bytes; in a static buffer of its own a key. */
static assay_span bytes_of(asy_jv v, const char *key, uint8_t buf[BYTES_MAX])
{
	const char *s = str(v, key);
	long n = asy_hex_decode_any(s, strlen(s), buf, BYTES_MAX);
	return asy_span(buf, n < 0 ? 0 : (size_t)n);
}

static void check(golden *g, bool good, const char *id, const char *what)
{
	if (good)
		golden_pass(g);
	else
		golden_fail(g, id, "%s", what);
}

static bool same_hex(asy_jv v, const char *key, const uint8_t *got, size_t len)
{
	uint8_t want[ASY_BLS_GT_LEN];
	return len <= sizeof want && hex(v, key, want, len) && memcmp(want, got, len) == 0;
}

/* ---- bls12-381.json ---- */

static bool is_point(asy_jv c, const uint8_t g2gen[ASY_BLS_KEY_LEN])
{
	uint8_t p[ASY_BLS_KEY_LEN], gt[ASY_BLS_GT_LEN];
	if (strcmp(str(c, "group"), "G2") == 0)
		return hex(c, "bytes", p, ASY_BLS_KEY_LEN) && asy_bls_check_key(p, NULL) == ASSAY_OK;
	return hex(c, "bytes", p, ASY_BLS_SIG_LEN) && asy_bls_pair(p, g2gen, gt, NULL) == ASSAY_OK;
}

static void run_points(golden *g, asy_jv list)
{
	asy_jv one = asy_jv_at(list, 0);
	uint8_t g1gen[ASY_BLS_SIG_LEN], g2gen[ASY_BLS_KEY_LEN];
	check(g, hex(one, "g1", g1gen, sizeof g1gen) && hex(one, "g2", g2gen, sizeof g2gen), "points",
		  "no generators");
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		uint8_t scalar[32], p[ASY_BLS_SIG_LEN], q[ASY_BLS_KEY_LEN], a[ASY_BLS_GT_LEN],
			b[ASY_BLS_GT_LEN];
		check(g,
			  hex(c, "scalar_be", scalar, 32) && asy_bls_public(scalar, q, NULL) == ASSAY_OK &&
				  same_hex(c, "g2", q, sizeof q),
			  str(c, "scalar_be"), "the multiple in G2 differs");
		check(g,
			  hex(c, "g1", p, sizeof p) && asy_bls_pair(p, g2gen, a, NULL) == ASSAY_OK &&
				  asy_bls_pair(g1gen, q, b, NULL) == ASSAY_OK && memcmp(a, b, sizeof a) == 0,
			  str(c, "scalar_be"), "the multiple in G1 is another");
	}
}

static void run_bls(golden *g, asy_jv root)
{
	asy_jv list = asy_jv_get(root, "hash_to_g1"), points = asy_jv_get(root, "points");
	uint8_t msg[32], out[ASY_BLS_GT_LEN], p[ASY_BLS_SIG_LEN], q[ASY_BLS_KEY_LEN];
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		asy_beacon_message(u64(c, "round"), msg);
		asy_bls_hash(asy_span(msg, sizeof msg), p);
		check(g, same_hex(c, "message", msg, 32) && same_hex(c, "h", p, sizeof p),
			  str(c, "message"), "the point differs");
	}
	run_points(g, points);
	list = asy_jv_get(root, "pairings");
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		check(g,
			  hex(c, "g1", p, sizeof p) && hex(c, "g2", q, sizeof q) &&
				  asy_bls_pair(p, q, out, NULL) == ASSAY_OK &&
				  same_hex(c, "gt_ark_le", out, sizeof out),
			  str(c, "a_be"), "the pairing differs");
	}
	list = asy_jv_get(root, "h3");
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		uint8_t both[64], r[32], whole[ASY_BLS_KEY_LEN];
		bool good =
			hex(c, "sigma", both, 32) && hex(c, "esk", both + 32, 32) && hex(c, "r_be", r, 32);
		asy_sha256(both, sizeof both, msg);
		check(g,
			  good && same_hex(c, "sha256", msg, 32) &&
				  asy_bls_public(msg, whole, NULL) == ASSAY_OK &&
				  asy_bls_public(r, q, NULL) == ASSAY_OK && memcmp(whole, q, sizeof q) == 0,
			  str(c, "sigma"), "the scalar is reduced to another");
	}
	list = asy_jv_get(root, "encodings");
	uint8_t g2gen[ASY_BLS_KEY_LEN];
	(void)hex(asy_jv_at(points, 0), "g2", g2gen, sizeof g2gen);
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		bool valid = false; /* infinity is neither: no key and no signature */
		(void)!asy_jv_bool(asy_jv_get(c, "valid"), &valid, NULL);
		check(g, is_point(c, g2gen) == valid, str(c, "name"), "taken for the opposite");
	}
}

/* ---- drand-quicknet.json ---- */

static void run_pulses(golden *g, asy_jv list, bool valid)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		uint8_t sig[ASY_BLS_SIG_LEN], msg[32], h[ASY_BLS_SIG_LEN], random[32];
		asy_beacon_message(u64(c, "round"), msg);
		bool shape = hex(c, "signature", sig, sizeof sig);
		bool good =
			shape && asy_bls_verify(asy_quicknet_key, asy_span(msg, sizeof msg), sig) == valid;
		if (valid) {
			asy_bls_hash(asy_span(msg, sizeof msg), h);
			asy_sha256(sig, sizeof sig, random);
			good = good && same_hex(c, "identity", msg, 32) &&
				   same_hex(c, "h_of_identity_g1", h, sizeof h) &&
				   same_hex(c, "randomness", random, 32);
		}
		check(g, good, str(c, "signature"), valid ? "a pulse differs" : "a false pulse is taken");
	}
}

static void run_quicknet(golden *g, asy_jv root)
{
	asy_jv chain = asy_jv_get(root, "chain"), list = asy_jv_get(root, "identities"),
		   gt = asy_jv_get(root, "gt");
	uint8_t msg[32], h[ASY_BLS_SIG_LEN], one[32] = {0}, out[ASY_BLS_GT_LEN];
	check(g,
		  same_hex(chain, "public_key", asy_quicknet_key, ASY_BLS_KEY_LEN) &&
			  asy_bls_check_key(asy_quicknet_key, NULL) == ASSAY_OK,
		  "chain", "the public key differs");
	run_pulses(g, asy_jv_get(root, "pulses"), true);
	run_pulses(g, asy_jv_get(root, "invalid_pulses"), false);
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		asy_beacon_message(u64(c, "round"), msg);
		asy_bls_hash(asy_span(msg, sizeof msg), h);
		check(g, same_hex(c, "identity", msg, 32) && same_hex(c, "q_id_compressed", h, sizeof h),
			  str(c, "identity"), "the identity differs");
	}
	asy_beacon_message(1000, msg);
	one[31] = 1;
	check(g,
		  asy_bls_pair_hash(asy_span(msg, sizeof msg), one, asy_quicknet_key, out, NULL) ==
				  ASSAY_OK &&
			  same_hex(gt, "e_qid1000_pk_ark_le", out, sizeof out),
		  "gt", "the pairing with the public key differs");
}

/* ---- timelock.json ---- */

static void run_payloads(golden *g, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		static uint8_t buf[BYTES_MAX];
		asy_jv c = asy_jv_at(list, i), uids = asy_jv_get(c, "uids"),
			   values = asy_jv_get(c, "values");
		assay_span scale = bytes_of(c, "scale", buf);
		uint16_t u[2048], v[2048];
		size_t n = asy_jv_size(uids);
		asy_seal_input in = {.uids = u, .values = v, .n = n};
		asy_timelock_vector back = {0};
		asy_buf out = {0};
		bool has_hotkey = hex(c, "hotkey", in.hotkey.b, 32);
		bool good = n <= ASY_COUNT(u) && asy_jv_size(values) == n &&
					asy_str_u64(str(c, "version_key"), &in.version_key);
		for (size_t k = 0; k < n && good; k++)
			good = asy_jv_u16(asy_jv_at(uids, k), &u[k], NULL) == ASSAY_OK &&
				   asy_jv_u16(asy_jv_at(values, k), &v[k], NULL) == ASSAY_OK;
		good = good && asy_timelock_payload(&in, &out, NULL) == ASSAY_OK &&
			   (!has_hotkey || asy_span_eq(asy_buf_span(&out), scale)) &&
			   asy_timelock_vector_read(scale, &back, NULL) == ASSAY_OK &&
			   back.has_hotkey == has_hotkey && asy_account_eq(&back.hotkey, &in.hotkey) &&
			   back.version_key == in.version_key && back.uids.len == 2 * n &&
			   back.values.len == 2 * n;
		for (size_t k = 0; k < n && good; k++)
			good = asy_get_u16le(back.uids.ptr + 2 * k) == u[k] &&
				   asy_get_u16le(back.values.ptr + 2 * k) == v[k];
		check(g, good, str(c, "name"), "the payload differs");
		asy_buf_fini(&out);
	}
}

/* Ciphertexts of the Rust library; what we encrypt from the same secrets is compared too. */
static void run_theirs(golden *g, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		static uint8_t sealed_buf[BYTES_MAX], plain_buf[BYTES_MAX];
		asy_jv c = asy_jv_at(list, i);
		assay_span sealed = bytes_of(c, "ciphertext", sealed_buf),
				   plain = bytes_of(c, "plaintext", plain_buf);
		uint8_t sig[ASY_BLS_SIG_LEN];
		asy_buf out = {0};
		assay_err e = {0};
		check(g,
			  sealed.len == plain.len + ASY_TIMELOCK_OVERHEAD &&
				  hex(c, "signature", sig, sizeof sig) &&
				  asy_timelock_open(sealed, sig, &out, &e) == ASSAY_OK &&
				  asy_span_eq(asy_buf_span(&out), plain),
			  str(c, "name"), e.msg[0] != '\0' ? e.msg : "opens to other bytes");
		asy_buf_fini(&out);
	}
}

static void run_ours(golden *g, asy_jv list, const char *test_key)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		static uint8_t sealed_buf[BYTES_MAX], plain_buf[BYTES_MAX];
		asy_jv c = asy_jv_at(list, i);
		assay_span sealed = bytes_of(c, "ciphertext", sealed_buf),
				   plain = bytes_of(c, "plaintext", plain_buf);
		bool test = strstr(str(c, "name"), "testbeacon") != NULL;
		uint8_t key[ASY_BLS_KEY_LEN];
		asy_timelock_secret s;
		asy_buf out = {0};
		assay_err e = {0};
		memcpy(key, asy_quicknet_key, sizeof key);
		bool good = (!test || asy_hex_decode(test_key, key, sizeof key)) &&
					hex(c, "esk", s.esk, 32) && hex(c, "sigma", s.sigma, 32) &&
					hex(c, "nonce", s.nonce, sizeof s.nonce) &&
					asy_timelock_encrypt(key, u64(c, "round"), &s, plain, &out, &e) == ASSAY_OK &&
					asy_span_eq(asy_buf_span(&out), sealed);
		check(g, good, str(c, "name"), e.msg[0] != '\0' ? e.msg : "another ciphertext");
		asy_buf_fini(&out);
	}
}

static void run_negative(golden *g, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		static uint8_t sealed_buf[BYTES_MAX], plain_buf[BYTES_MAX];
		asy_jv c = asy_jv_at(list, i), theirs = asy_jv_get(c, "reference_result");
		assay_span sealed = bytes_of(c, "ciphertext", sealed_buf),
				   plain = bytes_of(theirs, "plaintext", plain_buf);
		uint8_t sig[ASY_BLS_SIG_LEN];
		bool opens = false;
		asy_buf out = {0};
		(void)!asy_jv_bool(asy_jv_get(theirs, "ok"), &opens, NULL);
		bool shape = hex(c, "signature", sig, sizeof sig);
		bool opened = shape && asy_timelock_open(sealed, sig, &out, NULL) == ASSAY_OK;
		check(g, opened == opens && (!opens || asy_span_eq(asy_buf_span(&out), plain)),
			  str(c, "name"), opens ? "is refused" : "is taken");
		asy_buf_fini(&out);
	}
}

static void run_timelock(golden *g, asy_jv root)
{
	asy_jv beacon = asy_jv_get(root, "test_beacon");
	check(g,
		  same_hex(beacon, "public_key", asy_test_beacon_key, ASY_BLS_KEY_LEN) &&
			  same_hex(beacon, "secret_key_be", asy_test_beacon_secret, 32),
		  "test_beacon", "the keys differ");
	run_payloads(g, asy_jv_get(root, "payloads"));
	run_theirs(g, asy_jv_get(root, "real"));
	run_theirs(g, asy_jv_get(root, "test_beacon_real"));
	run_theirs(g, asy_jv_get(root, "deterministic"));
	run_ours(g, asy_jv_get(root, "deterministic"), str(beacon, "public_key"));
	run_negative(g, asy_jv_get(root, "negative"));
}

const golden_row golden_suite_seal[] = {
	{NULL, "hash_to_g1", run_bls},
	{NULL, "pairings.gt_ark_le", run_bls},
	{NULL, "encodings.group", run_bls},
	{NULL, "pulses.signature", run_quicknet},
	{NULL, "chain.public_key", run_quicknet},
	{NULL, "payloads.version_key", run_timelock},
	{NULL, "real.ciphertext", run_timelock},
	{NULL, "deterministic.ciphertext", run_timelock},
	{NULL, "negative.ciphertext", run_timelock},
	{NULL, NULL, NULL},
};
