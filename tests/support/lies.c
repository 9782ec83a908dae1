/* See lies.h. The texts are edited by hand: a liar need not send JSON. */
#include <stdlib.h>
#include "codec/codec.h"
#include "support/lies.h"

#define R(name, text)                                                                              \
	{                                                                                              \
		name, LIE_RESULT, NULL, text, 0, NULL, 0                                                   \
	}
#define M(name, kind, method, text, arg)                                                           \
	{                                                                                              \
		name, kind, method, text, arg, NULL, 0                                                     \
	}
const lie lies[] = {
	R("null", "null"),
	R("number", "7"),
	R("negative", "-1"),
	R("fraction", "1.5"),
	R("true", "true"),
	R("text", "\"x\""),
	R("empty hex", "\"0x\""),
	R("bad hex", "\"0xzz\""),
	R("empty list", "[]"),
	R("list of lists", "[[[]]]"),
	R("empty object", "{}"),
	R("object of nulls", "{\"number\":null,\"specVersion\":null,\"block\":null,\"changes\":null}"),
	R("huge number", "99999999999999999999999999999"),
	M("empty body", LIE_BODY, NULL, "", 0),
	M("html", LIE_BODY, NULL, "<html>bad gateway</html>", 0),
	M("no result", LIE_BODY, NULL, "{\"jsonrpc\":\"2.0\",\"id\":1}", 0),
	M("batch", LIE_BODY, NULL, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}]", 0),
	M("zeros", LIE_BODY, NULL, "0000000000", 0),
	M("another id", LIE_ID, NULL, "987654321", 0),
	M("id is text", LIE_ID, NULL, "\"1\"", 0),
	M("id is null", LIE_ID, NULL, "null", 0),
	M("cut", LIE_CUT, NULL, NULL, 0),
	M("error -32000", LIE_ERROR, NULL, "{\"code\":-32000,\"message\":\"Server error\"}", 0),
	M("error -32601", LIE_ERROR, NULL, "{\"code\":-32601,\"message\":\"Method not found\"}", 0),
	M("state discarded", LIE_ERROR, "state_queryStorageAt",
	  "{\"code\":4003,\"message\":\"Client error: State already discarded\"}", 0),
	M("error of code 0", LIE_ERROR, NULL, "{\"code\":0,\"message\":\"\"}", 0),
	M("error without code", LIE_ERROR, NULL, "{\"code\":\"x\",\"message\":7}", 0),
	M("huge list", LIE_HUGE, NULL, NULL, 9),
	M("deep lists", LIE_DEEP, NULL, NULL, 0),
	M("long hex", LIE_LONG_HEX, NULL, NULL, 9),
	M("silence", LIE_SILENCE, NULL, NULL, 0),
	M("flipped head", LIE_FLIP, "chain_getHeader", NULL, 0),
	M("flipped block hash", LIE_FLIP, "chain_getBlockHash", NULL, 0),
	M("flipped metadata", LIE_FLIP, "state_getMetadata", NULL, 0),
	M("flipped metadata call", LIE_FLIP, "state_call", NULL, 0),
	M("flipped keys", LIE_FLIP, "state_queryStorageAt", NULL, 0),
	M("metadata of nothing", LIE_RESULT, "state_getMetadata", "\"0x6d657461\"", 0),
	M("metadata version 13", LIE_RESULT, "state_getMetadata", "\"0x6d6574610d00\"", 0),
	M("metadata is null", LIE_RESULT, "state_getMetadata", "null", 0),
	M("long metadata", LIE_LONG_HEX, "state_getMetadata", NULL, 7),
	M("other keys", LIE_OTHER_KEY, "state_queryStorageAt", NULL, 0),
	M("one key again and again", LIE_TWICE, "state_queryStorageAt", NULL, 0),
	M("values grown", LIE_GROWN, "state_queryStorageAt", NULL, 0),
	M("head is far ahead", LIE_NUMBER, "chain_getHeader", "\"0x7fffffffffffffff\"", 0),
	M("head is a number", LIE_NUMBER, "chain_getHeader", "12", 0),
	M("head is one more", LIE_NUMBER, "chain_getHeader", "\"0xfffff\"", 0),
	M("head is the first", LIE_OLD_HEAD, "chain_getHeader", NULL, 0),
	M("no block hash", LIE_RESULT, "chain_getBlockHash", "null", 0),
	M("finalised is nothing", LIE_RESULT, "chain_getFinalizedHead", "null", 0),
	M("finalised is unknown", LIE_FLIP, "chain_getFinalizedHead", NULL, 0),
	M("versions that change", LIE_VERSION, "state_getRuntimeVersion", NULL, 0),
	M("version is text", LIE_RESULT, "state_getRuntimeVersion",
	  "{\"specVersion\":\"425\",\"transactionVersion\":1,\"specName\":\"x\"}", 0),
	M("version is huge", LIE_RESULT, "state_getRuntimeVersion",
	  "{\"specVersion\":4294967296,\"transactionVersion\":1,\"specName\":\"x\"}", 0),
	M("nonce is text", LIE_RESULT, "system_accountNextIndex", "\"7\"", 0),
	M("nonce is huge", LIE_RESULT, "system_accountNextIndex", "1099511627776", 0),
	M("wrong submission hash", LIE_FLIP, "author_submitExtrinsic", NULL, 0),
	M("swallowed submission", LIE_SWALLOW, "author_submitExtrinsic", NULL, 0),
	M("refused: not registered", LIE_ERROR, "author_submitExtrinsic",
	  "{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 10\"}", 0),
	M("refused: unknown reason", LIE_ERROR, "author_submitExtrinsic",
	  "{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 77\"}", 0),
	M("takes nothing", LIE_ERROR, "author_submitExtrinsic",
	  "{\"code\":-32601,\"message\":\"Method not found\"}", 0),
	M("blocks are empty", LIE_HIDE, "chain_getBlock", NULL, 0),
	M("blocks are null", LIE_RESULT, "chain_getBlock", "null", 0),
	M("blocks of numbers", LIE_RESULT, "chain_getBlock", "{\"block\":{\"extrinsics\":[1,2,3]}}", 0),
	{"we are unknown", LIE_NULLS, "state_queryStorageAt", NULL, 0, "self", 0},
	{"nothing is there, from 60 on", LIE_NULLS, "state_queryStorageAt", NULL, 0, NULL, 60},
	{"nonsense, from 40 on", LIE_RESULT, NULL, "[7]", 0, NULL, 40},
	{"silence, from 50 on", LIE_SILENCE, NULL, NULL, 0, NULL, 50},
};
const size_t lies_n = sizeof lies / sizeof lies[0];

