/* plugin: reward plugins as the rest of Assay sees them: open one, ask it for
 * challenges, have a round scored, close it. The plugin runs in an assay-worker
 * process (the default) or in this one (tools and tests); callers cannot tell by
 * the results, which are the same bits. A crash, hang or lie of the plugin costs
 * the rows it was working on and nothing else: see docs/plugins.md.
 * This header does not show the binary contract (include/assay/plugin.h): only
 * plugin, worker and api know that.
 * Calls of a worker await on the loop and take turns when several coroutines call.
 * One asy_plugin belongs to one thread, that of its loop, and a worker dies with the
 * thread that started it. */
#ifndef ASY_PLUGIN_H
#define ASY_PLUGIN_H
#include "base/base.h"

typedef struct asy_plugin asy_plugin;

/* ---- what the plugin says of itself (checked copies) ---- */

/* Needs that a plugin may declare; the same bits as ASSAY_NEED_*. */
enum {
	ASY_NEED_WHOLE_BATCH = 1u << 0,
	ASY_NEED_STATE = 1u << 1,
	ASY_NEED_IDENTITY = 1u << 2,
	ASY_NEED_CACHE = 1u << 3,
	ASY_NEED_INEXACT = 1u << 4
};
/* Granted unless the configuration says otherwise: gives no power, only costs
 * bisection after a crash. */
#define ASY_PLUGIN_GRANT_DEFAULT ASY_NEED_WHOLE_BATCH

typedef struct {
	const char *id, *version, *name, *summary, *licence, *vendor, *task_kind;
	uint32_t abi, caps, needs;
	double score_min, score_max, tolerance;
	bool higher_is_better, makes_challenges;
	uint32_t component_n;
	const char *const *component_name;
	const char *config_schema;
	uint64_t mem_hint;
	uint32_t ms_hint, max_batch;
	assay_span config;         /* canonical JSON, defaults filled, keys sorted */
	uint8_t config_digest[32]; /* BLAKE2b-256 of config */
	char signed_by[17];        /* id of the trusted key that signed the file; "" = not verified */
	uint8_t file_digest[32];   /* BLAKE2b-256 of the .so that was loaded */
} asy_plugin_about;

/* ---- opening ---- */

typedef enum { ASY_ISOLATION_WORKER = 0, ASY_ISOLATION_NONE = 1 } asy_isolation;

typedef enum {
	ASY_PLUGIN_EV_STARTED,     /* a worker is ready (again); pid */
	ASY_PLUGIN_EV_CRASHED,     /* signal or exit_code says how; rows = rows kept so far */
	ASY_PLUGIN_EV_STALLED,     /* killed: no progress for stall_ns */
	ASY_PLUGIN_EV_DEADLINE,    /* killed or cancelled: the round's time is up */
	ASY_PLUGIN_EV_PROTOCOL,    /* killed: it broke the rules of the shared memory */
	ASY_PLUGIN_EV_OPEN_FAILED, /* a fresh worker did not get ready; text says why */
	ASY_PLUGIN_EV_ERROR,       /* score_batch returned a code; text = its sentence */
	ASY_PLUGIN_EV_INVALID,     /* rows = rows not finite, out of range or left unflagged */
	ASY_PLUGIN_EV_POISON,      /* row killed a fresh worker twice: floor */
	ASY_PLUGIN_EV_FLAKY,       /* row killed a fresh worker once, then did not: abstains */
	ASY_PLUGIN_EV_QUARANTINED, /* too many faults: not called; again in each round left out */
	ASY_PLUGIN_EV_RELEASED,    /* an operator asked for it, or a round went well; text says which */
	ASY_PLUGIN_EV_BROKEN,      /* most rows killed it, or most scores are invalid: its own fault */
	ASY_PLUGIN_EV_CAGED,       /* what confines the worker, when that is news; rows = 1: not all
								* of the cage could be had */
	ASY_PLUGIN_EV_STATE        /* its state was lost or not saved; text says why and what follows */
} asy_plugin_event_kind;

typedef struct {
	asy_plugin_event_kind kind;
	int64_t pid;
	int signal, exit_code; /* 0 when it does not apply; exit_code -1 when killed by signal */
	uint64_t rows;         /* see kind */
	uint64_t row;          /* POISON, FLAKY: index into the caller's batch */
	const char *text;      /* one sentence, never NULL, escaped; valid during the call */
} asy_plugin_event;
const char *asy_plugin_event_name(asy_plugin_event_kind k); /* "plugin.crashed" */

