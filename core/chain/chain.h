/* chain: read a subnet's state and submit extrinsics over JSON-RPC. Pallets, calls,
 * storage hashers, types, extensions and error names all come from the node's
 * metadata, by name, and are checked against what we encode; a runtime whose shape
 * differs is refused, never guessed at.
 * Coroutines of one loop may share a client: its calls take turns, as asy_co_lock has it.
 * Never sleeps and never retries behind the caller's back: every function makes a
 * bounded number of requests under one deadline and says what to do next. The caller
 * (round) owns the waiting, the journal and the order:
 *     prepare -> journal the transaction -> send -> outcome, again and again. */
#ifndef ASY_CHAIN_H
#define ASY_CHAIN_H
#include "base/base.h"
#include "crypto/crypto.h"
#include "seal/seal.h"
#include "subnet/subnet.h"
#include "chain/extrinsic.h"
#include "chain/metadata.h"

#define ASY_ENDPOINTS_MAX 16u

/* What a status says here: ASSAY_E_NET and ASSAY_E_TIMEOUT, no endpoint answered;
 * ASSAY_E_AGAIN, all that did sent an error or nonsense, or a runtime that we cannot use;
 * ASSAY_E_GONE, no node keeps (or knows yet) that block or its state; ASSAY_E_NOTFOUND, the
 * chain says that there is no such hotkey, subnet or mechanism, at two endpoints where two
 * are configured. The first four may mend. What else comes back is about the caller: its
 * arguments, its key, its memory. */

/* ---- the wire (rpc.c, transport_http.c, transport_ws.c) ----
 * One POST of a JSON body; the reply's body is appended to out. The deadline is on
 * the clock given to asy_chain_open (mono_ns). ASSAY_E_NET, ASSAY_E_TIMEOUT, or
 * ASSAY_E_CANCELLED when the process was asked to stop; any HTTP status other than
 * 200 is ASSAY_E_NET. */
typedef struct asy_rpc_transport asy_rpc_transport;
typedef struct {
	assay_span body;
	asy_buf reply; /* owned by the caller; its max is the limit */
} asy_rpc_post;
struct asy_rpc_transport {
	assay_status (*send)(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
						 uint64_t deadline_ns, assay_err *err);
	/* n posts at once; fails as a whole. NULL: they are sent in turn. */
	assay_status (*send_many)(asy_rpc_transport *t, const char *url, asy_rpc_post *posts, size_t n,
							  uint64_t deadline_ns, assay_err *err);
	/* The newest notification of a head that this endpoint sent, appended to out; false: there
	 * is none to rely on. NULL: never. */
	bool (*news)(asy_rpc_transport *t, const char *url, asy_buf *out);
};

/* The transport over core/http: the object is the caller's and must outlive the chain. */
struct asy_http;
typedef struct {
	asy_rpc_transport iface;
	struct asy_http *http; /* borrowed */
	asy_clock *clock;      /* the one given to asy_chain_open; borrowed */
	const char *ca_file;   /* as in asy_http_req; borrowed */
} asy_rpc_http;
void asy_rpc_http_init(asy_rpc_http *t, struct asy_http *http, asy_clock *clock);

/* The transport for all kinds of addresses: http(s):// by POST, ws(s):// by WebSocket with
 * a subscription to heads. The same lifetimes; fini after the chain is closed and before
 * the client and its loop are freed. ca_file (copied): as in asy_http_req. */
struct asy_ws;
typedef struct asy_rpc_line asy_rpc_line;
typedef struct {
	asy_rpc_transport iface;
	asy_rpc_http http;
	struct asy_ws *ws;
	struct asy_loop *loop; /* the HTTP client's */
	asy_clock *clock;
	asy_rpc_line *lines; /* one for each endpoint that was asked */
	char *ca_file;
} asy_rpc_net;
assay_status asy_rpc_net_init(asy_rpc_net *t, struct asy_http *http, asy_clock *clock,
							  const char *ca_file, assay_err *err) ASSAY_CHECKED;
void asy_rpc_net_fini(asy_rpc_net *t);
/* Ends every WebSocket, as a network that changes does; the next request opens another. */
void asy_rpc_net_drop(asy_rpc_net *t);

