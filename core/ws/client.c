/* WebSocket client: one libwebsockets context on the loop, connections with a queue each.
 * Refuses binary messages, messages over the limit, and certificates that do not verify.
 * Reason to change: as ws.h. */
#include <libwebsockets.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include "ws/ws.h"

enum { PING_AFTER_S = 20, GIVE_UP_AFTER_S = 45, CONNECT_S = 10 };

typedef struct parcel parcel;
struct parcel {
	parcel *next;
	size_t len;
	uint8_t bytes[]; /* LWS_PRE, then the message */
};

struct asy_ws_conn {
	asy_ws *ws;
	asy_ws_conn *prev, *next;
	asy_ws_events on;
	void *arg;
	char host[256], path[512];
	uint16_t port;
	bool tls, open, ending;
	asy_resolve *resolving;
	struct lws *wsi;
	asy_buf in;
	parcel *first, *last;
	size_t waiting;
	char why[200];
};

struct asy_ws {
	asy_loop *loop;
	struct lws_context *context;
	asy_ws_conn *conns;
};

static const lws_retry_bo_t keepalive = {
	.secs_since_valid_ping = PING_AFTER_S,
	.secs_since_valid_hangup = GIVE_UP_AFTER_S,
};

/* ---- the end of a connection ---- */

static void say_why(asy_ws_conn *c, const char *why)
{
	if (c->why[0] == '\0')
		(void)asy_str_copy(c->why, sizeof c->why, why);
}

static void conn_end(asy_ws_conn *c, const char *why)
{
	say_why(c, why);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		c->ws->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	if (c->wsi != NULL)
		lws_set_opaque_user_data(c->wsi, NULL);
	asy_resolve_cancel(c->resolving);
	while (c->first != NULL) {
		parcel *p = c->first;
		c->first = p->next;
		free(p);
	}
	asy_buf_fini(&c->in);
	c->on.closed(c->arg, c->why);
	free(c);
}

