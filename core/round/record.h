/* round/record.h - what the records of a round say. For each type a struct, the function
 * that writes it and the one that reads it; the two stand side by side in record.c.
 * Payloads are JSON, so that anyone can read a data directory with any SQLite tool, and
 * doubles are printed so that they read back to the same bits. Large values that are not
 * text (the per-miner memory, snapshots) are blobs of the store, named by their digest.
 * Readers accept what every earlier version wrote.
 * Reason to change: a record says something more. */
#ifndef ASY_ROUND_RECORD_H
#define ASY_ROUND_RECORD_H
#include "assay/weights.h"
#include "base/base.h"
#include "plugin/plugin.h"
#include "task/task.h"

/* What a plugin remembers; the blob is absent where that is nothing. Older records: zeros. */
typedef struct {
	uint64_t version; /* grows with every change */
	asy_blob_name blob;
} asy_kept_state;

typedef struct { /* BEGIN */
	asy_under under;
	asy_block_ref block;
	uint64_t epoch, time_ns;
	uint8_t seed[32];
	const char *plugin_id, *plugin_version;
	const char *cage; /* what confined the plugin when the round began; NULL = not recorded */
	uint8_t plugin_file[32], plugin_config[32]; /* digests */
	size_t component_n;
	asy_kept_state
		state; /* when it began; another round may move it on before this one is scored */
} asy_begin_record;

/* Who is asked, fixed when the round begins: (uid, hotkey) travel together, so that
 * an answer can never be booked on whoever took the uid in between. */
typedef struct {
	uint16_t uid;
	asy_account hotkey;
	asy_plugin_who who; /* what a plugin may know of that; zeros in older records */
} asy_asked;

/* A challenge; the three values are canonical JSON text. */
typedef struct {
	const char *id;
	assay_span prompt, reference, meta;
} asy_question;

typedef struct { /* CHALLENGE */
	asy_question *question;
	size_t question_n;
	asy_asked *target;
	size_t target_n;
} asy_challenge_record;

typedef struct { /* the BLAKE2b-256 of a piece of a body: the name of its blob */
	uint8_t b[32];
} asy_piece;

typedef struct {               /* RESPONSE */
	uint32_t target, question; /* indices */
	uint32_t status;           /* asy_resp_status */
	asy_why why;               /* the finer reason: what the table of faults reads */
	uint32_t http_status;
	uint64_t latency_ns, first_byte_ns;
	const char *cause;        /* one sentence, "" when the answer is fine */
	const char *content_type; /* "" = none; like the rest of this block in older records */
	const asy_plugin_chunk *chunk;
	uint32_t chunk_n;
	/* The bytes are blobs of the store, in pieces; body has them when they are here. Records
	 * of older versions have them inside. */
	assay_span body;
	size_t body_len;
	asy_piece *piece; /* asy_pieces_of(body_len) of them */
	asy_buf bytes;    /* in memory: what body points into when the round owns it */
} asy_answer;

/*~ A body is stored in pieces, so that a large one never holds the loop for long: 16 MB at once
 * would take 60 ms, a piece takes one. */
#define ASY_PIECE_BYTES ((size_t)256 << 10)
static inline size_t asy_pieces_of(size_t body_len)
{
	return body_len / ASY_PIECE_BYTES + (body_len % ASY_PIECE_BYTES != 0);
}
void asy_piece_name(assay_span piece, asy_piece *out); /* bodies.c */
static inline assay_span asy_piece_at(assay_span body, size_t i)
{
	size_t at = i * ASY_PIECE_BYTES, left = body.len - at;
	return asy_span(body.ptr + at, left < ASY_PIECE_BYTES ? left : ASY_PIECE_BYTES);
}

typedef struct { /* QUERY_END */
	uint64_t answers, by_status[ASY_RESP_STATUS_N];
	uint64_t rules; /* ASY_FAULT_RULES of its time; 1 in older records */
	bool suspect;   /* the fault is most likely ours, so nobody is judged by this round */
} asy_query_end_record;

typedef struct { /* SCORES: n rows, each of a slot of the round */
	size_t n, component_n;
	size_t *slot;
	asy_plugin_row *row;
	double *component; /* n * component_n; NULL = none */
	/* Of a plugin with state, in the record of the rows that its call judged: */
	bool has_state;
	asy_blob_name before;
	asy_kept_state state; /* after them */
} asy_scores_record;

assay_status asy_record_put_begin(const asy_begin_record *x, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_begin(asy_jv v, asy_arena *a, asy_begin_record *x,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_record_put_challenge(const asy_challenge_record *x, asy_buf *out,
									  assay_err *err) ASSAY_CHECKED;
/* Questions and targets live in arenas of their own: the former are forgotten sooner. */
assay_status asy_record_get_challenge(asy_jv v, asy_arena *questions, asy_arena *targets,
									  asy_challenge_record *x, assay_err *err) ASSAY_CHECKED;
/* piece NULL: they are named here, from body. */
assay_status asy_record_put_response(const asy_answer *x, asy_buf *out,
									 assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_response(asy_jv v, asy_arena *a, asy_answer *x,
									 assay_err *err) ASSAY_CHECKED;
assay_status asy_record_put_query_end(const asy_query_end_record *x, asy_buf *out,
									  assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_query_end(asy_jv v, asy_query_end_record *x,
									  assay_err *err) ASSAY_CHECKED;
/* The state that a BEGIN or SCORES record names; zeros where it names none. before may be NULL. */
assay_status asy_record_get_state(asy_jv v, asy_kept_state *x, asy_blob_name *before,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_record_put_scores(const asy_scores_record *x, asy_buf *out,
								   assay_err *err) ASSAY_CHECKED;
/* x->component_n says how many are wanted; components that the record does not have are
 * NaN. */
assay_status asy_record_get_scores(asy_jv v, asy_arena *a, asy_scores_record *x,
								   assay_err *err) ASSAY_CHECKED;

typedef struct { /* TRACK */
	uint64_t time_ns, folded, missing, mismatched;
	uint64_t version;     /* of the memory after the fold; 0 in older records */
	asy_blob_name before; /* the memory that was folded into */
	uint8_t after[32];    /* digest of the memory after the fold */
	double *mean;         /* of each target; NaN when nobody could judge */
	size_t mean_n;
	bool plugin_blamed; /* most rows killed the plugin: none of them counts as failed */
} asy_track_record;

assay_status asy_record_put_track(const asy_track_record *x, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_track(asy_jv v, asy_arena *a, asy_track_record *x,
								  assay_err *err) ASSAY_CHECKED;
#endif
