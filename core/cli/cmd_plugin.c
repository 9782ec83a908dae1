/* assay plugin: picks the subcommand. */
#include "cli/cmd_plugin.h"

static const cli_cmd commands[] = {
	{"new", "a folder with a plugin to start from", cmd_plugin_new},
	{"check", "is it fit to judge anybody?", cmd_plugin_check},
	{"release", "end the quarantine of a running daemon's plugins", cmd_plugin_release},
};

static void print_help(void)
{
	(void)printf("usage: assay plugin COMMAND [options]\n\n"
				 "The life of a reward plugin. docs/plugins.md says what one is and has a\n"
				 "tutorial.\n\n"
				 "commands:\n");
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		(void)printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	(void)printf("\n`assay plugin COMMAND --help` explains one.\n");
}

static int unknown(const char *word)
{
	const char *names[ASY_COUNT(commands)];
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		names[i] = commands[i].name;
	size_t near = asy_str_nearest(word, names, ASY_COUNT(commands));
	if (near < ASY_COUNT(commands))
		return asy_front_misuse("plugin", "unknown command '%s'; did you mean '%s'?", word,
								names[near]);
	return asy_front_misuse("plugin", "unknown command '%s'", word);
}

int cmd_plugin(int argc, char **argv)
{
	if (argc < 2)
		return asy_front_misuse("plugin", "say which command");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return 0;
	}
	for (size_t i = 0; i < ASY_COUNT(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return unknown(argv[1]);
}
