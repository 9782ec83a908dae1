/*~ The driver: look at the chain's head, ask every open round what comes next,
 * perform it, record it, and ask again until all of them wait; then wait for the
 * next block. There is one thread and one order, so there is nothing to lock. */
#include <stdlib.h>
#include "round/impl.h"

/* ---- records ---- */

assay_status asy_also_move(asy_driver *d, asy_round *r, uint64_t now, void *arg, assay_err *err)
{
	const asy_move *move = arg;
	assay_status st = ASSAY_OK;
	if (r->submission == 0)
		return ASSAY_OK;
	if (move->to < r->sub_state && r->sub_state == ASY_SUB_INCLUDED)
		st = asy_store_submission_retract(d->env.store, r->submission, now,
										  asy_span_str("taken back by a reorganisation"), err);
	else if (move->to < r->sub_state)
		return ASSAY_OK;
	if (st == ASSAY_OK)
		st = asy_store_submission_move(d->env.store, r->submission, move->to, now, move->receipt,
									   err);
	if (st == ASSAY_OK)
		r->sub_state = move->to;
	return st;
}

static assay_status append_with(asy_driver *d, asy_round *r, const asy_rec_in *rec, uint64_t now,
								asy_also also, void *arg, assay_err *err)
{
	assay_status st = asy_store_begin(d->env.store, err);
	if (st != ASSAY_OK)
		return st;
	st = asy_store_append(d->env.store, r->id, now, rec, 1, NULL, err);
	if (st == ASSAY_OK)
		st = also(d, r, now, arg, err);
	if (st == ASSAY_OK)
		st = asy_store_commit(d->env.store, err);
	if (st != ASSAY_OK)
		asy_store_rollback(d->env.store);
	return st;
}

assay_status asy_driver_record(asy_driver *d, asy_round *r, asy_rec_type type, assay_span payload,
							   asy_also also, void *arg, assay_err *err)
{
	const asy_rec_in rec = {type, payload};
	uint64_t now = d->env.clock->real_ns(d->env.clock), submission = r->submission;
	asy_sub_state stood = r->sub_state;
	assay_status st = also == NULL ? asy_store_append(d->env.store, r->id, now, &rec, 1, NULL, err)
								   : append_with(d, r, &rec, now, also, arg, err);
	if (st == ASSAY_OK)
		return asy_round_fold(r, type, payload, err);
	r->submission = submission;
	r->sub_state = stood;
	return st;
}

assay_status asy_act_miss(asy_driver *d, asy_round *r, const char *reason, assay_err *err)
{
	asy_buf payload = {0};
	asy_move move = {ASY_SUB_MISSED, asy_span_str(reason)};
	assay_status st = asy_record_put_reason(reason, &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_MISSED, asy_buf_span(&payload), asy_also_move, &move,
							   err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK) {
		d->totals.missed++;
		asy_log(d->env.log, ASY_UNUSUAL, "weights.missed", ASY_STR("reason", reason));
	}
	return st;
}

/*~ A round that ends without weights says why, at a level that every log shows: a
 * validator that earns nothing must not have to search. A round that was only meant to
 * feed the memory is no news. */
static void log_end(const asy_driver *d, const char *reason, bool is_planned)
{
	if (reason == NULL)
		asy_log(d->env.log, ASY_DEBUG, "round.ended");
	else
		asy_log(d->env.log, is_planned ? ASY_INFO : ASY_UNUSUAL, "round.without_weights",
				ASY_STR("reason", reason));
}

static assay_status end_round(asy_driver *d, asy_round *r, const char *reason, bool is_planned,
							  assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_put_reason(reason != NULL ? reason : "", &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_END, asy_buf_span(&payload), NULL, NULL, err);
	asy_buf_fini(&payload);
	if (st != ASSAY_OK)
		return st;
	d->totals.rounds_ended++;
	log_end(d, reason, is_planned);
	return asy_store_prune(d->env.store, d->env.options->store.keep_rounds,
						   d->env.options->store.keep_bytes, NULL, err);
}

/* ---- rounds ---- */

static bool before_seal(const asy_round *r)
{
	return r->phase < ASY_PHASE_SEALED;
}

