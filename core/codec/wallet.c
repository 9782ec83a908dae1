/* Hotkey files as Bittensor wallets write them: a flat JSON object, sealed with a
 * password or not. Pure over bytes. A file is accepted only when its secret gives
 * the key that it names, so that a mixed-up file is found here and not by the
 * chain. Refused: public parts, anything over 64 KiB. Error sentences never quote values. */
#include "codec/codec.h"
#include "crypto/crypto.h"

#define FILE_MAX ((size_t)64 * 1024)

assay_status asy_wallet_check_mode(const char *path, unsigned mode, assay_err *err)
{
	if ((mode & 077u) != 0)
		return ASSAY_FAIL(
			err, E_REFUSED,
			"%s holds a secret key but its mode %03o lets others in; run: chmod 600 %s", path,
			mode & 0777u, path);
	return ASSAY_OK;
}

/* The string of a member, or NULL when it is absent or null. */
static assay_status text_of(asy_jv file, const char *key, const char **out, assay_err *err)
{
	asy_jv v = asy_jv_get(file, key);
	*out = NULL;
	return asy_jv_is_null(v) ? ASSAY_OK : asy_jv_str(v, out, NULL, err);
}

/* Hex with or without 0x, or with it twice: all three exist in the wild. */
static assay_status hex_of(const char *name, const char *text, uint8_t *dst, size_t len,
						   assay_err *err)
{
	if (strncmp(text, "0x0x", 4) == 0)
		text += 2;
	if (!asy_hex_decode(text, dst, len))
		return ASSAY_FAIL(err, E_FORMAT, "%s is not %zu bytes of hex", name, len);
	return ASSAY_OK;
}

typedef struct {
	uint8_t id[32];
	const char *from; /* the member that named it; NULL = none did */
} named_key;

/* Every name the file gives itself must agree. */
static assay_status named_public(asy_jv file, named_key *out, assay_err *err)
{
	static const char *const names[] = {"publicKey", "accountId", "ss58Address"};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		const char *text;
		uint8_t id[32];
		assay_status st = text_of(file, names[i], &text, err);
		if (st != ASSAY_OK)
			return st;
		if (text == NULL)
			continue;
		st = i == 2 ? asy_ss58_decode(text, id, err) : hex_of(names[i], text, id, sizeof id, err);
		if (st != ASSAY_OK)
			return st;
		if (out->from != NULL && memcmp(out->id, id, sizeof id) != 0)
			return ASSAY_FAIL(err, E_CRYPTO, "%s and %s name different keys", out->from, names[i]);
		memcpy(out->id, id, sizeof id);
		out->from = names[i];
	}
	return ASSAY_OK;
}

static assay_status from_seed(const char *text, asy_key **out, assay_err *err)
{
	uint8_t seed[32];
	assay_status st = hex_of("secretSeed", text, seed, sizeof seed, err);
	if (st == ASSAY_OK)
		st = asy_key_from_seed(ASY_KEY_SR25519, seed, out, err);
	asy_wipe(seed, sizeof seed);
	return st;
}

static assay_status from_private(const char *text, const named_key *named, asy_key **out,
								 assay_err *err)
{
	uint8_t secret[64];
	if (named->from == NULL)
		return ASSAY_FAIL(err, E_INPUT,
						  "privateKey stands alone; the file must also name its public key");
	assay_status st = hex_of("privateKey", text, secret, sizeof secret, err);
	if (st == ASSAY_OK)
		st = asy_key_from_secret64(secret, named->id, out, err);
	asy_wipe(secret, sizeof secret);
	return st;
}

static assay_status derive(asy_jv file, const named_key *named, const asy_wordlist *words,
						   asy_key **out, assay_err *err)
{
	const char *phrase, *seed, *secret;
	assay_status st = text_of(file, "secretPhrase", &phrase, err);
	if (st == ASSAY_OK)
		st = text_of(file, "secretSeed", &seed, err);
	if (st == ASSAY_OK)
		st = text_of(file, "privateKey", &secret, err);
	if (st != ASSAY_OK)
		return st;
	/* A phrase has no path here, so a slash in it is not a phrase. */
	if (phrase != NULL && strchr(phrase, '/') != NULL)
		return ASSAY_FAIL(err, E_FORMAT, "secretPhrase is not a mnemonic");
	/* The phrase comes last: stretching takes time, and only it needs the word list. */
	if (seed != NULL)
		return from_seed(seed, out, err);
	if (secret != NULL)
		return from_private(secret, named, out, err);
	if (phrase != NULL)
		return asy_key_from_uri_words(ASY_KEY_SR25519, phrase, words, out, err);
	return ASSAY_FAIL(err, E_INPUT,
					  "the file holds no secret; give the hotkey file itself, not its public part");
}