typedef struct asy_chain asy_chain;
typedef struct {
	const char *const *endpoints; /* URLs in order of preference; copied */
	size_t endpoints_n;
	asy_rpc_transport *transport; /* borrowed, outlives the chain */
	struct asy_loop *loop;        /* borrowed: its coroutines may share the chain; NULL = none do */
	asy_clock *clock;             /* borrowed */
	asy_rng *rng;                 /* borrowed: signature nonces */
	asy_logger *log;              /* borrowed, may be NULL */
	const asy_key *key;           /* borrowed; NULL = read only */
	uint64_t call_timeout_ms;     /* one call, all its requests together; 0 = 30,000 */
	uint64_t max_reply_bytes;     /* 0 = 12 MiB; each method has a lower limit of its own */
	uint32_t era_period;          /* power of two 64..128, 0 = 64 */
	const asy_hash *genesis;      /* refuse any other chain; NULL = accept and report */
	/* endpoints_n of them, read and written by asy_chain_open only: the caller's memory of
	 * what it has complained about between attempts to open. NULL = none */
	asy_complaint *sick;
} asy_chain_config;

/* Connects to the first endpoint that answers: genesis, runtime version, metadata. */
assay_status asy_chain_open(const asy_chain_config *cfg, asy_chain **out,
							assay_err *err) ASSAY_CHECKED;
void asy_chain_close(asy_chain *c);

typedef struct {
	asy_hash genesis;
	uint32_t spec_version, tx_version;
	unsigned metadata_version;
	char spec_name[64];
	const char *endpoint; /* in use now */
	uint64_t requests, failures, failovers, reloads;
} asy_chain_info;
void asy_chain_get_info(const asy_chain *c, asy_chain_info *out);
/* Asks each endpoint for its head and for a block, alone, for five seconds at most (survey.c). */
typedef struct {
	const char *url; /* borrowed */
	bool is_in_use, answers;
	uint64_t latency_us, height, failures; /* the first two: of one that answers */
	char why[200];                         /* of one that does not */
} asy_chain_endpoint;
assay_status asy_chain_survey(asy_chain *c, asy_chain_endpoint out[ASY_ENDPOINTS_MAX], size_t *n,
							  assay_err *err) ASSAY_CHECKED;
/* What the endpoint in use says keeps us from working (not registered, no permit, nobody to
 * ask): true, and the next calls go to another one, if there is one. It may be true. */
bool asy_chain_doubt(asy_chain *c);
/* The metadata in use; replaced when the runtime changes, so do not keep it. */
const asy_metadata *asy_chain_metadata(const asy_chain *c);
/* Reads the runtime version and reloads the metadata if it changed. Called by
 * prepare and snapshot themselves; call it at every epoch in between. */
assay_status asy_chain_refresh(asy_chain *c, bool *changed, assay_err *err) ASSAY_CHECKED;

