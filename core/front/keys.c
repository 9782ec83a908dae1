/* The validator's hotkey, as a configuration names it: a development key, or a key file
 * whose mode is checked before it is read. The bytes are wiped before they are freed.
 * Reason to change: another place where a key may be kept. */
#include <stdlib.h>
#include <sys/stat.h>
#include "front/front.h"

#define KEY_FILE_MAX ((size_t)64 << 10)

static assay_status load_wallet(const char *config_file, const char *name, asy_key **out,
								assay_err *err)
{
	char path[4096];
	struct stat sb;
	asy_buf bytes = {.max = KEY_FILE_MAX};
	assay_status st = asy_front_config_path(config_file, name, path, sizeof path, err);
	if (st != ASSAY_OK)
		return st;
	if (stat(path, &sb) == 0)
		st = asy_wallet_check_mode(path, sb.st_mode, err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(path, KEY_FILE_MAX, &bytes, err);
	const char *password = getenv("ASSAY_WALLET_PASSWORD"); /* edge: a main reads its environment */
	if (st == ASSAY_OK)
		st = asy_wallet_load(asy_buf_span(&bytes), password, out, err);
	if (bytes.ptr != NULL)
		asy_wipe(bytes.ptr, bytes.len);
	asy_buf_fini(&bytes);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "wallet.hotkey %s", path);
}

assay_status asy_front_load_key(const char *config_file, const asy_options *o, asy_key **out,
								assay_err *err)
{
	if (o->wallet.dev_uri != NULL)
		return asy_key_from_uri(ASY_KEY_SR25519, o->wallet.dev_uri, out, err);
	return load_wallet(config_file, o->wallet.hotkey, out, err);
}
