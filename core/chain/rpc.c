/* JSON-RPC: replies and their values. Refuses replies with another id, without a result,
 * too deep, or of more values than the method's answer can have.
 * Reason to change: the wire protocol, or what a method may answer. */
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

/*~ What a method's answer may cost. A parsed value takes some hundred bytes, so bytes alone
 * do not bound memory: 16 MB of "[1,1,..." became 700 MB. With both bounds an answer takes
 * at most four times its bytes: the text, the parser's copy while it grows, and ours. */
static const asy_rpc_bounds bounds[] = {
	{"author_submitExtrinsic", (size_t)64 << 10, 256},
	{"chain_getBlock", (size_t)12 << 20, 24000},
	{"chain_getBlockHash", (size_t)64 << 10, 256},
	{"chain_getFinalizedHead", (size_t)64 << 10, 256},
	{"chain_getHeader", (size_t)1 << 20, 2048},
	{"state_call", 2 * ASY_METADATA_MAX_BYTES + 4096, 256},
	{"state_getMetadata", 2 * ASY_METADATA_MAX_BYTES + 4096, 256},
	{"state_getRuntimeVersion", (size_t)256 << 10, 2048},
	{"state_queryStorageAt", (size_t)10 << 20, 4096},
	{"system_accountNextIndex", (size_t)64 << 10, 256},
};

const asy_rpc_bounds *asy_rpc_bounds_of(const char *method)
{
	static const asy_rpc_bounds unknown = {"", (size_t)1 << 20, 4096};
	for (size_t i = 0; i < ASY_COUNT(bounds); i++)
		if (strcmp(bounds[i].method, method) == 0)
			return &bounds[i];
	return &unknown;
}

assay_status asy_rpc_decode(assay_span body, uint64_t id, size_t max_values, asy_rpc_reply *reply,
							assay_err *err)
{
	const asy_json_limits limits = {
		.max_bytes = body.len, .max_depth = REPLY_DEPTH_MAX, .max_values = max_values};
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

/* ---- a look at a message ---- */

/* The index after a string that begins at i. */
static size_t after_string(assay_span s, size_t i)
{
	for (i++; i < s.len && s.ptr[i] != '"'; i++)
		i += s.ptr[i] == '\\';
	return i + 1;
}

static size_t after_space(assay_span s, size_t i)
{
	while (i < s.len &&
		   (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '\n' || s.ptr[i] == '\r'))
		i++;
	return i;
}

static bool begins(assay_span s, size_t i, const char *text)
{
	size_t n = strlen(text);
	return i + n <= s.len && memcmp(s.ptr + i, text, n) == 0;
}

/* A member of the top level whose key begins at i; returns where its value begins. */
static size_t look_at_member(assay_span s, size_t i, asy_rpc_peek *out)
{
	size_t value = after_space(s, after_string(s, i));
	if (value >= s.len || s.ptr[value] != ':')
		return value;
	value = after_space(s, value + 1);
	if (begins(s, i, "\"id\"") && value < s.len && s.ptr[value] >= '0' && s.ptr[value] <= '9') {
		out->has_id = true;
		out->id = 0;
		for (size_t k = value; k < s.len && k < value + 19 && s.ptr[k] >= '0' && s.ptr[k] <= '9';
			 k++)
			out->id = out->id * 10 + (uint64_t)(s.ptr[k] - '0');
	}
	if (begins(s, i, "\"method\""))
		out->is_head = begins(s, value, "\"chain_newHead\"");
	return value;
}

bool asy_rpc_peek_at(assay_span s, asy_rpc_peek *out)
{
	size_t depth = 0, i = after_space(s, 0);
	bool is_key = false;
	*out = (asy_rpc_peek){.id = 0};
	if (i >= s.len || s.ptr[i] != '{')
		return false;
	while (i < s.len) {
		uint8_t c = s.ptr[i];
		if (c == '"') {
			i = is_key && depth == 1 ? look_at_member(s, i, out) : after_string(s, i);
			is_key = false;
			continue;
		}
		depth += c == '{' || c == '[';
		if (c == '}' || c == ']')
			depth -= depth > 0;
		if (c == '{' || c == ',')
			is_key = true;
		i++;
	}
	return depth == 0;
}