void asy_ws_close(asy_ws_conn *c, const char *why)
{
	say_why(c, why);
	c->ending = true;
	if (c->wsi != NULL)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* ---- sending ---- */

assay_status asy_ws_send(asy_ws_conn *c, assay_span text, assay_err *err)
{
	if (c->ending)
		return ASSAY_FAIL(err, E_NET, "the connection is ending");
	if (c->waiting + text.len > ASY_WS_WAITING_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%zu bytes wait to be sent already", c->waiting);
	parcel *p = malloc(sizeof *p + LWS_PRE + text.len);
	if (p == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a message of %zu bytes", text.len);
	*p = (parcel){.len = text.len};
	if (text.len > 0)
		memcpy(p->bytes + LWS_PRE, text.ptr, text.len);
	if (c->last != NULL)
		c->last->next = p;
	else
		c->first = p;
	c->last = p;
	c->waiting += text.len;
	if (c->open)
		(void)lws_callback_on_writable(c->wsi);
	return ASSAY_OK;
}

static int writeable(asy_ws_conn *c)
{
	parcel *p = c->first;
	if (p == NULL)
		return 0;
	int sent = lws_write(c->wsi, p->bytes + LWS_PRE, p->len, LWS_WRITE_TEXT);
	c->waiting -= p->len;
	c->first = p->next;
	if (c->first == NULL)
		c->last = NULL;
	free(p);
	if (sent < 0) {
		say_why(c, "the connection broke while sending");
		return -1;
	}
	if (c->first != NULL)
		(void)lws_callback_on_writable(c->wsi);
	return 0;
}

/* ---- receiving ---- */

static int received(asy_ws_conn *c, const void *in, size_t len)
{
	if (lws_frame_is_binary(c->wsi)) {
		say_why(c, "the peer sent bytes where text was expected");
		return -1;
	}
	if (asy_buf_add(&c->in, in, len, NULL) != ASSAY_OK) {
		(void)snprintf(c->why, sizeof c->why, "a message of more than %zu bytes", c->in.max);
		return -1;
	}
	if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi) > 0)
		return 0;
	c->on.message(c->arg, asy_buf_span(&c->in));
	asy_buf_reset(&c->in);
	if (c->in.cap > (size_t)1 << 20) /* one large answer is no reason to keep its room */
		asy_buf_fini(&c->in);
	return c->ending ? -1 : 0;
}

/*~ libwebsockets compares the certificate with the host as a name only, so one that is made out
 * to an address would never do: we compare the address. Everything else that OpenSSL finds wrong
 * stays wrong; libwebsockets' own words for it say nothing. */
static int certificate(asy_ws_conn *c, X509_STORE_CTX *x)
{
	int error = X509_STORE_CTX_get_error(x);
	X509 *cert = X509_STORE_CTX_get_current_cert(x);
	if (error == X509_V_OK)
		return 0;
	if (error == X509_V_ERR_HOSTNAME_MISMATCH && cert != NULL &&
		X509_check_ip_asc(cert, c->host, 0) == 1) {
		X509_STORE_CTX_set_error(x, X509_V_OK);
		return 0;
	}
	if (c->why[0] == '\0')
		(void)snprintf(c->why, sizeof c->why, "its certificate is refused: %s",
					   X509_verify_cert_error_string(error));
	return -1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
					size_t len)
{
	asy_ws_conn *c = wsi != NULL ? lws_get_opaque_user_data(wsi) : NULL;
	char why[160];
	if (c == NULL)
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return certificate(c, user);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		c->wsi = wsi;
		c->open = true;
		c->on.opened(c->arg);
		if (c->first != NULL)
			(void)lws_callback_on_writable(wsi);
		return c->ending ? -1 : 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return received(c, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return writeable(c);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_set_opaque_user_data(wsi, NULL); /* more events of it may come */
		asy_str_escape(why, sizeof why, asy_span(in != NULL ? in : "", in != NULL ? len : 0));
		c->wsi = NULL;
		conn_end(c, why[0] != '\0' ? why : "no connection");
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		c->wsi = NULL;
		conn_end(c, "the peer closed the connection");
		return 0;
	default: /* some eighty reasons that concern other protocols */
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{.name = "assay-ws", .callback = on_event, .rx_buffer_size = 16384}, {0}};

/* ---- opening ---- */

static bool is_alive(const asy_ws *w, const asy_ws_conn *c)
{
	const asy_ws_conn *k = w->conns;
	while (k != NULL && k != c)
		k = k->next;
	return k != NULL;
}

static void connect_to(asy_ws_conn *c, const char *address)
{
	asy_ws *ws = c->ws;
	struct lws_client_connect_info i = {0};
	char host[272];
	bool plain_port = c->port == (c->tls ? 443 : 80);
	bool v6 = strchr(c->host, ':') != NULL; /* without brackets no name at all would be checked */
	int n = snprintf(host, sizeof host, v6 ? "[%s]" : "%s", c->host);
	if (!plain_port)
		(void)snprintf(host + n, sizeof host - (size_t)n, ":%u", c->port);
	i.context = ws->context;
	i.address = address;
	i.port = c->port;
	i.path = c->path;
	i.host = host;
	i.ssl_connection = c->tls ? LCCSCF_USE_SSL : 0;
	i.local_protocol_name = protocols[0].name;
	i.opaque_user_data = c;
	i.retry_and_idle_policy = &keepalive;
	struct lws *made = lws_client_connect_via_info(&i);
	if (!is_alive(ws, c)) /* libwebsockets has told on_event already */
		return;
	if (made == NULL)
		conn_end(c, "no connection");
	else
		c->wsi = made;
}

static void resolved(void *arg, assay_status st, const char *address)
{
	asy_ws_conn *c = arg;
	c->resolving = NULL;
	if (st == ASSAY_E_CANCELLED)
		return;
	if (c->ending || st != ASSAY_OK)
		conn_end(c, c->ending ? "ended" : "the host's name is not known");
	else
		connect_to(c, address);
}

static assay_status split_url(asy_ws_conn *c, const char *url, assay_err *err)
{
	bool tls = strncmp(url, "wss://", 6) == 0;
	const char *host = url + (tls ? 6 : 5);
	if (!tls && strncmp(url, "ws://", 5) != 0)
		return ASSAY_FAIL(err, E_CONFIG, "\"%.100s\" is not a ws:// or wss:// address", url);
	bool v6 = host[0] == '[';
	const char *end = v6 ? strchr(host, ']') : host + strcspn(host, ":/?#");
	if (end == NULL || end == host || (size_t)(end - host) >= sizeof c->host)
		return ASSAY_FAIL(err, E_CONFIG, "\"%.100s\" has no host", url);
	memcpy(c->host, host + v6, (size_t)(end - host) - v6);
	end += v6;
	unsigned long port = tls ? 443 : 80;
	char *rest = NULL;
	if (*end == ':')
		port = strtoul(end + 1, &rest, 10);
	const char *path = rest != NULL ? rest : end;
	if (port == 0 || port > 65535)
		return ASSAY_FAIL(err, E_CONFIG, "\"%.100s\" has no such port", url);
	if (snprintf(c->path, sizeof c->path, "%s%.500s", *path == '/' ? "" : "/", path) >=
		(int)sizeof c->path)
		return ASSAY_FAIL(err, E_CONFIG, "\"%.100s\" is too long", url);
	c->port = (uint16_t)port;
	c->tls = tls;
	return ASSAY_OK;
}

assay_status asy_ws_open(asy_ws *w, const char *url, size_t max_message, const asy_ws_events *on,
						 void *arg, asy_ws_conn **out, assay_err *err)
{
	asy_ws_conn *c = asy_calloc(1, sizeof *c);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a connection");
	*c = (asy_ws_conn){.ws = w, .on = *on, .arg = arg, .in = {.max = max_message}};
	assay_status st = split_url(c, url, err);
	if (st == ASSAY_OK)
		st = asy_loop_resolve(w->loop, c->host, resolved, c, &c->resolving, err);
	if (st != ASSAY_OK) {
		free(c);
		return st;
	}
	c->next = w->conns;
	if (c->next != NULL)
		c->next->prev = c;
	w->conns = c;
	*out = c;
	return ASSAY_OK;
}

/* ---- life ---- */

static void finish(void *context)
{
	lws_context_destroy(context);
}

assay_status asy_ws_new(asy_loop *l, const char *ca_file, asy_ws **out, assay_err *err)
{
	struct lws_context_creation_info info = {0};
	void *loops[1] = {asy_loop_native(l)};
	asy_ws *w = asy_calloc(1, sizeof *w);
	if (w == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a WebSocket client");
	w->loop = l;
	lws_set_log_level(0, NULL);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.foreign_loops = loops;
	info.client_ssl_ca_filepath = ca_file;
	info.connect_timeout_secs = CONNECT_S;
	info.timeout_secs = CONNECT_S;
	w->context = lws_create_context(&info);
	if (w->context == NULL) {
		free(w);
		return ASSAY_FAIL(err, E_IO,
						  "libwebsockets cannot use the event loop: is its libuv plug-in "
						  "(libwebsockets-evlib-uv) installed?");
	}
	assay_status st = asy_loop_at_end(l, finish, w->context, err);
	if (st != ASSAY_OK) { /* the context stays: it cannot be freed before the loop */
		free(w);
		return st;
	}
	*out = w;
	return ASSAY_OK;
}

/*~ A context on a loop that is not its own is destroyed twice: the first time closes what it
 * has on the loop, the second, when the loop has seen all of that close, frees it. */
void asy_ws_free(asy_ws *w)
{
	if (w == NULL)
		return;
	while (w->conns != NULL)
		conn_end(w->conns, "the client is ending");
	lws_context_destroy(w->context);
	free(w);
}
