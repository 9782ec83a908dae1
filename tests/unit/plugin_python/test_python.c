/* Scoring files of Python's: what one sees and gives, the same bits in both hosts, and
 * what it costs when one is wrong or means harm: its own rows, with a sentence that says
 * where, and never a miner's score. */
#include <sys/stat.h>
#include <unistd.h>
#include "unit/plugin/world.h"

#define PYTHON ASSAY_BINARY_DIR "/plugins/python.so"
#define PYTHON_BATCH ASSAY_BINARY_DIR "/plugins/python-batch.so"
#define EXAMPLE ASSAY_SOURCE_DIR "/plugins/python/examples/unique_words.py"
#define ROWS 64u

/* ---- a scoring file ---- */

typedef struct {
	char dir[64], path[96], config[256];
} file;

static void write_file(file *f, const char *text, mode_t mode)
{
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/assay-python-XXXXXX");
	ck_assert(mkdtemp(f->dir) != NULL && chmod(f->dir, 0755) == 0);
	(void)snprintf(f->path, sizeof f->path, "%s/mine.py", f->dir);
	FILE *to = fopen(f->path, "we");
	ck_assert(to != NULL && fputs(text, to) >= 0 && fclose(to) == 0);
	ck_assert_int_eq(chmod(f->path, mode), 0);
	(void)snprintf(f->config, sizeof f->config, "{\"script\":\"%s\"}", f->path);
}

static void remove_file(const file *f)
{
	ck_assert_int_eq(unlink(f->path), 0);
	ck_assert_int_eq(rmdir(f->dir), 0);
}

static asy_plugin_opts opts_of(world *w, const char *so, const char *config, asy_isolation how)
{
	asy_plugin_opts o = world_opts(w, so, how);
	o.config = asy_span_str(config);
	return o;
}

static void score_with(world *w, const asy_plugin_opts *o)
{
	asy_plugin *p = NULL;
	ck_ok(asy_plugin_open(o, &p, &w->err), w->err);
	world_score(w, p);
	asy_plugin_close(p);
}

/* A world of ROWS rows that were scored by this text in a worker. */
static world *scored_by(const char *so, const char *text)
{
	file f;
	world *w = world_new(ROWS);
	write_file(&f, text, 0644);
	asy_plugin_opts o = opts_of(w, so, f.config, ASY_ISOLATION_WORKER);
	o.stall_ns = 800 * MS * SLOW;
	o.soft_ns = 2000 * MS * SLOW;
	o.memory_max = (uint64_t)512 << 20;
	score_with(w, &o);
	remove_file(&f);
	return w;
}

static void check_all(const world *w, asy_row_flag flag, asy_row_cause cause)
{
	for (size_t i = 0; i < ROWS; i++) {
		ck_assert_msg(w->row[i].flag == flag && w->row[i].cause == cause, "row %zu: %s, %s; %s", i,
					  asy_row_flag_name(w->row[i].flag), asy_row_cause_name(w->row[i].cause),
					  w->last_text[ASY_PLUGIN_EV_ERROR]);
		ck_assert_uint_eq(w->reports[i], 1);
	}
}

static void check_scored(const char *so, const char *text, double score)
{
	world *w = scored_by(so, text);
	check_all(w, ASY_ROW_SCORED, ASY_CAUSE_NONE);
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_double_eq(w->row[i].score, score);
	free(w);
}

/* ---- what it sees and gives ---- */

START_TEST(test_example_when_scored_then_both_hosts_give_the_same_bits)
{
	const char *config = "{\"script\":\"" EXAMPLE "\",\"options\":{\"full\":4}}";
	world *w[2] = {world_new(ROWS), world_new(ROWS)};
	for (int k = 0; k < 2; k++) {
		world_say(w[k], 3, "{\"text\":\"one two two\"}");
		world_say(w[k], 40, "{\"text\":\"a b c d e f\"}");
		world_say(w[k], 41, "{\"text\":null}");
		asy_plugin_opts o =
			opts_of(w[k], PYTHON, config, k == 0 ? ASY_ISOLATION_NONE : ASY_ISOLATION_WORKER);
		score_with(w[k], &o);
		check_all(w[k], ASY_ROW_SCORED, ASY_CAUSE_NONE);
	}
	world_same(w[0], w[1]);
	ck_assert_double_eq(w[0]->row[3].score, 0.5);
	ck_assert_double_eq(w[0]->row[40].score, 1);
	ck_assert_double_eq(w[0]->row[41].score, 0);
	ck_assert_double_eq(w[0]->row[0].score, 0); /* no JSON */
	free(w[0]);
	free(w[1]);
}
END_TEST

