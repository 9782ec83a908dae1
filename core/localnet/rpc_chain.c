/* RPC, chain side: headers, blocks, submission, facts about the node.
 * Reason to change: a method of chain_, author_ or system_. */
#include <stdlib.h>
#include "localnet/node.h"

void asy_lnet_put_header(asy_jw *w, const lnet_block *b)
{
	char number[24];
	(void)snprintf(number, sizeof number, "0x%" PRIx64, b->number);
	asy_jw_object(w);
	asy_jw_khex(w, "parentHash", b->parent.b, 32);
	asy_jw_kstr(w, "number", number);
	asy_jw_khex(w, "stateRoot", b->state_root.b, 32);
	asy_jw_khex(w, "extrinsicsRoot", b->extrinsics_root.b, 32);
	asy_jw_key(w, "digest");
	asy_jw_object(w);
	asy_jw_key(w, "logs");
	asy_jw_array(w);
	asy_jw_end_array(w);
	asy_jw_end_object(w);
	asy_jw_end_object(w);
}

/* A hash we do not have is null here, not an error. */
static const lnet_block *block_or_null(lnet_rpc_call *c)
{
	const lnet_block *b = asy_lnet_param_block(c, 0);
	if (b == NULL && c->error->code == 4003) {
		*c->error = (lnet_rpc_error){0};
		asy_jw_null(c->out);
	}
	return b;
}

static void get_header(lnet_rpc_call *c)
{
	const lnet_block *b = block_or_null(c);
	if (b != NULL)
		asy_lnet_put_header(c->out, b);
}

static void get_block(lnet_rpc_call *c)
{
	const lnet_block *b = block_or_null(c);
	if (b == NULL)
		return;
	asy_jw_object(c->out);
	asy_jw_key(c->out, "block");
	asy_jw_object(c->out);
	asy_jw_key(c->out, "header");
	asy_lnet_put_header(c->out, b);
	asy_jw_key(c->out, "extrinsics");
	asy_jw_array(c->out);
	for (size_t i = 0; i < b->extrinsics_n; i++)
		asy_lnet_put_hex(c->out, asy_buf_span(&b->extrinsic[i]));
	asy_jw_end_array(c->out);
	asy_jw_end_object(c->out);
	asy_jw_key(c->out, "justifications");
	asy_jw_null(c->out);
	asy_jw_end_object(c->out);
}

static void put_hash(lnet_rpc_call *c, const asy_hash *h)
{
	asy_lnet_put_hex(c->out, asy_span(h->b, sizeof h->b));
}

static void get_block_hash(lnet_rpc_call *c)
{
	const lnet_ledger *l = c->node->ledger;
	asy_jv p = asy_jv_at(c->params, 0);
	uint64_t number = l->head;
	const char *text;
	size_t len;
	if (asy_jv_str(p, &text, &len, NULL) == ASSAY_OK) {
		char *end = NULL;
		number = strncmp(text, "0x", 2) == 0 && len > 2 && len <= 18 ? strtoull(text, &end, 16)
																	 : UINT64_MAX;
		if (end == NULL || *end != '\0')
			number = UINT64_MAX;
	} else if (!asy_jv_is_null(p) && asy_jv_u64(p, &number, NULL) != ASSAY_OK) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not a block number");
		return;
	}
	/* Genesis is never forgotten: signatures need it. */
	const lnet_block *b = asy_lnet_block_at(l, number);
	if (b != NULL)
		put_hash(c, &b->hash);
	else if (number == 0)
		put_hash(c, &l->genesis);
	else
		asy_jw_null(c->out);
}

static void get_finalized(lnet_rpc_call *c)
{
	const lnet_ledger *l = c->node->ledger;
	const lnet_block *b = asy_lnet_block_at(l, asy_lnet_finalized(l));
	put_hash(c, b != NULL ? &b->hash : &l->genesis);
}

static void submit(lnet_rpc_call *c)
{
	asy_buf bytes = {0};
	asy_hash hash = {{0}};
	if (asy_lnet_param_bytes(c, 0, &bytes)) {
		asy_lnet_pool_submit(&c->node->pool, c->node->ledger, asy_buf_span(&bytes), &hash,
							 c->error);
		if (c->error->code == 0)
			put_hash(c, &hash);
	}
	asy_buf_fini(&bytes);
}

static void pending(lnet_rpc_call *c)
{
	const lnet_pool *p = &c->node->pool;
	asy_jw_array(c->out);
	for (size_t i = 0; i < p->n; i++)
		if (asy_lnet_pool_is_ready(p, c->node->ledger, i))
			asy_lnet_put_hex(c->out, asy_buf_span(&p->item[i].bytes));
	asy_jw_end_array(c->out);
}

static void next_index(lnet_rpc_call *c)
{
	const char *text;
	size_t len;
	asy_account who;
	assay_err err = {0};
	if (asy_jv_str(asy_jv_at(c->params, 0), &text, &len, NULL) != ASSAY_OK ||
		asy_ss58_decode(text, who.b, &err) != ASSAY_OK) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not an SS58 address");
		return;
	}
	asy_jw_u64(c->out, asy_lnet_pool_next_nonce(&c->node->pool, c->node->ledger, &who));
}

static void health(lnet_rpc_call *c)
{
	asy_jw_object(c->out);
	asy_jw_ku64(c->out, "peers", 0);
	asy_jw_kbool(c->out, "isSyncing", false);
	asy_jw_kbool(c->out, "shouldHavePeers", false);
	asy_jw_end_object(c->out);
}

static void chain_name(lnet_rpc_call *c)
{
	asy_jw_str(c->out, c->node->name);
}
static void node_version(lnet_rpc_call *c)
{
	asy_jw_str(c->out, assay_version());
}
static void node_name(lnet_rpc_call *c)
{
	asy_jw_str(c->out, "assay localnet");
}

static void properties(lnet_rpc_call *c)
{
	asy_jw_object(c->out);
	asy_jw_ku64(c->out, "ss58Format", LNET_SS58);
	asy_jw_ku64(c->out, "tokenDecimals", 9);
	asy_jw_kstr(c->out, "tokenSymbol", "TAO");
	asy_jw_end_object(c->out);
}

const lnet_method_row asy_lnet_chain_methods[] = {
	{"author_pendingExtrinsics", pending},
	{"author_submitExtrinsic", submit},
	{"chain_getBlock", get_block},
	{"chain_getBlockHash", get_block_hash},
	{"chain_getFinalizedHead", get_finalized},
	{"chain_getHeader", get_header},
	{"system_accountNextIndex", next_index},
	{"system_chain", chain_name},
	{"system_health", health},
	{"system_name", node_name},
	{"system_properties", properties},
	{"system_version", node_version},
};
const size_t asy_lnet_chain_methods_n = ASY_COUNT(asy_lnet_chain_methods);
