/* round/state.h - one round as data. A round is the fold of its journal records:
 * the live daemon, a restart and `assay replay` all build this struct the same way,
 * by asy_round_fold. Nothing here performs anything.
 * Reason to change: a new record, or a new fact that a record carries. */
#ifndef ASY_ROUND_STATE_H
#define ASY_ROUND_STATE_H
#include "plugin/plugin.h"
#include "round/fault.h"
#include "round/record.h"
#include "task/task.h"

/*~ The phases in the order of the story. A phase names what is already in the
 * journal, so "what comes next" is a function of the phase and of the world,
 * and a restart simply asks that question again. */
typedef enum {
	ASY_ROUND_NEW,     /* nothing recorded                                        */
	ASY_ROUND_BEGUN,   /* BEGIN: block, seed, digests                             */
	ASY_ROUND_ASKING,  /* CHALLENGE: what is asked of whom; RESPONSEs come in      */
	ASY_ROUND_ASKED,   /* QUERY_END: no further response counts; SCORES come in   */
	ASY_ROUND_TRACKED, /* TRACK: folded into the per-miner memory                 */
	ASY_ROUND_ENDED    /* END                                                     */
} asy_round_phase;
const char *asy_round_phase_name(asy_round_phase p);

typedef struct asy_round asy_round;
struct asy_round {
	uint64_t id;
	asy_round_phase phase;
	asy_arena *arena;  /* owns every pointer below, except: */
	asy_arena *asked;  /* questions, answers, rows; gone after TRACK */
	bool keep_answers; /* replay: keep them */

	asy_begin_record begin; /* BEGIN */

	/* CHALLENGE */
	asy_question *question;
	size_t question_n;
	asy_asked *target;
	size_t target_n;

	/* RESPONSE: answer[target * question_n + question], NULL until recorded */
	asy_answer **answer;
	size_t answer_n, answer_bytes; /* recorded; of their bodies */

	/* QUERY_END */
	uint64_t fault_rules; /* the version of the rules that it is judged by */
	bool suspect;         /* the fault is most likely ours: nobody is judged by it */

	/* SCORES: row i belongs to answer slot i; flag ASY_ROW_PENDING until recorded */
	asy_plugin_row *row;
	double *component; /* rows * begin.component_n */
	bool has_state;    /* of the plugin: what it remembered before, and after */
	asy_blob_name state_before;
	asy_kept_state state;

	/* TRACK: the mean of each target's rows, NaN when nobody could judge */
	double *mean;       /* target_n */
	bool plugin_blamed; /* rows that killed the plugin do not count as failed */
	uint64_t version;   /* of the memory after it */

	/* Not journalled: it may not go on, for this reason; "" = it may. */
	char dead_end[256];
	/* Not journalled: the node could not answer for this round. */
	uint64_t quiet_until; /* no action before this head */
	asy_complaint trouble;
	int64_t clock_off_s; /* our clock against the chain's, when asking began; 0 = not known */
	asy_world at;        /* the world in which its present action was chosen */
	asy_logger log;      /* lines with the round's id */
};

assay_status asy_round_new(uint64_t id, asy_round **out, assay_err *err) ASSAY_CHECKED;
void asy_round_free(asy_round *r);
/* Gives back the memory of questions, answers and rows: after TRACK only their means
 * are needed. */
void asy_round_forget_answers(asy_round *r);

/* Folds one record into r. Records come in journal order; one that does not fit the
 * phase, or is malformed, is ASSAY_E_STORE with the reason, and the round must not be
 * used any further. payload is borrowed for the call. [pure] */
assay_status asy_round_fold(asy_round *r, asy_rec_type type, assay_span payload,
							assay_err *err) ASSAY_CHECKED;

/* What folding the RESPONSE record of x does, without reading what was just written. x->bytes
 * is the round's on success. [pure] */
assay_status asy_round_take_answer(asy_round *r, const asy_answer *x, assay_err *err) ASSAY_CHECKED;
/* The body of a slot that was read from records comes into memory; the others are there.
 * ASSAY_E_STORE, ASSAY_E_NOTFOUND: it is lost. bodies.c. */
assay_status asy_round_load_body(asy_round *r, size_t slot, asy_store *store,
								 assay_err *err) ASSAY_CHECKED;

/* Slots in answer and row. */
static inline size_t asy_round_slots(const asy_round *r)
{
	return r->target_n * r->question_n;
}
/* Is every answered row decided? In a suspect round nothing has to be. */
bool asy_round_all_scored(const asy_round *r);

/* Each target's mean over judged and failed rows, NaN when nobody could judge;
 * target_n values. [pure] */
void asy_round_means(const asy_round *r, double *mean);

/* The batch that the plugin scores: the slots that have an answer, in slot order. The
 * live round and replay both build it here. Arrays are the caller's: asy_round_slots of
 * response and slot, question_n of challenge. Returns the number of rows. [pure] */
size_t asy_round_batch(const asy_round *r, asy_plugin_challenge *challenge,
					   asy_plugin_response *response, size_t *slot);
/* What the plugin is told about the round. [pure] */
asy_plugin_round asy_round_for_plugin(const asy_round *r);

/* How the question of this slot ended; it has an answer. [pure] */
asy_ending asy_round_ending(const asy_round *r, size_t slot);
/* Slots of r as observations, in slot order; out has room for asy_round_slots. [pure] */
size_t asy_round_observations(const asy_round *r, assay_obs *out);
/* Folds the round into the memory as of time_ns: not at all when it is suspect. report may
 * be NULL. [pure] */
assay_status asy_round_fold_memory(const asy_round *r, assay_tracker *t, uint64_t time_ns,
								   assay_fold_report *report, assay_err *err) ASSAY_CHECKED;
#endif
