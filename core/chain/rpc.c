/* JSON-RPC over POST: one call, one reply, at whichever endpoint answers. Refuses
 * replies with another id, without a result, or too deep; an endpoint that fails is left
 * for the next one, whatever the class of its failure.
 * Reason to change: the wire protocol, or the rule for leaving an endpoint. */
#include <stdlib.h>
#include "chain/impl.h"

#define REPLY_DEPTH_MAX 32

void asy_rpc_reply_fini(asy_rpc_reply *r)
{
	asy_json_free(r->doc);
	*r = (asy_rpc_reply){.doc = NULL};
}

/* ---- values of replies ---- */

assay_status asy_rpc_hex(asy_jv v, asy_buf *out, bool *some, assay_err *err)
{
	const char *s;
	size_t len;
	if (asy_jv_kind(v) == ASY_J_NULL) {
		*some = false;
		return ASSAY_OK;
	}
	assay_status st = asy_jv_str(v, &s, &len, err);
	if (st != ASSAY_OK)
		return st;
	if (len < 2 || s[0] != '0' || s[1] != 'x')
		return ASSAY_FAIL(err, E_FORMAT, "the node sent bytes without 0x");
	st = asy_buf_reserve(out, len / 2 + 1, err);
	if (st != ASSAY_OK)
		return st;
	long n = asy_hex_decode_any(s + 2, len - 2, out->ptr + out->len, len / 2);
	if (n < 0)
		return ASSAY_FAIL(err, E_FORMAT, "the node sent malformed hexadecimal bytes");
	out->len += (size_t)n;
	*some = true;
	return ASSAY_OK;
}

assay_status asy_rpc_hash(asy_jv v, asy_hash *out, assay_err *err)
{
	const char *s;
	size_t len;
	if (asy_jv_is_null(v))
		return ASSAY_FAIL(err, E_NOTFOUND, "the node has no such block");
	assay_status st = asy_jv_str(v, &s, &len, err);
	if (st != ASSAY_OK)
		return st;
	asy_hash h;
	if (len != 66 || !asy_hex_decode(s, h.b, sizeof h.b))
		return ASSAY_FAIL(err, E_FORMAT, "the node sent something else than a hash");
	*out = h;
	return ASSAY_OK;
}

assay_status asy_rpc_number(asy_jv v, uint64_t *out, assay_err *err)
{
	const char *s;
	size_t len;
	uint64_t n = 0;
	assay_status st = asy_jv_str(v, &s, &len, err);
	if (st != ASSAY_OK)
		return st;
	if (len < 3 || len > 18 || s[0] != '0' || s[1] != 'x')
		return ASSAY_FAIL(err, E_FORMAT, "the node sent something else than a number");
	for (size_t i = 2; i < len; i++) {
		char ch = s[i];
		unsigned d = ch >= '0' && ch <= '9'   ? (unsigned)(ch - '0')
					 : ch >= 'a' && ch <= 'f' ? (unsigned)(ch - 'a') + 10
					 : ch >= 'A' && ch <= 'F' ? (unsigned)(ch - 'A') + 10
											  : 16;
		if (d == 16)
			return ASSAY_FAIL(err, E_FORMAT, "the node sent something else than a number");
		n = n << 4 | d;
	}
	*out = n;
	return ASSAY_OK;
}

void asy_jw_hash(asy_jw *w, const asy_hash *h)
{
	char hex[67] = "0x";
	asy_hex_encode(hex + 2, h->b, sizeof h->b);
	asy_jw_str(w, hex);
}

/* ---- a reply ---- */

/* The error object; data may be any JSON, shown as its text. */
static assay_status get_error(asy_jv e, asy_rpc_error *out, assay_err *err)
{
	const char *s;
	size_t len;
	asy_buf text = {0};
	assay_status st = asy_jv_i64(asy_jv_get(e, "code"), &out->code, err);
	if (st != ASSAY_OK)
		return st;
	if (out->code == 0)
		return ASSAY_FAIL(err, E_FORMAT, "an error object with code 0");
	if (asy_jv_str(asy_jv_get(e, "message"), &s, &len, NULL) == ASSAY_OK)
		asy_str_escape(out->message, sizeof out->message, asy_span(s, len));
	asy_jv data = asy_jv_get(e, "data");
	if (asy_jv_str(data, &s, &len, NULL) == ASSAY_OK)
		asy_str_escape(out->data, sizeof out->data, asy_span(s, len));
	else if (!asy_jv_is_null(data) && asy_jv_canonical(data, &text, NULL) == ASSAY_OK)
		asy_str_escape(out->data, sizeof out->data, asy_buf_span(&text));
	asy_buf_fini(&text);
	return ASSAY_OK;
}