/* Zero-initialise; a zero or NULL field means its default. */
typedef struct {
	const char *path;        /* the .so; required */
	assay_span config;       /* JSON object; empty = {} */
	asy_isolation isolation; /* default worker */
	const char *worker_path; /* the assay-worker program; required for a worker */
	uint32_t grant;          /* ASY_NEED_* bits; zero grants nothing */
	const char *cache_dir;   /* given to the plugin if ASY_NEED_CACHE is needed and granted */
	uint32_t threads;        /* threads the plugin may use; 1 */
	uint32_t sub_batch;      /* rows per call; 32 */
	uint64_t open_ns;        /* from spawn to ready; 30 s */
	uint64_t soft_ns;        /* a round's scoring: the plugin is asked to stop; 120 s */
	uint64_t hard_ns;        /* after soft: it is killed; 2 s */
	uint64_t stall_ns;       /* no sub-batch finished for this long: killed; 10 s (a whole batch
							  * has that time for every sub_batch rows) */
	uint64_t backoff_ns;     /* before a worker is restarted; doubles to backoff_max; 5 ms */
	uint64_t backoff_max_ns; /* 500 ms */
	uint32_t restarts_max;   /* fresh workers per round; 256 */
	uint32_t faults_max;     /* quarantine after this many faults ... 8 */
	uint32_t fault_rounds;   /* ... within this many rounds; 16 */
	uint64_t input_max;      /* bytes of one job in shared memory; 512 MiB */
	uint64_t memory_max;     /* bytes of the worker's own memory; 2 GiB */
	/* Files and folders that config must not open to the plugin: key, database. Borrowed while opening. */
	const char *const *hidden;
	size_t hidden_n;
	/* Texts of minisign public keys: the file must be signed by one of them. None: any file is
	 * loaded. Borrowed while opening. */
	const char *const *trusted;
	size_t trusted_n;
	bool allow_unfiltered; /* start where system calls cannot be filtered */
	asy_clock *clock;      /* required */
	asy_logger *log;       /* plugin.* events and the plugin's own lines; may be NULL */
	/* Borrowed until close. A worker is watched on it: calls await there, so that a coroutine's
	 * call lets the others run, and an interruption of the loop (or the coroutine's
	 * cancellation) ends a call with E_CANCELLED within 100 ms. In process a call blocks, and
	 * only an interruption ends it. NULL: a loop of its own, which nobody interrupts. */
	struct asy_loop *loop;
	void (*on_event)(void *arg, const asy_plugin_event *ev);
	void *on_event_arg;
} asy_plugin_opts;

/* Loads, checks, validates the configuration and opens the plugin. All strings
 * of opts are copied; clock, log and callbacks are borrowed until close.
 * E_PLUGIN: not a plugin, or it broke the contract. E_UNSUPPORTED: other ABI or an
 * unknown need. E_REFUSED: a need not granted. E_CONFIG: configuration against its
 * schema. E_NOTFOUND, E_IO: the file or the worker program. */
assay_status asy_plugin_open(const asy_plugin_opts *opts, asy_plugin **out,
							 assay_err *err) ASSAY_CHECKED;
/* Asks the worker to close, awaits that shortly, kills it. Not during a call. NULL is fine. */
void asy_plugin_close(asy_plugin *p);
const asy_plugin_about *asy_plugin_info(const asy_plugin *p);
/* What confines it, and what does not with what that means: "calls, files (Landlock 7),
 * user, processes, network, memory, threads". */
const char *asy_plugin_cage(const asy_plugin *p);
/* The same for a worker on this machine, without any plugin; *is_whole: nothing is missing.
 * E_NOTFOUND, E_IO: no worker. */
assay_status asy_plugin_try_cage(const char *worker_path, asy_clock *clock, char *text, size_t cap,
								 bool *is_whole, assay_err *err) ASSAY_CHECKED;

/* ---- a round ---- */

typedef struct {
	uint64_t round, block;
	uint8_t seed[32]; /* the round's; what the plugin sees is derived from it, one way */
} asy_plugin_round;

/* Bytes with a name; a header has no type. */
typedef struct {
	assay_span name, type, bytes;
} asy_plugin_part;
#define ASY_PLUGIN_PARTS_MAX 64u    /* of one challenge or response; headers likewise */
#define ASY_PLUGIN_CHUNKS_MAX 4096u /* of one response */

