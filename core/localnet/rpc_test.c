/* RPC, test controls: what no real node has: blocks on demand, storage by force, and
 * faults on the wire. All deterministic: they act on the next requests in order.
 * Reason to change: a control that a test needs. */
#include "localnet/node.h"

static void produce(lnet_rpc_call *c)
{
	uint64_t n = 1;
	assay_err err = {0};
	asy_jv p = asy_jv_at(c->params, 0);
	if (!asy_jv_is_null(p) &&
		(asy_jv_u64(p, &n, NULL) != ASSAY_OK || n == 0 || n > LNET_PRODUCE_MAX)) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not a count from 1 to %d",
					  LNET_PRODUCE_MAX);
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		if (asy_lnet_pool_produce(&c->node->pool, c->node->ledger, &err) != ASSAY_OK) {
			asy_lnet_fail(c, -32603, "Internal error: %.120s", err.msg);
			return;
		}
	}
	asy_lnet_put_hex(c->out, asy_span(asy_lnet_head(c->node->ledger)->hash.b, 32));
}

static void set_block_time(lnet_rpc_call *c)
{
	uint64_t ms;
	if (asy_jv_u64(asy_jv_at(c->params, 0), &ms, NULL) != ASSAY_OK ||
		(ms != 0 && (ms < 50 || ms > 3600000))) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not 0 (manual) or 50..3600000 ms");
		return;
	}
	c->node->block_ms = ms;
	asy_jw_bool(c->out, true);
}

/* Takes effect in the block after the head, like a change that block made. */
static void set_storage(lnet_rpc_call *c)
{
	asy_buf key = {0}, value = {0};
	bool remove = asy_jv_is_null(asy_jv_at(c->params, 1));
	if (asy_lnet_param_bytes(c, 0, &key) && (remove || asy_lnet_param_bytes(c, 1, &value))) {
		lnet_state *s = c->node->ledger->rt.state;
		if (remove)
			asy_lnet_state_del(s, asy_buf_span(&key));
		else
			asy_lnet_state_put(s, asy_buf_span(&key), asy_buf_span(&value));
		asy_jw_bool(c->out, true);
	}
	asy_buf_fini(&key);
	asy_buf_fini(&value);
}

/* Another runtime from the block after the head on, as a new code in storage would do it. What
 * is in the pool was signed for the old one and is refused when a block is filled. */
static void set_runtime(lnet_rpc_call *c)
{
	uint64_t spec = 0;
	assay_err err = {0};
	asy_buf metadata = {0};
	const lnet_generation *g = asy_jv_u64(asy_jv_at(c->params, 0), &spec, NULL) == ASSAY_OK
								   ? asy_lnet_generation(spec)
								   : NULL;
	if (g == NULL) {
		asy_lnet_fail(c, -32602,
					  "Invalid params: parameter 0 is not the number of a known runtime");
		return;
	}
	if (asy_lnet_metadata_encode(g, &metadata, &err) != ASSAY_OK) {
		asy_buf_fini(&metadata);
		asy_lnet_fail(c, -32603, "Internal error: %.120s", err.msg);
		return;
	}
	asy_buf_fini(&c->node->metadata);
	c->node->metadata = metadata;
	asy_lnet_state_set_generation(c->node->ledger->rt.state, g);
	asy_jw_bool(c->out, true);
}

/* A beacon that falls silent, and one that catches up. */
static void hold_pulses(lnet_rpc_call *c)
{
	bool held;
	if (asy_jv_bool(asy_jv_at(c->params, 0), &held, NULL) != ASSAY_OK) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not true or false");
		return;
	}
	c->node->ledger->rt.pulses_held = held;
	asy_jw_bool(c->out, true);
}

static const struct {
	const char *name;
	lnet_fault_kind kind;
} faults[] = {{"none", LNET_FAULT_NONE},         {"error", LNET_FAULT_ERROR},
			  {"http", LNET_FAULT_HTTP},         {"truncated", LNET_FAULT_TRUNCATED},
			  {"wrong_id", LNET_FAULT_WRONG_ID}, {"stall", LNET_FAULT_STALL},
			  {"drop", LNET_FAULT_DROP}};

static bool optional_u64(asy_jv v, uint64_t *out)
{
	return asy_jv_is_null(v) || asy_jv_u64(v, out, NULL) == ASSAY_OK;
}

static void optional_text(asy_jv v, char *dst, size_t cap)
{
	const char *text;
	size_t len;
	if (asy_jv_str(v, &text, &len, NULL) == ASSAY_OK)
		(void)asy_str_copy(dst, cap, text);
}

/* [{"kind", "count", "skip", "code", "message", "ms", "method"}] */
static void set_fault(lnet_rpc_call *c)
{
	asy_jv p = asy_jv_at(c->params, 0);
	lnet_fault f = {.count = 1, .code = 0};
	const char *kind = "";
	size_t len, i = 0;
	int64_t code = 0;
	if (asy_jv_str(asy_jv_get(p, "kind"), &kind, &len, NULL) != ASSAY_OK)
		kind = "";
	while (i < ASY_COUNT(faults) && strcmp(faults[i].name, kind) != 0)
		i++;
	asy_jv code_view = asy_jv_get(p, "code");
	if (i == ASY_COUNT(faults) || !optional_u64(asy_jv_get(p, "count"), &f.count) ||
		!optional_u64(asy_jv_get(p, "skip"), &f.skip) ||
		!optional_u64(asy_jv_get(p, "ms"), &f.ms) || f.ms > 600000 || f.count == 0 ||
		(!asy_jv_is_null(code_view) &&
		 (asy_jv_i64(code_view, &code, NULL) != ASSAY_OK || code < -40000 || code > 10000))) {
		asy_lnet_fail(c, -32602,
					  "Invalid params: kind none|error|http|truncated|wrong_id|stall|drop, "
					  "count >= 1, skip, code, message, ms <= 600000, method");
		return;
	}
	f.kind = faults[i].kind;
	f.code = code != 0 ? (int)code : f.kind == LNET_FAULT_HTTP ? 503 : -32000;
	if (f.kind == LNET_FAULT_HTTP && (f.code < 200 || f.code > 599))
		f.code = 503;
	(void)asy_str_copy(f.message, sizeof f.message, "fault on request");
	optional_text(asy_jv_get(p, "message"), f.message, sizeof f.message);
	optional_text(asy_jv_get(p, "method"), f.method, sizeof f.method);
	c->node->fault = f;
	asy_jw_bool(c->out, true);
}

static void status(lnet_rpc_call *c)
{
	const lnet_node *n = c->node;
	asy_jw_object(c->out);
	asy_jw_ku64(c->out, "head", n->ledger->head);
	asy_jw_ku64(c->out, "finalized", asy_lnet_finalized(n->ledger));
	asy_jw_ku64(c->out, "blockMs", n->block_ms);
	asy_jw_ku64(c->out, "pool", n->pool.n);
	asy_jw_ku64(c->out, "keys", asy_lnet_state_keys_n(n->ledger->rt.state));
	asy_jw_ku64(c->out, "requests", n->requests);
	asy_jw_end_object(c->out);
}

const lnet_method_row asy_lnet_test_methods[] = {
	{"assay_holdPulses", hold_pulses},
	{"assay_produceBlocks", produce},
	{"assay_setBlockTime", set_block_time},
	{"assay_setFault", set_fault},
	{"assay_setRuntime", set_runtime},
	{"assay_setStorage", set_storage},
	{"assay_status", status},
};
const size_t asy_lnet_test_methods_n = ASY_COUNT(asy_lnet_test_methods);
