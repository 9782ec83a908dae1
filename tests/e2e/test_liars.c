/* The whole daemon and a node that lies, over real sockets: alone, before an honest endpoint and
 * behind one, by HTTP and by WebSocket. The daemon never ends by itself and stays small; with an
 * honest endpoint in the list every vector counts.
 * LIARS_FORM=full: every lie of tests/support/lies.c in all six arrangements, half an hour;
 * LIARS_LIE=NAME: that one. Else six lies, one arrangement each. */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "crypto/crypto.h"
#include "e2e/world.h"
#include "support/lying_node.h"
#include "support/test.h"

#define ROUNDS "2"
#define MEMORY_MAX_KB (64L << 10)

typedef enum { ALONE, LIAR_FIRST, LIAR_SECOND } place;
static const char *const place_names[] = {"[liar]", "[liar, honest]", "[honest, liar]"};

/* What a lane of the world is. */
typedef struct {
	const lie *what;
	place place;
	bool is_ws;
	char self[65];
	lying_node node;
	pid_t daemon;
	int status;
	struct rusage use;
} lane;

static world w;

static void set_up(void)
{
	world_start(&w, LANES, 12, 250);
}

static void tear_down(void)
{
	world_stop(&w);
}

static const lie *lie_named(const char *name)
{
	for (size_t i = 0; i < lies_n; i++)
		if (strcmp(lies[i].name, name) == 0)
			return &lies[i];
	ck_abort_msg("no lie is called \"%s\"", name);
}

static void say_self(unsigned number, char out[65])
{
	char uri[32];
	assay_err err;
	asy_key *key = NULL;
	uint8_t account[32];
	(void)snprintf(uri, sizeof uri, "//E2E//v%u", number);
	ck_ok(asy_crypto_init(&err), err);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, uri, &key, &err), err);
	asy_key_public(key, account);
	asy_hex_encode(out, account, sizeof account);
	asy_key_free(key);
}

static void lane_start(lane *l, unsigned number)
{
	const char *scheme = l->is_ws ? "ws" : "http";
	const uint16_t honest = (uint16_t)strtoul(strrchr(w.url, ':') + 1, NULL, 10);
	world seen = w; /* url is spliced into a JSON list, so it may be two */
	say_self(number, l->self);
	l->node = lying_node_start(l->what, l->self, honest);
	const uint16_t first = l->place == LIAR_SECOND ? honest : l->node.port;
	const uint16_t second = l->place == LIAR_SECOND ? l->node.port : honest;
	int n = snprintf(seen.url, sizeof seen.url, "%s://127.0.0.1:%u", scheme, first);
	if (l->place != ALONE)
		(void)snprintf(seen.url + n, sizeof seen.url - (size_t)n, "\",\"%s://127.0.0.1:%u", scheme,
					   second);
	world_config(&seen, number, "");
	/* For every lie a time-out that is short beside this chain's blocks, as the usual one is
	 * beside 12 s. Of the six none is silence, and the machine may be slow. */
	l->daemon = world_daemon(&seen, number, "assayd", l->place == ALONE ? NULL : ROUNDS,
							 getenv("LIARS_FORM") != NULL ? "ASSAY_CHAIN_DEADLINE_MS=1500"
														  : "ASSAY_CHAIN_DEADLINE_MS=3000");
}

/* Whether it has ended, now or before. */
static bool has_ended(lane *l)
{
	if (l->daemon > 0 && wait4(l->daemon, &l->status, WNOHANG, &l->use) == l->daemon)
		l->daemon = 0;
	return l->daemon == 0;
}

static bool wait_for(lane *lanes, bool those_alone, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 20; i++) {
		bool all = true;
		for (unsigned k = 0; k < LANES; k++)
			all = ((lanes[k].place == ALONE) != those_alone || has_ended(&lanes[k])) && all;
		if (all)
			return true;
		(void)usleep(50000);
	}
	return false;
}

