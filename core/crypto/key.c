/* Keys: where secrets live. A key is one allocation in locked, guarded pages,
 * read-only once made, cleared on free; no function returns secret bytes. Secret
 * URIs are parsed here so that their parts stay in this file. */
#include <sodium.h>
#include "crypto/impl.h"

struct asy_key {
	asy_key_scheme scheme;
	asy_sr_secret sr;    /* sr25519; for ed25519 only public_key is used */
	uint8_t ed_seed[32]; /* ed25519 */
	uint8_t ed_pair[crypto_sign_SECRETKEYBYTES];
};

static asy_key *key_new(asy_key_scheme scheme, assay_err *err)
{
	asy_key *k = sodium_malloc(sizeof *k);
	if (k == NULL) {
		(void)ASSAY_FAIL(err, E_NOMEM, "locked memory for a key");
		return NULL;
	}
	memset(k, 0, sizeof *k);
	k->scheme = scheme;
	return k;
}

static void key_seal(asy_key *k, asy_key **out)
{
	(void)sodium_mprotect_readonly(k);
	*out = k;
}

void asy_key_free(asy_key *k)
{
	sodium_free(k);
}
asy_key_scheme asy_key_kind(const asy_key *k)
{
	return k->scheme;
}
void asy_key_public(const asy_key *k, uint8_t out[32])
{
	memcpy(out, k->sr.public_key, 32);
}

static void set_seed(asy_key *k, const uint8_t seed[32])
{
	if (k->scheme == ASY_KEY_SR25519) {
		asy_sr_expand(seed, &k->sr);
		return;
	}
	memcpy(k->ed_seed, seed, 32);
	(void)crypto_sign_seed_keypair(k->sr.public_key, k->ed_pair, seed);
}

assay_status asy_key_from_seed(asy_key_scheme scheme, const uint8_t seed[32], asy_key **out,
							   assay_err *err)
{
	asy_key *k = key_new(scheme, err);
	if (k == NULL)
		return ASSAY_E_NOMEM;
	set_seed(k, seed);
	key_seal(k, out);
	return ASSAY_OK;
}

assay_status asy_key_from_secret64(const uint8_t secret[64], const uint8_t public_key[32],
								   asy_key **out, assay_err *err)
{
	asy_key *k = key_new(ASY_KEY_SR25519, err);
	if (k == NULL)
		return ASSAY_E_NOMEM;
	memcpy(k->sr.scalar, secret, 32);
	memcpy(k->sr.nonce, secret + 32, 32);
	bool found = asy_sr_public(k->sr.scalar, k->sr.public_key) &&
				 memcmp(k->sr.public_key, public_key, 32) == 0;
	if (!found && (secret[0] & 7) == 0) {
		for (size_t i = 0; i < 32; i++)
			k->sr.scalar[i] = (uint8_t)(secret[i] >> 3 | (i < 31 ? secret[i + 1] << 5 : 0));
		found = asy_sr_public(k->sr.scalar, k->sr.public_key) &&
				memcmp(k->sr.public_key, public_key, 32) == 0;
	}
	if (!found) {
		asy_key_free(k);
		return ASSAY_FAIL(err, E_CRYPTO, "the secret key does not belong to the public key");
	}
	key_seal(k, out);
	return ASSAY_OK;
}

/* ---- secret URIs ---- */

void asy_junction_code(const char *text, size_t len, uint8_t code[32])
{
	uint64_t number;
	char digits[24];

	memset(code, 0, 32);
	if (len < sizeof digits) {
		memcpy(digits, text, len);
		digits[len] = '\0';
		if (asy_str_u64(digits, &number)) {
			asy_put_u64le(code, number);
			return;
		}
	}
	/* SCALE string: compact length, bytes. Up to 63 one byte, to 16383 two, else four. */
	uint8_t head[4];
	size_t head_len = len <= 0x3f ? 1 : len <= 0x3fff ? 2 : 4;
	asy_put_u32le(head, (uint32_t)(len << 2 | (head_len == 1 ? 0 : head_len == 2 ? 1 : 2)));
	if (head_len + len <= 32) {
		memcpy(code, head, head_len);
		memcpy(code + head_len, text, len);
		return;
	}
	crypto_generichash_state h;
	(void)crypto_generichash_init(&h, NULL, 0, 32);
	(void)crypto_generichash_update(&h, head, head_len);
	(void)crypto_generichash_update(&h, (const uint8_t *)text, len);
	(void)crypto_generichash_final(&h, code, 32);
}

static void ed_derive_hard(asy_key *k, const uint8_t code[32])
{
	static const char label[] = "\x2c"
								"Ed25519HDKD"; /* with its SCALE length, 11 << 2 */
	uint8_t seed[32];
	crypto_generichash_state h;
	(void)crypto_generichash_init(&h, NULL, 0, sizeof seed);
	(void)crypto_generichash_update(&h, (const uint8_t *)label, sizeof label - 1);
	(void)crypto_generichash_update(&h, k->ed_seed, 32);
	(void)crypto_generichash_update(&h, code, 32);
	(void)crypto_generichash_final(&h, seed, sizeof seed);
	set_seed(k, seed);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(&h, sizeof h);
}

