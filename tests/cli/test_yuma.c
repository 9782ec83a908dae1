/* The `assay yuma` family as a user meets it: what a command prints, its exit code, the
 * sentence when something is wrong, and a long computation killed and continued. */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "codec/codec.h"
#include "e2e/world.h"
#include "support/test.h"

#define ARGS 16
#define SMALL ASSAY_SOURCE_DIR "/tests/golden/yuma/random_small.json"

static char dir[] = "/tmp/assay-e2e-yuma-XXXXXX";

static void make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	const char *argv[] = {"rm", "-rf", dir, NULL};
	pid_t pid = fork();
	if (pid == 0) {
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

static const char *in_dir(const char *name)
{
	static char path[8][128];
	static unsigned next;
	char *p = path[next++ % 8];
	(void)snprintf(p, sizeof path[0], "%s/%s", dir, name);
	return p;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static char *read_file(const char *name)
{
	FILE *f = fopen(in_dir(name), "r");
	char *text = NULL;
	size_t cap = 0;
	ck_assert_msg(f != NULL, "%s", in_dir(name));
	if (getdelim(&text, &cap, '\0', f) < 0 && text != NULL)
		text[0] = '\0';
	(void)fclose(f);
	ck_assert_ptr_nonnull(text);
	return text;
}

/* "@name" in an argument stands for the file in the test's folder. */
static int run(const char *const *args, char **out)
{
	const char *argv[ARGS + 3] = {"assay", "yuma"};
	size_t n = 2;
	for (; *args != NULL && n < ARGS + 2; args++)
		argv[n++] = (*args)[0] == '@' ? in_dir(*args + 1) : *args;
	return world_run(argv, 120, out);
}

typedef struct {
	const char *args[ARGS];
	int code;
	const char *says, *and_says; /* NULL: anything */
} cli_case;

static void check_cases(const cli_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *out = NULL;
		int code = run(cases[i].args, &out);
		ck_assert_msg(code == cases[i].code, "case %zu: exit %d, wanted %d: %s", i, code,
					  cases[i].code, out);
		ck_assert_msg(cases[i].says == NULL || strstr(out, cases[i].says) != NULL,
					  "case %zu lacks '%s': %s", i, cases[i].says, out);
		ck_assert_msg(cases[i].and_says == NULL || strstr(out, cases[i].and_says) != NULL,
					  "case %zu lacks '%s': %s", i, cases[i].and_says, out);
		free(out);
	}
}

START_TEST(test_every_command_has_help_and_refuses_what_it_does_not_know)
{
	static const char *const names[] = {"run",      "explain",    "what-if",
										"simulate", "guarantees", "null"};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		const cli_case cases[] = {
			{{names[i], "--help"}, 0, "usage: assay yuma", "--json"},
			{{names[i], "--jsno"}, 2, "did you mean '--json'?", NULL},
			{{names[i], "a", "b", "c"}, 2, "unexpected argument", NULL},
		};
		check_cases(cases, ASY_COUNT(cases));
	}
	static const cli_case cases[] = {
		{{"--help"}, 0, "guarantees", "what-if"},
		{{"simulat"}, 2, "did you mean 'simulate'?", NULL},
		{{"frobnicate"}, 2, "'frobnicate' is neither a command nor a file", NULL},
		{{"frobnicate", "--json"}, 2, "neither a command nor a file", NULL},
		{{"no/such/file"}, 66, "no such file", NULL},
		{{"run", "frobnicate"}, 66, "no such file", NULL},
		{{"run", "--help"}, 0, "assay yuma template", "yuma.schema.json"},
		{{"template", "--help"}, 0, "usage: assay yuma template", NULL},
		{{"template", "x"}, 2, "unexpected argument", NULL},
		{{NULL}, 2, "needs one input file", NULL},
	};
	check_cases(cases, ASY_COUNT(cases));
}
END_TEST

START_TEST(test_run_prints_the_epoch_with_and_without_the_word)
{
	static const cli_case cases[] = {
		{{SMALL}, 0, "vtrust", NULL},
		{{"run", SMALL}, 0, "vtrust", NULL},
		{{"run", SMALL, "--json"}, 0, "\"validator_trust\":[", "\"emission\":["},
		{{"run", SMALL, "--case", "none"}, 66, "no case named 'none'", NULL},
		{{"run", "@absent.json"}, 66, "no such file", NULL},
		{{"run", SMALL, "--cpu", "abacus"}, 2, "unknown CPU variant", NULL},
	};
	check_cases(cases, ASY_COUNT(cases));
}
END_TEST

