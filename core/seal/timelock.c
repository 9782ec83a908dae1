/* The timelock scheme, version 4: the vector encrypted to a future pulse of drand's
 * quicknet, as the chain will decrypt it (mirrors: ideal-lab5/timelock tle/src @5416406,
 * subtensor coinbase/reveal_commits.rs, spec 475). Payload and envelope are written and read
 * here and nowhere else. Refuses what the chain would drop without a word.
 * Reason to change: another version of the commitment. */
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "seal/impl.h"

const uint8_t asy_quicknet_key[ASY_BLS_KEY_LEN] = {
	0x83, 0xcf, 0x0f, 0x28, 0x96, 0xad, 0xee, 0x7e, 0xb8, 0xb5, 0xf0, 0x1f, 0xca, 0xd3, 0x91, 0x22,
	0x12, 0xc4, 0x37, 0xe0, 0x07, 0x3e, 0x91, 0x1f, 0xb9, 0x00, 0x22, 0xd3, 0xe7, 0x60, 0x18, 0x3c,
	0x8c, 0x4b, 0x45, 0x0b, 0x6a, 0x0a, 0x6c, 0x3a, 0xc6, 0xa5, 0x77, 0x6a, 0x2d, 0x10, 0x64, 0x51,
	0x0d, 0x1f, 0xec, 0x75, 0x8c, 0x92, 0x1c, 0xc2, 0x2b, 0x0e, 0x17, 0xe6, 0x3a, 0xaf, 0x4b, 0xcb,
	0x5e, 0xd6, 0x63, 0x04, 0xde, 0x9c, 0xf8, 0x09, 0xbd, 0x27, 0x4c, 0xa7, 0x3b, 0xab, 0x4a, 0xf5,
	0xa6, 0xe9, 0xc7, 0x6a, 0x4b, 0xc0, 0x9e, 0x76, 0xea, 0xe8, 0x99, 0x1e, 0xf5, 0xec, 0xe4, 0x5a};
const uint8_t asy_test_beacon_secret[32] = {
	0x04, 0xd1, 0x53, 0xf2, 0x7b, 0xc3, 0xbf, 0x63, 0xa5, 0x2a, 0x3a, 0x60, 0xb6, 0x2b, 0x11, 0x3d,
	0xac, 0xee, 0x1d, 0x9c, 0x60, 0xa0, 0xbb, 0xe4, 0x95, 0x58, 0xdd, 0xdf, 0x9c, 0x2d, 0x38, 0xf3};
const uint8_t asy_test_beacon_key[ASY_BLS_KEY_LEN] = {
	0x84, 0x7e, 0xfe, 0xe6, 0x6c, 0x2e, 0x0a, 0x05, 0xd7, 0x38, 0x23, 0x96, 0xa4, 0xb2, 0x03, 0x84,
	0x94, 0xea, 0xbd, 0x9f, 0xe5, 0xd2, 0xd6, 0x12, 0xe5, 0xe5, 0x96, 0xf9, 0x83, 0x1c, 0x3c, 0xca,
	0xfc, 0xf1, 0xb6, 0x81, 0xb9, 0xcb, 0x75, 0x2b, 0x9b, 0x41, 0x1e, 0xf6, 0x2a, 0x2a, 0xe6, 0x1e,
	0x01, 0xe8, 0xd5, 0xa2, 0x8e, 0x7e, 0xd4, 0x71, 0xa5, 0x6e, 0x48, 0x40, 0x14, 0xd9, 0x9d, 0xe5,
	0xc8, 0xfd, 0xb5, 0x20, 0xe7, 0x6e, 0x72, 0x51, 0xb9, 0x5f, 0xb5, 0x39, 0xf7, 0x3d, 0x24, 0x57,
	0x2d, 0x3e, 0x07, 0x88, 0xcc, 0xb8, 0xc7, 0x49, 0x5b, 0xe1, 0x91, 0x8a, 0x98, 0x27, 0xe8, 0x01};

static const char suite[] = "AES_GCM_";

void asy_beacon_message(uint64_t round, uint8_t out[32])
{
	uint8_t be[8];
	for (size_t i = 0; i < 8; i++)
		be[i] = (uint8_t)(round >> (56 - 8 * i));
	asy_sha256(be, sizeof be, out);
}

/* ---- the payload ---- */

assay_status asy_timelock_payload(const asy_seal_input *in, asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	asy_scale_put_bytes(&w, in->hotkey.b, sizeof in->hotkey.b);
	asy_scale_put_u16s(&w, in->uids, in->n);
	asy_scale_put_u16s(&w, in->values, in->n);
	asy_scale_put_u64(&w, in->version_key);
	return asy_scale_out_end(&w, err);
}

