/*~ Asking: which endpoint, how long, and what to do when it does not know or does not tell
 * the truth. Every answer of a node is one of three things: what was asked for, "I do not
 * have that", or that endpoint's failure; the third never gets further than this file.
 * Reason to change: the rule for leaving an endpoint, or for believing one. */
#include <stdlib.h>
#include <string.h>
#include "chain/impl.h"

/* A failed endpoint rests so long, twice as long with every further failure. */
#define REST_LEAST_NS ((uint64_t)500 * 1000000u)
#define REST_MOST_NS ((uint64_t)60 * 1000000000u)

static uint64_t now_ns(const asy_chain *c)
{
	return c->cfg.clock->mono_ns(c->cfg.clock);
}

asy_endpoint *asy_endpoint_in_use(asy_chain *c)
{
	return &c->ep[c->at];
}

/* ---- which endpoint ---- */

/* The next one that is not resting; when all rest, simply the next one. */
static size_t next_after(const asy_chain *c, size_t at)
{
	uint64_t now = now_ns(c);
	for (size_t k = 1; k < c->ep_n; k++) {
		size_t i = (at + k) % c->ep_n;
		if (c->ep[i].rests_until_ns <= now)
			return i;
	}
	return (at + 1) % c->ep_n;
}

void asy_endpoint_leave(asy_chain *c)
{
	if (c->ep_n == 1 || c->pinned)
		return;
	c->at = next_after(c, c->at);
	c->failovers++;
}

void asy_endpoint_failed(asy_chain *c, const char *doing, const char *why)
{
	asy_endpoint *e = asy_endpoint_in_use(c);
	uint64_t rest = REST_LEAST_NS << (e->streak < 7 ? e->streak : 7);
	e->streak++;
	e->failures++;
	e->verified = false;
	e->rests_until_ns = asy_sat_add_u64(now_ns(c), rest < REST_MOST_NS ? rest : REST_MOST_NS);
	c->failures++;
	asy_complain(&e->sick, c->cfg.log, "chain.endpoint_failed", ASY_STR("url", e->url),
				 ASY_STR("method", doing), ASY_STR("why", why), ASY_U64("failures", c->failures));
	asy_endpoint_leave(c);
}

static void note_answer(asy_chain *c, uint64_t began_ns)
{
	asy_endpoint *e = asy_endpoint_in_use(c);
	uint64_t took = asy_sat_sub_u64(now_ns(c), began_ns);
	e->latency_ns = e->latency_ns == 0 ? took : e->latency_ns / 8 * 7 + took / 8;
	e->answers++;
}

/* ---- a call: one deadline ---- */

assay_status asy_ask_begin(asy_chain *c, assay_err *err)
{
	asy_loop *l = c->cfg.loop;
	if (l != NULL && !asy_co_holds(l, &c->turn) && asy_co_lock(l, &c->turn) != ASSAY_OK)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (c->depth++ > 0)
		return ASSAY_OK;
	uint64_t now = now_ns(c), all = c->cfg.call_timeout_ms * 1000000u;
	c->deadline_ns = asy_sat_add_u64(now, all);
	c->half_ns = asy_sat_add_u64(now, all / 2);
	c->wrong = 0;
	c->denied = c->gone = 0;
	return ASSAY_OK;
}

bool asy_ask_has_time(const asy_chain *c)
{
	return now_ns(c) < c->half_ns;
}

/* What can only come from bytes that a node sent. Arguments of ours are checked before a
 * call begins. A runtime that we cannot read or sign for is the node's, too: it may be the
 * node that is wrong, and if not, it may be upgraded. */
static bool is_nodes_fault(assay_status st)
{
	return st == ASSAY_E_FORMAT || st == ASSAY_E_LIMIT || st == ASSAY_E_INPUT ||
		   st == ASSAY_E_RANGE || st == ASSAY_E_EMPTY || st == ASSAY_E_INTERNAL ||
		   st == ASSAY_E_UNSUPPORTED;
}

/*~ "There is no such hotkey" may end a validator's work, so one node's word is not enough
 * where a second one is configured. Until both say it, it is not known. */
