/* Verifies a plugin's bytes against the minisign signature beside its file. What is verified
 * is the sealed copy that will be loaded, not the file, which may change meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "plugin/verify.h"

#define SIGNATURE_MAX 4096u

static assay_status digest_of(int fd, uint8_t out[64], assay_err *err)
{
	uint8_t block[65536];
	asy_blake2b_state s;
	off_t at = 0;
	ssize_t n;
	asy_blake2b_init(&s, 64);
	while ((n = pread(fd, block, sizeof block, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ASSAY_FAIL(err, E_IO, "reading the sealed copy: %s", strerror(errno));
		asy_blake2b_update(&s, block, (size_t)n);
		at += n;
	}
	asy_blake2b_final(&s, out, 64);
	return ASSAY_OK;
}

static assay_status read_signature(const char *path, asy_minisign *out, assay_err *err)
{
	char name[4096];
	uint8_t text[SIGNATURE_MAX + 1];
	size_t len = 0;
	if ((size_t)snprintf(name, sizeof name, "%s.minisig", path) >= sizeof name)
		return ASSAY_FAIL(err, E_LIMIT, "the name is too long");
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* edge: beside what gets loaded */
	if (fd < 0)
		return ASSAY_FAIL(err, E_REFUSED, "it is not signed: %s: %s", name, strerror(errno));
	ssize_t n = 1;
	while (n != 0 && len < sizeof text) {
		n = read(fd, text + len, sizeof text - len);
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	(void)close(fd);
	if (n < 0 || len > SIGNATURE_MAX)
		return ASSAY_FAIL(err, E_REFUSED, "%s is no signature", name);
	assay_status st = asy_minisign_read(asy_span(text, len), out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, ASSAY_E_REFUSED, "%s", name);
}

/* Every text is looked at, so that one that is no key is said whoever signed. */
static assay_status find_key(const char *const *keys, size_t n, const uint8_t id[8],
							 asy_minisign_key *out, bool *is_found, assay_err *err)
{
	*is_found = false;
	for (size_t i = 0; i < n; i++) {
		asy_minisign_key k;
		assay_status st = asy_minisign_key_read(asy_span_str(keys[i]), &k, err);
		if (st != ASSAY_OK)
			return assay_err_at(err, ASSAY_E_CONFIG, "trusted key %zu", i + 1);
		if (*is_found || memcmp(k.id, id, sizeof k.id) != 0)
			continue;
		*out = k;
		*is_found = true;
	}
	return ASSAY_OK;
}

assay_status asy_verify_plugin(int fd, const char *path, const char *const *keys, size_t n,
							   asy_minisign *out, assay_err *err)
{
	uint8_t digest[64];
	char id[ASY_MINISIGN_ID_TEXT];
	asy_minisign_key key;
	bool is_found;
	TRY(read_signature(path, out, err));
	TRY(find_key(keys, n, out->id, &key, &is_found, err));
	asy_minisign_id(out->id, id);
	if (!is_found)
		return ASSAY_FAIL(err, E_REFUSED, "it is signed with key %s, which is not trusted", id);
	TRY(digest_of(fd, digest, err));
	assay_status st = asy_minisign_verify(out, &key, digest, err);
	return st == ASSAY_OK ? st : assay_err_at(err, ASSAY_E_REFUSED, "%s.minisig", path);
}

/* The word behind "NAME=" in the comment must be want. */
static bool says(const char *comment, const char *name, const char *want)
{
	size_t n = strlen(name);
	for (const char *at = comment; (at = strchr(at, ' ')) != NULL;) {
		at++;
		if (strncmp(at, name, n) == 0 && at[n] == '=')
			return strcspn(at + n + 1, " ") == strlen(want) &&
				   strncmp(at + n + 1, want, strlen(want)) == 0;
	}
	return true;
}

assay_status asy_verify_names(const asy_minisign *s, const char *id, const char *version,
							  assay_err *err)
{
	if (strncmp(s->comment, "assay-plugin ", 13) != 0 ||
		(says(s->comment, "id", id) && says(s->comment, "version", version)))
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_REFUSED, "it is %s %s, but was signed as: %.200s", id, version,
					  s->comment);
}