static assay_status get_words(asy_scale *in, assay_span *out, assay_err *err)
{
	size_t n;
	TRY(asy_scale_count(in, 2, ASY_UIDS_MAX, &n, err));
	return asy_scale_raw(in, 2 * n, out, err);
}

static assay_status get_vector(asy_scale *in, asy_timelock_vector *v, assay_err *err)
{
	TRY(get_words(in, &v->uids, err));
	TRY(get_words(in, &v->values, err));
	return asy_scale_u64(in, &v->version_key, err);
}

/* Left-over bytes are ignored, as the chain ignores them. */
assay_status asy_timelock_vector_read(assay_span payload, asy_timelock_vector *out, assay_err *err)
{
	asy_timelock_vector v = {.has_hotkey = true};
	asy_scale in = asy_scale_in(payload);
	assay_span hotkey;
	if (asy_scale_bytes(&in, payload.len, &hotkey, NULL) == ASSAY_OK &&
		get_vector(&in, &v, NULL) == ASSAY_OK && hotkey.len == sizeof v.hotkey.b) {
		memcpy(v.hotkey.b, hotkey.ptr, sizeof v.hotkey.b);
	} else {
		v.has_hotkey = false;
		in = asy_scale_in(payload);
		assay_status st = get_vector(&in, &v, err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "the payload of a commitment");
	}
	*out = v;
	return ASSAY_OK;
}

/* ---- the envelope ---- */

static void xor32(const uint8_t a[32], const uint8_t b[32], uint8_t out[32])
{
	for (size_t i = 0; i < 32; i++)
		out[i] = a[i] ^ b[i];
}

/* The scalar that ties sigma and the key together; big-endian, still to be reduced. */
static void scalar_of(const uint8_t sigma[32], const uint8_t esk[32], uint8_t r[32])
{
	uint8_t both[64];
	memcpy(both, sigma, 32);
	memcpy(both + 32, esk, 32);
	asy_sha256(both, sizeof both, r);
	asy_wipe(both, sizeof both);
}

/* What hides sigma: the pairing that only the pulse's signature gives again. */
static assay_status mask_of_key(const uint8_t key[ASY_BLS_KEY_LEN], uint64_t round,
								const uint8_t r[32], uint8_t mask[32], assay_err *err)
{
	uint8_t msg[32], gt[ASY_BLS_GT_LEN];
	asy_beacon_message(round, msg);
	TRY(asy_bls_pair_hash(asy_span(msg, sizeof msg), r, key, gt, err));
	asy_sha256(gt, sizeof gt, mask);
	asy_wipe(gt, sizeof gt);
	return ASSAY_OK;
}

static assay_status mask_of_pulse(const uint8_t signature[ASY_BLS_SIG_LEN], assay_span u,
								  uint8_t mask[32], assay_err *err)
{
	uint8_t gt[ASY_BLS_GT_LEN];
	TRY(asy_bls_pair(signature, u.ptr, gt, err));
	asy_sha256(gt, sizeof gt, mask);
	asy_wipe(gt, sizeof gt);
	return ASSAY_OK;
}

static assay_status put_envelope(const uint8_t u[ASY_BLS_KEY_LEN], const uint8_t v[32],
								 const uint8_t w[32], const asy_timelock_secret *s,
								 assay_span plain, asy_buf *out, assay_err *err)
{
	size_t sealed = plain.len + ASY_GCM_TAG_LEN;
	asy_scale_w o = asy_scale_out(out);
	asy_scale_put_raw(&o, u, ASY_BLS_KEY_LEN);
	asy_scale_put_u64(&o, 32);
	asy_scale_put_raw(&o, v, 32);
	asy_scale_put_u64(&o, 32);
	asy_scale_put_raw(&o, w, 32);
	asy_scale_put_u64(&o, 8 + sealed + 8 + ASY_GCM_NONCE_LEN);
	asy_scale_put_u64(&o, sealed);
	TRY(asy_scale_out_end(&o, err));
	TRY(asy_buf_reserve(out, sealed, err));
	TRY(asy_gcm_seal(s->esk, s->nonce, plain, out->ptr + out->len, err));
	out->len += sealed;
	asy_scale_put_u64(&o, ASY_GCM_NONCE_LEN);
	asy_scale_put_raw(&o, s->nonce, ASY_GCM_NONCE_LEN);
	asy_scale_put_u64(&o, sizeof suite - 1);
	asy_scale_put_raw(&o, suite, sizeof suite - 1);
	return asy_scale_out_end(&o, err);
}

