/* Golden suite `crypto`: sr25519, merlin, SS58, key files (chain/…) against what
 * other implementations computed. Reads the mnemonic word list from where the
 * Debian package python3-mnemonic puts it, or from ASSAY_WORDLIST. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "crypto/impl.h"
#include "golden/golden_crypto.h"

#define MESSAGE_MAX 65536

const char *gc_str(asy_jv v, const char *key)
{
	const char *s;
	return asy_jv_str(asy_jv_get(v, key), &s, NULL, NULL) == ASSAY_OK ? s : "";
}

bool gc_hex(asy_jv v, const char *key, uint8_t *dst, size_t len)
{
	return asy_hex_decode(gc_str(v, key), dst, len);
}

static void check(golden *g, bool good, const char *id, const char *what)
{
	if (good)
		golden_pass(g);
	else
		golden_fail(g, id, "%s", what);
}

/* The English word list, or NULL: then phrases other than the development one are skipped. */
static const asy_wordlist *wordlist(void)
{
	static asy_wordlist list;
	static char text[32768];
	static int state;
	const char *path = getenv("ASSAY_WORDLIST");
	if (state != 0)
		return state > 0 ? &list : NULL;
	FILE *f = fopen(
		path != NULL ? path : "/usr/lib/python3/dist-packages/mnemonic/wordlist/english.txt", "rb");
	size_t n = f != NULL ? fread(text, 1, sizeof text, f) : 0;
	if (f != NULL)
		(void)fclose(f);
	state = n != 0 && asy_wordlist_init(&list, asy_span(text, n), NULL) == ASSAY_OK ? 1 : -1;
	return state > 0 ? &list : NULL;
}

/* A key whose public half is compared; NULL-safe. */
static bool is_public(const asy_key *k, asy_jv v, const char *key)
{
	uint8_t want[32], got[32];
	if (k == NULL || !gc_hex(v, key, want, sizeof want))
		return false;
	asy_key_public(k, got);
	return memcmp(want, got, sizeof got) == 0;
}

/* ---- sr25519.json ---- */

static void run_derivation(golden *g, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		const char *uri = gc_str(c, "suri");
		char address[ASY_SS58_LEN] = "";
		uint8_t id[32];
		assay_err e = {0};
		asy_key *k = NULL;
		assay_status st = asy_key_from_uri_words(ASY_KEY_SR25519, uri, wordlist(), &k, &e);
		if (st == ASSAY_E_UNSUPPORTED) {
			golden_skip(g, 1, "no English word list");
			continue;
		}
		if (k != NULL) {
			asy_key_public(k, id);
			asy_ss58_encode(id, address);
		}
		if (is_public(k, c, "public_key") && strcmp(address, gc_str(c, "ss58")) == 0)
			golden_pass(g);
		else
			golden_fail(g, uri, "derivation: %s %s", address, e.msg);
		asy_key_free(k);
	}
}

static void run_junctions(golden *g, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i), steps = asy_jv_get(c, "junctions");
		const char *p = gc_str(c, "suri");
		p += strcspn(p, "/");
		size_t k = 0;
		bool good = true;
		while (*p == '/' && strncmp(p, "///", 3) != 0) {
			bool hard = p[1] == '/', want_hard = false;
			uint8_t want[32], got[32];
			p += hard ? 2 : 1;
			size_t n = strcspn(p, "/");
			asy_jv step = asy_jv_at(steps, k++);
			asy_junction_code(p, n, got);
			good = good && asy_jv_bool(asy_jv_get(step, "hard"), &want_hard, NULL) == ASSAY_OK &&
				   want_hard == hard && gc_hex(step, "chain_code", want, 32) &&
				   memcmp(want, got, 32) == 0;
			p += n;
		}
		check(g, good && k == asy_jv_size(steps), gc_str(c, "suri"), "junction chain codes differ");
	}
}

