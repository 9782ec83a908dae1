/*~ The driver: look at the chain's head, ask every open round what comes next,
 * perform it, record it, and ask again until all of them wait; then wait for the
 * next block. There is one thread and one order, so there is nothing to lock. */
#include <stdlib.h>
#include "round/impl.h"

/* ---- records ---- */

assay_status asy_also_move(asy_task *task, asy_round *r, uint64_t now, void *arg, assay_err *err)
{
	const asy_move *move = arg;
	assay_status st = ASSAY_OK;
	if (r->submission == 0)
		return ASSAY_OK;
	if (move->to < r->sub_state && r->sub_state == ASY_SUB_INCLUDED)
		st = asy_store_submission_retract(task->env.store, r->submission, now,
										  asy_span_str("taken back by a reorganisation"), err);
	else if (move->to < r->sub_state)
		return ASSAY_OK;
	if (st == ASSAY_OK)
		st = asy_store_submission_move(task->env.store, r->submission, move->to, now, move->receipt,
									   err);
	if (st == ASSAY_OK)
		r->sub_state = move->to;
	return st;
}

static assay_status append_with(asy_task *task, asy_round *r, const asy_rec_in *rec, uint64_t now,
								asy_also also, void *arg, assay_err *err)
{
	assay_status st = asy_store_begin(task->env.store, err);
	if (st != ASSAY_OK)
		return st;
	st = asy_store_append(task->env.store, r->id, now, rec, 1, NULL, err);
	if (st == ASSAY_OK)
		st = also(task, r, now, arg, err);
	if (st == ASSAY_OK)
		st = asy_store_commit(task->env.store, err);
	if (st != ASSAY_OK)
		asy_store_rollback(task->env.store);
	return st;
}

assay_status asy_task_record(asy_task *task, asy_round *r, asy_rec_type type, assay_span payload,
							 asy_also also, void *arg, assay_err *err)
{
	const asy_rec_in rec = {type, payload};
	uint64_t now = task->env.clock->real_ns(task->env.clock), submission = r->submission;
	asy_sub_state stood = r->sub_state;
	assay_status st = also == NULL
						  ? asy_store_append(task->env.store, r->id, now, &rec, 1, NULL, err)
						  : append_with(task, r, &rec, now, also, arg, err);
	if (st == ASSAY_OK)
		return asy_round_fold(r, type, payload, err);
	r->submission = submission;
	r->sub_state = stood;
	return st;
}

assay_status asy_act_miss(asy_task *task, asy_round *r, const char *reason, assay_err *err)
{
	asy_buf payload = {0};
	asy_move move = {ASY_SUB_MISSED, asy_span_str(reason)};
	assay_status st = asy_record_put_reason(reason, &payload, err);
	if (st == ASSAY_OK)
		st = asy_task_record(task, r, ASY_REC_MISSED, asy_buf_span(&payload), asy_also_move, &move,
							 err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK) {
		task->totals.missed++;
		asy_log(task->env.log, ASY_UNUSUAL, "weights.missed", ASY_STR("reason", reason));
	}
	return st;
}

/*~ A round that ends without weights says why, at a level that every log shows: a
 * validator that earns nothing must not have to search. A round that was only meant to
 * feed the memory is no news. */
static void log_end(const asy_task *task, const char *reason, bool is_planned)
{
	if (reason == NULL)
		asy_log(task->env.log, ASY_DEBUG, "round.ended");
	else
		asy_log(task->env.log, is_planned ? ASY_INFO : ASY_UNUSUAL, "round.without_weights",
				ASY_STR("reason", reason));
}

