/* Looking at the head: once for all tasks; each then sees what it means for itself.
 * Reason to change: how often the chain is looked at. */
#include "validator/impl.h"

#define PAUSE_LEAST_NS ((uint64_t)20 * 1000000u)
#define PAUSE_MOST_NS ((uint64_t)1000 * 1000000u)
#define LOOKS_A_BLOCK 12u

static void note_pace(asy_validator *v, uint64_t blocks)
{
	uint64_t now = v->env.clock->mono_ns(v->env.clock);
	if (v->news_ns != 0 && blocks > 0) {
		uint64_t each = (now - v->news_ns) / blocks;
		v->block_ns = v->block_ns == 0 ? each : v->block_ns / 4 * 3 + each / 4;
	}
	v->news_ns = now;
	v->pause_ns = PAUSE_LEAST_NS;
}

/* Trouble that the node may have with one subnet only. */
static void tell_trouble(vtask *t, const assay_err *why)
{
	asy_complain(&t->trouble, &t->log, "chain.trouble", ASY_STR("error", why->msg),
				 ASY_STR("remedy", "waiting and retrying"));
}

static bool has_seen(const vtask *t)
{
	return t->task->has_world && asy_hash_eq(&t->task->world.head.hash, &t->v->head.hash);
}

static void go_on(vtask *t)
{
	asy_complain_release(&t->trouble);
	for (vstory *s = t->story; s != NULL; s = s->next)
		s->is_stalled = false;
}

/* Once before each vector; at that head the vector needs the snapshot, too. */
static bool is_before_sealing(asy_task *task)
{
	asy_world w = asy_task_world(task);
	uint64_t target = asy_submission_target_block(&w);
	bool is = w.head.number >= target && task->others.asked_before != target;
	if (is)
		task->others.asked_before = target;
	return is;
}

/* Wherever the rules were read, who else acts with our hotkey is looked at, too. */
static assay_status look_for_others(vtask *t, assay_err *err)
{
	const assay_snapshot *s = NULL;
	asy_task *task = t->task;
	bool is_due = task->rules_at == task->world.head.number || is_before_sealing(task);
	task->others.is_due = task->others.is_due || is_due;
	if (!task->others.is_due)
		return ASSAY_OK;
	TRY(asy_task_snapshot(task, &task->world.head, &s, err));
	assay_status st = asy_submission_look_for_others(task, &t->open, s, err);
	asy_snapshots_release(task->means.snapshots, s);
	task->others.is_due = st != ASSAY_OK;
	return st;
}

static assay_status look_at_head(vtask *t, assay_err *err)
{
	TRY(asy_task_look(t->task, &t->v->head, t->v->block_ns, asy_vtask_known_block(t), err));
	return look_for_others(t, err);
}

static void live(void *arg)
{
	vtask *t = arg;
	assay_err why = {0};
	assay_status st = look_at_head(t, &why);
	if (st == ASSAY_OK)
		go_on(t);
	else if (st == ASSAY_E_CANCELLED)
		t->v->is_interrupted = t->v->is_interrupted || !t->is_over;
	else if (asy_may_mend(st))
		tell_trouble(t, &why);
	else
		asy_vtask_stop(t, st, &why);
}

/* A slow look of one task is no matter of another: each has a coroutine. */
static void begin_look(vtask *t)
{
	assay_err why = {0};
	if (t->look != NULL || t->is_over)
		return;
	if (has_seen(t)) {
		go_on(t);
		return;
	}
	assay_status st = asy_co_start(t->v->env.loop, live, t, &t->look, &why);
	if (st != ASSAY_OK)
		asy_vtask_stop(t, st, &why);
}

void asy_vtask_take_look(vtask *t)
{
	if (t->look == NULL || !asy_co_is_over(t->look))
		return;
	asy_co_free(t->look);
	t->look = NULL;
	if (!t->task->others.must_leave || t->is_leaving)
		return;
	t->st = ASSAY_FAIL(&t->why, E_LOCKED,
					   "another validator sets weights with this hotkey (hotkey.second_validator); "
					   "stop one of them: submit.on_foreign says what happens here");
	asy_vtask_leave(t);
}

assay_status asy_validator_look(asy_validator *v, assay_err *err)
{
	asy_block_ref head;
	TRY(asy_chain_head(v->env.chain, &head, err));
	if (!v->has_head || !asy_hash_eq(&head.hash, &v->head.hash)) {
		note_pace(v, v->has_head ? asy_sat_sub_u64(head.number, v->head.number) : 0);
		v->head = head;
		v->has_head = true;
		asy_snapshots_trim(v->snapshots, &head);
	}
	for (vtask *t = v->first; t != NULL; t = t->next)
		begin_look(t);
	return ASSAY_OK;
}

/*~ The pace follows the chain: a twelfth of a block, between 20 ms and a second. So a
 * public node is asked about once per second and a development chain is followed closely.
 * While there is trouble, each pause is twice the one before. */
uint64_t asy_validator_pause(asy_validator *v, bool trouble)
{
	uint64_t pace = v->block_ns / LOOKS_A_BLOCK;
	if (v->block_ns != 0 && !trouble)
		return pace < PAUSE_LEAST_NS ? PAUSE_LEAST_NS : pace > PAUSE_MOST_NS ? PAUSE_MOST_NS : pace;
	uint64_t pause = v->pause_ns < PAUSE_LEAST_NS ? PAUSE_LEAST_NS : v->pause_ns;
	v->pause_ns = pause < PAUSE_MOST_NS ? pause * 2 : pause;
	return pause;
}
