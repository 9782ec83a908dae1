/* round/state.h - one round as data. A round is the fold of its journal records:
 * the live daemon, a restart and `assay replay` all build this struct the same way,
 * by asy_round_fold. Nothing here performs anything.
 * Reason to change: a new record, or a new fact that a record carries. */
#ifndef ASY_ROUND_STATE_H
#define ASY_ROUND_STATE_H
#include "base/base.h"
#include "chain/chain.h"
#include "codec/codec.h"
#include "plugin/plugin.h"
#include "round/fault.h"
#include "round/record.h"
#include "seal/seal.h"
#include "store/store.h"
#include "subnet/subnet.h"

/*~ The phases in the order of the story. A phase names what is already in the
 * journal, so "what comes next" is a function of the phase and of the chain's
 * head, and a restart simply asks that question again. */
typedef enum {
	ASY_PHASE_NEW,       /* nothing recorded                                          */
	ASY_PHASE_BEGUN,     /* BEGIN: block, seed, digests                               */
	ASY_PHASE_ASKING,    /* CHALLENGE: what is asked of whom; RESPONSEs come in        */
	ASY_PHASE_ASKED,     /* QUERY_END: no further response counts; SCORES come in     */
	ASY_PHASE_TRACKED,   /* TRACK: folded into the per-miner memory                   */
	ASY_PHASE_WEIGHED,   /* WEIGHTS: the integer vector                               */
	ASY_PHASE_PREDICTED, /* PREDICT: what the consensus would do with it              */
	ASY_PHASE_SEALED,    /* SEAL: the opening is on disk                              */
	ASY_PHASE_SENT,      /* SUBMIT: a signed transaction is on disk and may be sent   */
	ASY_PHASE_INCLUDED,  /* INCLUDED: a block holds it                                */
	ASY_PHASE_REVEALING, /* REVEAL_SUBMIT: the reveal is on disk and may be sent      */
	ASY_PHASE_REVEALED,  /* REVEALED: the stored row is ours; FINAL when set directly   */
	ASY_PHASE_COUNTED,   /* COUNTED: an epoch ran with it, compared with our own      */
	ASY_PHASE_MISSED,    /* MISSED: it cannot count any more, and why                 */
	ASY_PHASE_ENDED      /* END                                                       */
} asy_phase;
const char *asy_phase_name(asy_phase p);

/* A transaction in flight: the bytes are in the journal before they are sent. */
typedef struct {
	bool present; /* tx is valid */
	uint32_t attempt;
	asy_tx tx;
	bool included;
	asy_block_ref block;
	bool finalized; /* of a reveal not journalled: a restart looks again */
	/* Not journalled: a restart sends again (harmless) and looks again. */
	bool sent;
	bool missing;        /* was included, and a reorganisation took it back */
	uint64_t scanned_to; /* blocks looked through for it, 0 = none */
	uint64_t not_before; /* do not try again before this block   */
} asy_flight;

typedef struct asy_round asy_round;
struct asy_round {
	uint64_t id;
	asy_phase phase;
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

	/* TRACK: the mean of each target's rows, NaN when nobody could judge */
	double *mean;       /* target_n */
	bool plugin_blamed; /* rows that killed the plugin do not count as failed */

	/* WEIGHTS */
	uint16_t *uids, *values;
	size_t weight_n;
	uint64_t version_key;
	uint64_t weigh_block; /* the head they were made at */
	bool refused;         /* the policy refused to set weights; why is in note */
	char note[256];

	/* PREDICT: what was forecast, and where the snapshot of it is */
	asy_expectation expected;
	asy_blob_name predicted_from;

	/* SEAL */
	asy_opening *opening; /* owned, freed with the round */
	bool plain;           /* commit-reveal is off: the vector is set directly */
	bool resealed;        /* the switch was turned after the first SEAL */
	asy_hash commit_hash; /* of the opening; of the vector's bytes when plain */
	uint64_t submission;  /* the store's id, 0 until known */
	asy_sub_state sub_state;

	/* SUBMIT .. REVEALED */
	asy_flight commit, reveal;
	uint64_t commit_epoch, reveal_period;

	/* Not journalled: it may not go on, for this reason; "" = it may. */
	char dead_end[256];
	/* Not journalled: the node could not answer for this round. */
	uint64_t quiet_until;   /* no action before this head */
	uint64_t trouble_since; /* the head at which that began, 0 = never */
	asy_complaint trouble;
};

assay_status asy_round_new(uint64_t id, asy_round **out, assay_err *err) ASSAY_CHECKED;
void asy_round_free(asy_round *r);
/* Gives back the memory of questions, answers and rows: after TRACK only their means
 * are needed, and a round stays open for epochs. */
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