START_TEST(test_answer_when_looked_at_then_its_bytes_and_question_are_there)
{
	check_scored(
		PYTHON,
		"def score(answers):\n"
		"    assert len(answers.seed) == 32 and answers.round == 7\n"
		"    return [one(a) for a in answers]\n"
		"def one(a):\n"
		"    assert type(a.body) is memoryview and a.body.readonly\n"
		"    assert bytes(a.body).startswith(b'answer ') and a.text.startswith('answer ')\n"
		"    assert a.text.encode('latin-1').decode('utf-16-le', 'replace')\n"
		"    first = a.prompt == 'first question'\n"
		"    assert first or a.prompt == 'second question' and a.meta == {'k': 1}\n"
		"    assert a.reference == ('reference' if first else '')\n"
		"    try:\n"
		"        a.json()\n"
		"    except ValueError:\n"
		"        return 0.25\n",
		0.25);
}
END_TEST

START_TEST(test_numpy_when_there_then_views_are_no_copies_and_arrays_are_taken)
{
	if (access("/usr/lib/python3/dist-packages/numpy/__init__.py", R_OK) != 0) {
		(void)printf("skipped: numpy is not installed (python3-numpy)\n");
		return;
	}
	check_scored(PYTHON,
				 "import numpy\n"
				 "def score(answers):\n"
				 "    for a in answers:\n"
				 "        assert a.array.dtype == numpy.uint8 and a.array[0] == ord('a')\n"
				 "        assert not a.array.flags.owndata and not a.array.flags.writeable\n"
				 "    first = numpy.array([a.array[0] for a in answers])\n"
				 "    return (first == ord('a')) * 0.5\n",
				 0.5);
	check_scored(PYTHON,
				 "import numpy\n"
				 "def score(answers):\n"
				 "    return numpy.full(len(answers), 0.5, dtype=numpy.float32)\n",
				 0.5);
}
END_TEST

START_TEST(test_memoryview_when_it_holds_doubles_then_it_is_taken)
{
	check_scored(PYTHON, "import array\ndef score(a): return array.array('d', [0.125] * len(a))\n",
				 0.125);
}
END_TEST

START_TEST(test_batch_when_whole_then_one_call_sees_all)
{
	check_scored(PYTHON_BATCH, "def score(a): return [len(a) / 128] * len(a)\n", 0.5);
	check_scored(PYTHON, "def score(a): return [len(a) / 128] * len(a)\n", 0.25);
}
END_TEST

/* Hashes of texts order a set, and random numbers come from the round's seed. */
START_TEST(test_order_and_chance_when_run_anew_then_the_same_bits)
{
	const char *text =
		"import random\n"
		"words = {str(i) for i in range(100)}\n"
		"def score(a):\n"
		"    return [int(next(iter(words))) / 200 + random.random() / 4 for _ in a]\n";
	file f;
	write_file(&f, text, 0644);
	world *w[2] = {world_new(ROWS), world_new(ROWS)};
	for (int k = 0; k < 2; k++) {
		asy_plugin_opts o = opts_of(w[k], PYTHON, f.config, ASY_ISOLATION_WORKER);
		score_with(w[k], &o);
	}
	world_same(w[0], w[1]);
	ck_assert_double_ne(w[0]->row[0].score, w[0]->row[1].score);
	remove_file(&f);
	free(w[0]);
	free(w[1]);
}
END_TEST

START_TEST(test_nothing_when_given_for_an_answer_then_it_abstains)
{
	world *w = scored_by(PYTHON, "def score(a): return [None] * len(a)\n");
	check_all(w, ASY_ROW_ABSTAIN, ASY_CAUSE_PLUGIN);
	free(w);
}
END_TEST

