/* Private to chain: the connection, JSON-RPC calls, batched storage reads, and the
 * storage items this module knows. */
#ifndef ASY_CHAIN_IMPL_H
#define ASY_CHAIN_IMPL_H
#include "codec/codec.h"
#include "loop/loop.h"
#include "chain/chain.h"

#define REPLY_BYTES_DEFAULT ((size_t)12 << 20)
#define CALL_TIMEOUT_MS_DEFAULT 30000u
#define REQUEST_MS_MAX 10000u /* of one request within a call */
#define ERA_PERIOD_DEFAULT 64u

/* ---- JSON-RPC (rpc.c) ---- */

typedef struct {
	int64_t code; /* 0 = the call succeeded */
	char message[200], data[200];
} asy_rpc_error;
typedef struct {
	asy_json *doc; /* owned: asy_rpc_reply_fini */
	asy_jv result;
	asy_rpc_error error;
} asy_rpc_reply;
void asy_rpc_reply_fini(asy_rpc_reply *r);
/* Pure: a reply's body to the call numbered id, of at most max_values JSON values. An error
 * object is not a failure here: reply->error.code says so. ASSAY_E_FORMAT for anything that
 * is not such a reply. */
assay_status asy_rpc_decode(assay_span body, uint64_t id, size_t max_values, asy_rpc_reply *reply,
							assay_err *err) ASSAY_CHECKED;
/* What a message is, from its top level alone: cheap, whatever its size. false: no object. */
typedef struct {
	bool has_id, is_head; /* is_head: a notification of chain_subscribeNewHeads */
	uint64_t id;
} asy_rpc_peek;
bool asy_rpc_peek_at(assay_span text, asy_rpc_peek *out);
/* The most that an answer to a method may be. */
typedef struct {
	const char *method;
	size_t bytes, values;
} asy_rpc_bounds;
const asy_rpc_bounds *asy_rpc_bounds_of(const char *method);

/* ---- asking (ask.c) ---- */

/*~ Every function of chain.h that talks to a node is one call: one deadline for all of its
 * requests, at whatever endpoints. Calls nest, and only the outermost counts; a public
 * function is therefore written
 *     return ASY_ASK(c, err, uid_of(c, ...));
 * and nothing in the parentheses may change c or the caller's output before it succeeds:
 * when an endpoint answered wrongly, the whole is asked again of the next one. Only when
 * every endpoint did, it is E_AGAIN. E_NOTFOUND is believed when two endpoints say so, or
 * the only one; E_GONE when all do. Coroutines of the loop take turns: a call has the
 * connection for itself, so that no metadata and no endpoint changes under another. */
#define ASY_ASK(c, err, expr)                                                                      \
	__extension__({                                                                                \
		assay_status ask_st = asy_ask_begin((c), (err));                                           \
		bool ask_goes_on = ask_st == ASSAY_OK;                                                     \
		while (ask_goes_on) {                                                                      \
			ask_st = (expr);                                                                       \
			ask_goes_on = asy_ask_again((c), &ask_st, (err));                                      \
		}                                                                                          \
		ask_st;                                                                                    \
	})
/* ASSAY_E_CANCELLED: it had to wait for its turn. */
assay_status asy_ask_begin(asy_chain *c, assay_err *err) ASSAY_CHECKED;
bool asy_ask_again(asy_chain *c, assay_status *st, assay_err *err);
/* False when more than half of the call's time has gone: a search stops and says so. */
bool asy_ask_has_time(const asy_chain *c);
/* Within a call: asks an endpoint other than the one in use, and comes back to that one.
 * ASSAY_E_NET when there is no other; E_TIMEOUT and E_AGAIN when none answers well. */
assay_status asy_ask_other(asy_chain *c,
						   assay_status (*ask)(asy_chain *c, void *arg, assay_err *err), void *arg,
						   assay_err *err) ASSAY_CHECKED;

