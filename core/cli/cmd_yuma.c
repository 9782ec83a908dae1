/* assay yuma: one epoch from a JSON file, by the same code as the daemon's forecast.
 * The input is the `input` object of the published vectors: alone, as a case, or as a
 * file of cases. */
#include <stdlib.h>
#include "cli/cli.h"
#include "yuma/yuma.h"

#define INPUT_MAX ((size_t)512 << 20)

typedef struct {
	size_t n;
	uint8_t *active, *permit;
	uint16_t *stake_weight, *consensus, *validator_trust, *incentive, *dividends;
	uint64_t *emission;
	asy_arena *arena;
} epoch_result;

/* One more than n, so that an empty subnet still has arrays. */
#define TAKE(a, n, ptr) ((ptr) = asy_arena_array((a), (n) + 1, sizeof *(ptr)))

static assay_status run_epoch(const assay_yuma_input *in, epoch_result *r, assay_err *err)
{
	assay_status st = assay_yuma_check(in, err);
	if (st != ASSAY_OK)
		return st;
	r->n = in->n;
	r->arena = asy_arena_new(0);
	size_t need = assay_yuma_scratch_len(in);
	uint8_t *scratch = r->arena != NULL ? asy_arena_take(r->arena, need, 64) : NULL;
	if (scratch == NULL || !TAKE(r->arena, in->n, r->active) || !TAKE(r->arena, in->n, r->permit) ||
		!TAKE(r->arena, in->n, r->stake_weight) || !TAKE(r->arena, in->n, r->consensus) ||
		!TAKE(r->arena, in->n, r->validator_trust) || !TAKE(r->arena, in->n, r->incentive) ||
		!TAKE(r->arena, in->n, r->dividends) || !TAKE(r->arena, in->n, r->emission))
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", in->n);
	assay_yuma_out out = {
		.active = r->active,
		.validator_permit = r->permit,
		.stake_weight = r->stake_weight,
		.consensus = r->consensus,
		.validator_trust = r->validator_trust,
		.incentive = r->incentive,
		.dividends = r->dividends,
		.emission = r->emission,
	};
	return assay_yuma_epoch(in, (assay_mut){scratch, need}, &out, err);
}

static void put_u16s(asy_jw *w, const char *key, const uint16_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

static void put_u8s(asy_jw *w, const char *key, const uint8_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

static assay_status print_json(const epoch_result *r, assay_err *err)
{
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	asy_jw_object(&w);
	put_u8s(&w, "active", r->active, r->n);
	put_u8s(&w, "validator_permit", r->permit, r->n);
	put_u16s(&w, "stake_weight", r->stake_weight, r->n);
	put_u16s(&w, "consensus", r->consensus, r->n);
	put_u16s(&w, "validator_trust", r->validator_trust, r->n);
	put_u16s(&w, "incentive", r->incentive, r->n);
	put_u16s(&w, "dividends", r->dividends, r->n);
	asy_jw_key(&w, "emission");
	asy_jw_array(&w);
	for (size_t i = 0; i < r->n; i++)
		asy_jw_u64(&w, r->emission[i]);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = cli_print(&text, err);
	asy_buf_fini(&text);
	return st;
}

static void print_text(const epoch_result *r)
{
	(void)printf(
		"  uid  active  permit   stake  consensus  vtrust  incentive  dividends  emission\n");
	for (size_t i = 0; i < r->n; i++)
		(void)printf("%5zu  %6u  %6u  %6.4f  %9.4f  %6.4f  %9.4f  %9.4f  %" PRIu64 "\n", i,
					 r->active[i], r->permit[i], r->stake_weight[i] / 65535.0,
					 r->consensus[i] / 65535.0, r->validator_trust[i] / 65535.0,
					 r->incentive[i] / 65535.0, r->dividends[i] / 65535.0, r->emission[i]);
}

/* The input object inside whatever of the three forms root is. */
static assay_status find_input(asy_jv root, const char *name, asy_jv *out, assay_err *err)
{
	asy_jv cases = asy_jv_get(root, "cases");
	if (asy_jv_kind(cases) != ASY_J_ARRAY) {
		asy_jv input = asy_jv_get(root, "input");
		*out = asy_jv_is_null(input) ? root : input;
		return ASSAY_OK;
	}
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		const char *is;
		if (name == NULL || (asy_jv_str(asy_jv_get(c, "name"), &is, NULL, NULL) == ASSAY_OK &&
							 strcmp(is, name) == 0)) {
			*out = asy_jv_get(c, "input");
			return ASSAY_OK;
		}
	}
	return ASSAY_FAIL(err, E_NOTFOUND, "no case named '%s' in this file", name != NULL ? name : "");
}

int cmd_yuma(int argc, char **argv)
{
	const char *cpu = NULL, *name = NULL, *file;
	bool json = false;
	const cli_opt opts[] = {
		{"case", CLI_STR, &name, "NAME", "which case of a file of cases (default: the first)"},
		{"cpu", CLI_STR, &cpu, "NAME", "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", CLI_FLAG, &json, NULL, "u16 and rao integers as the chain stores them"},
	};
	const cli_usage usage = {
		"assay yuma [options] FILE.json",
		"Runs one consensus epoch (\"-\" reads standard input) and prints what the chain would\n"
		"store: consensus, validator trust, incentive, dividends, emission, permits.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!cli_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n != 1)
		return cli_misuse("yuma", "needs one input file");
	assay_err err = {0};
	asy_buf text = {0};
	asy_json *doc = NULL;
	asy_yuma_owned *owned = NULL;
	epoch_result r = {0};
	asy_jv input;
	uint64_t mask;
	assay_status st = cli_cpu(cpu, &mask, &err);
	if (st == ASSAY_OK)
		st = cli_read_file(file, INPUT_MAX, &text, &err);
	if (st == ASSAY_OK) {
		asy_json_limits limits = {.max_bytes = INPUT_MAX};
		st = asy_json_parse(asy_buf_span(&text), &limits, &doc, &err);
		if (st == ASSAY_OK)
			st = find_input(asy_json_root(doc), name, &input, &err);
		if (st == ASSAY_OK)
			st = asy_yuma_input_read(input, &owned, &err);
		if (st != ASSAY_OK)
			st = assay_err_at(&err, st, "%s", file);
	}
	if (st == ASSAY_OK) {
		asy_yuma_input_get(owned)->cpu_mask = mask;
		st = run_epoch(asy_yuma_input_get(owned), &r, &err);
	}
	if (st == ASSAY_OK && json)
		st = print_json(&r, &err);
	else if (st == ASSAY_OK)
		print_text(&r);
	asy_arena_free(r.arena);
	asy_yuma_input_free(owned);
	asy_json_free(doc);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? 0 : cli_fail("yuma", st, &err);
}