/* ---- what is wrong with it ---- */

START_TEST(test_answer_when_it_alone_makes_score_raise_then_it_alone_abstains)
{
	world *w =
		scored_by(PYTHON, "def score(a): return [1 / (int(x.text[7:]) - 11) ** 2 for x in a]\n");
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_int_eq(w->row[i].flag, i == 11 ? ASY_ROW_ABSTAIN : ASY_ROW_SCORED);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_ERROR], 0);
	free(w);
}
END_TEST

static const struct {
	const char *text, *sentence;
} wrong[] = {
	{"\ndef score(a):\n    return a.nothing\n",
	 "mine.py line 3: AttributeError: 'Answers' object has no attribute 'nothing'"},
	{"def score(a): return [0.5]\n", "ValueError: score() gave 1 numbers for 32 answers"},
	{"import array\ndef score(a): return array.array('d', [0.5] * 33)\n",
	 "ValueError: score() gave 33 numbers for 32 answers"},
	{"def score(a): return 0.5\n",
	 "TypeError: score() has to give a list, one number for each answer"},
	{"def score(a): return ['high'] * len(a)\n", "TypeError: must be real number, not str"},
	{"import sys\ndef score(a): sys.exit(3)\n", "mine.py line 2: SystemExit: 3"},
	{"class E(Exception):\n    def __str__(self): raise self\ndef score(a): raise E\n",
	 "mine.py line 3: scoring_0.E: <exception str() failed>"},
	{"def score(a): return score(a)\n",
	 "mine.py line 1: RecursionError: maximum recursion depth exceeded"},
	{"kept = []\ndef score(a):\n    kept.append(a[0].body)\n    return [1.0] * len(a)\n",
	 "score() kept views of "},
};

START_TEST(test_file_when_wrong_then_rows_abstain_and_the_operator_reads_why)
{
	world *w = scored_by(PYTHON, wrong[_i].text);
	check_all(w, ASY_ROW_ABSTAIN, ASY_CAUSE_ERROR);
	ck_assert_msg(strstr(w->last_text[ASY_PLUGIN_EV_ERROR], wrong[_i].sentence) != NULL, "%s",
				  w->last_text[ASY_PLUGIN_EV_ERROR]);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CRASHED], 0);
	free(w);
}
END_TEST

START_TEST(test_scores_when_no_numbers_of_the_range_then_invalid)
{
	world *w = scored_by(PYTHON, "def score(a): return [float('nan')] * len(a)\n");
	check_all(w, ASY_ROW_ABSTAIN, ASY_CAUSE_INVALID);
	free(w);
	w = scored_by(PYTHON, "def score(a): return [1.5] * len(a)\n");
	check_all(w, ASY_ROW_ABSTAIN, ASY_CAUSE_INVALID);
	free(w);
}
END_TEST

static const struct {
	const char *text, *sentence;
} unloadable[] = {
	{"def score(a:\n", "SyntaxError"},
	{"import no_such_module\ndef score(a): return []\n",
	 "mine.py line 1: ModuleNotFoundError: No module named 'no_such_module'"},
	{"x = 1\n", "has no function score(answers)"},
	{"score = 3\n", "has no function score(answers)"},
	{"raise SystemExit(0)\n", "SystemExit: 0"},
	{"def score(a): return []\ndef load(o): raise ValueError('no model')\n",
	 "mine.py line 2: ValueError: no model"},
};

static void refuse(const char *config, const char *sentence)
{
	for (int how = ASY_ISOLATION_WORKER; how <= ASY_ISOLATION_NONE; how++) {
		world *w = world_new(ROWS);
		asy_plugin *p = NULL;
		asy_plugin_opts o = opts_of(w, PYTHON, config, (asy_isolation)how);
		ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_CONFIG);
		ck_assert_msg(strstr(w->err.msg, sentence) != NULL, "%s", w->err.msg);
		free(w);
	}
}

START_TEST(test_file_when_it_cannot_be_loaded_then_refused_with_the_reason)
{
	file f;
	write_file(&f, unloadable[_i].text, 0644);
	refuse(f.config, unloadable[_i].sentence);
	remove_file(&f);
}
END_TEST

