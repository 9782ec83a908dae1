/* The round as an object: making, freeing, naming. What records do to it is fold.c. */
#include <stdlib.h>
#include "round/state.h"

/* Everything of a round lives in its arenas. Answers are bounded by configuration long
 * before (query.max_round_bytes); this is for a journal that is not what we wrote. */
#define ROUND_BYTES_MAX ((size_t)1 << 30)

const char *asy_round_phase_name(asy_round_phase p)
{
	static const char *const names[] = {"new", "begun", "asking", "asked", "tracked", "ended"};
	return (unsigned)p < ASY_COUNT(names) ? names[p] : "?";
}

assay_status asy_round_new(uint64_t id, asy_round **out, assay_err *err)
{
	asy_round *r = calloc(1, sizeof *r);
	if (r != NULL) {
		r->arena = asy_arena_new(ROUND_BYTES_MAX);
		r->asked = asy_arena_new(ROUND_BYTES_MAX);
	}
	if (r == NULL || r->arena == NULL || r->asked == NULL) {
		asy_round_free(r);
		return ASSAY_FAIL(err, E_NOMEM, "a round");
	}
	r->id = id;
	*out = r;
	return ASSAY_OK;
}

static void free_bodies(asy_round *r)
{
	for (size_t i = 0; r->answer != NULL && i < asy_round_slots(r); i++)
		if (r->answer[i] != NULL)
			asy_buf_fini(&r->answer[i]->bytes);
}

void asy_round_free(asy_round *r)
{
	if (r == NULL)
		return;
	free_bodies(r);
	asy_arena_free(r->asked);
	asy_arena_free(r->arena);
	free(r);
}

void asy_round_forget_answers(asy_round *r)
{
	free_bodies(r);
	asy_arena_free(r->asked);
	r->asked = NULL;
	r->question = NULL;
	r->answer = NULL;
	r->row = NULL;
	r->component = NULL;
	r->question_n = 0;
}

bool asy_round_all_scored(const asy_round *r)
{
	for (size_t i = 0; !r->suspect && i < asy_round_slots(r); i++)
		if (r->answer[i] != NULL && r->row[i].flag == ASY_ROW_PENDING)
			return false;
	return true;
}
