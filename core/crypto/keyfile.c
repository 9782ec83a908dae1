/* Bytes sealed with a password, as wallets seal key files ("$NACL"): Argon2i to
 * a key, XSalsa20-Poly1305 over the text. What the text says is codec's business. */
#include <sodium.h>
#include "crypto/crypto.h"

#define BOX_MAX ((size_t)64 * 1024)

/* The parameters wallets fixed: libsodium's Argon2i "sensitive" constants. */
static const uint8_t salt[crypto_pwhash_SALTBYTES] = {
	0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc, 0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1};
#define OPS 8u
#define MEMORY ((size_t)512 << 20)

assay_status asy_sealed_open(assay_span box, const char *password, uint8_t **plain,
							 size_t *plain_len, assay_err *err)
{
	uint8_t key[crypto_secretbox_KEYBYTES];
	const size_t head = crypto_secretbox_NONCEBYTES;

	if (box.len < head + crypto_secretbox_MACBYTES || box.len > BOX_MAX)
		return ASSAY_FAIL(err, E_FORMAT, "an encrypted key of %zu bytes is not possible", box.len);
	if (crypto_pwhash(key, sizeof key, password, strlen(password), salt, OPS, MEMORY,
					  crypto_pwhash_ALG_ARGON2I13) != 0)
		return ASSAY_FAIL(err, E_NOMEM,
						  "opening an encrypted key needs 512 MiB of memory for a moment");
	size_t len = box.len - head - crypto_secretbox_MACBYTES;
	uint8_t *out = sodium_malloc(len + 1);
	assay_status st = ASSAY_OK;
	if (out == NULL) {
		st = ASSAY_FAIL(err, E_NOMEM, "locked memory for a key file");
	} else if (crypto_secretbox_open_easy(out, box.ptr + head, box.len - head, box.ptr, key) != 0) {
		st = ASSAY_FAIL(err, E_CRYPTO, "the password is wrong or the file is damaged");
		sodium_free(out);
	} else {
		out[len] = '\0';
		*plain = out;
		*plain_len = len;
	}
	sodium_memzero(key, sizeof key);
	return st;
}

void asy_sealed_free(uint8_t *plain)
{
	sodium_free(plain);
}
