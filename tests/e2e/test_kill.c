/* kill -9 at every commit boundary of a round and its submission, before and after each. After the
 * restart: nothing that was on disk is lost or changed, every sealed vector is revealed
 * and counted, and the chain took exactly one commit and one reveal for each. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "e2e/world.h"
#include "store/store.h"
#include "support/test.h"

#define TEMPO 20u
#define BLOCK_MS 100u
#define RECORDS_MAX 512u
#define BOUNDARIES_MAX 200u

typedef struct {
	struct {
		uint64_t story;
		uint32_t seq;
		asy_rec_type type;
		uint8_t digest[32];
	} rec[RECORDS_MAX];
	size_t n, submissions, counted;
	asy_rec_type last;
} picture;

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
		for (size_t i = 0; i < n; i++)
			ck_ok(asy_store_records(s, info[i].id, 0, on_record, p, &e), e);
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

static void start_boundary(const world *w, unsigned lane, lane_state *l, unsigned boundary)
{
	static char env[LANES + 1][32];
	*l = (lane_state){.boundary = boundary};
	world_forget(w, lane);
	l->nonce_before = world_nonce(w, lane);
	ck_assert_int_ge(l->nonce_before, 0);
	(void)snprintf(env[lane], sizeof env[lane], "KILL_AT=%u", boundary);
	l->pid = world_daemon(w, lane, "assayd_kill", "1", env[lane]);
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
		"boundary %2u: killed with %zu records on disk (last %s); then %zu vectors, all counted, "
		"%ld transactions\n",
		l->boundary, l->at_kill.n, l->at_kill.n > 0 ? asy_rec_name(l->at_kill.last) : "none",
		now.submissions, used);
	(void)fflush(stdout);
}

/* Returns the number of boundaries. */
static unsigned kill_everywhere(bool timelock)
{
	world w = {.timelock = timelock};
	lane_state lane[LANES + 1] = {0};
	unsigned next = 1, busy = 0, done = 0;
	bool past_the_end = false;

	/* a pulse does not wait for a busy machine */
	world_start(&w, LANES, TEMPO, timelock ? 2 * BLOCK_MS : BLOCK_MS);
	for (unsigned i = 1; i <= LANES; i++)
		world_config(&w, i, "");
	do {
		busy = 0;
		for (unsigned i = 1; i <= LANES; i++) {
			lane_state *l = &lane[i];
			int status = 0;
			if (l->boundary == 0 && !past_the_end) {
				ck_assert_uint_lt(next, BOUNDARIES_MAX);
				start_boundary(&w, i, l, next++);
			}
			if (l->boundary == 0)
				continue;
			busy++;
			if (waitpid(l->pid, &status, WNOHANG) != l->pid)
				continue;
			if (!l->killed_yet && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
				l->killed_yet = true;
				look(&w, i, &l->at_kill);
				l->pid = world_daemon(&w, i, "assayd", "1", NULL);
				continue;
			}
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				fail_with_log(&w, i, l->boundary, "the daemon failed");
			if (!l->killed_yet)
				past_the_end = true; /* the whole round has fewer boundaries */
			else
				done++;
			verify(&w, i, l);
			l->boundary = 0;
		}
		(void)usleep(20000);
	} while (busy > 0);
	world_stop(&w);
	printf("%u boundaries%s\n", done, timelock ? ", timelock" : "");
	return done;
}

START_TEST(test_daemon_when_killed_at_every_boundary_then_nothing_is_lost_or_doubled)
{
	/* BEGIN CHALLENGE RESPONSE QUERY_END SCORES TRACK WEIGHTS PREDICT SEAL SUBMIT INCLUDED
	 * FINAL REVEAL_SUBMIT REVEALED COUNTED END: before and after each */
	ck_assert_uint_ge(kill_everywhere(false), 32);
}
END_TEST

START_TEST(test_daemon_when_killed_while_the_chain_reveals_then_nothing_is_lost_or_doubled)
{
	/* the same without REVEAL_SUBMIT */
	ck_assert_uint_ge(kill_everywhere(true), 30);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_daemon_when_killed_at_every_boundary_then_nothing_is_lost_or_doubled);
	tcase_add_test(tc,
				   test_daemon_when_killed_while_the_chain_reveals_then_nothing_is_lost_or_doubled);
}

int main(void)
{
	return test_main("kill", fill, 880);
}
