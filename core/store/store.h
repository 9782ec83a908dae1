/* store: the data directory. SQLite in WAL mode: rounds, scores, submissions, the per-miner
 * memory, receipts. When a mutating call returns ASSAY_OK (outside a transaction) or
 * asy_store_commit does, the change outlives this process. It outlives a power failure too,
 * at once in a store that was opened without a loop, else from the next asy_store_settle on.
 * What was changed later is never there without what was changed before.
 * One process per directory: a second one is refused with ASSAY_E_LOCKED.
 * Nothing here reads a clock: times come from the caller. Not thread-safe: [loop]. */
#ifndef ASY_STORE_H
#define ASY_STORE_H
#include <stdatomic.h>
#include "base/base.h"
#include "loop/loop.h"

typedef struct asy_store asy_store;

typedef struct {
	const char *dir;         /* created (0700) when absent, unless read_only */
	bool read_only;          /* no lock; for assay replay and status */
	const char *vfs;         /* NULL = the platform's; tests name the faulty one */
	asy_loop *loop;          /* nothing waits for the disk but asy_store_settle; NULL: all does */
	uint32_t snapshots_kept; /* 0 = 8 */
	/* Tests: called with "before:SEAL", "after:SEAL", "before:submission.included" ...
	 * around every commit, named after the last change in it. NULL in production. */
	void (*kill_point)(void *arg, const char *point);
	void *kill_arg;
} asy_store_options;

/* Opens, locks, checks and migrates. Directory and files are for their owner alone,
 * whatever the umask. ASSAY_E_LOCKED: another daemon has it, with its process id.
 * ASSAY_E_STORE: damaged, written by a newer version, or missing where there was one.
 * ASSAY_E_IO: also a directory that other users may write to. */
assay_status asy_store_open(const asy_store_options *options, asy_store **out,
							assay_err *err) ASSAY_CHECKED;
void asy_store_close(asy_store *s); /* NULL allowed; an open transaction is rolled back */
/* Awaits until all that was committed before is on disk; others run meanwhile, and those who
 * wait at the same time share one fdatasync. To be called before anything leaves this machine
 * that a restart must know of. Neither cancellation nor interruption ends it. (sync.c) */
assay_status asy_store_settle(asy_store *s, assay_err *err) ASSAY_CHECKED;
/* The log grows faster than it is copied into the database: whoever writes much pauses. */
bool asy_store_is_behind(const asy_store *s);
/* Would open take the directory as it is, database aside? Changes nothing. ASSAY_E_LOCKED:
 * a daemon is at work there. */
assay_status asy_store_check_dir(const char *dir, assay_err *err) ASSAY_CHECKED;
/* The disk is full, or nearly: the room that was kept back is in use. Only what is sealed may
 * still be written; looks at the disk until that has room again. */
bool asy_store_is_tight(asy_store *s);
/* May other users list the directory? The files in it are safe, their names are not. */
bool asy_store_is_open_to_others(const asy_store *s);

/* ---- transactions: several changes, all or none ----
 * Without begin every mutating call is its own transaction. No nesting. A failed call
 * inside leaves the transaction open and the earlier changes in it; roll back. */
assay_status asy_store_begin(asy_store *s, assay_err *err) ASSAY_CHECKED;
assay_status asy_store_commit(asy_store *s, assay_err *err) ASSAY_CHECKED;
void asy_store_rollback(asy_store *s);

/* ---- stories and their records (stories.c): append-only, the journal ----
 * A round asks and judges; a submission carries one vector. Both have ids of one ascending
 * sequence, which are never reused. */

/* The numbers are on disk: append only. */
typedef enum { ASY_STORY_ROUND = 1, ASY_STORY_SUBMISSION = 2 } asy_story_kind;
const char *asy_story_kind_name(asy_story_kind k); /* "round", "submission" */

/* The numbers are on disk: append only. */
#define ASY_REC_LIST(X)                                                                            \
	X(BEGIN, 1)                                                                                    \
	X(CHALLENGE, 2)                                                                                \
	X(RESPONSE, 3)                                                                                 \
	X(QUERY_END, 4)                                                                                \
	X(SCORES, 5)                                                                                   \
	X(TRACK, 6)                                                                                    \
	X(WEIGHTS, 7)                                                                                  \
	X(PREDICT, 8)                                                                                  \
	X(SEAL, 9)                                                                                     \
	X(SUBMIT, 10)                                                                                  \
	X(INCLUDED, 11)                                                                                \
	X(FINAL, 12)                                                                                   \
	X(REVEAL_SUBMIT, 13)                                                                           \
	X(REVEALED, 14)                                                                                \
	X(COUNTED, 15)                                                                                 \
	X(MISSED, 16)                                                                                  \
	X(END, 17)
