/* RPC: the JSON-RPC 2.0 envelope: parse, batch, find the method, echo the id, apply the
 * fault that a test asked for.
 * Reason to change: the envelope. */
#include <stdlib.h>
#include "localnet/node.h"

assay_status asy_lnet_node_new(lnet_ledger *ledger, const char *name, uint64_t block_ms,
							   lnet_node **out, assay_err *err)
{
	lnet_node *n = asy_calloc(1, sizeof *n);
	if (n == NULL) {
		asy_lnet_ledger_free(ledger);
		return ASSAY_FAIL(err, E_NOMEM, "node of %zu bytes", sizeof *n);
	}
	n->ledger = ledger;
	n->block_ms = block_ms;
	(void)asy_str_copy(n->name, sizeof n->name, name);
	assay_status st =
		asy_lnet_metadata_encode(asy_lnet_state_generation(ledger->rt.state), &n->metadata, err);
	if (st != ASSAY_OK)
		asy_lnet_node_free(n);
	else
		*out = n;
	return st;
}

void asy_lnet_node_free(lnet_node *n)
{
	if (n == NULL)
		return;
	asy_lnet_pool_fini(&n->pool);
	asy_lnet_ledger_free(n->ledger);
	asy_buf_fini(&n->metadata);
	free(n);
}

void asy_lnet_fail(lnet_rpc_call *c, int code, const char *fmt, ...)
{
	va_list ap;
	c->error->code = code;
	c->error->data[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(c->error->message, sizeof c->error->message, fmt, ap);
	va_end(ap);
}

void asy_lnet_put_hex(asy_jw *w, assay_span bytes)
{
	char *text = malloc(2 * bytes.len + 3);
	if (text == NULL) {
		w->st = ASSAY_E_NOMEM;
		return;
	}
	text[0] = '0';
	text[1] = 'x';
	asy_hex_encode(text + 2, bytes.ptr, bytes.len);
	asy_jw_strn(w, text, 2 * bytes.len + 2);
	free(text);
}

bool asy_lnet_param_bytes(lnet_rpc_call *c, size_t i, asy_buf *out)
{
	const char *text;
	size_t len;
	if (asy_jv_str(asy_jv_at(c->params, i), &text, &len, NULL) != ASSAY_OK || len < 2 ||
		text[0] != '0' || text[1] != 'x' || len % 2 != 0) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter %zu is not 0x hex bytes", i);
		return false;
	}
	asy_buf_reset(out);
	if (asy_buf_reserve(out, len / 2, NULL) != ASSAY_OK) {
		asy_lnet_fail(c, -32603, "Internal error: out of memory");
		return false;
	}
	long n = asy_hex_decode_any(text + 2, len - 2, out->ptr, len / 2);
	if (n < 0) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter %zu has a character outside hex", i);
		return false;
	}
	out->len = (size_t)n;
	return true;
}

const lnet_block *asy_lnet_param_block(lnet_rpc_call *c, size_t i)
{
	asy_jv p = asy_jv_at(c->params, i);
	const char *text;
	size_t len;
	asy_hash hash;
	if (asy_jv_is_null(p))
		return asy_lnet_head(c->node->ledger);
	if (asy_jv_str(p, &text, &len, NULL) != ASSAY_OK || len != 66 ||
		!asy_hex_decode(text, hash.b, 32)) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter %zu is not a block hash", i);
		return NULL;
	}
	const lnet_block *b = asy_lnet_block_by_hash(c->node->ledger, &hash);
	if (b == NULL)
		asy_lnet_fail(c, 4003, "Client error: Api called for an unknown Block: %s", text);
	return b;
}

