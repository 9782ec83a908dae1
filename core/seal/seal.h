/* seal: a weight vector becomes a commitment, and what must be kept to open it.
 * One interface for the chain's schemes. This build has the hash scheme; a scheme
 * it does not have is refused with ASSAY_E_UNSUPPORTED.
 * Pure: entropy comes in through the caller's asy_rng; when to reveal is an input
 * (schedule's business), not a decision made here. */
#ifndef ASY_SEAL_H
#define ASY_SEAL_H
#include "base/base.h"
#include "subnet/subnet.h"

typedef enum {
	ASY_SEAL_HASH = 1,    /* commit_weights, later reveal_weights */
	ASY_SEAL_TIMELOCK = 2 /* the chain opens it with a drand pulse */
} asy_seal_scheme;
const char *asy_seal_scheme_name(asy_seal_scheme s); /* "hash", "timelock", "?" */

#define ASY_SEAL_SALT_LEN 8      /* words drawn; customary */
#define ASY_SEAL_SALT_MAX 64     /* words accepted when decoding */
#define ASY_SEAL_COMMIT_MAX 5000 /* bytes of a commitment that the chain takes */

/* The frozen opening: exactly what was hashed and exactly what the reveal call will
 * carry. Arrays are owned. Losing it before the reveal loses the weights. */
typedef struct {
	asy_seal_scheme scheme;
	asy_account hotkey;
	uint16_t netuid;
	uint8_t mecid;
	uint16_t *uids, *values;
	size_t n;
	uint16_t *salt;
	size_t salt_n;
	uint64_t version_key;
	asy_hash commit_hash;  /* what the chain lists for this commitment */
	uint64_t reveal_round; /* timelock only, else 0 */
} asy_opening;

/* The vector to seal; arrays borrowed for the call. Uids and values are sealed as
 * given: no sorting, no scaling, zeros kept. */
typedef struct {
	asy_account hotkey;
	uint16_t netuid;
	uint8_t mecid;
	const uint16_t *uids, *values;
	size_t n;
	uint64_t version_key;
} asy_seal_input;

/* Draws a salt from rng, freezes the opening and appends what the commit call carries
 * (hash scheme: the 32-byte hash) to commitment. ASSAY_E_EMPTY for no uids,
 * ASSAY_E_INPUT for a duplicate uid or all-zero values: the chain would refuse the
 * reveal. The opening is re-derived once before it is returned. [pure] */
assay_status asy_seal(asy_seal_scheme scheme, const asy_seal_input *in, asy_rng *rng,
					  asy_opening **out, asy_buf *commitment, assay_err *err) ASSAY_CHECKED;
void asy_opening_free(asy_opening *o);

/* The bytes that are hashed, and the hash. Mirrors subtensor
 * subnets/weights.rs:get_commit_hash. Any salt length up to ASY_SEAL_SALT_MAX. [pure] */
assay_status asy_seal_preimage(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
							   asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_seal_hash(const asy_seal_input *in, const uint16_t *salt, size_t salt_n,
						   asy_hash *out, assay_err *err) ASSAY_CHECKED;

/* For the store. decode recomputes the hash and refuses (ASSAY_E_MISMATCH) an opening
 * that no longer matches it: better known at start than at the reveal. [pure] */
assay_status asy_opening_encode(const asy_opening *o, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_opening_decode(assay_span bytes, asy_opening **out, assay_err *err) ASSAY_CHECKED;
#endif
