/* The task as an object, and what its stories write down about the circumstances they were
 * begun under. */
#include <stdlib.h>
#include "task/impl.h"

assay_status asy_task_new(const asy_task_env *env, const asy_task_means *means, asy_task **out,
						  assay_err *err)
{
	asy_task *task = calloc(1, sizeof *task);
	if (task == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a task");
	task->env = *env;
	task->means = *means;
	asy_key_public(env->key, task->self.b);
	asy_key_derive(env->key, "assay round seed v1", task->salt);
	task->breaker = asy_breaker_new(NULL);
	assay_status st =
		task->breaker != NULL ? asy_memory_load(task, err) : ASSAY_FAIL(err, E_NOMEM, "breaker");
	if (st == ASSAY_OK && asy_store_is_open_to_others(env->store))
		asy_log(
			env->log, ASY_UNUSUAL, "store.listed_by_others",
			ASY_STR("why", "other users may list the data directory, though not read its files"),
			ASY_STR("remedy", "chmod 700 the data_dir"));
	if (st != ASSAY_OK) {
		asy_task_free(task);
		return st;
	}
	*out = task;
	return ASSAY_OK;
}

void asy_task_free(asy_task *task)
{
	if (task == NULL)
		return;
	asy_breaker_free(task->breaker);
	assay_tracker_free(task->memory.tracker);
	asy_wipe(task->salt, sizeof task->salt);
	free(task);
}

asy_logger asy_task_logger(const asy_task *task, asy_story_kind kind, uint64_t id)
{
	asy_logger lg = task->env.log != NULL ? *task->env.log : (asy_logger){.out = NULL};
	if (kind == ASY_STORY_ROUND)
		lg.round = id;
	else
		lg.submission = id;
	return lg;
}

/* ---- under what ---- */

asy_under asy_task_under(const asy_task *task)
{
	asy_chain_info chain;
	asy_chain_get_info(task->means.chain, &chain);
	asy_under x = {
		.genesis = chain.genesis,
		.netuid = task->env.options->netuid,
		.mecid = task->env.options->mecid,
		.config = task->env.config_json,
	};
	memcpy(x.config_digest, task->env.config_digest, 32);
	return x;
}

void asy_under_put(const asy_under *x, asy_jw *w)
{
	asy_jw_ku64(w, "netuid", x->netuid);
	asy_jw_ku64(w, "mecid", x->mecid);
	asy_jw_khex(w, "genesis", x->genesis.b, 32);
	asy_jw_khex(w, "config_digest", x->config_digest, 32);
	asy_rj_put_json(w, "config", x->config);
}

assay_status asy_under_get(asy_jv v, asy_arena *a, asy_under *x, assay_err *err)
{
	uint16_t mecid;
	TRY(asy_jv_u16(asy_jv_get(v, "netuid"), &x->netuid, err));
	TRY(asy_jv_u16(asy_jv_get(v, "mecid"), &mecid, err));
	TRY(asy_rj_hash(asy_jv_get(v, "genesis"), x->genesis.b, err));
	TRY(asy_rj_hash(asy_jv_get(v, "config_digest"), x->config_digest, err));
	TRY(asy_rj_canonical(asy_jv_get(v, "config"), a, &x->config, err));
	if (mecid > ASY_MECID_MAX)
		return ASSAY_FAIL(err, E_STORE, "mecid out of range");
	x->mecid = (uint8_t)mecid;
	return ASSAY_OK;
}

assay_status asy_under_check(const asy_task *task, const asy_under *x, const char *story,
							 assay_err *err)
{
	const asy_options *o = task->env.options;
	asy_chain_info chain;
	if (x->netuid != o->netuid || x->mecid != o->mecid)
		return ASSAY_FAIL(err, E_STORE,
						  "the data directory holds an unfinished %s of subnet %u, mechanism "
						  "%u, this daemon serves %u, %u: use another data_dir",
						  story, x->netuid, x->mecid, o->netuid, o->mecid);
	asy_chain_get_info(task->means.chain, &chain);
	if (!asy_hash_eq(&chain.genesis, &x->genesis))
		return ASSAY_FAIL(err, E_STORE,
						  "the data directory holds an unfinished %s of another chain than %s "
						  "serves: use another data_dir, or check chain.endpoints",
						  story, chain.endpoint);
	return ASSAY_OK;
}