typedef enum {
#define ASY_REC_ENUM(name, n) ASY_REC_##name = n,
	ASY_REC_LIST(ASY_REC_ENUM)
#undef ASY_REC_ENUM
} asy_rec_type;
const char *asy_rec_name(asy_rec_type t); /* "BEGIN"; "?" for an unknown number */

#define ASY_REC_MAX ((size_t)64 << 20) /* bytes of one payload */

typedef struct {
	asy_rec_type type;
	assay_span payload;
} asy_rec_in;

typedef struct {
	uint64_t story;
	uint32_t seq; /* from 0 within the story, without gaps */
	asy_rec_type type;
	uint64_t time_ns;
	uint8_t digest[32]; /* BLAKE2b-256 of the payload, verified when read */
	assay_span payload; /* borrowed until the visitor returns */
} asy_rec;

/* Starts a round with its BEGIN record. A submission starts with asy_store_submission_begin. */
assay_status asy_store_round_begin(asy_store *s, uint64_t time_ns, assay_span payload,
								   uint64_t *round, assay_err *err) ASSAY_CHECKED;
/* Appends in order, all or none. first_seq may be NULL. Appending to a story that has
 * END is ASSAY_E_INPUT; END finishes it. BEGIN is not appended. */
assay_status asy_store_append(asy_store *s, uint64_t story, uint64_t time_ns,
							  const asy_rec_in *recs, size_t recs_n, uint32_t *first_seq,
							  assay_err *err) ASSAY_CHECKED;

/* A visitor returns ASSAY_OK to go on; anything else stops and is returned. It may not
 * change the store. */
typedef assay_status (*asy_rec_visitor)(void *arg, const asy_rec *rec, assay_err *err);
/* Records of one story from from_seq on, in order; a payload whose digest differs is
 * ASSAY_E_STORE and names story and seq. ASSAY_E_NOTFOUND: no such story, or pruned. */
assay_status asy_store_records(asy_store *s, uint64_t story, uint32_t from_seq,
							   asy_rec_visitor visit, void *arg, assay_err *err) ASSAY_CHECKED;
/* All that can still be believed: damaged or missing records are passed over, and passed
 * counts them. */
assay_status asy_store_sound_records(asy_store *s, uint64_t story, uint32_t *passed,
									 asy_rec_visitor visit, void *arg,
									 assay_err *err) ASSAY_CHECKED;

typedef struct {
	uint64_t id, begun_ns, ended_ns; /* ended_ns 0: unfinished */
	asy_story_kind kind;
	/* of the memory: that which a round made, 0 = none (yet); that which a submission used */
	uint64_t version;
	uint32_t records_n;
	asy_rec_type last;
	uint64_t bytes;
	bool finished, pruned;
	uint8_t digest[32]; /* of a pruned story: over type, time and digest of each record */
} asy_story_info;
/* Ids ascending, at most cap of them, starting after `after` (0 = from the first). */
assay_status asy_store_unfinished(asy_store *s, asy_story_kind kind, uint64_t after,
								  asy_story_info *out, size_t cap, size_t *n,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_store_stories(asy_store *s, asy_story_kind kind, uint64_t after,
							   asy_story_info *out, size_t cap, size_t *n,
							   assay_err *err) ASSAY_CHECKED;
/* The newest, finished or not; ASSAY_E_NOTFOUND: none. */
assay_status asy_store_last(asy_store *s, asy_story_kind kind, asy_story_info *out,
							assay_err *err) ASSAY_CHECKED;
/* The rounds that made the versions after .. upto of the memory, in that order; the newest
 * cap of them. */
assay_status asy_store_folded(asy_store *s, uint64_t after, uint64_t upto, uint64_t *rounds,
							  size_t cap, size_t *n, assay_err *err) ASSAY_CHECKED;

/* Drops the records and scores of the oldest finished stories until at most keep_rounds
 * rounds and keep_bytes bytes of payloads remain (0 = no bound); one digest per story
 * stays. Unfinished stories and the rounds of open submissions are never touched. pruned
 * (may be NULL): how many. */
assay_status asy_store_prune(asy_store *s, uint64_t keep_rounds, uint64_t keep_bytes,
							 uint64_t *pruned, assay_err *err) ASSAY_CHECKED;

/* ---- scores (scores.c): one row per miner and round, for reading back ---- */

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	uint8_t kind;             /* assay_obs_kind */
	double score;             /* NaN is stored as absent */
	const double *components; /* borrowed; may be NULL */
	size_t components_n;      /* at most 64 */
} asy_score;
/* Replaces rows of the same (round, uid): idempotent after a crash. */
assay_status asy_store_scores_put(asy_store *s, uint64_t round, const asy_score *rows, size_t n,
								  assay_err *err) ASSAY_CHECKED;
