/* The one way in which a story's record reaches the journal: alone, or in one transaction
 * with what must become durable together with it. */
#include "task/task.h"

static assay_status append_with(asy_task *task, uint64_t story, const asy_rec_in *rec, uint64_t now,
								asy_also *also, void *arg, assay_err *err)
{
	TRY(asy_store_begin(task->env.store, err));
	assay_status st = asy_store_append(task->env.store, story, now, rec, 1, NULL, err);
	if (st == ASSAY_OK)
		st = also(arg, now, err);
	if (st == ASSAY_OK)
		st = asy_store_commit(task->env.store, err);
	if (st != ASSAY_OK)
		asy_store_rollback(task->env.store);
	return st;
}

assay_status asy_task_append(asy_task *task, uint64_t story, asy_rec_type type, assay_span payload,
							 asy_also *also, void *arg, assay_err *err)
{
	const asy_rec_in rec = {type, payload};
	uint64_t now = task->env.clock->real_ns(task->env.clock);
	return also == NULL ? asy_store_append(task->env.store, story, now, &rec, 1, NULL, err)
						: append_with(task, story, &rec, now, also, arg, err);
}

assay_status asy_task_prune(asy_task *task, assay_err *err)
{
	return asy_store_prune(task->env.store, task->env.options->store.keep_rounds,
						   task->env.options->store.keep_bytes, NULL, err);
}
