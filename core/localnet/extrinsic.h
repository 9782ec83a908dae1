/* Extrinsic: signed bytes taken apart and checked for form. Says nothing about
 * whether the chain would accept them; that needs state (ledger.c).
 * Reason to change: the extrinsic format or the calls served. */
#ifndef ASY_LOCALNET_EXTRINSIC_H
#define ASY_LOCALNET_EXTRINSIC_H
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "localnet/tables.h"
#include "subnet/subnet.h"

enum { LNET_EXTRINSIC_MAX = 1 << 20, LNET_BATCH_MAX = 256 };

/* A borrowed Vec<u16>: raw little-endian. */
typedef struct {
	const uint8_t *p;
	size_t n;
} lnet_u16s;
static inline uint16_t asy_lnet_u16_at(lnet_u16s v, size_t i)
{
	return asy_get_u16le(v.p + 2 * i);
}

/* The arguments of all calls in one struct; a call uses the fields of its row. Batch
 * arguments stay encoded (checked) and are walked again when dispatched. */
typedef struct {
	uint16_t netuid, port;
	uint8_t mecid, ip_type, protocol, placeholder1, placeholder2;
	uint32_t version;
	uint64_t ip[2], version_key, now, reveal_round;
	uint16_t commit_version;
	assay_span commit; /* of a timelock commitment */
	lnet_u16s uids, values, salt;
	asy_hash hash;
	asy_account hotkey;
	assay_span list1, list2, list3, list4; /* batch arguments, length prefix included */
} lnet_args;

typedef struct {
	assay_span bytes; /* all, borrowed */
	asy_hash hash;    /* blake2_256 of all */
	bool is_signed;
	asy_account signer;
	uint8_t scheme; /* MultiSignature tag: 0 ed25519, 1 sr25519 */
	uint8_t signature[64];
	bool mortal;
	uint64_t period, phase;
	uint32_t nonce;
	uint64_t tip;
	bool metadata_hash; /* CheckMetadataHash mode 1 */
	assay_span extra, call_bytes;
	lnet_call call;
	lnet_args args;
} lnet_extrinsic;

/* ASSAY_E_FORMAT: the outer framing is wrong. ASSAY_E_INPUT: the runtime cannot
 * decode the rest. bytes must outlive out. [pure] */
assay_status asy_lnet_extrinsic_decode(assay_span bytes, lnet_extrinsic *out,
									   assay_err *err) ASSAY_CHECKED;

/* The block at whose hash a mortal extrinsic was signed, seen from block current. */
uint64_t asy_lnet_era_birth(const lnet_extrinsic *x, uint64_t current);
/* Does the signature fit these chain facts? [pure] */
bool asy_lnet_extrinsic_verify(const lnet_extrinsic *x, uint32_t spec, const asy_hash *genesis,
							   const asy_hash *birth);
/* Timestamp.set, the unsigned first extrinsic of every block. */
assay_status asy_lnet_inherent_encode(uint64_t now_ms, asy_buf *out, assay_err *err) ASSAY_CHECKED;
#endif
