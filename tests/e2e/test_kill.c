/* kill -9 at every commit boundary of a round and its submission, before and after each. After the
 * restart: nothing that was on disk is lost or changed, every sealed vector is revealed
 * and counted, and the chain took exactly one commit and one reveal for each. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "e2e/world.h"
#include "store/store.h"
#include "support/test.h"

#define TEMPO 20u
#define BLOCK_MS 100u
#define RECORDS_MAX 512u
#define BOUNDARIES_MAX 400u

typedef struct {
	struct {
		uint64_t story;
		uint32_t seq;
		asy_rec_type type;
		uint8_t digest[32];
	} rec[RECORDS_MAX];
	size_t n, submissions, counted;
	size_t open[2]; /* rounds and submissions without an END */
	asy_rec_type last;
} picture;

/* One way of running daemons to be killed. */
typedef struct {
	bool timelock;
	/* The next round is asked while the last is scored, and a vector is made while the one before it
	 * waits for its reveal. */
	bool crowded;
	unsigned step; /* from one boundary to the next that is tried */
} campaign;

static assay_status on_record(void *arg, const asy_rec *r, assay_err *err)
{
	picture *p = arg;
	(void)err;
	ck_assert_uint_lt(p->n, RECORDS_MAX);
	p->rec[p->n].story = r->story;
	p->rec[p->n].seq = r->seq;
	p->rec[p->n].type = r->type;
	memcpy(p->rec[p->n++].digest, r->digest, 32);
	p->last = r->type;
	return ASSAY_OK;
}

static assay_status on_submission(void *arg, const asy_sub_row *s, assay_err *err)
{
	picture *p = arg;
	(void)err;
	p->submissions += s->is_sealed;
	p->counted += s->state == ASY_SUB_COUNTED;
	return ASSAY_OK;
}

/* Everything in the lane's store; opening it writable also proves that it recovers. */
static void look(const world *w, unsigned lane, picture *p)
{
	char dir[512];
	assay_err e = {0};
	asy_store *s;
	static const asy_story_kind kinds[] = {ASY_STORY_ROUND, ASY_STORY_SUBMISSION};
	asy_story_info info[64];
	size_t n;
	*p = (picture){0};
	world_lane_path(w, lane, "data", dir);
	asy_store_options so = {.dir = dir};
	ck_ok(asy_store_open(&so, &s, &e), e);
	for (size_t k = 0; k < ASY_COUNT(kinds); k++) {
		ck_ok(asy_store_stories(s, kinds[k], 0, info, ASY_COUNT(info), &n, &e), e);
		for (size_t i = 0; i < n; i++) {
			p->open[k] += !info[i].finished;
			ck_ok(asy_store_records(s, info[i].id, 0, on_record, p, &e), e);
		}
	}
	ck_ok(asy_store_submissions(s, 0, on_submission, p, &e), e);
	asy_store_close(s);
}

static bool holds(const picture *p, uint64_t story, uint32_t seq, const uint8_t digest[32])
{
	for (size_t i = 0; i < p->n; i++)
		if (p->rec[i].story == story && p->rec[i].seq == seq)
			return memcmp(p->rec[i].digest, digest, 32) == 0;
	return false;
}

typedef struct {
	unsigned boundary; /* 0 = idle */
	pid_t pid;
	bool killed_yet;
	long nonce_before;
	picture at_kill;
} lane_state;

static const char *rounds_of(const campaign *c)
{
	return c->crowded ? "5" : "1";
}

static void configure(const world *w, const campaign *c, unsigned lane)
{
	char shared[2048], text[4096];
	if (!c->crowded) {
		world_config(w, lane, "");
		return;
	}
	world_shared(w, shared);
	char *round = strstr(shared, "\"period_ms\":0");
	ck_assert_ptr_nonnull(round);
	(void)snprintf(text, sizeof text,
				   "{\"netuid\":%u,\"data_dir\":\"data\",\"wallet\":{\"dev_uri\":\"//E2E//v%u\"},"
				   "\"plugin\":{\"path\":\"" SLOW_PLUGIN "\",\"config\":{\"ms\":%u}},"
				   "%.*s\"period_ms\":%u%s}",
				   lane, lane, TEMPO * BLOCK_MS, (int)(round - strstr(shared, "\"dataset\"")),
				   strstr(shared, "\"dataset\""), TEMPO * BLOCK_MS / 2,
				   round + strlen("\"period_ms\":0"));
	world_write_config(w, lane, text);
}

static void start_boundary(const world *w, const campaign *c, unsigned lane, lane_state *l,
						   unsigned boundary)
{
	static char env[LANES + 1][32];
	*l = (lane_state){.boundary = boundary};
	world_forget(w, lane);
	l->nonce_before = world_nonce(w, lane);
	ck_assert_int_ge(l->nonce_before, 0);
	(void)snprintf(env[lane], sizeof env[lane], "KILL_AT=%u", boundary);
	l->pid = world_daemon(w, lane, "assayd_kill", rounds_of(c), env[lane]);
}

static void fail_with_log(const world *w, unsigned lane, unsigned boundary, const char *what)
{
	char *log = world_log(w, lane);
	ck_abort_msg("boundary %u: %s\n%s", boundary, what, log);
}

