/* btauth/1, the answering side: what a miner checks before it works for a
 * caller. Used by the scripted miners of the development network and by tests of
 * the asking side. The order of the checks is part of the protocol: cheap ones
 * first, the replay store last, so that a stranger cannot fill it. */
#include "miner/impl.h"

#define SECOND 1000000000u

typedef struct {
	uint64_t nonce;
	uint8_t sender[32], signature[64];
} parsed;

/* Lower-case, exactly 0x and 128 digits: one spelling of a signature. */
static bool read_signature(const char *text, uint8_t sig[64])
{
	if (strnlen(text, ASY_BTAUTH1_SIG_TEXT) != ASY_BTAUTH1_SIG_TEXT - 1 ||
		strncmp(text, "0x", 2) != 0)
		return false;
	return text[2 + strspn(text + 2, "0123456789abcdef")] == '\0' && asy_hex_decode(text, sig, 64);
}

static assay_status check_shape(const asy_btauth1_request *req, parsed *p, assay_err *err)
{
	if (req->version == NULL || strcmp(req->version, "1") != 0)
		return ASSAY_FAIL(err, E_FORMAT, "X-Bittensor-Version is not 1");
	if (req->hotkey == NULL || asy_ss58_decode(req->hotkey, p->sender, NULL) != ASSAY_OK)
		return ASSAY_FAIL(err, E_FORMAT, "X-Bittensor-Hotkey is missing or not an address");
	/* A leading zero would be a second spelling of the same number. */
	if (req->nonce == NULL || req->nonce[0] == '0' || !asy_str_u64(req->nonce, &p->nonce))
		return ASSAY_FAIL(err, E_FORMAT, "X-Bittensor-Nonce is missing or not a number");
	if (req->signature == NULL || !read_signature(req->signature, p->signature))
		return ASSAY_FAIL(err, E_FORMAT,
						  "X-Bittensor-Signature is missing or not 0x and 128 hex digits");
	if (req->method == NULL || req->target == NULL || strpbrk(req->target, "\r\n") != NULL)
		return ASSAY_FAIL(err, E_FORMAT, "no request line");
	return ASSAY_OK;
}

static assay_status check_receiver(const asy_btauth1_request *req, const uint8_t own[32],
								   const asy_btauth1_rules *rules, assay_err *err)
{
	char address[ASY_SS58_LEN];
	if (req->receiver == NULL)
		return rules->receiver_optional
				   ? ASSAY_OK
				   : ASSAY_FAIL(err, E_REFUSED, "X-Bittensor-Receiver is missing");
	asy_ss58_encode(own, address);
	if (strcmp(req->receiver, address) != 0)
		return ASSAY_FAIL(err, E_REFUSED, "the request is meant for another receiver");
	return ASSAY_OK;
}

static assay_status check_signature(const asy_btauth1_request *req, const parsed *p,
									asy_key_scheme scheme, assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_btauth1_payload(scheme, req->method, req->target, req->body, p->nonce,
										  req->hotkey, req->receiver, &payload, err);
	if (st == ASSAY_OK && !asy_verify(scheme, p->sender, payload.ptr, payload.len, p->signature))
		st = ASSAY_FAIL(err, E_CRYPTO, "the signature does not belong to this request");
	asy_buf_fini(&payload);
	return st;
}

assay_status asy_btauth1_verify(const asy_btauth1_request *req, const uint8_t own[32],
								uint64_t now_real_ns, const asy_btauth1_rules *rules,
								asy_replay *replay, uint8_t sender[32], assay_err *err)
{
	static const asy_btauth1_rules usual = {.scheme = ASY_KEY_SR25519};
	const asy_btauth1_rules *r = rules != NULL ? rules : &usual;
	uint64_t age = r->max_age_ns != 0 ? r->max_age_ns : (uint64_t)10 * SECOND;
	uint64_t ahead = r->max_future_ns != 0 ? r->max_future_ns : (uint64_t)2 * SECOND;
	parsed p;

	assay_status st = check_shape(req, &p, err);
	if (st == ASSAY_OK)
		st = check_receiver(req, own, r, err);
	if (st == ASSAY_OK && p.nonce < asy_sat_sub_u64(now_real_ns, age))
		st = ASSAY_FAIL(err, E_REFUSED, "the request is older than %" PRIu64 " ms", age / 1000000);
	if (st == ASSAY_OK && p.nonce > asy_sat_add_u64(now_real_ns, ahead))
		st = ASSAY_FAIL(err, E_REFUSED,
						"the request is from the future; one of the two clocks is wrong");
	if (st == ASSAY_OK)
		st = check_signature(req, &p, r->scheme, err);
	if (st == ASSAY_OK && replay != NULL)
		st = asy_replay_check(replay, p.sender, p.nonce, now_real_ns, asy_sat_add_u64(age, ahead),
							  err);
	if (st == ASSAY_OK)
		memcpy(sender, p.sender, sizeof p.sender);
	return st;
}
