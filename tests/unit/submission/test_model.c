/* Both step functions explored together: every order of blocks, lost transactions,
 * reorganisations, crashes and completions within small bounds. The steps are the real ones;
 * what they act on is model.h.
 * Reason to change: an event may come at another time, or a property is added. */
#include "model.h"
#include "round/step.h"

#define CALM_BLOCKS 40u

/* ---- what the validator does between events ---- */

/* The epoch counts the newest of our rows. */
static void count(state *m, sub *s)
{
	uint64_t ran = worlds[m->head].epoch.last_mechanism_step_block - BASE;
	uint8_t at = is_sealed() ? s->reveal.in_chain : s->commit.in_chain;
	bool is_newest = true;
	claim(at != 0 && at <= m->final, m, "counted, and no final block holds it");
	claim(at <= ran, m, "counted before an epoch ran");
	for (int i = 0; i < m->sub_n; i++) {
		const sub *o = &m->s[i];
		uint8_t other = is_sealed() ? o->reveal.in_chain : o->commit.in_chain;
		bool is_in_time = limit.scheme == ASY_SEAL_TIMELOCK ? other <= ran : other < ran;
		is_newest = is_newest && (!is_in_time || other < at || (other == at && o <= s));
	}
	s->effective = is_newest ? (uint8_t)ran : 0;
	for (int i = 0; i < m->sub_n; i++)
		claim(&m->s[i] == s || s->effective == 0 || m->s[i].effective != s->effective, m,
			  "two effective vectors in one epoch");
	s->phase = ASY_SUBMISSION_COUNTED;
}

static void end(state *m, sub *s)
{
	claim(s->phase >= ASY_SUBMISSION_SEALED || s->commit.attempt == 0, m, "ended, and it was sent");
	s->phase = ASY_SUBMISSION_ENDED;
	s->commit = (leg){.in_chain = s->commit.in_chain};
	s->reveal = (leg){.in_chain = s->reveal.in_chain};
}

/* True: something was done at once. */
static bool ask_sub(state *m, sub *s)
{
	if (s->doing != ASY_SUBMISSION_DO_WAIT || s->phase == ASY_SUBMISSION_ENDED)
		return false;
	asy_submission_do what = asy_submission_next(real(s), &worlds[m->head]).what;
	switch (what) {
	case ASY_SUBMISSION_DO_WAIT:
		return false;
	case ASY_SUBMISSION_DO_SEAL:
		s->phase = ASY_SUBMISSION_SEALED;
		return true;
	case ASY_SUBMISSION_DO_COUNT:
		count(m, s);
		return true;
	case ASY_SUBMISSION_DO_MISS:
		record_missed(m, s);
		return true;
	case ASY_SUBMISSION_DO_END:
		end(m, s);
		return true;
	case ASY_SUBMISSION_DO_PREDICT:
	case ASY_SUBMISSION_DO_PREPARE:
	case ASY_SUBMISSION_DO_SEND:
	case ASY_SUBMISSION_DO_WATCH:
	case ASY_SUBMISSION_DO_PREPARE_REVEAL:
	case ASY_SUBMISSION_DO_SEND_REVEAL:
	case ASY_SUBMISSION_DO_WATCH_REVEAL:
		break;
	}
	s->doing = (uint8_t)what;
	s->since = m->head;
	return false;
}

static bool ask_round(state *m, round_state *r)
{
	static asy_answer answer, *answers[1] = {&answer};
	static asy_plugin_row row;
	static asy_round x = {.row = &row, .answer = answers, .target_n = 1, .question_n = 1};
	if (r->doing != ASY_ROUND_DO_WAIT || r->phase == ASY_ROUND_NEW || r->phase == ASY_ROUND_ENDED)
		return false;
	row.flag = r->scored ? ASY_ROW_SCORED : ASY_ROW_PENDING;
	x.phase = r->phase;
	asy_round_do what = asy_round_next(&x, &worlds[m->head]).what;
	if (what == ASY_ROUND_DO_CHALLENGE)
		r->phase = ASY_ROUND_ASKING;
	else if (what == ASY_ROUND_DO_END)
		r->phase = ASY_ROUND_ENDED;
	else if (what == ASY_ROUND_DO_TRACK) {
		r->phase = ASY_ROUND_TRACKED;
		m->version++;
	} else {
		r->doing = (uint8_t)what;
		return false;
	}
	return true;
}