/* One request with params (a JSON array's text; empty = []), at each endpoint at most once,
 * within a call. Every endpoint answered with an error: reply->error has the last one, and
 * the status is ASSAY_E_GONE when one says that a block or its state is not kept, else
 * ASSAY_E_AGAIN. A number of the pool about a transaction is E_AGAIN at once. */
assay_status asy_rpc_call(asy_chain *c, const char *method, assay_span params, asy_rpc_reply *reply,
						  assay_err *err) ASSAY_CHECKED;
/* Up to ASY_RPC_ASKS_MAX requests of one method, together. All of them or none. */
#define ASY_RPC_ASKS_MAX 16u
typedef struct {
	assay_span params;
	size_t max_bytes; /* of the answer; 0 = the method's bound */
} asy_rpc_ask;
assay_status asy_rpc_call_many(asy_chain *c, const char *method, const asy_rpc_ask *asks, size_t n,
							   asy_rpc_reply *replies, assay_err *err) ASSAY_CHECKED;

/* ---- values of replies (rpc.c) ---- */

/* The result as bytes of a 0x string onto out. false in *some for null. */
assay_status asy_rpc_hex(asy_jv v, asy_buf *out, bool *some, assay_err *err) ASSAY_CHECKED;
assay_status asy_rpc_hash(asy_jv v, asy_hash *out, assay_err *err) ASSAY_CHECKED;
/* "0x1a" to a number. */
assay_status asy_rpc_number(asy_jv v, uint64_t *out, assay_err *err) ASSAY_CHECKED;
void asy_jw_hash(asy_jw *w, const asy_hash *h);

/* ---- the items (items.c): pallet, name, key shapes, value shape ----
 * A value shape of NULL: read with care by who reads it. */