static assay_status load_object(asy_jv file, const asy_wordlist *words, asy_key **out,
								assay_err *err)
{
	named_key named = {.from = NULL};
	asy_key *k = NULL;
	uint8_t id[32];

	if (asy_jv_kind(file) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_FORMAT, "not a JSON object");
	assay_status st = named_public(file, &named, err);
	if (st == ASSAY_OK)
		st = derive(file, &named, words, &k, err);
	if (st != ASSAY_OK)
		return st;
	asy_key_public(k, id);
	if (named.from != NULL && memcmp(id, named.id, sizeof id) != 0) {
		asy_key_free(k);
		return ASSAY_FAIL(err, E_CRYPTO, "the secret does not belong to the key that %s names",
						  named.from);
	}
	*out = k;
	return ASSAY_OK;
}

static assay_status load_json(assay_span text, const asy_wordlist *words, asy_key **out,
							  assay_err *err)
{
	const asy_json_limits limits = {
		.max_bytes = FILE_MAX, .max_depth = 8, .max_values = 256, .secret = true};
	asy_json *doc = NULL;
	/* The parser's sentence could quote the text around the mistake. */
	assay_status st = asy_json_parse(text, &limits, &doc, NULL);
	if (st != ASSAY_OK)
		return asy_err_set(err, st, "neither a JSON key file nor a known encrypted one");
	st = load_object(asy_json_root(doc), words, out, err);
	asy_json_free(doc);
	return st;
}

static bool starts(assay_span file, const char *with)
{
	size_t n = strlen(with);
	return file.len >= n && memcmp(file.ptr, with, n) == 0;
}

typedef assay_status opener(assay_span file, const char *password, uint8_t **plain, size_t *len,
							assay_err *err);

static assay_status open_nacl(assay_span file, const char *password, uint8_t **plain, size_t *len,
							  assay_err *err)
{
	static const char prefix[] = "$NACL";
	return asy_sealed_open(asy_span(file.ptr + sizeof prefix - 1, file.len - (sizeof prefix - 1)),
						   password, plain, len, err);
}

/* How a file is encrypted, by how it begins; NULL: not at all. */
static opener *find_opener(assay_span file)
{
	static const struct {
		const char *prefix;
		opener *open;
	} forms[] = {
		{"$NACL", open_nacl}, {"$ANSIBLE_VAULT", asy_vault_open}, {"gAAAAA", asy_token_open}};
	for (size_t i = 0; i < ASY_COUNT(forms); i++)
		if (starts(file, forms[i].prefix))
			return forms[i].open;
	return NULL;
}

bool asy_wallet_is_encrypted(assay_span file)
{
	return find_opener(file) != NULL;
}

static assay_status load_encrypted(assay_span file, const char *password, const asy_wordlist *words,
								   asy_key **out, assay_err *err)
{
	uint8_t *plain = NULL;
	size_t len = 0;
	if (password == NULL)
		return ASSAY_FAIL(err, E_INPUT, "the file is encrypted and no password was given");
	assay_status st = find_opener(file)(file, password, &plain, &len, err);
	if (st == ASSAY_OK)
		st = load_json(asy_span(plain, len), words, out, err);
	asy_sealed_free(plain);
	return st;
}

static assay_status load(assay_span file, const char *password, const asy_wordlist *words,
						 asy_key **out, assay_err *err)
{
	if (file.len > FILE_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu bytes, a key file has at most %zu", file.len,
						  FILE_MAX);
	if (find_opener(file) != NULL)
		return load_encrypted(file, password, words, out, err);
	if (starts(file, "0x"))
		return ASSAY_FAIL(err, E_INPUT,
						  "the file holds only a public key; give the hotkey file itself");
	return load_json(file, words, out, err);
}

assay_status asy_wallet_load(assay_span file, const char *password, const asy_wordlist *words,
							 asy_key **out, assay_err *err)
{
	assay_status st = load(file, password, words, out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "key file");
}
