/*~ The driver: look at the chain's head, ask every open round what comes next,
 * perform it, record it, and ask again until all of them wait; then wait for the
 * next block. There is one thread and one order, so there is nothing to lock. */
#include <stdlib.h>
#include "round/driver.h"

/* ---- records ---- */

assay_status asy_driver_record(asy_driver *d, asy_round *r, asy_rec_type type, assay_span payload,
							   const asy_move *move, assay_err *err)
{
	asy_rec_in rec = {type, payload};
	uint64_t now = d->env.clock->real_ns(d->env.clock);
	assay_status st;

	if (move == NULL || !move->move || r->submission == 0) {
		st = asy_store_append(d->env.store, r->id, now, &rec, 1, NULL, err);
	} else {
		st = asy_store_begin(d->env.store, err);
		if (st != ASSAY_OK)
			return st;
		st = asy_store_append(d->env.store, r->id, now, &rec, 1, NULL, err);
		if (st == ASSAY_OK)
			st = asy_store_submission_move(d->env.store, r->submission, move->to, now,
										   move->receipt, err);
		if (st == ASSAY_OK)
			st = asy_store_commit(d->env.store, err);
		if (st != ASSAY_OK)
			asy_store_rollback(d->env.store);
	}
	return st == ASSAY_OK ? asy_round_fold(r, type, payload, err) : st;
}

assay_status asy_act_miss(asy_driver *d, asy_round *r, const char *reason, assay_err *err)
{
	asy_buf payload = {0};
	asy_move move = {true, ASY_SUB_MISSED, asy_span_str(reason)};
	assay_status st = asy_record_note("reason", reason, &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_MISSED, asy_buf_span(&payload), &move, err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK) {
		d->totals.missed++;
		asy_log(d->env.log, ASY_UNUSUAL, "weights.missed", ASY_STR("reason", reason));
	}
	return st;
}

assay_status asy_act_end(asy_driver *d, asy_round *r, assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_note(NULL, NULL, &payload, err);
	if (st == ASSAY_OK)
		st = asy_driver_record(d, r, ASY_REC_END, asy_buf_span(&payload), NULL, err);
	asy_buf_fini(&payload);
	if (st == ASSAY_OK) {
		d->totals.rounds_ended++;
		asy_log(d->env.log, ASY_DEBUG, "round.ended");
		st = asy_store_prune(d->env.store, d->env.options->store.keep_rounds,
							 d->env.options->store.keep_bytes, NULL, err);
	}
	return st;
}

/* ---- the world ---- */

assay_status asy_driver_snapshot(asy_driver *d, const assay_snapshot **out, assay_err *err)
{
	const asy_options *o = d->env.options;
	if (d->snapshot == NULL || !asy_hash_eq(&d->snapshot->block.hash, &d->world.head.hash)) {
		assay_snapshot *s = NULL;
		assay_status st =
			asy_chain_snapshot(d->env.chain, o->netuid, o->mecid, &d->world.head, &s, err);
		if (st != ASSAY_OK)
			return st;
		asy_snapshot_free(d->snapshot);
		d->snapshot = s;
	}
	*out = d->snapshot;
	return ASSAY_OK;
}

/* Hyperparameters change rarely and are read with the first head and with every new
 * epoch; the epoch clock is read at every head. */
static assay_status read_hyper(asy_driver *d, assay_err *err)
{
	const assay_snapshot *s;
	assay_status st = asy_driver_snapshot(d, &s, err);
	if (st != ASSAY_OK)
		return st;
	long uid = asy_snapshot_find(s, &d->self);
	if (uid < 0)
		return ASSAY_FAIL(
			err, E_CHAIN,
			"the hotkey of this validator is not registered in subnet %u; register it "
			"or check wallet.hotkey and netuid",
			d->env.options->netuid);
	d->world.reveal_period = s->hyper.reveal_period_epochs;
	d->world.commit_reveal = s->hyper.commit_reveal_enabled;
	d->world.rate_limit = s->hyper.weights_set_rate_limit;
	d->world.last_update = s->neuron[uid].last_update;
	return ASSAY_OK;
}

/* True in *news when there is a new head. */
static assay_status look(asy_driver *d, bool *news, assay_err *err)
{
	const asy_options *o = d->env.options;
	asy_block_ref head;
	asy_epoch_state epoch;
	assay_status st = asy_chain_head(d->env.chain, &head, err);

	*news = false;
	if (st != ASSAY_OK)
		return st;
	if (d->has_world && asy_hash_eq(&head.hash, &d->world.head.hash))
		return ASSAY_OK;
	st = asy_chain_epoch_state(d->env.chain, o->netuid, &head, &epoch, err);
	if (st != ASSAY_OK)
		return st;
	bool first = !d->has_world;
	bool turned = first || epoch.subnet_epoch_index != d->world.epoch.subnet_epoch_index ||
				  epoch.last_mechanism_step_block != d->world.epoch.last_mechanism_step_block;
	asy_block_ref old_head = d->world.head;
	d->world.head = head;
	d->world.epoch = epoch;
	d->has_world = true;
	if (turned) {
		st = read_hyper(d, err);
		if (st != ASSAY_OK) {
			/* not half a world: the next look starts over */
			d->has_world = !first;
			d->world.head = old_head;
			return st;
		}
	}
	*news = true;
	return ASSAY_OK;
}

/* ---- rounds ---- */

