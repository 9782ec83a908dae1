/* Private to chain: the connection, JSON-RPC calls, batched storage reads, and the
 * storage items this module knows. */
#ifndef ASY_CHAIN_IMPL_H
#define ASY_CHAIN_IMPL_H
#include "codec/codec.h"
#include "loop/loop.h"
#include "chain/chain.h"

#define REPLY_BYTES_DEFAULT ((size_t)32 << 20)
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
/* Pure: a reply's body to the call numbered id. An error object is not a failure here:
 * reply->error.code says so. ASSAY_E_FORMAT for anything that is not such a reply. */
assay_status asy_rpc_decode(assay_span body, uint64_t id, asy_rpc_reply *reply,
							assay_err *err) ASSAY_CHECKED;

/*~ Every function of chain.h that talks to a node is one call: one deadline for all of its
 * requests, at whatever endpoints. begin and end nest, and only the outermost count; a
 * public function is therefore written
 *     return ASY_ASK(c, err, uid_of(c, ...));
 * Coroutines of the loop take turns: a call has the connection for itself from begin to end, so
 * that no metadata and no endpoint changes under another. begin is false (and err says
 * so) when it had to wait for its turn and was cancelled.
 * end turns what a node said wrongly (E_FORMAT, E_LIMIT out of a decoder)
 * into E_AGAIN with the endpoint's name, and goes to the next endpoint. */
#define ASY_ASK(c, err, expr)                                                                      \
	(asy_ask_begin((c), (err)) ? asy_ask_end((c), (expr), (err)) : ASSAY_E_CANCELLED)
bool asy_ask_begin(asy_chain *c, assay_err *err) ASSAY_CHECKED;
assay_status asy_ask_end(asy_chain *c, assay_status st, assay_err *err) ASSAY_CHECKED;
/* False when more than half of the call's time has gone: a search stops and says so. */
bool asy_ask_has_time(const asy_chain *c);

/* One request with params (a JSON array's text; empty = []), at each endpoint at most once,
 * within a call. The node answered with an error: reply->error has it, and the status is
 * ASSAY_E_GONE when it says that a block or its state is not kept, else ASSAY_E_AGAIN. */
assay_status asy_rpc_call(asy_chain *c, const char *method, assay_span params, asy_rpc_reply *reply,
						  assay_err *err) ASSAY_CHECKED;
/* The result as bytes of a 0x string onto out. false in *some for null. */
assay_status asy_rpc_hex(asy_jv v, asy_buf *out, bool *some, assay_err *err) ASSAY_CHECKED;
assay_status asy_rpc_hash(asy_jv v, asy_hash *out, assay_err *err) ASSAY_CHECKED;
/* "0x1a" to a number. */
assay_status asy_rpc_number(asy_jv v, uint64_t *out, assay_err *err) ASSAY_CHECKED;
void asy_jw_hash(asy_jw *w, const asy_hash *h);

/* ---- the items (items.c): pallet, name, key shapes, value shape, needed ---- */