void liar_fini(liar *l)
{
	asy_buf_fini(&l->first_head);
}

static bool has(assay_span s, const char *text)
{
	return memmem(s.ptr, s.len, text, strlen(text)) != NULL;
}

bool liar_lies(liar *l, assay_span request)
{
	char wanted[96];
	const lie *w = l->what;
	l->requests++;
	if (w == NULL || l->requests <= w->from)
		return false;
	(void)snprintf(wanted, sizeof wanted, "\"method\":\"%s\"", w->method != NULL ? w->method : "");
	if (w->method != NULL && !has(request, wanted))
		return false;
	const char *about = w->about != NULL && strcmp(w->about, "self") == 0 ? l->self : w->about;
	if (about != NULL && !has(request, about))
		return false;
	l->told++;
	return true;
}

bool liar_keeps_from_node(const liar *l)
{
	return l->what->kind == LIE_SWALLOW || l->what->kind == LIE_SILENCE;
}

/* ---- texts ---- */

static void set(asy_buf *b, const char *text)
{
	asy_buf_reset(b);
	(void)!asy_buf_add_str(b, text, NULL);
}

static uint64_t id_of(assay_span request)
{
	const char *at = memmem(request.ptr, request.len, "\"id\":", 5);
	return at != NULL ? strtoull(at + 5, NULL, 10) : 0;
}

