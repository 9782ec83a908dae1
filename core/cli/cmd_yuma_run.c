/* assay yuma run: one epoch from a JSON file, by the same code as the daemon's
 * forecast. */
#include "cli/yuma_file.h"

static assay_status print_json(const yuma_result *r, assay_err *err)
{
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	asy_jw_object(&w);
	yuma_result_json(&w, r);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&text, err);
	asy_buf_fini(&text);
	return st;
}

/* At most 80 columns while an epoch pays less than a million TAO to a neuron. */
static void print_text(const yuma_result *r)
{
	(void)printf(
		"  uid active permit  stake consensus vtrust incentive dividends  emission (rao)\n");
	for (size_t i = 0; i < r->n; i++)
		(void)printf("%5zu %6u %6u %6.4f %9.4f %6.4f %9.4f %9.4f %15" PRIu64 "\n", i, r->active[i],
					 r->permit[i], r->stake_weight[i] / 65535.0, r->consensus[i] / 65535.0,
					 r->validator_trust[i] / 65535.0, r->incentive[i] / 65535.0,
					 r->dividends[i] / 65535.0, r->emission[i]);
}

int cmd_yuma_run(int argc, char **argv)
{
	const char *cpu = NULL, *name = NULL, *file;
	bool json = false;
	const asy_front_opt opts[] = {
		{"case", ASY_FRONT_STR, &name, "NAME",
		 "which case of a file of cases (default: the first)"},
		{"cpu", ASY_FRONT_STR, &cpu, "NAME",
		 "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "u16 and rao integers as the chain stores them"},
	};
	const asy_front_usage usage = {
		"assay yuma run [options] FILE.json",
		"Runs one consensus epoch (\"-\" reads standard input) and prints what the chain would\n"
		"store: consensus, validator trust, incentive, dividends, emission, permits.\n\n"
		"The input is one JSON object: the state of a subnet in the chain's own units (u16\n"
		"parts of 65535, rao, blocks). `assay yuma template` prints a complete one;\n"
		"yuma.schema.json (docs/ in the source, share/assay installed) describes every key.\n"
		"`assay yuma simulate --state FILE` writes one, too.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("yuma run", "needs one input file");
	assay_err err = {0};
	asy_yuma_owned *owned = NULL;
	yuma_result r = {0};
	uint64_t mask;
	assay_status st = asy_front_cpu(cpu, &mask, &err);
	if (st == ASSAY_OK)
		st = yuma_input(file, name, mask, &owned, &err);
	if (st == ASSAY_OK)
		st = yuma_result_run(asy_yuma_input_get(owned), &r, &err);
	if (st == ASSAY_OK && json)
		st = print_json(&r, &err);
	else if (st == ASSAY_OK)
		print_text(&r);
	yuma_result_fini(&r);
	asy_yuma_input_free(owned);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma run", st, &err);
}
