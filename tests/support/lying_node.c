/* See lying_node.h. One thread: a request waits while the true node is asked, which stands on the
 * same machine. */
#include <arpa/inet.h>
#include <check.h>
#include <libwebsockets.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/base.h"
#include "support/lying_node.h"

enum { CHUNK = 16384, LOOK_EVERY_US = 20000 };

typedef struct parcel parcel;
struct parcel {
	parcel *next;
	size_t len;
	uint8_t bytes[]; /* LWS_PRE, then the message */
};

typedef struct session session;
struct session {
	struct lws *wsi;
	session *next; /* of those that are told heads */
	bool is_listening, has_headers;
	asy_buf in, out;
	size_t sent;
	parcel *first, *last;
};

static struct {
	liar liar;
	uint16_t upstream;
	int fd; /* to the true node, -1 = none */
	struct lws_context *context;
	lws_sorted_usec_list_t look;
	session *listening;
	asy_buf head; /* the last true one */
	const char *cert, *key;
	volatile uint32_t *told;
} den;

/* ---- the true node ---- */

static bool connect_upstream(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(den.upstream)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	den.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (den.fd >= 0 && connect(den.fd, (struct sockaddr *)&to, sizeof to) == 0)
		return true;
	if (den.fd >= 0)
		(void)close(den.fd);
	den.fd = -1;
	return false;
}

