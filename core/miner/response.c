/* What counts as an answer. One class for the reward plugin, one finer reason for
 * people, and a hard line: our own failure never counts as the miner's. Pure.
 * Reason to change: another way in which a query can end without an answer. */
#include "miner/miner.h"

/* An answer that is only checked for being JSON. */
#define JSON_VALUES_MAX ((size_t)1 << 20)

static const struct {
	const char *word, *name;
	asy_reply cls;
} reasons[ASY_WHY_N] = {
	[ASY_WHY_OK] = {"ok", "ok", ASY_REPLY_OK},
	[ASY_WHY_EMPTY] = {"empty", "empty body", ASY_REPLY_EMPTY},
	[ASY_WHY_UNROUTABLE] = {"unroutable", "address refused by policy", ASY_REPLY_REFUSED},
	[ASY_WHY_UNREACHABLE] = {"unreachable", "nobody listens there", ASY_REPLY_REFUSED},
	[ASY_WHY_TIMEOUT_CONNECT] = {"timeout_connect", "no connection in time", ASY_REPLY_TIMEOUT},
	[ASY_WHY_TIMEOUT] = {"timeout", "no complete answer in time", ASY_REPLY_TIMEOUT},
	[ASY_WHY_CLOSED] = {"closed", "connection closed early", ASY_REPLY_REFUSED},
	[ASY_WHY_AUTH] = {"auth", "status 401", ASY_REPLY_HTTP},
	[ASY_WHY_FORBIDDEN] = {"forbidden", "status 403", ASY_REPLY_HTTP},
	[ASY_WHY_NOT_FOUND] = {"not_found", "status 404", ASY_REPLY_HTTP},
	[ASY_WHY_BUSY] = {"busy", "status 429", ASY_REPLY_HTTP},
	[ASY_WHY_REDIRECT] = {"redirect", "redirect, not followed", ASY_REPLY_HTTP},
	[ASY_WHY_STATUS] = {"status", "HTTP error status", ASY_REPLY_HTTP},
	[ASY_WHY_PROTOCOL] = {"protocol", "not a valid HTTP answer", ASY_REPLY_HTTP},
	[ASY_WHY_DECODE] = {"decode", "body is not acceptable JSON", ASY_REPLY_HTTP},
	[ASY_WHY_TOO_LARGE] = {"too_large", "answer over the size limit", ASY_REPLY_TOO_LARGE},
	[ASY_WHY_BREAKER] = {"breaker", "not asked: failed too often lately", ASY_REPLY_REFUSED},
	[ASY_WHY_CHANGED_HANDS] = {"changed_hands", "the uid changed hands", ASY_REPLY_REFUSED},
	[ASY_WHY_NOT_STARTED] = {"not_started", "not asked: the round's time was over",
							 ASY_REPLY_INTERNAL},
	[ASY_WHY_CANCELLED] = {"cancelled", "interrupted", ASY_REPLY_INTERNAL},
	[ASY_WHY_LAG] = {"lag", "late, while this machine stood still", ASY_REPLY_INTERNAL},
	[ASY_WHY_NO_ROOM] = {"no_room", "no room for it (query.max_round_bytes)", ASY_REPLY_INTERNAL},
	[ASY_WHY_INTERNAL] = {"internal", "failed on our side", ASY_REPLY_INTERNAL},
};

const char *asy_why_name(asy_why w)
{
	return (unsigned)w < ASY_WHY_N ? reasons[w].name : "unknown";
}

const char *asy_why_word(asy_why w)
{
	return (unsigned)w < ASY_WHY_N ? reasons[w].word : "unknown";
}

asy_why asy_why_find(const char *word)
{
	unsigned w = 0;
	while (w < ASY_WHY_N && strcmp(reasons[w].word, word) != 0)
		w++;
	return (asy_why)w;
}

asy_reply asy_why_class(asy_why w)
{
	return (unsigned)w < ASY_WHY_N ? reasons[w].cls : ASY_REPLY_INTERNAL;
}

static asy_why of_status(int status)
{
	switch (status) {
	case 401:
		return ASY_WHY_AUTH;
	case 403:
		return ASY_WHY_FORBIDDEN;
	case 404:
		return ASY_WHY_NOT_FOUND;
	case 429:
		return ASY_WHY_BUSY;
	default:
		return status >= 300 && status < 400 ? ASY_WHY_REDIRECT : ASY_WHY_STATUS;
	}
}

static bool is_json(const asy_buf *body)
{
	const asy_json_limits limits = {.max_values = JSON_VALUES_MAX};
	asy_json *doc = NULL;
	bool good = asy_json_parse(asy_buf_span(body), &limits, &doc, NULL) == ASSAY_OK;
	asy_json_free(doc);
	return good;
}

static asy_why of_answer(const asy_http_result *r, bool json)
{
	if (r->status < 200 || r->status > 299)
		return of_status(r->status);
	if (r->body.len == 0)
		return ASY_WHY_EMPTY;
	return !json || is_json(&r->body) ? ASY_WHY_OK : ASY_WHY_DECODE;
}

static asy_why of_result(const asy_http_result *r, bool json)
{
	switch (r->cls) {
	case ASY_HTTP_ANSWERED:
		return of_answer(r, json);
	case ASY_HTTP_TIMEOUT_CONNECT:
		return ASY_WHY_TIMEOUT_CONNECT;
	case ASY_HTTP_TIMEOUT:
		return ASY_WHY_TIMEOUT;
	case ASY_HTTP_UNREACHABLE:
		return ASY_WHY_UNREACHABLE;
	case ASY_HTTP_FORBIDDEN:
		return ASY_WHY_UNROUTABLE;
	case ASY_HTTP_CLOSED:
		return ASY_WHY_CLOSED;
	case ASY_HTTP_TOO_LARGE:
		return ASY_WHY_TOO_LARGE;
	case ASY_HTTP_PROTOCOL:
		return ASY_WHY_PROTOCOL;
	case ASY_HTTP_NOT_STARTED:
		return ASY_WHY_NOT_STARTED;
	case ASY_HTTP_CANCELLED:
		return ASY_WHY_CANCELLED;
	case ASY_HTTP_INTERNAL:
		return ASY_WHY_INTERNAL;
	}
	return ASY_WHY_INTERNAL;
}

asy_reply asy_response_classify(const asy_http_result *r, bool json, asy_why *why)
{
	*why = of_result(r, json);
	return reasons[*why].cls;
}
