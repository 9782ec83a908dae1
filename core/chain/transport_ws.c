/* The transport over WebSocket, and the choice between it and HTTP by the address. One
 * connection per endpoint, opened when it is needed, with any number of requests under way;
 * replies are told apart by their id. Each connection subscribes to heads, so that asking for
 * the head costs no request. A connection that is late is closed: the next request opens
 * another, which subscribes anew.
 * Reason to change: how a WebSocket is asked. */
#include <stdlib.h>
#include "http/http.h"
#include "ws/ws.h"
#include "chain/impl.h"

/* A head that was told so long ago is asked for instead: the subscription may be dead. */
#define NEWS_MAX_NS ((uint64_t)30 * 1000000000u)
/* What waits for its reply; the largest reply of any method bounds a message. */
#define MESSAGE_MAX ((size_t)12 << 20)

static const char subscribe[] =
	"{\"jsonrpc\":\"2.0\",\"id\":\"heads\",\"method\":\"chain_subscribeNewHeads\",\"params\":[]}";

typedef struct slot slot;
struct slot {
	slot *next;
	uint64_t id;
	asy_buf *reply;
	bool done, too_large;
};
struct asy_rpc_line {
	asy_rpc_line *next;
	asy_rpc_net *net;
	char *url;
	asy_ws_conn *conn; /* NULL = none */
	bool open;
	uint64_t life; /* counts connections: a wait ends with the one that it began on */
	slot *slots;   /* requests under way */
	asy_buf head;  /* the last notification of a head */
	uint64_t head_ns;
	char why[160]; /* how the last connection ended */
};

/* ---- what comes in ---- */

static void on_opened(void *arg)
{
	asy_rpc_line *l = arg;
	l->open = true;
	(void)!asy_ws_send(l->conn, asy_span_str(subscribe), NULL);
}

static void on_message(void *arg, assay_span text)
{
	asy_rpc_line *l = arg;
	asy_rpc_peek p;
	if (!asy_rpc_peek_at(text, &p)) {
		asy_ws_close(l->conn, "it sent something else than JSON-RPC");
		return;
	}
	if (p.is_head) {
		asy_buf_reset(&l->head);
		if (text.len <= asy_rpc_bounds_of("chain_getHeader")->bytes &&
			asy_buf_add(&l->head, text.ptr, text.len, NULL) == ASSAY_OK)
			l->head_ns = asy_loop_now(l->net->loop);
		return;
	}
	for (slot *s = l->slots; s != NULL && p.has_id; s = s->next) {
		if (s->id != p.id || s->done)
			continue;
		s->done = true;
		s->too_large = asy_buf_add(s->reply, text.ptr, text.len, NULL) != ASSAY_OK;
		return;
	}
	/* the reply to our subscription, or one that nobody waits for any more */
}

static void on_closed(void *arg, const char *why)
{
	asy_rpc_line *l = arg;
	(void)asy_str_copy(l->why, sizeof l->why, why);
	l->conn = NULL;
	l->open = false;
	l->life++;
	asy_buf_fini(&l->head);
}

static const asy_ws_events events = {on_opened, on_message, on_closed};

/* ---- lines ---- */

static assay_status line_of(asy_rpc_net *net, const char *url, asy_rpc_line **out, assay_err *err)
{
	asy_rpc_line *l = net->lines;
	while (l != NULL && strcmp(l->url, url) != 0)
		l = l->next;
	if (l == NULL) {
		l = asy_calloc(1, sizeof *l);
		if (l != NULL)
			l->url = strdup(url);
		if (l == NULL || l->url == NULL) {
			free(l);
			return ASSAY_FAIL(err, E_NOMEM, "a connection to a node");
		}
		l->net = net;
		l->next = net->lines;
		net->lines = l;
	}
	*out = l;
	if (l->conn != NULL)
		return ASSAY_OK;
	l->why[0] = '\0';
	return asy_ws_open(net->ws, url, MESSAGE_MAX, &events, l, &l->conn, err);
}

typedef struct {
	const asy_rpc_line *line;
	uint64_t life;
	const slot *slots;
	size_t n;
} wait;

static bool is_open(void *arg)
{
	const wait *w = arg;
	return w->line->open || w->line->life != w->life;
}

static bool is_answered(void *arg)
{
	const wait *w = arg;
	for (size_t i = 0; i < w->n; i++)
		if (!w->slots[i].done)
			return w->line->life != w->life;
	return true;
}

static assay_status failed(asy_rpc_line *l, const wait *w, assay_status st, assay_err *err)
{
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (l->life != w->life)
		return ASSAY_FAIL(err, E_NET, "%s", l->why[0] != '\0' ? l->why : "the connection ended");
	if (l->conn != NULL)
		asy_ws_close(l->conn, "no answer in time");
	return ASSAY_FAIL(err, E_TIMEOUT, "no answer in time");
}

