/* miner: whom to ask, how to ask, what counts as an answer. Everything a miner
 * sends is a stranger's bytes; here they are bounded and classified, never
 * understood. One HTTP request per query; the body is opaque to this module. */
#ifndef ASY_MINER_H
#define ASY_MINER_H
#include "base/base.h"
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "http/http.h"

/* ---- directory (directory.c) [pure]: chain rows -> reachable targets ---- */
typedef struct {
	uint16_t uid, port;
	uint8_t hotkey[32];
	uint8_t ip[16];  /* the chain's u128 big-endian: IPv4 is in the last four bytes */
	uint8_t ip_type; /* 4 or 6 */
} asy_miner_row;

typedef enum {
	ASY_REACH_OK,
	ASY_REACH_NOT_SERVING, /* ip 0 or port 0: it never announced itself */
	ASY_REACH_BAD_ADDRESS, /* ip_type or bytes that are no address; multicast and the like */
	ASY_REACH_PRIVATE      /* an address that strangers must not have; see allow_private */
} asy_reach;

typedef struct { /* carried through a round: both uid and hotkey, see outcome */
	uint16_t uid, port;
	uint8_t hotkey[32];
	char ss58[ASY_SS58_LEN];
	char host[48]; /* as a URL has it: IPv6 in brackets */
} asy_target;
/* One row. With allow_private (development), 0.0.0.1 means loopback, since the
 * chain refuses to store 127.0.0.1. */
asy_reach asy_miner_target(const asy_miner_row *row, bool allow_private, asy_target *out);
/* The same answer without the target: for choosing among many. */
asy_reach asy_miner_reach(const asy_miner_row *row, bool allow_private);
const char *asy_reach_name(asy_reach r);

/* ---- sample (sample.c) [pure]: least recently asked first, ties by the seed ---- */
/* last_asked[i]: round (or time) when peer i was last asked, 0 = never. Writes
 * min(k, n) indices, in an order that carries nothing but the seed. k 0 = all. */
assay_status asy_miner_sample(const uint64_t *last_asked, size_t n, size_t k,
							  const uint8_t seed[32], uint32_t *out, size_t *out_n,
							  assay_err *err) ASSAY_CHECKED;
/* Fisher-Yates over 0..n-1 from the seed. */
void asy_miner_shuffle(uint32_t *v, size_t n, const uint8_t seed[32]);

/* ---- what came back (response.c) ---- */
/* The numbers of ASSAY_RESP_* in assay/plugin.h, plus one of our own. */
typedef enum {
	ASY_REPLY_OK = 0,
	ASY_REPLY_EMPTY = 1,
	ASY_REPLY_TIMEOUT = 2,
	ASY_REPLY_HTTP = 3,
	ASY_REPLY_REFUSED = 4,
	ASY_REPLY_TOO_LARGE = 5,
	ASY_REPLY_UNSIGNED = 6, /* no dialect of today signs its answers */
	ASY_REPLY_INTERNAL = 7  /* ours: not an observation, never scored */
} asy_reply;
/* The finer reason. */
typedef enum {
	ASY_WHY_OK,
	ASY_WHY_EMPTY,       /* 2xx with no body */
	ASY_WHY_UNROUTABLE,  /* not asked: forbidden address or URL */
	ASY_WHY_UNREACHABLE, /* refused, no route */
	ASY_WHY_TIMEOUT_CONNECT,
	ASY_WHY_TIMEOUT,
	ASY_WHY_CLOSED,
	ASY_WHY_AUTH,      /* 401 */
	ASY_WHY_FORBIDDEN, /* 403 */
	ASY_WHY_NOT_FOUND, /* 404 */
	ASY_WHY_BUSY,      /* 429 */
	ASY_WHY_REDIRECT,  /* 3xx, not followed */
	ASY_WHY_STATUS,    /* any other status */
	ASY_WHY_PROTOCOL,  /* not HTTP, broken encoding */
	ASY_WHY_DECODE,    /* JSON was asked for and this is none */
	ASY_WHY_TOO_LARGE,
	ASY_WHY_BREAKER,       /* not asked: it failed too often lately */
	ASY_WHY_CHANGED_HANDS, /* not asked: the uid has another owner by now */
	ASY_WHY_NOT_STARTED,   /* the round's time was over first */
	ASY_WHY_CANCELLED,     /* interrupted */
	ASY_WHY_LAG,           /* late, but it was our own loop that stood still */
	ASY_WHY_NO_ROOM,       /* it arrived, and our byte budget was spent */
	ASY_WHY_INTERNAL,
	ASY_WHY_N
} asy_why;
const char *asy_why_name(asy_why w); /* for people */
/* "not_found": as records and logs have it, stable. find gives ASY_WHY_N for none. */
const char *asy_why_word(asy_why w);
asy_why asy_why_find(const char *word);
asy_reply asy_why_class(asy_why w);
/* Class and reason of a finished request. json: the body must be JSON within
 * ordinary limits (64 levels). [pure] */
asy_reply asy_response_classify(const asy_http_result *r, bool json, asy_why *why);

/* ---- dialects (dialect.c): how to ask ---- */
/* Strictly increasing, unique per hotkey, near the clock. Keep one per key. */
typedef struct {
	uint64_t last;
} asy_nonce;
uint64_t asy_nonce_next(asy_nonce *n, uint64_t real_ns);

typedef struct { /* who is asking */
	const asy_key *key;
	char ss58[ASY_SS58_LEN];
	asy_nonce *nonce;
	asy_clock *clock;
	asy_rng *rng;
} asy_caller;
void asy_caller_init(asy_caller *c, const asy_key *key, asy_nonce *nonce, asy_clock *clock,
					 asy_rng *rng);