static void put_reply(asy_buf *b, const char *id, const char *member, const char *text)
{
	asy_buf_reset(b);
	(void)!asy_buf_printf(b, NULL, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":%s}", id, member, text);
}

static void put_many(asy_buf *b, const char *id, size_t bytes, const char *open, const char *unit,
					 const char *close)
{
	asy_buf_reset(b);
	b->max = 0;
	(void)!asy_buf_printf(b, NULL, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s", id, open);
	for (size_t i = 0; i < bytes / strlen(unit); i++)
		(void)!asy_buf_add_str(b, unit, NULL);
	(void)!asy_buf_printf(b, NULL, "%s}", close);
}

/* One digit of the longest run of hex digits. */
static void flip(asy_buf *b, uint64_t seed)
{
	size_t best = 0, best_len = 0;
	for (size_t i = 0; i + 2 < b->len; i++) {
		size_t n = 0;
		if (b->ptr[i] != '0' || b->ptr[i + 1] != 'x')
			continue;
		while (i + 2 + n < b->len && b->ptr[i + 2 + n] != '"')
			n++;
		if (n > best_len) {
			best = i + 2;
			best_len = n;
		}
		i += n;
	}
	if (best_len == 0)
		return;
	uint8_t *at = b->ptr + best + seed * 7919 % best_len;
	*at = *at == '0' ? '1' : '0';
}

/* Goes over the values of a state_queryStorageAt reply: [key,value] pairs. */
static void storage(asy_buf *b, lie_kind kind)
{
	asy_json *doc = NULL;
	asy_buf out = {0};
	if (asy_json_parse(asy_buf_span(b), NULL, &doc, NULL) != ASSAY_OK)
		return;
	asy_jv root = asy_json_root(doc), set0 = asy_jv_at(asy_jv_get(root, "result"), 0);
	asy_jv changes = asy_jv_get(set0, "changes");
	uint64_t id = 0;
	(void)!asy_jv_u64(asy_jv_get(root, "id"), &id, NULL);
	(void)!asy_buf_printf(&out, NULL,
						  "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
						  ",\"result\":[{\"block\":\"0x00\",\"changes\":[",
						  id);
	for (size_t i = 0; i < asy_jv_size(changes); i++) {
		const char *k = NULL, *v = NULL;
		size_t klen, vlen;
		asy_jv pair = asy_jv_at(changes, kind == LIE_TWICE ? 0 : i);
		if (asy_jv_str(asy_jv_at(pair, 0), &k, &klen, NULL) != ASSAY_OK)
			continue;
		bool some = asy_jv_str(asy_jv_at(pair, 1), &v, &vlen, NULL) == ASSAY_OK;
		(void)!asy_buf_printf(&out, NULL, "%s[\"%s%s\",", i > 0 ? "," : "", k,
							  kind == LIE_OTHER_KEY ? "00" : "");
		if (!some || kind == LIE_NULLS) {
			(void)!asy_buf_add_str(&out, "null]", NULL);
			continue;
		}
		(void)!asy_buf_add_str(&out, "\"0x", NULL);
		for (size_t d = 2; d < vlen; d++)
			(void)!asy_buf_printf(&out, NULL, "%c", kind == LIE_ZEROS ? '0' : v[d]);
		for (size_t d = 0; kind == LIE_GROWN && d < 40; d++)
			(void)!asy_buf_add_str(&out, "a5", NULL);
		(void)!asy_buf_add_str(&out, "\"]", NULL);
	}
	(void)!asy_buf_add_str(&out, "]}]}", NULL);
	asy_json_free(doc);
	asy_buf_reset(b);
	(void)!asy_buf_add(b, out.ptr, out.len, NULL);
	asy_buf_fini(&out);
}

static void set_number(asy_buf *b, const char *text)
{
	static const char mark[] = "\"number\":";
	asy_buf out = {0};
	const uint8_t *at = memmem(b->ptr, b->len, mark, sizeof mark - 1);
	if (at == NULL)
		return;
	const uint8_t *end = b->ptr + b->len, *from = at + sizeof mark - 1, *to = from;
	while (to < end && *to != ',' && *to != '}')
		to++;
	(void)!asy_buf_add(&out, b->ptr, (size_t)(from - b->ptr), NULL);
	(void)!asy_buf_add_str(&out, text, NULL);
	(void)!asy_buf_add(&out, to, (size_t)(end - to), NULL);
	asy_buf_reset(b);
	(void)!asy_buf_add(b, out.ptr, out.len, NULL);
	asy_buf_fini(&out);
}

/* The first header that was seen, under the new id. */
static void old_head(liar *l, const char *id, asy_buf *b)
{
	static const char mark[] = "\"result\":";
	if (l->first_head.len == 0) {
		const uint8_t *at = memmem(b->ptr, b->len, mark, sizeof mark - 1);
		if (at != NULL) {
			at += sizeof mark - 1;
			(void)!asy_buf_add(&l->first_head, at, (size_t)(b->ptr + b->len - 1 - at), NULL);
		}
		return;
	}
	char *copy = strdup(asy_buf_cstr(&l->first_head));
	if (copy != NULL)
		put_reply(b, id, "result", copy);
	free(copy);
}

void liar_tell(liar *l, assay_span request, asy_buf *b)
{
	const lie *w = l->what;
	char id[24], text[160];
	(void)snprintf(id, sizeof id, "%" PRIu64, id_of(request));
	switch (w->kind) {
	case LIE_RESULT:
		put_reply(b, id, "result", w->text);
		break;
	case LIE_BODY:
		set(b, w->text);
		break;
	case LIE_ERROR:
		put_reply(b, id, "error", w->text);
		break;
	case LIE_ID:
		put_reply(b, w->text, "result", "null");
		break;
	case LIE_CUT:
		b->len /= 2;
		break;
	case LIE_FLIP:
		flip(b, l->told);
		break;
	case LIE_HUGE:
		put_many(b, id, (size_t)w->arg << 20, "[1", ",1", "]");
		break;
	case LIE_DEEP:
		put_many(b, id, 20000, "", "[", "");
		break;
	case LIE_LONG_HEX:
		put_many(b, id, (size_t)w->arg << 20, "\"0x", "a5a5a5a5a5a5a5a5", "\"");
		break;
	case LIE_OTHER_KEY:
	case LIE_TWICE:
	case LIE_NULLS:
	case LIE_ZEROS:
	case LIE_GROWN:
		storage(b, w->kind);
		break;
	case LIE_NUMBER:
		set_number(b, w->text);
		break;
	case LIE_OLD_HEAD:
		old_head(l, id, b);
		break;
	case LIE_VERSION:
		(void)snprintf(text, sizeof text,
					   "{\"specVersion\":%" PRIu64
					   ",\"transactionVersion\":1,\"specName\":\"node-subtensor\"}",
					   500 + l->told);
		put_reply(b, id, "result", text);
		break;
	case LIE_SWALLOW: {
		/* the hash of the bytes that were sent */
		const uint8_t *at = memmem(request.ptr, request.len, "\"0x", 3);
		asy_buf bytes = {0};
		uint8_t hash[32] = {0};
		const char *hex = at != NULL ? (const char *)at + 3 : "";
		size_t n = at != NULL ? strcspn(hex, "\"") : 0;
		if (asy_buf_reserve(&bytes, n / 2 + 1, NULL) == ASSAY_OK &&
			asy_hex_decode_any(hex, n, bytes.ptr, n / 2) >= 0)
			asy_blake2b(bytes.ptr, n / 2, hash, sizeof hash);
		asy_buf_fini(&bytes);
		(void)snprintf(text, sizeof text, "\"0x");
		asy_hex_encode(text + 3, hash, sizeof hash);
		(void)strcat(text, "\"");
		put_reply(b, id, "result", text);
		break;
	}
	case LIE_HIDE:
		put_reply(b, id, "result", "{\"block\":{\"extrinsics\":[]}}");
		break;
	case LIE_SILENCE:
		asy_buf_reset(b);
		break;
	}
}