#define SUB "SubtensorModule"
#define ASY_ITEMS(X)                                                                               \
	X(NOW, "Timestamp", "Now", "", "u64")                                                          \
	X(EVENTS, "System", "Events", "", NULL)                                                        \
	X(NETWORKS_ADDED, SUB, "NetworksAdded", "u16", "bool")                                         \
	X(SUBNETWORK_N, SUB, "SubnetworkN", "u16", "u16")                                              \
	X(KEYS, SUB, "Keys", "u16 u16", "[u8;32]")                                                     \
	X(UIDS, SUB, "Uids", "u16 [u8;32]", "u16")                                                     \
	X(OWNER, SUB, "Owner", "[u8;32]", "[u8;32]")                                                   \
	X(AXONS, SUB, "Axons", "u16 [u8;32]", NULL)                                                    \
	X(REGISTERED_AT, SUB, "BlockAtRegistration", "u16 u16", "u64")                                 \
	X(OWNER_HOTKEY, SUB, "SubnetOwnerHotkey", "u16", "[u8;32]")                                    \
	X(IMMUNITY, SUB, "ImmunityPeriod", "u16", "u16")                                               \
	X(MAX_UIDS, SUB, "MaxAllowedUids", "u16", "u16")                                               \
	X(WEIGHTS, SUB, "Weights", "u16 u16", "Vec<(u16,u16)>")                                        \
	X(BONDS, SUB, "Bonds", "u16 u16", "Vec<(u16,u16)>")                                            \
	X(LAST_UPDATE, SUB, "LastUpdate", "u16", "Vec<u64>")                                           \
	X(INCENTIVE, SUB, "Incentive", "u16", "Vec<u16>")                                              \
	X(ACTIVE, SUB, "Active", "u16", "Vec<bool>")                                                   \
	X(PERMIT, SUB, "ValidatorPermit", "u16", "Vec<bool>")                                          \
	X(CONSENSUS, SUB, "Consensus", "u16", "Vec<u16>")                                              \
	X(DIVIDENDS, SUB, "Dividends", "u16", "Vec<u16>")                                              \
	X(VTRUST, SUB, "ValidatorTrust", "u16", "Vec<u16>")                                            \
	X(STAKE_WEIGHT, SUB, "StakeWeight", "u16", "Vec<u16>")                                         \
	X(EMISSION, SUB, "Emission", "u16", "Vec<u64>")                                                \
	X(TEMPO, SUB, "Tempo", "u16", "u16")                                                           \
	X(SINCE_STEP, SUB, "BlocksSinceLastStep", "u16", "u64")                                        \
	X(LAST_STEP, SUB, "LastMechansimStepBlock", "u16", "u64")                                      \
	X(LAST_EPOCH, SUB, "LastEpochBlock", "u16", "u64")                                             \
	X(PENDING_EPOCH, SUB, "PendingEpochAt", "u16", "u64")                                          \
	X(EPOCH_INDEX, SUB, "SubnetEpochIndex", "u16", "u64")                                          \
	X(MAX_EPOCHS, SUB, "MaxEpochsPerBlock", "", "u8")                                              \
	X(CUTOFF_FACTOR, SUB, "ActivityCutoffFactorMilli", "u16", "u32")                               \
	X(CUTOFF, SUB, "ActivityCutoff", "u16", "u16")                                                 \
	X(KAPPA, SUB, "Kappa", "u16", "u16")                                                           \
	X(RHO, SUB, "Rho", "u16", "u16")                                                               \
	X(BONDS_AVERAGE, SUB, "BondsMovingAverage", "u16", "u64")                                      \
	X(BONDS_PENALTY, SUB, "BondsPenalty", "u16", "u16")                                            \
	X(BONDS_RESET, SUB, "BondsResetOn", "u16", "bool")                                             \
	X(LIQUID_ALPHA, SUB, "LiquidAlphaOn", "u16", "bool")                                           \
	X(YUMA3, SUB, "Yuma3On", "u16", "bool")                                                        \
	X(ALPHA_VALUES, SUB, "AlphaValues", "u16", "(u16,u16)")                                        \
	X(STEEPNESS, SUB, "AlphaSigmoidSteepness", "u16", "i16")                                       \
	X(MIN_WEIGHTS, SUB, "MinAllowedWeights", "u16", "u16")                                         \
	X(MAX_WEIGHT, SUB, "MaxWeightsLimit", "u16", "u16")                                            \
	X(VERSION_KEY, SUB, "WeightsVersionKey", "u16", "u64")                                         \
	X(WEIGHTS_RATE, SUB, "WeightsSetRateLimit", "u16", "u64")                                      \
	X(COMMIT_REVEAL, SUB, "CommitRevealWeightsEnabled", "u16", "bool")                             \
	X(REVEAL_PERIOD, SUB, "RevealPeriodEpochs", "u16", "u64")                                      \
	X(MAX_VALIDATORS, SUB, "MaxAllowedValidators", "u16", "u16")                                   \
	X(SERVING_RATE, SUB, "ServingRateLimit", "u16", "u64")                                         \
	X(COMMIT_VERSION, SUB, "CommitRevealWeightsVersion", "", "u16")                                \
	X(STAKE_THRESHOLD, SUB, "StakeThreshold", "", "u64")                                           \
	X(TAO_WEIGHT, SUB, "TaoWeight", "", "u64")                                                     \
	X(FREEZE_WINDOW, SUB, "AdminFreezeWindow", "", "u16")                                          \
	X(MECHANISMS, SUB, "MechanismCountCurrent", "u16", "u8")                                       \
	X(WEIGHT_COMMITS, SUB, "WeightCommits", "u16 [u8;32]",                                         \
	  "Vec<([u8;32],u64,u64,u64)> ([u8;32],u64)")                                                  \
	X(TIMELOCKED, SUB, "TimelockedWeightCommits", "u16 u64", "Vec<([u8;32],u64,Vec<u8>,u64)>")     \
	X(HOTKEY_ALPHA, SUB, "TotalHotkeyAlpha", "[u8;32] u16", "u64")                                 \
	X(HOTKEY_STAKE, SUB, "TotalHotkeyStake", "[u8;32]", "u64")                                     \
	X(PARENT_KEYS, SUB, "ParentKeys", "[u8;32] u16", "Vec<(u64,[u8;32])>")                         \
	X(CHILD_KEYS, SUB, "ChildKeys", "[u8;32] u16", "Vec<(u64,[u8;32])>")                           \
	X(SUSPENDED, SUB, "ChildkeyThresholdSuspended", "[u8;32]", NULL)                               \
	X(PENDING_SERVER, SUB, "PendingServerEmission", "u16", "u64")                                  \
	X(PENDING_VALIDATOR, SUB, "PendingValidatorEmission", "u16", "u64")                            \
	X(PENDING_ROOT, SUB, "PendingRootAlphaDivs", "u16", "u64")                                     \
	X(ALPHA_OUT, SUB, "SubnetAlphaOutEmission", "u16", "u64")                                      \
	/* enums of one byte: a variant that we do not know is refused by who reads it */              \
	X(LIQUID_MODE, SUB, "LiquidAlphaConsensusMode", "u16", NULL)                                   \
	X(EPOCH_CONSENSUS, SUB, "SubnetEpochConsensus", "u16", NULL)                                   \
	X(STORED_CONSENSUS, SUB, "ConsensusByMechanism", "u16", "Vec<u16>")                            \
	X(LAST_YUMA_STEP, SUB, "LastYumaStepBlock", "u16", "u64")                                      \
	X(BEACON, "Drand", "BeaconConfig", "", NULL)                                                   \
	X(LAST_ROUND, "Drand", "LastStoredRound", "", "u64")