static void run_mini_secret(golden *g, asy_jv list)
{
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		const char *id = gc_str(c, "mini_secret");
		uint8_t mini[32], code[32], want[64], eight[64];
		asy_sr_secret s;
		asy_key *k = NULL;
		if (!gc_hex(c, "mini_secret", mini, 32) || !gc_hex(c, "chain_code", code, 32)) {
			golden_fail(g, id, "unreadable case");
			continue;
		}
		asy_sr_expand(mini, &s);
		check(g, gc_hex(c, "public_key", want, 32) && memcmp(want, s.public_key, 32) == 0, id,
			  "public key");
		check(g, gc_hex(c, "scalar_le", want, 32) && memcmp(want, s.scalar, 32) == 0, id, "scalar");
		check(g, gc_hex(c, "nonce", want, 32) && memcmp(want, s.nonce, 32) == 0, id, "nonce");
		/* both encodings of the 64-byte secret lead to the same key */
		bool both = gc_hex(c, "secret_key_64", eight, 64) &&
					asy_key_from_secret64(eight, s.public_key, &k, NULL) == ASSAY_OK;
		asy_key_free(k);
		k = NULL;
		memcpy(want, s.scalar, 32);
		memcpy(want + 32, s.nonce, 32);
		both = both && asy_key_from_secret64(want, s.public_key, &k, NULL) == ASSAY_OK;
		asy_key_free(k);
		check(g, both, id, "64-byte secrets");

		asy_sr_secret child = s;
		asy_sr_derive_hard(&child, code);
		check(g,
			  gc_hex(c, "hard_derived_public", want, 32) && memcmp(want, child.public_key, 32) == 0,
			  id, "hard child");
		child = s;
		asy_sr_derive_soft(&child, code);
		check(g,
			  gc_hex(c, "soft_derived_public", want, 32) && memcmp(want, child.public_key, 32) == 0,
			  id, "soft child");
	}
}

static void run_signatures(golden *g, asy_jv list, asy_key_scheme scheme)
{
	static uint8_t msg[MESSAGE_MAX];
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		const char *id = gc_str(c, "signature"), *hex = gc_str(c, "message");
		uint8_t public_key[32], sig[64];
		bool valid = true;
		long n = asy_hex_decode_any(hex, strlen(hex), msg, sizeof msg);
		(void)!asy_jv_bool(asy_jv_get(c, "valid"), &valid, NULL);
		if (n < 0 || !gc_hex(c, "public_key", public_key, 32)) {
			golden_fail(g, id, "unreadable case");
			continue;
		}
		bool shape = gc_hex(c, "signature", sig, 64);
		bool got = shape && asy_verify(scheme, public_key, msg, (size_t)n, sig);
		check(g, got == valid, id,
			  valid ? "valid signature refused" : "altered signature accepted");
	}
}

static void run_ed25519(golden *g, asy_jv list)
{
	static uint8_t msg[MESSAGE_MAX];
	run_signatures(g, list, ASY_KEY_ED25519);
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		const char *hex = gc_str(c, "message");
		uint8_t seed[32], want[64], got[64];
		asy_key *k = NULL;
		long n = asy_hex_decode_any(hex, strlen(hex), msg, sizeof msg);
		bool good = n >= 0 && gc_hex(c, "seed", seed, 32) && gc_hex(c, "signature", want, 64) &&
					asy_key_from_seed(ASY_KEY_ED25519, seed, &k, NULL) == ASSAY_OK &&
					is_public(k, c, "public_key") &&
					asy_key_sign(k, msg, (size_t)n, NULL, got, NULL) == ASSAY_OK &&
					memcmp(want, got, 64) == 0;
		check(g, good, gc_str(c, "seed"), "ed25519 signature differs");
		asy_key_free(k);
	}
}

typedef struct {
	asy_rng iface;
	uint8_t bytes[32];
} fixed_rng;

static void fixed_fill(asy_rng *r, void *dst, size_t len)
{
	memcpy(dst, ((fixed_rng *)r)->bytes, len);
}

static void run_deterministic(golden *g, asy_jv list)
{
	static uint8_t msg[MESSAGE_MAX];
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		const char *hex = gc_str(c, "message");
		uint8_t seed[32], want[64], got[64];
		fixed_rng rng = {.iface = {fixed_fill}};
		asy_key *k = NULL;
		long n = asy_hex_decode_any(hex, strlen(hex), msg, sizeof msg);
		bool good = n >= 0 && gc_hex(c, "mini_secret", seed, 32) &&
					gc_hex(c, "rng_32", rng.bytes, 32) && gc_hex(c, "signature", want, 64) &&
					asy_key_from_seed(ASY_KEY_SR25519, seed, &k, NULL) == ASSAY_OK &&
					asy_key_sign(k, msg, (size_t)n, &rng.iface, got, NULL) == ASSAY_OK &&
					memcmp(want, got, 64) == 0;
		check(g, good, gc_str(c, "mini_secret"), "deterministic signature differs");
		asy_key_free(k);
	}
}

