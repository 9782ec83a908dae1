/* One task in the validator's hands: loaded from its store, leaving, and stopped.
 * Reason to change: a task's life has another turn. */
#include <stdlib.h>
#include <string.h>
#include "validator/impl.h"

/* ---- loading ---- */

static assay_status load_one(vtask *t, asy_story_kind kind, uint64_t id, assay_err *err)
{
	vstory *s = asy_vstory_add(t, kind, err);
	if (s == NULL)
		return ASSAY_E_NOMEM;
	return kind == ASY_STORY_ROUND ? asy_round_resume(t->task, id, &s->round, err)
								   : asy_submission_resume(t->task, id, &s->sub, err);
}

static assay_status load_kind(vtask *t, asy_story_kind kind, assay_err *err)
{
	asy_story_info info[ASY_SUBMISSIONS_OPEN_MAX];
	uint64_t after = 0;
	size_t n = 0, all = 0;
	do {
		TRY(asy_store_unfinished(t->env.store, kind, after, info, ASY_COUNT(info), &n, err));
		for (size_t i = 0; i < n; i++) {
			TRY(load_one(t, kind, info[i].id, err));
			after = info[i].id;
		}
		all += n;
		if (all > ASY_SUBMISSIONS_OPEN_MAX)
			return ASSAY_FAIL(err, E_STORE, "more than %u unfinished %ss", ASY_SUBMISSIONS_OPEN_MAX,
							  asy_story_kind_name(kind));
	} while (n == ASY_COUNT(info));
	return ASSAY_OK;
}

static void list_open(vtask *t)
{
	t->open.n = 0;
	for (const vstory *s = t->story; s != NULL; s = s->next)
		if (s->sub != NULL)
			t->open.at[t->open.n++] = s->sub;
}

static assay_status load(vtask *t, assay_err *err)
{
	asy_validator *v = t->v;
	const asy_task_means means = {v->env.chain, v->snapshots, &v->sending};
	asy_story_info last = {0};
	TRY(asy_round_check_options(t->env.options, err));
	TRY(asy_task_new(&t->env, &means, &t->task, err));
	t->task->credit = asy_credit_full();
	TRY(load_kind(t, ASY_STORY_SUBMISSION, err));
	TRY(load_kind(t, ASY_STORY_ROUND, err));
	assay_status st = asy_store_last(t->env.store, ASY_STORY_SUBMISSION, &last, err);
	if (st != ASSAY_OK && st != ASSAY_E_NOTFOUND)
		return st;
	t->subs = (asy_submissions_now){.last_version = last.version};
	t->rounds = (asy_rounds_now){0};
	list_open(t);
	return ASSAY_OK;
}

assay_status asy_vtask_new(asy_validator *v, const asy_task_env *env, vtask **out, assay_err *err)
{
	vtask *t = calloc(1, sizeof *t);
	if (t != NULL)
		t->name = strdup(env->name != NULL ? env->name : "");
	if (t == NULL || t->name == NULL) {
		free(t);
		return ASSAY_FAIL(err, E_NOMEM, "a task");
	}
	t->v = v;
	t->env = *env;
	t->env.name = t->name;
	if (env->log != NULL)
		t->log = *env->log;
	t->env.log = &t->log;
	t->is_leaving = env->is_leaving;
	assay_status st = load(t, err);
	if (st != ASSAY_OK) {
		asy_vtask_free(t);
		return st;
	}
	*out = t;
	return ASSAY_OK;
}

static void cancel(vtask *t, asy_story_kind kind)
{
	for (vstory *s = t->story; s != NULL; s = s->next) {
		if (s->kind != kind || s->co == NULL)
			continue;
		s->is_cancelled = true;
		asy_co_cancel(s->co);
	}
}

/* All are told to end before any is waited for. */
void asy_vtask_end(vtask *t)
{
	if (t->look != NULL)
		asy_co_cancel(t->look);
	cancel(t, ASY_STORY_ROUND);
	cancel(t, ASY_STORY_SUBMISSION);
	asy_co_end(t->look);
	t->look = NULL;
	for (vstory *s = t->story; s != NULL; s = s->next) {
		asy_co_end(s->co);
		s->co = NULL;
	}
}

void asy_vtask_free(vtask *t)
{
	if (t == NULL)
		return;
	asy_vtask_end(t);
	while (t->story != NULL) {
		vstory *s = t->story;
		t->story = s->next;
		asy_vstory_free(s);
	}
	asy_task_free(t->task);
	free(t->name);
	free(t);
}

/* ---- stopping ---- */

void asy_vtask_stop(vtask *t, assay_status st, const assay_err *why)
{
	if (t->is_over)
		return;
	t->is_over = true;
	t->st = st;
	t->why = *why;
	cancel(t, ASY_STORY_ROUND);
	cancel(t, ASY_STORY_SUBMISSION);
}

void asy_vtask_leave(vtask *t)
{
	t->is_leaving = true;
	cancel(t, ASY_STORY_ROUND);
}

uint64_t asy_vtask_known_block(const vtask *t)
{
	uint64_t known = 0;
	for (const vstory *s = t->story; s != NULL; s = s->next) {
		uint64_t of_round = s->round != NULL ? s->round->begin.block.number : 0;
		uint64_t of_sub = s->sub != NULL ? s->sub->commit.block.number : 0;
		known = of_round > known ? of_round : known;
		known = of_sub > known ? of_sub : known;
	}
	return known;
}
