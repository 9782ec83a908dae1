/* AES-256-GCM from OpenSSL's libcrypto, which runs on every processor: libsodium's wants
 * hardware AES. Nonces of 12 bytes, tags of 16, no associated data, as the chain has it.
 * Reason to change: a cipher that the chain names. */
#include <limits.h>
#include <openssl/evp.h>
#include "crypto/crypto.h"

static assay_status check_len(size_t len, assay_err *err)
{
	if (len > INT_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu bytes to encrypt at once", len);
	return ASSAY_OK;
}

assay_status asy_gcm_seal(const uint8_t key[32], const uint8_t nonce[ASY_GCM_NONCE_LEN],
						  assay_span plain, uint8_t *out, assay_err *err)
{
	int n = 0, rest = 0;
	TRY(check_len(plain.len, err));
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool good = c != NULL && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
				EVP_EncryptUpdate(c, out, &n, plain.ptr, (int)plain.len) == 1 &&
				EVP_EncryptFinal_ex(c, out + n, &rest) == 1 &&
				EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, ASY_GCM_TAG_LEN, out + plain.len) == 1;
	EVP_CIPHER_CTX_free(c);
	return good ? ASSAY_OK : ASSAY_FAIL(err, E_CRYPTO, "AES-256-GCM cannot encrypt here");
}

assay_status asy_gcm_open(const uint8_t key[32], const uint8_t nonce[ASY_GCM_NONCE_LEN],
						  assay_span sealed, uint8_t *out, assay_err *err)
{
	if (sealed.len < ASY_GCM_TAG_LEN)
		return ASSAY_FAIL(err, E_CRYPTO, "%zu bytes are too few for a tag", sealed.len);
	TRY(check_len(sealed.len, err));
	size_t len = sealed.len - ASY_GCM_TAG_LEN;
	uint8_t tag[ASY_GCM_TAG_LEN];
	memcpy(tag, sealed.ptr + len, sizeof tag);
	int n = 0, rest = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool good = c != NULL && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
				EVP_DecryptUpdate(c, out, &n, sealed.ptr, (int)len) == 1 &&
				EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) == 1 &&
				EVP_DecryptFinal_ex(c, out + n, &rest) == 1;
	EVP_CIPHER_CTX_free(c);
	return good ? ASSAY_OK : ASSAY_FAIL(err, E_CRYPTO, "the ciphertext or its key is wrong");
}