typedef struct asy_dialect {
	const char *name; /* "btauth1" */
	/* Adds the headers of one attempt: fresh nonce, receiver, signature. */
	assay_status (*sign)(const asy_caller *c, const asy_target *to, const char *method,
						 const char *route, assay_span body, asy_http_headers *add, assay_err *err);
} asy_dialect;
/* NULL when there is none of that name; asy_dialect_name(i) lists them, NULL at the end. */
const asy_dialect *asy_dialect_find(const char *name);
const char *asy_dialect_name(size_t i);

/* ---- btauth/1 (btauth1.c, replay.c) ---- */
/* The eight lines that are signed, onto out. receiver NULL = "-". [pure] */
assay_status asy_btauth1_payload(asy_key_scheme scheme, const char *method, const char *target,
								 assay_span body, uint64_t nonce, const char *sender,
								 const char *receiver, asy_buf *out, assay_err *err) ASSAY_CHECKED;

typedef struct { /* as received; a header that is absent is NULL */
	const char *version, *hotkey, *receiver, *nonce, *crypto, *signature;
	const char *method, *target; /* target: path and query exactly as sent */
	assay_span body;
} asy_btauth1_request;
typedef struct {
	uint64_t max_age_ns, max_future_ns; /* 0 = 10 s, 2 s */
	asy_key_scheme scheme; /* expected of the sender; the header's claim is not believed */
	bool receiver_optional;
} asy_btauth1_rules;
/* (hotkey, nonce) pairs already seen; bounded. */
typedef struct asy_replay asy_replay;
asy_replay *asy_replay_new(size_t max_entries); /* 0 = 65536 */
void asy_replay_free(asy_replay *r);
/* The server's side: shape, receiver, freshness, signature, replay, in this order.
 * On ASSAY_OK sender is the caller's public key. E_FORMAT: malformed; E_REFUSED:
 * another receiver, stale, replayed; E_CRYPTO: signature; E_LIMIT: store full. All
 * mean 401. replay may be NULL (no replay check). Changes only the store. */
assay_status asy_btauth1_verify(const asy_btauth1_request *req, const uint8_t own[32],
								uint64_t now_real_ns, const asy_btauth1_rules *rules,
								asy_replay *replay, uint8_t sender[32],
								assay_err *err) ASSAY_CHECKED;

/* ---- breaker (breaker.c): memory of peers that do not answer ---- */
/* After `failures` rounds in a row without a sign of life a hotkey is not asked for 1, 2,
 * 4 .. max_rounds rounds, then tried again; one answer of any kind closes it. */
typedef struct {
	uint32_t failures;   /* 0 = 3 */
	uint32_t max_rounds; /* 0 = 8 */
} asy_breaker_rules;
typedef struct asy_breaker asy_breaker;
asy_breaker *asy_breaker_new(const asy_breaker_rules *rules);
void asy_breaker_free(asy_breaker *b);
bool asy_breaker_allows(const asy_breaker *b, const uint8_t hotkey[32], uint64_t round);
/* What a round, once it has a verdict, taught about a peer: at most once per round and
 * peer. False when out of memory (then nothing is remembered). */
bool asy_breaker_fold(asy_breaker *b, const uint8_t hotkey[32], uint64_t round, bool lives);

/* ---- fan-out (fanout.c): all queries of a round under one deadline ---- */
typedef struct {
	const asy_target *target;
	const char *route; /* request target: "/text" or "/x?y=1"; begins with '/' */
	assay_span body;   /* opaque; lives until the fan-out returns */
	uint64_t tag;      /* the caller's: challenge number */
} asy_query;

typedef struct {
	size_t query; /* index into queries */
	uint64_t tag;
	uint16_t uid; /* with the hotkey asked: drop the answer when the uid has another owner now */
	uint8_t hotkey[32];
	asy_reply cls;
	asy_why why;
	int http_status;
	asy_buf *body;               /* borrowed for the call; take it by copying and zeroing */
	const char *content_type;    /* borrowed for the call, like chunk */
	const asy_http_chunk *chunk; /* how the body arrived */
	uint32_t chunk_n;
	uint64_t start_ns, queue_ns, connect_ns, ttfb_ns, latency_ns; /* latency: start to end */
	uint64_t wire_bytes;
	const char *detail; /* a sentence when not OK */
} asy_outcome;
/* Called once for each query, as it finishes: journal it before anything else. A failure
 * stops the fan-out: the rest completes as ASY_WHY_CANCELLED, without calls. */
typedef assay_status asy_outcome_fn(void *arg, const asy_outcome *o, assay_err *err);

typedef struct {
	uint64_t deadline_mono_ns; /* of all; ASY_NEVER = only per-request timeouts */
	uint32_t timeout_ms, connect_timeout_ms;
	size_t max_response_bytes;
	bool allow_private, expect_json;
	const char *content_type;   /* NULL = application/json */
	uint64_t round;             /* for the breaker */
	const asy_breaker *breaker; /* only asked, never taught; may be NULL */
} asy_fanout_opts;

typedef struct {
	size_t asked, answered, ok, skipped; /* asked: actually sent; answered: any HTTP status */
	size_t by_class[8], by_why[ASY_WHY_N];
	uint64_t wire_bytes;
} asy_fanout_summary;
/* Returns when every query has had its outcome. ASSAY_E_CANCELLED: interrupted; the
 * failure of on_outcome is returned as it is. Summary is filled in any case. */
assay_status asy_fanout_run(asy_http *http, const asy_dialect *dialect, const asy_caller *caller,
							const asy_query *queries, size_t n, const asy_fanout_opts *opts,
							asy_outcome_fn *on_outcome, void *arg, asy_fanout_summary *summary,
							assay_err *err) ASSAY_CHECKED;
#endif
