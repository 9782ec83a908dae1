/* verify: whose signature is on a plugin's bytes. Private to the module. */
#ifndef ASY_PLUGIN_VERIFY_H
#define ASY_PLUGIN_VERIFY_H
#include "crypto/crypto.h"

/* Compares the bytes behind fd (sealed: they stay what they are) with PATH.minisig, which must
 * be by one of keys (texts of minisign public keys). E_REFUSED: unsigned, by nobody who is
 * trusted, or of other bytes. E_CONFIG: one of keys is none. */
assay_status asy_verify_plugin(int fd, const char *path, const char *const *keys, size_t n,
							   asy_minisign *out, assay_err *err) ASSAY_CHECKED;
/* What the trusted comment of "assay-plugin id=… version=…" says must be so; other comments say
 * nothing. E_REFUSED. */
assay_status asy_verify_names(const asy_minisign *s, const char *id, const char *version,
							  assay_err *err) ASSAY_CHECKED;
#endif
