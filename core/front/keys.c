/* The validator's hotkey, as a configuration names it: a development key, a key file, or a
 * hotkey in the layout of wallet programs. Each way in which a file can be the wrong one has
 * its own sentence. The bytes are wiped before this returns.
 * Reason to change: another place where a key may be kept. */
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "front/impl.h"

#define KEY_FILE_MAX ((size_t)64 << 10)
#define WALLETS "~/.bittensor/wallets"
#define PASSWORD "ASSAY_WALLET_PASSWORD"

static bool uses_layout(const asy_options *o)
{
	return o->wallet.name != NULL || o->wallet.path != NULL;
}

assay_status asy_front_key_path(const char *config_file, const asy_options *o, char *out,
								size_t cap, assay_err *err)
{
	char folder[ASY_FRONT_PATH], text[ASY_FRONT_PATH];
	const char *name = o->wallet.name != NULL ? o->wallet.name : "default";
	const char *hotkey = o->wallet.hotkey != NULL ? o->wallet.hotkey : "default";
	if (!uses_layout(o))
		return asy_front_config_path(config_file, o->wallet.hotkey, out, cap, err);
	assay_status st = asy_front_config_path(
		config_file, o->wallet.path != NULL ? o->wallet.path : WALLETS, folder, sizeof folder, err);
	if (st != ASSAY_OK)
		return st;
	int n = snprintf(text, sizeof text, "%s/%s/hotkeys/%s", folder, name, hotkey);
	if (n < 0 || (size_t)n >= sizeof text || !asy_str_copy(out, cap, text))
		return ASSAY_FAIL(err, E_CONFIG, "path too long: %s", folder);
	return ASSAY_OK;
}

/* ---- what is wrong with the file ---- */

/* The deepest folder of path that exists: where the first wrong name is. */
static assay_status missing(const asy_options *o, const char *path, assay_err *err)
{
	char folder[ASY_FRONT_PATH], names[200];
	const char *what = "hotkey";
	(void)asy_str_copy(folder, sizeof folder, path);
	char *cut = strrchr(folder, '/');
	if (!uses_layout(o) || cut == NULL)
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "no such file; give the path of the key file, or set wallet.name and "
						  "wallet.hotkey to the names that btcli shows");
	*cut = '\0'; /* .../hotkeys */
	if (!asy_front_is_dir(folder)) {
		*strrchr(folder, '/') = '\0'; /* .../NAME */
		what = "hotkeys folder in the wallet";
		if (!asy_front_is_dir(folder)) {
			*strrchr(folder, '/') = '\0'; /* the folder of wallets */
			what = "wallet";
		}
	}
	if (!asy_front_is_dir(folder))
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "the folder of wallets, %s, does not exist; set wallet.path", folder);
	asy_front_list_dir(folder, names, sizeof names);
	return ASSAY_FAIL(err, E_NOTFOUND, "no such %s; in %s there is: %s", what, folder, names);
}

static assay_status is_folder(const char *path, assay_err *err)
{
	char hotkeys[ASY_FRONT_PATH + 16], names[200];
	(void)snprintf(hotkeys, sizeof hotkeys, "%s/hotkeys", path);
	if (asy_front_is_dir(hotkeys)) {
		asy_front_list_dir(hotkeys, names, sizeof names);
		return ASSAY_FAIL(err, E_INPUT,
						  "this is the folder of a wallet; name a key file in its folder "
						  "hotkeys, there is: %s",
						  names);
	}
	return ASSAY_FAIL(err, E_INPUT, "this is a folder; name the key file in it");
}

static bool starts(assay_span file, const char *with)
{
	size_t n = strlen(with);
	return file.len >= n && memcmp(file.ptr, with, n) == 0;
}

/* As wallet programs write it, or nothing that this program could use. */
static bool looks_like_key(assay_span file)
{
	size_t at = 0;
	while (at < file.len && (file.ptr[at] == ' ' || file.ptr[at] == '\n' || file.ptr[at] == '\r' ||
							 file.ptr[at] == '\t'))
		at++;
	return (at < file.len && file.ptr[at] == '{') || asy_wallet_is_encrypted(file) ||
		   starts(file, "0x");
}

/* A coldkey would sign as well, and owns everything: it has no business here. */
static bool is_coldkey(const char *path)
{
	const char *base = strrchr(path, '/');
	base = base != NULL ? base + 1 : path;
	return strcmp(base, "coldkey") == 0 || strncmp(base, "coldkey.", 8) == 0 ||
		   strcmp(base, "coldkeypub.txt") == 0;
}

/* ---- the list of words that phrases are made of ---- */

/* The English list of BIP-39 as the Debian package python3-mnemonic installs it. It is not
 * part of this program; its digest is checked before it is believed. */
#define WORDS_FILE "/usr/lib/python3/dist-packages/mnemonic/wordlist/english.txt"
#define WORDS_MAX ((size_t)64 << 10)

