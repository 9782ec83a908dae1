/* Server: sessions on libwebsockets' callbacks, the block timer, open and close.
 * Reason to change: as server.h. */
#include <libwebsockets.h>
#include <stdlib.h>
#include "localnet/server.h"

enum { CHUNK = 16384, RPC_PROTOCOL = 0, CONNECTIONS_MAX = 2048 };

typedef struct {
	lws_sorted_usec_list_t sul; /* first: the callback gets its address */
	lnet_server *server;
} block_timer;

/* ---- one exchange ---- */

static void session_fini(lnet_session *s)
{
	if (s == NULL || !s->live)
		return;
	if (s->relay != NULL)
		asy_lnet_relay_detach(s->relay);
	asy_lnet_source_forget(s);
	asy_buf_fini(&s->body);
	asy_buf_fini(&s->out);
	memset(s, 0, sizeof *s);
}

static void send_soon(lnet_session *s)
{
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
	(void)lws_callback_on_writable(s->wsi);
}

void asy_lnet_reply(lnet_session *s, int status, const char *content_type, uint64_t delay_ms)
{
	s->status = status;
	s->content_type = content_type;
	s->answered = true;
	if (s->cut == 0)
		s->cut = SIZE_MAX;
	if (delay_ms == 0) {
		send_soon(s);
		return;
	}
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
	lws_set_timer_usecs(s->wsi, (lws_usec_t)delay_ms * 1000);
}

void asy_lnet_reply_error(lnet_session *s, int status, const char *message)
{
	asy_jw w = asy_jw_out(&s->out, 0);
	asy_buf_reset(&s->out);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "error", message);
	asy_jw_end_object(&w);
	if (asy_jw_end(&w, NULL) != ASSAY_OK)
		asy_buf_reset(&s->out);
	asy_lnet_reply(s, status, "application/json", 0);
}

void asy_lnet_reply_never(lnet_session *s)
{
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
}

static int begin(struct lws *wsi, lnet_session *s, const char *path)
{
	lnet_site *site = lws_vhost_user(lws_get_vhost(wsi));
	char args[LNET_TARGET_MAX];
	session_fini(s);
	if (site == NULL)
		return -1;
	*s = (lnet_session){.live = true, .wsi = wsi, .site = site, .miner = site->miner};
	s->body.max = LNET_REQUEST_MAX;
	s->posted = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;
	int n = lws_hdr_copy(wsi, args, sizeof args, WSI_TOKEN_HTTP_URI_ARGS);
	if (snprintf(s->target, sizeof s->target, "%s%s%s", path, n > 0 ? "?" : "",
				 n > 0 ? args : "") >= (int)sizeof s->target)
		s->target[0] = '\0';
	if (site->miner != NULL)
		asy_lnet_miner_headers(s);
	if (!s->posted)
		asy_lnet_reply_error(s, 405, "only POST is served");
	else if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
		asy_lnet_reply_error(s, 411, "a body with Content-Length is wanted");
	return 0;
}

static int body(lnet_session *s, const void *in, size_t len)
{
	/* A body that does not fit is the end of the connection: nothing is owed to it. */
	return s->live && (s->answered || asy_buf_add(&s->body, in, len, NULL) == ASSAY_OK) ? 0 : -1;
}

static int node_request(lnet_session *s)
{
	lnet_wire wire;
	if (asy_lnet_rpc(s->site->server->node, asy_buf_span(&s->body), &s->out, &wire, NULL) !=
		ASSAY_OK)
		return -1;
	if (wire.drop)
		return -1;
	s->cut = wire.cut;
	asy_lnet_reply(s, wire.status, "application/json", wire.delay_ms);
	asy_lnet_sockets_news(s->site->server); /* a control may have made blocks */
	return 0;
}

static int request(lnet_session *s)
{
	if (!s->live || s->answered)
		return 0;
	if (s->site->miner == NULL)
		return node_request(s);
	asy_lnet_miner_request(s);
	return 0;
}

