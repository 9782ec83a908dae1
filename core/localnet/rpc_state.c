/* RPC, state side: storage reads at any remembered block, metadata, runtime calls.
 * Reason to change: a method of state_. */
#include "localnet/node.h"

enum { KEYS_PAGE_MAX = 1000, QUERY_KEYS_MAX = 4096 };

void asy_lnet_put_runtime_version(const lnet_node *n, asy_jw *w)
{
	asy_jw_object(w);
	asy_jw_kstr(w, "specName", LNET_SPEC_NAME);
	asy_jw_kstr(w, "implName", LNET_SPEC_NAME);
	asy_jw_ku64(w, "authoringVersion", 1);
	asy_jw_ku64(w, "specVersion", asy_lnet_state_generation(n->ledger->rt.state)->spec);
	asy_jw_ku64(w, "implVersion", LNET_IMPL_VERSION);
	asy_jw_key(w, "apis");
	asy_jw_array(w);
	for (size_t i = 0; i < asy_lnet_apis_n; i++) {
		asy_jw_array(w);
		asy_lnet_put_hex(w, asy_span(asy_lnet_apis[i].id, sizeof asy_lnet_apis[i].id));
		asy_jw_u64(w, asy_lnet_apis[i].version);
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
	asy_jw_ku64(w, "transactionVersion", LNET_TX_VERSION);
	asy_jw_ku64(w, "stateVersion", 1);
	asy_jw_end_object(w);
}

static void runtime_version(lnet_rpc_call *c)
{
	if (asy_lnet_param_block(c, 0) != NULL)
		asy_lnet_put_runtime_version(c->node, c->out);
}

static void metadata(lnet_rpc_call *c)
{
	if (asy_lnet_param_block(c, 0) != NULL)
		asy_lnet_put_hex(c->out, asy_buf_span(&c->node->metadata));
}

static void put_value(lnet_rpc_call *c, const lnet_block *at, assay_span key)
{
	assay_span v;
	if (asy_lnet_state_get_at(c->node->ledger->rt.state, at->number, key, &v))
		asy_lnet_put_hex(c->out, v);
	else
		asy_jw_null(c->out);
}

static void get_storage(lnet_rpc_call *c)
{
	asy_buf key = {0};
	const lnet_block *at = asy_lnet_param_block(c, 1);
	if (at != NULL && asy_lnet_param_bytes(c, 0, &key))
		put_value(c, at, asy_buf_span(&key));
	asy_buf_fini(&key);
}

static bool put_key(void *arg, assay_span key, assay_span value)
{
	(void)value;
	asy_lnet_put_hex(arg, key);
	return true;
}

static void get_keys_paged(lnet_rpc_call *c)
{
	asy_buf prefix = {0}, after = {0};
	uint64_t count;
	const lnet_block *at = asy_lnet_param_block(c, 3);
	bool ok = at != NULL &&
			  (asy_jv_is_null(asy_jv_at(c->params, 0)) || asy_lnet_param_bytes(c, 0, &prefix));
	if (ok &&
		(asy_jv_u64(asy_jv_at(c->params, 1), &count, NULL) != ASSAY_OK || count > KEYS_PAGE_MAX)) {
		asy_lnet_fail(c, 4002, "count is missing or exceeds maximum value %d", KEYS_PAGE_MAX);
		ok = false;
	}
	ok = ok && (asy_jv_is_null(asy_jv_at(c->params, 2)) || asy_lnet_param_bytes(c, 2, &after));
	if (ok) {
		asy_jw_array(c->out);
		asy_lnet_state_scan(c->node->ledger->rt.state, at->number, asy_buf_span(&prefix),
							asy_buf_span(&after), count, put_key, c->out);
		asy_jw_end_array(c->out);
	}
	asy_buf_fini(&prefix);
	asy_buf_fini(&after);
}

static void query_storage_at(lnet_rpc_call *c)
{
	asy_jv keys = asy_jv_at(c->params, 0);
	const lnet_block *at = asy_lnet_param_block(c, 1);
	size_t n = asy_jv_size(keys);
	asy_buf key = {0};
	if (at == NULL)
		return;
	if (asy_jv_kind(keys) != ASY_J_ARRAY || n > QUERY_KEYS_MAX) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not an array of at most %d keys",
					  QUERY_KEYS_MAX);
		return;
	}
	asy_jw *w = c->out;
	lnet_rpc_call inner = {c->node, keys, w, c->error};
	asy_jw_array(w);
	asy_jw_object(w);
	asy_jw_khex(w, "block", at->hash.b, 32);
	asy_jw_key(w, "changes");
	asy_jw_array(w);
	for (size_t i = 0; i < n && asy_lnet_param_bytes(&inner, i, &key); i++) {
		asy_jw_array(w);
		asy_lnet_put_hex(w, asy_buf_span(&key));
		put_value(c, at, asy_buf_span(&key));
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
	asy_jw_end_object(w);
	asy_jw_end_array(w);
	asy_buf_fini(&key);
}

static void call(lnet_rpc_call *c)
{
	const char *name;
	size_t len;
	asy_buf args = {0}, out = {0};
	assay_err err = {0};
	const lnet_block *at = asy_lnet_param_block(c, 2);
	if (at == NULL)
		return;
	if (asy_jv_str(asy_jv_at(c->params, 0), &name, &len, NULL) != ASSAY_OK) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not a function name");
	} else if (asy_lnet_param_bytes(c, 1, &args)) {
		if (asy_lnet_api_call(c->node, at, name, asy_buf_span(&args), &out, &err) == ASSAY_OK)
			asy_lnet_put_hex(c->out, asy_buf_span(&out));
		else
			asy_lnet_fail(c, 4003, "Client error: Execution failed: %.110s", err.msg);
	}
	asy_buf_fini(&args);
	asy_buf_fini(&out);
}

const lnet_method_row asy_lnet_state_methods[] = {
	{"state_call", call},
	{"state_getKeysPaged", get_keys_paged},
	{"state_getMetadata", metadata},
	{"state_getRuntimeVersion", runtime_version},
	{"state_getStorage", get_storage},
	{"state_queryStorageAt", query_storage_at},
};
const size_t asy_lnet_state_methods_n = ASY_COUNT(asy_lnet_state_methods);
