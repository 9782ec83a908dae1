/* Experiments. Properties: what reads also runs; the input of an epoch, written and
 * read again, is the same; and no epoch pays more than its emission. */
#include <stdlib.h>
#include "research/simulate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const assay_yuma_input *in)
{
	asy_buf first = {0}, second = {0};
	asy_json *doc = NULL;
	asy_yuma_owned *owned = NULL;
	assay_err err;
	if (asy_research_input_json(in, &first, &err) != ASSAY_OK ||
		asy_json_parse(asy_buf_span(&first), NULL, &doc, &err) != ASSAY_OK ||
		asy_yuma_input_read(asy_json_root(doc), &owned, &err) != ASSAY_OK ||
		asy_research_input_json(asy_yuma_input_get(owned), &second, &err) != ASSAY_OK ||
		!asy_span_eq(asy_buf_span(&first), asy_buf_span(&second)))
		abort();
	asy_yuma_input_free(owned);
	asy_json_free(doc);
	asy_buf_fini(&first);
	asy_buf_fini(&second);
}

static void run(asy_sim *s)
{
	size_t n = asy_sim_neurons(s);
	uint32_t epochs = asy_sim_epochs(s) < 4 ? asy_sim_epochs(s) : 4;
	asy_sim_cell *cells = calloc(n + 1, sizeof *cells);
	assay_err err;
	for (uint32_t e = 0; cells != NULL && e < epochs; e++) {
		uint64_t paid = 0;
		if (asy_sim_prepare(s, &err) != ASSAY_OK)
			abort();
		check_round_trip(asy_sim_input(s));
		uint64_t emission = asy_sim_input(s)->rao_emission;
		if (asy_sim_advance(s, cells, &err) != ASSAY_OK)
			abort();
		for (size_t i = 0; i < n; i++)
			paid = asy_sat_add_u64(paid, cells[i].emission);
		/* a bond average above one makes shares that are none */
		if (paid > emission && asy_sim_input(s)->bonds_moving_average <= 1000000)
			abort();
	}
	free(cells);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const asy_json_limits limits = {.max_bytes = (size_t)1 << 20, .max_depth = 16};
	asy_json *doc = NULL;
	asy_sim *s = NULL;
	assay_err err;
	if (asy_json_parse(asy_span(data, size), &limits, &doc, &err) == ASSAY_OK &&
		asy_sim_read(asy_json_root(doc), &s, &err) == ASSAY_OK && asy_sim_neurons(s) <= 64)
		run(s);
	asy_sim_free(s);
	asy_json_free(doc);
	return 0;
}
