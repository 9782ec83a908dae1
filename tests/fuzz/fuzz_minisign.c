/* A signature file, or a key file, of anybody: what is accepted has a comment of one line. */
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t digest[64] = {1};
	asy_minisign s;
	asy_minisign_key k = {{0}, {0}};
	assay_err err;
	(void)!asy_minisign_key_read(asy_span(data, size), &k, &err);
	if (asy_crypto_init(&err) != ASSAY_OK ||
		asy_minisign_read(asy_span(data, size), &s, &err) != ASSAY_OK)
		return 0;
	const char *line = strpbrk(s.comment, "\r\n");
	ASSERT(strlen(s.comment) == s.comment_len && line == NULL);
	memcpy(k.id, s.id, sizeof k.id);
	assay_status st = asy_minisign_verify(&s, &k, digest, &err);
	ASSERT(st == ASSAY_E_CRYPTO); /* nobody signed that */
	return 0;
}