static unsigned count(const char *log, const char *words)
{
	unsigned n = 0;
	for (const char *at = log; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static void judge(lane *l, unsigned number)
{
	char *log = world_log(&w, number);
	unsigned made = count(log, " weights.made "), counted = count(log, " weights.counted ");
	bool well = l->daemon == 0 && l->status == 0;
	if (l->place != ALONE)
		well = well && counted > 0 && counted == made;
#if !defined(ASSAY_ASAN) && !defined(ASSAY_TSAN) /* they keep books of memory in memory */
	well = well && l->use.ru_maxrss < MEMORY_MAX_KB;
#endif
	(void)printf("%-32s %-4s %-14s told %6u  vectors %2u  counted %2u  %6ld KiB  %s\n",
				 l->what->name, l->is_ws ? "ws" : "http", place_names[l->place], *l->node.told,
				 made, counted, l->use.ru_maxrss, well ? "well" : "NOT WELL");
	if (!well)
		(void)printf("status 0x%x\n%s\n", (unsigned)l->status, log);
	(void)fflush(stdout);
	free(log);
	ck_assert_msg(well, "%s", l->what->name);
}

static void live(lane *lanes)
{
	for (unsigned k = 0; k < LANES; k++)
		lane_start(&lanes[k], k + 1);
	bool in_time = wait_for(lanes, false, 150);
	for (unsigned k = 0; k < LANES; k++) {
		if (lanes[k].daemon > 0 && lanes[k].place == ALONE)
			(void)kill(lanes[k].daemon, SIGTERM);
	}
	in_time = wait_for(lanes, true, 30) && in_time;
	for (unsigned k = 0; k < LANES; k++) {
		if (lanes[k].daemon > 0)
			(void)kill(lanes[k].daemon, SIGKILL);
		judge(&lanes[k], k + 1);
		lying_node_stop(&lanes[k].node);
	}
	ck_assert(in_time);
}

START_TEST(test_daemon_when_six_nodes_lie_then_it_lives_and_vectors_count)
{
	static const struct {
		const char *name;
		place place;
		bool is_ws;
	} rows[LANES] = {
		{"nonsense, from 40 on", LIAR_FIRST, true},
		{"swallowed submission", LIAR_FIRST, false},
		{"we are unknown", LIAR_FIRST, true},
		{"head is the first", LIAR_FIRST, false},
		{"long hex", LIAR_SECOND, true},
		{"flipped metadata", ALONE, true},
	};
	lane lanes[LANES] = {{0}};
	for (unsigned k = 0; k < LANES; k++)
		lanes[k] =
			(lane){.what = lie_named(rows[k].name), .place = rows[k].place, .is_ws = rows[k].is_ws};
	live(lanes);
}
END_TEST

START_TEST(test_daemon_when_a_node_lies_then_the_same_in_all_arrangements)
{
	lane lanes[LANES] = {{0}};
	const char *form = getenv("LIARS_FORM"), *one = getenv("LIARS_LIE");
	const lie *what = &lies[_i];
	if (one != NULL ? strcmp(one, what->name) != 0 : form == NULL || strcmp(form, "full") != 0)
		return;
	for (unsigned k = 0; k < LANES; k++)
		lanes[k] = (lane){.what = what, .place = (place)(k % 3), .is_ws = k >= 3};
	set_up();
	live(lanes);
	tear_down();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("liars");
	TCase *six = tcase_create("six"), *all = tcase_create("all");
	const bool is_short = getenv("LIARS_FORM") == NULL && getenv("LIARS_LIE") == NULL;
	tcase_set_timeout(six, 250);
	tcase_set_timeout(all, 250);
	tcase_add_checked_fixture(six, set_up, tear_down);
	if (is_short)
		tcase_add_test(six, test_daemon_when_six_nodes_lie_then_it_lives_and_vectors_count);
	tcase_add_loop_test(all, test_daemon_when_a_node_lies_then_the_same_in_all_arrangements, 0,
						is_short ? 0 : (int)lies_n);
	suite_add_tcase(s, six);
	suite_add_tcase(s, all);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