static assay_status end_round(asy_task *task, asy_round *r, const char *reason, bool is_planned,
							  assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_put_reason(reason != NULL ? reason : "", &payload, err);
	if (st == ASSAY_OK)
		st = asy_task_record(task, r, ASY_REC_END, asy_buf_span(&payload), NULL, NULL, err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	task->totals.rounds_ended++;
	log_end(task, reason, is_planned);
	return asy_store_prune(task->env.store, task->env.options->store.keep_rounds,
						   task->env.options->store.keep_bytes, NULL, err);
}

/* ---- rounds ---- */

static bool before_seal(const asy_round *r)
{
	return r->phase < ASY_PHASE_SEALED;
}

/* Does a round other than r hold a vector for the epoch that extrinsics now belong to? */
static bool sent_this_epoch(const asy_task *task, const asy_round *except)
{
	uint64_t now = asy_round_epoch_now(&task->world);
	for (size_t i = 0; i < task->open_n; i++) {
		const asy_round *r = task->open[i];
		if (r == except || before_seal(r) || r->phase == ASY_PHASE_MISSED)
			continue;
		if (!r->commit.included || r->commit_epoch >= now)
			return true;
	}
	return false;
}

/* Weights are due a little earlier or later in every epoch. Only we know the block, so
 * someone who copies revealed rows cannot aim at it. */
static uint32_t lead_of_epoch(const asy_task *task)
{
	uint32_t jitter = task->env.options->submit.jitter_blocks;
	uint8_t text[32 + 8], digest[8];
	if (jitter == 0)
		return task->env.options->submit.lead_blocks;
	memcpy(text, task->salt, 32);
	asy_put_u64le(text + 32, asy_round_epoch_now(&task->world));
	asy_blake2b(text, sizeof text, digest, sizeof digest);
	asy_wipe(text, sizeof text);
	return task->env.options->submit.lead_blocks +
		   (uint32_t)(asy_get_u64le(digest) % ((uint64_t)jitter + 1));
}

bool asy_task_is_draining(const asy_task *task)
{
	return task->draining ||
		   (task->env.rounds != 0 && task->totals.rounds_begun >= task->env.rounds);
}

void asy_task_drain(asy_task *task)
{
	task->draining = true;
}

static asy_world world_for(const asy_task *task, const asy_round *r)
{
	asy_world w = task->world;
	w.now_ns = task->env.clock->mono_ns(task->env.clock);
	w.round_began_ns = task->began_ns;
	w.period_ns = (uint64_t)task->env.options->round.period_ms * 1000000u;
	w.lead_blocks = lead_of_epoch(task);
	w.draining = asy_task_is_draining(task);
	w.sent_this_epoch = sent_this_epoch(task, r);
	w.begun_this_epoch =
		task->began_ns != 0 && task->began_epoch == asy_round_epoch_now(&task->world);
	return w;
}

static assay_status perform(asy_task *task, asy_round *r, asy_action a, assay_err *err)
{
	switch (a.what) {
	case ASY_DO_WAIT:
		return ASSAY_OK;
	case ASY_DO_CHALLENGE:
		return asy_round_challenge(task, r, err);
	case ASY_DO_QUERY:
		return asy_round_ask(task, r, err);
	case ASY_DO_SCORE:
		return asy_round_score(task, r, err);
	case ASY_DO_TRACK:
		return asy_round_track(task, r, err);
	case ASY_DO_WEIGH:
		return asy_act_weigh(task, r, err);
	case ASY_DO_PREDICT:
		return asy_act_predict(task, r, err);
	case ASY_DO_SEAL:
		return asy_act_seal(task, r, err);
	case ASY_DO_PREPARE:
		return asy_act_prepare(task, r, err);
	case ASY_DO_SEND:
		return asy_act_send(task, r, err);
	case ASY_DO_WATCH:
		return asy_act_watch(task, r, err);
	case ASY_DO_PREPARE_REVEAL:
		return asy_act_prepare_reveal(task, r, err);
	case ASY_DO_SEND_REVEAL:
		return asy_act_send_reveal(task, r, err);
	case ASY_DO_WATCH_REVEAL:
		return asy_act_watch_reveal(task, r, err);
	case ASY_DO_COUNT:
		return asy_act_count(task, r, err);
	case ASY_DO_MISS:
		return asy_act_miss(task, r, a.reason, err);
	case ASY_DO_END:
		return end_round(task, r, a.reason, a.is_planned, err);
	}
	return ASSAY_FAIL(err, E_INTERNAL, "unknown action");
}

static void drop_ended(asy_task *task)
{
	size_t kept = 0;
	for (size_t i = 0; i < task->open_n; i++) {
		if (task->open[i]->phase == ASY_PHASE_ENDED)
			asy_round_free(task->open[i]);
		else
			task->open[kept++] = task->open[i];
	}
	task->open_n = kept;
}

/* ---- trouble ---- */

static bool is_the_network(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT;
}

/*~ What the chain's state makes impossible ends one step, not the validator: it may be a
 * node's word, and the next block may say otherwise. If it does not, the vector's window ends
 * it, with its reason. Ours alone (memory, disk, configuration) ends the run. */
static bool is_the_chains(assay_status st, asy_do what)
{
	switch (what) {
	case ASY_DO_WEIGH:
	case ASY_DO_PREDICT:
	case ASY_DO_SEAL:
	case ASY_DO_PREPARE:
	case ASY_DO_SEND:
	case ASY_DO_WATCH:
	case ASY_DO_PREPARE_REVEAL:
	case ASY_DO_SEND_REVEAL:
	case ASY_DO_WATCH_REVEAL:
	case ASY_DO_COUNT:
		break;
	default:
		return false;
	}
	return st == ASSAY_E_CHAIN || st == ASSAY_E_NOTFOUND || st == ASSAY_E_UNSUPPORTED ||
		   st == ASSAY_E_INPUT || st == ASSAY_E_FORMAT || st == ASSAY_E_RANGE ||
		   st == ASSAY_E_LIMIT || st == ASSAY_E_EMPTY;
}

/* The node answers, but not what this round needs: it is left alone until the next
 * block, and the others go on. */
static void leave_alone(asy_task *task, asy_round *r, asy_do what, const assay_err *why)
{
	r->quiet_until = task->world.head.number + 1;
	if (r->trouble_since == 0)
		r->trouble_since = task->world.head.number;
	asy_complain(&r->trouble, task->env.log, "round.trouble", ASY_STR("doing", asy_do_name(what)),
				 ASY_STR("error", why->msg), ASY_STR("remedy", "tried again at the next block"));
}

/* ---- a pass ---- */

static assay_status advance(asy_task *task, asy_round *r, asy_action a, bool *acted, assay_err *err)
{
	assay_err trouble = {0};
	if (task->env.log != NULL)
		task->env.log->round = r->id;
	assay_status st = perform(task, r, a, &trouble);
	if (st == ASSAY_OK) {
		*acted = true;
		r->trouble_since = 0;
	} else if ((asy_may_mend(st) && !is_the_network(st)) || is_the_chains(st, a.what)) {
		leave_alone(task, r, a.what, &trouble);
		st = ASSAY_OK;
	}
	if (task->env.log != NULL)
		task->env.log->round = 0;
	if (st != ASSAY_OK) {
		(void)assay_err_at(&trouble, st, "round %" PRIu64 ", %s", r->id, asy_do_name(a.what));
		if (err != NULL)
			*err = trouble;
	}
	/* A round's answers and a snapshot are large and gone by now: a daemon that waits
	 * for an hour should not hold their pages. */
	if (a.what == ASY_DO_TRACK || a.what == ASY_DO_COUNT)
		asy_sys_trim();
	return st;
}

/* One pass over the open rounds, oldest first: reveals come before new commits, both
 * before new questions. acted says whether anything happened. */
static assay_status pass(asy_task *task, bool *acted, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < task->open_n; i++) {
		asy_round *r = task->open[i];
		asy_world w = world_for(task, r);
		asy_action a = asy_round_next(r, &w);
		if (a.what == ASY_DO_WAIT || r->quiet_until > task->world.head.number)
			continue;
		st = advance(task, r, a, acted, err);
		/* Slow actions: look at the world again before the next one. */
		if (a.what == ASY_DO_QUERY || a.what == ASY_DO_SCORE)
			break;
	}
	drop_ended(task);
	return st;
}