/* Does a round other than r hold a vector for the epoch that extrinsics now belong to? */
static bool sent_this_epoch(const asy_driver *d, const asy_round *except)
{
	uint64_t now = asy_round_epoch_now(&d->world);
	for (size_t i = 0; i < d->open_n; i++) {
		const asy_round *r = d->open[i];
		if (r == except || before_seal(r) || r->phase == ASY_PHASE_MISSED)
			continue;
		if (!r->commit.included || r->commit_epoch >= now)
			return true;
	}
	return false;
}

/* Weights are due a little earlier or later in every epoch. Only we know the block, so
 * someone who copies revealed rows cannot aim at it. */
static uint32_t lead_of_epoch(const asy_driver *d)
{
	uint32_t jitter = d->env.options->submit.jitter_blocks;
	uint8_t text[32 + 8], digest[8];
	if (jitter == 0)
		return d->env.options->submit.lead_blocks;
	memcpy(text, d->salt, 32);
	asy_put_u64le(text + 32, asy_round_epoch_now(&d->world));
	asy_blake2b(text, sizeof text, digest, sizeof digest);
	asy_wipe(text, sizeof text);
	return d->env.options->submit.lead_blocks +
		   (uint32_t)(asy_get_u64le(digest) % ((uint64_t)jitter + 1));
}

bool asy_driver_is_draining(const asy_driver *d)
{
	return d->env.rounds != 0 && d->totals.rounds_begun >= d->env.rounds;
}

static asy_world world_for(const asy_driver *d, const asy_round *r)
{
	asy_world w = d->world;
	w.now_ns = d->env.clock->mono_ns(d->env.clock);
	w.round_began_ns = d->began_ns;
	w.period_ns = (uint64_t)d->env.options->round.period_ms * 1000000u;
	w.lead_blocks = lead_of_epoch(d);
	w.draining = asy_driver_is_draining(d);
	w.sent_this_epoch = sent_this_epoch(d, r);
	w.begun_this_epoch = d->began_ns != 0 && d->began_epoch == asy_round_epoch_now(&d->world);
	return w;
}

static assay_status perform(asy_driver *d, asy_round *r, asy_action a, assay_err *err)
{
	switch (a.what) {
	case ASY_DO_WAIT:
		return ASSAY_OK;
	case ASY_DO_CHALLENGE:
		return asy_act_challenge(d, r, err);
	case ASY_DO_QUERY:
		return asy_act_query(d, r, err);
	case ASY_DO_SCORE:
		return asy_act_score(d, r, err);
	case ASY_DO_TRACK:
		return asy_act_track(d, r, err);
	case ASY_DO_WEIGH:
		return asy_act_weigh(d, r, err);
	case ASY_DO_PREDICT:
		return asy_act_predict(d, r, err);
	case ASY_DO_SEAL:
		return asy_act_seal(d, r, err);
	case ASY_DO_PREPARE:
		return asy_act_prepare(d, r, err);
	case ASY_DO_SEND:
		return asy_act_send(d, r, err);
	case ASY_DO_WATCH:
		return asy_act_watch(d, r, err);
	case ASY_DO_PREPARE_REVEAL:
		return asy_act_prepare_reveal(d, r, err);
	case ASY_DO_SEND_REVEAL:
		return asy_act_send_reveal(d, r, err);
	case ASY_DO_WATCH_REVEAL:
		return asy_act_watch_reveal(d, r, err);
	case ASY_DO_COUNT:
		return asy_act_count(d, r, err);
	case ASY_DO_MISS:
		return asy_act_miss(d, r, a.reason, err);
	case ASY_DO_END:
		return end_round(d, r, a.reason, a.is_planned, err);
	}
	return ASSAY_FAIL(err, E_INTERNAL, "unknown action");
}

static void drop_ended(asy_driver *d)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->open_n; i++) {
		if (d->open[i]->phase == ASY_PHASE_ENDED)
			asy_round_free(d->open[i]);
		else
			d->open[kept++] = d->open[i];
	}
	d->open_n = kept;
}

assay_status asy_driver_abandon(asy_driver *d, const char *reason, size_t *given_up, assay_err *err)
{
	assay_status st = ASSAY_OK;
	*given_up = 0;
	for (size_t i = 0; st == ASSAY_OK && i < d->open_n; i++) {
		asy_round *r = d->open[i];
		if (!before_seal(r) && r->phase < ASY_PHASE_COUNTED) {
			st = asy_act_miss(d, r, reason, err);
			*given_up += st == ASSAY_OK;
		}
		if (st == ASSAY_OK)
			st = end_round(d, r, before_seal(r) ? reason : NULL, false, err);
	}
	drop_ended(d);
	return st;
}

