/* BLS12-381 from blst, as drand's quicknet uses it: hashing to G1, signatures there, keys in
 * G2, and the pairing as the chain's library serialises it. Points go in and out compressed;
 * what is no point of its group, or the point at infinity, is refused.
 * Reason to change: another scheme of the beacon. */
#include <blst.h>
#include "crypto/crypto.h"

/* RFC 9380, as the scheme bls-unchained-g1-rfc9380 names it. */
static const char dst[] = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

static void hash_point(assay_span msg, blst_p1 *out)
{
	blst_hash_to_g1(out, msg.ptr, msg.len, (const byte *)dst, sizeof dst - 1, NULL, 0);
}

static assay_status read_g1(const uint8_t in[ASY_BLS_SIG_LEN], blst_p1_affine *p, assay_err *err)
{
	if (blst_p1_uncompress(p, in) != BLST_SUCCESS || blst_p1_affine_is_inf(p) ||
		!blst_p1_affine_in_g1(p))
		return ASSAY_FAIL(err, E_CRYPTO, "these 48 bytes are no point of G1");
	return ASSAY_OK;
}

static assay_status read_g2(const uint8_t in[ASY_BLS_KEY_LEN], blst_p2_affine *p, assay_err *err)
{
	if (blst_p2_uncompress(p, in) != BLST_SUCCESS || blst_p2_affine_is_inf(p) ||
		!blst_p2_affine_in_g2(p))
		return ASSAY_FAIL(err, E_CRYPTO, "these 96 bytes are no point of G2");
	return ASSAY_OK;
}

/* Big-endian, modulo the order of the groups. */
static assay_status read_scalar(const uint8_t in[32], blst_scalar *out, assay_err *err)
{
	if (!blst_scalar_from_be_bytes(out, in, 32))
		return ASSAY_FAIL(err, E_CRYPTO, "a scalar that is a multiple of the group order");
	return ASSAY_OK;
}

/* Coefficients from the lowest, 48 bytes little-endian each: arkworks' encoding. */
static void put_gt(const blst_fp12 *f, uint8_t out[ASY_BLS_GT_LEN])
{
	for (size_t i = 0; i < 12; i++)
		blst_lendian_from_fp(out + 48 * i, &f->fp6[i / 6].fp2[i / 2 % 3].fp[i % 2]);
}

static void pair(const blst_p1_affine *p, const blst_p2_affine *q, uint8_t out[ASY_BLS_GT_LEN])
{
	blst_fp12 f;
	blst_miller_loop(&f, q, p);
	blst_final_exp(&f, &f);
	put_gt(&f, out);
	asy_wipe(&f, sizeof f);
}

assay_status asy_bls_check_key(const uint8_t key[ASY_BLS_KEY_LEN], assay_err *err)
{
	blst_p2_affine p;
	return read_g2(key, &p, err);
}

assay_status asy_bls_public(const uint8_t secret[32], uint8_t key[ASY_BLS_KEY_LEN], assay_err *err)
{
	blst_scalar s;
	blst_p2 p;
	TRY(read_scalar(secret, &s, err));
	blst_sk_to_pk_in_g2(&p, &s);
	blst_p2_compress(key, &p);
	asy_wipe(&s, sizeof s);
	return ASSAY_OK;
}

assay_status asy_bls_sign(const uint8_t secret[32], assay_span msg, uint8_t sig[ASY_BLS_SIG_LEN],
						  assay_err *err)
{
	blst_scalar s;
	blst_p1 h;
	TRY(read_scalar(secret, &s, err));
	hash_point(msg, &h);
	blst_sign_pk_in_g2(&h, &h, &s);
	blst_p1_compress(sig, &h);
	asy_wipe(&s, sizeof s);
	return ASSAY_OK;
}

bool asy_bls_verify(const uint8_t key[ASY_BLS_KEY_LEN], assay_span msg,
					const uint8_t sig[ASY_BLS_SIG_LEN])
{
	blst_p2_affine q;
	blst_p1_affine p;
	return read_g2(key, &q, NULL) == ASSAY_OK && read_g1(sig, &p, NULL) == ASSAY_OK &&
		   blst_core_verify_pk_in_g2(&q, &p, true, msg.ptr, msg.len, (const byte *)dst,
									 sizeof dst - 1, NULL, 0) == BLST_SUCCESS;
}

void asy_bls_hash(assay_span msg, uint8_t out[ASY_BLS_SIG_LEN])
{
	blst_p1 h;
	hash_point(msg, &h);
	blst_p1_compress(out, &h);
}

assay_status asy_bls_pair(const uint8_t g1[ASY_BLS_SIG_LEN], const uint8_t g2[ASY_BLS_KEY_LEN],
						  uint8_t gt[ASY_BLS_GT_LEN], assay_err *err)
{
	blst_p1_affine p;
	blst_p2_affine q;
	TRY(read_g1(g1, &p, err));
	TRY(read_g2(g2, &q, err));
	pair(&p, &q, gt);
	return ASSAY_OK;
}

/* e(H, r key) = e(r H, key), and multiplying in G1 is the cheaper one. */
assay_status asy_bls_pair_hash(assay_span msg, const uint8_t r[32],
							   const uint8_t key[ASY_BLS_KEY_LEN], uint8_t gt[ASY_BLS_GT_LEN],
							   assay_err *err)
{
	blst_scalar s;
	blst_p1 h;
	blst_p1_affine p;
	blst_p2_affine q;
	TRY(read_g2(key, &q, err));
	TRY(read_scalar(r, &s, err));
	hash_point(msg, &h);
	blst_sign_pk_in_g2(&h, &h, &s);
	blst_p1_to_affine(&p, &h);
	pair(&p, &q, gt);
	asy_wipe(&s, sizeof s);
	asy_wipe(&h, sizeof h);
	asy_wipe(&p, sizeof p);
	return ASSAY_OK;
}