static assay_status maybe_begin(asy_task *task, bool *acted, assay_err *err)
{
	asy_world w = world_for(task, NULL);
	for (size_t i = 0; i < task->open_n; i++)
		if (before_seal(task->open[i]))
			return ASSAY_OK;
	if (task->is_outside || task->open_n == OPEN_ROUNDS_MAX ||
		!asy_round_may_begin(&w, task->began_ns))
		return ASSAY_OK;
	asy_round *r = NULL;
	assay_status st = asy_round_begin(task, &r, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "beginning a round");
	task->open[task->open_n++] = r;
	task->totals.rounds_begun++;
	task->began_ns = task->env.clock->mono_ns(task->env.clock);
	task->began_epoch = asy_round_epoch_now(&task->world);
	*acted = true;
	return ASSAY_OK;
}

/* ---- the run ---- */

static assay_status nap(asy_task *task, bool trouble, assay_err *err)
{
	uint64_t until = asy_sat_add_u64(asy_loop_now(task->env.loop), asy_task_pause(task, trouble));
	assay_status st = asy_loop_await(task->env.loop, NULL, NULL, until);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted; everything done so far is on disk");
	return st == ASSAY_E_TIMEOUT ? ASSAY_OK : st;
}

static bool is_done(const asy_task *task)
{
	return asy_task_is_draining(task) && task->open_n == 0;
}

assay_status asy_task_run(asy_task *task, assay_err *err)
{
	while (!is_done(task)) {
		assay_err trouble = {0};
		bool acted = false;
		assay_status st = asy_task_look(task, &trouble);
		if (st == ASSAY_OK)
			st = pass(task, &acted, &trouble);
		if (st == ASSAY_OK)
			st = maybe_begin(task, &acted, &trouble);
		if (st != ASSAY_OK && !asy_may_mend(st)) {
			if (err != NULL)
				*err = trouble;
			return st;
		}
		if (st != ASSAY_OK)
			asy_complain(&task->chain_trouble, task->env.log, "chain.trouble",
						 ASY_STR("error", trouble.msg), ASY_STR("remedy", "waiting and retrying"));
		else
			asy_complain_release(&task->chain_trouble);
		if (acted && st == ASSAY_OK)
			continue;
		st = nap(task, st != ASSAY_OK, err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

asy_task_totals asy_task_get_totals(const asy_task *task)
{
	return task->totals;
}
