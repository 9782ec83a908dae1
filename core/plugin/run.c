/* The one place that calls score_batch. Steps through the rows in sub-batches so
 * that a death costs one of them, pre-fills the outputs, and writes down with which
 * code each row's call ended. Judges nothing: that is the host's job, on its copy. */
#include <math.h>
#include <stdlib.h>
#include "plugin/contract.h"

static const char *const rc_names[] = {"OK",       "CONFIG",    "NOMEM",       "INPUT",
									   "RESOURCE", "CANCELLED", "UNSUPPORTED", "INTERNAL"};

int32_t asy_rc_clean(assay_rc rc)
{
	return rc >= ASSAY_RC_OK && rc <= ASSAY_RC_INTERNAL ? rc : ASSAY_RC_INTERNAL;
}

const char *asy_rc_name(int32_t rc)
{
	return rc_names[asy_rc_clean(rc)];
}

/* The plugin's sentence for an error message: what cannot be printed becomes '?'. */
static void reason(asy_shim *shim, char dst[ASY_FAIL_MAX + 1])
{
	size_t n = asy_shim_take_fail(shim, dst);
	dst[n] = '\0';
	if (n == 0)
		(void)asy_str_copy(dst, ASY_FAIL_MAX + 1, "it gave no reason");
	asy_printable(dst, strlen(dst));
}

void asy_printable(char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			s[i] = '?';
}

assay_status asy_instance_open(asy_instance *in, assay_span config, assay_err *err)
{
	char why[ASY_FAIL_MAX + 1];
	assay_bytes doc = {config.ptr, config.len};

	in->self = NULL;
	asy_shim_enter(in->shim, NULL);
	assay_rc rc = in->t.api.open(&in->shim->api, doc, &in->self);
	asy_shim_leave(in->shim);
	if (rc == ASSAY_RC_OK && in->self != NULL)
		return ASSAY_OK;
	in->self = NULL;
	reason(in->shim, why);
	if (rc == ASSAY_RC_OK)
		return ASSAY_FAIL(err, E_PLUGIN, "%s: open returned OK but no instance", in->t.info.id);
	if (rc == ASSAY_RC_CONFIG)
		return ASSAY_FAIL(err, E_CONFIG, "%s refuses its configuration: %s", in->t.info.id, why);
	return ASSAY_FAIL(err, E_PLUGIN, "%s: open returned %s: %s", in->t.info.id, asy_rc_name(rc),
					  why);
}

void asy_instance_close(asy_instance *in)
{
	if (in->self == NULL)
		return;
	asy_shim_enter(in->shim, NULL);
	in->t.api.close(in->self);
	asy_shim_leave(in->shim);
	in->self = NULL;
}

/* ---- state ---- */

static void enter_phase(const asy_run_state *s, uint32_t phase)
{
	if (s->phase != NULL)
		atomic_store_explicit(s->phase, phase, memory_order_release);
}

static int32_t load(asy_instance *in, const uint8_t *seed, assay_span state)
{
	assay_bytes bytes = {state.len != 0 ? state.ptr : NULL, state.len};
	asy_shim_enter(in->shim, seed);
	int32_t rc = asy_rc_clean(in->t.api.state_load(in->self, bytes));
	asy_shim_leave(in->shim);
	return rc;
}

/* What was refused is set aside: a task that stands still for ever because of bytes that only
 * its plugin can read would be worse than one that begins anew. */
static int32_t begin_state(asy_instance *in, asy_run_state *s, const uint8_t *seed)
{
	if (s == NULL)
		return ASSAY_RC_OK;
	enter_phase(s, ASY_PHASE_LOAD);
	int32_t rc = load(in, seed, s->before);
	if (rc != ASSAY_RC_OK && s->before.len != 0) {
		s->is_anew = true;
		s->why_len = asy_shim_take_fail(in->shim, s->why);
		rc = load(in, seed, (assay_span){NULL, 0});
	}
	enter_phase(s, ASY_PHASE_CALL);
	return rc;
}