static void put_slots(asy_rpc_line *l, slot *slots, asy_rpc_post *posts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		slots[i] = (slot){.next = l->slots, .reply = &posts[i].reply};
		asy_rpc_peek p;
		if (asy_rpc_peek_at(posts[i].body, &p))
			slots[i].id = p.id;
		l->slots = &slots[i];
	}
}

static void take_slots(asy_rpc_line *l, const slot *slots, size_t n)
{
	for (slot **at = &l->slots; *at != NULL;) {
		if (*at >= slots && *at < slots + n)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

static assay_status over_ws(asy_rpc_net *net, const char *url, asy_rpc_post *posts, size_t n,
							uint64_t deadline_ns, assay_err *err)
{
	uint64_t left = asy_sat_sub_u64(deadline_ns, net->clock->mono_ns(net->clock));
	uint64_t until = asy_sat_add_u64(asy_loop_now(net->loop), left);
	slot slots[ASY_RPC_ASKS_MAX];
	asy_rpc_line *l = NULL;
	ASSERT(n <= ASY_COUNT(slots));
	assay_status st = line_of(net, url, &l, err);
	if (st != ASSAY_OK)
		return st;
	wait w = {.line = l, .life = l->life, .slots = slots, .n = n};
	st = asy_loop_await(net->loop, is_open, &w, until);
	if (st != ASSAY_OK || l->life != w.life)
		return failed(l, &w, st, err);
	put_slots(l, slots, posts, n);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		st = asy_ws_send(l->conn, posts[i].body, err);
	if (st == ASSAY_OK) {
		st = asy_loop_await(net->loop, is_answered, &w, until);
		if (st != ASSAY_OK || l->life != w.life)
			st = failed(l, &w, st, err);
	}
	take_slots(l, slots, n);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++)
		if (slots[i].too_large)
			st = ASSAY_FAIL(err, E_LIMIT, "an answer of more than %zu bytes", posts[i].reply.max);
	return st;
}

/* ---- the face ---- */

static bool is_ws(const char *url)
{
	return strncmp(url, "ws://", 5) == 0 || strncmp(url, "wss://", 6) == 0;
}

static assay_status net_send_many(asy_rpc_transport *t, const char *url, asy_rpc_post *posts,
								  size_t n, uint64_t deadline_ns, assay_err *err)
{
	asy_rpc_net *net = (asy_rpc_net *)t; /* iface is the first member */
	if (is_ws(url))
		return over_ws(net, url, posts, n, deadline_ns, err);
	return net->http.iface.send_many(&net->http.iface, url, posts, n, deadline_ns, err);
}

static assay_status net_send(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							 uint64_t deadline_ns, assay_err *err)
{
	asy_rpc_post post = {.body = body, .reply = *out};
	assay_status st = net_send_many(t, url, &post, 1, deadline_ns, err);
	*out = post.reply;
	return st;
}

static bool net_news(asy_rpc_transport *t, const char *url, asy_buf *out)
{
	const asy_rpc_net *net = (const asy_rpc_net *)t;
	const asy_rpc_line *l = net->lines;
	while (l != NULL && strcmp(l->url, url) != 0)
		l = l->next;
	return l != NULL && l->open && l->head.len > 0 &&
		   asy_loop_now(net->loop) - l->head_ns < NEWS_MAX_NS &&
		   asy_buf_add(out, l->head.ptr, l->head.len, NULL) == ASSAY_OK;
}

assay_status asy_rpc_net_init(asy_rpc_net *t, struct asy_http *http, asy_clock *clock,
							  const char *ca_file, assay_err *err)
{
	*t = (asy_rpc_net){
		.iface = {net_send, net_send_many, net_news}, .loop = asy_http_loop(http), .clock = clock};
	asy_rpc_http_init(&t->http, http, clock);
	if (ca_file != NULL) {
		t->http.ca_file = t->ca_file = strdup(ca_file);
		if (t->ca_file == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "a transport");
	}
	return asy_ws_new(t->loop, ca_file, &t->ws, err);
}

void asy_rpc_net_drop(asy_rpc_net *t)
{
	for (asy_rpc_line *l = t->lines; l != NULL; l = l->next)
		if (l->conn != NULL)
			asy_ws_close(l->conn, "dropped");
}

void asy_rpc_net_fini(asy_rpc_net *t)
{
	asy_ws_free(t->ws);
	while (t->lines != NULL) {
		asy_rpc_line *l = t->lines;
		t->lines = l->next;
		asy_buf_fini(&l->head);
		free(l->url);
		free(l);
	}
	free(t->ca_file);
	*t = (asy_rpc_net){.ws = NULL};
}