typedef assay_status (*asy_score_visitor)(void *arg, const asy_score *row, assay_err *err);
assay_status asy_store_scores(asy_store *s, uint64_t round, asy_score_visitor visit, void *arg,
							  assay_err *err) ASSAY_CHECKED; /* by uid */

/* ---- the per-miner memory (scores.c): the last N versions kept ---- */

/* The memory after this round's fold; version is larger than any before. */
assay_status asy_store_snapshot_put(asy_store *s, uint64_t round, uint64_t version,
									uint64_t time_ns, assay_span state,
									assay_err *err) ASSAY_CHECKED;
typedef struct {
	uint64_t version, round; /* of the state that was read */
	uint64_t newest;         /* version of the newest, damaged or not */
	uint32_t damaged;        /* passed over */
} asy_snapshot_info;
/* The newest whose digest is right: a damaged one is passed over. out is appended to.
 * ASSAY_E_NOTFOUND: none; info is written all the same. */
assay_status asy_store_snapshot_get(asy_store *s, asy_snapshot_info *info, asy_buf *out,
									assay_err *err) ASSAY_CHECKED;

/* ---- blobs (blobs.c): large values that records refer to by digest ---- */

/* Keeps bytes for as long as the records of this story are kept; the same bytes are kept
 * once. digest gets their BLAKE2b-256. Counts against store.keep_bytes. */
assay_status asy_store_blob_put(asy_store *s, uint64_t story, assay_span bytes, uint8_t digest[32],
								assay_err *err) ASSAY_CHECKED;
/* Appends the bytes to out. ASSAY_E_NOTFOUND: none; ASSAY_E_STORE: damaged. */
assay_status asy_store_blob_get(asy_store *s, const uint8_t digest[32], asy_buf *out,
								assay_err *err) ASSAY_CHECKED;

/* ---- forecasts (forecasts.c): what became of each, kept longer than its submission ---- */

typedef struct {
	uint64_t submission, made_at, counted_at; /* made_at, counted_at: blocks */
	assay_span outcome;                       /* JSON; borrowed until the visitor returns */
	uint64_t round;                           /* read, not written: that of the submission */
} asy_forecast_row;
/* Replaces what there was for this submission. The newest 10,000 are kept. */
assay_status asy_store_forecast_put(asy_store *s, const asy_forecast_row *row,
									assay_err *err) ASSAY_CHECKED;
typedef assay_status (*asy_forecast_visitor)(void *arg, const asy_forecast_row *row,
											 assay_err *err);
/* Newest first, at most newest_n (0 = all). */
assay_status asy_store_forecasts(asy_store *s, uint64_t newest_n, asy_forecast_visitor visit,
								 void *arg, assay_err *err) ASSAY_CHECKED;

/* ---- submissions (submissions.c): one row for each, from its WEIGHTS on ---- */

typedef enum { ASY_SCHEME_PLAIN = 0, ASY_SCHEME_HASH = 1, ASY_SCHEME_TIMELOCK = 2 } asy_sub_scheme;
typedef enum {                        /* on disk: append only */
			   ASY_SUB_WEIGHED = 0,   /* there is a vector, or a reason why not */
			   ASY_SUB_SEALED = 1,    /* the opening secret is on disk, nothing was sent */
			   ASY_SUB_SUBMITTED = 2, /* an extrinsic went out */
			   ASY_SUB_INCLUDED = 3,
			   ASY_SUB_FINALISED = 4,
			   ASY_SUB_REVEAL_SUBMITTED = 5, /* hash scheme only */
			   ASY_SUB_REVEALED = 6,
			   ASY_SUB_COUNTED = 7, /* end: an epoch ran on it */
			   ASY_SUB_MISSED = 8,  /* end: the window passed or the chain refused */
			   ASY_SUB_UNSENT = 9   /* end: nothing was sealed, so nothing was sent */
} asy_sub_state;
const char *asy_sub_name(asy_sub_state st); /* "sealed" ... */

#define ASY_SECRET_MAX ((size_t)4 << 20)
#define ASY_RECEIPT_MAX ((size_t)1 << 20)

typedef struct {
	uint64_t id;
	uint64_t round; /* the newest one that its memory had folded; 0 = none */
	uint16_t netuid;
	uint8_t mecid;
	asy_sub_scheme scheme;
	bool is_sealed;                      /* hash and secret are there */
	uint8_t hash[32];                    /* of the commitment; unique with (netuid, mecid) */
	assay_span secret;                   /* whatever opens it: uids, values, salt, version key */
	uint64_t commit_epoch, commit_block; /* 0 until known */
	uint64_t reveal_epoch, reveal_first, reveal_last; /* blocks, inclusive; 0 until known */
	asy_sub_state state;
	uint64_t changed_ns;
} asy_sub_row;