static bool write_all(const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	while (n > 0) {
		ssize_t k = send(den.fd, at, n, MSG_NOSIGNAL);
		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

/* The body of an answer with a Content-Length, as the development chain sends it. */
static bool read_body(asy_buf *out)
{
	char block[65536];
	const char *end = NULL, *length = NULL;
	size_t want = SIZE_MAX;
	asy_buf all = {0};
	while (end == NULL || all.len < want) {
		ssize_t k = recv(den.fd, block, sizeof block, 0);
		if (k <= 0 || asy_buf_add(&all, block, (size_t)k, NULL) != ASSAY_OK)
			break;
		const char *text = asy_buf_cstr(&all);
		end = strstr(text, "\r\n\r\n");
		length = end != NULL ? strcasestr(text, "content-length:") : NULL;
		if (length != NULL)
			want = (size_t)(end + 4 - text) + strtoul(length + 15, NULL, 10);
	}
	bool whole = length != NULL && all.len == want;
	if (whole)
		whole =
			asy_buf_add(out, end + 4, want - (size_t)(end + 4 - (char *)all.ptr), NULL) == ASSAY_OK;
	asy_buf_fini(&all);
	return whole;
}

static bool ask_once(assay_span body, asy_buf *out)
{
	char head[200];
	int n = snprintf(head, sizeof head,
					 "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
					 "Content-Length: %zu\r\n\r\n",
					 body.len);
	if (den.fd < 0 && !connect_upstream())
		return false;
	if (write_all(head, (size_t)n) && write_all(body.ptr, body.len) && read_body(out))
		return true;
	(void)close(den.fd);
	den.fd = -1;
	return false;
}

static bool ask(assay_span body, asy_buf *out)
{
	return ask_once(body, out) || ask_once(body, out); /* a kept connection may have ended */
}

/* false: nothing is answered at all. */
static bool answer(assay_span request, asy_buf *out)
{
	bool is_lie = liar_lies(&den.liar, request);
	if (is_lie)
		*den.told = *den.told + 1;
	if (is_lie && den.liar.what->kind == LIE_SILENCE)
		return false;
	if ((!is_lie || !liar_keeps_from_node(&den.liar)) && !ask(request, out))
		return false;
	if (is_lie)
		liar_tell(&den.liar, request, out);
	return true;
}

/* ---- WebSocket ---- */

static void put(session *s, assay_span text)
{
	parcel *p = malloc(sizeof *p + LWS_PRE + text.len + 1);
	if (p == NULL)
		return;
	*p = (parcel){.len = text.len};
	if (text.len > 0)
		memcpy(p->bytes + LWS_PRE, text.ptr, text.len);
	if (s->last != NULL)
		s->last->next = p;
	else
		s->first = p;
	s->last = p;
	(void)lws_callback_on_writable(s->wsi);
}

static int put_message(session *s)
{
	parcel *p = s->first;
	if (p == NULL)
		return 0;
	int sent = lws_write(s->wsi, p->bytes + LWS_PRE, p->len, LWS_WRITE_TEXT);
	s->first = p->next;
	if (s->first == NULL)
		s->last = NULL;
	free(p);
	if (s->first != NULL)
		(void)lws_callback_on_writable(s->wsi);
	return sent < 0 ? -1 : 0;
}

/* The reply to chain_getHeader as a notification; what is no reply goes out as it is. */
static void tell_head(void)
{
	static const char header[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"chain_getHeader\",\"params\":[]}";
	asy_buf reply = {0}, text = {0};
	if (!answer(asy_span_str(header), &reply)) {
		asy_buf_fini(&reply);
		return;
	}
	const char *all = asy_buf_cstr(&reply), *result = strstr(all, "\"result\":");
	if (result == NULL || reply.ptr[reply.len - 1] != '}')
		(void)!asy_buf_add(&text, reply.ptr, reply.len, NULL);
	else
		(void)!asy_buf_printf(&text, NULL,
							  "{\"jsonrpc\":\"2.0\",\"method\":\"chain_newHead\",\"params\":{"
							  "\"subscription\":\"1\",%s}",
							  result);
	for (session *s = den.listening; s != NULL; s = s->next)
		put(s, asy_buf_span(&text));
	asy_buf_fini(&text);
	asy_buf_fini(&reply);
}

static void look(lws_sorted_usec_list_t *sul)
{
	static const char header[] =
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"chain_getHeader\",\"params\":[]}";
	asy_buf now = {0};
	if (den.listening != NULL && ask(asy_span_str(header), &now) &&
		!asy_span_eq(asy_buf_span(&now), asy_buf_span(&den.head))) {
		asy_buf_reset(&den.head);
		(void)!asy_buf_add(&den.head, now.ptr, now.len, NULL);
		tell_head();
	}
	asy_buf_fini(&now);
	lws_sul_schedule(den.context, 0, sul, look, LOOK_EVERY_US);
}

static void listen_to_heads(session *s)
{
	put(s, asy_span_str("{\"jsonrpc\":\"2.0\",\"id\":\"heads\",\"result\":\"1\"}"));
	if (!s->is_listening) {
		s->next = den.listening;
		den.listening = s;
	}
	s->is_listening = true;
	asy_buf_reset(&den.head);
}

static int got_message(session *s, const void *in, size_t len)
{
	asy_buf reply = {0};
	if (asy_buf_add(&s->in, in, len, NULL) != ASSAY_OK)
		return -1;
	if (!lws_is_final_fragment(s->wsi) || lws_remaining_packet_payload(s->wsi) > 0)
		return 0;
	if (memmem(s->in.ptr, s->in.len, "chain_subscribeNewHeads", 23) != NULL)
		listen_to_heads(s);
	else if (answer(asy_buf_span(&s->in), &reply))
		put(s, asy_buf_span(&reply));
	asy_buf_fini(&reply);
	asy_buf_reset(&s->in);
	return 0;
}

/* ---- HTTP ---- */

static int got_post(session *s)
{
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
	if (answer(asy_buf_span(&s->in), &s->out))
		(void)lws_callback_on_writable(s->wsi);
	return 0;
}

static void session_reset(session *s)
{
	for (session **at = &den.listening; *at != NULL; at = &(*at)->next) {
		if (*at == s) {
			*at = s->next;
			break;
		}
	}
	while (s->first != NULL) {
		parcel *p = s->first;
		s->first = p->next;
		free(p);
	}
	asy_buf_fini(&s->in);
	asy_buf_fini(&s->out);
	*s = (session){.wsi = s->wsi};
}

static int put_headers(session *s)
{
	uint8_t block[LWS_PRE + 512], *p = block + LWS_PRE, *start = p, *end = block + sizeof block - 1;
	s->has_headers = true;
	if (lws_add_http_common_headers(s->wsi, 200, "application/json", s->out.len, &p, end) != 0 ||
		lws_finalize_write_http_header(s->wsi, start, &p, end) != 0)
		return -1;
	(void)lws_callback_on_writable(s->wsi);
	return 0;
}

static int put_body(session *s)
{
	uint8_t block[LWS_PRE + CHUNK];
	if (!s->has_headers)
		return put_headers(s);
	size_t n = s->out.len - s->sent < CHUNK ? s->out.len - s->sent : CHUNK;
	bool is_last = s->sent + n == s->out.len;
	if (n > 0)
		memcpy(block + LWS_PRE, s->out.ptr + s->sent, n);
	s->sent += n;
	if (lws_write(s->wsi, block + LWS_PRE, n, is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) !=
		(int)n)
		return -1;
	if (!is_last) {
		(void)lws_callback_on_writable(s->wsi);
		return 0;
	}
	session_reset(s);
	return lws_http_transaction_completed(s->wsi) != 0 ? -1 : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
					size_t len)
{
	session *s = user;
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_ESTABLISHED:
		*s = (session){.wsi = wsi};
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		return asy_buf_add(&s->in, in, len, NULL) == ASSAY_OK ? 0 : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return got_post(s);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return put_body(s);
	case LWS_CALLBACK_RECEIVE:
		return got_message(s, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return put_message(s);
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (s != NULL)
			session_reset(s);
		return 0;
	default: /* reasons that do not concern this server */
		return 0;
	}
}

/* ---- life ---- */

static _Noreturn void serve(int to)
{
	static const struct lws_protocols protocols[] = {
		{.name = "liar", .callback = on_event, .per_session_data_size = sizeof(session)}, {0}};
	struct lws_context_creation_info info = {0};
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	lws_set_log_level(0, NULL);
	den.fd = -1;
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.vhost_name = "liar";
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_IPV6;
	if (den.cert != NULL) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = den.cert;
		info.ssl_private_key_filepath = den.key;
	}
	den.context = lws_create_context(&info);
	struct lws_vhost *host = den.context != NULL ? lws_create_vhost(den.context, &info) : NULL;
	uint16_t port = host != NULL ? (uint16_t)lws_get_vhost_listen_port(host) : 0;
	if (write(to, &port, sizeof port) != sizeof port || port == 0)
		_exit(1);
	lws_sul_schedule(den.context, 0, &den.look, look, LOOK_EVERY_US);
	while (lws_service(den.context, 0) >= 0)
		;
	_exit(1);
}

static lying_node start(uint16_t upstream)
{
	lying_node n = {.pid = -1};
	int ends[2];
	void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(shared != MAP_FAILED);
	ck_assert_int_eq(pipe(ends), 0);
	n.told = den.told = shared;
	den.upstream = upstream;
	n.pid = fork();
	ck_assert_int_ge(n.pid, 0);
	if (n.pid == 0)
		serve(ends[1]);
	(void)close(ends[1]);
	ck_assert_int_eq(read(ends[0], &n.port, sizeof n.port), sizeof n.port);
	ck_assert_uint_ne(n.port, 0);
	(void)close(ends[0]);
	return n;
}

lying_node lying_node_start(const lie *what, const char *self, uint16_t upstream)
{
	den.liar = (liar){.what = what, .self = self};
	den.cert = den.key = NULL;
	return start(upstream);
}

lying_node lying_node_start_tls(const char *cert, const char *key, uint16_t upstream)
{
	den.liar = (liar){.what = NULL};
	den.cert = cert;
	den.key = key;
	return start(upstream);
}

void lying_node_stop(lying_node *n)
{
	(void)kill(n->pid, SIGKILL);
	(void)waitpid(n->pid, NULL, 0);
	(void)munmap((void *)n->told, 4096);
}