typedef struct {
	assay_span prompt, reference, meta_json;
	const asy_plugin_part *part;
	uint32_t part_n;
} asy_plugin_challenge;

typedef struct {
	asy_plugin_challenge *challenge; /* borrow bytes and parts */
	size_t challenge_n;
	asy_plugin_part *part;
	asy_buf bytes;
} asy_plugin_challenges;
/* Asks for up to want challenges; may give fewer. E_UNSUPPORTED: it makes none. E_PLUGIN:
 * whatever went wrong, also a hang; a fault, which counts like those of scoring. */
assay_status asy_plugin_make(asy_plugin *p, const asy_plugin_round *round, size_t want,
							 asy_plugin_challenges *out, assay_err *err) ASSAY_CHECKED;
void asy_plugin_challenges_fini(asy_plugin_challenges *c);

/* The class of a response; the same numbers as ASSAY_RESP_*. */
typedef enum {
	ASY_RESP_OK = 0,
	ASY_RESP_EMPTY = 1,
	ASY_RESP_TIMEOUT = 2,
	ASY_RESP_HTTP = 3,
	ASY_RESP_REFUSED = 4,
	ASY_RESP_TOO_LARGE = 5,
	ASY_RESP_UNSIGNED = 6
} asy_resp_status;
#define ASY_RESP_STATUS_N 7
const char *asy_resp_name(uint32_t status); /* "ok", "too_large"; NULL when unknown */

/* Who answered, as numbers that name nobody; withheld unless granted. 0 = not known. */
typedef struct {
	uint64_t hotkey, coldkey, address;
} asy_plugin_who;

typedef struct { /* body[0, end) had arrived at_us after the request went out */
	uint64_t at_us, end;
} asy_plugin_chunk;

/* All but body, challenge, miner and status may be absent: empty, NULL, 0. */
typedef struct {
	assay_span body, content_type;
	asy_plugin_who who;
	uint32_t challenge; /* index into the challenges */
	uint32_t miner;     /* any number; the plugin sees another one, per round */
	uint32_t status;    /* asy_resp_status */
	uint32_t latency_ms, first_byte_ms, http_status;
	const asy_plugin_part *header, *part;
	const asy_plugin_chunk *chunk; /* ends do not fall, and stay within body */
	uint32_t header_n, part_n, chunk_n;
} asy_plugin_response;

typedef struct {
	const asy_plugin_challenge *challenge;
	size_t challenge_n;
	const asy_plugin_response *response;
	size_t response_n;
} asy_plugin_batch;

typedef enum {
	ASY_ROW_PENDING = 0,  /* not decided (only after an error or an interrupt) */
	ASY_ROW_SCORED = 1,   /* score and value are set */
	ASY_ROW_ABSTAIN = 2,  /* no observation: the miner keeps what it had; see cause */
	ASY_ROW_FLOOR = 3,    /* poison: the worst score, on purpose */
	ASY_ROW_NOT_ASKED = 4 /* status was not OK: the caller's rule decides */
} asy_row_flag;
typedef enum {
	ASY_CAUSE_NONE = 0,
	ASY_CAUSE_PLUGIN,    /* the plugin abstained */
	ASY_CAUSE_INVALID,   /* not finite, out of range, unflagged */
	ASY_CAUSE_ERROR,     /* score_batch returned a code */
	ASY_CAUSE_DEADLINE,  /* the round's time was up */
	ASY_CAUSE_CRASH,     /* crash or hang that could not be pinned on this row */
	ASY_CAUSE_POISON,    /* this row, twice, on fresh workers */
	ASY_CAUSE_QUARANTINE /* the plugin is not called at present */
} asy_row_cause;
const char *asy_row_flag_name(uint8_t flag);
const char *asy_row_cause_name(uint8_t cause);

typedef struct {
	double score; /* the plugin's scale; NaN unless SCORED or FLOOR */
	double value; /* [0,1], 1 = best; NaN unless SCORED or FLOOR */
	uint8_t flag, cause;
} asy_plugin_row;

typedef struct {
	uint64_t scored, abstained, invalid, floored, not_asked;
	uint64_t crashes, stalls, restarts;
	uint64_t log_dropped; /* lines of the plugin beyond its quota */
} asy_plugin_stats;

