/* task: what one task's stories stand on. A task is one mechanism of one subnet, served by
 * one hotkey with one plugin, and it has a store, a memory of its miners and a view of the
 * chain. Rounds and submissions both use it and do not know each other; nothing here
 * decides when anything happens.
 * Reason to change: both stories need something else. */
#ifndef ASY_TASK_H
#define ASY_TASK_H
#include "assay/weights.h"
#include "base/base.h"
#include "chain/chain.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "loop/loop.h"
#include "miner/miner.h"
#include "plugin/plugin.h"
#include "store/store.h"
#include "task/record_json.h"
#include "task/snapshots.h"
#include "task/world.h"

typedef struct asy_dataset asy_dataset; /* of the round's */

/* What all tasks of a hotkey share; borrowed from the validator. */
typedef struct {
	asy_chain *chain;
	asy_snapshots *snapshots;
	/* held from taking a nonce until the transaction was handed over: two at once would
	 * take the same */
	asy_co_mutex *sending;
} asy_task_means;

/* One task as the main built it; everything is borrowed and outlives the task. */
typedef struct {
	const char *name; /* "" where there is one task only */
	const asy_options *options;
	uint8_t config_digest[32];
	assay_span config_json; /* canonical: goes into records for replay */
	asy_clock *clock;
	asy_rng *rng;
	asy_logger *log;
	asy_loop *loop;
	asy_http *http;
	asy_store *store;
	asy_plugin *plugin;
	const asy_dataset *dataset; /* NULL: the plugin makes the challenges */
	const asy_key *key;
	uint64_t cpu_mask;
	uint64_t rounds; /* begin this many rounds, then finish what is open; 0 = for ever */
	bool is_leaving; /* begin nothing: finish the submissions that are open */
} asy_task_env;

/* The per-miner memory. Its version grows with every fold, so "has anything changed" is a
 * comparison; 0 = nothing was ever folded. */
typedef struct {
	assay_tracker *tracker;
	uint64_t version;
	uint64_t newest;    /* the largest version ever written; above version after damage */
	uint64_t round;     /* that made it */
	uint64_t synced_at; /* block of the newest snapshot that it followed */
} asy_memory;

/*~ How often a round may be thrown away although some evidence speaks against us being at
 * fault. A majority of miners that fail on purpose could otherwise keep their scores for
 * ever, and cancel those of honest miners: with `some`, at most three rounds in a row and
 * one in seventeen in the long run. `few` is the same for rounds in which nobody was heard
 * but fewer than three miners have a good standing. Counted in sixteenths of a round; a
 * round that is judged gives one back. */
typedef struct {
	uint32_t some, few;
} asy_credit;
/* What the chain shows of others who act with our hotkey; kept by the submissions. Blocks. */
typedef struct {
	bool has_looked, is_due; /* is_due: the last look could not be finished */
	uint64_t first_look;     /* of this life: what is younger is another validator at work */
	uint64_t seen_at;        /* the newest sign that was believed */
	bool is_doubting;        /* there is one that wants a second look */
	uint64_t doubted_at;     /* when one was seen that did */
	uint64_t silent_until;   /* nothing is sealed before; 0 = no silence */
	uint64_t asked_before;   /* the target block of the last look before sealing */
	bool must_leave;
} asy_others;
typedef struct {
	uint64_t rounds_begun, rounds_ended, counted, missed, refused, mismatches;
} asy_task_totals;

typedef struct asy_task asy_task;
struct asy_task {
	asy_task_env env;
	asy_task_means means;
	asy_account self;
	uint8_t salt[32]; /* key-derived: seeds and leads cannot be guessed from the chain */
	asy_memory memory;
	/* of a plugin with state: how often it moved on, once the journal was asked */
	uint64_t plugin_state_version;
	bool has_plugin_state;
	asy_world world;
	bool has_world;
	uint64_t rules_at;    /* head at which the subnet's rules were read */
	asy_breaker *breaker; /* of miners */
	asy_credit credit;
	asy_nonce nonce; /* of requests to miners */
	asy_complaint refused, nobody, asleep, overdue, not_allowed, outside;
	bool is_outside;  /* the chain does not know our hotkey in this subnet: nothing begins */
	bool is_doubting; /* it does not let us set weights; another endpoint is asked next */
	bool told_of_first;
	asy_others others;
	asy_task_totals totals;
};

