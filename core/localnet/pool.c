/* Pool: judging a submission, and filling a block.
 * Reason to change: as pool.h. */
#include <stdlib.h>
#include "localnet/pool.h"

static void item_fini(lnet_pooled *i)
{
	asy_buf_fini(&i->bytes);
}

void asy_lnet_pool_fini(lnet_pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		item_fini(&p->item[i]);
	free(p->item);
	*p = (lnet_pool){0};
}

static void refuse(lnet_rpc_error *e, int code, const char *message, const char *data)
{
	e->code = code;
	(void)asy_str_copy(e->message, sizeof e->message, message);
	(void)asy_str_copy(e->data, sizeof e->data, data);
}

/* The wording is the node's: clients match on it. */
static void explain(lnet_validity v, uint8_t custom, lnet_rpc_error *e)
{
	char text[32];
	switch (v) {
	case LNET_VALID:
	case LNET_FUTURE:
		return;
	case LNET_STALE:
		refuse(e, 1010, "Invalid Transaction", "Transaction is outdated");
		return;
	case LNET_BAD_SIGNATURE:
		refuse(e, 1010, "Invalid Transaction", "Transaction has a bad signature");
		return;
	case LNET_ANCIENT:
		refuse(e, 1010, "Invalid Transaction", "Transaction has an ancient birth block");
		return;
	case LNET_PAYMENT:
		refuse(e, 1010, "Invalid Transaction",
			   "Inability to pay some fees (e.g. account balance too low)");
		return;
	case LNET_UNSIGNED:
		refuse(e, 1011, "Unknown Transaction Validity",
			   "Could not find an unsigned validator for the unsigned transaction");
		return;
	case LNET_CUSTOM:
		(void)snprintf(text, sizeof text, "Custom error: %u", custom);
		refuse(e, 1010, "Invalid Transaction", text);
		return;
	}
}

static const lnet_pooled *find(const lnet_pool *p, const asy_account *who, uint32_t nonce)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i].x.nonce == nonce && asy_account_eq(&p->item[i].x.signer, who))
			return &p->item[i];
	return NULL;
}

/* A commitment "provides" itself: two of one hotkey for one mechanism do not wait together,
 * whatever their nonces, where the chain limits their rate. */
static bool is_commit(lnet_call call)
{
	return call == LNET_C_COMMIT_WEIGHTS || call == LNET_C_COMMIT_MECHANISM_WEIGHTS ||
		   call == LNET_C_COMMIT_TIMELOCKED_WEIGHTS ||
		   call == LNET_C_COMMIT_TIMELOCKED_MECHANISM_WEIGHTS;
}

static bool commit_waits(const lnet_pool *p, const lnet_ledger *l, const lnet_extrinsic *x)
{
	if (!asy_lnet_state_generation(l->rt.state)->pool_guards || !is_commit(x->call) ||
		asy_lnet_read1(l->rt.state, LNET_S_WEIGHTS_RATE, x->args.netuid) == 0)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const lnet_extrinsic *y = &p->item[i].x;
		if (is_commit(y->call) && asy_account_eq(&y->signer, &x->signer) &&
			y->args.netuid == x->args.netuid && y->args.mecid == x->args.mecid)
			return true;
	}
	return false;
}

static bool known(const lnet_pool *p, const asy_hash *hash)
{
	for (size_t i = 0; i < p->n; i++)
		if (asy_hash_eq(&p->item[i].x.hash, hash))
			return true;
	return false;
}

static bool keep(lnet_pool *p, assay_span bytes)
{
	lnet_pooled item = {0};
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 16 : p->cap * 2;
		lnet_pooled *grown = realloc(p->item, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		p->item = grown;
		p->cap = cap;
	}
	if (asy_buf_add(&item.bytes, bytes.ptr, bytes.len, NULL) != ASSAY_OK)
		return false;
	if (asy_lnet_extrinsic_decode(asy_buf_span(&item.bytes), &item.x, NULL) != ASSAY_OK) {
		asy_buf_fini(&item.bytes);
		return false;
	}
	p->item[p->n++] = item;
	p->bytes += bytes.len;
	return true;
}

