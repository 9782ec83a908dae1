/* The submission as an object: making, freeing, naming. What records do to it is fold.c. */
#include <stdlib.h>
#include "submission/state.h"

/* Vectors of a whole subnet and a forecast fit many times; this is for a journal that is
 * not what we wrote. */
#define SUBMISSION_BYTES_MAX ((size_t)1 << 28)

const char *asy_submission_phase_name(asy_submission_phase p)
{
	static const char *const names[] = {
		"new",       "weighed",  "predicted", "sealed", "submitted", "included",
		"revealing", "revealed", "counted",   "missed", "ended",
	};
	return (unsigned)p < ASY_COUNT(names) ? names[p] : "?";
}

assay_status asy_submission_new(uint64_t id, asy_submission **out, assay_err *err)
{
	asy_submission *sub = calloc(1, sizeof *sub);
	if (sub != NULL)
		sub->arena = asy_arena_new(SUBMISSION_BYTES_MAX);
	if (sub == NULL || sub->arena == NULL) {
		asy_submission_free(sub);
		return ASSAY_FAIL(err, E_NOMEM, "a submission");
	}
	sub->id = id;
	sub->scheme = ASY_SEAL_HASH; /* until a record says otherwise */
	*out = sub;
	return ASSAY_OK;
}

static void flight_fini(asy_flight *f)
{
	asy_tx_fini(&f->tx);
	*f = (asy_flight){0};
}

void asy_submission_free(asy_submission *sub)
{
	if (sub == NULL)
		return;
	asy_opening_free(sub->opening);
	flight_fini(&sub->commit);
	flight_fini(&sub->reveal);
	asy_arena_free(sub->arena);
	free(sub);
}
