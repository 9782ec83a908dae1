/* The `assay` command: picks the subcommand. */
#include <signal.h>
#include "cli/cli.h"

static const cli_cmd commands[] = {
	{"localnet", "development chain, scripted miners and rivals; the demo", cmd_localnet},
	{"score", "score answers of a file with a reward plugin", cmd_score},
	{"plugin", "make and check reward plugins", cmd_plugin},
	{"yuma", "run, explain and question the consensus epoch", cmd_yuma},
	{"weights", "scores to the integer vector that the chain takes", cmd_weights},
	{"model", "sentence encoders and classifiers that plugins can load", cmd_model},
	{"replay", "recompute a recorded round and compare bits", cmd_replay},
	{"config", "check or explain a configuration", cmd_config},
	{"doctor", "check this machine, the configuration and the chain", cmd_doctor},
	{"version", "version and build", cmd_version},
};

static void print_help(void)
{
	(void)printf("usage: assay COMMAND [options]\n\n"
				 "Assay scores miners' answers, turns scores into weights and predicts what the\n"
				 "chain's consensus will do with them. The daemon is `assayd --config FILE`.\n\n"
				 "commands:\n");
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		(void)printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	(void)printf("\n`assay COMMAND --help` explains one; `assay --exit-codes` lists exit codes.\n");
}

static void print_exit_codes(void)
{
	for (int i = 0; i < ASSAY_STATUS_N; i++) {
		assay_status st = (assay_status)i;
		(void)printf("%4d  %-14s %s\n", assay_status_exit(st), assay_status_name(st),
					 assay_status_text(st));
	}
}

/* `assay WORD...` where the word is no command. */
static int top_option(int argc, char **argv)
{
	static const char *const names[] = {"--help", "-h", "help", "--exit-codes", "--version"};
	size_t i = 0;
	while (i < ASY_COUNT(names) && strcmp(argv[1], names[i]) != 0)
		i++;
	if (i == 4)
		return cmd_version(argc - 1, argv + 1);
	if (i < ASY_COUNT(names) && argc > 2) {
		(void)fprintf(stderr, "assay: unexpected argument '%s' (assay --help)\n", argv[2]);
		return assay_status_exit(ASSAY_E_USAGE);
	}
	if (i < 3)
		print_help();
	else if (i == 3)
		print_exit_codes();
	return i < ASY_COUNT(names) ? 0 : -1;
}

static int unknown(const char *word)
{
	const char *names[ASY_COUNT(commands) + 3] = {"--help", "--exit-codes", "--version"};
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		names[i + 3] = commands[i].name;
	size_t near = asy_str_nearest(word, names, ASY_COUNT(names));
	(void)fprintf(stderr, "assay: unknown %s '%s'", word[0] == '-' ? "option" : "command", word);
	if (near < ASY_COUNT(names))
		(void)fprintf(stderr, "; did you mean '%s'?", names[near]);
	(void)fprintf(stderr, " (assay --help)\n");
	return assay_status_exit(ASSAY_E_USAGE);
}

static const cli_cmd *find(const char *name)
{
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

/* `assay help yuma run` is `assay yuma run --help`. */
static int help_of(int argc, char **argv)
{
	char flag[] = "--help", *of[4];
	const cli_cmd *cmd = find(argv[2]);
	int n = 0;
	if (cmd == NULL)
		return unknown(argv[2]);
	for (int i = 2; i < argc && n < 2; i++)
		of[n++] = argv[i];
	of[n++] = flag;
	of[n] = NULL;
	return cmd->run(n, of);
}

int main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help();
		return assay_status_exit(ASSAY_E_USAGE);
	}
	const cli_cmd *cmd = find(argv[1]);
	if (cmd != NULL)
		return cmd->run(argc - 1, argv + 1);
	if (argc > 2 && argc <= 4 && strcmp(argv[1], "help") == 0)
		return help_of(argc, argv);
	int code = top_option(argc, argv);
	return code >= 0 ? code : unknown(argv[1]);
}
