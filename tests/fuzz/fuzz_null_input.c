/* Null-consensus inputs. Property: what reads either runs or is refused with a
 * sentence, and no more than the budget is paid. */
#include <stdlib.h>
#include "research/null_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const assay_yuma_null_input *in)
{
	size_t need = assay_yuma_null_scratch_len(in);
	uint8_t *scratch = malloc(need + 1);
	uint64_t *emission = calloc(in->n + 1, sizeof *emission), paid = 0;
	const assay_yuma_null_out out = {.emission = emission};
	assay_err err = {0};
	if (scratch != NULL && emission != NULL &&
		assay_yuma_null_epoch(in, (assay_mut){scratch, need}, &out, &err) == ASSAY_OK) {
		for (size_t i = 0; i < in->n; i++)
			paid = asy_sat_add_u64(paid, emission[i]);
		if (paid > in->budget)
			abort();
	} else if (err.msg[0] == '\0') {
		abort();
	}
	free(scratch);
	free(emission);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const asy_json_limits limits = {.max_bytes = (size_t)1 << 20, .max_depth = 16};
	asy_json *doc = NULL;
	asy_null_owned *owned = NULL;
	assay_err err;
	if (asy_json_parse(asy_span(data, size), &limits, &doc, &err) == ASSAY_OK &&
		asy_null_read(asy_json_root(doc), &owned, &err) == ASSAY_OK)
		run(asy_null_get(owned));
	asy_null_free(owned);
	asy_json_free(doc);
	return 0;
}
