/* Input of `assay weights`. Properties: what reads either makes a row that the chain would take
 * or is refused with a sentence; uids of a row ascend and exist; the largest value is 65535. */
#include <stdlib.h>
#include "cli/weights_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const assay_weights_plan *plan, const cli_weights_input *in)
{
	assay_weights_row row = assay_weights_plan_row(plan);
	uint16_t most = 0;
	for (size_t i = 0; i < row.n; i++) {
		if (row.uids[i] >= in->limits.neurons || (i > 0 && row.uids[i] <= row.uids[i - 1]))
			abort();
		most = row.values[i] > most ? row.values[i] : most;
	}
	if (row.n > 0 && most != UINT16_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static cli_weights_input in; /* large; zeroed below */
	const assay_weights_policy policy = assay_weights_policy_defaults();
	asy_json *doc = NULL;
	assay_weights_plan *plan = NULL;
	assay_err err = {0};
	in = (cli_weights_input){0};
	if (asy_json_parse(asy_span(data, size), NULL, &doc, &err) == ASSAY_OK &&
		cli_weights_read(asy_json_root(doc), &in, &err) == ASSAY_OK) {
		if (assay_weights_plan_new(in.c, in.n, &in.limits, &policy, NULL, &plan, &err) == ASSAY_OK)
			check_row(plan, &in);
		else if (err.msg[0] == '\0')
			abort();
	}
	assay_weights_plan_free(plan);
	cli_weights_input_fini(&in);
	asy_json_free(doc);
	return 0;
}