/* mask is left to the caller: with it the envelope can be opened again before any pulse. */
static assay_status encrypt(const uint8_t key[ASY_BLS_KEY_LEN], uint64_t round,
							const asy_timelock_secret *s, assay_span plain, uint8_t mask[32],
							asy_buf *out, assay_err *err)
{
	uint8_t r[32], u[ASY_BLS_KEY_LEN], v[32], w[32], hidden[32];
	size_t start = out->len;
	scalar_of(s->sigma, s->esk, r);
	asy_sha256(s->sigma, sizeof s->sigma, hidden);
	xor32(s->esk, hidden, w);
	assay_status st = asy_bls_public(r, u, err);
	if (st == ASSAY_OK)
		st = mask_of_key(key, round, r, mask, err);
	if (st == ASSAY_OK) {
		xor32(s->sigma, mask, v);
		st = put_envelope(u, v, w, s, plain, out, err);
	}
	if (st != ASSAY_OK)
		out->len = start;
	asy_wipe(r, sizeof r);
	asy_wipe(hidden, sizeof hidden);
	return st;
}

assay_status asy_timelock_encrypt(const uint8_t key[ASY_BLS_KEY_LEN], uint64_t round,
								  const asy_timelock_secret *s, assay_span plain, asy_buf *out,
								  assay_err *err)
{
	uint8_t mask[32];
	assay_status st = encrypt(key, round, s, plain, mask, out, err);
	asy_wipe(mask, sizeof mask);
	return st;
}

typedef struct {
	assay_span u, v, w, sealed, nonce;
} envelope;

static assay_status get_list(asy_scale *in, assay_span *out, assay_err *err)
{
	uint64_t n;
	TRY(asy_scale_u64(in, &n, err));
	if (n > asy_scale_left(in))
		return ASSAY_FAIL(err, E_FORMAT, "a list of %" PRIu64 " bytes, %zu are left", n,
						  asy_scale_left(in));
	return asy_scale_raw(in, (size_t)n, out, err);
}

/* The name of the cipher is not checked and left-over bytes are ignored, as on the chain. */
static assay_status get_envelope(assay_span bytes, envelope *e, assay_err *err)
{
	asy_scale in = asy_scale_in(bytes);
	assay_span body, name;
	TRY(asy_scale_raw(&in, ASY_BLS_KEY_LEN, &e->u, err));
	TRY(get_list(&in, &e->v, err));
	TRY(get_list(&in, &e->w, err));
	TRY(get_list(&in, &body, err));
	TRY(get_list(&in, &name, err));
	in = asy_scale_in(body);
	TRY(get_list(&in, &e->sealed, err));
	TRY(get_list(&in, &e->nonce, err));
	if (e->v.len != 32 || e->w.len != 32 || e->nonce.len != ASY_GCM_NONCE_LEN)
		return ASSAY_FAIL(err, E_FORMAT, "fields of %zu, %zu and %zu bytes", e->v.len, e->w.len,
						  e->nonce.len);
	return ASSAY_OK;
}

/* The secrets behind the mask; they must lead to the same U again. */
static assay_status recover(const envelope *e, const uint8_t mask[32], asy_timelock_secret *s,
							assay_err *err)
{
	uint8_t hidden[32], r[32], u[ASY_BLS_KEY_LEN];
	xor32(e->v.ptr, mask, s->sigma);
	asy_sha256(s->sigma, sizeof s->sigma, hidden);
	xor32(e->w.ptr, hidden, s->esk);
	memcpy(s->nonce, e->nonce.ptr, sizeof s->nonce);
	scalar_of(s->sigma, s->esk, r);
	TRY(asy_bls_public(r, u, err));
	if (memcmp(u, e->u.ptr, sizeof u) != 0)
		return ASSAY_FAIL(err, E_CRYPTO, "the signature is not the one it was encrypted to");
	return ASSAY_OK;
}

static assay_status open_masked(const envelope *e, const uint8_t mask[32], asy_buf *plain,
								assay_err *err)
{
	asy_timelock_secret s = {.nonce = {0}};
	assay_status st = recover(e, mask, &s, err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(plain, e->sealed.len, err);
	if (st == ASSAY_OK)
		st = asy_gcm_open(s.esk, s.nonce, e->sealed, plain->ptr + plain->len, err);
	if (st == ASSAY_OK)
		plain->len += e->sealed.len - ASY_GCM_TAG_LEN;
	asy_wipe(&s, sizeof s);
	return st;
}

assay_status asy_timelock_open(assay_span sealed, const uint8_t signature[ASY_BLS_SIG_LEN],
							   asy_buf *plain, assay_err *err)
{
	envelope e;
	uint8_t mask[32];
	assay_status st = get_envelope(sealed, &e, err);
	if (st == ASSAY_OK)
		st = mask_of_pulse(signature, e.u, mask, err);
	if (st == ASSAY_OK)
		st = open_masked(&e, mask, plain, err);
	asy_wipe(mask, sizeof mask);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "opening a timelock commitment");
}