assay_status asy_rpc_decode(assay_span body, uint64_t id, asy_rpc_reply *reply, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = body.len, .max_depth = REPLY_DEPTH_MAX};
	asy_rpc_reply r = {.doc = NULL};
	uint64_t got = 0;
	if (body.len == 0)
		return ASSAY_FAIL(err, E_FORMAT, "the node sent an empty reply");
	assay_status st = asy_json_parse(body, &limits, &r.doc, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, ASSAY_E_FORMAT, "the node's reply");
	asy_jv root = asy_json_root(r.doc);
	asy_jv error = asy_jv_get(root, "error");
	if (asy_jv_kind(root) != ASY_J_OBJECT)
		st = ASSAY_FAIL(err, E_FORMAT, "the node's reply is not an object");
	/* a request that could not be parsed is answered with id null and an error */
	else if (asy_jv_u64(asy_jv_get(root, "id"), &got, NULL) != ASSAY_OK || got != id)
		st = ASSAY_FAIL(err, E_FORMAT, "the node answered another request than %" PRIu64, id);
	else if (!asy_jv_is_null(error))
		st = get_error(error, &r.error, err);
	else if (asy_jv_kind(asy_jv_get(root, "result")) == ASY_J_ABSENT)
		st = ASSAY_FAIL(err, E_FORMAT, "the node's reply has neither result nor error");
	else
		r.result = asy_jv_get(root, "result");
	if (st != ASSAY_OK) {
		asy_rpc_reply_fini(&r);
		return assay_err_at(err, ASSAY_E_FORMAT, "the node's reply");
	}
	*reply = r;
	return ASSAY_OK;
}

/* ---- a call ---- */

uint64_t asy_chain_deadline(const asy_chain *c)
{
	uint64_t ms = c->cfg.call_timeout_ms;
	return asy_sat_add_u64(c->cfg.clock->mono_ns(c->cfg.clock), ms * 1000000u);
}

static assay_status post(asy_chain *c, const char *method, assay_span params, asy_rpc_reply *reply,
						 assay_err *err)
{
	const uint64_t id = ++c->next_id;
	asy_buf request = {0}, body = {.max = c->cfg.max_reply_bytes};
	assay_status st = asy_buf_printf(
		&request, err, "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64 ",\"method\":\"%s\",\"params\":", id,
		method);
	if (st == ASSAY_OK)
		st = params.len > 0 ? asy_buf_add(&request, params.ptr, params.len, err)
							: asy_buf_add_str(&request, "[]", err);
	if (st == ASSAY_OK)
		st = asy_buf_add_str(&request, "}", err);
	c->requests++;
	if (st == ASSAY_OK)
		st = c->cfg.transport->send(c->cfg.transport, c->urls[c->at], asy_buf_span(&request), &body,
									asy_chain_deadline(c), err);
	if (st == ASSAY_OK)
		st = asy_rpc_decode(asy_buf_span(&body), id, reply, err);
	asy_buf_fini(&body);
	asy_buf_fini(&request);
	return st;
}

/* Failures that say something about the endpoint, not about us or the call. */
static bool is_endpoints_fault(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT || st == ASSAY_E_FORMAT ||
		   st == ASSAY_E_LIMIT || st == ASSAY_E_IO;
}

/* An endpoint we come to must serve the chain we left: the genesis tells. */
static assay_status verify(asy_chain *c, assay_err *err)
{
	asy_rpc_reply reply = {.doc = NULL};
	asy_hash genesis;
	if (c->verified || c->meta == NULL)
		return ASSAY_OK;
	assay_status st = post(c, "chain_getBlockHash", asy_span_str("[0]"), &reply, err);
	if (st == ASSAY_OK && reply.error.code == 0)
		st = asy_rpc_hash(reply.result, &genesis, err);
	if (st == ASSAY_OK && (reply.error.code != 0 || !asy_hash_eq(&genesis, &c->genesis)))
		st = ASSAY_FAIL(err, E_NET, "it serves another chain");
	c->verified = st == ASSAY_OK;
	asy_rpc_reply_fini(&reply);
	return st;
}

static void next_endpoint(asy_chain *c, const char *method, const assay_err *why)
{
	c->failures++;
	asy_complain(&c->sick, c->cfg.log, "chain.endpoint_failed", ASY_STR("url", c->urls[c->at]),
				 ASY_STR("method", method), ASY_STR("why", why->msg),
				 ASY_U64("failures", c->failures));
	if (c->urls_n > 1) {
		c->at = (c->at + 1) % c->urls_n;
		c->verified = false;
		c->failovers++;
	}
}

assay_status asy_rpc_call(asy_chain *c, const char *method, assay_span params, asy_rpc_reply *reply,
						  assay_err *err)
{
	assay_err why = {.status = ASSAY_OK};
	assay_status st = ASSAY_E_NET;
	for (size_t tries = 0; tries < c->urls_n; tries++) {
		st = verify(c, &why);
		if (st == ASSAY_OK)
			st = post(c, method, params, reply, &why);
		if (st == ASSAY_OK) {
			asy_complain_release(&c->sick);
			break;
		}
		if (!is_endpoints_fault(st))
			break;
		next_endpoint(c, method, &why);
	}
	if (st != ASSAY_OK) {
		/* whatever it was, to the caller it is the node that failed */
		if (is_endpoints_fault(st) && st != ASSAY_E_TIMEOUT)
			st = ASSAY_E_NET;
		return asy_err_set(err, st, "%s at %s: %s", method, c->urls[c->at], why.msg);
	}
	if (reply->error.code != 0)
		return ASSAY_FAIL(err, E_RPC, "%s: the node answered %" PRId64 " %s%s%s", method,
						  reply->error.code, reply->error.message,
						  reply->error.data[0] != '\0' ? ": " : "", reply->error.data);
	return ASSAY_OK;
}
