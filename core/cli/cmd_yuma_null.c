/* assay yuma null: one epoch of a null-consensus subnet (mean of the normalised rows of
 * the eligible validators; no bonds, no clipping) from a JSON file. */
#include "cli/yuma_file.h"
#include "research/null_input.h"

typedef struct {
	uint8_t *permit, *counted;
	uint64_t *emission;
	uint32_t *incentive;
	asy_arena *arena;
} result;

static assay_status run(const assay_yuma_null_input *in, result *r, assay_err *err)
{
	size_t n = in->n + 1, need = assay_yuma_null_scratch_len(in);
	r->arena = asy_arena_new(0);
	if (r->arena == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", in->n);
	r->permit = asy_arena_array(r->arena, n, sizeof *r->permit);
	r->counted = asy_arena_array(r->arena, n, sizeof *r->counted);
	r->emission = asy_arena_array(r->arena, n, sizeof *r->emission);
	r->incentive = asy_arena_array(r->arena, n, sizeof *r->incentive);
	uint8_t *scratch = asy_arena_take(r->arena, need + 1, 64);
	if (r->permit == NULL || r->counted == NULL || r->emission == NULL || r->incentive == NULL ||
		scratch == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", in->n);
	const assay_yuma_null_out out = {.validator_permit = r->permit,
									 .counted = r->counted,
									 .emission = r->emission,
									 .incentive = r->incentive};
	return assay_yuma_null_epoch(in, (assay_mut){scratch, need}, &out, err);
}

static assay_status print_json(const result *r, size_t n, assay_err *err)
{
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	asy_jw_object(&w);
	yuma_put_u8s(&w, "validator_permit", r->permit, n);
	yuma_put_u8s(&w, "counted", r->counted, n);
	asy_jw_key(&w, "incentive");
	asy_jw_array(&w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(&w, r->incentive[i]);
	asy_jw_end_array(&w);
	yuma_put_u64s(&w, "emission", r->emission, n);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&text, err);
	asy_buf_fini(&text);
	return st;
}

static void print_text(const result *r, size_t n)
{
	(void)printf("  uid  permit  counted  incentive  emission\n");
	for (size_t i = 0; i < n; i++)
		(void)printf("%5zu  %6u  %7u  %9.6f  %" PRIu64 "\n", i, r->permit[i], r->counted[i],
					 r->incentive[i] / 4294967295.0, r->emission[i]);
}

static assay_status read_file(const char *file, asy_null_owned **out, assay_err *err)
{
	asy_json *doc = NULL;
	assay_status st = yuma_json(file, &doc, err);
	if (st != ASSAY_OK)
		return st;
	st = asy_null_read(asy_json_root(doc), out, err);
	asy_json_free(doc);
	return st == ASSAY_OK ? ASSAY_OK : assay_err_at(err, st, "%s", file);
}

int cmd_yuma_null(int argc, char **argv)
{
	const char *cpu = NULL, *file;
	bool json = false;
	const asy_front_opt opts[] = {
		{"cpu", ASY_FRONT_STR, &cpu, "NAME",
		 "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "u32 and rao integers as the chain stores them"},
	};
	const asy_front_usage usage = {
		"assay yuma null [options] FILE.json",
		"Runs one null-consensus epoch (\"-\" reads standard input) and prints the new permits,\n"
		"whose row counted, incentive and emission. `assay yuma template --null` prints a\n"
		"complete input.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("yuma null", "needs one input file");
	assay_err err = {0};
	asy_null_owned *owned = NULL;
	result r = {0};
	uint64_t mask;
	assay_status st = asy_front_cpu(cpu, &mask, &err);
	if (st == ASSAY_OK)
		st = read_file(file, &owned, &err);
	if (st == ASSAY_OK) {
		asy_null_get(owned)->cpu_mask = mask;
		st = run(asy_null_get(owned), &r, &err);
	}
	if (st == ASSAY_OK && json)
		st = print_json(&r, asy_null_get(owned)->n, &err);
	else if (st == ASSAY_OK)
		print_text(&r, asy_null_get(owned)->n);
	asy_arena_free(r.arena);
	asy_null_free(owned);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma null", st, &err);
}
