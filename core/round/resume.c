/* Starting: the per-miner memory and every unfinished round come back from the store
 * before anything is asked or sent. Nothing is written here, so a start that fails
 * costs nothing. */
#include <stdlib.h>
#include "round/impl.h"

static assay_status load_tracker(asy_task *task, assay_err *err)
{
	assay_tracker_options options = asy_round_tracker_options(task->env.options);
	asy_buf state = {0};
	uint64_t round = 0;
	uint32_t damaged = 0;
	assay_status st = asy_store_snapshot_get(task->env.store, &round, &state, &damaged, err);

	if (damaged > 0)
		asy_log(task->env.log, ASY_UNUSUAL, "tracker.damaged", ASY_U64("snapshots", damaged),
				ASY_STR("remedy", "an older one is used; check the disk"));
	if (st == ASSAY_OK) {
		st = assay_tracker_decode(&options, asy_buf_span(&state), &task->tracker, err);
		if (st == ASSAY_OK)
			asy_log(task->env.log, ASY_INFO, "tracker.loaded", ASY_U64("from_round", round),
					ASY_U64("miners", assay_tracker_count(task->tracker)));
	} else if (st == ASSAY_E_NOTFOUND && damaged == 0) {
		st = assay_tracker_new(&options, &task->tracker, err);
	}
	asy_buf_fini(&state);
	return st;
}

static assay_status fold_visit(void *arg, const asy_rec *rec, assay_err *err)
{
	return asy_round_fold(arg, rec->type, rec->payload, err);
}

static assay_status sub_visit(void *arg, const asy_submission *sub, assay_err *err)
{
	asy_round *r = arg;
	(void)err;
	r->submission = sub->id;
	r->sub_state = sub->state;
	return ASSAY_OK;
}

/* Is this unfinished round of the subnet, chain and key that this daemon serves? To go on
 * with another one would send one subnet's weights to another, or lose a reveal. */
static assay_status check_ours(const asy_task *task, const asy_round *r, assay_err *err)
{
	const asy_options *o = task->env.options;
	asy_chain_info chain;
	char ss58[ASY_SS58_LEN];
	if (r->begin.netuid != o->netuid || r->begin.mecid != o->mecid)
		return ASSAY_FAIL(err, E_STORE,
						  "the data directory holds an unfinished round of subnet %u, mechanism "
						  "%u, this daemon serves %u, %u: use another data_dir",
						  r->begin.netuid, r->begin.mecid, o->netuid, o->mecid);
	asy_chain_get_info(task->env.chain, &chain);
	if (!asy_hash_eq(&chain.genesis, &r->begin.genesis))
		return ASSAY_FAIL(err, E_STORE,
						  "the data directory holds an unfinished round of another chain than %s "
						  "serves: use another data_dir, or check chain.endpoints",
						  chain.endpoint);
	if (r->opening != NULL && r->phase < ASY_PHASE_REVEALED &&
		!asy_account_eq(&r->opening->hotkey, &task->self)) {
		asy_ss58_encode(r->opening->hotkey.b, ss58);
		return ASSAY_FAIL(err, E_STORE,
						  "the data directory holds weights that hotkey %s sealed and has not "
						  "revealed: run with that wallet.hotkey until they are, or use another "
						  "data_dir",
						  ss58);
	}
	return ASSAY_OK;
}

/* Would it be scored or weighed with something else than its BEGIN record says? */
static void look_for_dead_end(const asy_task *task, asy_round *r)
{
	asy_begin_record now = {.config = task->env.config_json};
	memcpy(now.plugin_file, asy_plugin_info(task->env.plugin)->file_digest, 32);
	if (asy_resume_may_go_on(r, &now, r->dead_end, sizeof r->dead_end))
		return;
	asy_log(task->env.log, ASY_UNUSUAL, "round.abandoned", ASY_U64("id", r->id),
			ASY_STR("reason", r->dead_end),
			ASY_STR("remedy", "none needed: the next round begins with what is there now"));
}

static assay_status fold_all(const asy_task *task, asy_round *r, assay_err *err)
{
	assay_status st = asy_store_records(task->env.store, r->id, 0, fold_visit, r, err);
	if (st == ASSAY_OK)
		st = asy_store_submissions(task->env.store, r->id, sub_visit, r, err);
	return st;
}

/* Trouble with this machine, not with what one round wrote. */
static bool is_ours_to_mend(assay_status st)
{
	return st == ASSAY_E_NOMEM || st == ASSAY_E_IO || st == ASSAY_E_LOCKED;
}

static assay_status load_round(asy_task *task, uint64_t id, assay_err *err)
{
	asy_round *r = NULL;
	assay_err why = {0};
	if (task->open_n == OPEN_ROUNDS_MAX)
		return ASSAY_FAIL(err, E_STORE, "more than %u unfinished rounds", OPEN_ROUNDS_MAX);
	assay_status st = asy_round_new(id, &r, err);
	if (st != ASSAY_OK)
		return st;
	st = fold_all(task, r, &why);
	if (st != ASSAY_OK && is_ours_to_mend(st) && err != NULL)
		*err = why;
	else if (st != ASSAY_OK && !is_ours_to_mend(st))
		st = asy_resume_damaged(task, &r, &why, err);
	if (st == ASSAY_OK && r->dead_end[0] == '\0')
		st = check_ours(task, r, err);
	if (st != ASSAY_OK) {
		asy_round_free(r);
		return assay_err_at(err, st, "resuming round %" PRIu64, id);
	}
	if (r->dead_end[0] == '\0')
		look_for_dead_end(task, r);
	task->open[task->open_n++] = r;
	asy_log(task->env.log, ASY_INFO, "round.resumed", ASY_U64("id", id),
			ASY_STR("phase", asy_phase_name(r->phase)));
	return ASSAY_OK;
}

static assay_status load_rounds(asy_task *task, assay_err *err)
{
	asy_round_info info[OPEN_ROUNDS_MAX];
	uint64_t after = 0;
	size_t n = 0;
	do {
		assay_status st =
			asy_store_unfinished(task->env.store, after, info, ASY_COUNT(info), &n, err);
		if (st != ASSAY_OK)
			return st;
		for (size_t i = 0; i < n; i++) {
			st = load_round(task, info[i].round, err);
			if (st != ASSAY_OK)
				return st;
			after = info[i].round;
		}
	} while (n == ASY_COUNT(info));
	return ASSAY_OK;
}

assay_status asy_task_new(const asy_task_env *env, asy_task **out, assay_err *err)
{
	asy_task *task = calloc(1, sizeof *task);
	if (task == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "the driver");
	task->env = *env;
	asy_key_public(env->key, task->self.b);
	asy_key_derive(env->key, "assay round seed v1", task->salt);
	task->breaker = asy_breaker_new(NULL);
	task->credit = asy_credit_full();
	assay_status st =
		task->breaker != NULL ? load_tracker(task, err) : ASSAY_FAIL(err, E_NOMEM, "breaker");
	if (st == ASSAY_OK)
		st = load_rounds(task, err);
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
	for (size_t i = 0; i < task->open_n; i++)
		asy_round_free(task->open[i]);
	asy_breaker_free(task->breaker);
	assay_tracker_free(task->tracker);
	asy_snapshot_free(task->snapshot);
	asy_wipe(task->salt, sizeof task->salt);
	free(task);
}