static void run_mnemonics(golden *g, asy_jv list)
{
	if (wordlist() == NULL) {
		golden_skip(g, 2 * asy_jv_size(list), "no English word list");
		return;
	}
	for (size_t i = 0; i < asy_jv_size(list); i++) {
		asy_jv c = asy_jv_at(list, i);
		const char *password = gc_str(c, "password");
		char uri[1024];
		(void)snprintf(uri, sizeof uri, "%s%s%s", gc_str(c, "mnemonic"),
					   *password != '\0' ? "///" : "", password);
		for (unsigned ed = 0; ed < 2; ed++) {
			asy_key *k = NULL;
			assay_err e = {0};
			asy_key_scheme scheme = ed != 0 ? ASY_KEY_ED25519 : ASY_KEY_SR25519;
			assay_status st = asy_key_from_uri_words(scheme, uri, wordlist(), &k, &e);
			bool good =
				st == ASSAY_OK && is_public(k, c, ed != 0 ? "ed25519_public" : "sr25519_public");
			check(g, good, gc_str(c, "mini_secret"), st == ASSAY_OK ? "other key" : e.msg);
			asy_key_free(k);
		}
	}
}

static void run_sr25519(golden *g, asy_jv root)
{
	if (asy_crypto_init(NULL) != ASSAY_OK)
		golden_fail(g, NULL, "libsodium did not start");
	run_derivation(g, asy_jv_get(root, "derivation"));
	run_junctions(g, asy_jv_get(root, "junctions"));
	run_mini_secret(g, asy_jv_get(root, "mini_secret"));
	run_signatures(g, asy_jv_get(root, "signatures"), ASY_KEY_SR25519);
	run_signatures(g, asy_jv_get(root, "deterministic_signatures"), ASY_KEY_SR25519);
	run_deterministic(g, asy_jv_get(root, "deterministic_signatures"));
	run_ed25519(g, asy_jv_get(root, "ed25519"));
	run_mnemonics(g, asy_jv_get(root, "mnemonics"));
}

/* ---- merlin.json ---- */

static bool run_transcript(asy_jv c)
{
	asy_jv ops = asy_jv_get(c, "ops"), wants = asy_jv_get(c, "challenges");
	asy_merlin t = {{0}, 0, 0, 0};
	size_t asked = 0;
	for (size_t i = 0; i < asy_jv_size(ops); i++) {
		asy_jv op = asy_jv_at(ops, i);
		const char *name = gc_str(op, "op"), *label = gc_str(op, "label"),
				   *hex = gc_str(op, "message_hex");
		static uint8_t bytes[MESSAGE_MAX], want[MESSAGE_MAX];
		if (strcmp(name, "new") == 0) {
			asy_merlin_init(&t, label);
		} else if (strcmp(name, "append_message") == 0) {
			long n = asy_hex_decode_any(hex, strlen(hex), bytes, sizeof bytes);
			if (n < 0)
				return false;
			asy_merlin_append(&t, label, bytes, (size_t)n);
		} else {
			uint64_t len;
			if (strcmp(name, "challenge_bytes") != 0 ||
				asy_jv_u64(asy_jv_get(op, "len"), &len, NULL) != ASSAY_OK || len > sizeof bytes)
				return false;
			asy_merlin_challenge(&t, label, bytes, (size_t)len);
			if (!gc_hex(asy_jv_at(wants, asked++), "output", want, (size_t)len) ||
				memcmp(bytes, want, (size_t)len) != 0)
				return false;
		}
	}
	return asked > 0 && asked == asy_jv_size(wants);
}

static void run_merlin(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		check(g, run_transcript(c), gc_str(c, "name"), "challenge bytes differ");
	}
}

/* ---- ss58.json ---- */