static void verify(const world *w, unsigned lane, const lane_state *l)
{
	picture now;
	look(w, lane, &now);
	for (size_t i = 0; i < l->at_kill.n; i++)
		if (!holds(&now, l->at_kill.rec[i].story, l->at_kill.rec[i].seq, l->at_kill.rec[i].digest))
			fail_with_log(w, lane, l->boundary, "a record on disk at the kill is gone or changed");
	long used = world_nonce(w, lane) - l->nonce_before;
	if (now.counted != now.submissions || now.submissions == 0)
		fail_with_log(w, lane, l->boundary, "a sealed vector was not counted");
	/* what is sealed to a pulse is revealed by the chain */
	if (used != (w->timelock ? 1 : 2) * (long)now.submissions)
		fail_with_log(w, lane, l->boundary,
					  "the chain took more or fewer transactions than one "
					  "commit and one reveal a vector");
	printf(
		"boundary %2u: killed with %zu records on disk (last %s), %zu rounds and %zu vectors open; "
		"then %zu vectors, all counted, %ld transactions\n",
		l->boundary, l->at_kill.n, l->at_kill.n > 0 ? asy_rec_name(l->at_kill.last) : "none",
		l->at_kill.open[0], l->at_kill.open[1], now.submissions, used);
	(void)fflush(stdout);
}

/* Returns the number of boundaries; *crowds: at how many two rounds or more and two vectors or
 * more were open. */
static unsigned kill_everywhere(const campaign *c, unsigned *crowds)
{
	world w = {.timelock = c->timelock};
	lane_state lane[LANES + 1] = {0};
	unsigned next = 1, busy = 0, done = 0;
	bool past_the_end = false;

	/* a pulse does not wait for a busy machine */
	world_start(&w, LANES, TEMPO, c->timelock ? 2 * BLOCK_MS : BLOCK_MS);
	*crowds = 0;
	for (unsigned i = 1; i <= LANES; i++)
		configure(&w, c, i);
	do {
		busy = 0;
		for (unsigned i = 1; i <= LANES; i++) {
			lane_state *l = &lane[i];
			int status = 0;
			if (l->boundary == 0 && !past_the_end) {
				ck_assert_uint_lt(next, BOUNDARIES_MAX);
				start_boundary(&w, c, i, l, next);
				next += c->step;
			}
			if (l->boundary == 0)
				continue;
			busy++;
			if (waitpid(l->pid, &status, WNOHANG) != l->pid)
				continue;
			if (!l->killed_yet && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
				l->killed_yet = true;
				look(&w, i, &l->at_kill);
				l->pid = world_daemon(&w, i, "assayd", rounds_of(c), NULL);
				continue;
			}
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				fail_with_log(&w, i, l->boundary, "the daemon failed");
			if (!l->killed_yet)
				past_the_end = true; /* the whole round has fewer boundaries */
			else
				done++;
			verify(&w, i, l);
			*crowds += l->at_kill.open[0] >= 2 && l->at_kill.open[1] >= 2;
			l->boundary = 0;
		}
		(void)usleep(20000);
	} while (busy > 0);
	world_stop(&w);
	printf("%u boundaries%s%s\n", done, c->timelock ? ", timelock" : "",
		   c->crowded ? ", two rounds and two vectors at once" : "");
	return done;
}

START_TEST(test_daemon_when_killed_at_every_boundary_then_nothing_is_lost_or_doubled)
{
	/* BEGIN CHALLENGE RESPONSE QUERY_END SCORES TRACK WEIGHTS PREDICT SEAL SUBMIT INCLUDED
	 * FINAL REVEAL_SUBMIT REVEALED COUNTED END: before and after each */
	const campaign c = {.step = 1};
	unsigned crowds;
	ck_assert_uint_ge(kill_everywhere(&c, &crowds), 32);
}
END_TEST

START_TEST(test_daemon_when_killed_while_the_chain_reveals_then_nothing_is_lost_or_doubled)
{
	/* the same without REVEAL_SUBMIT */
	const campaign c = {.timelock = true, .step = 1};
	unsigned crowds;
	ck_assert_uint_ge(kill_everywhere(&c, &crowds), 30);
}
END_TEST

START_TEST(test_daemon_when_killed_with_two_rounds_and_two_vectors_then_nothing_is_lost_or_doubled)
{
	/* every boundary is tried with ASSAY_TEST_KILL_STEP=1 */
	const char *step = getenv("ASSAY_TEST_KILL_STEP");
	const campaign c = {.crowded = true, .step = step != NULL ? (unsigned)atoi(step) : 7};
	unsigned crowds;
	ck_assert_uint_ge(c.step, 1);
	ck_assert_uint_ge(kill_everywhere(&c, &crowds), 60 / c.step);
	ck_assert_uint_ge(crowds, 1);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_daemon_when_killed_at_every_boundary_then_nothing_is_lost_or_doubled);
	tcase_add_test(tc,
				   test_daemon_when_killed_while_the_chain_reveals_then_nothing_is_lost_or_doubled);
	tcase_add_test(
		tc,
		test_daemon_when_killed_with_two_rounds_and_two_vectors_then_nothing_is_lost_or_doubled);
}

int main(void)
{
	return test_main("kill", fill, 880);
}
