/* http: a small request/response client on the event loop, over libcurl (its only
 * user). Built for talking to strangers: hard limits on time and bytes, no
 * redirects, no proxies, no cookies, no hidden second connection, and no connection
 * to a class of address that the caller did not allow. No JSON here.
 *
 * Time runs out on the loop's polled clock and never before the sockets were served: a
 * pause of our own machine is nobody's time-out, and no part of a latency.
 *
 * Everything is [loop]. Each request that was started completes exactly once. */
#ifndef ASY_HTTP_H
#define ASY_HTTP_H
#include "base/base.h"
#include "loop/loop.h"

typedef struct asy_http asy_http; /* the client, real or scripted */

typedef struct {
	uint32_t total;    /* requests under way at once; 0 = 64 */
	uint32_t per_host; /* of these to one host and port; 0 = 8 */
} asy_http_limits;
assay_status asy_http_new(asy_loop *l, const asy_http_limits *limits, asy_http **out,
						  assay_err *err) ASSAY_CHECKED;
/* Another total, for a client that is in use; what runs beyond it runs to its end. */
void asy_http_set_total(asy_http *h, uint32_t total);
/* Cancels what is under way (callbacks run), then frees. Before the loop is freed,
 * and never from a callback. NULL is fine. */
void asy_http_free(asy_http *h);

/* ---- addresses (address.c) [pure] ----
 * ip is 16 bytes in network order; IPv4 as ::ffff:a.b.c.d or in the last four of
 * sixteen otherwise-zero bytes with is_v4. */
typedef enum {
	ASY_ADDR_PUBLIC,
	ASY_ADDR_PRIVATE,  /* private, shared, loopback, link-local: never a stranger's */
	ASY_ADDR_FORBIDDEN /* unspecified, multicast, broadcast, reserved: never anyone's */
} asy_addr_class;
asy_addr_class asy_addr_classify(const uint8_t ip[16], bool is_v4);

/* ---- requests ---- */
#define ASY_HTTP_HEADER_MAX (32u * 1024)    /* the answer's header block, all lines */
#define ASY_HTTP_BODY_MAX ((size_t)8 << 20) /* default for max_response_bytes */

typedef struct {
	const char *name, *value;
} asy_http_header;
/* What a signer adds just before the bytes leave (see prepare). */
typedef struct asy_http_headers asy_http_headers;
assay_status asy_http_headers_add(asy_http_headers *h, const char *name, const char *value,
								  assay_err *err) ASSAY_CHECKED;

typedef struct {
	const char *method; /* NULL = POST when there is a body, else GET */
	const char *url;    /* http or https; sent exactly as written */
	const asy_http_header *headers;
	size_t headers_n;
	assay_span body;
	uint32_t connect_timeout_ms; /* 0 = the total */
	uint32_t timeout_ms;         /* from actual start to last byte; 0 = 30,000 */
	size_t max_response_bytes;   /* after decompression; 0 = ASY_HTTP_BODY_MAX */
	const char *ca_file;         /* PEM: trusted beside the system's; NULL = none. Borrowed */
	bool allow_private;          /* loopback, private, link-local targets */
	bool reuse; /* keep the connection and use a kept one. libcurl repeats a request on a new
				 * connection when a kept one turns out dead: never set this when a repetition
				 * would be refused or do harm. */
	/* Called when the request is actually started, not when it is queued: the place
	 * for nonces and signatures. Not called again. May be NULL. A failure ends the
	 * request as ASY_HTTP_INTERNAL. arg is the one given to start. */
	assay_status (*prepare)(void *arg, asy_http_headers *add, assay_err *err);
} asy_http_req;

