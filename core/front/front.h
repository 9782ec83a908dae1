/* front: what the programs share at their command line: option tables, error
 * printing, bounded files, finding what was installed beside us, and reading a
 * configuration the way the daemon does. Only mains use it.
 * Reason to change: something that every program's command line needs. */
#ifndef ASY_FRONT_H
#define ASY_FRONT_H
#include "base/base.h"
#include "codec/codec.h"
#include "config/config.h"
#include "crypto/crypto.h"

typedef enum {
	ASY_FRONT_FLAG,
	ASY_FRONT_STR,
	ASY_FRONT_U64,
	ASY_FRONT_F64,
	ASY_FRONT_LIST
} asy_front_kind;
/* For options that may be given several times. */
#define ASY_FRONT_LIST_MAX 32
typedef struct {
	const char *at[ASY_FRONT_LIST_MAX];
	size_t n;
} asy_front_list;
typedef struct {
	const char *name; /* without "--" */
	asy_front_kind kind;
	void *dst;         /* bool *, const char **, uint64_t *, double *, asy_front_list * */
	const char *value; /* how the value is called in help, NULL for flags */
	const char *help;
} asy_front_opt;

/* What a subcommand says about itself in --help. */
typedef struct {
	const char *usage; /* "assay yuma [options] FILE" */
	const char *about; /* one or more paragraphs */
	const asy_front_opt *opts;
	size_t opts_n;
} asy_front_usage;

/* Parses argv[1..] into the table's destinations; what is left goes to
 * positional (at most max, count to *n). Returns true to go on; false when the
 * command is over (help printed, or a usage error on stderr) with *exit_code set. */
bool asy_front_parse(const asy_front_usage *u, int argc, char **argv, const char **positional,
					 size_t max, size_t *n, int *exit_code);
/* Prints "program CMD: sentence" (cmd may be NULL) on stderr and returns the status's exit code. */
int asy_front_fail(const char *cmd, assay_status st, const assay_err *err);
/* Wrong use that the option table cannot see; cmd as above. */
int asy_front_misuse(const char *cmd, const char *fmt, ...) ASSAY_PRINTF(2, 3);

/* A whole file, or standard input for "-"; refuses more than max bytes. */
assay_status asy_front_read_file(const char *path, size_t max, asy_buf *out,
								 assay_err *err) ASSAY_CHECKED;
/* What errors call an input: "-" is "standard input". */
const char *asy_front_file_name(const char *path);
/* Writes atomically (temporary file and rename); "-" is standard output. */
assay_status asy_front_write_file(const char *path, assay_span bytes, assay_err *err) ASSAY_CHECKED;
/* Makes the folders above path (0755 under the umask), not path itself. */
assay_status asy_front_make_parents(const char *path, assay_err *err) ASSAY_CHECKED;
/* Prints a finished JSON document and a newline. */
assay_status asy_front_print(asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* text on out, whose cursor stands in column at (from 0): broken between words so that no
 * line passes column 80, further lines indented, a newline at the end. A longer word stays
 * whole: a path must be possible to copy. */
void asy_front_print_wrapped(FILE *out, size_t at, size_t indent, const char *text);

/* Paragraphs on standard output, broken anew whatever line breaks text has. An empty line
 * parts two of them; a line that holds two spaces together is a table's and stays as it is. */
void asy_front_print_text(const char *text);

/* The CPU mask asked for: --cpu NAME, else ASSAY_CPU, else what the machine has. */
assay_status asy_front_cpu(const char *name, uint64_t *mask, assay_err *err) ASSAY_CHECKED;

/* A program that is installed with this one (assayd, assay-worker): next to it,
 * or in ../libexec/assay, ../lib/assay. out gets the path; E_NOTFOUND names both. */
assay_status asy_front_find_program(const char *name, char *out, size_t cap,
									assay_err *err) ASSAY_CHECKED;

/* ---- configuration: default < file < environment < flag ---- */

/* sets: "path=value" texts from the command line. */
assay_status asy_front_load_config(const char *file, const char *const *sets, size_t sets_n,
								   asy_config **out, assay_err *err) ASSAY_CHECKED;
#define ASY_FRONT_PATH 4096 /* room for any path here, with NUL */
/* A path of the configuration, relative to the folder of its file; "~/" is the user's home. */
assay_status asy_front_config_path(const char *config_file, const char *path, char *out, size_t cap,
								   assay_err *err) ASSAY_CHECKED;
/* The key file that o names (wallet.dev_uri is not set). */
assay_status asy_front_key_path(const char *config_file, const asy_options *o, char *out,
								size_t cap, assay_err *err) ASSAY_CHECKED;
/* Is this task among those that the command line names? An empty list names all. */
bool asy_front_wants(const asy_front_list *names, const char *task);
/* E_CONFIG with the nearest name where one of names is no task. */
assay_status asy_front_check_wanted(const asy_config *c, const asy_front_list *names,
									assay_err *err) ASSAY_CHECKED;
/* The hotkey that o names; freed by the caller. */
assay_status asy_front_load_key(const char *config_file, const asy_options *o, asy_key **out,
								assay_err *err) ASSAY_CHECKED;
/* After the last key: ASSAY_WALLET_PASSWORD is overwritten and taken out of the environment. */
void asy_front_forget_password(void);
/* For a process that will hold a key: no core dumps, no debugger of the same user. */
assay_status asy_front_guard_secrets(assay_err *err) ASSAY_CHECKED;
#endif
