/* The two encryptions that older wallet programs gave key files: Ansible's vault 1.1 and a
 * Fernet token under a stretched password. Only opened, never written. What authenticates is
 * checked before anything is decrypted.
 * Reason to change: none; the formats are closed. */
#include <openssl/evp.h>
#include <sodium.h>
#include "crypto/crypto.h"

#define TEXT_MAX ((size_t)64 * 1024)
#define MAC_LEN 32u
#define BLOCK 16u

static assay_status stretch(const char *password, assay_span salt, int rounds, uint8_t *key,
							size_t len, assay_err *err)
{
	if (PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt.ptr, (int)salt.len, rounds,
						  EVP_sha256(), (int)len, key) != 1)
		return ASSAY_FAIL(err, E_CRYPTO, "PBKDF2 does not work here");
	return ASSAY_OK;
}

static bool authentic(const uint8_t *key, size_t key_len, assay_span text,
					  const uint8_t mac[MAC_LEN])
{
	crypto_auth_hmacsha256_state s;
	uint8_t own[MAC_LEN];
	(void)crypto_auth_hmacsha256_init(&s, key, key_len);
	(void)crypto_auth_hmacsha256_update(&s, text.ptr, text.len);
	(void)crypto_auth_hmacsha256_final(&s, own);
	return sodium_memcmp(own, mac, sizeof own) == 0;
}

/* Into locked memory; both formats pad to whole blocks, counter mode without need. */
static assay_status decrypt(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t iv[BLOCK],
							assay_span text, uint8_t **plain, size_t *plain_len, assay_err *err)
{
	int n = 0;
	uint8_t *out = sodium_malloc(text.len + BLOCK + 1);
	if (out == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "locked memory for a key file");
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool good = c != NULL && EVP_DecryptInit_ex(c, cipher, NULL, key, iv) == 1 &&
				EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
				EVP_DecryptUpdate(c, out, &n, text.ptr, (int)text.len) == 1 &&
				(size_t)n == text.len;
	EVP_CIPHER_CTX_free(c);
	uint8_t pad = good && n > 0 ? out[n - 1] : 0;
	if (pad == 0 || pad > BLOCK || pad > n) {
		sodium_free(out);
		return ASSAY_FAIL(err, E_FORMAT, "the file is authentic but not padded as it should be");
	}
	*plain_len = (size_t)n - pad;
	out[*plain_len] = '\0';
	*plain = out;
	return ASSAY_OK;
}

static assay_status damaged(assay_err *err)
{
	return ASSAY_FAIL(err, E_CRYPTO, "the password is wrong or the file is damaged");
}

/* ---- Ansible's vault: hexadecimal of "hex salt \n hex mac \n hex text", in lines ---- */

/* The digits of text without its line ends, decoded onto out; false for anything else. */
static bool unwrap(assay_span text, asy_buf *out)
{
	asy_buf digits = {0};
	bool good = asy_buf_reserve(&digits, text.len + 1, NULL) == ASSAY_OK &&
				asy_buf_reserve(out, text.len / 2 + 1, NULL) == ASSAY_OK;
	for (size_t i = 0; i < text.len && good; i++)
		if (text.ptr[i] != '\n' && text.ptr[i] != '\r')
			digits.ptr[digits.len++] = text.ptr[i];
	long n = good ? asy_hex_decode_any((const char *)digits.ptr, digits.len, out->ptr, text.len / 2)
				  : -1;
	out->len = n > 0 ? (size_t)n : 0;
	asy_buf_fini(&digits);
	return n > 0;
}

/* The part up to the next line end. */
static bool next_part(assay_span *rest, asy_buf *out)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
	size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
	bool good = unwrap(asy_span(rest->ptr, len), out);
	size_t used = end != NULL ? len + 1 : len;
	*rest = asy_span(rest->ptr + used, rest->len - used);
	return good;
}