/* text as JSON without one key of its object */
static void write_without(const char *name, asy_jv object, const char *key)
{
	asy_buf out = {0}, value = {0};
	assay_err err;
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	for (size_t i = 0; i < asy_jv_size(object); i++) {
		if (strcmp(asy_jv_key(object, i), key) == 0)
			continue;
		asy_buf_reset(&value);
		ck_ok(asy_jv_canonical(asy_jv_value(object, i), &value, &err), err);
		asy_jw_key(&w, asy_jv_key(object, i));
		asy_jw_raw(&w, asy_buf_span(&value));
	}
	asy_jw_end_object(&w);
	ck_ok(asy_jw_end(&w, &err), err);
	write_file(name, asy_buf_cstr(&out));
	asy_buf_fini(&out);
	asy_buf_fini(&value);
}

static bool has_text(asy_jv list, const char *text)
{
	const char *s;
	for (size_t i = 0; i < asy_jv_size(list); i++)
		if (asy_jv_str(asy_jv_at(list, i), &s, NULL, NULL) == ASSAY_OK && strcmp(s, text) == 0)
			return true;
	return false;
}

/* The schema names just the keys that the program knows, and requires just those that it
 * requires; the template has them all. */
START_TEST(test_schema_and_template_agree_with_what_run_takes)
{
	static char text[65536];
	asy_json *schema = NULL, *template = NULL;
	assay_err err;
	char *out = NULL, wanted[96];
	FILE *f = fopen(ASSAY_SOURCE_DIR "/docs/yuma.schema.json", "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof text, f);
	(void)fclose(f);
	ck_ok(asy_json_parse(asy_span(text, n), NULL, &schema, &err), err);
	ck_assert_int_eq(run((const char *const[]){"template", NULL}, &out), 0);
	ck_ok(asy_json_parse(asy_span_str(out), NULL, &template, &err), err);
	free(out);
	asy_jv known = asy_jv_get(asy_json_root(schema), "properties");
	asy_jv required = asy_jv_get(asy_json_root(schema), "required");
	for (size_t i = 0; i < asy_jv_size(asy_json_root(template)); i++)
		ck_assert_int_eq(asy_jv_kind(asy_jv_get(known, asy_jv_key(asy_json_root(template), i))),
						 ASY_J_OBJECT);
	for (size_t i = 0; i < asy_jv_size(known); i++) {
		const char *key = asy_jv_key(known, i);
		bool is_required = has_text(required, key);
		write_without("without.json", asy_json_root(template), key);
		int code = run((const char *const[]){"run", "@without.json", NULL}, &out);
		(void)snprintf(wanted, sizeof wanted, "missing key: %s;", key);
		ck_assert_msg(code == (is_required ? 65 : 0), "without %s: exit %d: %s", key, code, out);
		ck_assert_msg(!is_required || strstr(out, wanted) != NULL, "without %s: %s", key, out);
		free(out);
	}
	write_file("none.json", "{\"n\":2,\"kappa\":1}");
	const cli_case none = {
		{"run", "@none.json"}, 65, "missing keys: current_block, tempo, ", " more;"};
	check_cases(&none, 1);
	asy_json_free(schema);
	asy_json_free(template);
}
END_TEST

/* A small subnet's state after some epochs, for the commands that question one. */
static void make_state(const char *name, const char *epoch)
{
	char *out = NULL;
	const char *args[] = {"simulate",   "--validators",   "4",   "--miners",
						  "6",          "--seed",         "1",   "--state",
						  in_dir(name), "--state-epoch",  epoch, "--cabal-validators",
						  "1",          "--cabal-miners", "2",   NULL};
	ck_assert_int_eq(run(args, &out), 0);
	free(out);
}

START_TEST(test_explain_says_why_and_what_changed)
{
	make_state("now.json", "5");
	make_state("before.json", "4");
	static const cli_case cases[] = {
		{{"explain", "@now.json", "--uid", "0"}, 0, "As a validator: trust", "As a miner"},
		{{"explain", "@now.json", "@before.json", "--uid", "0"}, 0, "since the last epoch", NULL},
		{{"explain", "@now.json", "--uid", "0", "--unknown", "4"},
		 0,
		 "anything from 0 to 1",
		 "uid 4"},
		{{"explain", "@now.json", "--uid", "0", "--unknown", "4", "--spread", "0.1"},
		 0,
		 "within 10% of the stored",
		 NULL},
		{{"explain", "@now.json", "--uid", "0", "--band"}, 0, "settled", NULL},
		{{"explain", "@now.json", "--uid", "0", "--json"}, 0, "[{\"report\":{\"uid\":0,", NULL},
		{{"explain", "@now.json"}, 2, "--uid says it", NULL},
		{{"explain", "@now.json", "--uid", "13"}, 65, "there are 13 neurons", NULL},
		{{"explain", "@now.json", "--uid", "x"}, 2, "not a uid", NULL},
	};
	check_cases(cases, ASY_COUNT(cases));
}
END_TEST

START_TEST(test_what_if_equals_a_run_over_the_changed_state)
{
	make_state("now.json", "5");
	write_file("row.json", "{\"uids\":[5,6,7],\"values\":[1,2,3]}");
	write_file("rows.jsonl",
			   "{\"uids\":[5,6,7],\"values\":[1,2,3]}\n{\"uids\":[5],\"values\":[9]}\n");
	static const cli_case cases[] = {
		{{"what-if", "@now.json", "--uid", "0", "--row", "@row.json"}, 0, "validator trust", "->"},
		{{"what-if", "@now.json", "--uid", "0", "--rows", "@rows.jsonl"}, 0, "as it is", NULL},
		{{"what-if", "@now.json", "--uid", "0", "--set", "5=0"}, 0, "neurons change", NULL},
		{{"what-if", "@now.json", "--kappa", "20000"}, 0, "neurons change", NULL},
		{{"what-if", "@now.json", "--stake", "0=1"}, 0, "neurons change", NULL},
		{{"what-if", "@now.json"}, 2, "no change asked for", NULL},
		{{"what-if", "@now.json", "--set", "5=0"}, 2, "--uid says it", NULL},
		{{"what-if", "@now.json", "--uid", "0", "--set", "5:0"}, 2, "not uid=value", NULL},
		{{"what-if", "@now.json", "--uid", "0", "--set", "99=0"}, 65, "there are 13", NULL},
		{{"what-if", "@now.json", "--uid", "99", "--set", "5=0"}, 65, "there are 13", NULL},
		{{"what-if", "@now.json", "--stake", "99=0"}, 65, "there are 13", NULL},
		{{"what-if", "@now.json", "--kappa", "65536"}, 2, "16 bits", NULL},
		{{"what-if", "@now.json", "--uid", "0", "--row", "@now.json"}, 65, "a row is", NULL},
	};
	check_cases(cases, ASY_COUNT(cases));
	/* a row in any scale is the same row */
	static const char *const scales[] = {"[1,2,4]", "[0.25,0.5,1.0]", "[250000,500000,1000000]",
										 "[16384,32768,65535]"};
	char *first = NULL;
	for (size_t i = 0; i < ASY_COUNT(scales); i++) {
		char text[96], *out = NULL;
		(void)snprintf(text, sizeof text, "{\"uids\":[5,6,7],\"values\":%s}", scales[i]);
		write_file("scaled.json", text);
		ck_assert_int_eq(run((const char *const[]){"what-if", "@now.json", "--uid", "0", "--row",
												   "@scaled.json", "--json", NULL},
							 &out),
						 0);
		ck_assert(first == NULL || strcmp(first, out) == 0);
		if (first != NULL)
			free(out);
		else
			first = out;
	}
	free(first);
	write_file("bad-row.json", "{\"uids\":[5],\"values\":[-1]}");
	const cli_case bad = {
		{"what-if", "@now.json", "--uid", "0", "--row", "@bad-row.json"}, 65, "no weight", NULL};
	check_cases(&bad, 1);
	/* the second epoch of the answer is the epoch of a state that was changed by hand */
	char *answer = NULL, *direct = NULL;
	const char *ask[] = {"what-if", "@now.json", "--kappa", "20000", "--json", NULL};
	ck_assert_int_eq(run(ask, &answer), 0);
	char *state = read_file("now.json"), *kappa = strstr(state, "\"kappa\":32767");
	ck_assert_ptr_nonnull(kappa);
	memcpy(kappa, "\"kappa\":20000", strlen("\"kappa\":20000"));
	write_file("changed.json", state);
	const char *again[] = {"run", "@changed.json", "--json", NULL};
	ck_assert_int_eq(run(again, &direct), 0);
	direct[strcspn(direct, "\n")] = '\0';
	ck_assert_ptr_nonnull(strstr(answer, direct));
	free(answer);
	free(direct);
	free(state);
}
END_TEST

START_TEST(test_simulate_writes_what_was_asked_for)
{
	write_file("bad.json",
			   "{\"format\":\"assay-simulate/1\",\"epochs\":2,\"generate\":{\"minres\":3}}");
	write_file("good.json", "{\"format\":\"assay-simulate/1\",\"epochs\":2,\"generate\":{}}");
	static const cli_case cases[] = {
		{{"simulate", "--epochs", "5", "--csv", "@x.csv", "--html", "@x.html"}, 0, "miners", NULL},
		{{"simulate", "@good.json", "--csv", "-"}, 0, "epoch,block,uid,group", NULL},
		{{"simulate", "@good.json", "--json"}, 0, "\"format\":\"assay-simulation/1\"", NULL},
		{{"simulate", "@bad.json"}, 65, "did you mean \"miners\"?", "bad.json"},
		{{"simulate", "@good.json", "--seed", "3"}, 2, "already is one", NULL},
		{{"simulate", "--state-epoch", "3"}, 2, "needs --state", NULL},
		{{"simulate", "--epochs", "3", "--state", "@s.json", "--state-epoch", "3"},
		 65,
		 "the last epoch is 2",
		 NULL},
		{{"simulate", "--validators", "0"}, 65, "at least one of each", NULL},
		{{"simulate", "--epochs", "0"}, 65, "epochs", NULL},
		{{"simulate", "--epochs", "3", "--newcomer", "3"}, 65, "after the end", NULL},
		{{"simulate", "--html", "/nowhere/x.html"}, 74, "cannot create", NULL},
	};
	check_cases(cases, ASY_COUNT(cases));
	char *csv = read_file("x.csv"), *html = read_file("x.html");
	ck_assert_ptr_nonnull(strstr(csv, "\n4,1001440,31,"));
	ck_assert_ptr_nonnull(strstr(html, "</html>"));
	free(csv);
	free(html);
}
END_TEST

START_TEST(test_null_prints_who_decides)
{
	write_file("null.json",
			   "{\"n\":4,\"current_block\":1000,\"last_mechanism_step_block\":0,"
			   "\"activity_cutoff_factor_milli\":13889,\"tempo\":360,"
			   "\"max_allowed_validators\":1,\"last_update\":[990,995,0,0],"
			   "\"block_at_registration\":[1,1,1,1],\"alpha_stake\":[3000000,1000000,0,0],"
			   "\"tao_stake\":[0,0,0,0],\"tao_weight\":0,\"stake_threshold\":0,\"owner_uid\":null,"
			   "\"validator_permit\":[1,0,0,0],\"kappa\":32767,\"bonds_penalty\":65535,"
			   "\"bonds_moving_average\":900000,\"yuma3\":false,\"liquid_alpha\":false,"
			   "\"alpha_low\":45875,\"alpha_high\":58982,\"alpha_sigmoid_steepness\":1000,"
			   "\"weights\":[[0,[2,3],[3,1]],[1,[2,3],[1,1]]],\"bonds\":[],"
			   "\"rao_emission\":1000000}");
	static const cli_case cases[] = {
		{{"null", "@null.json"}, 0, "uid 0 decides", NULL},
		{{"null", "@null.json", "--json"}, 0, "\"emission\":[375000,125000,375000,125000]", NULL},
		{{"null", "--pools", "400,100,300", "@null.json", "--json"},
		 0,
		 "\"server_emission\":[0,0,300,100]",
		 NULL},
		{{"null", "--pools", "400,100", "@null.json"}, 65, "not SERVER,LOCAL,ROOT", NULL},
		{{"null", "--pools", "4,x,1", "@null.json"}, 65, "x is not a number", NULL},
		{{"null"}, 2, "one input file", NULL},
	};
	check_cases(cases, ASY_COUNT(cases));
}
END_TEST

/* ---- a long computation ---- */

#define MAP                                                                                        \
	"guarantees", "--honest-stake", "0.6,0.7", "--step", "0.1", "--cabal-step", "0.1", "--quiet"

START_TEST(test_guarantees_when_wrong_then_sentence)
{
	write_file("other.txt", "hello\n");
	write_file("damaged.jsonl", "{\"format\": \"assay-guarantees-state/1\"}\n{\"kappa\":1}\n");
	static const cli_case cases[] = {
		{{"guarantees", "--honest-stake", "1.2"}, 2, "not in", NULL},
		{{"guarantees", "--honest-stake", "0.6;0.7"}, 2, "commas", NULL},
		{{"guarantees", "--seeds", "3-1"}, 2, "like 0,3,5-8", NULL},
		{{"guarantees", "--step", "0.03"}, 2, "multiple of 0.02", NULL},
		{{"guarantees", "--threads", "257"}, 2, "at most 256", NULL},
		{{MAP, "--state", "@other.txt"}, 65, "not a state file", NULL},
		{{MAP, "--state", "@damaged.jsonl"}, 65, "line 2", NULL},
		{{"guarantees", "--honest-stake", "0.62", "--step", "1", "--check", "--quiet"},
		 65,
		 "no number is published",
		 NULL},
		/* the coarsest grid cannot meet the table */
		{{"guarantees", "--honest-stake", "0.6", "--step", "1", "--check", "--quiet"},
		 84,
		 "outside the tolerance",
		 "OUTSIDE"},
	};
	check_cases(cases, ASY_COUNT(cases));
}
END_TEST

static size_t lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;
	int c;
	while (f != NULL && (c = fgetc(f)) != EOF)
		n += c == '\n';
	if (f != NULL)
		(void)fclose(f);
	return n;
}