/* Caller's memory. row[response_n] in and out: zero it for a new round; after a
 * restart put back what was journalled: only rows with flag PENDING are scored.
 * component[response_n * component_n] row-major, or NULL; NaN where unknown. */
typedef struct {
	asy_plugin_row *row;
	double *component;
	asy_plugin_stats stats;
	/* Of a plugin with state, while rows that its call judged are reported: what it knew before,
	 * and what it knows from now on. The state moves on when on_rows succeeds. */
	bool has_state;
	assay_span state_before, state_after;
	/* Called as rows become final, once for each row: rows[n] are indices into row. A
	 * failure ends the scoring with that status. May be NULL. */
	assay_status (*on_rows)(void *arg, const size_t *rows, size_t n, assay_err *err);
	void *arg;
} asy_plugin_results;

/* Scores the pending rows. ASSAY_OK: no row is PENDING any more (crashes and
 * deadlines show in flag, cause, stats and events). E_CANCELLED: interrupted; rows
 * already decided are kept and were reported. E_LIMIT: the batch is too big.
 * E_INPUT: an index out of range. */
assay_status asy_plugin_score(asy_plugin *p, const asy_plugin_round *round,
							  const asy_plugin_batch *batch, asy_plugin_results *res,
							  assay_err *err) ASSAY_CHECKED;

/* ---- what a plugin remembers from round to round (ASY_NEED_STATE) ----
 * The bytes are its own. asy_plugin_score and asy_plugin_make give it this state before they call
 * it, whatever worker they call; scoring replaces it. A new asy_plugin's is empty: whoever keeps
 * states sets it. */
#define ASY_PLUGIN_STATE_MAX ((size_t)1 << 20)
assay_span asy_plugin_state(const asy_plugin *p);
/* Copies it; not during a call. E_LIMIT: too long. */
assay_status asy_plugin_set_state(asy_plugin *p, assay_span state, assay_err *err) ASSAY_CHECKED;

/* The only place where a plugin's scale becomes [0,1]. score is in range. */
double asy_plugin_normalise(const asy_plugin_about *a, double score);

/* Quarantine is lifted by a round that goes well: after 1 round left out, then 2, 4 up to
 * 64, the plugin gets one to prove itself. Also by the operator (SIGUSR1 to assayd) or by a
 * new start: it is not kept on disk. release forgets all faults counted so far. */
bool asy_plugin_is_quarantined(const asy_plugin *p);
void asy_plugin_release(asy_plugin *p);

/* ---- configuration (schema.c) ----
 * Validates doc (a JSON object; empty = {}) against schema (the subset of JSON
 * Schema in docs/plugins.md), fills defaults, sorts keys and appends the canonical
 * text. E_PLUGIN: the schema itself is outside the subset. E_CONFIG: the document,
 * with the path ("$.weights.f1: 3 is above the maximum 1"). */
assay_status asy_plugin_config(assay_span schema, assay_span doc, asy_buf *canonical,
							   assay_err *err) ASSAY_CHECKED;

/* ---- files of `assay score` (score_io.c): JSON Lines in, JSON out ----
 * The format is in docs/plugins.md. Bytes in, bytes out: the caller reads and prints. */
typedef struct asy_score_set asy_score_set;
/* text is borrowed for the call only. Errors name the line. */
assay_status asy_score_set_read(assay_span text, asy_score_set **out, assay_err *err) ASSAY_CHECKED;
void asy_score_set_free(asy_score_set *s);
const asy_plugin_batch *asy_score_set_batch(const asy_score_set *s);
const char *asy_score_set_id(const asy_score_set *s, size_t challenge);
/* Appends one JSON document. explain adds components by name, the arithmetic from them
 * to the score, and means over the rows that measured them; indent 0 = compact. */
assay_status asy_score_set_write(const asy_score_set *s, const asy_plugin_about *about,
								 const asy_plugin_results *res, bool explain, unsigned indent,
								 asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* Do the components of a scored row give its score? False: they have nothing to start from. */
bool asy_plugin_explains(const asy_plugin_about *a, const double *component, double score,
						 bool *adds_up);
/* Appends the same arithmetic as lines to read, some per response. */
assay_status asy_score_set_print(const asy_score_set *s, const asy_plugin_about *about,
								 const asy_plugin_results *res, asy_buf *out,
								 assay_err *err) ASSAY_CHECKED;
#endif
