/* assay yuma template: a complete input that runs, to be changed. */
#include "cli/yuma_file.h"

/* Two validators and three miners of a subnet as they are today. */
static const char TEMPLATE[] = "{\n"
							   "  \"n\": 5,\n"
							   "  \"current_block\": 4000,\n"
							   "  \"tempo\": 360,\n"
							   "  \"last_mechanism_step_block\": 3640,\n"
							   "  \"activity_cutoff_factor_milli\": 13889,\n"
							   "  \"last_update\": [3900, 3910, 100, 100, 100],\n"
							   "  \"block_at_registration\": [50, 50, 60, 60, 3000],\n"
							   "  \"alpha_stake\": [3000000000000, 2000000000000, 0, 0, 0],\n"
							   "  \"tao_stake\": [0, 0, 0, 0, 0],\n"
							   "  \"tao_weight\": 971718665099567868,\n"
							   "  \"stake_threshold\": 0,\n"
							   "  \"owner_uid\": null,\n"
							   "  \"validator_permit\": [1, 1, 0, 0, 0],\n"
							   "  \"max_allowed_validators\": 64,\n"
							   "  \"kappa\": 32767,\n"
							   "  \"bonds_penalty\": 65535,\n"
							   "  \"bonds_moving_average\": 900000,\n"
							   "  \"yuma3\": true,\n"
							   "  \"liquid_alpha\": false,\n"
							   "  \"alpha_low\": 45875,\n"
							   "  \"alpha_high\": 58982,\n"
							   "  \"alpha_sigmoid_steepness\": 1000,\n"
							   "  \"commit_reveal\": {\"enabled\": false, \"current_epoch\": 11, "
							   "\"reveal_period\": 1, \"v2\": "
							   "[], \"v4\": []},\n"
							   "  \"weights\": [\n"
							   "    [0, [2, 3, 4], [65535, 32768, 16384]],\n"
							   "    [1, [2, 3, 4], [65535, 40000, 8000]]\n"
							   "  ],\n"
							   "  \"bonds\": [],\n"
							   "  \"rao_emission\": 148000000000\n"
							   "}\n";

int cmd_yuma_template(int argc, char **argv)
{
	const asy_front_usage usage = {
		"assay yuma template > input.json",
		"Prints a complete input for `assay yuma run`: two validators and three miners. Every\n"
		"key is described in yuma.schema.json (docs/ in the source, share/assay installed).",
		NULL, 0};
	size_t n;
	int code;
	assay_err err = {0};
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	assay_status st = asy_front_write_file("-", asy_span_str(TEMPLATE), &err);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma template", st, &err);
}