/* ---- sealing ---- */

/*~ Nobody can open the commitment before its pulse, and the chain drops a bad one without a
 * word. So it is read back here and opened with the mask that hid sigma. That the pulse will
 * give the same mask is what U = r G says, which the opening checks: e(s H, r G) = e(r H, s G).
 * Whether this machine pairs as the library means to is asked once, by the self-test. */
static assay_status try_opening(assay_span sealed, const uint8_t mask[32], assay_span plain,
								assay_err *err)
{
	envelope e;
	asy_buf again = {0};
	assay_status st = get_envelope(sealed, &e, err);
	if (st == ASSAY_OK)
		st = open_masked(&e, mask, &again, err);
	if (st == ASSAY_OK && !asy_span_eq(asy_buf_span(&again), plain))
		st = ASSAY_FAIL(err, E_INTERNAL, "a commitment opens to other bytes than were sealed");
	asy_buf_fini(&again);
	return st;
}

assay_status asy_timelock_self_test(assay_err *err)
{
	static const uint8_t plain[] = "a vector";
	const uint64_t round = 1;
	const asy_timelock_secret s = {.esk = {1}, .sigma = {2}, .nonce = {3}};
	uint8_t msg[32], signature[ASY_BLS_SIG_LEN];
	asy_buf sealed = {0}, again = {0};
	asy_beacon_message(round, msg);
	assay_status st =
		asy_bls_sign(asy_test_beacon_secret, asy_span(msg, sizeof msg), signature, err);
	if (st == ASSAY_OK)
		st = asy_timelock_encrypt(asy_test_beacon_key, round, &s, asy_span(plain, sizeof plain),
								  &sealed, err);
	if (st == ASSAY_OK)
		st = asy_timelock_open(asy_buf_span(&sealed), signature, &again, err);
	if (st == ASSAY_OK && !asy_span_eq(asy_buf_span(&again), asy_span(plain, sizeof plain)))
		st = ASSAY_FAIL(err, E_CRYPTO, "a trial commitment opens to other bytes");
	asy_buf_fini(&sealed);
	asy_buf_fini(&again);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "timelock commitments on this machine");
}

size_t asy_timelock_commit_max(bool is_null, unsigned mechanisms)
{
	return is_null ? 32768u / (mechanisms > 0 ? mechanisms : 1u) : ASY_SEAL_COMMIT_MAX;
}

assay_status asy_timelock_seal(const asy_seal_input *in, asy_rng *rng, asy_opening *o,
							   assay_err *err)
{
	asy_buf payload = {0}, sealed = {0};
	asy_timelock_secret s;
	uint8_t mask[32];
	const uint8_t *key = in->beacon_key != NULL ? in->beacon_key : asy_quicknet_key;
	size_t most = in->commit_max != 0 ? in->commit_max : ASY_SEAL_COMMIT_MAX;
	assay_status st = asy_timelock_payload(in, &payload, err);
	if (st == ASSAY_OK && payload.len + ASY_TIMELOCK_OVERHEAD > most)
		st = ASSAY_FAIL(err, E_LIMIT,
						"%zu weights make a commitment of %zu bytes, the chain takes %zu", in->n,
						payload.len + ASY_TIMELOCK_OVERHEAD, most);
	rng->fill(rng, s.esk, sizeof s.esk);
	rng->fill(rng, s.sigma, sizeof s.sigma);
	rng->fill(rng, s.nonce, sizeof s.nonce);
	if (st == ASSAY_OK)
		st = encrypt(key, in->reveal_round, &s, asy_buf_span(&payload), mask, &sealed, err);
	if (st == ASSAY_OK)
		st = try_opening(asy_buf_span(&sealed), mask, asy_buf_span(&payload), err);
	asy_wipe(&s, sizeof s);
	asy_wipe(mask, sizeof mask);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK) {
		asy_buf_fini(&sealed);
		return st;
	}
	asy_blake2b(sealed.ptr, sealed.len, o->commit_hash.b, sizeof o->commit_hash.b);
	o->reveal_round = in->reveal_round;
	o->sealed = sealed.ptr;
	o->sealed_len = sealed.len;
	return ASSAY_OK;
}
