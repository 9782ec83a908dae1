/* cli: the `assay` command, one file per subcommand.
 * Reason to change: a subcommand comes or goes. */
#ifndef ASY_CLI_H
#define ASY_CLI_H
#include "front/front.h"

typedef struct {
	const char *name;    /* "yuma" */
	const char *summary; /* one line for `assay --help` */
	int (*run)(int argc, char **argv);
} cli_cmd;

int cmd_config(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_localnet(int argc, char **argv);
int cmd_model(int argc, char **argv);
int cmd_plugin(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_score(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_weights(int argc, char **argv);
int cmd_yuma(int argc, char **argv);
#endif