#define SUB "SubtensorModule"
#define ASY_ITEMS(X)                                                                               \
	X(NOW, "Timestamp", "Now", "", "u64", true)                                                    \
	X(EVENTS, "System", "Events", "", NULL, true)                                                  \
	X(NETWORKS_ADDED, SUB, "NetworksAdded", "u16", "bool", true)                                   \
	X(SUBNETWORK_N, SUB, "SubnetworkN", "u16", "u16", true)                                        \
	X(KEYS, SUB, "Keys", "u16 u16", "[u8;32]", true)                                               \
	X(UIDS, SUB, "Uids", "u16 [u8;32]", "u16", true)                                               \
	X(OWNER, SUB, "Owner", "[u8;32]", "[u8;32]", true)                                             \
	X(AXONS, SUB, "Axons", "u16 [u8;32]", "(u64,u32,u128,u16,u8,u8,u8,u8)", true)                  \
	X(REGISTERED_AT, SUB, "BlockAtRegistration", "u16 u16", "u64", true)                           \
	X(OWNER_HOTKEY, SUB, "SubnetOwnerHotkey", "u16", "[u8;32]", false)                             \
	X(IMMUNITY, SUB, "ImmunityPeriod", "u16", "u16", false)                                        \
	X(MAX_UIDS, SUB, "MaxAllowedUids", "u16", "u16", false)                                        \
	X(WEIGHTS, SUB, "Weights", "u16 u16", "Vec<(u16,u16)>", true)                                  \
	X(BONDS, SUB, "Bonds", "u16 u16", "Vec<(u16,u16)>", true)                                      \
	X(LAST_UPDATE, SUB, "LastUpdate", "u16", "Vec<u64>", true)                                     \
	X(INCENTIVE, SUB, "Incentive", "u16", "Vec<u16>", true)                                        \
	X(ACTIVE, SUB, "Active", "u16", "Vec<bool>", true)                                             \
	X(PERMIT, SUB, "ValidatorPermit", "u16", "Vec<bool>", true)                                    \
	X(CONSENSUS, SUB, "Consensus", "u16", "Vec<u16>", true)                                        \
	X(DIVIDENDS, SUB, "Dividends", "u16", "Vec<u16>", true)                                        \
	X(VTRUST, SUB, "ValidatorTrust", "u16", "Vec<u16>", true)                                      \
	X(STAKE_WEIGHT, SUB, "StakeWeight", "u16", "Vec<u16>", false)                                  \
	X(EMISSION, SUB, "Emission", "u16", "Vec<u64>", true)                                          \
	X(TEMPO, SUB, "Tempo", "u16", "u16", true)                                                     \
	X(SINCE_STEP, SUB, "BlocksSinceLastStep", "u16", "u64", true)                                  \
	X(LAST_STEP, SUB, "LastMechansimStepBlock", "u16", "u64", false)                               \
	X(LAST_EPOCH, SUB, "LastEpochBlock", "u16", "u64", false)                                      \
	X(PENDING_EPOCH, SUB, "PendingEpochAt", "u16", "u64", false)                                   \
	X(EPOCH_INDEX, SUB, "SubnetEpochIndex", "u16", "u64", false)                                   \
	X(MAX_EPOCHS, SUB, "MaxEpochsPerBlock", "", "u8", false)                                       \
	X(CUTOFF_FACTOR, SUB, "ActivityCutoffFactorMilli", "u16", "u32", false)                        \
	X(CUTOFF, SUB, "ActivityCutoff", "u16", "u16", false)                                          \
	X(KAPPA, SUB, "Kappa", "u16", "u16", true)                                                     \
	X(RHO, SUB, "Rho", "u16", "u16", false)                                                        \
	X(BONDS_AVERAGE, SUB, "BondsMovingAverage", "u16", "u64", true)                                \
	X(BONDS_PENALTY, SUB, "BondsPenalty", "u16", "u16", false)                                     \
	X(BONDS_RESET, SUB, "BondsResetOn", "u16", "bool", false)                                      \
	X(LIQUID_ALPHA, SUB, "LiquidAlphaOn", "u16", "bool", false)                                    \
	X(YUMA3, SUB, "Yuma3On", "u16", "bool", false)                                                 \
	X(ALPHA_VALUES, SUB, "AlphaValues", "u16", "(u16,u16)", false)                                 \
	X(STEEPNESS, SUB, "AlphaSigmoidSteepness", "u16", "i16", false)                                \
	X(MIN_WEIGHTS, SUB, "MinAllowedWeights", "u16", "u16", true)                                   \
	X(MAX_WEIGHT, SUB, "MaxWeightsLimit", "u16", "u16", false)                                     \
	X(VERSION_KEY, SUB, "WeightsVersionKey", "u16", "u64", true)                                   \
	X(WEIGHTS_RATE, SUB, "WeightsSetRateLimit", "u16", "u64", true)                                \
	X(COMMIT_REVEAL, SUB, "CommitRevealWeightsEnabled", "u16", "bool", true)                       \
	X(REVEAL_PERIOD, SUB, "RevealPeriodEpochs", "u16", "u64", false)                               \
	X(MAX_VALIDATORS, SUB, "MaxAllowedValidators", "u16", "u16", true)                             \
	X(SERVING_RATE, SUB, "ServingRateLimit", "u16", "u64", false)                                  \
	X(COMMIT_VERSION, SUB, "CommitRevealWeightsVersion", "", "u16", false)                         \
	X(STAKE_THRESHOLD, SUB, "StakeThreshold", "", "u64", false)                                    \
	X(TAO_WEIGHT, SUB, "TaoWeight", "", "u64", false)                                              \
	X(FREEZE_WINDOW, SUB, "AdminFreezeWindow", "", "u16", false)                                   \
	X(MECHANISMS, SUB, "MechanismCountCurrent", "u16", "u8", false)                                \
	X(WEIGHT_COMMITS, SUB, "WeightCommits", "u16 [u8;32]", "Vec<([u8;32],u64,u64,u64)>", false)    \
	X(TIMELOCKED, SUB, "TimelockedWeightCommits", "u16 u64", "Vec<([u8;32],u64,Vec<u8>,u64)>",     \
	  false)                                                                                       \
	X(HOTKEY_ALPHA, SUB, "TotalHotkeyAlpha", "[u8;32] u16", "u64", true)                           \
	X(PARENT_KEYS, SUB, "ParentKeys", "[u8;32] u16", "Vec<(u64,[u8;32])>", false)                  \
	X(CHILD_KEYS, SUB, "ChildKeys", "[u8;32] u16", "Vec<(u64,[u8;32])>", false)                    \
	X(PENDING_SERVER, SUB, "PendingServerEmission", "u16", "u64", false)                           \
	X(PENDING_VALIDATOR, SUB, "PendingValidatorEmission", "u16", "u64", false)                     \
	X(PENDING_ROOT, SUB, "PendingRootAlphaDivs", "u16", "u64", false)                              \
	X(ALPHA_OUT, SUB, "SubnetAlphaOutEmission", "u16", "u64", false)                               \
	/* enums of one byte: a variant that we do not know is refused by who reads it */              \
	X(LIQUID_MODE, SUB, "LiquidAlphaConsensusMode", "u16", NULL, false)                            \
	X(EPOCH_CONSENSUS, SUB, "SubnetEpochConsensus", "u16", NULL, false)                            \
	X(STORED_CONSENSUS, SUB, "ConsensusByMechanism", "u16", "Vec<u16>", false)                     \
	X(LAST_YUMA_STEP, SUB, "LastYumaStepBlock", "u16", "u64", false)