typedef struct {
	asy_buf text;
	asy_wordlist list;
} word_list;

/* NULL where there is none: then a phrase is refused with the name of the package. */
static const asy_wordlist *read_words(word_list *w)
{
	w->text.max = WORDS_MAX;
	if (asy_front_read_file(WORDS_FILE, WORDS_MAX, &w->text, NULL) != ASSAY_OK ||
		asy_wordlist_init(&w->list, asy_buf_span(&w->text), NULL) != ASSAY_OK)
		return NULL;
	return &w->list;
}

static assay_status load_words(assay_span file, const char *password, asy_key **out, assay_err *err)
{
	word_list words = {.text = {0}};
	assay_status st = asy_wallet_load(file, password, read_words(&words), out, err);
	asy_buf_fini(&words.text);
	return st;
}

static assay_status dev_key(const char *uri, asy_key **out, assay_err *err)
{
	word_list words = {.text = {0}};
	assay_status st = asy_key_from_uri_words(ASY_KEY_SR25519, uri, read_words(&words), out, err);
	asy_buf_fini(&words.text);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "wallet.dev_uri");
}

static assay_status open_key(assay_span file, const char *path, unsigned mode, asy_key **out,
							 assay_err *err)
{
	asy_key *key = NULL;
	const char *password = getenv(PASSWORD); /* edge: a main reads its environment */
	if (file.len == 0)
		return ASSAY_FAIL(err, E_FORMAT, "the file is empty");
	if (!looks_like_key(file))
		return ASSAY_FAIL(err, E_FORMAT,
						  "not a key file; wallet programs write JSON, or bytes that begin with "
						  "$NACL");
	if (asy_wallet_is_encrypted(file) && password == NULL)
		return ASSAY_FAIL(err, E_CRYPTO,
						  "the file is encrypted; put its password into the environment variable "
						  "ASSAY_WALLET_PASSWORD");
	assay_status st = load_words(file, password, &key, err);
	if (st == ASSAY_E_CRYPTO && asy_wallet_is_encrypted(file))
		st = assay_err_at(err, st, "opened with ASSAY_WALLET_PASSWORD");
	/* Only now is it known to be a secret. */
	if (st == ASSAY_OK)
		st = asy_wallet_check_mode(path, mode, err);
	if (st != ASSAY_OK) {
		asy_key_free(key);
		return st;
	}
	*out = key;
	return ASSAY_OK;
}

static assay_status load_wallet(const asy_options *o, const char *path, asy_key **out,
								assay_err *err)
{
	uint8_t *bytes;
	size_t len = 0;
	unsigned mode = 0;
	asy_file_kind kind = asy_front_stat(path);
	if (kind == ASY_FILE_MISSING)
		return missing(o, path, err);
	if (kind == ASY_FILE_DIR)
		return is_folder(path, err);
	if (kind == ASY_FILE_OTHER)
		return ASSAY_FAIL(err, E_INPUT, "not a plain file");
	if (is_coldkey(path))
		return ASSAY_FAIL(err, E_REFUSED,
						  "this is a coldkey; a validator signs with a hotkey, and its machine "
						  "must not hold the coldkey");
	bytes = asy_calloc(KEY_FILE_MAX, 1);
	if (bytes == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a key file");
	assay_status st = asy_front_read_secret(path, bytes, KEY_FILE_MAX, &len, &mode, err);
	if (st == ASSAY_OK)
		st = open_key(asy_span(bytes, len), path, mode, out, err);
	asy_wipe(bytes, KEY_FILE_MAX);
	free(bytes);
	return st;
}

assay_status asy_front_load_key(const char *config_file, const asy_options *o, asy_key **out,
								assay_err *err)
{
	char path[ASY_FRONT_PATH];
	if (o->wallet.dev_uri != NULL)
		return dev_key(o->wallet.dev_uri, out, err);
	assay_status st = asy_front_key_path(config_file, o, path, sizeof path, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "wallet.hotkey");
	st = load_wallet(o, path, out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "wallet.hotkey %s", path);
}

/* It has done its work: not in /proc/PID/environ, not in a child's environment. */
void asy_front_forget_password(void)
{
	char *password = getenv(PASSWORD); /* edge: a main's environment */
	if (password == NULL)
		return;
	asy_wipe(password, strlen(password));
	(void)unsetenv(PASSWORD);
}

assay_status asy_front_guard_secrets(assay_err *err)
{
	const struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return ASSAY_FAIL(err, E_IO, "core dumps cannot be switched off: %s", strerror(errno));
#ifndef __SANITIZE_ADDRESS__ /* its leak check attaches to this process as a debugger does */
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return ASSAY_FAIL(err, E_IO, "this process cannot be closed to debuggers: %s",
						  strerror(errno));
#endif
	return ASSAY_OK;
}
