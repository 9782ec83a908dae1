/* btauth/1, the asking side: eight lines signed, six headers. Nothing is
 * canonicalised: the target and the body that are signed are the ones sent. */
#include "miner/impl.h"

const char *asy_btauth1_scheme(asy_key_scheme scheme)
{
	return scheme == ASY_KEY_ED25519 ? "ed25519" : "sr25519";
}

assay_status asy_btauth1_payload(asy_key_scheme scheme, const char *method, const char *target,
								 assay_span body, uint64_t nonce, const char *sender,
								 const char *receiver, asy_buf *out, assay_err *err)
{
	uint8_t digest[32];
	char hex[65], verb[16];
	size_t n = strlen(method);

	if (n == 0 || n >= sizeof verb)
		return ASSAY_FAIL(err, E_INPUT, "\"%.20s\" is not a method", method);
	for (size_t i = 0; i <= n; i++)
		verb[i] = (char)(method[i] >= 'a' && method[i] <= 'z' ? method[i] - 'a' + 'A' : method[i]);
	asy_sha256(body.ptr, body.len, digest);
	asy_hex_encode(hex, digest, sizeof digest);
	return asy_buf_printf(out, err, "btauth/1\n%s\n%s\n%s\n%s\n%" PRIu64 "\n%s\n%s",
						  asy_btauth1_scheme(scheme), verb, target, hex, nonce, sender,
						  receiver != NULL ? receiver : "-");
}

static assay_status sign(const asy_caller *c, const asy_target *to, const char *method,
						 const char *route, assay_span body, asy_http_headers *add, assay_err *err)
{
	uint64_t nonce = asy_nonce_next(c->nonce, c->clock->real_ns(c->clock));
	asy_key_scheme scheme = asy_key_kind(c->key);
	char number[24], signature[ASY_BTAUTH1_SIG_TEXT] = "0x";
	uint8_t sig[64];
	asy_buf payload = {0};

	assay_status st =
		asy_btauth1_payload(scheme, method, route, body, nonce, c->ss58, to->ss58, &payload, err);
	if (st == ASSAY_OK)
		st = asy_key_sign(c->key, payload.ptr, payload.len, c->rng, sig, err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	asy_hex_encode(signature + 2, sig, sizeof sig);
	(void)snprintf(number, sizeof number, "%" PRIu64, nonce);
	const asy_http_header headers[] = {
		{"X-Bittensor-Version", "1"},
		{"X-Bittensor-Hotkey", c->ss58},
		{"X-Bittensor-Receiver", to->ss58},
		{"X-Bittensor-Nonce", number},
		{"X-Bittensor-Signature", signature},
		/* sr25519 is what an absent header means */
		{"X-Bittensor-Crypto", scheme == ASY_KEY_SR25519 ? NULL : asy_btauth1_scheme(scheme)},
	};
	for (size_t i = 0; i < ASY_COUNT(headers) && st == ASSAY_OK; i++)
		if (headers[i].value != NULL)
			st = asy_http_headers_add(add, headers[i].name, headers[i].value, err);
	return st;
}

const asy_dialect asy_dialect_btauth1 = {"btauth1", sign};
