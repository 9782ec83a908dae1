/* host: the parts of core/plugin among themselves. Nobody else includes this.
 * open.c makes the plugin, session.c is one worker process, rows.c is the caller's
 * batch, and inproc.c or dispatch.c moves rows through the plugin. */
#ifndef ASY_PLUGIN_HOST_H
#define ASY_PLUGIN_HOST_H
#include <sys/types.h>
#include "loop/loop.h"
#include "plugin/proto.h"
#include "plugin/verdict.h"

#define ASY_GRACE_NS ((uint64_t)50000000) /* for the running call after an interrupt */

/* ---- one worker process (session.c, spawn.c) ---- */

typedef struct {
	pid_t pid;
	int pidfd, control, door_in, door_out, noise; /* noise: its stdout and stderr */
	uint8_t *in, *out;
	uint64_t in_size, out_size;
	uint64_t gen;       /* of the last job submitted */
	uint64_t calls;     /* sub-batches that came back: 0 = fresh */
	uint64_t job_bytes; /* most input that one job held */
	uint32_t seq;
	bool is_dead;
	int signal, exit_code; /* when is_dead; exit_code -1 after a signal */
	char line[256];        /* unfinished line of noise */
	size_t line_len;
	/* on the loop (session.c) */
	asy_plugin *p;
	asy_watch *on_door, *on_control, *on_exit, *on_noise, *on_grace;
	bool has_news;   /* since somebody waited */
	bool is_closed;  /* the control channel is at its end */
	uint32_t wanted; /* kind of message that may come; 0 = none but lines for the log */
	bool has_wanted; /* msg is it */
	asy_msg msg;
	assay_err broken; /* status != ASSAY_OK: how it broke the protocol */
} asy_session;

/* spawn.c: a process with its descriptors and mappings; no message exchanged. */
assay_status asy_spawn(const asy_plugin *p, uint64_t in_size, uint64_t out_size, asy_session **out,
					   assay_err *err) ASSAY_CHECKED;
/* Closes everything that spawn opened; blocks for the end of a process that still runs. NULL
 * is fine. */
void asy_session_free(asy_session *s);
void asy_session_kill(asy_session *s);
/* Takes the exit status if it has ended (wait: blocks until it has). Not through the pidfd, which
 * the loop makes non-blocking. */
void asy_session_reap(asy_session *s, bool wait);
/* "signal 11 (Segmentation fault)", "exit code 3" */
void asy_session_fate(const asy_session *s, char *dst, size_t cap);
/* A file's bytes in a sealed memory file; digest is BLAKE2b-256 of just those bytes. */
assay_status asy_seal_file(const char *path, int *fd, uint8_t digest[32],
						   assay_err *err) ASSAY_CHECKED;

/* ---- the plugin ---- */

struct asy_plugin {
	asy_plugin_opts o;  /* strings in arena, defaults filled */
	asy_loop *loop;     /* on which a worker is watched; NULL: in process without one */
	asy_loop *own_loop; /* the same if nobody gave one */
	asy_co_mutex turn;  /* one call at a time */
	asy_arena *arena;
	asy_plugin_about about;
	asy_buf config, blob;     /* canonical configuration; description as received */
	asy_buf state;            /* what it remembers */
	asy_buf readable;         /* names of files that the worker's cage leaves open */
	char cage[ASY_CAGE_TEXT]; /* what the worker is in, for people */
	char where[128];          /* file name, for messages */
	asy_quarantine quarantine;
	bool is_round_begun;   /* by making challenges: scoring belongs to the same round */
	uint32_t fails_in_row; /* for back-off */
	uint64_t error_events; /* this round */
	/* the plugin's own lines, this round; guarded because it may have threads */
	atomic_flag log_lock;
	uint64_t log_lines, log_bytes, log_dropped;
	/* worker */
	int so_fd;
	bool is_named_by_fd;  /* o.path is so_fd's name: in process, once verified */
	asy_session *session; /* NULL: none runs */
	/* in process */
	asy_shim shim;
	asy_instance inst;
	uint64_t inproc_stop_ns; /* soft deadline of the running call; 0 = none */
	_Atomic bool inproc_interrupted;
};

