/* What the files of miner share; private to it. */
#ifndef ASY_MINER_IMPL_H
#define ASY_MINER_IMPL_H
#include "miner/miner.h"

extern const asy_dialect asy_dialect_btauth1;

/* "sr25519" or "ed25519", as btauth/1 names them. */
const char *asy_btauth1_scheme(asy_key_scheme scheme);
#define ASY_BTAUTH1_SIG_TEXT 131 /* 0x, 128 digits, NUL */

/* Remembers the pair for as long as it could be presented again. E_REFUSED: seen
 * before; E_LIMIT: full of pairs that are still fresh. */
assay_status asy_replay_check(asy_replay *r, const uint8_t hotkey[32], uint64_t nonce,
							  uint64_t now_ns, uint64_t window_ns, assay_err *err) ASSAY_CHECKED;
#endif
