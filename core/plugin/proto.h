/* proto: what the host and assay-worker share: the descriptors a worker is born
 * with, the rare control messages on a SEQPACKET pair, and the two shared-memory
 * files that carry the bulk.
 *
 * The input file is written by the host only and sealed so (F_SEAL_FUTURE_WRITE);
 * the output file is written by the worker. A slot's state is therefore a pair of
 * words, each with one writer that the kernel enforces:
 *
 *   host gen > worker gen               FILLED
 *   equal, worker state RUNNING         RUNNING, watermark rows are final
 *   equal, worker state DONE or FAILED  the host may copy out, then the slot is FREE
 *
 * Reason to change: the protocol, with ASY_PROTO_VERSION. */
#ifndef ASY_PLUGIN_PROTO_H
#define ASY_PLUGIN_PROTO_H
#include "plugin/cage.h"
#include "plugin/contract.h"

#define ASY_PROTO_MAGIC 0x50595341u /* "ASYP" in memory */
#define ASY_PROTO_VERSION 3u

/* The worker's descriptors; 0 is /dev/null, 1 and 2 are the pipe to the log. */
enum {
	ASY_FD_CONTROL = 3,
	ASY_FD_PLUGIN = 4, /* sealed copy of the .so */
	ASY_FD_INPUT = 5,
	ASY_FD_OUTPUT = 6,
	ASY_FD_DOOR_IN = 7,  /* eventfd, host -> worker: look at the slots */
	ASY_FD_DOOR_OUT = 8, /* eventfd, worker -> host */
	ASY_FD_END = 9
};

/* ---- control messages (proto.c) ---- */

/* kind: who sends it, and which fields it uses (the others are zero) */
enum {
	ASY_MSG_HELLO = 1, /* worker: arg = protocol version; off = parts of the cage that it is
						* in, len = version of Landlock, text = why others are missing */
	ASY_MSG_LOADED,    /* worker: code = status; len = description in slot 0 of the output, or
						* text = why not */
	ASY_MSG_OPEN,      /* host: off, len = configuration in the input; arg = threads; text =
						* cache directory */
	ASY_MSG_READY,     /* worker: code = status; text = why not */
	ASY_MSG_LOG,       /* worker: code = level; text */
	ASY_MSG_DRAIN,     /* host: close the plugin and leave */
	ASY_MSG_BYE        /* worker: closed */
};
#define ASY_MSG_TEXT_MAX 2048u
#define ASY_MSG_MAX (48u + ASY_MSG_TEXT_MAX)

typedef struct {
	uint32_t kind, seq, arg;
	int32_t code;
	uint64_t off, len;
	uint32_t text_len;
	char text[ASY_MSG_TEXT_MAX + 1]; /* NUL after text_len */
} asy_msg;

/* Cuts text to the limit. */
void asy_msg_set_text(asy_msg *m, const char *text, size_t len);
size_t asy_msg_encode(const asy_msg *m, uint8_t out[ASY_MSG_MAX]);
/* E_FORMAT: magic, kind, length or text is wrong. out is complete or untouched. */
assay_status asy_msg_decode(assay_span bytes, asy_msg *out, assay_err *err) ASSAY_CHECKED;
/* One packet; wait = block until there is room. E_IO when the other side is gone. */
assay_status asy_msg_send(int fd, const asy_msg *m, bool wait, assay_err *err) ASSAY_CHECKED;
/* One packet; blocks only when wait. *got false: nothing there. E_IO: other side gone. */
assay_status asy_msg_recv(int fd, asy_msg *m, bool wait, bool *got, assay_err *err) ASSAY_CHECKED;

/* ---- shared memory (ring.c) ---- */

#define ASY_RING_SLOTS 2u
#define ASY_RING_HEAD ((uint64_t)4096) /* control words at the start of each file */
#define ASY_RING_ROWS_MAX ((uint64_t)1 << 20)
#define ASY_RING_MADE_MAX 4096u
#define ASY_RING_PARTS_MAX ((uint64_t)1 << 20) /* parts and headers of one job */
#define ASY_RING_MADE_BYTES ((uint64_t)64 << 20)

enum { ASY_JOB_SCORE = 1, ASY_JOB_MAKE = 2 };
enum { ASY_SLOT_IDLE = 0, ASY_SLOT_RUNNING = 1, ASY_SLOT_DONE = 2, ASY_SLOT_FAILED = 3 };

