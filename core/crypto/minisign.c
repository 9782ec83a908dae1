/* Signatures in minisign's format: Ed25519 over the 64-byte BLAKE2b of a file, and a second one
 * that covers the first and a comment. Refuses the older form, which signs the file itself.
 * mirrors: jedisct1/minisign minisign.c @e369d94 */
#include "crypto/impl.h"

#define LINE_MAX_LEN 1024u
#define SIG_LEN 74u /* "ED", key id, signature */
#define KEY_LEN 42u /* "Ed", key id, key */

/* The next line without its end; false: there is none, or it is too long or not text. */
static bool next_line(assay_span *rest, assay_span *line)
{
	const uint8_t *end = rest->len != 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
	size_t n = end != NULL ? (size_t)(end - rest->ptr) : rest->len, skip = n + (end != NULL);
	if (rest->len == 0 || n > LINE_MAX_LEN)
		return false;
	*line = asy_span(rest->ptr, n);
	*rest = asy_span(rest->ptr + skip, rest->len - skip);
	if (line->len != 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	for (size_t i = 0; i < line->len; i++)
		if ((line->ptr[i] < 0x20 && line->ptr[i] != '\t') || line->ptr[i] == 0x7f)
			return false;
	return true;
}

static bool decode(assay_span text, uint8_t *dst, size_t want)
{
	uint8_t b[LINE_MAX_LEN];
	size_t n = 0;
	if (text.len > LINE_MAX_LEN || !asy_base64_decode(text, b, &n) || n != want)
		return false;
	memcpy(dst, b, want);
	return true;
}

static bool cut_prefix(assay_span *s, const char *prefix)
{
	size_t n = strlen(prefix);
	if (s->len < n || memcmp(s->ptr, prefix, n) != 0)
		return false;
	*s = asy_span(s->ptr + n, s->len - n);
	return true;
}

void asy_minisign_id(const uint8_t id[8], char out[ASY_MINISIGN_ID_TEXT])
{
	for (unsigned i = 0; i < 8; i++)
		(void)snprintf(out + 2 * i, 3, "%02X", id[7 - i]);
}

assay_status asy_minisign_key_read(assay_span text, asy_minisign_key *out, assay_err *err)
{
	uint8_t b[KEY_LEN];
	assay_span line = {0};
	bool got = next_line(&text, &line);
	if (got && cut_prefix(&line, "untrusted comment:"))
		got = next_line(&text, &line);
	if (!got || !decode(line, b, sizeof b) || b[0] != 'E' || b[1] != 'd' || text.len != 0)
		return ASSAY_FAIL(err, E_FORMAT,
						  "no minisign public key: it begins with RW, and is the last line of a "
						  ".pub file");
	memcpy(out->id, b + 2, sizeof out->id);
	memcpy(out->key, b + 10, sizeof out->key);
	return ASSAY_OK;
}

assay_status asy_minisign_read(assay_span text, asy_minisign *out, assay_err *err)
{
	uint8_t b[SIG_LEN];
	assay_span line;
	asy_minisign s;
	if (!next_line(&text, &line) || !cut_prefix(&line, "untrusted comment: ") ||
		!next_line(&text, &line) || !decode(line, b, sizeof b))
		return ASSAY_FAIL(err, E_FORMAT, "no minisign signature");
	if (b[0] == 'E' && b[1] == 'd')
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "a signature of the older form, without hashing: sign anew with minisign "
						  "-S (and without -l)");
	if (b[0] != 'E' || b[1] != 'D')
		return ASSAY_FAIL(err, E_FORMAT, "a signature of an unknown form");
	if (!next_line(&text, &line) || !cut_prefix(&line, "trusted comment: ") ||
		line.len >= sizeof s.comment)
		return ASSAY_FAIL(err, E_FORMAT, "a signature without a trusted comment");
	memcpy(s.comment, line.ptr, line.len);
	s.comment[s.comment_len = line.len] = '\0';
	if (!next_line(&text, &line) || !decode(line, s.global, sizeof s.global) || text.len != 0)
		return ASSAY_FAIL(err, E_FORMAT, "a signature whose comment is not signed");
	memcpy(s.id, b + 2, sizeof s.id);
	memcpy(s.sig, b + 10, sizeof s.sig);
	*out = s;
	return ASSAY_OK;
}

assay_status asy_minisign_verify(const asy_minisign *s, const asy_minisign_key *k,
								 const uint8_t digest[64], assay_err *err)
{
	uint8_t covered[sizeof s->sig + sizeof s->comment];
	if (memcmp(s->id, k->id, sizeof s->id) != 0)
		return ASSAY_FAIL(err, E_CRYPTO, "signed with another key");
	if (!asy_verify(ASY_KEY_ED25519, k->key, digest, 64, s->sig))
		return ASSAY_FAIL(err, E_CRYPTO, "the signature is of other bytes");
	memcpy(covered, s->sig, sizeof s->sig);
	memcpy(covered + sizeof s->sig, s->comment, s->comment_len);
	if (!asy_verify(ASY_KEY_ED25519, k->key, covered, sizeof s->sig + s->comment_len, s->global))
		return ASSAY_FAIL(err, E_CRYPTO, "the trusted comment was changed");
	return ASSAY_OK;
}