static void begin_sub(state *m)
{
	const asy_world *w = &worlds[m->head];
	asy_submissions_now x = {m->version, m->last_version, m->last_epoch, m->has_epoch, false};
	for (int i = 0; i < m->sub_n; i++) {
		bool is_over = m->s[i].phase == ASY_SUBMISSION_ENDED;
		x.is_taken = x.is_taken || (!is_over && asy_submission_takes_epoch(real(&m->s[i]), w));
	}
	if (m->sub_n >= limit.subs || !asy_submission_may_begin(w, &x))
		return;
	m->s[m->sub_n++] = (sub){.phase = ASY_SUBMISSION_WEIGHED, .weigh = m->head};
	m->last_version = m->version;
	m->last_epoch = (uint8_t)asy_world_epoch_now(w);
	m->has_epoch = 1;
}

static void begin_round(state *m)
{
	const asy_world *w = &worlds[m->head];
	asy_rounds_now x = {.last_began_ns = m->has_begun, .last_epoch = m->round_epoch};
	for (int i = 0; i < m->round_n; i++) {
		x.open_n += m->round[i].phase != ASY_ROUND_ENDED;
		x.is_asking = x.is_asking || m->round[i].phase < ASY_ROUND_ASKED;
	}
	if (m->round_n >= limit.rounds || !asy_round_may_begin(w, &x))
		return;
	m->round[m->round_n++].phase = ASY_ROUND_BEGUN;
	m->has_begun = 1;
	m->round_epoch = (uint8_t)asy_world_epoch_now(w);
}

static void advance(state *m)
{
	for (int i = 0; i < m->sub_n; i++)
		while (ask_sub(m, &m->s[i]))
			;
	for (int i = 0; i < m->round_n; i++)
		while (ask_round(m, &m->round[i]))
			;
	uint8_t subs = m->sub_n, rounds = m->round_n;
	if (is_calm)
		return;
	begin_sub(m);
	begin_round(m);
	if (m->sub_n != subs || m->round_n != rounds)
		advance(m);
}

static void settle(state m)
{
	advance(&m);
	reach(&m);
}

/* ---- events ---- */

static void complete_round(round_state *r)
{
	if (r->doing == ASY_ROUND_DO_ASK)
		r->phase = ASY_ROUND_ASKED;
	else
		r->scored = 1;
	r->doing = ASY_ROUND_DO_WAIT;
}

static void completions(const state *from)
{
	for (int i = 0; i < from->sub_n; i++)
		for (int how = 0; from->s[i].doing != ASY_SUBMISSION_DO_WAIT && how < 2; how++) {
			state m = *from;
			if (how == 1 && m.losses == 0)
				continue;
			m.losses = (uint8_t)(m.losses - how);
			complete(&m, &m.s[i], how);
			settle(m);
		}
	for (int i = 0; i < from->round_n; i++)
		if (from->round[i].doing != ASY_ROUND_DO_WAIT) {
			state m = *from;
			complete_round(&m.round[i]);
			settle(m);
		}
}

static leg *leg_at(state *m, int i)
{
	return i % 2 == 0 ? &m->s[i / 2].commit : &m->s[i / 2].reveal;
}

/* The next block takes those of the pool that mask names; what no later one can take goes. */
static void add_block(state *m, unsigned mask)
{
	m->head++;
	for (int i = 0; i < 2 * m->sub_n; i++)
		if (leg_at(m, i)->pool && (mask >> i & 1) != 0)
			include(m, &m->s[i / 2], i % 2 == 0, m->head);
	for (int i = 0; i < 2 * m->sub_n; i++)
		if (leg_at(m, i)->pool && m->head + 1u >= death(leg_at(m, i)))
			leg_at(m, i)->pool = 0;
	for (int i = 0; i < m->sub_n && limit.scheme == ASY_SEAL_TIMELOCK; i++) {
		sub *s = &m->s[i];
		if (is_open(s, m->head - 1u) && epoch_of(m->head) == s->chain_epoch + 1)
			s->reveal.in_chain = m->head;
	}
}

static unsigned pooled(state *m)
{
	unsigned mask = 0;
	for (int i = 0; i < 2 * m->sub_n; i++)
		mask |= (unsigned)leg_at(m, i)->pool << i;
	return mask;
}