/* ---- blocks ---- */
assay_status asy_chain_head(asy_chain *c, asy_block_ref *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_chain_finalized(asy_chain *c, asy_block_ref *out, assay_err *err) ASSAY_CHECKED;
/* ASSAY_E_GONE when the node has no such block (yet). */
assay_status asy_chain_block_hash(asy_chain *c, uint64_t number, asy_hash *out,
								  assay_err *err) ASSAY_CHECKED;
/* Seconds a block, measured from Timestamp.Now over up to 200 blocks before head. */
assay_status asy_chain_block_time(asy_chain *c, const asy_block_ref *head, double fallback,
								  double *out, assay_err *err) ASSAY_CHECKED;

/* ---- state at one block (state.c) ----
 * Everything is read at the one hash in `at`. Runtimes without the stateful epoch store
 * a commit's block but not its epoch: it is computed by the modulo clock. */
assay_status asy_chain_snapshot(asy_chain *c, uint16_t netuid, uint8_t mecid,
								const asy_block_ref *at, assay_snapshot **out,
								assay_err *err) ASSAY_CHECKED;
/* The clock alone, cheap enough for every block near an epoch. */
assay_status asy_chain_epoch_state(asy_chain *c, uint16_t netuid, const asy_block_ref *at,
								   asy_epoch_state *out, assay_err *err) ASSAY_CHECKED;
/* What the last epoch wrote, for comparing with a prediction. Arrays of n, owned. */
typedef struct {
	size_t n;
	uint64_t last_mechanism_step_block, subnet_epoch_index;
	uint16_t *consensus, *validator_trust, *incentive, *dividends;
	uint64_t *emission, *last_update;
	bool *active, *permit;
	asy_arena *arena;
} asy_epoch_outputs;
assay_status asy_chain_outputs(asy_chain *c, uint16_t netuid, uint8_t mecid,
							   const asy_block_ref *at, asy_epoch_outputs *out,
							   assay_err *err) ASSAY_CHECKED;
void asy_epoch_outputs_fini(asy_epoch_outputs *o);

/* Read-backs. A hotkey that is not registered: ASSAY_E_NOTFOUND. */
assay_status asy_chain_uid(asy_chain *c, uint16_t netuid, const asy_account *hotkey,
						   const asy_block_ref *at, uint16_t *uid, assay_err *err) ASSAY_CHECKED;
assay_status asy_chain_last_update(asy_chain *c, uint16_t netuid, uint8_t mecid, uint16_t uid,
								   const asy_block_ref *at, uint64_t *block,
								   assay_err *err) ASSAY_CHECKED;
/* The stored weight row; *out is malloc'ed (free()), NULL when empty. */
assay_status asy_chain_weights_row(asy_chain *c, uint16_t netuid, uint8_t mecid, uint16_t uid,
								   const asy_block_ref *at, asy_entry **out, size_t *n,
								   assay_err *err) ASSAY_CHECKED;
/* The queue of hash commits of a hotkey, oldest first; at most cap. */
#define ASY_LIVE_COMMITS_MAX 16
assay_status asy_chain_commits(asy_chain *c, uint16_t netuid, uint8_t mecid,
							   const asy_account *hotkey, const asy_block_ref *at, asy_commit *out,
							   size_t cap, size_t *n, assay_err *err) ASSAY_CHECKED;

/* ---- what the chain opens itself (timelock.c) ---- */

/* The runtime has the call in the form that we write (ASY_TIMELOCK_VERSION). */
bool asy_chain_takes_timelock(const asy_chain *c, uint8_t mecid);
/* The beacon that the chain says it waits for. Never seal to it unless it is the one that the
 * configuration names: whoever holds the secret of another could read everything. */
typedef struct {
	bool is_known;
	uint8_t key[ASY_BLS_KEY_LEN];
	uint64_t genesis_time, period; /* seconds */
	uint64_t last_round;           /* that the chain has stored; 0 = none */
} asy_chain_beacon;
assay_status asy_chain_read_beacon(asy_chain *c, const asy_block_ref *at, asy_chain_beacon *out,
								   assay_err *err) ASSAY_CHECKED;

/* Turns the snapshot of the block before into what that block's epoch saw: the chain opens
 * timelock commitments first, so their rows are in and the queue is without them. */
assay_status asy_chain_apply_reveals(asy_chain *c, const asy_block_ref *block, assay_snapshot *s,
									 assay_err *err) ASSAY_CHECKED;

/* ---- transactions (submit.c) ---- */

/* A signed extrinsic, complete: journal it (asy_tx_encode) before it is sent. */
typedef struct {
	uint8_t *bytes; /* owned */
	size_t len;
	asy_hash hash; /* blake2_256 of the bytes: its name on the chain */
	asy_account account;
	uint32_t nonce, spec_version;
	uint16_t netuid;
	uint8_t mecid;
	uint64_t birth, death; /* can be included in blocks birth+1 .. death-1 */
	char call[64];         /* "SubtensorModule.commit_weights" */
} asy_tx;
void asy_tx_fini(asy_tx *tx);
assay_status asy_tx_encode(const asy_tx *tx, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_tx_decode(assay_span bytes, asy_tx *out, assay_err *err) ASSAY_CHECKED;

/* Each checks the runtime, builds the call by name, takes the next nonce and a fresh
 * mortal era at the head, and signs. Nothing is sent. mecid 0 uses the plain call,
 * others the *_mechanism_* twin. ASSAY_E_UNSUPPORTED when the runtime's call has
 * another shape. */
assay_status asy_chain_prepare_commit(asy_chain *c, const asy_opening *o, asy_tx *tx,
									  assay_err *err) ASSAY_CHECKED;
assay_status asy_chain_prepare_reveal(asy_chain *c, const asy_opening *o, asy_tx *tx,
									  assay_err *err) ASSAY_CHECKED;
assay_status asy_chain_prepare_set_weights(asy_chain *c, uint16_t netuid, uint8_t mecid,
										   const uint16_t *uids, const uint16_t *values, size_t n,
										   uint64_t version_key, asy_tx *tx,
										   assay_err *err) ASSAY_CHECKED;

/* What became of it. Everything a caller needs to decide is in here; err is for when
 * we could not find out (network, decoding). */
typedef enum {
	ASY_TX_PENDING, /* in the pool, or may be: look again                        */
	ASY_TX_SUCCESS, /* included and dispatched                                   */
	ASY_TX_FAILED,  /* included, the call failed: error has the chain's name     */
	ASY_TX_REFUSED, /* the pool said no: it will not be included as it is        */
	ASY_TX_BLOCKED, /* 1014: another transaction of ours stands in the way       */
	ASY_TX_EXPIRED  /* the era ended without inclusion: it never will be         */
} asy_tx_kind;
typedef enum {
	ASY_NEXT_NONE,    /* done                                                  */
	ASY_NEXT_POLL,    /* call asy_chain_outcome again after the next block     */
	ASY_NEXT_REBUILD, /* prepare anew (fresh nonce, era, runtime), send again  */
	ASY_NEXT_WAIT,    /* wait wait_blocks, then prepare anew                   */
	ASY_NEXT_LATER,   /* the node is unable now: same bytes, later             */
	ASY_NEXT_RESEAL,  /* the chain wants another seal: made anew, once         */
	ASY_NEXT_GIVE_UP  /* repeating cannot help; remedy says what the human does */
} asy_tx_next;
typedef struct {
	asy_tx_kind kind;
	asy_tx_next next;
	bool finalized;      /* SUCCESS and FAILED: its block is final                */
	asy_block_ref block; /* where it was included                                 */
	uint32_t index;      /* its place in that block                               */
	uint64_t scanned_to; /* highest block looked at: pass it on as from - 1       */
	uint64_t wait_blocks;
	int64_t code;     /* JSON-RPC code of a refusal, else 0                       */
	int custom;       /* N of "Custom error: N", else -1                          */
	char error[96];   /* "SubtensorModule.CommittingWeightsTooFast", "RateLimitExceeded" */
	char remedy[192]; /* one sentence for the log                                 */
} asy_tx_outcome;
const char *asy_tx_kind_name(asy_tx_kind k);

/* Hands the bytes to the node. "Already imported" is PENDING. Sending the same bytes
 * twice is safe: the chain takes them once, and when it says so the blocks since birth
 * are searched for them. Any status but OK: unknown, look with asy_chain_outcome. */
assay_status asy_chain_send(asy_chain *c, const asy_tx *tx, asy_tx_outcome *out,
							assay_err *err) ASSAY_CHECKED;
/* Looks for tx in blocks from..head (at most 64 a call; scanned_to says how far it
 * got), reads its events, and judges. from is usually tx->birth + 1, later
 * scanned_to + 1; blocks that are not final yet are looked at again, since they may have
 * been replaced. For a transaction already found, from = its block asks again about
 * finality and reorganisation. */
assay_status asy_chain_outcome(asy_chain *c, const asy_tx *tx, uint64_t from, asy_tx_outcome *out,
							   assay_err *err) ASSAY_CHECKED;

/* Where a commitment stands, found by its hash: for a restart that does not know
 * whether its commit or reveal went through. */
typedef enum {
	ASY_COMMITMENT_ABSENT,  /* not queued, no sign of it in the blocks searched    */
	ASY_COMMITMENT_LIVE,    /* queued: commit holds epoch and block                */
	ASY_COMMITMENT_REVEALED /* a reveal event, or the stored row equals the vector;
							 * commit's block is that of the event, else 0       */
} asy_commitment_state;
/* Looks into the queue at the head, then, when from is not 0, for the reveal's event in
 * blocks from..head: by bisection if the commitment was queued at from (its own block),
 * else newest first in at most 512 blocks. Only where events cannot tell does the stored
 * weight row decide, which cannot tell two equal vectors apart. */
/* The queue alone, at one block; ASSAY_E_NOTFOUND where it is not in it. */
assay_status asy_chain_queued(asy_chain *c, const asy_opening *o, const asy_block_ref *at,
							  asy_commit *commit, assay_err *err) ASSAY_CHECKED;
assay_status asy_chain_find_commitment(asy_chain *c, const asy_opening *o, uint64_t from,
									   asy_commitment_state *state, asy_commit *commit,
									   assay_err *err) ASSAY_CHECKED;
#endif