static bool is_denied_again(asy_chain *c, assay_status *st, assay_err *err)
{
	const char *url = asy_endpoint_in_use(c)->url;
	bool asked = (c->denied & 1u << c->at) != 0;
	c->denied |= 1u << c->at;
	if (c->ep_n == 1 || (!asked && (c->denied & (c->denied - 1)) != 0))
		return false; /* the only one, or the second to say so */
	if (asked || now_ns(c) >= c->deadline_ns) {
		*st = assay_err_at(err, ASSAY_E_AGAIN, "only %s says so", url);
		return false;
	}
	asy_endpoint_leave(c);
	return true;
}

/* A block that one node does not have, another one may. One that nobody has may be an invention
 * of the endpoint that named it as its head, so in the end it is not the one that is asked next. */
static bool is_gone_again(asy_chain *c)
{
	bool asked = (c->gone & 1u << c->at) != 0;
	c->gone |= 1u << c->at;
	asy_endpoint_leave(c);
	return c->ep_n > 1 && !asked && now_ns(c) < c->deadline_ns;
}

static bool is_wrong_again(asy_chain *c, assay_status *st, assay_err *err)
{
	const char *url = asy_endpoint_in_use(c)->url;
	asy_endpoint_failed(c, "reading", err != NULL ? err->msg : "a wrong answer");
	if (++c->wrong < c->ep_n && !c->pinned && now_ns(c) < c->deadline_ns)
		return true;
	*st = assay_err_at(err, ASSAY_E_AGAIN, "%s answered wrongly", url);
	return false;
}

bool asy_ask_again(asy_chain *c, assay_status *st, assay_err *err)
{
	bool again = false;
	if (c->depth == 1 && is_nodes_fault(*st))
		again = is_wrong_again(c, st, err);
	else if (c->depth == 1 && *st == ASSAY_E_NOTFOUND)
		again = is_denied_again(c, st, err);
	else if (c->depth == 1 && *st == ASSAY_E_GONE)
		again = is_gone_again(c);
	if (!again && --c->depth == 0 && c->cfg.loop != NULL)
		asy_co_unlock(&c->turn);
	return again;
}