static bool before_seal(const asy_round *r)
{
	return r->phase < ASY_PHASE_SEALED;
}

/* The epoch that an extrinsic of the next block belongs to. */
static uint64_t epoch_now(const asy_driver *d)
{
	return asy_schedule_lookahead(&d->world.epoch, d->world.head.number + 1);
}

/* Does a round other than r hold a vector for the epoch that extrinsics now belong to? */
static bool sent_this_epoch(const asy_driver *d, const asy_round *except)
{
	uint64_t now = epoch_now(d);
	for (size_t i = 0; i < d->open_n; i++) {
		const asy_round *r = d->open[i];
		if (r == except || r->phase < ASY_PHASE_SEALED || r->phase == ASY_PHASE_MISSED)
			continue;
		if (!r->commit.included || (!r->plain && r->commit_epoch >= now))
			return true;
		if (r->plain && r->commit.block.number >= d->world.epoch.last_epoch_block)
			return true;
	}
	return false;
}

static asy_world world_for(const asy_driver *d, const asy_round *r)
{
	asy_world w = d->world;
	w.now_ns = d->env.clock->mono_ns(d->env.clock);
	w.round_began_ns = d->began_ns;
	w.period_ns = (uint64_t)d->env.options->round.period_ms * 1000000u;
	w.lead_blocks = d->env.options->submit.lead_blocks;
	w.draining = d->env.rounds != 0 && d->totals.rounds_begun >= d->env.rounds;
	w.sent_this_epoch = sent_this_epoch(d, r);
	w.begun_this_epoch = d->began_ns != 0 && d->began_epoch == epoch_now(d);
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
		return asy_act_end(d, r, err);
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

/* What waiting may mend. Anything else ends the run with its sentence. */
static bool is_transient(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT || st == ASSAY_E_RPC ||
		   st == ASSAY_E_NOTFOUND;
}

/* One pass over the open rounds, oldest first: reveals come before new commits, both
 * before new questions. acted says whether anything happened. Trouble with one round
 * does not hold up the others; the first trouble is returned at the end. */
static assay_status pass(asy_driver *d, bool *acted, assay_err *err)
{
	assay_status first = ASSAY_OK;
	for (size_t i = 0; i < d->open_n; i++) {
		assay_err trouble = {0};
		asy_round *r = d->open[i];
		asy_world w = world_for(d, r);
		asy_action a = asy_round_next(r, &w);
		if (a.what == ASY_DO_WAIT)
			continue;
		if (d->env.log != NULL)
			d->env.log->round = r->id;
		assay_status st = perform(d, r, a, &trouble);
		if (d->env.log != NULL)
			d->env.log->round = 0;
		if (st != ASSAY_OK && first == ASSAY_OK) {
			first = assay_err_at(&trouble, st, "round %" PRIu64 ", %s", r->id, asy_do_name(a.what));
			if (err != NULL)
				*err = trouble;
		}
		if (st != ASSAY_OK && !is_transient(st))
			return first;
		*acted = *acted || st == ASSAY_OK;
		/* A round's answers and a snapshot are large and gone by now: a daemon that waits
		 * for an hour should not hold their pages. */
		if (a.what == ASY_DO_TRACK || a.what == ASY_DO_COUNT)
			asy_sys_trim();
		/* Slow actions: look at the world again before the next one. */
		if (a.what == ASY_DO_QUERY || a.what == ASY_DO_SCORE)
			break;
	}
	drop_ended(d);
	return first;
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
	d->began_epoch = epoch_now(d);
	*acted = true;
	return ASSAY_OK;
}

/* ---- waiting ---- */

static assay_status nap(asy_driver *d, uint64_t ns, assay_err *err)
{
	uint64_t until = d->env.clock->mono_ns(d->env.clock) + ns;
	assay_status st = asy_loop_run_until(d->env.loop, NULL, NULL, until);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted; everything done so far is on disk");
	return st == ASSAY_E_TIMEOUT ? ASSAY_OK : st;
}

static bool is_done(const asy_driver *d)
{
	return d->env.rounds != 0 && d->totals.rounds_begun >= d->env.rounds && d->open_n == 0;
}

assay_status asy_driver_run(asy_driver *d, assay_err *err)
{
	uint64_t pause_ns = 20 * 1000000u;
	while (!is_done(d)) {
		assay_err trouble = {0};
		bool news = false, acted = false;
		assay_status st = look(d, &news, &trouble);
		if (st == ASSAY_OK)
			st = pass(d, &acted, &trouble);
		if (st == ASSAY_OK)
			st = maybe_begin(d, &acted, &trouble);
		if (st != ASSAY_OK && !is_transient(st)) {
			if (err != NULL)
				*err = trouble;
			return st;
		}
		if (st != ASSAY_OK) {
			asy_complain(&d->chain_trouble, d->env.log, "chain.trouble",
						 ASY_STR("error", trouble.msg), ASY_STR("remedy", "waiting and retrying"));
			pause_ns = pause_ns < 2000000000u ? pause_ns * 2 : pause_ns;
		} else {
			asy_complain_release(&d->chain_trouble);
			pause_ns = 20 * 1000000u;
		}
		if (acted && st == ASSAY_OK)
			continue;
		st = nap(d, pause_ns, err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

asy_driver_totals asy_driver_get_totals(const asy_driver *d)
{
	return d->totals;
}