/* Walks "//hard/soft//..." from p to end, deriving in place. */
static assay_status derive_path(asy_key *k, const char *p, const char *end, assay_err *err)
{
	while (p < end) {
		bool hard = end - p >= 2 && p[1] == '/';
		uint8_t code[32];
		p += hard ? 2 : 1;
		const char *start = p;
		while (p < end && *p != '/')
			p++;
		if (p == start)
			return ASSAY_FAIL(err, E_INPUT, "the secret URI has an empty junction");
		asy_junction_code(start, (size_t)(p - start), code);
		if (k->scheme == ASY_KEY_SR25519 && hard)
			asy_sr_derive_hard(&k->sr, code);
		else if (k->scheme == ASY_KEY_SR25519)
			asy_sr_derive_soft(&k->sr, code);
		else if (hard)
			ed_derive_hard(k, code);
		else
			return ASSAY_FAIL(err, E_INPUT,
							  "ed25519 keys have no soft derivation; write // in the URI");
	}
	return ASSAY_OK;
}

static assay_status uri_seed(const char *phrase, size_t len, const char *password,
							 const asy_wordlist *words, uint8_t mini[32], assay_err *err)
{
	char hex[67];
	if (len < 2 || phrase[0] != '0' || phrase[1] != 'x')
		return asy_mnemonic_seed(phrase, len, password != NULL ? password : "", words, mini, err);
	if (len != 66)
		return ASSAY_FAIL(err, E_INPUT, "a 0x seed in a secret URI has 64 hex digits, not %zu",
						  len - 2);
	if (password != NULL)
		return ASSAY_FAIL(err, E_INPUT, "a password (///) belongs to a phrase, not to a 0x seed");
	memcpy(hex, phrase, len);
	hex[len] = '\0';
	bool good = asy_hex_decode(hex, mini, 32);
	sodium_memzero(hex, sizeof hex);
	return good ? ASSAY_OK : ASSAY_FAIL(err, E_INPUT, "the 0x seed in the secret URI is not hex");
}

assay_status asy_key_from_uri_words(asy_key_scheme scheme, const char *uri,
									const asy_wordlist *words, asy_key **out, assay_err *err)
{
	if (strnlen(uri, ASY_URI_MAX + 1) > ASY_URI_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "the secret URI is longer than %d bytes", ASY_URI_MAX);
	size_t phrase_len = strcspn(uri, "/");
	const char *path = uri + phrase_len;
	const char *password = strstr(path, "///");
	const char *path_end = password != NULL ? password : path + strlen(path);
	uint8_t mini[32];

	if (password != NULL)
		password += 3;
	assay_status st = uri_seed(uri, phrase_len, password, words, mini, err);
	if (st != ASSAY_OK)
		return st;
	asy_key *k = key_new(scheme, err);
	if (k == NULL) {
		st = ASSAY_E_NOMEM;
	} else {
		set_seed(k, mini);
		st = derive_path(k, path, path_end, err);
	}
	sodium_memzero(mini, sizeof mini);
	if (st == ASSAY_OK)
		key_seal(k, out);
	else
		asy_key_free(k);
	return st;
}

assay_status asy_key_from_uri(asy_key_scheme scheme, const char *uri, asy_key **out, assay_err *err)
{
	return asy_key_from_uri_words(scheme, uri, NULL, out, err);
}

/* ---- use ---- */

void asy_key_derive(const asy_key *k, const char *label, uint8_t out[32])
{
	const uint8_t *secret = k->scheme == ASY_KEY_SR25519 ? k->sr.scalar : k->ed_seed;
	/* Keyed BLAKE2b is a pseudo-random function of the label. */
	(void)crypto_generichash(out, 32, (const uint8_t *)label, strlen(label), secret, 32);
}

assay_status asy_key_sign(const asy_key *k, const void *msg, size_t len, asy_rng *rng,
						  uint8_t sig[64], assay_err *err)
{
	if (len > UINT32_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a message of %zu bytes cannot be signed", len);
	if (k->scheme == ASY_KEY_SR25519) {
		uint8_t random[32];
		rng->fill(rng, random, sizeof random);
		asy_sr_sign(&k->sr, msg, len, random, sig);
		sodium_memzero(random, sizeof random);
	} else {
		(void)crypto_sign_detached(sig, NULL, msg, len, k->ed_pair);
	}
	return ASSAY_OK;
}

bool asy_verify(asy_key_scheme scheme, const uint8_t public_key[32], const void *msg, size_t len,
				const uint8_t sig[64])
{
	if (len > UINT32_MAX)
		return false;
	if (scheme == ASY_KEY_SR25519)
		return asy_sr_verify(public_key, msg, len, sig);
	return crypto_sign_verify_detached(sig, msg, len, public_key) == 0;
}
