/* crypto: hashes, sr25519, BLS12-381, AES-GCM, seeded randomness. The only user of
 * libsodium, blst and OpenSSL's libcrypto.
 * Nothing here formats, parses files or stores. The formulas are those of
 * w3f/schnorrkel, merlin and STROBE-128; vectors of other implementations prove
 * them (tests/golden/chain). */
#ifndef ASY_CRYPTO_H
#define ASY_CRYPTO_H
#include "base/base.h"

/* Must succeed once before anything else here; idempotent, any thread. */
assay_status asy_crypto_init(assay_err *err) ASSAY_CHECKED;

/* ---- hashes (hash.c) ---- */
/* BLAKE2b without key; out_len 16, 32 or 64 (any 16..64). */
void asy_blake2b(const void *data, size_t len, uint8_t *out, size_t out_len);
typedef struct {
	_Alignas(64) unsigned char opaque[384];
} asy_blake2b_state;
void asy_blake2b_init(asy_blake2b_state *s, size_t out_len);
void asy_blake2b_update(asy_blake2b_state *s, const void *data, size_t len);
void asy_blake2b_final(asy_blake2b_state *s, uint8_t *out, size_t out_len);
void asy_sha256(const void *data, size_t len, uint8_t out[32]);
/* words XXH64 with seeds 0,1,..: 1 = twox64, 2 = twox128, 4 = twox256. */
void asy_twox(const void *data, size_t len, uint8_t *out, unsigned words);

/* ---- sr25519 and ed25519 keys (sr25519.c, key.c) ----
 * A key lives in locked pages and is cleared on free. */
typedef enum { ASY_KEY_SR25519 = 1, ASY_KEY_ED25519 = 0 } asy_key_scheme; /* MultiSignature tag */
typedef struct asy_key asy_key;
assay_status asy_key_from_seed(asy_key_scheme scheme, const uint8_t seed[32], asy_key **out,
							   assay_err *err) ASSAY_CHECKED;
/* Secret URI: (phrase | 0xseed | nothing) ("//" hard | "/" soft)* ["///" password];
 * "//Alice" is the development key. Mnemonics by substrate-bip39. */
assay_status asy_key_from_uri(asy_key_scheme scheme, const char *uri, asy_key **out,
							  assay_err *err) ASSAY_CHECKED;
/* The same with the English word list. Without it only the development phrase is
 * known (ASSAY_E_UNSUPPORTED). The list is not part of this program: file is the
 * whole file, checked by digest, borrowed while the list is used. */
#define ASY_WORDLIST_WORDS 2048
#define ASY_URI_MAX 4096
typedef struct {
	const char *text;
	uint32_t at[ASY_WORDLIST_WORDS + 1];
} asy_wordlist;
assay_status asy_wordlist_init(asy_wordlist *w, assay_span file, assay_err *err) ASSAY_CHECKED;
assay_status asy_key_from_uri_words(asy_key_scheme scheme, const char *uri,
									const asy_wordlist *words, asy_key **out,
									assay_err *err) ASSAY_CHECKED;
/* Chain code of one junction of a URI, without its slashes. */
void asy_junction_code(const char *text, size_t len, uint8_t code[32]);
/* 64-byte secret in either known encoding, told apart by the public key. */
assay_status asy_key_from_secret64(const uint8_t secret[64], const uint8_t public_key[32],
								   asy_key **out, assay_err *err) ASSAY_CHECKED;
void asy_key_free(asy_key *k);
asy_key_scheme asy_key_kind(const asy_key *k);
void asy_key_public(const asy_key *k, uint8_t out[32]);
/* 32 bytes derived from the secret and label, one way: salts for round seeds. */
void asy_key_derive(const asy_key *k, const char *label, uint8_t out[32]);
/* Signs with context "substrate"; rng feeds the nonce (fixed bytes = fixed signature). */
assay_status asy_key_sign(const asy_key *k, const void *msg, size_t len, asy_rng *rng,
						  uint8_t sig[64], assay_err *err) ASSAY_CHECKED;
bool asy_verify(asy_key_scheme scheme, const uint8_t public_key[32], const void *msg, size_t len,
				const uint8_t sig[64]);

/* ---- BLS12-381 (bls.c): drand's quicknet, signatures in G1 and keys in G2 ----
 * Points are compressed. E_CRYPTO: no point of that group, or infinity; a scalar (32 bytes
 * big-endian, taken modulo the group order) that is 0. Messages are hashed to G1 with
 * quicknet's own tag. */
#define ASY_BLS_SIG_LEN 48
#define ASY_BLS_KEY_LEN 96
#define ASY_BLS_GT_LEN 576
assay_status asy_bls_check_key(const uint8_t key[ASY_BLS_KEY_LEN], assay_err *err) ASSAY_CHECKED;
/* The public key of a secret: the secret times G2's generator. */
assay_status asy_bls_public(const uint8_t secret[32], uint8_t key[ASY_BLS_KEY_LEN],
							assay_err *err) ASSAY_CHECKED;