typedef enum {
#define ASY_ITEM_ENUM(id, ...) ITEM_##id,
	ASY_ITEMS(ASY_ITEM_ENUM)
#undef ASY_ITEM_ENUM
		ITEM_N
} asy_item;

typedef struct {
	const asy_pallet *pallet[ITEM_N];
	const asy_storage_item *item[ITEM_N]; /* NULL = this runtime does not have it as we know it */
	char strange[ITEM_N][160];            /* why an item that is there is not used, "" = it is */
} asy_items;
/* Looks all of them up. One that is missing, or has another shape than its decoder reads, is
 * left out: what needs it says so, and the rest goes on. */
void asy_items_resolve(const asy_metadata *m, asy_items *out);
/* "SubtensorModule.Axons" */
const char *asy_item_name(asy_item item);
/* What does not work without it. */
const char *asy_item_cost(asy_item item);
/* Can what the epoch is made from be read? */
bool asy_items_forecast(const asy_items *items);
/* ASSAY_E_UNSUPPORTED names the first of these that this runtime does not have. */
assay_status asy_items_need(const asy_items *items, const asy_item *which, size_t n,
							assay_err *err) ASSAY_CHECKED;

/* ---- reading many keys at one block (read.c) ---- */

typedef struct {
	asy_buf keys, values;
	struct asy_read_slot *slot;
	size_t n, cap;
	size_t rows_of;  /* neurons of the subnet, when known: bounds lists and rows */
	assay_status st; /* sticky: the first failure of asy_read_add */
} asy_read;
typedef struct asy_read_slot {
	size_t key, key_len, value, value_len;
	asy_item item;
	bool answered, present;
} asy_read_slot;
/* Adds one key; keys are SCALE bytes, one for each hasher. Returns its index; an item the
 * runtime lacks gets an index whose value is absent. */
size_t asy_read_add(asy_read *r, const asy_chain *c, asy_item item, const assay_span *keys,
					size_t keys_n);
size_t asy_read_add0(asy_read *r, const asy_chain *c, asy_item item);
size_t asy_read_add_u16(asy_read *r, const asy_chain *c, asy_item item, uint16_t a);
size_t asy_read_add_u16_u16(asy_read *r, const asy_chain *c, asy_item item, uint16_t a, uint16_t b);
assay_status asy_read_run(asy_read *r, asy_chain *c, const asy_hash *at,
						  assay_err *err) ASSAY_CHECKED;