uint64_t asy_plugin_now(const asy_plugin *p);
bool asy_plugin_is_interrupted(const asy_plugin *p);
/* A line of the plugin's, within its quota. Any thread. */
void asy_plugin_said(asy_plugin *p, int32_t level, const char *msg, size_t len);
void asy_plugin_log_reset(asy_plugin *p);
/* A call returned a code, with this sentence (raw bytes; empty = it did not). */
void asy_plugin_refused(asy_plugin *p, assay_span fail);
/* Logs and calls on_event; ev->text may be NULL. */
void asy_plugin_emit(asy_plugin *p, const asy_plugin_event *ev);

/* ---- caged.c ---- */

/* Takes what a worker's first message says of its cage; logs it when it is news. */
void asy_plugin_caged(asy_plugin *p, const asy_msg *hello);

/* ---- session.c ---- */

/* Spawns, loads, opens; about and config are set on the first start and must be
 * the same on every later one. p->session is set on success. */
assay_status asy_session_start(asy_plugin *p, assay_err *err) ASSAY_CHECKED;
/* The first words of a worker that was just spawned, into s->msg. */
assay_status asy_session_greet(asy_plugin *p, asy_session *s, uint64_t until,
							   assay_err *err) ASSAY_CHECKED;
/* Awaits anything new from the worker, at most until that time of asy_plugin_now. E_PLUGIN:
 * it broke the protocol. E_CANCELLED: interrupted. Its death shows in is_dead. */
assay_status asy_session_wait(asy_session *s, uint64_t until, assay_err *err) ASSAY_CHECKED;
/* The same when the work is being ended: nothing interrupts it. */
assay_status asy_session_wait_end(asy_session *s, uint64_t until, assay_err *err) ASSAY_CHECKED;
/* Kills it if it still runs and awaits its end: then is_dead, and nothing more is heard. */
void asy_session_finish(asy_session *s);
/* The same, and frees it. */
void asy_session_discard(asy_session *s);
/* The same for the one of p. */
void asy_session_end(asy_plugin *p);
/* Asks it to leave, awaits that shortly, ends it. */
void asy_session_stop(asy_plugin *p);
static inline asy_ring_in *asy_session_in(asy_session *s)
{
	return (asy_ring_in *)(void *)s->in;
}
static inline asy_ring_out *asy_session_out(asy_session *s)
{
	return (asy_ring_out *)(void *)s->out;
}
/* First byte of a slot's region in each file. */
uint64_t asy_session_in_at(const asy_plugin *p, unsigned slot);
uint64_t asy_session_out_at(const asy_plugin *p, unsigned slot);
/* Publishes a job in a slot and rings. Returns its generation. */
uint64_t asy_session_submit(asy_session *s, unsigned slot, const asy_ring_job *job);
void asy_session_cancel(asy_session *s);

/* ---- a round (rows.c) ---- */

typedef struct {
	asy_plugin *p;
	const asy_plugin_round *round;
	const asy_plugin_batch *batch;
	asy_plugin_results *res;
	size_t *order; /* what the plugin sees at [i] is the caller's row order[i] */
	size_t order_n;
	uint32_t *miner;    /* by caller's row: the number the plugin sees */
	uint64_t *row_seed; /* likewise */
	size_t *fresh;      /* rows to report */
	uint8_t seed[32];
	uint32_t step;
	uint64_t part_n;  /* parts and headers of all challenges */
	bool is_whole;    /* rows depend on each other */
	bool is_stopping; /* cancelled: a row left unflagged stays open */
	uint64_t soft_at, hard_at;
	uint64_t faults; /* that count towards quarantine */
	/* with has_state: what it remembers when its call begins */
	bool has_state;
	assay_span state;
	/* what is known of whose fault it is */
	size_t *held; /* rows that look like poison, until the round is over */
	size_t held_n;
	uint64_t judged;  /* rows whose call came back */
	size_t judged_at; /* position of one of them */
	bool control_died;
	asy_verdict verdict;
} asy_plugin_rows;