static int write_headers(lnet_session *s)
{
	uint8_t block[LWS_PRE + 1024], *p = block + LWS_PRE, *start = p,
								   *end = block + sizeof block - 1;
	lws_filepos_t len = s->stream_left > 0 ? LWS_ILLEGAL_HTTP_CONTENT_LEN : s->out.len;
	if (lws_add_http_common_headers(s->wsi, (unsigned)s->status, s->content_type, len, &p, end) !=
			0 ||
		lws_finalize_write_http_header(s->wsi, start, &p, end) != 0)
		return -1;
	s->headers_out = true;
	(void)lws_callback_on_writable(s->wsi);
	return 0;
}

/* The next piece of the reply; filler comes after out. */
static int write_body(lnet_session *s)
{
	uint8_t block[LWS_PRE + CHUNK];
	size_t limit = s->cut < s->out.len ? s->cut : s->out.len, n = limit - s->sent;
	if (n > CHUNK)
		n = CHUNK;
	if (n > 0) {
		memcpy(block + LWS_PRE, s->out.ptr + s->sent, n);
		s->sent += n;
	} else if (s->stream_left > 0) {
		n = s->stream_left < CHUNK ? (size_t)s->stream_left : CHUNK;
		memset(block + LWS_PRE, 'a', n);
		s->stream_left -= n;
	}
	bool last = s->sent >= limit && s->stream_left == 0;
	bool cut_short = last && limit < s->out.len;
	enum lws_write_protocol how = last && !cut_short ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
	if (lws_write(s->wsi, block + LWS_PRE, n, how) != (int)n || cut_short)
		return -1;
	if (!last) {
		(void)lws_callback_on_writable(s->wsi);
		return 0;
	}
	struct lws *wsi = s->wsi;
	session_fini(s);
	return lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static int writeable(lnet_session *s)
{
	if (!s->live || !s->answered)
		return 0;
	return s->headers_out ? write_body(s) : write_headers(s);
}

static void woken(const lnet_site *site)
{
	if (site != NULL)
		asy_lnet_sources_deliver(site->server->sources);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
					size_t len)
{
	lnet_session *s = user;
	lnet_relay *relay = lws_get_opaque_user_data(wsi);
	int result = 0;
	if (relay != NULL)
		return asy_lnet_relay_callback(wsi, (int)reason, relay, in, len);
	if (asy_lnet_socket_event(wsi, (int)reason, s, in, len, &result))
		return result;
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return begin(wsi, s, in);
	case LWS_CALLBACK_HTTP_BODY:
		return body(s, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return request(s);
	case LWS_CALLBACK_TIMER:
		if (s != NULL && s->live && s->answered)
			send_soon(s);
		return 0;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED: /* somebody woke the loop; no session */
		woken(lws_vhost_user(lws_get_vhost(wsi)));
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return s != NULL ? writeable(s) : 0;
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		session_fini(s);
		return 0;
	default: /* some eighty reasons that concern other protocols */
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{.name = "localnet", .callback = on_event, .per_session_data_size = sizeof(lnet_session)}, {0}};

/* ---- blocks ---- */

static void arm(lnet_server *sv);

static void on_block(lws_sorted_usec_list_t *sul)
{
	block_timer *t = (block_timer *)sul;
	lnet_server *sv = t->server;
	lnet_node *n = sv->node;
	/* Stopped production is looked at again soon: a control may start it. */
	if (n->block_ms != 0 && asy_lnet_pool_produce(&n->pool, n->ledger, &sv->error) != ASSAY_OK) {
		atomic_store(&sv->failed, true);
		asy_log(&sv->log, ASY_BROKEN, "localnet.block_failed", ASY_STR("why", sv->error.msg));
		return;
	}
	asy_lnet_sockets_news(sv);
	arm(sv);
}

/* The next block is due one interval after the last was due, not after it was made;
 * a clock that ran away (a suspended machine) does not cause a burst. */
static void arm(lnet_server *sv)
{
	block_timer *t = sv->timer;
	uint64_t now = sv->clock->mono_ns(sv->clock);
	uint64_t step = (sv->node->block_ms != 0 ? sv->node->block_ms : 50) * UINT64_C(1000000);
	sv->next_block_ns += step;
	if (sv->next_block_ns < now || sv->next_block_ns > now + step)
		sv->next_block_ns = now + step;
	lws_sul_schedule(sv->context, 0, &t->sul, on_block,
					 (lws_usec_t)((sv->next_block_ns - now) / 1000) + 1);
}

/* ---- life ---- */

static assay_status open_site(lnet_server *sv, lnet_site *site, uint16_t port, uint16_t *bound,
							  assay_err *err)
{
	struct lws_context_creation_info info = {0};
	(void)snprintf(site->name, sizeof site->name, "site-%td", site - sv->site);
	info.port = port;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.vhost_name = site->name;
	info.user = site;
	info.options = LWS_SERVER_OPTION_DISABLE_IPV6;
	info.keepalive_timeout = 60;
	info.timeout_secs = 30;
	site->server = sv;
	site->vhost = lws_create_vhost(sv->context, &info);
	int actual = site->vhost != NULL ? lws_get_vhost_listen_port(site->vhost) : -1;
	if (actual <= 0)
		return ASSAY_FAIL(err, E_IO,
						  "cannot listen on 127.0.0.1:%u; is another program using the port? "
						  "Choose another or 0 for any free one",
						  port);
	*bound = (uint16_t)actual;
	return ASSAY_OK;
}

/* A site of its own, or the last one when that is of its subnet and for all there. */
static assay_status open_miner(lnet_server *sv, lnet_miner *m, assay_err *err)
{
	lnet_site *site = &sv->site[sv->sites_n - 1];
	if (m->subnet->one_port && site->miner != NULL && site->miner->subnet == m->subnet) {
		m->port = site->miner->port;
		site->miners_n++;
		return ASSAY_OK;
	}
	site = &sv->site[sv->sites_n++];
	site->miner = m;
	site->miners_n = 1;
	return open_site(sv, site, m->spec->port, &m->port, err);
}

assay_status asy_lnet_server_open(lnet_server *sv, uint16_t rpc_port, assay_err *err)
{
	struct lws_context_creation_info info = {0};
	block_timer *t = asy_calloc(1, sizeof *t);
	lws_set_log_level(0, NULL);
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_IPV6;
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.fd_limit_per_thread = CONNECTIONS_MAX;
	info.max_http_header_data = 8192;
	sv->site = asy_calloc(sv->miners_n + 1, sizeof *sv->site);
	sv->timer = t;
	sv->context = t != NULL && sv->site != NULL ? lws_create_context(&info) : NULL;
	if (sv->context == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "cannot start the HTTP server");
	t->server = sv;
	assay_status st = open_site(sv, &sv->site[0], rpc_port, &sv->port, err);
	sv->sites_n = 1;
	for (size_t i = 0; st == ASSAY_OK && i < sv->miners_n; i++)
		st = open_miner(sv, &sv->miner[i], err);
	return st;
}

void asy_lnet_server_close(lnet_server *sv)
{
	if (sv->context != NULL)
		lws_context_destroy(sv->context);
	sv->context = NULL;
	free(sv->timer);
	free(sv->site);
	sv->timer = NULL;
	sv->site = NULL;
}

void asy_lnet_server_run(lnet_server *sv)
{
	sv->next_block_ns = sv->clock->mono_ns(sv->clock);
	arm(sv);
	while (!atomic_load(&sv->stop) && !atomic_load(&sv->failed)) {
		if (lws_service(sv->context, 0) < 0 && !atomic_load(&sv->stop)) {
			(void)ASSAY_FAIL(&sv->error, E_IO, "the HTTP server stopped serving");
			atomic_store(&sv->failed, true);
		}
	}
}

void asy_lnet_server_wake(lnet_server *sv)
{
	if (sv->context != NULL)
		lws_cancel_service(sv->context);
}