/* The value, or the item's fallback; false when there is neither. */
bool asy_read_get(const asy_read *r, const asy_chain *c, size_t i, assay_span *out);
/* Little-endian integers up to 64 bits; absent = fallback. */
uint64_t asy_read_int(const asy_read *r, const asy_chain *c, size_t i, uint64_t fallback);
void asy_read_fini(asy_read *r);

/* One subnet's epoch clock: asking, and taking what begins at first. state.c */
size_t asy_epoch_ask(asy_read *r, const asy_chain *c, uint16_t netuid);
void asy_epoch_take(const asy_read *r, const asy_chain *c, size_t first, uint16_t netuid,
					asy_epoch_state *out);
/* Within a call. clocks.c */
assay_status asy_clock_read(asy_chain *c, uint16_t netuid, const asy_block_ref *block,
							asy_epoch_state *out, assay_err *err) ASSAY_CHECKED;

/* Fills what belongs to the hotkeys of s: axons, coldkeys, stakes, commits (members.c). */
assay_status asy_read_members(asy_chain *c, assay_snapshot *s, assay_err *err) ASSAY_CHECKED;

#define ASY_DELEGATIONS_MAX 128u /* the chain adds no more than 100 parents */
/* Inherited stake of one hotkey from its parts (stake.c), as the chain computes it. */
typedef struct {
	uint64_t proportion, stake; /* of 2^64 - 1; the parent's own stake, unused for children */
} asy_delegation;
uint64_t asy_stake_inherited(uint64_t own, const asy_delegation *children, size_t children_n,
							 const asy_delegation *parents, size_t parents_n);
uint64_t asy_stake_total(uint64_t alpha, uint64_t tao, uint64_t tao_weight);

/* Axons by the names of their fields (axon.c). expect: at least an address and a port. */
assay_status asy_axon_expect(const asy_metadata *m, uint32_t type, assay_err *err) ASSAY_CHECKED;
assay_status asy_axon_decode(const asy_metadata *m, uint32_t type, assay_span bytes, asy_axon *out,
							 assay_err *err) ASSAY_CHECKED;

/* Decoders shared by state.c and members.c. */
assay_status asy_decode_commits(assay_span bytes, const asy_account *hotkey,
								const asy_epoch_state *epoch, asy_commit *out, size_t cap,
								size_t *n, assay_err *err) ASSAY_CHECKED;
/* The queue of timelock commits of one epoch, appended to out as asy_commit structs. */
assay_status asy_decode_timelocked(assay_span bytes, uint64_t epoch, asy_buf *out,
								   assay_err *err) ASSAY_CHECKED;
/* The epochs whose timelock commits could still matter, seen from block at: their keys are
 * added to r. */
void asy_ask_timelocked(asy_read *r, const asy_chain *c, uint16_t netuid, uint8_t mecid,
						const asy_epoch_state *epoch, uint64_t period, uint64_t at, uint64_t *first,
						uint64_t *count);
/* The timelock commits of a hotkey that are queued (timelock.c). */
assay_status asy_chain_timelocked(asy_chain *c, uint16_t netuid, uint8_t mecid,
								  const asy_account *hotkey, const asy_block_ref *at,
								  asy_commit *out, size_t cap, size_t *n,
								  assay_err *err) ASSAY_CHECKED;
/* Entries of a Weights or Bonds row, appended to out as asy_entry structs. */
assay_status asy_decode_row(assay_span bytes, asy_buf *out, uint32_t *len,
							assay_err *err) ASSAY_CHECKED;

/* ---- events of a block (events.c) ----
 * Pure: what System.Events says about extrinsic `index`. */
