/* SS58 account addresses. Ours always carry prefix 42; decoding tells a wrong
 * checksum from a foreign network, because the remedy differs. */
#include "codec/base58.h"
#include "codec/codec.h"
#include "crypto/crypto.h"

#define ACCOUNT_LEN 32
#define CHECK_LEN 2

static void checksum(const uint8_t *data, size_t len, uint8_t out[CHECK_LEN])
{
	static const char label[] = "SS58PRE";
	asy_blake2b_state h;
	uint8_t digest[64];

	asy_blake2b_init(&h, sizeof digest);
	asy_blake2b_update(&h, label, sizeof label - 1);
	asy_blake2b_update(&h, data, len);
	asy_blake2b_final(&h, digest, sizeof digest);
	memcpy(out, digest, CHECK_LEN);
}

/* Networks below 64 take one byte, the others two with their bits interleaved. */
static size_t put_prefix(uint8_t out[2], unsigned prefix)
{
	if (prefix < 64) {
		out[0] = (uint8_t)prefix;
		return 1;
	}
	out[0] = (uint8_t)((prefix & 0xfc) >> 2 | 0x40);
	out[1] = (uint8_t)(prefix >> 8 | (prefix & 3) << 6);
	return 2;
}

bool asy_ss58_encode_prefix(const uint8_t account[32], unsigned prefix, char *out, size_t cap)
{
	uint8_t raw[2 + ACCOUNT_LEN + CHECK_LEN];
	if (prefix > ASY_SS58_PREFIX_MAX)
		return false;
	size_t n = put_prefix(raw, prefix);
	memcpy(raw + n, account, ACCOUNT_LEN);
	n += ACCOUNT_LEN;
	checksum(raw, n, raw + n);
	return asy_base58_encode(out, cap, asy_span(raw, n + CHECK_LEN)) > 0;
}

void asy_ss58_encode(const uint8_t account[32], char out[ASY_SS58_LEN])
{
	/* 35 bytes never need more than 48 digits */
	bool fits = asy_ss58_encode_prefix(account, ASY_SS58_PREFIX, out, ASY_SS58_LEN);
	ASSERT(fits);
}

assay_status asy_ss58_decode_prefix(const char *text, uint8_t account[32], unsigned *prefix,
									assay_err *err)
{
	uint8_t raw[2 + ACCOUNT_LEN + CHECK_LEN], check[CHECK_LEN];
	size_t text_len = strnlen(text, 64);
	long n = text_len < 64 ? asy_base58_decode(text, text_len, raw, sizeof raw) : -1;
	size_t prefix_len = n > 0 && (raw[0] & 0x40) != 0 ? 2 : 1;
	if (n < 0 || (size_t)n != prefix_len + ACCOUNT_LEN + CHECK_LEN || raw[0] >= 0x80) {
		char shown[64];
		asy_str_escape(shown, sizeof shown, asy_span(text, text_len));
		return ASSAY_FAIL(err, E_FORMAT, "\"%s\" is not an SS58 address", shown);
	}
	checksum(raw, prefix_len + ACCOUNT_LEN, check);
	if (memcmp(check, raw + prefix_len + ACCOUNT_LEN, CHECK_LEN) != 0)
		return ASSAY_FAIL(err, E_FORMAT,
						  "address \"%s\" has a wrong checksum; it was mistyped or cut", text);
	unsigned v = raw[0];
	if (prefix_len == 2) {
		v = (unsigned)(raw[0] & 0x3f) << 2 | raw[1] >> 6 | (unsigned)(raw[1] & 0x3f) << 8;
		if (v < 64)
			return ASSAY_FAIL(err, E_FORMAT, "address \"%s\" writes prefix %u in two bytes", text,
							  v);
	}
	memcpy(account, raw + prefix_len, ACCOUNT_LEN);
	*prefix = v;
	return ASSAY_OK;
}

assay_status asy_ss58_decode(const char *text, uint8_t account[32], assay_err *err)
{
	uint8_t id[ACCOUNT_LEN];
	unsigned prefix;
	assay_status st = asy_ss58_decode_prefix(text, id, &prefix, err);
	if (st != ASSAY_OK)
		return st;
	if (prefix != ASY_SS58_PREFIX)
		return ASSAY_FAIL(err, E_FORMAT, "address \"%s\" belongs to network %u, expected %u", text,
						  prefix, (unsigned)ASY_SS58_PREFIX);
	memcpy(account, id, ACCOUNT_LEN);
	return ASSAY_OK;
}
