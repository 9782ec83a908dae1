/* subnet: the vocabulary. Plain values that `chain` produces and `miner`, `yuma`,
 * `schedule` and `weights` consume, so that those never meet: keys, axons, neurons,
 * hyperparameters, and one consistent view of a subnet at one block.
 * Sizes are data (256 uids today, 32,768 on null-consensus subnets), never constants;
 * the limits below only bound what a hostile node can make us allocate. */
#ifndef ASY_SUBNET_H
#define ASY_SUBNET_H
#include "base/base.h"

#define ASY_UIDS_MAX 32768u        /* neurons of one subnet */
#define ASY_ENTRIES_MAX (1u << 24) /* weight or bond entries of one snapshot */
#define ASY_COMMITS_MAX (1u << 17) /* live commits of one snapshot */
#define ASY_MECID_MAX 15u          /* the storage index has room for 16 mechanisms */
#define ASY_NETUID_MAX 4095u

/* A public key (AccountId32) and a 256-bit hash: told apart by the compiler. */
typedef struct {
	uint8_t b[32];
} asy_account;
typedef struct {
	uint8_t b[32];
} asy_hash;
static inline bool asy_account_eq(const asy_account *a, const asy_account *b)
{
	return memcmp(a->b, b->b, 32) == 0;
}
static inline bool asy_hash_eq(const asy_hash *a, const asy_hash *b)
{
	return memcmp(a->b, b->b, 32) == 0;
}

/* A block as one names it when reading state: number and hash together. */
typedef struct {
	uint64_t number;
	asy_hash hash;
} asy_block_ref;

/* netuid + 4096 * mecid: the key of per-mechanism storage and of the hash preimage. */
static inline uint16_t asy_storage_index(uint16_t netuid, uint8_t mecid)
{
	return (uint16_t)(netuid + 4096u * mecid);
}

/* ---- axon (axon.c) ---- */

typedef struct {
	bool present;   /* the chain has an entry for this hotkey */
	uint8_t ip[16]; /* the chain's u128, big-endian: IPv4 is in the last four bytes */
	uint16_t port;
	uint8_t ip_type; /* 4 or 6 */
	uint8_t protocol, placeholder1, placeholder2;
	uint32_t version;
	uint64_t block; /* when it was served */
} asy_axon;

/* "10.0.0.1" or "2001:db8::1", no brackets, no port. False for an ip_type other
 * than 4 and 6, or an IPv4 whose upper twelve bytes are not zero. */
#define ASY_AXON_HOST_LEN 46
bool asy_axon_host(const asy_axon *a, char out[ASY_AXON_HOST_LEN]);

/* ---- one neuron, one row of an entry list ---- */

typedef struct {
	asy_account hotkey, coldkey;
	asy_axon axon;
	uint64_t registered_at; /* BlockAtRegistration */
	uint64_t last_update;   /* of this mechanism; 0 when the chain's list is shorter */
	/* As the epoch sees them, in rao: inherited through parent and child keys, each
	 * truncated to u64. total is alpha + tao * TaoWeight, truncated. Mirrors subtensor
	 * staking/stake_utils.rs:get_inherited_for_hotkey_on_subnet. */
	uint64_t alpha_stake, tao_stake, total_stake;
	uint64_t emission;
	bool permit, active;
	uint16_t consensus, validator_trust, incentive, dividends, stake_weight;
} asy_neuron;

typedef struct {
	uint16_t uid, value;
} asy_entry;

/* n rows in the order in which the chain stores them, entries in the order in which
 * they were sent: row i is entry[start[i]] .. entry[start[i + 1] - 1]. */
typedef struct {
	uint32_t *start; /* n + 1 */
	asy_entry *entry;
} asy_rows;
static inline size_t asy_row_len(const asy_rows *r, size_t i)
{
	return r->start[i + 1] - r->start[i];
}
static inline const asy_entry *asy_row(const asy_rows *r, size_t i)
{
	return r->entry + r->start[i];
}

/* ---- hyperparameters and clocks ---- */

typedef struct {
	uint16_t kappa, bonds_penalty, rho;
	uint64_t bonds_moving_average; /* millionths */
	bool bonds_reset_on, yuma3_on, liquid_alpha_on;
	uint16_t alpha_low, alpha_high;
	int16_t alpha_sigmoid_steepness;
	uint32_t activity_cutoff_factor_milli; /* 0 on runtimes without it */
	uint16_t activity_cutoff;              /* blocks; the legacy item */
	uint16_t min_allowed_weights, max_weights_limit;
	uint64_t weights_version_key, weights_set_rate_limit;
	bool commit_reveal_enabled;
	uint16_t commit_reveal_version; /* of timelock commits */
	uint64_t reveal_period_epochs;
	uint16_t max_allowed_validators, immunity_period, max_allowed_uids;
	uint64_t serving_rate_limit;
	uint64_t stake_threshold, tao_weight; /* global */
	uint16_t admin_freeze_window;
	uint8_t mechanism_count;
	uint8_t liquid_consensus_mode; /* ASSAY_YUMA_CONSENSUS_*, or one that we do not know;
									* current on runtimes that cannot choose */
	uint8_t epoch_consensus;       /* ASY_CONSENSUS_*, or one that we do not know */
} asy_hyper;

enum { ASY_CONSENSUS_YUMA = 0, ASY_CONSENSUS_NULL = 1 };

/* Blocks after last_update during which a neuron counts as active. */
uint64_t asy_activity_cutoff(const asy_hyper *h, uint16_t tempo);