static void blocks(state *from)
{
	unsigned all = pooled(from);
	for (int i = 0; i < from->sub_n; i++) /* an action takes two blocks at the most */
		if (from->s[i].doing != ASY_SUBMISSION_DO_WAIT && from->s[i].since < from->head)
			return;
	for (unsigned mask = 0; from->head < limit.heads && mask <= all; mask++)
		for (unsigned lag = 0; (mask & ~all) == 0 && lag <= 2; lag++) {
			state m = *from;
			add_block(&m, mask);
			if (m.head - lag < m.final)
				continue;
			m.final = (uint8_t)(m.head - lag);
			settle(m);
		}
}

static void losses(state *from)
{
	for (int i = 0; from->losses > 0 && i < 2 * from->sub_n; i++)
		if (leg_at(from, i)->pool) {
			state m = *from;
			m.losses--;
			leg_at(&m, i)->pool = 0;
			settle(m);
		}
}

/* The blocks above `last` are others now. What they held is in the pool again. */
static void take_back(state *m, uint8_t last)
{
	for (int i = 0; i < 2 * m->sub_n; i++) {
		leg *f = leg_at(m, i);
		if (f->block > last)
			f->stands = 0;
		if (f->in_chain <= last)
			continue;
		f->in_chain = 0;
		f->pool = f->attempt != 0 && m->head + 1u < death(f);
		m->s[i / 2].moved = 1;
	}
}

static void reorganisations(const state *from)
{
	for (uint8_t d = 1; from->reorgs > 0 && d <= 2 && from->final + d <= from->head; d++) {
		state m = *from;
		m.reorgs--;
		take_back(&m, (uint8_t)(m.head - d));
		settle(m);
		unsigned all = pooled(&m);
		for (int i = 0; i < 2 * m.sub_n; i++) /* or in another of its blocks */
			if ((all >> i & 1) != 0 && leg_at(&m, i)->birth < m.head) {
				state again = m;
				again.s[i / 2].moved = 1;
				include(&again, &again.s[i / 2], i % 2 == 0, again.head);
				settle(again);
			}
	}
}

/* What was under way is done, or done but not sent, or not done. */
static void crash(state m, int how)
{
	m.crashes--;
	for (int i = 0; i < m.sub_n; i++) {
		sub *s = &m.s[i];
		if (s->doing != ASY_SUBMISSION_DO_WAIT && how != 1)
			complete(&m, s, how);
		s->doing = s->since = 0;
		if (s->phase == ASY_SUBMISSION_ENDED)
			continue;
		forget(&s->commit, false);
		forget(&s->reveal, true);
	}
	for (int i = 0; i < m.round_n; i++)
		m.round[i].doing = ASY_ROUND_DO_WAIT;
	m.has_epoch = m.last_epoch = m.has_begun = m.round_epoch = 0;
	settle(m);
}

/* ---- without further trouble ---- */

typedef enum { ALL, NO_ROUND, NO_SUBMISSION } calm;

static bool is_over(const state *m, calm which)
{
	for (int i = 0; which != NO_SUBMISSION && i < m->sub_n; i++)
		if (m->s[i].phase != ASY_SUBMISSION_ENDED)
			return false;
	for (int i = 0; which != NO_ROUND && i < m->round_n; i++)
		if (m->round[i].phase != ASY_ROUND_ENDED)
			return false;
	return true;
}

static void do_all(state *m, calm which)
{
	for (bool any = true; any;) {
		any = false;
		for (int i = 0; which != NO_SUBMISSION && i < m->sub_n; i++)
			if (m->s[i].doing != ASY_SUBMISSION_DO_WAIT) {
				complete(m, &m->s[i], 0);
				any = true;
			}
		for (int i = 0; which != NO_ROUND && i < m->round_n; i++)
			if (m->round[i].doing != ASY_ROUND_DO_WAIT) {
				complete_round(&m->round[i]);
				any = true;
			}
		if (any)
			advance(m);
	}
}

/* Each story ends by itself, also when nothing of the other ever completes. */
static void calm_down(const state *from, calm which, const char *what)
{
	state m = *from;
	is_calm = true;
	for (unsigned n = 0; n < CALM_BLOCKS && !is_over(&m, which); n++) {
		do_all(&m, which);
		add_block(&m, pooled(&m));
		m.final = m.head;
		advance(&m);
	}
	is_calm = false;
	claim(is_over(&m, which), from, what);
	for (int i = 0; which == ALL && is_sealed() && i < m.sub_n; i++) {
		const sub *s = &from->s[i];
		/* what was lost, or is in a block that was looked through, is known when its era is over */
		unsigned by =
			s->commit.included || finds(&s->commit, from->head) ? from->head : death(&s->commit);
		if (s->reveal.attempt != 0 && death(&s->reveal) > by)
			by = death(&s->reveal);
		bool has_time = is_open(s, from->head) && epoch_of(by + 3u) <= s->chain_epoch + 1;
		claim(!has_time || s->phase == ASY_SUBMISSION_ENDED || m.s[i].reveal.in_chain != 0, from,
			  "left unrevealed in its window");
	}
}

