/*~ The heart of the daemon, and it is small: ask a story what comes next, have that
 * performed in a coroutine, take the result, ask again. The order in which stories are
 * asked is the order of their birth, so a reveal is asked before the commitment that came
 * after it, and both before new questions; and since each action has its own coroutine,
 * none waits for another.
 * Reason to change: an action's failure means something else. */
#include <stdlib.h>
#include "validator/impl.h"

/* After failures in a row that are no trouble of the node, a story rests 1, 2, 4 .. blocks. */
#define REST_MOST_LOG2 6u

/* ---- the list ---- */

static void list_open(vtask *t)
{
	t->open.n = 0;
	for (const vstory *s = t->story; s != NULL; s = s->next)
		if (s->sub != NULL && t->open.n < ASY_SUBMISSIONS_OPEN_MAX)
			t->open.at[t->open.n++] = s->sub;
}

vstory *asy_vstory_add(vtask *t, asy_story_kind kind, assay_err *err)
{
	vstory **at = &t->story, *s = calloc(1, sizeof *s);
	if (s == NULL) {
		(void)ASSAY_FAIL(err, E_NOMEM, "a story");
		return NULL;
	}
	*s = (vstory){.t = t, .kind = kind};
	while (*at != NULL)
		at = &(*at)->next;
	*at = s;
	return s;
}

void asy_vstory_free(vstory *s)
{
	if (s == NULL)
		return;
	asy_co_end(s->co);
	asy_round_free(s->round);
	asy_submission_free(s->sub);
	free(s);
}

static void drop(vtask *t, vstory *gone)
{
	for (vstory **at = &t->story; *at != NULL; at = &(*at)->next) {
		if (*at != gone)
			continue;
		*at = gone->next;
		break;
	}
	asy_vstory_free(gone);
	list_open(t);
}

/* ---- an action ---- */

static assay_status perform(vstory *s)
{
	asy_task *task = s->t->task;
	if (s->sub != NULL)
		return asy_submission_perform(task, s->sub, s->sub_action, &s->t->open, &s->err);
	if (s->round != NULL)
		return asy_round_perform(task, s->round, s->round_action, &s->err);
	if (s->kind == ASY_STORY_SUBMISSION)
		return asy_submission_begin(task, &s->at, &s->sub, &s->err);
	return asy_round_begin(task, &s->at, &s->round, &s->err);
}

static void live(void *arg)
{
	vstory *s = arg;
	s->st = perform(s);
}

/*~ What the chain has a deadline for asks it before what only explains (forecasts, counting)
 * or may take its time (rounds): at an epoch that many tasks share, tens of snapshots are
 * wanted at once, and a reveal does not stand in line behind them. */
static bool is_urgent(const vstory *s)
{
	switch (s->sub_action.what) {
	case ASY_SUBMISSION_DO_PREPARE:
	case ASY_SUBMISSION_DO_SEND:
	case ASY_SUBMISSION_DO_WATCH:
	case ASY_SUBMISSION_DO_PREPARE_REVEAL:
	case ASY_SUBMISSION_DO_SEND_REVEAL:
	case ASY_SUBMISSION_DO_WATCH_REVEAL:
		return true;
	default:
		return false;
	}
}

static void start(vstory *s)
{
	s->err = (assay_err){0};
	s->st = asy_co_start(s->t->v->env.loop, live, s, &s->co, &s->err);
	if (s->st != ASSAY_OK)
		asy_vtask_stop(s->t, s->st, &s->err);
	else if (is_urgent(s))
		asy_co_urge(s->co);
}

/* ---- what became of it ---- */

static const char *doing(const vstory *s)
{
	if (s->sub != NULL)
		return asy_submission_do_name(s->sub_action.what);
	return s->round != NULL ? asy_round_do_name(s->round_action.what) : "begin";
}

static asy_logger *log_of(vstory *s)
{
	return s->sub != NULL ? &s->sub->log : s->round != NULL ? &s->round->log : &s->t->log;
}

static void rest(vstory *s, uint64_t blocks)
{
	uint64_t head = s->t->task->world.head.number;
	if (s->sub != NULL)
		s->sub->quiet_until = head + blocks;
	if (s->round != NULL)
		s->round->quiet_until = head + blocks;
	if (s->sub == NULL && s->round == NULL)
		s->t->begin_after = head + blocks;
}

/* The node answers, but not what this story needs: it is left alone until the next block,
 * and the others go on. */
