/* cli/weights_file.h - the input of `assay weights`. */
#ifndef ASY_CLI_WEIGHTS_FILE_H
#define ASY_CLI_WEIGHTS_FILE_H
#include "assay/weights.h"
#include "codec/codec.h"

typedef struct {
	assay_candidate *c;
	bool scored[UINT16_MAX + 1]; /* by uid */
	size_t n;
	assay_weights_limits limits;
} cli_weights_input;

/* From {"scores": [...], ...}; in is zeroed before, and has to be freed in any case. A key that
 * is not read is an error. */
assay_status cli_weights_read(asy_jv root, cli_weights_input *in, assay_err *err) ASSAY_CHECKED;
void cli_weights_input_fini(cli_weights_input *in);
#endif