/* Starts a submission with its WEIGHTS record: of sub only round, netuid and mecid count.
 * version: of the memory that it was made from. */
assay_status asy_store_submission_begin(asy_store *s, const asy_sub_row *sub, uint64_t version,
										uint64_t time_ns, assay_span payload, uint64_t *id,
										assay_err *err) ASSAY_CHECKED;
/* The intent, before anything is sent: scheme, hash, secret, and state SEALED; netuid and
 * mecid of rows that older versions began without them. Again, when it is sealed anew
 * before anything of it was included; what was sealed first stays in the journal. Do it in
 * one transaction with the SEAL record. ASSAY_E_INPUT: that hash is another submission's. */
assay_status asy_store_submission_seal(asy_store *s, const asy_sub_row *sub, uint64_t time_ns,
									   assay_err *err) ASSAY_CHECKED;
/* Forward moves only; skipping is allowed (a crash may have lost sight of a step), a
 * move to the present state is a no-op apart from a new receipt, a move back or out of
 * an end state is ASSAY_E_MISMATCH. receipt (may be empty) is kept, never replaced. */
assay_status asy_store_submission_move(asy_store *s, uint64_t id, asy_sub_state to,
									   uint64_t time_ns, assay_span receipt,
									   assay_err *err) ASSAY_CHECKED;
/* The one legal step back, when a reorganisation or an expired extrinsic undid what was
 * sent: SUBMITTED or INCLUDED return to SEALED, REVEAL_SUBMITTED to FINALISED. The reason
 * is kept as a receipt. */
assay_status asy_store_submission_retract(asy_store *s, uint64_t id, uint64_t time_ns,
										  assay_span reason, assay_err *err) ASSAY_CHECKED;
/* Where it landed and when it may be opened; zeros leave a field as it is. */
assay_status asy_store_submission_window(asy_store *s, uint64_t id, uint64_t commit_epoch,
										 uint64_t commit_block, uint64_t reveal_epoch,
										 uint64_t reveal_first, uint64_t reveal_last,
										 assay_err *err) ASSAY_CHECKED;
typedef assay_status (*asy_sub_visitor)(void *arg, const asy_sub_row *sub, assay_err *err);
/* Those whose round it is; 0 = all. Newest last. */
assay_status asy_store_submissions(asy_store *s, uint64_t round, asy_sub_visitor visit, void *arg,
								   assay_err *err) ASSAY_CHECKED;
/* One; ASSAY_E_NOTFOUND. */
assay_status asy_store_submission(asy_store *s, uint64_t id, asy_sub_visitor visit, void *arg,
								  assay_err *err) ASSAY_CHECKED;
typedef struct {
	asy_sub_state state;
	uint64_t time_ns;
	assay_span bytes;
} asy_receipt;
typedef assay_status (*asy_receipt_visitor)(void *arg, const asy_receipt *r, assay_err *err);
assay_status asy_store_receipts(asy_store *s, uint64_t id, asy_receipt_visitor visit, void *arg,
								assay_err *err) ASSAY_CHECKED;

/* ---- export (export.c) ---- */

/* A replay bundle: one SQLite file with this round and the submissions whose round it is,
 * made beside path and renamed into place. A round that no row opened by the chain has
 * followed yet is ASSAY_E_REFUSED: its reader could copy the row. Submissions that are not
 * opened stay here. Round 0 = all rounds but those. */
assay_status asy_store_export(asy_store *s, uint64_t round, const char *path,
							  assay_err *err) ASSAY_CHECKED;
assay_status asy_store_open_bundle(const char *path, asy_store **out, assay_err *err) ASSAY_CHECKED;

/* ---- faults (fault.c): a VFS for tests ----
 * Registers "assay-fault" over the platform's VFS (once; ASSAY_OK again later). The
 * countdowns act on the n-th such call from now; 0 = never. */
typedef struct {
	_Atomic uint64_t short_write; /* this write stores half of its bytes and fails with ENOSPC */
	_Atomic uint64_t sync_fail;   /* this fsync fails with EIO */
	uint64_t full_after;          /* bytes that may still be written before the disk is full */
	bool full;                    /* full_after counts (0 bytes left = every write fails) */
	_Atomic uint64_t crash_write; /* before this write the process kills itself with SIGKILL */
	_Atomic uint64_t crash_sync;
	_Atomic uint64_t writes, syncs; /* seen so far, for choosing the countdowns */
	_Atomic uint64_t held;          /* syncs of the thread that registered: they hold the loop */
	/* writes to the log, and how many of them a sync has covered */
	_Atomic uint64_t log_writes, log_synced;
	_Atomic uint64_t log_size; /* when it was last synced: what a power failure leaves */
} asy_store_faults;
assay_status asy_store_fault_vfs(asy_store_faults **knobs, assay_err *err) ASSAY_CHECKED;
#endif