/* Bytes of the input file. */
typedef struct {
	uint64_t off, len;
} asy_ring_span;
typedef struct { /* n items at an offset */
	uint64_t at;
	uint32_t n, zero;
} asy_ring_table;
typedef struct {
	asy_ring_span name, type, bytes;
} asy_ring_part;
typedef struct {
	asy_ring_span prompt, reference, meta;
	asy_ring_table part;
} asy_ring_challenge;
typedef struct {
	asy_ring_span body, content_type;
	asy_ring_table header, part, chunk; /* chunk: of assay_chunk, as the plugin sees them */
	uint64_t hotkey, coldkey, address, seed;
	uint32_t challenge, miner, status, latency_ms, first_byte_ms, http_status;
} asy_ring_response;

/* A job; offsets of tables are into the input file, outputs into the output file. */
typedef struct {
	uint32_t kind, step, want, challenge_n;
	uint64_t response_n, part_n; /* part_n: parts and headers of all tables together */
	uint64_t challenge_at, response_at;
	uint64_t score_at, component_at, flag_at, rc_at; /* component_at 0 = none */
	uint64_t made_at, made_cap;                      /* ASY_JOB_MAKE */
	asy_ring_span state;                             /* before the job; input file */
	uint64_t state_at;                               /* after it: ASSAY_STATE_MAX bytes of output */
	uint32_t has_state, zero;
	uint64_t round, block, budget_ns;
	uint8_t seed[32];
} asy_ring_job;

typedef struct {
	_Atomic uint64_t gen;
	asy_ring_job job; /* plain: valid from the release of gen until the worker is done */
} asy_slot_in;
/* What the host asks of the cage; written before the worker starts. */
typedef struct {
	uint64_t memory_max;          /* bytes of the plugin's own */
	uint64_t paths_at, paths_len; /* what it may read, each ended by a NUL */
	uint64_t cache_at, cache_len; /* the one directory it may write in; len 0 = none */
	uint32_t threads;
	uint32_t may_lack_calls; /* start even where system calls cannot be filtered */
} asy_ring_cage;
typedef struct {
	uint32_t magic, version;
	uint64_t in_size, out_size;
	asy_ring_cage cage;
	_Atomic uint64_t cancel; /* jobs with gen <= cancel should stop */
	asy_slot_in slot[ASY_RING_SLOTS];
} asy_ring_in;

typedef struct {
	_Atomic uint64_t gen;
	_Atomic uint64_t watermark; /* rows (or challenges) that are final */
	_Atomic uint32_t state;
	_Atomic uint64_t fail_at; /* the watermark of the last call that returned a code; 0 = none */
	uint32_t fail_len;        /* its sentence */
	char fail[ASY_FAIL_MAX + 1];
	uint64_t made_bytes;
	_Atomic uint32_t phase; /* ASY_PHASE_* of the call that runs */
	/* with has_state, before the watermark moves */
	uint32_t state_flags, state_why_len; /* ASY_STATE_*; a sentence where one was lost */
	uint64_t state_len;
	char state_why[ASY_FAIL_MAX + 1];
} asy_slot_out;
enum { ASY_STATE_SAVED = 1u << 0, ASY_STATE_ANEW = 1u << 1, ASY_STATE_UNSAVED = 1u << 2 };
typedef struct {
	asy_slot_out slot[ASY_RING_SLOTS];
} asy_ring_out;

_Static_assert(sizeof(asy_ring_in) <= ASY_RING_HEAD, "head of the input file");
_Static_assert(sizeof(asy_ring_out) <= ASY_RING_HEAD, "head of the output file");

/* Bytes of output a SCORE job of n rows needs, and its layout from at; *end is
 * where the next thing may start. False when out of room. */
bool asy_ring_outputs(asy_ring_job *job, uint64_t n, uint32_t component_n, uint64_t at,
					  uint64_t out_size, uint64_t *end);

/* The worker's reading of a job: every offset and length is checked against the
 * file sizes, the tables become arrays of the plugin's own structs (allocated). */
typedef struct {
	assay_challenge *challenge;
	assay_response *response;
	assay_part *part; /* what both point into */
	assay_bytes state;
} asy_job_view;
assay_status asy_ring_job_read(assay_span in, uint64_t out_size, const asy_ring_job *job,
							   uint32_t component_n, asy_job_view *view,
							   assay_err *err) ASSAY_CHECKED;
void asy_job_view_fini(asy_job_view *v);

/* ---- challenges made by the plugin (ring.c) ---- */
/* Packs n challenges behind a table of asy_ring_challenge with offsets from dst. dst NULL:
 * only says how many bytes that takes. */
assay_status asy_ring_made_write(const assay_challenge *c, uint32_t n, uint8_t *dst, uint64_t cap,
								 uint64_t *used, assay_err *err) ASSAY_CHECKED;
/* Reads such a packing from a private copy; bytes become owned by out. */
assay_status asy_ring_made_read(asy_buf *copy, uint64_t n, asy_plugin_challenges *out,
								assay_err *err) ASSAY_CHECKED;
#endif