typedef enum {
#define ASY_ITEM_ENUM(id, ...) ITEM_##id,
	ASY_ITEMS(ASY_ITEM_ENUM)
#undef ASY_ITEM_ENUM
		ITEM_N
} asy_item;

typedef struct {
	const asy_pallet *pallet[ITEM_N];
	const asy_storage_item *item[ITEM_N]; /* NULL = this runtime does not have it */
} asy_items;
/* Looks all of them up and checks their shapes. ASSAY_E_UNSUPPORTED names the first one
 * that is missing though needed, or has another shape. */
assay_status asy_items_resolve(const asy_metadata *m, asy_items *out, assay_err *err) ASSAY_CHECKED;

/* ---- reading many keys at one block (read.c) ---- */

typedef struct {
	asy_buf keys, values;
	struct asy_read_slot *slot;
	size_t n, cap;
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

/* Fills what belongs to the hotkeys of s: axons, coldkeys, stakes, commits (members.c). */
assay_status asy_read_members(asy_chain *c, assay_snapshot *s, assay_err *err) ASSAY_CHECKED;

/* Inherited stake of one hotkey from its parts (stake.c), as the chain computes it. */
typedef struct {
	uint64_t proportion, stake; /* of 2^64 - 1; the parent's own stake, unused for children */
} asy_delegation;
uint64_t asy_stake_inherited(uint64_t own, const asy_delegation *children, size_t children_n,
							 const asy_delegation *parents, size_t parents_n);
uint64_t asy_stake_total(uint64_t alpha, uint64_t tao, uint64_t tao_weight);

/* Decoders shared by state.c and members.c. */
assay_status asy_decode_commits(assay_span bytes, const asy_account *hotkey,
								const asy_epoch_state *epoch, asy_commit *out, size_t cap,
								size_t *n, assay_err *err) ASSAY_CHECKED;
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
/* Whether an event pallet.name(account, storage index, hash) with these values occurred. */
assay_status asy_events_find_hash(const asy_metadata *m, assay_span events, const char *name,
								  const asy_hash *hash, bool *found, assay_err *err) ASSAY_CHECKED;

/* What a refusal by the pool means and what to do about it (verdict.c). Pure. m names
 * numbers that we do not know, where the runtime describes them. */
void asy_verdict_refused(const asy_metadata *m, const asy_rpc_error *e, asy_tx_outcome *out);
/* What a refusal means for this call in particular; commit_reveal is the subnet's switch as
 * it stands now. After asy_verdict_refused. Pure. */
void asy_verdict_of_call(const char *call, bool commit_reveal, asy_tx_outcome *out);
/* The same for an error after inclusion. */
void asy_verdict_failed(const asy_dispatch *d, asy_tx_outcome *out);

/* ---- the connection (connect.c) ---- */

struct asy_chain {
	asy_chain_config cfg;
	char **urls;
	size_t urls_n, at;
	bool verified; /* the endpoint in use is known to serve our chain */
	uint64_t next_id, highest;
	asy_metadata *meta;
	asy_items items;
	asy_hash genesis;
	uint32_t spec_version, tx_version;
	char spec_name[64];
	/* the nonce after our last accepted transaction, until its era has ended */
	uint32_t local_nonce;
	uint64_t local_until;
	size_t local_at; /* the endpoint that took it: its own count includes it */
	bool stale;      /* the node could not decode what the metadata told us to send */
	asy_complaint sick[ASY_ENDPOINTS_MAX]; /* one for each endpoint */
	unsigned depth;                        /* of calls; see ASY_ASK */
	asy_co_mutex turn;                     /* held while depth > 0 */
	uint64_t deadline_ns, half_ns;         /* of the call that is running */
	uint64_t requests, failures, failovers, reloads;
};
/* The endpoint in use failed: complains, and turns to the next one. */
void asy_endpoint_failed(asy_chain *c, const char *doing, const char *why);
assay_status asy_chain_header(asy_chain *c, const asy_hash *at, asy_block_ref *out,
							  assay_err *err) ASSAY_CHECKED;
#endif
