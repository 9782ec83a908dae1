/* Part of chain's face: building and signing extrinsics, format version 4. Nothing
 * here talks to a node; everything comes from metadata and the caller. */
#ifndef ASY_CHAIN_EXTRINSIC_H
#define ASY_CHAIN_EXTRINSIC_H
#include "base/base.h"
#include "crypto/crypto.h"
#include "subnet/subnet.h"
#include "chain/metadata.h"

/* ---- eras ---- */

typedef struct {
	uint8_t bytes[2];
	uint8_t len; /* 1 = immortal */
	uint64_t period, phase;
	uint64_t birth, death; /* of the phase: valid in [birth, death) */
} asy_era;
asy_era asy_era_immortal(void);
/* The period is rounded up to a power of two in 4..65536. [pure] */
asy_era asy_era_mortal(uint64_t period, uint64_t current);

/* ---- calls ---- */

/* Appends pallet and call number after checking that the runtime's call takes
 * arguments of exactly these shapes. ASSAY_E_UNSUPPORTED otherwise. The caller then
 * appends the arguments. */
assay_status asy_call_begin(const asy_metadata *m, const char *pallet, const char *call,
							const char *const *shapes, size_t shapes_n, asy_buf *out,
							assay_err *err) ASSAY_CHECKED;

/* SubtensorModule's weight and serving calls; mecid 0 uses the plain call. */
assay_status asy_call_set_weights(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
								  const uint16_t *uids, const uint16_t *values, size_t n,
								  uint64_t version_key, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_call_commit(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
							 const asy_hash *hash, asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* A commitment that the chain opens itself, in the form of ASY_TIMELOCK_VERSION. */
assay_status asy_call_commit_timelocked(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
										assay_span sealed, uint64_t reveal_round, asy_buf *out,
										assay_err *err) ASSAY_CHECKED;
typedef struct {
	const uint16_t *uids, *values;
	size_t n;
	const uint16_t *salt;
	size_t salt_n;
	uint64_t version_key;
} asy_reveal_args;
assay_status asy_call_reveal(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
							 const asy_reveal_args *args, asy_buf *out,
							 assay_err *err) ASSAY_CHECKED;

/* ---- signing ---- */

typedef struct {
	asy_hash genesis, birth_hash; /* birth_hash of an immortal era is the genesis */
	uint32_t spec_version, tx_version, nonce;
	uint64_t tip;
	asy_era era;
} asy_sign_params;

/* call || extra || additional by the runtime's extension list; ASSAY_E_UNSUPPORTED for
 * an extension that is neither known nor empty. */
assay_status asy_extrinsic_payload(const asy_metadata *m, assay_span call, const asy_sign_params *p,
								   asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* What is signed: the payload, or its BLAKE2b-256 when longer than 256 bytes. */
typedef struct {
	uint8_t bytes[256];
	size_t len;
} asy_signed_bytes;
void asy_extrinsic_to_sign(assay_span payload, asy_signed_bytes *out);
/* The whole extrinsic around a signature made elsewhere. */
assay_status asy_extrinsic_assemble(const asy_metadata *m, assay_span call,
									const asy_sign_params *p, asy_key_scheme scheme,
									const asy_account *signer, const uint8_t signature[64],
									asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* All of it; the signature is verified before it is used. */
assay_status asy_extrinsic_sign(const asy_metadata *m, assay_span call, const asy_sign_params *p,
								const asy_key *key, asy_rng *rng, asy_buf *out,
								assay_err *err) ASSAY_CHECKED;
/* blake2_256 of all its bytes. */
asy_hash asy_extrinsic_hash(assay_span bytes);
#endif