START_TEST(test_file_when_it_is_not_the_one_that_was_meant_then_refused)
{
	file f;
	char config[320];
	write_file(&f, "def score(a): return []\n", 0666);
	refuse(f.config, "every user may change");
	ck_assert_int_eq(chmod(f.path, 0644), 0);
	(void)snprintf(config, sizeof config, "{\"script\":\"%s\",\"digest\":\"0x%064d\"}", f.path, 7);
	refuse(config, "has the digest 0x");
	remove_file(&f);
	refuse(f.config, "No such file");
	refuse("{}", "script");
}
END_TEST

START_TEST(test_instances_when_many_then_each_has_its_own_file)
{
	file f[2];
	world *w = world_new(ROWS);
	asy_plugin *p[2] = {NULL, NULL};
	for (int k = 0; k < 2; k++) {
		write_file(&f[k],
				   k == 0 ? "def score(a): return [0.25] * len(a)\n"
						  : "def score(a): return [0.75] * len(a)\n",
				   0644);
		asy_plugin_opts o = opts_of(w, PYTHON, f[k].config, ASY_ISOLATION_NONE);
		for (int again = 0; again < 20; again++) {
			asy_plugin_close(p[k]);
			ck_ok(asy_plugin_open(&o, &p[k], &w->err), w->err);
		}
	}
	for (int k = 0; k < 2; k++) {
		memset(w->row, 0, sizeof w->row);
		world_score(w, p[k]);
		ck_assert_double_eq(w->row[5].score, k == 0 ? 0.25 : 0.75);
		remove_file(&f[k]);
	}
	asy_plugin_close(p[0]);
	asy_plugin_close(p[1]);
	free(w);
}
END_TEST

/* ---- what means harm ---- */

START_TEST(test_file_when_it_ends_the_process_then_a_crash_and_nobody_pays)
{
	world *w = scored_by(PYTHON, "import os\ndef score(a): os._exit(3)\n");
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_int_eq(w->row[i].flag, ASY_ROW_ABSTAIN);
	ck_assert_uint_gt(w->events[ASY_PLUGIN_EV_CRASHED], 0);
	free(w);
}
END_TEST

START_TEST(test_file_when_it_hangs_then_it_is_killed_and_nobody_pays)
{
	world *w = scored_by(PYTHON, "def score(a):\n    while True: pass\n");
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_int_eq(w->row[i].flag, ASY_ROW_ABSTAIN);
	ck_assert_uint_gt(w->events[ASY_PLUGIN_EV_STALLED], 0);
	free(w);
}
END_TEST

/* One that goes through the answers is asked to stop, and need not be killed. */
START_TEST(test_file_when_the_time_is_up_then_it_stops_between_answers)
{
	file f;
	world *w = world_new(ROWS);
	write_file(&f, "import time\ndef score(a): return [time.sleep(0.05) or 1.0 for x in a]\n",
			   0644);
	asy_plugin_opts o = opts_of(w, PYTHON, f.config, ASY_ISOLATION_WORKER);
	o.soft_ns = 300 * MS;
	o.hard_ns = 60000 * MS;
	o.stall_ns = 60000 * MS;
	score_with(w, &o);
	ck_assert_int_eq(w->row[0].flag, ASY_ROW_ABSTAIN);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CRASHED] + w->events[ASY_PLUGIN_EV_STALLED], 0);
	remove_file(&f);
	free(w);
}
END_TEST

START_TEST(test_file_when_it_eats_memory_then_python_says_so)
{
#if defined(ASSAY_ASAN) || defined(ASSAY_TSAN)
	(void)printf("skipped: a sanitizer's worker has no limit of memory\n");
#else
	world *w = scored_by(PYTHON, "def score(a): return [len(bytearray(1 << 31))] * len(a)\n");
	check_all(w, ASY_ROW_ABSTAIN, ASY_CAUSE_ERROR);
	ck_assert_str_eq(w->last_text[ASY_PLUGIN_EV_ERROR], "mine.py line 1: MemoryError");
	free(w);
#endif
}
END_TEST