/* ---- trouble ---- */

static bool is_the_network(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT;
}

/* The node answers, but not what this round needs: it is left alone until the next
 * block, and the others go on. */
static void leave_alone(asy_driver *d, asy_round *r, asy_do what, const assay_err *why)
{
	r->quiet_until = d->world.head.number + 1;
	if (r->trouble_since == 0)
		r->trouble_since = d->world.head.number;
	asy_complain(&r->trouble, d->env.log, "round.trouble", ASY_STR("doing", asy_do_name(what)),
				 ASY_STR("error", why->msg), ASY_STR("remedy", "tried again at the next block"));
}

/* ---- a pass ---- */

static assay_status advance(asy_driver *d, asy_round *r, asy_action a, bool *acted, assay_err *err)
{
	assay_err trouble = {0};
	if (d->env.log != NULL)
		d->env.log->round = r->id;
	assay_status st = perform(d, r, a, &trouble);
	if (st == ASSAY_OK) {
		*acted = true;
		r->trouble_since = 0;
	} else if (asy_may_mend(st) && !is_the_network(st)) {
		leave_alone(d, r, a.what, &trouble);
		st = ASSAY_OK;
	}
	if (d->env.log != NULL)
		d->env.log->round = 0;
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
static assay_status pass(asy_driver *d, bool *acted, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < d->open_n; i++) {
		asy_round *r = d->open[i];
		asy_world w = world_for(d, r);
		asy_action a = asy_round_next(r, &w);
		if (a.what == ASY_DO_WAIT || r->quiet_until > d->world.head.number)
			continue;
		st = advance(d, r, a, acted, err);
		/* Slow actions: look at the world again before the next one. */
		if (a.what == ASY_DO_QUERY || a.what == ASY_DO_SCORE)
			break;
	}
	drop_ended(d);
	return st;
}

static assay_status maybe_begin(asy_driver *d, bool *acted, assay_err *err)
{
	asy_world w = world_for(d, NULL);
	for (size_t i = 0; i < d->open_n; i++)
		if (before_seal(d->open[i]))
			return ASSAY_OK;
	if (d->open_n == OPEN_ROUNDS_MAX || !asy_round_may_begin(&w, d->began_ns))
		return ASSAY_OK;
	asy_round *r = NULL;
	assay_status st = asy_act_begin(d, &r, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "beginning a round");
	d->open[d->open_n++] = r;
	d->totals.rounds_begun++;
	d->began_ns = d->env.clock->mono_ns(d->env.clock);
	d->began_epoch = asy_round_epoch_now(&d->world);
	*acted = true;
	return ASSAY_OK;
}

/* ---- the run ---- */

static assay_status nap(asy_driver *d, bool trouble, assay_err *err)
{
	uint64_t until = asy_sat_add_u64(asy_loop_now(d->env.loop), asy_driver_pause(d, trouble));
	assay_status st = asy_loop_run_until(d->env.loop, NULL, NULL, until);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted; everything done so far is on disk");
	return st == ASSAY_E_TIMEOUT ? ASSAY_OK : st;
}

static bool is_done(const asy_driver *d)
{
	return asy_driver_is_draining(d) && d->open_n == 0;
}

assay_status asy_driver_run(asy_driver *d, assay_err *err)
{
	while (!is_done(d)) {
		assay_err trouble = {0};
		bool acted = false;
		assay_status st = asy_driver_look(d, &trouble);
		if (st == ASSAY_OK)
			st = pass(d, &acted, &trouble);
		if (st == ASSAY_OK)
			st = maybe_begin(d, &acted, &trouble);
		if (st != ASSAY_OK && !asy_may_mend(st)) {
			if (err != NULL)
				*err = trouble;
			return st;
		}
		if (st != ASSAY_OK)
			asy_complain(&d->chain_trouble, d->env.log, "chain.trouble",
						 ASY_STR("error", trouble.msg), ASY_STR("remedy", "waiting and retrying"));
		else
			asy_complain_release(&d->chain_trouble);
		if (acted && st == ASSAY_OK)
			continue;
		st = nap(d, st != ASSAY_OK, err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

asy_driver_totals asy_driver_get_totals(const asy_driver *d)
{
	return d->totals;
}