/* The epoch clock of a subnet, as stored at one block (after that block). */
typedef struct {
	uint16_t netuid, tempo;
	bool stateful; /* false: a runtime without SubnetEpochIndex, which uses the modulo clock */
	uint8_t max_epochs_per_block; /* 0 = not stored by this runtime */
	uint64_t last_epoch_block, pending_epoch_at, subnet_epoch_index;
	uint64_t blocks_since_last_step, last_mechanism_step_block;
	bool net_by_tempo;  /* the safety net trips after the subnet's own tempo, not after 50400
						* blocks: runtimes between 426 and 470 on */
	bool is_null;       /* Null consensus instead of Yuma */
	bool has_yuma_step; /* the runtime tells Yuma epochs from others: */
	uint64_t last_yuma_step_block;
} asy_epoch_state;

/* Alpha gathered since the last epoch and not yet paid, in rao; what the next epoch
 * divides is the sum of the first three when it runs. Zero on runtimes that keep it
 * elsewhere. */
typedef struct {
	uint64_t pending_server, pending_validator, pending_root;
	uint64_t alpha_out_per_block;
} asy_emission;

/* A live (queued) weight commitment. */
typedef enum { ASY_COMMIT_HASH = 1, ASY_COMMIT_TIMELOCK = 2 } asy_commit_kind;
typedef struct {
	asy_commit_kind kind;
	asy_account hotkey;
	asy_hash hash;         /* the commit hash, or blake2_256 of the ciphertext */
	uint64_t epoch, block; /* when it was committed; see asy_chain_snapshot for older runtimes */
	uint64_t reveal_round; /* timelock only */
} asy_commit;

/* ---- the snapshot (snapshot.c) ----
 * One mechanism of one subnet at one block. All arrays live in the snapshot's own
 * arena and die with it. Built by: new, fill the fields and neurons, set rows and
 * commits, then check. After that it is treated as immutable. */
typedef struct assay_snapshot assay_snapshot;
struct assay_snapshot {
	asy_block_ref block;
	uint32_t spec_version;
	uint64_t timestamp_ms; /* Timestamp.Now at that block, 0 = unknown */
	uint16_t netuid;
	uint8_t mecid;
	size_t n;
	asy_neuron *neuron; /* n */
	asy_rows weights, bonds;
	asy_hyper hyper;
	bool no_forecast; /* the runtime keeps an input of the epoch where we cannot read it */
	asy_epoch_state epoch;
	asy_emission emission;
	bool has_owner_uid;
	uint16_t owner_uid;
	asy_commit *commit;
	size_t commit_n; /* per hotkey in queue order */
	/* What the last epoch stored for this mechanism; none on runtimes that do not, and
	 * never more than n. */
	uint16_t *previous_consensus;
	size_t previous_consensus_n;
	asy_arena *arena;
};

/* An empty snapshot of n neurons, everything zero, all rows empty.
 * ASSAY_E_LIMIT beyond ASY_UIDS_MAX. */
assay_status asy_snapshot_new(size_t n, assay_snapshot **out, assay_err *err) ASSAY_CHECKED;
void asy_snapshot_free(assay_snapshot *s);
assay_status asy_snapshot_dup(const assay_snapshot *s, assay_snapshot **out,
							  assay_err *err) ASSAY_CHECKED;
/* Copies rows in: row_len[i] entries each, concatenated in entries. */
assay_status asy_snapshot_set_rows(assay_snapshot *s, asy_rows *which, const uint32_t *row_len,
								   const asy_entry *entries, assay_err *err) ASSAY_CHECKED;
assay_status asy_snapshot_set_commits(assay_snapshot *s, const asy_commit *commits, size_t n,
									  assay_err *err) ASSAY_CHECKED;
/* The list as stored, which may be shorter than n or, after a trim, longer: it is cut. */
assay_status asy_snapshot_set_consensus(assay_snapshot *s, const uint16_t *consensus, size_t n,
										assay_err *err) ASSAY_CHECKED;
/* What every reader relies on: netuid and mecid in range, entry uids below n, hotkeys
 * unique, owner uid below n. Says which rule and where. */
assay_status asy_snapshot_check(const assay_snapshot *s, assay_err *err) ASSAY_CHECKED;
/* The uid of a hotkey, or -1. Looks at every neuron: for more than one, make an index. */
long asy_snapshot_find(const assay_snapshot *s, const asy_account *hotkey);
/* Hotkeys in order, for many questions; s is borrowed and must outlive it. */
typedef struct asy_uid_index asy_uid_index;
assay_status asy_uid_index_new(const assay_snapshot *s, asy_uid_index **out,
							   assay_err *err) ASSAY_CHECKED;
long asy_uid_index_find(const asy_uid_index *x, const asy_account *hotkey);
void asy_uid_index_free(asy_uid_index *x);
/* Earliest block of a live, unexpired commit of that hotkey, UINT64_MAX if none:
 * the bound of the column mask. current_epoch is the counter of the running epoch. */
uint64_t asy_snapshot_commit_block(const assay_snapshot *s, const asy_account *hotkey,
								   uint64_t current_epoch);

/* ---- the snapshot as bytes (pack.c): for the journal and replay bundles ----
 * Versioned, canonical (same snapshot = same bytes), every length bounded. */
assay_status asy_snapshot_pack(const assay_snapshot *s, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_snapshot_unpack(assay_span bytes, assay_snapshot **out,
								 assay_err *err) ASSAY_CHECKED;

/* ---- the chain's max-upscale (upscale.c) ----
 * What set_weights and reveal store: values scaled so that the largest is 65535, by
 * the chain's own I32F32 path. In place allowed. All zero stays all zero. */
void asy_max_upscale(const uint16_t *in, size_t n, uint16_t *out);
#endif