/* A score that is 1 only where every way out is closed. */
#define CLOSED                                                                                     \
	"def closed(f, *a):\n"                                                                         \
	"    try: f(*a)\n"                                                                             \
	"    except OSError: return True\n"                                                            \
	"    return False\n"                                                                           \
	"def all_closed():\n"                                                                          \
	"    return all((closed(open, '/etc/passwd'), closed(os.listdir, '/'), closed(os.fork),\n"     \
	"        closed(open, '/tmp/assay-python-out', 'w'), closed(subprocess.run, ['/bin/true']),\n" \
	"        closed(socket.socket), closed(os.setpriority, 0, 0, 5)))\n"

START_TEST(test_file_when_it_looks_for_a_way_out_then_there_is_none)
{
#if defined(ASSAY_ASAN) || defined(ASSAY_TSAN)
	(void)printf("skipped: a sanitizer's worker has no cage\n");
#else
	check_scored(PYTHON,
				 "import os, socket, subprocess\n" CLOSED "early = all_closed()\n"
				 "def score(a): return [float(early and all_closed())] * len(a)\n",
				 1);
#endif
}
END_TEST

START_TEST(test_file_when_it_starts_threads_then_there_is_an_end_and_it_scores)
{
#if defined(ASSAY_ASAN) || defined(ASSAY_TSAN)
	(void)printf("skipped: a sanitizer's worker has no limit of threads\n");
#else
	check_scored(PYTHON,
				 "import threading, time\n"
				 "def spin():\n"
				 "    while True: time.sleep(1)\n"
				 "def start(n):\n"
				 "    for i in range(n):\n"
				 "        try: threading.Thread(target=spin, daemon=True).start()\n"
				 "        except (RuntimeError, MemoryError): return\n"
				 "def score(a):\n"
				 "    if threading.active_count() == 1: start(500)\n"
				 "    return [1.0] * len(a)\n",
				 1);
#endif
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_example_when_scored_then_both_hosts_give_the_same_bits);
	tcase_add_test(tc, test_answer_when_looked_at_then_its_bytes_and_question_are_there);
	tcase_add_test(tc, test_numpy_when_there_then_views_are_no_copies_and_arrays_are_taken);
	tcase_add_test(tc, test_memoryview_when_it_holds_doubles_then_it_is_taken);
	tcase_add_test(tc, test_batch_when_whole_then_one_call_sees_all);
	tcase_add_test(tc, test_order_and_chance_when_run_anew_then_the_same_bits);
	tcase_add_test(tc, test_nothing_when_given_for_an_answer_then_it_abstains);
	tcase_add_test(tc, test_answer_when_it_alone_makes_score_raise_then_it_alone_abstains);
	tcase_add_loop_test(tc, test_file_when_wrong_then_rows_abstain_and_the_operator_reads_why, 0,
						(int)ASY_COUNT(wrong));
	tcase_add_test(tc, test_scores_when_no_numbers_of_the_range_then_invalid);
	tcase_add_loop_test(tc, test_file_when_it_cannot_be_loaded_then_refused_with_the_reason, 0,
						(int)ASY_COUNT(unloadable));
	tcase_add_test(tc, test_file_when_it_is_not_the_one_that_was_meant_then_refused);
	tcase_add_test(tc, test_instances_when_many_then_each_has_its_own_file);
	tcase_add_test(tc, test_file_when_it_ends_the_process_then_a_crash_and_nobody_pays);
	tcase_add_test(tc, test_file_when_it_hangs_then_it_is_killed_and_nobody_pays);
	tcase_add_test(tc, test_file_when_the_time_is_up_then_it_stops_between_answers);
	tcase_add_test(tc, test_file_when_it_eats_memory_then_python_says_so);
	tcase_add_test(tc, test_file_when_it_looks_for_a_way_out_then_there_is_none);
	tcase_add_test(tc, test_file_when_it_starts_threads_then_there_is_an_end_and_it_scores);
}

#ifdef ASSAY_ASAN
/* CPython keeps what it has until the process ends. */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(void)
{
	return test_main("plugin.python", fill, 60);
}
