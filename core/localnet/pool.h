/* Pool: transactions that wait for a block. Accepts what the chain's rules accept,
 * answers what a node answers when it does not, keeps nonce gaps waiting.
 * Bounded in number and bytes; a full pool says so (1016).
 * Reason to change: how a node judges and orders transactions. */
#ifndef ASY_LOCALNET_POOL_H
#define ASY_LOCALNET_POOL_H
#include "localnet/ledger.h"

enum { LNET_POOL_MAX = 2048, LNET_POOL_BYTES_MAX = 32 << 20 };

typedef struct {
	asy_buf bytes;
	lnet_extrinsic x; /* borrows bytes */
} lnet_pooled;

typedef struct {
	lnet_pooled *item; /* in order of arrival */
	size_t n, cap, bytes;
} lnet_pool;

/* A JSON-RPC error; code 0 = none. data "" = absent. */
typedef struct {
	int code;
	char message[160], data[200];
} lnet_rpc_error;

void asy_lnet_pool_fini(lnet_pool *p);
/* Takes the bytes in, or says why not. hash is set in any case where the framing holds. */
void asy_lnet_pool_submit(lnet_pool *p, const lnet_ledger *l, assay_span bytes, asy_hash *hash,
						  lnet_rpc_error *why);
/* One block: everything ready, per account by nonce, else by arrival. Included and
 * no longer valid transactions leave the pool. */
assay_status asy_lnet_pool_produce(lnet_pool *p, lnet_ledger *l, assay_err *err) ASSAY_CHECKED;
/* The nonce that the account's next transaction should carry. */
uint32_t asy_lnet_pool_next_nonce(const lnet_pool *p, const lnet_ledger *l, const asy_account *who);
/* Could it go into the next block, everything before it included? */
bool asy_lnet_pool_is_ready(const lnet_pool *p, const lnet_ledger *l, size_t i);
#endif
