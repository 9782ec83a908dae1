/* seal: a weight vector becomes a commitment, and what must be kept to open it.
 * One interface for the chain's two schemes: a hash, opened by us later, or a ciphertext
 * that the chain opens itself with a pulse of the drand beacon.
 * Pure: entropy comes in through the caller's asy_rng; when to reveal is an input
 * (schedule's business), not a decision made here. */
#ifndef ASY_SEAL_H
#define ASY_SEAL_H
#include "base/base.h"
#include "crypto/crypto.h"
#include "subnet/subnet.h"

typedef enum {
	ASY_SEAL_PLAIN = 0,   /* nothing is hidden: set_weights */
	ASY_SEAL_HASH = 1,    /* commit_weights, later reveal_weights */
	ASY_SEAL_TIMELOCK = 2 /* the chain opens it with a drand pulse */
} asy_seal_scheme;
const char *asy_seal_scheme_name(asy_seal_scheme s); /* "plain", "hash", "timelock", "?" */
bool asy_seal_scheme_find(const char *name, asy_seal_scheme *out);

#define ASY_SEAL_SALT_LEN 8         /* words drawn; customary */
#define ASY_SEAL_SALT_MAX 64        /* words accepted when decoding */
#define ASY_SEAL_COMMIT_MAX 5000    /* bytes of a timelock commitment that the chain takes */
#define ASY_SEAL_COMMIT_LIMIT 32768 /* the same in Null consensus, by all mechanisms */

/* The frozen opening: exactly what was sealed, and what a reveal call would carry. Arrays are
 * owned. With the hash scheme, losing it before the reveal loses the weights. */
typedef struct {
	asy_seal_scheme scheme;
	asy_account hotkey;
	uint16_t netuid;
	uint8_t mecid;
	uint16_t *uids, *values;
	size_t n;
	uint64_t version_key;
	asy_hash commit_hash; /* hash: what the chain lists; timelock: BLAKE2b-256 of sealed */
	/* hash */
	uint16_t *salt;
	size_t salt_n;
	/* timelock */
	uint64_t reveal_round;
	uint8_t *sealed; /* the ciphertext */
	size_t sealed_len;
} asy_opening;

/* The vector to seal; everything is borrowed for the call. Uids and values are sealed as
 * given: no sorting, no scaling, zeros kept. */
typedef struct {
	asy_account hotkey;
	uint16_t netuid;
	uint8_t mecid;
	const uint16_t *uids, *values;
	size_t n;
	uint64_t version_key;
	/* timelock */
	uint64_t reveal_round;
	const uint8_t *beacon_key; /* ASY_BLS_KEY_LEN bytes; NULL: drand's quicknet */
	size_t commit_max;         /* bytes of a commitment; 0: ASY_SEAL_COMMIT_MAX */
} asy_seal_input;

/* Freezes the opening and commits to it, by hash or timelock, with secrets from rng. ASSAY_E_EMPTY for no uids,
 * ASSAY_E_INPUT for a duplicate uid or all-zero values, ASSAY_E_LIMIT for a ciphertext that is
 * too long: the chain would refuse the reveal. What was made is read back and opened once
 * before it is returned. [pure] */
assay_status asy_seal(asy_seal_scheme scheme, const asy_seal_input *in, asy_rng *rng,
					  asy_opening **out, assay_err *err) ASSAY_CHECKED;
/* What the commit call carries: the hash, or the ciphertext. Borrowed from o. */
assay_span asy_opening_commitment(const asy_opening *o);
void asy_opening_free(asy_opening *o);

/* ---- the hash scheme (hash.c) ---- */

/* The bytes that are hashed, and the hash. Mirrors subtensor
 * subnets/weights.rs:get_commit_hash. Any salt length up to ASY_SEAL_SALT_MAX. [pure] */
assay_status asy_seal_preimage(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
							   asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_seal_hash(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
						   asy_hash *out, assay_err *err) ASSAY_CHECKED;

/* ---- the timelock scheme (timelock.c) ---- */

#define ASY_TIMELOCK_VERSION 4 /* of the commitment, as the chain numbers them */
#define ASY_TIMELOCK_OVERHEAD 244
extern const uint8_t asy_quicknet_key[ASY_BLS_KEY_LEN];
/* A beacon whose secret is no secret: for trials and for development chains. */
extern const uint8_t asy_test_beacon_key[ASY_BLS_KEY_LEN], asy_test_beacon_secret[32];
/* What the beacon signs in a round. [pure] */
void asy_beacon_message(uint64_t round, uint8_t out[32]);
/* The longest commitment that the chain takes. [pure] */
size_t asy_timelock_commit_max(bool is_null, unsigned mechanisms);

typedef struct {
	uint8_t esk[32], sigma[32], nonce[ASY_GCM_NONCE_LEN];
} asy_timelock_secret;
/* Appends plain, encrypted to a round of the beacon: plain.len + ASY_TIMELOCK_OVERHEAD bytes.
 * The secret must never be used twice. [pure] */
assay_status asy_timelock_encrypt(const uint8_t key[ASY_BLS_KEY_LEN], uint64_t round,
								  const asy_timelock_secret *s, assay_span plain, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;
/* What the chain does with the pulse. Appends to plain. [pure] */
assay_status asy_timelock_open(assay_span sealed, const uint8_t signature[ASY_BLS_SIG_LEN],
							   asy_buf *plain, assay_err *err) ASSAY_CHECKED;

/* Whether this machine's pairings open what they seal: a whole trial with the test beacon.
 * Once, at start: a single sealing does without pairings of its own. [pure] */
assay_status asy_timelock_self_test(assay_err *err) ASSAY_CHECKED;

/* The payload of a commitment; words are little-endian and borrowed. */
typedef struct {
	bool has_hotkey; /* the legacy form has none */
	asy_account hotkey;
	assay_span uids, values;
	uint64_t version_key;
} asy_timelock_vector;
assay_status asy_timelock_payload(const asy_seal_input *in, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_timelock_vector_read(assay_span payload, asy_timelock_vector *out,
									  assay_err *err) ASSAY_CHECKED;

/* ---- openings for the store (opening.c) ---- */

/* commit_hash again, from what the opening holds. [pure] */
assay_status asy_opening_hash(const asy_opening *o, asy_hash *out, assay_err *err) ASSAY_CHECKED;
/* For the store. decode recomputes the hash and refuses (ASSAY_E_MISMATCH) an opening
 * that no longer matches it: better known at start than at the reveal. [pure] */
assay_status asy_opening_encode(const asy_opening *o, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_opening_decode(assay_span bytes, asy_opening **out, assay_err *err) ASSAY_CHECKED;
#endif