/* Starts the map with a state file, waits for some lines, ends it by the signal. */
static int interrupt(const char *state, int signal, size_t lines)
{
	const char *argv[] = {ASSAY_BINARY_DIR "/bin/assay",
						  "yuma",
						  MAP,
						  "--seeds",
						  "0-3",
						  "--state",
						  state,
						  "--threads",
						  "2",
						  NULL};
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) != NULL)
			(void)execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	for (int i = 0; i < 6000 && lines_of(state) < lines; i++)
		(void)usleep(10000);
	(void)kill(pid, signal);
	return world_wait(pid, 60);
}

START_TEST(test_guarantees_when_killed_and_interrupted_then_goes_on_to_the_same_map)
{
	const char *const whole[] = {MAP, "--seeds", "0-3", "--csv", "@whole.csv", NULL};
	const char *const rest[] = {MAP,         "--seeds", "0-3",      "--csv",
								"@rest.csv", "--state", "@s.jsonl", NULL};
	char *out = NULL, state[128];
	(void)snprintf(state, sizeof state, "%s", in_dir("s.jsonl"));
	ck_assert_int_eq(run(whole, &out), 0);
	free(out);
	int status = interrupt(state, SIGKILL, 4);
	ck_assert(WIFSIGNALED(status));
	size_t after_kill = lines_of(state);
	ck_assert_uint_ge(after_kill, 4);
	/* a crash may leave half a line */
	FILE *f = fopen(state, "a");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("{\"honest_stake\":0.6,\"spr", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	status = interrupt(state, SIGINT, after_kill + 4);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 130);
	ck_assert_uint_ge(lines_of(state), after_kill + 4);
	ck_assert_int_eq(run(rest, &out), 0);
	free(out);
	/* 4 seeds x 2 stakes x 11 lines and the header, each once */
	ck_assert_uint_eq(lines_of(state), 1 + 4 * 2 * 11);
	char *a = read_file("whole.csv"), *b = read_file("rest.csv");
	ck_assert_str_eq(a, b);
	free(a);
	free(b);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, make_dir, remove_dir);
	tcase_add_test(tc, test_every_command_has_help_and_refuses_what_it_does_not_know);
	tcase_add_test(tc, test_schema_and_template_agree_with_what_run_takes);
	tcase_add_test(tc, test_run_prints_the_epoch_with_and_without_the_word);
	tcase_add_test(tc, test_explain_says_why_and_what_changed);
	tcase_add_test(tc, test_what_if_equals_a_run_over_the_changed_state);
	tcase_add_test(tc, test_simulate_writes_what_was_asked_for);
	tcase_add_test(tc, test_null_prints_who_decides);
	tcase_add_test(tc, test_guarantees_when_wrong_then_sentence);
	tcase_add_test(tc, test_guarantees_when_killed_and_interrupted_then_goes_on_to_the_same_map);
}

int main(void)
{
	return test_main("cli_yuma", fill, 120);
}