static void run_ss58(golden *g, asy_jv root)
{
	asy_jv valid = asy_jv_get(root, "valid"), invalid = asy_jv_get(root, "invalid");
	for (size_t i = 0; i < asy_jv_size(valid); i++) {
		asy_jv c = asy_jv_at(valid, i);
		const char *address = gc_str(c, "address");
		uint8_t want[32], got[32];
		uint64_t prefix = 0;
		unsigned got_prefix = 0;
		char text[64] = "";
		bool good = gc_hex(c, "public_key", want, 32) &&
					asy_jv_u64(asy_jv_get(c, "prefix"), &prefix, NULL) == ASSAY_OK &&
					prefix <= ASY_SS58_PREFIX_MAX &&
					asy_ss58_encode_prefix(want, (unsigned)prefix, text, sizeof text) &&
					strcmp(text, address) == 0 &&
					asy_ss58_decode_prefix(address, got, &got_prefix, NULL) == ASSAY_OK &&
					got_prefix == prefix && memcmp(want, got, 32) == 0;
		assay_status st = asy_ss58_decode(address, got, NULL);
		good = good && (st == ASSAY_OK) == (prefix == ASY_SS58_PREFIX);
		check(g, good, gc_str(c, "name"), "address differs");
	}
	for (size_t i = 0; i < asy_jv_size(invalid); i++) {
		asy_jv c = asy_jv_at(invalid, i);
		uint8_t id[32];
		check(g, asy_ss58_decode(gc_str(c, "address"), id, NULL) != ASSAY_OK, gc_str(c, "name"),
			  "accepted an invalid address");
	}
}

/* ---- keyfile.json ---- */

static bool has_secret(assay_span text)
{
	static const char *const names[] = {"secretPhrase", "secretSeed", "privateKey"};
	asy_json *doc = NULL;
	bool found = false;
	if (asy_json_parse(text, NULL, &doc, NULL) != ASSAY_OK)
		return false;
	for (size_t i = 0; i < ASY_COUNT(names); i++)
		found = found || !asy_jv_is_null(asy_jv_get(asy_json_root(doc), names[i]));
	asy_json_free(doc);
	return found;
}

static void run_plain(golden *g, asy_jv c)
{
	asy_jv variants = asy_jv_get(c, "plain_variants");
	for (size_t i = 0; i < asy_jv_size(variants); i++) {
		const char *name = asy_jv_key(variants, i), *text = "";
		size_t len = 0;
		asy_key *k = NULL;
		(void)!asy_jv_str(asy_jv_value(variants, i), &text, &len, NULL);
		assay_err e = {0};
		assay_status st = asy_wallet_load(asy_span(text, len), NULL, wordlist(), &k, &e);
		/* No secret, no signing key: refused with a sentence, by design. */
		bool secret = has_secret(asy_span(text, len));
		if (st == ASSAY_E_UNSUPPORTED && wordlist() == NULL)
			golden_skip(g, 1, "no English word list");
		else
			check(g, secret ? is_public(k, c, "expected_public_key") : st == ASSAY_E_INPUT, name,
				  e.msg);
		asy_key_free(k);
	}
}

static void run_nacl(golden *g, asy_jv c)
{
	static uint8_t file[65536];
	const char *hex = gc_str(asy_jv_get(c, "nacl"), "file_hex");
	long n = asy_hex_decode_any(hex, strlen(hex), file, sizeof file);
	asy_key *k = NULL;
	assay_err e = {0};
	if (n < 0) {
		golden_fail(g, gc_str(c, "name"), "unreadable case");
		return;
	}
	assay_status st =
		asy_wallet_load(asy_span(file, (size_t)n), gc_str(c, "password"), wordlist(), &k, &e);
	check(g, st == ASSAY_OK && is_public(k, c, "expected_public_key"), gc_str(c, "name"), e.msg);
	asy_key_free(k);
}

static void run_legacy(golden *g, asy_jv c, const char *form)
{
	const char *text = gc_str(asy_jv_get(c, form), "file_text");
	asy_key *k = NULL;
	assay_err e = {0};
	if (*text == '\0')
		return;
	assay_status st =
		asy_wallet_load(asy_span_str(text), gc_str(c, "password"), wordlist(), &k, &e);
	check(g, st == ASSAY_OK && is_public(k, c, "expected_public_key"), form, e.msg);
	asy_key_free(k);
}

static void run_keyfile(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	if (asy_crypto_init(NULL) != ASSAY_OK)
		golden_fail(g, NULL, "libsodium did not start");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		run_plain(g, c);
		run_nacl(g, c);
		run_legacy(g, c, "ansible");
		run_legacy(g, c, "legacy_fernet");
	}
}

const golden_row golden_suite_crypto[] = {
	{NULL, "derivation.suri", run_sr25519},
	{NULL, "mini_secret.chain_code", run_sr25519},
	{NULL, "mnemonics.mnemonic", run_sr25519},
	{NULL, "signatures.mini_secret", run_sr25519},
	{NULL, "cases.ops cases.challenges", run_merlin},
	{NULL, "valid.address", run_ss58},
	{NULL, "invalid.address", run_ss58},
	{NULL, "cases.plain_variants", run_keyfile},
	{NULL, NULL, NULL},
};