assay_status asy_ask_other(asy_chain *c, assay_status (*ask)(asy_chain *c, void *arg, assay_err *),
						   void *arg, assay_err *err)
{
	const size_t home = c->at;
	const unsigned wrong = c->wrong;
	assay_status st = ASSAY_FAIL(err, E_NET, "there is no other endpoint");
	ASSERT(c->depth > 0);
	c->pinned = true;
	for (size_t k = 1; k < c->ep_n; k++) {
		c->at = (home + k) % c->ep_n;
		if (c->ep[c->at].rests_until_ns > now_ns(c))
			continue;
		st = ask(c, arg, err);
		if (is_nodes_fault(st)) {
			asy_endpoint_failed(c, "reading", err != NULL ? err->msg : "a wrong answer");
			st = assay_err_at(err, ASSAY_E_AGAIN, "%s answered wrongly", c->ep[c->at].url);
		}
		if (st != ASSAY_E_NET && st != ASSAY_E_TIMEOUT && st != ASSAY_E_AGAIN)
			break;
	}
	c->pinned = false;
	c->at = home;
	c->wrong = wrong;
	return st;
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

static assay_status put_request(const char *method, assay_span params, uint64_t id, asy_buf *out,
								assay_err *err)
{
	assay_status st = asy_buf_printf(
		out, err, "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64 ",\"method\":\"%s\",\"params\":", id,
		method);
	if (st == ASSAY_OK)
		st = params.len > 0 ? asy_buf_add(out, params.ptr, params.len, err)
							: asy_buf_add_str(out, "[]", err);
	return st == ASSAY_OK ? asy_buf_add_str(out, "}", err) : st;
}

/* All posts at the endpoint in use: together where the transport can, else in turn. */
static assay_status deliver(asy_chain *c, asy_rpc_post *posts, size_t n, uint64_t until,
							assay_err *err)
{
	asy_rpc_transport *t = c->cfg.transport;
	const char *url = asy_endpoint_in_use(c)->url;
	assay_status st = ASSAY_OK;
	if (n > 1 && t->send_many != NULL)
		return t->send_many(t, url, posts, n, until, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = t->send(t, url, posts[i].body, &posts[i].reply, until, err);
	return st;
}

static assay_status post(asy_chain *c, const char *method, const asy_rpc_ask *asks, size_t n,
						 uint64_t until, asy_rpc_reply *replies, assay_err *err)
{
	const asy_rpc_bounds *bounds = asy_rpc_bounds_of(method);
	const uint64_t first_id = c->next_id + 1, began = now_ns(c);
	asy_rpc_post posts[ASY_RPC_ASKS_MAX] = {{.reply = {0}}};
	asy_buf requests[ASY_RPC_ASKS_MAX] = {{0}};
	assay_status st = ASSAY_OK;
	ASSERT(n <= ASY_RPC_ASKS_MAX);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		size_t max = asks[i].max_bytes != 0 ? asks[i].max_bytes : bounds->bytes;
		st = put_request(method, asks[i].params, ++c->next_id, &requests[i], err);
		posts[i].body = asy_buf_span(&requests[i]);
		posts[i].reply.max = max < c->cfg.max_reply_bytes ? max : c->cfg.max_reply_bytes;
	}
	c->requests += n;
	if (st == ASSAY_OK)
		st = deliver(c, posts, n, until, err);
	for (size_t i = 0; i < n; i++) {
		asy_buf_fini(&requests[i]);
		if (st == ASSAY_OK)
			st = asy_rpc_decode(asy_buf_span(&posts[i].reply), first_id + i, bounds->values,
								&replies[i], err);
		asy_buf_fini(&posts[i].reply);
	}
	if (st == ASSAY_OK)
		note_answer(c, began);
	for (size_t i = 0; i < n && st != ASSAY_OK; i++)
		asy_rpc_reply_fini(&replies[i]);
	return st;
}

/* Failures that say something about the endpoint, not about us or the request. */
static bool is_endpoints_fault(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT || st == ASSAY_E_FORMAT ||
		   st == ASSAY_E_LIMIT || st == ASSAY_E_IO || st == ASSAY_E_AGAIN;
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

/* The pool's numbers about a transaction are an answer; every other error is a failure. */
static assay_status status_of(const char *method, const asy_rpc_error *e, assay_err *err)
{
	if (e->code == 0 || (strncmp(method, "author_", 7) == 0 && e->code >= 1000 && e->code < 1100))
		return ASSAY_OK;
	return asy_err_set(err, says_gone(e) ? ASSAY_E_GONE : ASSAY_E_AGAIN,
					   "answered %" PRId64 " %s%s%s", e->code, e->message,
					   e->data[0] != '\0' ? ": " : "", e->data);
}

/* An endpoint we come to must serve the chain we left: the genesis tells. */
static assay_status verify(asy_chain *c, uint64_t until, assay_err *err)
{
	asy_endpoint *e = asy_endpoint_in_use(c);
	const asy_rpc_ask ask = {.params = asy_span_str("[0]")};
	asy_rpc_reply reply = {.doc = NULL};
	asy_hash genesis;
	if (e->verified || !c->has_genesis)
		return ASSAY_OK;
	assay_status st = post(c, "chain_getBlockHash", &ask, 1, until, &reply, err);
	if (st == ASSAY_OK)
		st = status_of("chain_getBlockHash", &reply.error, err);
	if (st == ASSAY_OK)
		st = asy_rpc_hash(reply.result, &genesis, err);
	if (st == ASSAY_E_GONE || is_nodes_fault(st)) /* without a genesis it serves nothing */
		st = ASSAY_E_NET;
	if (st == ASSAY_OK && !asy_hash_eq(&genesis, &c->genesis))
		st = ASSAY_FAIL(err, E_NET, "it serves another chain");
	e->verified = st == ASSAY_OK;
	asy_rpc_reply_fini(&reply);
	return st;
}

/* One endpoint: E_AGAIN and E_GONE leave the erring reply with the caller. */
static assay_status ask_one(asy_chain *c, const char *method, const asy_rpc_ask *asks, size_t n,
							uint64_t until, asy_rpc_reply *replies, assay_err *err)
{
	assay_status st = verify(c, until, err);
	if (st == ASSAY_OK)
		st = post(c, method, asks, n, until, replies, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = status_of(method, &replies[i].error, err);
	return st;
}

static void tell(char *told, size_t cap, const char *url, const char *sep, const char *said)
{
	const char *const parts[] = {told[0] != '\0' ? "; " : "", url, sep, said};
	for (size_t i = 0; i < ASY_COUNT(parts); i++)
		(void)asy_str_copy(told + strlen(told), cap - strlen(told), parts[i]);
}

/* What to tell of several failures: that a node does not have it says more than that one was
 * unable, and this more than that none answered. */
static assay_status telling(assay_status a, assay_status b)
{
	static const assay_status order[] = {ASSAY_E_GONE, ASSAY_E_AGAIN, ASSAY_E_TIMEOUT};
	for (size_t i = 0; i < ASY_COUNT(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return ASSAY_E_NET;
}

/* Tries the endpoints in turn; told gets what each that failed did. */
static assay_status ask_endpoints(asy_chain *c, const char *method, const asy_rpc_ask *asks,
								  size_t n, asy_rpc_reply *replies, char *told, size_t cap)
{
	const size_t home = c->at, tries = c->pinned ? 1 : c->ep_n;
	assay_err why = {.status = ASSAY_OK};
	assay_status st = ASSAY_E_NET, worst = ASSAY_E_NET;
	for (size_t k = 0; k < tries; k++) {
		asy_endpoint *e = asy_endpoint_in_use(c);
		uint64_t until = request_deadline(c, tries - k);
		if (now_ns(c) >= c->deadline_ns) {
			tell(told, cap, "", "", "the time of this call (chain.deadline_ms) is over");
			return ASSAY_E_TIMEOUT;
		}
		for (size_t i = 0; i < n; i++)
			asy_rpc_reply_fini(&replies[i]);
		st = ask_one(c, method, asks, n, until, replies, &why);
		if (st == ASSAY_OK) {
			if (worst == ASSAY_E_GONE) /* an archive was needed: only for this request */
				c->at = home;
			asy_complain_release(&e->sick);
			e->streak = 0;
			return st;
		}
		tell(told, cap, e->url, st == ASSAY_E_AGAIN || st == ASSAY_E_GONE ? " " : ": ", why.msg);
		if (st == ASSAY_E_GONE)
			asy_endpoint_leave(c);
		else if (is_endpoints_fault(st))
			asy_endpoint_failed(c, method, why.msg);
		else
			return st;
		worst = telling(worst, st);
	}
	if (worst == ASSAY_E_GONE)
		c->at = home;
	return worst;
}

assay_status asy_rpc_call_many(asy_chain *c, const char *method, const asy_rpc_ask *asks, size_t n,
							   asy_rpc_reply *replies, assay_err *err)
{
	char told[400] = "";
	ASSERT(c->depth > 0);
	assay_status st = ask_endpoints(c, method, asks, n, replies, told, sizeof told);
	if (st != ASSAY_OK)
		return asy_err_set(err, st, "%s: %s", method, told);
	for (size_t i = 0; i < n; i++)
		if (replies[i].error.code != 0)
			return asy_err_set(err, ASSAY_E_AGAIN, "%s: %s answered %" PRId64 " %s", method,
							   asy_endpoint_in_use(c)->url, replies[i].error.code,
							   replies[i].error.message);
	return ASSAY_OK;
}

assay_status asy_rpc_call(asy_chain *c, const char *method, assay_span params, asy_rpc_reply *reply,
						  assay_err *err)
{
	const asy_rpc_ask ask = {.params = params};
	return asy_rpc_call_many(c, method, &ask, 1, reply, err);
}