/* Checks the batch, shuffles, marks what will not be asked. */
assay_status asy_rows_init(asy_plugin_rows *r, asy_plugin *p, const asy_plugin_round *round,
						   const asy_plugin_batch *batch, asy_plugin_results *res,
						   assay_err *err) ASSAY_CHECKED;
void asy_rows_fini(asy_plugin_rows *r);
/* True while a row is undecided. */
bool asy_rows_are_open(const asy_plugin_rows *r);
/* Judges plugin outputs of positions [first, first + n) from the caller's private
 * copy and reports them. The status is that of on_rows. */
typedef struct {
	const double *score, *component;
	const uint8_t *flag, *rc;
} asy_rows_out;
assay_status asy_rows_take(asy_plugin_rows *r, size_t first, size_t n, const asy_rows_out *out,
						   assay_err *err) ASSAY_CHECKED;
/* What a call did with the state, from the caller's private copy; given before its rows are
 * taken, and theirs. after NULL: it said nothing new. */
typedef struct {
	uint32_t flags; /* ASY_STATE_* */
	assay_span after, why;
} asy_state_said;
void asy_rows_say_state(asy_plugin_rows *r, const asy_state_said *s);
/* The state killed the worker that was given it: the plugin begins anew. */
void asy_rows_drop_state(asy_plugin_rows *r, const char *why);
/* Decides the still open rows among positions [first, first + n) without the plugin. */
assay_status asy_rows_decide(asy_plugin_rows *r, size_t first, size_t n, asy_row_flag flag,
							 asy_row_cause cause, assay_err *err) ASSAY_CHECKED;
/* The row at a position killed a fresh worker twice, alone. It is decided when all are. */
void asy_rows_condemn(asy_plugin_rows *r, size_t position);
/* It is plain by now that the plugin is broken: more deaths would say nothing new. */
bool asy_rows_are_hopeless(const asy_plugin_rows *r, uint64_t deaths);
/* Decides the condemned rows: the floor, or, where it is the plugin's fault, nothing. May
 * be called again. */
assay_status asy_rows_settle(asy_plugin_rows *r, uint64_t deaths, bool is_cut,
							 assay_err *err) ASSAY_CHECKED;
/* Bytes one row occupies in shared memory, and all challenges. */
uint64_t asy_rows_bytes(const asy_plugin_rows *r, size_t position);
uint64_t asy_rows_challenge_bytes(const asy_plugin_rows *r);
/* The response at a position as the plugin may see it. */
asy_plugin_response asy_rows_response(const asy_plugin_rows *r, size_t position);
uint64_t asy_rows_seed(const asy_plugin_rows *r, size_t position);
/* The seed a plugin sees, and the one that shuffles: derived, so neither tells the other. */
void asy_rows_derive(const uint8_t seed[32], const char *label, uint8_t out[32]);

/* ---- moving rows ---- */
assay_status asy_inproc_open(asy_plugin *p, assay_err *err) ASSAY_CHECKED;
void asy_inproc_close(asy_plugin *p);
assay_status asy_inproc_score(asy_plugin_rows *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_inproc_make(asy_plugin *p, const asy_plugin_round *round, uint32_t want,
							 asy_plugin_challenges *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_dispatch_score(asy_plugin_rows *r, assay_err *err) ASSAY_CHECKED;
assay_status asy_dispatch_make(asy_plugin *p, const asy_plugin_round *round, uint32_t want,
							   asy_plugin_challenges *out, assay_err *err) ASSAY_CHECKED;
/* Starts a worker if none runs, after the back-off that is due. */
assay_status asy_dispatch_revive(asy_plugin *p, assay_err *err) ASSAY_CHECKED;
#endif
