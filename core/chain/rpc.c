/* JSON-RPC over POST: one call, one reply, at whichever endpoint answers. Refuses
 * replies with another id, without a result, or too deep; an endpoint that fails is left
 * for the next one, whatever the class of its failure.
 * Reason to change: the wire protocol, or the rule for leaving an endpoint. */
#include <stdlib.h>
#include <string.h>
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
		return ASSAY_FAIL(err, E_GONE, "the node has no such block");
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

/* ---- a call: one deadline ---- */

static uint64_t now_ns(const asy_chain *c)
{
	return c->cfg.clock->mono_ns(c->cfg.clock);
}

bool asy_ask_begin(asy_chain *c, assay_err *err)
{
	asy_loop *l = c->cfg.loop;
	if (l != NULL && !asy_co_holds(l, &c->turn) && asy_co_lock(l, &c->turn) != ASSAY_OK) {
		(void)ASSAY_FAIL(err, E_CANCELLED, "interrupted");
		return false;
	}
	if (c->depth++ > 0)
		return true;
	uint64_t now = now_ns(c), all = c->cfg.call_timeout_ms * 1000000u;
	c->deadline_ns = asy_sat_add_u64(now, all);
	c->half_ns = asy_sat_add_u64(now, all / 2);
	return true;
}

bool asy_ask_has_time(const asy_chain *c)
{
	return now_ns(c) < c->half_ns;
}

/* A decoder's complaint about bytes that came from a node. */
static bool is_nonsense(assay_status st)
{
	return st == ASSAY_E_FORMAT || st == ASSAY_E_LIMIT;
}

assay_status asy_ask_end(asy_chain *c, assay_status st, assay_err *err)
{
	if (--c->depth > 0)
		return st;
	if (is_nonsense(st)) {
		st = assay_err_at(err, ASSAY_E_AGAIN, "%s answered wrongly", c->urls[c->at]);
		asy_endpoint_failed(c, "reading", err != NULL ? err->msg : "a wrong answer");
	}
	if (c->cfg.loop != NULL)
		asy_co_unlock(&c->turn);
	return st;
}

void asy_endpoint_failed(asy_chain *c, const char *doing, const char *why)
{
	c->failures++;
	asy_complain(&c->sick[c->at], c->cfg.log, "chain.endpoint_failed",
				 ASY_STR("url", c->urls[c->at]), ASY_STR("method", doing), ASY_STR("why", why),
				 ASY_U64("failures", c->failures));
	if (c->urls_n > 1) {
		c->at = (c->at + 1) % c->urls_n;
		c->verified = false;
		c->failovers++;
	}
}

/* ---- a request ---- */

/* When a request must be over: a hanging endpoint may not use up the time of those that
 * have not been asked yet. */
static uint64_t request_deadline(const asy_chain *c, size_t endpoints_left)
{
	uint64_t now = now_ns(c), left = asy_sat_sub_u64(c->deadline_ns, now) / endpoints_left;
	uint64_t most = (uint64_t)REQUEST_MS_MAX * 1000000u;
	return asy_sat_add_u64(now, left < most ? left : most);
}

static assay_status post(asy_chain *c, const char *method, assay_span params, uint64_t until,
						 asy_rpc_reply *reply, assay_err *err)
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
									until, err);
	if (st == ASSAY_OK)
		st = asy_rpc_decode(asy_buf_span(&body), id, reply, err);
	asy_buf_fini(&body);
	asy_buf_fini(&request);
	return st;
}

/* Failures that say something about the endpoint, not about us or the request. */
static bool is_endpoints_fault(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT || st == ASSAY_E_FORMAT ||
		   st == ASSAY_E_LIMIT || st == ASSAY_E_IO;
}

/* An endpoint we come to must serve the chain we left: the genesis tells. */
static assay_status verify(asy_chain *c, uint64_t until, assay_err *err)
{
	asy_rpc_reply reply = {.doc = NULL};
	asy_hash genesis;
	if (c->verified || c->meta == NULL)
		return ASSAY_OK;
	assay_status st = post(c, "chain_getBlockHash", asy_span_str("[0]"), until, &reply, err);
	if (st == ASSAY_OK && reply.error.code == 0)
		st = asy_rpc_hash(reply.result, &genesis, err);
	if (st == ASSAY_E_GONE) /* a node without a genesis serves nothing */
		st = ASSAY_E_NET;
	if (st == ASSAY_OK && (reply.error.code != 0 || !asy_hash_eq(&genesis, &c->genesis)))
		st = ASSAY_FAIL(err, E_NET, "it serves another chain");
	c->verified = st == ASSAY_OK;
	asy_rpc_reply_fini(&reply);
	return st;
}

/* Tries the endpoints in turn; told gets what each that failed did. */
static assay_status ask_endpoints(asy_chain *c, const char *method, assay_span params,
								  asy_rpc_reply *reply, char *told, size_t cap)
{
	assay_err why = {.status = ASSAY_OK};
	assay_status st = ASSAY_E_NET;
	size_t used = 0;
	for (size_t tries = 0; tries < c->urls_n; tries++) {
		const char *url = c->urls[c->at];
		uint64_t until = request_deadline(c, c->urls_n - tries);
		if (now_ns(c) >= c->deadline_ns) {
			(void)snprintf(told + used, cap - used,
						   "%sthe time of this call (chain.deadline_ms) is over",
						   used > 0 ? "; " : "");
			return ASSAY_E_TIMEOUT;
		}
		st = verify(c, until, &why);
		if (st == ASSAY_OK)
			st = post(c, method, params, until, reply, &why);
		if (st == ASSAY_OK) {
			asy_complain_release(&c->sick[c->at]);
			return st;
		}
		int n = snprintf(told + used, cap - used, "%s%s: %s", used > 0 ? "; " : "", url, why.msg);
		used = n > 0 && used + (size_t)n < cap ? used + (size_t)n : cap - 1;
		if (!is_endpoints_fault(st))
			return st;
		asy_endpoint_failed(c, method, why.msg);
	}
	/* whatever it was, to the caller it is the node that failed */
	return st == ASSAY_E_TIMEOUT ? st : ASSAY_E_NET;
}

/* Whether the node says that it does not keep what was asked about. The wordings are those
 * of substrate's client ("State already discarded for ...", "UnknownBlock: ...", "Header was
 * not found in the database"); they come under several codes. */
static bool says_gone(const asy_rpc_error *e)
{
	static const char *const words[] = {"discarded", "unknown block", "unknownblock",
										"header was not found", "block not found"};
	for (size_t i = 0; i < ASY_COUNT(words); i++)
		if (strcasestr(e->message, words[i]) != NULL || strcasestr(e->data, words[i]) != NULL)
			return true;
	return false;
}

assay_status asy_rpc_call(asy_chain *c, const char *method, assay_span params, asy_rpc_reply *reply,
						  assay_err *err)
{
	char told[400] = "";
	ASSERT(c->depth > 0);
	assay_status st = ask_endpoints(c, method, params, reply, told, sizeof told);
	if (st != ASSAY_OK)
		return asy_err_set(err, st, "%s: %s", method, told);
	const asy_rpc_error *e = &reply->error;
	if (e->code == 0)
		return ASSAY_OK;
	st = says_gone(e) ? ASSAY_E_GONE : ASSAY_E_AGAIN;
	return asy_err_set(err, st, "%s: %s answered %" PRId64 " %s%s%s", method, c->urls[c->at],
					   e->code, e->message, e->data[0] != '\0' ? ": " : "", e->data);
}