static void leave_alone(vstory *s)
{
	uint64_t head = s->t->task->world.head.number;
	asy_complaint *c = s->sub != NULL     ? &s->sub->trouble
					   : s->round != NULL ? &s->round->trouble
										  : &s->t->trouble;
	rest(s, 1);
	if (s->sub != NULL && s->sub->trouble_since == 0)
		s->sub->trouble_since = head;
	asy_complain(c, log_of(s), s->kind == ASY_STORY_ROUND ? "round.trouble" : "submission.trouble",
				 ASY_STR("doing", doing(s)), ASY_STR("error", s->err.msg),
				 ASY_STR("remedy", "tried again at the next block"));
}

/*~ A plugin, a challenge maker or a dataset that fails is this story's trouble and never the
 * end of the daemon. It is tried again, after longer and longer rests. */
static void back_off(vstory *s)
{
	unsigned n = s->failed_n < REST_MOST_LOG2 ? s->failed_n : REST_MOST_LOG2;
	s->failed_n++;
	rest(s, (uint64_t)1 << n);
	asy_log(log_of(s), ASY_BROKEN,
			s->kind == ASY_STORY_ROUND ? "round.failed" : "submission.failed",
			ASY_STR("doing", doing(s)), ASY_STR("error", s->err.msg),
			ASY_U64("again_in_blocks", (uint64_t)1 << n));
}

/* The store does not take or give what it must: only a restart knows what is on disk. */
static bool is_the_store(assay_status st)
{
	return st == ASSAY_E_STORE || asy_is_ours_to_mend(st);
}

/*~ What the chain's state makes impossible ends one step, not the vector: it may be a node's
 * word, and the next block may say otherwise. If it does not, the vector's window ends it,
 * with its reason. */
static bool is_the_chains(const vstory *s)
{
	return s->kind == ASY_STORY_SUBMISSION &&
		   (s->st == ASSAY_E_CHAIN || s->st == ASSAY_E_NOTFOUND || s->st == ASSAY_E_UNSUPPORTED ||
			s->st == ASSAY_E_INPUT || s->st == ASSAY_E_FORMAT || s->st == ASSAY_E_RANGE ||
			s->st == ASSAY_E_LIMIT || s->st == ASSAY_E_EMPTY);
}

static void take_failure(vstory *s)
{
	if (s->st == ASSAY_E_CANCELLED) {
		s->t->v->is_interrupted = s->t->v->is_interrupted || !s->is_cancelled;
		return;
	}
	if (s->st == ASSAY_E_NET || s->st == ASSAY_E_TIMEOUT) {
		s->is_stalled = true;
		asy_complain(&s->t->v->chain_trouble, log_of(s), "chain.trouble",
					 ASY_STR("doing", doing(s)), ASY_STR("error", s->err.msg),
					 ASY_STR("remedy", "waiting and retrying"));
	} else if (asy_may_mend(s->st) || is_the_chains(s)) {
		leave_alone(s);
	} else if (is_the_store(s->st)) {
		(void)assay_err_at(&s->err, s->st, "%s %" PRIu64 ", %s", asy_story_kind_name(s->kind),
						   s->sub != NULL     ? s->sub->id
						   : s->round != NULL ? s->round->id
											  : 0,
						   doing(s));
		asy_vtask_stop(s->t, s->st, &s->err);
	} else {
		back_off(s);
	}
}

static void note_begun(vstory *s)
{
	vtask *t = s->t;
	if (s->kind == ASY_STORY_ROUND)
		return;
	t->subs.last_version = s->sub->version;
	list_open(t);
}

static bool has_ended(const vstory *s)
{
	if (s->sub != NULL)
		return s->sub->phase == ASY_SUBMISSION_ENDED;
	return s->round == NULL || s->round->phase == ASY_ROUND_ENDED; /* or never began */
}

/* False: the story is gone. */
static bool settle(vstory *s)
{
	bool began = s->st == ASSAY_OK && s->sub_action.what == ASY_SUBMISSION_DO_WAIT &&
				 s->round_action.what == ASY_ROUND_DO_WAIT;
	asy_co_free(s->co);
	s->co = NULL;
	if (s->st != ASSAY_OK)
		take_failure(s);
	else
		s->failed_n = 0;
	if (s->st == ASSAY_OK && s->sub != NULL)
		s->sub->trouble_since = 0;
	if (s->st == ASSAY_OK && began)
		note_begun(s);
	if (!has_ended(s))
		return true;
	drop(s->t, s);
	return false;
}

/* ---- asking ---- */

/* What can wait for room on the disk, and what it keeps back is not for. */
static bool can_wait(asy_submission_do what)
{
	return what == ASY_SUBMISSION_DO_PREDICT || what == ASY_SUBMISSION_DO_SEAL ||
		   what == ASY_SUBMISSION_DO_COUNT;
}

