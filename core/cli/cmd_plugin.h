/* cli/cmd_plugin.h - the subcommands of `assay plugin`.
 * Reason to change: one comes or goes. */
#ifndef ASY_CLI_CMD_PLUGIN_H
#define ASY_CLI_CMD_PLUGIN_H
#include "cli/cli.h"

int cmd_plugin_check(int argc, char **argv);
int cmd_plugin_new(int argc, char **argv);
int cmd_plugin_release(int argc, char **argv);
#endif