typedef enum {
	ASY_HTTP_ANSWERED, /* a complete HTTP answer of any status */
	ASY_HTTP_TIMEOUT_CONNECT,
	ASY_HTTP_TIMEOUT,     /* the request's own, or the deadline of asy_http_run */
	ASY_HTTP_UNREACHABLE, /* refused by the peer, no route, name not found */
	ASY_HTTP_FORBIDDEN,   /* we refuse: address class or URL; nothing was sent */
	ASY_HTTP_CLOSED,      /* reset, or ended before the promised length */
	ASY_HTTP_TOO_LARGE,   /* header block or body over its limit */
	ASY_HTTP_PROTOCOL,    /* not HTTP, broken chunks, broken compression, TLS failure */
	ASY_HTTP_NOT_STARTED, /* still queued at the deadline: says nothing about the peer */
	ASY_HTTP_CANCELLED,   /* by us: cancel, free, interruption */
	ASY_HTTP_INTERNAL     /* our fault or our machine's: says nothing about the peer */
} asy_http_class;
const char *asy_http_class_name(asy_http_class c);

typedef struct { /* body[0, end) had arrived at_us after the actual start */
	uint64_t at_us, end;
} asy_http_chunk;
#define ASY_HTTP_CHUNKS_MAX 256u /* of an answer in more pieces, every second is forgotten */

typedef struct {
	asy_http_class cls;
	int status;                   /* HTTP status, 0 when none was read */
	asy_buf body;                 /* owned by the result; what arrived, also on failure */
	asy_buf chunks;               /* of asy_http_chunk, in the order of arrival; owned likewise */
	char content_type[96];        /* printable; "" = none, or longer */
	uint64_t queue_ns;            /* waiting for a place; not the peer's doing */
	uint64_t connect_ns, ttfb_ns; /* from actual start; 0 = not reached */
	uint64_t total_ns;            /* from actual start */
	uint64_t start_ns;            /* when it actually started, on the loop's clock; 0 = never */
	uint64_t wire_bytes, sent_bytes; /* body bytes before decompression; request body sent */
	char detail[160];                /* one sentence when cls is not ANSWERED */
} asy_http_result;
void asy_http_result_fini(asy_http_result *r);

typedef struct asy_http_call asy_http_call; /* one request under way */
/* res is borrowed for the call; steal body and chunks by copying the struct and zeroing them. */
typedef void asy_http_done_fn(void *arg, asy_http_result *res);

/* Copies what it needs except body, which must live until completion. done never
 * runs inside start. call may be NULL. Fails only for lack of memory. */
assay_status asy_http_start(asy_http *h, const asy_http_req *req, asy_http_done_fn *done, void *arg,
							asy_http_call **call, assay_err *err) ASSAY_CHECKED;
/* Completes the call now with ASY_HTTP_CANCELLED, or the class given for it. */
void asy_http_cancel(asy_http_call *call, asy_http_class as);

/* Has it left the queue? */
bool asy_http_is_started(const asy_http_call *call);

/* All of reqs at once, awaited to the end, the deadline or interruption. results[i]
 * belongs to reqs[i]; every one is filled whatever is returned; fini them.
 * prepare gets args[i] (args may be NULL). ASSAY_E_CANCELLED: interrupted.
 * The deadline itself is not an error: look at the results. */
assay_status asy_http_run(asy_http *h, const asy_http_req *reqs, void *const *args, size_t n,
						  uint64_t deadline_mono_ns, asy_http_result *results,
						  assay_err *err) ASSAY_CHECKED;
asy_loop *asy_http_loop(asy_http *h);

/* ---- a scripted client for tests (fake.c) ----
 * answer fills *out (cls, status, body via asy_buf_add) for a request and returns
 * after how many nanoseconds it arrives. Limits on bytes and time are applied as
 * the real client would. headers holds the request's own and the prepared ones. */
typedef struct {
	uint64_t (*answer)(void *arg, const asy_http_req *req, const asy_http_header *headers,
					   size_t headers_n, asy_http_result *out);
	void *arg;
} asy_http_script;
assay_status asy_http_fake_new(asy_loop *l, const asy_http_script *script, asy_http **out,
							   assay_err *err) ASSAY_CHECKED;
#endif
