/* cli: the `assay` command. One file a subcommand; this header is what they
 * share: option tables, error printing, input files, the environment built in
 * main. Reason to change: something every subcommand needs. */
#ifndef ASY_CLI_H
#define ASY_CLI_H
#include "base/base.h"
#include "codec/codec.h"

typedef enum { CLI_FLAG, CLI_STR, CLI_U64, CLI_F64 } cli_kind;
typedef struct {
	const char *name; /* without "--" */
	cli_kind kind;
	void *dst;         /* bool *, const char **, uint64_t *, double * */
	const char *value; /* how the value is called in help, NULL for flags */
	const char *help;
} cli_opt;

typedef struct {
	const char *name;    /* "yuma" */
	const char *summary; /* one line for `assay --help` */
	int (*run)(int argc, char **argv);
} cli_cmd;

/* What a subcommand says about itself in --help. */
typedef struct {
	const char *usage; /* "assay yuma [options] FILE" */
	const char *about; /* one or more paragraphs */
	const cli_opt *opts;
	size_t opts_n;
} cli_usage;

/* Parses argv[1..] into the table's destinations; what is left goes to
 * positional (at most max, count to *n). Returns true to go on; false when the
 * command is over (help printed, or a usage error on stderr) with *exit_code set. */
bool cli_parse(const cli_usage *u, int argc, char **argv, const char **positional, size_t max,
			   size_t *n, int *exit_code);
/* Prints "assay CMD: sentence" on stderr and returns the status's exit code. */
int cli_fail(const char *cmd, assay_status st, const assay_err *err);
/* Wrong use that the option table cannot see. */
int cli_misuse(const char *cmd, const char *fmt, ...) ASSAY_PRINTF(2, 3);

/* A whole file, or standard input for "-"; refuses more than max bytes. */
assay_status cli_read_file(const char *path, size_t max, asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* Writes atomically (temporary file and rename); "-" is standard output. */
assay_status cli_write_file(const char *path, assay_span bytes, assay_err *err) ASSAY_CHECKED;
/* Prints a finished JSON document and a newline. */
assay_status cli_print(asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* The CPU mask asked for: --cpu NAME, else ASSAY_CPU, else what the machine has. */
assay_status cli_cpu(const char *name, uint64_t *mask, assay_err *err) ASSAY_CHECKED;

/* A program that is installed with this one (assayd, assay-worker): next to it,
 * or in ../libexec/assay, ../lib/assay. out gets the path; E_NOTFOUND names both. */
assay_status cli_find_program(const char *name, char *out, size_t cap, assay_err *err) ASSAY_CHECKED;

int cmd_config(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_localnet(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_score(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_weights(int argc, char **argv);
int cmd_yuma(int argc, char **argv);
#endif
