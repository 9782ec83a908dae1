/* Server: HTTP/1.1 on loopback by libwebsockets, one port for the node and one per miner,
 * all on one thread with the block timer. It moves bytes; what they mean is the
 * node's (rpc.c) and the miners' (miners.c) business.
 * Reason to change: the HTTP library, or what a reply can do on the wire. */
#ifndef ASY_LOCALNET_SERVER_H
#define ASY_LOCALNET_SERVER_H
#include <stdatomic.h>
#include "localnet/node.h"
#include "localnet/scenario.h"
#include "localnet/source.h"
#include "miner/miner.h"

struct lws;
struct lws_context;
struct lws_vhost;
typedef struct lnet_server lnet_server;
typedef struct lnet_relay lnet_relay;
typedef struct lnet_socket lnet_socket;

enum { LNET_HEADER_MAX = 256, LNET_TARGET_MAX = 256 };

/* A scripted miner. */
typedef struct {
	const lnet_neuron *spec;
	const lnet_subnet *subnet;
	lnet_source *source; /* NULL: its behaviour needs no right answers */
	asy_account hotkey;
	asy_key *key; /* copiers sign with it; others have none */
	uint8_t seed[32];
	uint16_t port, uid;
	asy_replay *replay;
	asy_nonce nonce;
	uint64_t served, refused;
} lnet_miner;

/* What listens on one port: miners_n miners from miner on, or (NULL) the node. */
typedef struct {
	lnet_server *server;
	lnet_miner *miner;
	size_t miners_n;
	struct lws_vhost *vhost;
	char name[32]; /* libwebsockets keeps the pointer */
} lnet_site;

/* One HTTP exchange, in libwebsockets' per-connection memory. */
typedef struct lnet_session lnet_session;
struct lnet_session {
	bool live, posted, answered, headers_out;
	struct lws *wsi;
	lnet_site *site;
	lnet_miner *miner; /* who is meant; NULL: the node, or nobody of the site */
	char target[LNET_TARGET_MAX];
	char header[6][LNET_HEADER_MAX]; /* btauth/1 headers, "" = absent */
	asy_buf body;
	/* the reply */
	int status;
	const char *content_type;
	asy_buf out;
	size_t sent, cut;     /* cut: stop after so many bytes of out, then close */
	uint64_t stream_left; /* bytes of filler after out; the length is not announced */
	lnet_relay *relay;
	lnet_socket *socket;            /* after an upgrade; nothing else is used then */
	struct lnet_pending *waits_for; /* source.c: the answer it waits for */
	lnet_session *next_waiting;
};

struct lnet_server {
	struct lws_context *context;
	lnet_node *node;
	asy_clock *clock;
	asy_rng *rng;
	asy_logger log; /* a copy: the counts of a logger are its thread's */
	const asy_scenario *scenario;
	lnet_sources *sources;
	lnet_site *site; /* 0 = node, then miners */
	size_t sites_n;
	lnet_socket *sockets; /* WebSocket clients of the node */
	lnet_miner *miner;
	size_t miners_n;
	uint16_t port;
	void *timer; /* the block timer's libwebsockets state */
	uint64_t next_block_ns;
	atomic_bool stop, failed;
	assay_err error;
};

/* Opens every port on 127.0.0.1. sv has miners (spec, subnet), clock and scenario set;
 * ports are filled in. The node may come later, before run. */
assay_status asy_lnet_server_open(lnet_server *sv, uint16_t rpc_port, assay_err *err) ASSAY_CHECKED;
void asy_lnet_server_close(lnet_server *sv);
/* Serves until stop is set. The one thread that touches node and miners. */
void asy_lnet_server_run(lnet_server *sv);
/* From any thread: makes run return soon. */
void asy_lnet_server_wake(lnet_server *sv);

/* ---- replies (server.c) ---- */

/* Sends what is in s->out after delay_ms, with this status. */
void asy_lnet_reply(lnet_session *s, int status, const char *content_type, uint64_t delay_ms);
/* Replies with a short JSON error. */
void asy_lnet_reply_error(lnet_session *s, int status, const char *message);
/* Keeps the connection open and says nothing, ever. */
void asy_lnet_reply_never(lnet_session *s);

/* ---- WebSocket clients (socket.c) ---- */

/* Handles an event of an upgraded connection or of an upgrade; false: it is none. */
bool asy_lnet_socket_event(struct lws *wsi, int reason, lnet_session *s, void *in, size_t len,
						   int *result);
/* The chain may have moved: tells everyone who subscribed. */
void asy_lnet_sockets_news(lnet_server *sv);

/* ---- miners (miners.c, relay.c) ---- */

/* Does it need right answers? */
bool asy_lnet_needs_answers(lnet_behaviour b);
/* What a session waited for is there: it behaves again. */
void asy_lnet_miner_resume(lnet_session *s);

/* Copies the headers that btauth/1 needs, whose receiver says which miner of the site is
 * meant; called when the request line is known. */
void asy_lnet_miner_headers(lnet_session *s);
/* The whole request is there: verify, then behave. */
void asy_lnet_miner_request(lnet_session *s);
/* Asks another miner the same and answers with what it says. */
assay_status asy_lnet_relay_start(lnet_session *s, lnet_miner *to, assay_err *err) ASSAY_CHECKED;
/* The session is going away; the request under way is dropped. */
void asy_lnet_relay_detach(lnet_relay *r);
int asy_lnet_relay_callback(struct lws *wsi, int reason, lnet_relay *r, void *in, size_t len);
#endif
