/* Socket: a WebSocket client of the node: whole messages in, replies and subscriptions out,
 * with bounds on both. The upgrade of any other port is refused.
 * Reason to change: what a WebSocket client may do on the wire. */
#include <libwebsockets.h>
#include <stdlib.h>
#include "localnet/server.h"
#include "localnet/subscribe.h"

enum { QUEUE_BYTES_MAX = 64 << 20, SOCKETS_MAX = 256 };

typedef struct parcel parcel;
struct parcel {
	parcel *next;
	uint64_t due_ns; /* a fault's delay */
	size_t len;
	uint8_t bytes[]; /* LWS_PRE, then the message */
};

struct lnet_socket {
	struct lws *wsi;
	lnet_server *server;
	lnet_socket *next;
	lnet_subscriber subscriber;
	asy_buf in;
	parcel *first, *last;
	size_t queued;
	bool broken; /* to be closed: too much is waiting, or a fault wants it */
};

static void put(lnet_socket *k, assay_span message, uint64_t delay_ms)
{
	parcel *p = k->queued + message.len <= QUEUE_BYTES_MAX
					? malloc(sizeof *p + LWS_PRE + message.len)
					: NULL;
	if (p == NULL) {
		k->broken = true;
	} else {
		asy_clock *c = k->server->clock;
		*p = (parcel){.len = message.len};
		p->due_ns = delay_ms == 0 ? 0 : c->mono_ns(c) + delay_ms * UINT64_C(1000000);
		memcpy(p->bytes + LWS_PRE, message.ptr, message.len);
		if (k->last != NULL)
			k->last->next = p;
		else
			k->first = p;
		k->last = p;
		k->queued += message.len;
	}
	(void)lws_callback_on_writable(k->wsi);
}

static void emit(void *arg, assay_span message)
{
	put(arg, message, 0);
}

static int opened(lnet_session *s, struct lws *wsi)
{
	const lnet_site *site = lws_vhost_user(lws_get_vhost(wsi));
	lnet_server *sv = site->server;
	size_t n = 0;
	for (const lnet_socket *k = sv->sockets; k != NULL; k = k->next)
		n++;
	lnet_socket *k = n < SOCKETS_MAX ? asy_calloc(1, sizeof *k) : NULL;
	if (k == NULL)
		return -1;
	k->wsi = wsi;
	k->server = sv;
	k->in.max = LNET_REQUEST_MAX;
	k->next = sv->sockets;
	sv->sockets = k;
	asy_lnet_subscriber_init(&k->subscriber, sv->node, emit, k);
	s->socket = k;
	return 0;
}

static void closed(lnet_session *s)
{
	lnet_socket *k = s->socket;
	if (k == NULL)
		return;
	for (lnet_socket **at = &k->server->sockets; *at != NULL; at = &(*at)->next) {
		if (*at == k) {
			*at = k->next;
			break;
		}
	}
	while (k->first != NULL) {
		parcel *p = k->first;
		k->first = p->next;
		free(p);
	}
	asy_lnet_subscriber_fini(&k->subscriber);
	asy_buf_fini(&k->in);
	free(k);
	s->socket = NULL;
}

/* A whole request: the reply goes out first, then what its subscriptions have to tell. */
static int answer(lnet_socket *k)
{
	lnet_node *node = k->server->node;
	asy_buf out = {0};
	lnet_wire wire;
	node->subscriber = &k->subscriber;
	assay_status st = asy_lnet_rpc(node, asy_buf_span(&k->in), &out, &wire, NULL);
	node->subscriber = NULL;
	asy_buf_reset(&k->in);
	/* an HTTP status, a missing end and a closed connection are all the same here */
	bool broken = st != ASSAY_OK || wire.drop || wire.status != 200 || wire.cut < out.len;
	if (!broken)
		put(k, asy_buf_span(&out), wire.delay_ms);
	asy_buf_fini(&out);
	if (!broken)
		asy_lnet_sockets_news(k->server);
	return broken ? -1 : 0;
}

static int received(lnet_socket *k, const void *in, size_t len)
{
	if (lws_frame_is_binary(k->wsi) || asy_buf_add(&k->in, in, len, NULL) != ASSAY_OK)
		return -1;
	bool whole = lws_is_final_fragment(k->wsi) && lws_remaining_packet_payload(k->wsi) == 0;
	return whole ? answer(k) : 0;
}

static int writeable(lnet_socket *k)
{
	parcel *p = k->first;
	asy_clock *c = k->server->clock;
	if (k->broken)
		return -1;
	if (p == NULL)
		return 0;
	uint64_t now = p->due_ns == 0 ? 0 : c->mono_ns(c);
	if (p->due_ns > now) {
		lws_set_timer_usecs(k->wsi, (lws_usec_t)((p->due_ns - now) / 1000 + 1));
		return 0;
	}
	int sent = lws_write(k->wsi, p->bytes + LWS_PRE, p->len, LWS_WRITE_TEXT);
	k->queued -= p->len;
	k->first = p->next;
	if (k->first == NULL)
		k->last = NULL;
	free(p);
	if (sent < 0)
		return -1;
	if (k->first != NULL)
		(void)lws_callback_on_writable(k->wsi);
	return 0;
}

void asy_lnet_sockets_news(lnet_server *sv)
{
	for (lnet_socket *k = sv->sockets; k != NULL; k = k->next)
		asy_lnet_subscriber_news(&k->subscriber);
}

bool asy_lnet_socket_event(struct lws *wsi, int reason, lnet_session *s, void *in, size_t len,
						   int *result)
{
	const lnet_site *site;
	*result = 0;
	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		site = lws_vhost_user(lws_get_vhost(wsi));
		*result = site == NULL || site->miner != NULL ? -1 : 0;
		return true;
	case LWS_CALLBACK_ESTABLISHED:
		*result = opened(s, wsi);
		return true;
	case LWS_CALLBACK_RECEIVE:
		*result = s->socket != NULL ? received(s->socket, in, len) : -1;
		return true;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		*result = s->socket != NULL ? writeable(s->socket) : -1;
		return true;
	case LWS_CALLBACK_TIMER:
		if (s == NULL || s->socket == NULL)
			return false;
		(void)lws_callback_on_writable(wsi);
		return true;
	case LWS_CALLBACK_CLOSED:
		closed(s);
		return true;
	default:
		return false;
	}
}
