/*~ The run: look at the head, let every task advance, wait until an action is over or the
 * next look is due. It is a coroutine, and so is whatever takes long; the one pump of main
 * takes all of them further. There is one thread and no lock.
 * Reason to change: when the validator looks, waits or ends. */
#include <stdlib.h>
#include <string.h>
#include "validator/impl.h"

assay_status asy_validator_new(const asy_validator_env *env, asy_validator **out, assay_err *err)
{
	asy_validator *v = calloc(1, sizeof *v);
	if (v != NULL)
		v->snapshots = asy_snapshots_new(env->chain, env->loop);
	if (v == NULL || v->snapshots == NULL) {
		free(v);
		return ASSAY_FAIL(err, E_NOMEM, "the validator");
	}
	v->env = *env;
	*out = v;
	return ASSAY_OK;
}

void asy_validator_free(asy_validator *v)
{
	if (v == NULL)
		return;
	ASSERT(v->first == NULL);
	asy_co_end(v->co);
	asy_snapshots_free(v->snapshots);
	free(v);
}

/* ---- the run ---- */

static bool has_news(void *arg)
{
	const asy_validator *v = arg;
	for (const vtask *t = v->first; t != NULL; t = t->next)
		if (!t->is_over && asy_vtask_has_news(t))
			return true;
	return v->is_woken;
}

static bool is_busy(const asy_validator *v)
{
	for (const vtask *t = v->first; t != NULL; t = t->next)
		if (asy_vtask_is_busy(t))
			return true;
	return false;
}

static void look(asy_validator *v)
{
	assay_err why = {0};
	assay_status st = asy_validator_look(v, &why);
	if (st == ASSAY_OK)
		asy_complain_release(&v->chain_trouble);
	else if (st == ASSAY_E_CANCELLED)
		v->is_interrupted = true;
	else
		asy_complain(&v->chain_trouble, v->env.log, "chain.trouble", ASY_STR("error", why.msg),
					 ASY_STR("remedy", "waiting and retrying"));
	v->look_ns = asy_sat_add_u64(asy_loop_now(v->env.loop), asy_validator_pause(v, st != ASSAY_OK));
}

/* Its rounds are done, nothing is open, and what the memory learnt has been sent; or it was
 * told to leave and its submissions are finished. */
static bool is_done(const vtask *t)
{
	bool is_draining = t->env.rounds != 0 && t->task->totals.rounds_begun >= t->env.rounds;
	for (const vstory *s = t->story; s != NULL; s = s->next)
		if (s->co != NULL || s->kind == ASY_STORY_SUBMISSION || !t->is_leaving)
			return false;
	return t->is_leaving || (is_draining && t->task->memory.version == t->subs.last_version);
}

/* When everything that a look has set in motion is done, the next one is not put off. */
static void advance(asy_validator *v)
{
	bool was_busy = is_busy(v);
	for (vtask *t = v->first; t != NULL; t = t->next) {
		if (!t->is_over)
			asy_vtask_advance(t);
		if (!t->is_over && t->look == NULL && is_done(t))
			t->is_over = true;
	}
	if (was_busy && !is_busy(v))
		v->look_ns = 0;
}

static void live(void *arg)
{
	asy_validator *v = arg;
	while (!v->is_interrupted) {
		v->is_woken = false;
		if (v->first != NULL && asy_loop_now(v->env.loop) >= v->look_ns)
			look(v);
		advance(v);
		if (asy_loop_await(v->env.loop, has_news, v, v->first != NULL ? v->look_ns : ASY_NEVER) ==
			ASSAY_E_CANCELLED)
			v->is_interrupted = true;
	}
}

/* ---- serving ---- */

static vtask *find(const asy_validator *v, const char *name)
{
	for (vtask *t = v->first; t != NULL; t = t->next)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static assay_status enter(asy_validator *v, const asy_task_env *env, vtask **out, assay_err *err)
{
	vtask **at = &v->first;
	const char *name = env->name != NULL ? env->name : "";
	if (find(v, name) != NULL)
		return ASSAY_FAIL(err, E_CONFIG, "there are two tasks \"%s\"", name);
	if (v->co == NULL) {
		TRY(asy_co_start(v->env.loop, live, v, &v->co, err));
		asy_co_urge(v->co); /* nobody acts before it has seen the head */
	}
	TRY(asy_vtask_new(v, env, out, err));
	while (*at != NULL)
		at = &(*at)->next;
	*at = *out;
	v->is_woken = true;
	v->look_ns = 0;
	return ASSAY_OK;
}

static bool is_over(void *arg)
{
	const vtask *t = arg;
	return t->is_over || t->v->is_interrupted;
}

/* From here on nobody else sees it; its coroutines end before its memory goes. */
static void leave_list(asy_validator *v, vtask *gone)
{
	for (vtask **at = &v->first; *at != NULL; at = &(*at)->next) {
		if (*at == gone) {
			*at = gone->next;
			return;
		}
	}
}

assay_status asy_validator_serve(asy_validator *v, const asy_task_env *env, asy_task_totals *totals,
								 assay_err *err)
{
	vtask *t = NULL;
	if (totals != NULL)
		*totals = (asy_task_totals){0};
	TRY(enter(v, env, &t, err));
	assay_status st = asy_loop_await(v->env.loop, is_over, t, ASY_NEVER);
	leave_list(v, t);
	if (st == ASSAY_OK && !t->is_over)
		st = ASSAY_E_CANCELLED;
	t->is_over = true;
	if (st == ASSAY_OK && t->st != ASSAY_OK) {
		st = t->st;
		if (err != NULL)
			*err = t->why;
	} else if (st != ASSAY_OK) {
		(void)ASSAY_FAIL(err, E_CANCELLED, "interrupted; everything done so far is on disk");
	}
	asy_vtask_end(t);
	if (totals != NULL)
		*totals = t->task->totals;
	asy_vtask_free(t);
	return st;
}

void asy_validator_leave(asy_validator *v, const char *name)
{
	vtask *t = find(v, name);
	if (t == NULL)
		return;
	asy_vtask_leave(t);
	v->is_woken = true;
}