/* True: an action of it has begun. */
static bool ask(vstory *s, const asy_world *w, bool is_tight)
{
	if (s->sub != NULL) {
		s->sub_action = asy_submission_next(s->sub, w);
		s->sub->at = *w;
		if (s->sub_action.what == ASY_SUBMISSION_DO_WAIT ||
			(is_tight && can_wait(s->sub_action.what)))
			return false;
	} else {
		s->round_action = asy_round_next(s->round, w);
		s->round->at = *w;
		if (s->round_action.what == ASY_ROUND_DO_WAIT)
			return false;
	}
	start(s);
	return true;
}

static void begin(vtask *t, asy_story_kind kind, const asy_world *w)
{
	assay_err err = {0};
	vstory *s = asy_vstory_add(t, kind, &err);
	if (s == NULL) {
		asy_vtask_stop(t, ASSAY_E_NOMEM, &err);
		return;
	}
	s->at = *w;
	start(s);
}

static void maybe_begin_submission(vtask *t, const asy_world *w)
{
	asy_submissions_now x = t->subs;
	size_t n = 0;
	x.version = t->task->memory.version;
	x.is_taken = false;
	for (const vstory *s = t->story; s != NULL; s = s->next) {
		n += s->kind == ASY_STORY_SUBMISSION;
		x.is_taken = x.is_taken || (s->kind == ASY_STORY_SUBMISSION &&
									(s->sub == NULL || asy_submission_takes_epoch(s->sub, w)));
	}
	if (n >= ASY_SUBMISSIONS_OPEN_MAX || !asy_submission_may_begin(w, &x))
		return;
	t->subs.last_epoch = asy_world_epoch_now(w);
	t->subs.has_epoch = true;
	begin(t, ASY_STORY_SUBMISSION, w);
}

static void maybe_begin_round(vtask *t, const asy_world *w)
{
	asy_rounds_now x = t->rounds;
	x.period_ns = (uint64_t)t->env.options->round.period_ms * 1000000u;
	x.open_n = 0;
	x.is_asking = false;
	for (const vstory *s = t->story; s != NULL; s = s->next) {
		x.open_n += s->kind == ASY_STORY_ROUND;
		x.is_asking = x.is_asking || (s->kind == ASY_STORY_ROUND &&
									  (s->round == NULL || s->round->phase < ASY_ROUND_ASKED));
	}
	if (!asy_round_may_begin(w, &x))
		return;
	t->rounds.last_began_ns = w->now_ns;
	t->rounds.last_epoch = asy_world_epoch_now(w);
	begin(t, ASY_STORY_ROUND, w);
}

bool asy_vtask_has_news(const vtask *t)
{
	if (t->look != NULL) /* it comes first */
		return asy_co_is_over(t->look);
	for (const vstory *s = t->story; s != NULL; s = s->next)
		if (s->co != NULL && asy_co_is_over(s->co))
			return true;
	return false;
}

bool asy_vtask_is_busy(const vtask *t)
{
	for (const vstory *s = t->story; s != NULL; s = s->next)
		if (s->co != NULL)
			return true;
	return false;
}

static void take_news(vtask *t)
{
	for (vstory *s = t->story, *next; s != NULL && !t->is_over; s = next) {
		next = s->next;
		if (s->co != NULL && asy_co_is_over(s->co))
			(void)settle(s);
	}
}

/*~ On a full disk what is sealed goes on, from the room that the store kept back: an opening that
 * is not revealed in its window is lost. Everything else waits for room. */
static bool look_at_disk(vtask *t)
{
	if (!asy_store_is_tight(t->env.store)) {
		asy_complain_release(&t->tight);
		return false;
	}
	if (asy_complain_due(&t->tight))
		asy_log(
			&t->log, ASY_BROKEN, "disk.full",
			ASY_STR("then", "sealed weights are seen through; nothing is asked, scored or sealed"),
			ASY_STR("remedy", "free space on the disk of data_dir, or lower store.keep_bytes"));
	return true;
}

void asy_vtask_advance(vtask *t)
{
	asy_vtask_take_look(t);
	if (t->look != NULL)
		return; /* what it sees decides what comes next */
	take_news(t);
	if (t->is_over || !t->task->has_world)
		return;
	asy_world w = asy_task_world(t->task);
	bool is_tight = look_at_disk(t);
	for (vstory *s = t->story; s != NULL && !t->is_over; s = s->next) {
		bool rests = s->is_stalled || ((t->is_leaving || is_tight) && s->kind == ASY_STORY_ROUND);
		if (s->co == NULL && !rests)
			(void)ask(s, &w, is_tight);
	}
	bool may_begin =
		!t->is_leaving && !t->task->is_outside && !is_tight && w.head.number >= t->begin_after;
	if (!t->is_over && may_begin) {
		maybe_begin_submission(t, &w);
		maybe_begin_round(t, &w);
	}
}
