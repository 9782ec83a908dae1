/* ws: WebSocket connections of ours to nodes, on the event loop, over libwebsockets. Built
 * for peers that need not be trusted: text messages only, a bound on what one may hold and on
 * what waits to be sent, no extensions, no proxies, and TLS that is verified: the certificate is
 * of an authority that we trust and made out to the host, by name or by address. A silent peer
 * is pinged and given up. No JSON here. Everything is [loop].
 * Names are resolved without blocking. */
#ifndef ASY_WS_H
#define ASY_WS_H
#include "base/base.h"
#include "loop/loop.h"

typedef struct asy_ws asy_ws;
typedef struct asy_ws_conn asy_ws_conn;

/* ca_file: certificates (PEM) that are trusted beside the system's; NULL = none. */
assay_status asy_ws_new(asy_loop *l, const char *ca_file, asy_ws **out,
						assay_err *err) ASSAY_CHECKED;
/* Ends every connection (closed runs), then frees. Before the loop is freed, and never from
 * a callback. NULL is fine. */
void asy_ws_free(asy_ws *w);

#define ASY_WS_WAITING_MAX ((size_t)16 << 20) /* bytes that wait to be sent, per connection */

typedef struct {
	void (*opened)(void *arg);
	/* One whole message; borrowed for the call. */
	void (*message)(void *arg, assay_span text);
	/* Exactly once, also when it never opened; the connection is gone after it. */
	void (*closed)(void *arg, const char *why);
} asy_ws_events;

/* url: ws://host:port/path or wss://...; max_message: bytes of one message that is taken.
 * Callbacks never run inside open. ASSAY_E_CONFIG for another kind of address. */
assay_status asy_ws_open(asy_ws *w, const char *url, size_t max_message, const asy_ws_events *on,
						 void *arg, asy_ws_conn **out, assay_err *err) ASSAY_CHECKED;
/* Copies text; it leaves when the peer takes it. ASSAY_E_LIMIT: too much waits already. */
assay_status asy_ws_send(asy_ws_conn *c, assay_span text, assay_err *err) ASSAY_CHECKED;
/* Ends it soon; closed runs from the loop, or from asy_ws_free. */
void asy_ws_close(asy_ws_conn *c, const char *why);
#endif