assay_status asy_bls_sign(const uint8_t secret[32], assay_span msg, uint8_t sig[ASY_BLS_SIG_LEN],
						  assay_err *err) ASSAY_CHECKED;
bool asy_bls_verify(const uint8_t key[ASY_BLS_KEY_LEN], assay_span msg,
					const uint8_t sig[ASY_BLS_SIG_LEN]);
void asy_bls_hash(assay_span msg, uint8_t out[ASY_BLS_SIG_LEN]);
/* The reduced pairing e(g1, g2) as arkworks writes it: twelve coefficients, little-endian. */
assay_status asy_bls_pair(const uint8_t g1[ASY_BLS_SIG_LEN], const uint8_t g2[ASY_BLS_KEY_LEN],
						  uint8_t gt[ASY_BLS_GT_LEN], assay_err *err) ASSAY_CHECKED;
/* e(hash of msg, r times key). */
assay_status asy_bls_pair_hash(assay_span msg, const uint8_t r[32],
							   const uint8_t key[ASY_BLS_KEY_LEN], uint8_t gt[ASY_BLS_GT_LEN],
							   assay_err *err) ASSAY_CHECKED;

/* ---- AES-256-GCM (aead.c), no associated data ---- */
#define ASY_GCM_NONCE_LEN 12
#define ASY_GCM_TAG_LEN 16
/* out: plain.len + ASY_GCM_TAG_LEN bytes. */
assay_status asy_gcm_seal(const uint8_t key[32], const uint8_t nonce[ASY_GCM_NONCE_LEN],
						  assay_span plain, uint8_t *out, assay_err *err) ASSAY_CHECKED;
/* out: sealed.len - ASY_GCM_TAG_LEN bytes, not to be read after a failure. */
assay_status asy_gcm_open(const uint8_t key[32], const uint8_t nonce[ASY_GCM_NONCE_LEN],
						  assay_span sealed, uint8_t *out, assay_err *err) ASSAY_CHECKED;

/* ---- password-sealed bytes (keyfile.c) ----
 * box is what follows "$NACL": 24-byte nonce, then the secretbox. The plain text
 * lies in locked memory, NUL-terminated; free with asy_sealed_free. Takes about a
 * second and 512 MiB. E_CRYPTO: wrong password. */
assay_status asy_sealed_open(assay_span box, const char *password, uint8_t **plain,
							 size_t *plain_len, assay_err *err) ASSAY_CHECKED;
void asy_sealed_free(uint8_t *plain);
/* The older forms, whole files: Ansible's vault ("$ANSIBLE_VAULT;1.1;AES256") and a Fernet
 * token ("gAAAAA"), which takes some ten seconds (keyfile_old.c). */
assay_status asy_vault_open(assay_span text, const char *password, uint8_t **plain,
							size_t *plain_len, assay_err *err) ASSAY_CHECKED;
assay_status asy_token_open(assay_span text, const char *password, uint8_t **plain,
							size_t *plain_len, assay_err *err) ASSAY_CHECKED;

/* ---- minisign (minisign.c): signatures of files, verified only ----
 * digest: the 64-byte BLAKE2b of the file. Comments are text of one line. */
typedef struct {
	uint8_t id[8], key[32];
} asy_minisign_key;
typedef struct {
	uint8_t id[8], sig[64], global[64];
	char comment[1024]; /* the trusted one, NUL-terminated; trusted once verified */
	size_t comment_len;
} asy_minisign;
#define ASY_MINISIGN_ID_TEXT 17
/* As minisign prints it. */
void asy_minisign_id(const uint8_t id[8], char out[ASY_MINISIGN_ID_TEXT]);
/* A .pub file, or its last line. */
assay_status asy_minisign_key_read(assay_span text, asy_minisign_key *out,
								   assay_err *err) ASSAY_CHECKED;
/* A .minisig file. E_UNSUPPORTED: the older form, which is not hashed. */
assay_status asy_minisign_read(assay_span text, asy_minisign *out, assay_err *err) ASSAY_CHECKED;
/* E_CRYPTO: another key, other bytes, another comment. */
assay_status asy_minisign_verify(const asy_minisign *s, const asy_minisign_key *k,
								 const uint8_t digest[64], assay_err *err) ASSAY_CHECKED;

/* ---- base64 (base64.c): standard alphabet, padding required ---- */
size_t asy_base64_encoded_len(size_t len); /* without NUL */
void asy_base64_encode(char *dst, assay_span bytes);
/* dst needs len/4*3 bytes; false on any character outside the alphabet. */
bool asy_base64_decode(assay_span text, uint8_t *dst, size_t *dst_len);

/* ---- seeded stream (rng_seeded.c): ChaCha20 from a 32-byte seed ---- */
typedef struct {
	asy_rng iface;
	uint8_t seed[32];
	uint8_t block[256];
	uint64_t counter;
	size_t used;
} asy_seeded_rng;
void asy_seeded_rng_init(asy_seeded_rng *r, const uint8_t seed[32]);

/* Clears memory in a way the compiler keeps. */
void asy_wipe(void *p, size_t len);
#endif
