/* The small world of test_model.c: its states, the set of those that were seen, and what an
 * action does to the journal and to the chain, all in bytes.
 * Reason to change: an action does something else, or the chain answers it otherwise. */
#ifndef ASSAY_TESTS_MODEL_H
#define ASSAY_TESTS_MODEL_H
#include "submission/step.h"
#include "support/test.h"

#define BASE 100u /* block numbers of the model count from here */
#define SUBS 2
#define ROUNDS 2
#define TEMPO 6u
#define HEADS 64u

/* ---- a state ---- */

typedef struct {
	/* journalled */
	uint8_t present, attempt, birth, included, block, finalized;
	/* not journalled */
	uint8_t sent, missing, scanned_to, not_before;
	/* the chain's: is the recorded block still in it, where it is, is it in the pool */
	uint8_t stands, in_chain, pool, failed;
} leg;

typedef struct {
	uint8_t phase, weigh, commit_epoch, doing, since;
	uint8_t chain_epoch, moved, effective; /* effective: the epoch that counted it */
	leg commit, reveal;
} sub;

typedef struct {
	uint8_t phase, doing, scored;
} round_state;

typedef struct {
	uint8_t head, final, reorgs, crashes, losses;
	uint8_t version, last_version, last_epoch, has_epoch, sub_n;
	uint8_t round_n, has_begun, round_epoch;
	round_state round[ROUNDS];
	sub s[SUBS];
} state;

typedef struct {
	asy_seal_scheme scheme;
	uint8_t heads, era, subs, rounds, reorgs, crashes, losses;
} bounds;

static bounds limit;
static asy_world worlds[HEADS];

/* ---- the explored graph ---- */

static state *seen;
static uint32_t *parent, *slots;
static size_t seen_n, seen_cap, slot_n, edge_n, from_now;
static bool is_calm;

static const char *broken; /* the first property that was */
static state broken_at;

static void claim(bool holds, const state *m, const char *what)
{
	if (holds || broken != NULL)
		return;
	broken = what;
	broken_at = *m;
}

static void show(const state *m)
{
	printf("  head %u final %u version %u rounds %u/%u\n", m->head, m->final, m->version,
		   m->round[0].phase, m->round[1].phase);
	for (int i = 0; i < m->sub_n; i++) {
		const sub *s = &m->s[i];
		printf("    %d %s weighed %u doing %s since %u; epoch %u, the chain's %u\n", i,
			   asy_submission_phase_name(s->phase), s->weigh, asy_submission_do_name(s->doing),
			   s->since, s->commit_epoch, s->chain_epoch);
		for (int l = 0; l < 2; l++) {
			const leg *f = l == 0 ? &s->commit : &s->reveal;
			printf("      %s present %u #%u born %u included %u in %u final %u sent %u missing %u "
				   "seen %u wait %u; stands %u in %u pool %u failed %u\n",
				   l == 0 ? "commit" : "reveal", f->present, f->attempt, f->birth, f->included,
				   f->block, f->finalized, f->sent, f->missing, f->scanned_to, f->not_before,
				   f->stands, f->in_chain, f->pool, f->failed);
		}
	}
}