void asy_lnet_pool_submit(lnet_pool *p, const lnet_ledger *l, assay_span bytes, asy_hash *hash,
						  lnet_rpc_error *why)
{
	lnet_extrinsic x;
	assay_err err = {0};
	uint8_t custom = 0;
	char text[72] = "0x";
	*why = (lnet_rpc_error){0};
	assay_status st = asy_lnet_extrinsic_decode(bytes, &x, &err);
	if (st != ASSAY_OK) {
		if (st == ASSAY_E_FORMAT) {
			(void)snprintf(why->message, sizeof why->message,
						   "Extrinsic has invalid format: %.110s", err.msg);
			why->code = 1001;
		} else {
			refuse(why, 1002,
				   "Verification Error: Runtime error: Execution failed: could not decode",
				   err.msg);
		}
		return;
	}
	*hash = x.hash;
	if (known(p, &x.hash)) {
		asy_hex_encode(text + 2, x.hash.b, 32);
		refuse(why, 1013, "Transaction Already Imported", text);
		return;
	}
	lnet_validity v = asy_lnet_validate(l, &x, &custom);
	explain(v, custom, why);
	if (why->code != 0)
		return;
	if (find(p, &x.signer, x.nonce) != NULL || commit_waits(p, l, &x)) {
		refuse(why, 1014, "Priority is too low: (1 vs 1)",
			   "The transaction has too low priority to replace another transaction already in "
			   "the pool.");
		return;
	}
	if (p->n >= LNET_POOL_MAX || p->bytes + bytes.len > LNET_POOL_BYTES_MAX || !keep(p, bytes))
		refuse(why, 1016, "Immediately Dropped",
			   "The transaction couldn't enter the pool because of the limit");
}

static void drop(lnet_pool *p, size_t i)
{
	p->bytes -= p->item[i].bytes.len;
	item_fini(&p->item[i]);
	memmove(p->item + i, p->item + i + 1, (p->n - i - 1) * sizeof *p->item);
	p->n--;
}

/* Includes what is ready until a pass brings nothing new: a filled gap makes later
 * nonces ready. */
static void fill(lnet_pool *p, lnet_ledger *l)
{
	bool progress = true;
	while (progress) {
		progress = false;
		for (size_t i = 0; i < p->n;) {
			const lnet_extrinsic *x = &p->item[i].x;
			uint32_t nonce = asy_lnet_account_get(l->rt.state, &x->signer).nonce;
			if (x->nonce == nonce && asy_lnet_ledger_apply(l, x)) {
				drop(p, i);
				progress = true;
			} else {
				i++;
			}
		}
	}
}

static void weed(lnet_pool *p, const lnet_ledger *l)
{
	for (size_t i = 0; i < p->n;) {
		uint8_t custom;
		lnet_validity v = asy_lnet_validate(l, &p->item[i].x, &custom);
		if (v == LNET_VALID || v == LNET_FUTURE)
			i++;
		else
			drop(p, i);
	}
}

assay_status asy_lnet_pool_produce(lnet_pool *p, lnet_ledger *l, assay_err *err)
{
	assay_status st = asy_lnet_ledger_begin(l, err);
	if (st != ASSAY_OK)
		return st;
	fill(p, l);
	st = asy_lnet_ledger_end(l, err);
	if (st == ASSAY_OK)
		weed(p, l);
	return st;
}

uint32_t asy_lnet_pool_next_nonce(const lnet_pool *p, const lnet_ledger *l, const asy_account *who)
{
	uint32_t n = asy_lnet_account_get(l->rt.state, who).nonce;
	while (find(p, who, n) != NULL)
		n++;
	return n;
}

bool asy_lnet_pool_is_ready(const lnet_pool *p, const lnet_ledger *l, size_t i)
{
	const lnet_extrinsic *x = &p->item[i].x;
	uint32_t n = asy_lnet_account_get(l->rt.state, &x->signer).nonce;
	while (n < x->nonce && find(p, &x->signer, n) != NULL)
		n++;
	return n == x->nonce;
}
