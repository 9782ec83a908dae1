/* assay yuma: picks the subcommand. Without one it is `run`, so that the short form
 * `assay yuma FILE` works. */
#include <unistd.h>
#include "cli/yuma_file.h"

static const cli_cmd commands[] = {
	{"run", "one epoch from a file (also without the word)", cmd_yuma_run},
	{"explain", "why each weight ended as it did", cmd_yuma_explain},
	{"what-if", "the epoch with another row, stake or kappa", cmd_yuma_whatif},
	{"simulate", "many epochs with changing rows, stakes and bonds", cmd_yuma_simulate},
	{"guarantees", "how honest a majority must be to keep its share", cmd_yuma_guarantees},
	{"null", "an epoch of a null-consensus subnet", cmd_yuma_null},
	{"template", "a complete input, to be changed", cmd_yuma_template},
};

static void print_help(void)
{
	(void)printf("usage: assay yuma [COMMAND] [options] FILE\n\n"
				 "The consensus epoch, bit for bit as the chain computes it: run it, ask why,\n"
				 "ask what if, follow it over many epochs. docs/yuma.md has worked examples.\n\n"
				 "commands:\n");
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		(void)printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	(void)printf("\n`assay yuma COMMAND --help` explains one.\n");
}

/* A word that can only have been meant as a command: no option, no path, no file. */
static bool is_no_file(const char *word)
{
	return word[0] != '-' && strpbrk(word, "./") == NULL && access(word, F_OK) != 0;
}

static int unknown(const char *word, const char *const *names)
{
	size_t near = asy_str_nearest(word, names, ASY_COUNT(commands));
	if (near < ASY_COUNT(commands))
		return asy_front_misuse("yuma", "unknown command '%s'; did you mean '%s'?", word,
								names[near]);
	return asy_front_misuse("yuma", "'%s' is neither a command nor a file", word);
}

int cmd_yuma(int argc, char **argv)
{
	const char *names[ASY_COUNT(commands)];
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_help();
		return 0;
	}
	for (size_t i = 0; i < ASY_COUNT(commands); i++) {
		names[i] = commands[i].name;
		if (argc >= 2 && strcmp(argv[1], names[i]) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	if (argc >= 2 && is_no_file(argv[1]))
		return unknown(argv[1], names);
	return cmd_yuma_run(argc, argv);
}
