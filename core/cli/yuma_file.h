/* What the subcommands of `assay yuma` share: an epoch's input from a file, and the
 * arrays of its result.
 * Reason to change: another form of input file. */
#ifndef ASY_CLI_YUMA_FILE_H
#define ASY_CLI_YUMA_FILE_H
#include "cli/cli.h"
#include "yuma/yuma.h"

#define YUMA_FILE_MAX ((size_t)512 << 20)

int cmd_yuma_explain(int argc, char **argv);
int cmd_yuma_guarantees(int argc, char **argv);
int cmd_yuma_null(int argc, char **argv);
int cmd_yuma_run(int argc, char **argv);
int cmd_yuma_simulate(int argc, char **argv);
int cmd_yuma_template(int argc, char **argv);
int cmd_yuma_whatif(int argc, char **argv);

/* A JSON document; errors name the file. */
assay_status yuma_json(const char *file, asy_json **out, assay_err *err) ASSAY_CHECKED;
/* The `input` object of the published vectors: alone, as a case, or as a file of cases
 * (the case named, or the first). */
assay_status yuma_input(const char *file, const char *name, uint64_t cpu_mask, asy_yuma_owned **out,
						assay_err *err) ASSAY_CHECKED;

/* One epoch's stored values. */
typedef struct {
	size_t n;
	uint8_t *active, *permit;
	uint16_t *stake_weight, *consensus, *validator_trust, *incentive, *dividends;
	uint64_t *emission;
	asy_arena *arena;
} yuma_result;
/* Arrays for n neurons, and where an epoch writes them. */
assay_status yuma_result_new(size_t n, yuma_result *r, assay_err *err) ASSAY_CHECKED;
assay_yuma_out yuma_result_out(const yuma_result *r);
/* new, then one epoch over in. */
assay_status yuma_result_run(const assay_yuma_input *in, yuma_result *r,
							 assay_err *err) ASSAY_CHECKED;
void yuma_result_fini(yuma_result *r);

/* The eight vectors, named as the chain's storage. */
void yuma_result_json(asy_jw *w, const yuma_result *r);

/* "uid=value", both decimal. */
bool yuma_pair(const char *text, uint64_t *uid, uint64_t *value);
void yuma_put_u16s(asy_jw *w, const char *key, const uint16_t *v, size_t n);
void yuma_put_u8s(asy_jw *w, const char *key, const uint8_t *v, size_t n);
void yuma_put_u64s(asy_jw *w, const char *key, const uint64_t *v, size_t n);
#endif
