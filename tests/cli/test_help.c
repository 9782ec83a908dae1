/* What every program says of itself: help for every command, none wider than a terminal,
 * wrong use that names what was meant, and the same exit codes everywhere. Commands are
 * found in the help itself, so that a new one is tested without being named here. */
#include <unistd.h>
#include "e2e/world.h"
#include "support/test.h"

#define COLUMNS 80u
#define COMMANDS_MAX 32

static size_t columns_of(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0u) != 0x80u;
	return n;
}

static void check_width(const char *what, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		ck_assert_msg(columns_of(text, len) <= COLUMNS, "%s: %zu columns: %.*s", what,
					  columns_of(text, len), (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void check_help(const char *const *argv, char **out)
{
	int code = world_run(argv, 20, out);
	ck_assert_msg(code == 0, "%s %s: exit %d: %s", argv[0], argv[1], code, *out);
	ck_assert_msg(strncmp(*out, "usage: ", 7) == 0, "%s", *out);
	check_width(argv[1], *out);
}

/* The words that begin the lines below "commands:". */
static size_t commands_of(const char *help, char names[][32])
{
	size_t n = 0;
	const char *at = strstr(help, "\ncommands:\n");
	if (at == NULL)
		return 0;
	for (at += 11; strncmp(at, "  ", 2) == 0 && n < COMMANDS_MAX; at = strchr(at, '\n') + 1)
		if (at[2] != ' ')
			ck_assert_int_eq(sscanf(at, " %31s", names[n++]), 1);
	return n;
}

START_TEST(test_help_of_every_command_then_zero_and_fits_a_terminal)
{
	char command[COMMANDS_MAX][32], sub[COMMANDS_MAX][32], *out = NULL;
	const char *top[] = {"assay", "--help", NULL}, *daemon[] = {"assayd", "--help", NULL};
	check_help(daemon, &out);
	free(out);
	check_help(top, &out);
	size_t n = commands_of(out, command);
	free(out);
	ck_assert_uint_ge(n, 8);
	for (size_t i = 0; i < n; i++) {
		const char *argv[] = {"assay", command[i], "--help", NULL};
		check_help(argv, &out);
		size_t m = commands_of(out, sub);
		free(out);
		for (size_t k = 0; k < m; k++) {
			const char *below[] = {"assay", command[i], sub[k], "--help", NULL};
			check_help(below, &out);
			free(out);
		}
	}
}
END_TEST

START_TEST(test_wrong_use_then_two_and_says_what_was_meant)
{
	static const struct {
		const char *argv[6], *says;
	} cases[] = {
		{{"assay"}, "usage:"},
		{{"assay", "wieghts"}, "did you mean 'weights'"},
		{{"assay", "--verison"}, "did you mean '--version'"},
		{{"assay", "--help", "x"}, "unexpected argument 'x'"},
		{{"assay", "help", "wieghts"}, "did you mean 'weights'"},
		{{"assay", "--exit-codes", "x"}, "unexpected argument 'x'"},
		{{"assay", "version", "--jsno"}, "did you mean '--json'"},
		{{"assay", "doctor", "x"}, "unexpected argument 'x'"},
		{{"assay", "doctor", "--probe"}, "need --config"},
		{{"assay", "doctor", "-c"}, "unknown option '-c'"},
		{{"assay", "config", "chekc", "x"}, "did you mean 'check'"},
		{{"assay", "config", "check"}, "needs a file"},
		{{"assay", "score", "--plugin"}, "needs a value: FILE.so"},
		{{"assay", "score", "--seed", "x"}, "'x' is not a valid whole number"},
		{{"assay", "weights", "--power", "nan"}, "'nan' is not a valid number"},
		{{"assay", "weights", "--profile", "v12", "-"}, "did you mean 'v11'"},
		{{"assayd"}, "assayd: needs --config FILE (assayd --help)"},
		{{"assayd", "my.json"}, "did you mean --config my.json?"},
		{{"assayd", "--confg", "x"}, "did you mean '--config'"},
		{{"assayd", "--config", "x", "--json"}, "go with --check"},
		{{"assayd", "--check=yes", "--config", "x"}, "takes no value"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char *out = NULL;
		int code = world_run(cases[i].argv, 20, &out);
		ck_assert_msg(code == 2 && strstr(out, cases[i].says) != NULL,
					  "%s %s: exit %d, wanted 2 and '%s', got: %s", cases[i].argv[0],
					  cases[i].argv[1] != NULL ? cases[i].argv[1] : "", code, cases[i].says, out);
		free(out);
	}
}
END_TEST

START_TEST(test_help_before_a_command_then_the_same_as_after_it)
{
	static const char *const cases[][5] = {{"assay", "help", "weights"},
										   {"assay", "help", "yuma", "run"}};
	static const char *const after[][5] = {{"assay", "weights", "--help"},
										   {"assay", "yuma", "run", "--help"}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char *a = NULL, *b = NULL;
		ck_assert_int_eq(world_run(cases[i], 20, &a), 0);
		ck_assert_int_eq(world_run(after[i], 20, &b), 0);
		ck_assert_str_eq(a, b);
		free(a);
		free(b);
	}
}
END_TEST

START_TEST(test_version_when_asked_any_way_then_prints_it)
{
	static const char *const cases[][4] = {{"assay", "--version"},
										   {"assay", "version"},
										   {"assay", "version", "--json"},
										   {"assay", "--version", "--json"},
										   {"assayd", "--version"}};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char *out = NULL;
		const char *last = cases[i][2];
		ck_assert_int_eq(world_run(cases[i], 20, &out), 0);
		ck_assert_msg(strstr(out, last != NULL ? "\"version\":" : cases[i][0]) != NULL, "%s", out);
		free(out);
	}
}
END_TEST

START_TEST(test_tables_then_fit_a_terminal)
{
	static const char *const cases[][6] = {
		{"assay", "--exit-codes"},
		{"assay", "version"},
		{"assay", "config", "explain"},
		{"assay", "config", "explain", ASSAY_SOURCE_DIR "/tests/cli/long.json"},
		{"assay", "weights", ASSAY_SOURCE_DIR "/tests/cli/scores.json"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char *out = NULL;
		int code = world_run(cases[i], 20, &out);
		ck_assert_msg(code == 0, "%s: exit %d: %s", cases[i][1], code, out);
		check_width(cases[i][1], out);
		free(out);
	}
}
END_TEST

/* A file with this text, for one command; "@" in its arguments stands for the path. */
static int run_on(const char *const *args, const char *text, char **out)
{
	char path[] = "/tmp/assay-cli-XXXXXX";
	const char *argv[10] = {0};
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
	(void)close(fd);
	for (size_t i = 0; args[i] != NULL; i++)
		argv[i] = strcmp(args[i], "@") == 0 ? path : args[i];
	int code = world_run(argv, 20, out);
	(void)unlink(path);
	return code;
}

#define TEXT_SO ASSAY_BINARY_DIR "/plugins/text.so"

START_TEST(test_wrong_input_then_says_where_and_what)
{
	static const struct {
		const char *args[6], *text;
		int code;
		const char *says;
	} cases[] = {
		{{"assay", "weights", "@"}, "", 65, "JSON is empty"},
		{{"assay", "weights", "@"}, "{}", 65, "\"scores\" must be a list"},
		{{"assay", "weights", "@"}, "{\"scors\":[]}", 65, "did you mean \"scores\"?"},
		{{"assay", "weights", "@"},
		 "{\"scores\":[{\"uid\":1,\"score\":1,\"wieght\":2}]}",
		 65,
		 "unknown key \"wieght\""},
		{{"assay", "weights", "@"}, "{\"scores\":[{\"uid\":1}]}", 65, "scores[0].score: missing"},
		{{"assay", "weights", "@"},
		 "{\"scores\":[{\"uid\":1,\"score\":1}],\"neurons\":1}",
		 65,
		 "uid 1 does not exist"},
		{{"assay", "weights", "/nowhere"}, "", 66, "no such file: /nowhere"},
		{{"assay", "score", "--plugin", "@", "@"},
		 "{\"responses\":[]}\n",
		 81,
		 "is no shared library; build"},
		{{"assay", "score", "--plugin", TEXT_SO, "@"},
		 "{\"id\":\"a\",\"prompt\":{}}\n",
		 65,
		 "line 1: no \"responses\""},
		{{"assay", "config", "check", "@"}, "{\"netuid\":", 78, "JSON line 1"},
		{{"assay", "doctor", "--config", "@"}, "{\"netuid\":", 78, "JSON line 1"},
		{{"assayd", "--check", "--config", "/nowhere"}, "", 66, "no such file: /nowhere"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		char *out = NULL;
		int code = run_on(cases[i].args, cases[i].text, &out);
		ck_assert_msg(code == cases[i].code && strstr(out, cases[i].says) != NULL,
					  "%s %s: exit %d, wanted %d and '%s', got: %s", cases[i].args[0],
					  cases[i].args[1], code, cases[i].code, cases[i].says, out);
		free(out);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_help_of_every_command_then_zero_and_fits_a_terminal);
	tcase_add_test(tc, test_wrong_use_then_two_and_says_what_was_meant);
	tcase_add_test(tc, test_help_before_a_command_then_the_same_as_after_it);
	tcase_add_test(tc, test_version_when_asked_any_way_then_prints_it);
	tcase_add_test(tc, test_tables_then_fit_a_terminal);
	tcase_add_test(tc, test_wrong_input_then_says_where_and_what);
}

int main(void)
{
	return test_main("help", fill, 60);
}