static const lnet_method_row *in_table(const lnet_method_row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static void list_methods(lnet_rpc_call *c)
{
	const struct {
		const lnet_method_row *rows;
		size_t n;
	} tables[] = {{asy_lnet_chain_methods, asy_lnet_chain_methods_n},
				  {asy_lnet_state_methods, asy_lnet_state_methods_n},
				  {asy_lnet_sub_methods, asy_lnet_sub_methods_n},
				  {asy_lnet_test_methods, asy_lnet_test_methods_n}};
	asy_jw_object(c->out);
	asy_jw_key(c->out, "methods");
	asy_jw_array(c->out);
	for (size_t t = 0; t < ASY_COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++)
			asy_jw_str(c->out, tables[t].rows[i].name);
	asy_jw_str(c->out, "rpc_methods");
	asy_jw_end_array(c->out);
	asy_jw_end_object(c->out);
}

static lnet_method *find_method(const char *name)
{
	const lnet_method_row *m = in_table(asy_lnet_chain_methods, asy_lnet_chain_methods_n, name);
	if (m == NULL)
		m = in_table(asy_lnet_state_methods, asy_lnet_state_methods_n, name);
	if (m == NULL)
		m = in_table(asy_lnet_sub_methods, asy_lnet_sub_methods_n, name);
	if (m == NULL)
		m = in_table(asy_lnet_test_methods, asy_lnet_test_methods_n, name);
	if (m != NULL)
		return m->run;
	return strcmp(name, "rpc_methods") == 0 ? list_methods : NULL;
}

/* The fault that applies to a request for this method, if any; counts it down. */
static lnet_fault_kind suffer(lnet_node *n, const char *method)
{
	lnet_fault *f = &n->fault;
	if (f->kind == LNET_FAULT_NONE || (f->method[0] != '\0' && strcmp(f->method, method) != 0))
		return LNET_FAULT_NONE;
	if (f->skip > 0) {
		f->skip--;
		return LNET_FAULT_NONE;
	}
	lnet_fault_kind kind = f->kind;
	if (--f->count == 0)
		f->kind = LNET_FAULT_NONE;
	return kind;
}

static void put_error(asy_jw *w, const lnet_rpc_error *e)
{
	asy_jw_key(w, "error");
	asy_jw_object(w);
	asy_jw_ki64(w, "code", e->code);
	asy_jw_kstr(w, "message", e->message);
	if (e->data[0] != '\0')
		asy_jw_kstr(w, "data", e->data);
	asy_jw_end_object(w);
}

/* Runs the method into result; what it wrote counts only when it did not fail. */
static void call_method(lnet_node *n, asy_jv request, asy_buf *result, lnet_rpc_error *e,
						lnet_wire *wire, bool *wrong_id)
{
	const char *method;
	size_t len;
	asy_jv params = asy_jv_get(request, "params");
	asy_jw w = asy_jw_out(result, 0);
	lnet_rpc_call c = {n, params, &w, e};
	if (asy_jv_str(asy_jv_get(request, "method"), &method, &len, NULL) != ASSAY_OK) {
		asy_lnet_fail(&c, -32600, "Invalid Request: no method");
		return;
	}
	lnet_fault fault = n->fault;
	lnet_method *run = find_method(method);
	switch (strncmp(method, "assay_", 6) == 0 ? LNET_FAULT_NONE : suffer(n, method)) {
	case LNET_FAULT_NONE:
		break;
	case LNET_FAULT_ERROR:
		asy_lnet_fail(&c, fault.code, "%s", fault.message);
		return;
	case LNET_FAULT_HTTP:
		wire->status = fault.code;
		break;
	case LNET_FAULT_TRUNCATED:
		wire->cut = 0;
		break;
	case LNET_FAULT_WRONG_ID:
		*wrong_id = true;
		break;
	case LNET_FAULT_STALL:
		wire->delay_ms = fault.ms;
		break;
	case LNET_FAULT_DROP:
		wire->drop = true;
		return;
	}
	if (run == NULL) {
		asy_lnet_fail(&c, -32601, "Method not found");
		return;
	}
	if (asy_jv_kind(params) != ASY_J_ARRAY && !asy_jv_is_null(params)) {
		asy_lnet_fail(&c, -32602, "Invalid params: expected an array");
		return;
	}
	run(&c);
	assay_err err = {0};
	if (e->code == 0 && asy_jw_end(&w, &err) != ASSAY_OK)
		asy_lnet_fail(&c, -32603, "Internal error: %.120s", err.msg);
}

/* One request object to one reply object. */
static assay_status answer(lnet_node *n, asy_jv request, asy_buf *out, lnet_wire *wire,
						   assay_err *err)
{
	lnet_rpc_error e = {0};
	asy_buf result = {0}, id = {0};
	asy_jv id_view = asy_jv_get(request, "id");
	bool wrong_id = false;
	assay_status st = ASSAY_OK;
	n->requests++;
	if (asy_jv_kind(request) == ASY_J_OBJECT)
		call_method(n, request, &result, &e, wire, &wrong_id);
	else
		e = (lnet_rpc_error){-32600, "Invalid Request: not an object", ""};
	if (asy_jv_kind(id_view) == ASY_J_INT || asy_jv_kind(id_view) == ASY_J_STRING)
		st = asy_jv_canonical(id_view, &id, err);
	if (st == ASSAY_OK) {
		asy_jw w = asy_jw_out(out, 0);
		asy_jw_object(&w);
		asy_jw_kstr(&w, "jsonrpc", "2.0");
		asy_jw_key(&w, "id");
		if (wrong_id)
			asy_jw_str(&w, "another request");
		else if (id.len > 0)
			asy_jw_raw(&w, asy_buf_span(&id));
		else
			asy_jw_null(&w);
		if (e.code != 0) {
			put_error(&w, &e);
		} else {
			asy_jw_key(&w, "result");
			asy_jw_raw(&w, asy_buf_span(&result));
		}
		asy_jw_end_object(&w);
		st = asy_jw_end(&w, err);
	}
	asy_buf_fini(&id);
	asy_buf_fini(&result);
	return st;
}

static assay_status refuse_body(const char *text, int code, asy_buf *out, assay_err *err)
{
	lnet_rpc_error e = {.code = code};
	(void)asy_str_copy(e.message, sizeof e.message, text);
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "jsonrpc", "2.0");
	asy_jw_key(&w, "id");
	asy_jw_null(&w);
	put_error(&w, &e);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

assay_status asy_lnet_rpc(lnet_node *n, assay_span body, asy_buf *out, lnet_wire *wire,
						  assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = LNET_REQUEST_MAX, .max_depth = 16};
	asy_json *doc = NULL;
	*wire = (lnet_wire){.status = 200, .cut = SIZE_MAX};
	if (asy_json_parse(body, &limits, &doc, NULL) != ASSAY_OK)
		return refuse_body("Parse error", -32700, out, err);
	asy_jv root = asy_json_root(doc);
	size_t size = asy_jv_size(root);
	assay_status st = ASSAY_OK;
	if (asy_jv_kind(root) != ASY_J_ARRAY) {
		st = answer(n, root, out, wire, err);
	} else if (size == 0 || size > LNET_BATCH_REQUESTS_MAX) {
		st = refuse_body("Invalid Request: batch of no or too many requests", -32600, out, err);
	} else {
		st = asy_buf_add_str(out, "[", err);
		for (size_t i = 0; st == ASSAY_OK && i < size; i++) {
			if (i > 0)
				st = asy_buf_add_str(out, ",", err);
			if (st == ASSAY_OK)
				st = answer(n, asy_jv_at(root, i), out, wire, err);
		}
		if (st == ASSAY_OK)
			st = asy_buf_add_str(out, "]", err);
	}
	if (wire->cut == 0)
		wire->cut = out->len / 2;
	asy_json_free(doc);
	return st;
}