/* Loads the per-miner memory from the store; writes nothing. */
assay_status asy_task_new(const asy_task_env *env, const asy_task_means *means, asy_task **out,
						  assay_err *err) ASSAY_CHECKED;
void asy_task_free(asy_task *task);

/* ---- the world (look.c) ---- */

/* Brings task->world up to this head; nothing changes when it fails. known: the highest
 * block that an open story knows of. */
assay_status asy_task_look(asy_task *task, const asy_block_ref *head, uint64_t block_ns,
						   uint64_t known, assay_err *err) ASSAY_CHECKED;
/* A copy to decide from: with the time, and the lead of the present epoch. */
asy_world asy_task_world(const asy_task *task);
/* A snapshot at that head, shared by all tasks; give it back with asy_snapshots_release. */
assay_status asy_task_snapshot(asy_task *task, const asy_block_ref *head,
							   const assay_snapshot **out, assay_err *err) ASSAY_CHECKED;
/* May a vector of ours be sent in the subnet's consensus mode? ASSAY_E_CHAIN with a
 * sentence: the mode is not known, or another neuron decides, which is named. uid < 0 = we
 * are not in the subnet. modes.c. [pure] */
assay_status asy_mode_allows(const assay_snapshot *s, long uid, assay_err *err) ASSAY_CHECKED;

/* ---- records (append.c) ---- */

/* What else becomes durable together with a record: in the same transaction or not at
 * all. */
typedef assay_status asy_also(void *arg, uint64_t now, assay_err *err);
/* Appends a record to a story's journal; also may be NULL. Does not await. What leaves this
 * machine because of it waits for asy_store_settle. */
assay_status asy_task_append(asy_task *task, uint64_t story, asy_rec_type type, assay_span payload,
							 asy_also *also, void *arg, assay_err *err) ASSAY_CHECKED;
/* Drops what the configuration does not keep. */
assay_status asy_task_prune(asy_task *task, assay_err *err) ASSAY_CHECKED;

/* ---- memory (memory.c) ---- */

/* The memory's options that a configuration asks for. [pure] */
assay_tracker_options asy_task_tracker_options(const asy_options *o);
/* From now on the memory knows the neurons of s and nobody else. */
assay_status asy_task_sync_members(asy_task *task, const assay_snapshot *s,
								   assay_err *err) ASSAY_CHECKED;
/* The memory as bytes, appended to out. */
assay_status asy_memory_encode(const assay_tracker *t, asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* ---- for whom and under what (record_json.c has the readers) ---- */

/* What a story was begun under: the chain, the subnet, the configuration. */
typedef struct {
	asy_hash genesis;
	uint16_t netuid;
	uint8_t mecid;
	uint8_t config_digest[32];
	assay_span config; /* canonical JSON; empty = not recorded */
} asy_under;
asy_under asy_task_under(const asy_task *task);
void asy_under_put(const asy_under *x, asy_jw *w);
assay_status asy_under_get(asy_jv v, asy_arena *a, asy_under *x, assay_err *err) ASSAY_CHECKED;
/* Is an unfinished story of the subnet and chain that this task serves? To go on with
 * another one would send one subnet's weights to another, or lose a reveal. */
assay_status asy_under_check(const asy_task *task, const asy_under *x, const char *story,
							 assay_err *err) ASSAY_CHECKED;

/* A logger for one story's lines. */
asy_logger asy_task_logger(const asy_task *task, asy_story_kind kind, uint64_t id);
/* Trouble with this machine, not with what one story wrote. */
static inline bool asy_is_ours_to_mend(assay_status st)
{
	return st == ASSAY_E_NOMEM || st == ASSAY_E_IO || st == ASSAY_E_LOCKED;
}
#endif
