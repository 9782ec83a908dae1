/* round/intake.h - answers between the wire and the journal. They are kept raw as they arrive,
 * and written to the store between two polls of the loop, a slice at a time, so that
 * recording never keeps the loop from the sockets of other miners. [loop]
 * Reason to change: another rule for what is kept, or for how it is written. */
#ifndef ASY_ROUND_INTAKE_H
#define ASY_ROUND_INTAKE_H
#include "loop/loop.h"
#include "round/state.h"

typedef struct asy_intake asy_intake;

typedef struct {
	asy_store *store;
	asy_loop *loop;
	asy_clock *clock;
	size_t max_bytes; /* of all bodies of the round together */
} asy_intake_opts;

/* r has its questions and miners; what it holds already counts against the limit. */
assay_status asy_intake_new(asy_round *r, const asy_intake_opts *o, asy_intake **out,
							assay_err *err) ASSAY_CHECKED;
/* What was not written by now is lost: those miners are asked again after a restart. NULL is
 * fine. */
void asy_intake_free(asy_intake *in);

/* One answer; body (may be NULL) is taken. Fails also when writing an earlier one failed. */
assay_status asy_intake_add(asy_intake *in, size_t slot, const asy_answer *x, asy_buf *body,
							assay_err *err) ASSAY_CHECKED;
/* Waits until everything is on disk and in the round. ASSAY_E_CANCELLED: interrupted; what
 * could be written in a fifth of a second was. */
assay_status asy_intake_end(asy_intake *in, assay_err *err) ASSAY_CHECKED;

typedef struct {
	size_t dropped; /* answers that there was no room for */
	size_t miners;  /* of so many miners */
	uint64_t slices, longest_ns;
} asy_intake_stats;
asy_intake_stats asy_intake_get_stats(const asy_intake *in);
#endif