/* ---- all of it ---- */

static void set_worlds(void)
{
	asy_world w = {.head = {.number = BASE},
				   .epoch = {.tempo = TEMPO,
							 .stateful = true,
							 .max_epochs_per_block = 2,
							 .last_epoch_block = BASE,
							 .subnet_epoch_index = 7,
							 .last_mechanism_step_block = BASE},
				   .reveal_period = 1,
				   .lead_blocks = 2,
				   .now_ns = 1};
	for (unsigned h = 0; h < HEADS; h++) {
		worlds[h] = w;
		w.head.number++;
		if (asy_schedule_step(&w.epoch, w.head.number))
			w.epoch.last_mechanism_step_block = w.head.number;
	}
}

static void visit(state m)
{
	completions(&m);
	blocks(&m);
	losses(&m);
	reorganisations(&m);
	for (int how = 0; m.crashes > 0 && how < 3; how++)
		crash(m, how);
	calm_down(&m, ALL, "it never ends");
	if (!is_over(&m, NO_SUBMISSION)) {
		calm_down(&m, NO_ROUND, "a submission waits for a round");
		calm_down(&m, NO_SUBMISSION, "a round waits for a submission");
	}
}

static void explore(const char *name, bounds b)
{
	state first = {.reorgs = b.reorgs, .crashes = b.crashes, .losses = b.losses, .version = 1};
	limit = b;
	from_now = 0;
	set_worlds();
	settle(first);
	for (from_now = 0; from_now < seen_n && broken == NULL; from_now++)
		visit(seen[from_now]);
	printf("%s, vectors %u, rounds %u, reorganisations %u, crashes %u, losses %u: %zu states, "
		   "%zu transitions\n",
		   name, b.subs, b.rounds, b.reorgs, b.crashes, b.losses, seen_n, edge_n);
	(void)fflush(stdout);
	if (broken != NULL) {
		show(&broken_at);
		for (size_t i = from_now - 1; i != 0; i = parent[i])
			show(&seen[i]);
	}
	(void)fflush(stdout);
	ck_assert_msg(broken == NULL, "%s: %s", name, broken);
	free(seen);
	free(parent);
	free(slots);
	seen = NULL;
	parent = slots = NULL;
	seen_n = seen_cap = edge_n = 0;
}

/* One vector with two kinds of trouble, then two vectors with one. */
static void explore_all(const char *name, asy_seal_scheme scheme)
{
	const bounds each[] = {
		{.subs = 1, .heads = 18, .reorgs = 1, .crashes = 1},
		{.subs = 1, .heads = 18, .reorgs = 1, .losses = 1},
		{.subs = 1, .heads = 18, .crashes = 1, .losses = 1},
		{.subs = 2, .heads = 16, .reorgs = 1},
		{.subs = 2, .heads = 16, .crashes = 1},
		{.subs = 2, .rounds = 2, .heads = 11},
		{.subs = 1, .rounds = 2, .heads = 9, .crashes = 1},
	};
	for (size_t i = 0; i < ASY_COUNT(each); i++) {
		bounds b = each[i];
		b.scheme = scheme;
		b.era = 3;
		explore(name, b);
	}
}

START_TEST(test_model_when_sealed_with_a_hash_then_every_property_holds)
{
	explore_all("hash", ASY_SEAL_HASH);
}
END_TEST

START_TEST(test_model_when_set_directly_then_every_property_holds)
{
	explore_all("plain", ASY_SEAL_PLAIN);
}
END_TEST

START_TEST(test_model_when_the_chain_reveals_then_every_property_holds)
{
	explore_all("timelock", ASY_SEAL_TIMELOCK);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_model_when_sealed_with_a_hash_then_every_property_holds);
	tcase_add_test(tc, test_model_when_set_directly_then_every_property_holds);
	tcase_add_test(tc, test_model_when_the_chain_reveals_then_every_property_holds);
}

int main(void)
{
	return test_main("model", fill, 120);
}