typedef struct {
	bool found, success;
	char error[96]; /* "SubtensorModule.CommittingWeightsTooFast" */
	bool module;
	char name[64]; /* the module error's own name */
} asy_dispatch;
assay_status asy_events_dispatch(const asy_metadata *m, assay_span events, uint32_t index,
								 asy_dispatch *out, assay_err *err) ASSAY_CHECKED;
/* Whether an event of that name occurred whose fields, len bytes, hold bytes at an offset. */
assay_status asy_events_find(const asy_metadata *m, assay_span events, const char *name, size_t len,
							 size_t offset, assay_span bytes, bool *found,
							 assay_err *err) ASSAY_CHECKED;

/* What a refusal by the pool means and what to do about it (verdict.c). Pure. m names
 * numbers that we do not know, where the runtime describes them. */
void asy_verdict_refused(const asy_metadata *m, const asy_rpc_error *e, asy_tx_outcome *out);
/* What a refusal means for this call in particular; commit_reveal is the subnet's switch as
 * it stands now. After asy_verdict_refused. Pure. */
void asy_verdict_of_call(const char *call, bool commit_reveal, asy_tx_outcome *out);
/* The same for an error after inclusion. */
void asy_verdict_failed(const asy_dispatch *d, asy_tx_outcome *out);

/* ---- the connection (connect.c) ---- */

typedef struct {
	char *url;
	asy_complaint sick;
	bool verified;           /* known to serve our chain */
	unsigned streak;         /* failures since its last good answer */
	uint64_t rests_until_ns; /* not asked before, while another can be */
	uint64_t latency_ns, height, answers, failures;
} asy_endpoint;

/* An epoch clock that may have been read before it was asked for; see clocks.c. */
#define ASY_CLOCKS_AHEAD 64u
typedef struct {
	uint16_t netuid;
	bool is_ahead, was_asked;
	uint64_t asked_at; /* the highest block that it was asked for at */
	asy_hash at;       /* of state */
	asy_epoch_state state;
} asy_clock_ahead;

struct asy_chain {
	asy_chain_config cfg;
	asy_endpoint ep[ASY_ENDPOINTS_MAX];
	size_t ep_n, at;
	uint64_t next_id;
	uint64_t highest, highest_ns, pace_ns; /* the best head, when it came, time of a block */
	asy_metadata *meta;
	asy_items items;
	asy_hash genesis;
	bool has_genesis;
	uint32_t spec_version, tx_version;
	char spec_name[64];
	/* the nonce after our last accepted transaction, until its era has ended */
	uint32_t local_nonce;
	uint64_t local_until;
	size_t local_at; /* the endpoint that took it: its own count includes it */
	bool stale;      /* the node could not decode what the metadata told us to send */
	/* the call that is running; see ASY_ASK */
	asy_co_mutex turn; /* held while depth > 0 */
	unsigned depth, wrong;
	unsigned denied, gone; /* bit n: endpoint n said E_NOTFOUND, E_GONE */
	bool pinned;           /* stay at this endpoint whatever happens */
	uint64_t deadline_ns, half_ns;
	uint64_t requests, failures, failovers, reloads;
	asy_clock_ahead clock[ASY_CLOCKS_AHEAD];
	size_t clock_n;
	unsigned clock_alone; /* so many clocks are read one by one */
};
asy_endpoint *asy_endpoint_in_use(asy_chain *c);
/* The endpoint in use failed: complains, lets it rest, and turns to the next one. */
void asy_endpoint_failed(asy_chain *c, const char *doing, const char *why);
/* Turns to the next one without a complaint. */
void asy_endpoint_leave(asy_chain *c);
/* The head of the endpoint in use; one that is not near block `near` must show its parent. */
assay_status asy_chain_shown_head(asy_chain *c, uint64_t near, asy_block_ref *out,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_chain_header(asy_chain *c, const asy_hash *at, asy_block_ref *out,
							  assay_err *err) ASSAY_CHECKED;
#endif
