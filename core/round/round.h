/* round: asking and judging. States and their fold (state.h), the decision of what comes
 * next (step.h), and the actions, each of which records what it did. A round ends in the
 * per-miner memory; it knows nothing of weights.
 * Reason to change: what the validator may ask of a round. */
#ifndef ASY_ROUND_H
#define ASY_ROUND_H
#include "round/dataset.h"
#include "round/fault.h"
#include "round/record.h"
#include "round/state.h"
#include "round/step.h"
#include "task/task.h"

/* Whom a round asks and what it sends; the checks before a start ask the same way. */
asy_reach asy_round_reach(const asy_neuron *n, uint16_t uid, bool allow_private, asy_target *out);
/* Who that is, as a plugin may know it: numbers that stay the same for as long as the salt does,
 * and that nobody without it can trace back. [pure] */
asy_plugin_who asy_round_who(const uint8_t salt[32], const asy_neuron *n);
/* {"challenge_id", "task", "prompt"} */
assay_status asy_round_query_body(const char *task, const asy_question *q, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;

/* Can rounds of this configuration be asked at all? ASSAY_E_CONFIG. [pure] */
assay_status asy_round_check_options(const asy_options *o, assay_err *err) ASSAY_CHECKED;
/* Begins a round in that world. */
assay_status asy_round_begin(asy_task *task, const asy_world *w, asy_round **out,
							 assay_err *err) ASSAY_CHECKED;
/* Performs what asy_round_next said in the world r->at; may await. */
assay_status asy_round_perform(asy_task *task, asy_round *r, asy_round_action a,
							   assay_err *err) ASSAY_CHECKED;
/* Ends it now, for this reason ("" = none). */
assay_status asy_round_end(asy_task *task, asy_round *r, const char *reason,
						   assay_err *err) ASSAY_CHECKED;

/* ---- a start (resume.c) ---- */

/* The round as the journal left it. A damaged one ends; one that was begun under another
 * configuration or plugin, and still needs it, ends too: both say why. */
assay_status asy_round_resume(asy_task *task, uint64_t id, asy_round **out,
							  assay_err *err) ASSAY_CHECKED;
/* False: why gets a sentence. [pure] */
bool asy_round_may_go_on(const asy_round *r, const asy_begin_record *now, char *why, size_t cap);
#endif