static uint64_t hash_of(const state *m)
{
	const uint8_t *p = (const uint8_t *)m;
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < sizeof *m; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

static void *grow(void *p, size_t n, size_t each)
{
	void *q = realloc(p, n * each);
	ck_assert_ptr_nonnull(q);
	return q;
}

static void place(size_t at)
{
	size_t i = hash_of(&seen[at]) & (slot_n - 1);
	while (slots[i] != 0)
		i = (i + 1) & (slot_n - 1);
	slots[i] = (uint32_t)at + 1;
}

static void make_room(void)
{
	if (seen_n < seen_cap)
		return;
	seen_cap = seen_cap == 0 ? 1u << 14 : seen_cap * 2;
	seen = grow(seen, seen_cap, sizeof *seen);
	parent = grow(parent, seen_cap, sizeof *parent);
	free(slots);
	slot_n = seen_cap * 2;
	slots = calloc(slot_n, sizeof *slots);
	ck_assert_ptr_nonnull(slots);
	for (size_t i = 0; i < seen_n; i++)
		place(i);
}

static void reach(const state *m)
{
	edge_n++;
	make_room();
	for (size_t i = hash_of(m) & (slot_n - 1); slots[i] != 0; i = (i + 1) & (slot_n - 1))
		if (memcmp(&seen[slots[i] - 1], m, sizeof *m) == 0)
			return;
	seen[seen_n] = *m;
	parent[seen_n] = (uint32_t)from_now;
	place(seen_n++);
}

/* ---- what the chain knows ---- */

static uint8_t epoch_of(unsigned block) /* of its transactions */
{
	return (uint8_t)worlds[block].epoch.subnet_epoch_index;
}

static bool is_open(const sub *s, unsigned head) /* can it still be revealed after head? */
{
	return s->commit.in_chain != 0 && s->reveal.in_chain == 0 &&
		   epoch_of(head + 1) <= s->chain_epoch + 1;
}

static bool is_sealed(void)
{
	return limit.scheme != ASY_SEAL_PLAIN;
}

static uint8_t death(const leg *f)
{
	return (uint8_t)(f->birth + limit.era);
}

static void check_epoch(const state *m, const sub *s)
{
	for (int i = 0; i < m->sub_n; i++) {
		const sub *o = &m->s[i];
		claim(o == s || o->commit.in_chain == 0 || o->chain_epoch != s->chain_epoch || o->moved ||
				  s->moved,
			  m, "two commits of ours in one epoch, and no reorganisation moved one");
	}
}

/* A block takes what the pool holds. */
static void include(state *m, sub *s, bool commits, uint8_t block)
{
	leg *f = commits ? &s->commit : &s->reveal;
	f->pool = 0;
	if (commits) {
		f->in_chain = block;
		s->chain_epoch = epoch_of(block);
		check_epoch(m, s);
	} else if (s->commit.in_chain != 0 && epoch_of(block) == s->chain_epoch + 1) {
		f->in_chain = block;
	} else {
		f->failed = 1;
	}
}

/* ---- the journal ---- */

static uint64_t block_of(uint8_t n)
{
	return n == 0 ? 0 : BASE + n;
}

static void set_flight(asy_flight *x, const leg *f)
{
	x->present = f->present;
	x->attempt = f->attempt;
	x->included = f->included;
	x->block.number = block_of(f->block);
	x->finalized = f->finalized;
	x->sent = f->sent;
	x->missing = f->missing;
	x->scanned_to = block_of(f->scanned_to);
	x->not_before = block_of(f->not_before);
}

/* Valid until the next call: it is large, and asked for often. */
static const asy_submission *real(const sub *s)
{
	static asy_submission r;
	r.phase = s->phase;
	r.scheme = limit.scheme;
	r.weigh_block = BASE + s->weigh;
	set_flight(&r.commit, &s->commit);
	set_flight(&r.reveal, &s->reveal);
	r.commit_epoch = s->commit_epoch;
	r.reveal_period = 1;
	return &r;
}

static void forget(leg *f, bool is_reveal)
{
	f->sent = f->missing = f->scanned_to = f->not_before = 0;
	f->present = f->attempt != 0; /* the last SUBMIT is read again */
	if (is_reveal)
		f->finalized = 0;
}

static void record_tx(sub *s, leg *f, const state *m, asy_submission_phase phase)
{
	uint8_t pool = f->pool, in_chain = f->in_chain;
	claim(pool == 0 || m->head + 1u >= death(f) || s->moved, m,
		  "signed again while the first may land");
	*f = (leg){.present = 1, .attempt = f->attempt < 2 ? f->attempt + 1 : 2, .birth = m->head};
	f->in_chain = in_chain;
	s->phase = phase;
}

static void record_included(sub *s)
{
	leg *f = &s->commit;
	f->block = f->in_chain;
	f->stands = f->included = f->present = 1;
	f->missing = 0;
	s->commit_epoch = s->chain_epoch;
	if (s->phase < ASY_SUBMISSION_INCLUDED)
		s->phase = ASY_SUBMISSION_INCLUDED;
}

static void record_final(sub *s)
{
	s->commit.finalized = 1;
	if (!is_sealed() && s->phase == ASY_SUBMISSION_INCLUDED) {
		s->reveal.block = s->commit.block;
		s->phase = ASY_SUBMISSION_REVEALED;
	}
}

static void record_revealed(sub *s)
{
	leg *f = &s->reveal;
	f->block = f->in_chain;
	f->stands = f->included = 1;
	f->missing = 0;
	s->phase = ASY_SUBMISSION_REVEALED;
}

static void record_missed(state *m, sub *s)
{
	claim(!is_sealed() || !is_open(s, m->head), m, "missed, and it could still be revealed");
	claim(is_sealed() || s->commit.in_chain == 0, m, "missed, and the chain has it");
	claim(s->commit.pool == 0 || m->head + 1u >= death(&s->commit) || s->moved, m,
		  "missed, and its commit may still land");
	s->phase = ASY_SUBMISSION_MISSED;
}

/* ---- completions ---- */

static void rebuild(leg *f, uint8_t at)
{
	f->present = 0;
	f->not_before = at + 1;
}

/* The node's answer to bytes. */
static void hand_over(state *m, sub *s, bool commits, bool is_later)
{
	leg *f = commits ? &s->commit : &s->reveal;
	claim(f->present && f->attempt != 0, m, "sent, and it is not on disk");
	if (is_later) {
		f->not_before = s->since + 1;
	} else if (!commits && f->in_chain != 0) {
		record_revealed(s); /* outdated, and the queue says why */
	} else if (f->in_chain != 0 || f->failed || m->head + 1u >= death(f)) {
		rebuild(f, s->since);
	} else {
		f->pool = 1;
		f->sent = 1;
	}
}

static bool finds(const leg *f, uint8_t head)
{
	bool anew = f->included || f->scanned_to == 0 || head >= death(f);
	return f->in_chain != 0 && (anew || f->in_chain > f->scanned_to);
}

static void judge_pending(leg *f, uint8_t at)
{
	f->sent = 1;
	if (at >= death(f))
		rebuild(f, at);
}

static void watch(const state *m, sub *s)
{
	leg *f = &s->commit;
	bool stands = f->included && f->stands && f->in_chain == f->block;
	if (stands) {
		if (m->final >= f->block && !f->finalized)
			record_final(s);
		f->missing = 0;
		f->scanned_to = s->since;
	} else if (finds(f, s->since)) {
		record_included(s);
	} else if (f->included) {
		f->missing = 1;
		f->scanned_to = s->since;
		if (s->phase == ASY_SUBMISSION_INCLUDED) {
			judge_pending(f, s->since);
			f->sent = 0;
		}
	} else {
		f->scanned_to = s->since;
		judge_pending(f, s->since);
	}
}

static void reveal_refused(state *m, sub *s)
{
	if (is_open(s, m->head))
		rebuild(&s->reveal, s->since);
	else
		record_missed(m, s);
}

static void watch_chain_reveal(state *m, sub *s)
{
	leg *f = &s->reveal;
	if (f->in_chain != 0) {
		record_revealed(s);
		return;
	}
	f->missing = f->missing || f->included;
	f->scanned_to = s->since;
	if (!is_open(s, m->head) && s->commit.finalized)
		record_missed(m, s);
}

static void watch_reveal(state *m, sub *s)
{
	leg *f = &s->reveal;
	if (f->included && f->stands && f->in_chain == f->block) {
		f->finalized = m->final >= f->block;
		f->missing = 0;
		f->scanned_to = s->since;
	} else if (limit.scheme == ASY_SEAL_TIMELOCK) {
		watch_chain_reveal(m, s);
	} else if (finds(f, s->since)) {
		record_revealed(s);
	} else if (f->failed) {
		reveal_refused(m, s);
	} else {
		bool was = f->included;
		f->missing = f->missing || was;
		f->scanned_to = s->since;
		judge_pending(f, s->since);
		f->sent = !was;
	}
}

static void prepare(state *m, sub *s)
{
	claim(s->phase >= ASY_SUBMISSION_SEALED, m, "signed, and its opening is not on disk");
	if (is_sealed() && s->commit.attempt != 0 && s->commit.in_chain != 0) {
		record_included(s);
		return;
	}
	s->commit.in_chain = 0; /* set anew: the earlier ones are no other vector */
	record_tx(s, &s->commit, m, ASY_SUBMISSION_SENT);
}

static void check_shown(const state *m, const sub *s)
{
	asy_reveal_window w;
	const asy_world *now = &worlds[s->since];
	assay_status st =
		asy_schedule_reveal_window(&now->epoch, now->head.number, s->commit_epoch, 1, &w, NULL);
	bool is_late = st == ASSAY_OK && w.end - now->head.number <= TEMPO / 2;
	claim(s->commit.finalized || is_late, m, "shown before its commitment was final");
}

/* how: 0 as it should be, 1 the node says later, 2 a crash before it is sent */
static void complete(state *m, sub *s, int how)
{
	asy_submission_do what = s->doing;
	bool commits = what == ASY_SUBMISSION_DO_PREPARE || what == ASY_SUBMISSION_DO_SEND;
	if (what == ASY_SUBMISSION_DO_PREDICT)
		s->phase = ASY_SUBMISSION_PREDICTED;
	if (what == ASY_SUBMISSION_DO_WATCH)
		watch(m, s);
	if (what == ASY_SUBMISSION_DO_WATCH_REVEAL)
		watch_reveal(m, s);
	if (what == ASY_SUBMISSION_DO_PREPARE)
		prepare(m, s);
	if (what == ASY_SUBMISSION_DO_PREPARE_REVEAL || what == ASY_SUBMISSION_DO_SEND_REVEAL)
		check_shown(m, s);
	if (what == ASY_SUBMISSION_DO_PREPARE_REVEAL)
		record_tx(s, &s->reveal, m, ASY_SUBMISSION_REVEALING);
	const leg *f = commits ? &s->commit : &s->reveal;
	bool sends = commits || what == ASY_SUBMISSION_DO_PREPARE_REVEAL ||
				 what == ASY_SUBMISSION_DO_SEND_REVEAL;
	if (sends && how != 2 && !(commits && f->included))
		hand_over(m, s, commits, how == 1);
	else if (what == ASY_SUBMISSION_DO_SEND && how != 2)
		hand_over(m, s, true, how == 1);
	s->doing = ASY_SUBMISSION_DO_WAIT;
	s->since = 0;
}
#endif