static assay_status open_parts(const asy_buf part[3], const char *password, uint8_t **plain,
							   size_t *plain_len, assay_err *err)
{
	uint8_t key[32 + MAC_LEN + BLOCK];
	assay_status st = stretch(password, asy_buf_span(&part[0]), 10000, key, sizeof key, err);
	if (st == ASSAY_OK && !authentic(key + 32, MAC_LEN, asy_buf_span(&part[2]), part[1].ptr))
		st = damaged(err);
	if (st == ASSAY_OK)
		st = decrypt(EVP_aes_256_ctr(), key, key + 32 + MAC_LEN, asy_buf_span(&part[2]), plain,
					 plain_len, err);
	sodium_memzero(key, sizeof key);
	return st;
}

assay_status asy_vault_open(assay_span text, const char *password, uint8_t **plain,
							size_t *plain_len, assay_err *err)
{
	static const char head[] = "$ANSIBLE_VAULT;1.1;AES256\n";
	const size_t head_len = sizeof head - 1;
	asy_buf all = {0}, part[3] = {{0}, {0}, {0}};
	if (text.len > TEXT_MAX || text.len < head_len || memcmp(text.ptr, head, head_len) != 0)
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "an Ansible vault, but not one of version 1.1 with AES256");
	bool good = unwrap(asy_span(text.ptr + head_len, text.len - head_len), &all);
	assay_span rest = asy_buf_span(&all);
	for (size_t i = 0; i < ASY_COUNT(part) && good; i++)
		good = next_part(&rest, &part[i]);
	assay_status st = ASSAY_OK;
	if (!good || part[1].len != MAC_LEN || part[2].len % BLOCK != 0)
		st = ASSAY_FAIL(err, E_FORMAT, "the lines of the vault are not what it says they are");
	if (st == ASSAY_OK)
		st = open_parts(part, password, plain, plain_len, err);
	for (size_t i = 0; i < ASY_COUNT(part); i++)
		asy_buf_fini(&part[i]);
	asy_buf_fini(&all);
	return st;
}

/* ---- Fernet: 0x80, time, iv, AES-128-CBC, mac over all before; base64 for addresses ---- */

/* The salt and the count are wallets' own. */
static const char token_salt[] = "Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins";
enum { TOKEN_ROUNDS = 10000000, TOKEN_HEAD = 1 + 8 + BLOCK };

assay_status asy_token_open(assay_span text, const char *password, uint8_t **plain,
							size_t *plain_len, assay_err *err)
{
	uint8_t key[32];
	asy_buf b = {0};
	while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
		text.len--;
	if (text.len > TEXT_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a token of %zu bytes", text.len);
	TRY(asy_buf_reserve(&b, text.len + 1, err));
	if (sodium_base642bin(b.ptr, text.len, (const char *)text.ptr, text.len, NULL, &b.len, NULL,
						  sodium_base64_VARIANT_URLSAFE) != 0 ||
		b.len < TOKEN_HEAD + BLOCK + MAC_LEN || (b.len - TOKEN_HEAD - MAC_LEN) % BLOCK != 0 ||
		b.ptr[0] != 0x80) {
		asy_buf_fini(&b);
		return ASSAY_FAIL(err, E_FORMAT, "not a whole Fernet token");
	}
	size_t signed_len = b.len - MAC_LEN;
	assay_span sealed = asy_span(b.ptr + TOKEN_HEAD, signed_len - TOKEN_HEAD);
	assay_status st =
		stretch(password, asy_span_str(token_salt), TOKEN_ROUNDS, key, sizeof key, err);
	if (st == ASSAY_OK && !authentic(key, 16, asy_span(b.ptr, signed_len), b.ptr + signed_len))
		st = damaged(err);
	if (st == ASSAY_OK)
		st = decrypt(EVP_aes_128_cbc(), key + 16, b.ptr + 9, sealed, plain, plain_len, err);
	sodium_memzero(key, sizeof key);
	asy_buf_fini(&b);
	return st;
}