static void end_state(asy_instance *in, asy_run_state *s, const uint8_t *seed)
{
	uint64_t need = 0;
	enter_phase(s, ASY_PHASE_SAVE);
	asy_shim_enter(in->shim, seed);
	int32_t rc = asy_rc_clean(in->t.api.state_save(in->self, s->after, s->cap, &need));
	asy_shim_leave(in->shim);
	enter_phase(s, ASY_PHASE_CALL);
	s->is_saved = rc == ASSAY_RC_OK && need <= s->cap;
	s->len = s->is_saved ? need : 0;
	if (s->is_saved)
		return;
	s->is_unsaved = true;
	s->why_len = asy_shim_take_fail(in->shim, s->why);
	if (rc == ASSAY_RC_OK)
		s->why_len = (size_t)snprintf(s->why, sizeof s->why, "%" PRIu64 " bytes, limit %" PRIu64,
									  need, s->cap);
}

/* ---- scoring ---- */

static void prefill(const asy_run *r, uint64_t at, uint64_t n, uint32_t component_n)
{
	for (uint64_t i = at; i < at + n; i++)
		r->score[i] = NAN;
	memset(r->flag + at, 0, n);
	if (r->component != NULL)
		for (uint64_t i = at * component_n; i < (at + n) * component_n; i++)
			r->component[i] = NAN;
}

uint64_t asy_run_score(asy_instance *in, const asy_run *r)
{
	uint32_t component_n = in->t.info.component_n;
	char why[ASY_FAIL_MAX];

	for (uint64_t at = 0; at < r->response_n;) {
		if (in->shim->is_cancelled(in->shim->arg))
			return at;
		uint64_t left = r->response_n - at, n = left < r->step ? left : r->step;
		assay_batch b = {
			.size = sizeof b,
			.challenge_n = r->challenge_n,
			.response_n = n,
			.challenge = r->challenge,
			.response = r->response + at,
			.challenge_stride = sizeof(assay_challenge),
			.response_stride = sizeof(assay_response),
		};
		assay_scores s = {
			.size = sizeof s,
			.component_n = component_n,
			.score = r->score + at,
			.flag = r->flag + at,
			.component = r->component != NULL ? r->component + at * component_n : NULL,
		};
		prefill(r, at, n, component_n);
		int32_t rc = begin_state(in, r->state, r->round.seed);
		if (rc == ASSAY_RC_OK) {
			asy_shim_enter(in->shim, r->round.seed);
			rc = asy_rc_clean(in->t.api.score_batch(in->self, &r->round, &b, &s));
			asy_shim_leave(in->shim);
		}
		memset(r->rc + at, rc, n);
		at += n;
		size_t len = asy_shim_take_fail(in->shim, why);
		/* a call that was told to stop did not see everything */
		if (r->state != NULL && rc == ASSAY_RC_OK && !in->shim->is_cancelled(in->shim->arg))
			end_state(in, r->state, r->round.seed);
		assay_span fail = len != 0 ? asy_span(why, len) : asy_span_str("it gave no reason");
		r->progress(r->arg, at, rc != ASSAY_RC_OK ? fail : (assay_span){NULL, 0});
	}
	return r->response_n;
}

assay_status asy_run_make(asy_instance *in, const assay_round_info *round, asy_run_state *state,
						  uint32_t want, assay_challenge **out, uint32_t *made, assay_err *err)
{
	char why[ASY_FAIL_MAX + 1];
	assay_challenge *c = asy_calloc((size_t)want + 1, sizeof *c);
	assay_challenges m = {
		.size = sizeof m, .want = want, .challenge_stride = sizeof *c, .challenge = c};

	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%" PRIu32 " challenges", want);
	int32_t rc = begin_state(in, state, round->seed);
	if (rc == ASSAY_RC_OK) {
		asy_shim_enter(in->shim, round->seed);
		rc = asy_rc_clean(in->t.api.make_challenges(in->self, round, &m));
		asy_shim_leave(in->shim);
	}
	if (rc == ASSAY_RC_OK && m.made <= want) {
		*out = c;
		*made = m.made;
		return ASSAY_OK;
	}
	free(c);
	if (rc == ASSAY_RC_OK)
		return ASSAY_FAIL(err, E_PLUGIN,
						  "asked for %" PRIu32 " challenges, it says it made %" PRIu32, want,
						  m.made);
	reason(in->shim, why);
	return ASSAY_FAIL(err, E_PLUGIN, "make_challenges returned %s: %s", asy_rc_name(rc), why);
}
