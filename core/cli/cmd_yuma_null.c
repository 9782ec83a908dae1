/* assay yuma null: one epoch of a subnet whose owner switched it to Null consensus (the
 * holder of the most stake decides alone; no clipping, no bonds) from the same file that
 * `assay yuma run` reads. */
#include "cli/yuma_file.h"

typedef struct {
	uint16_t winner;
	uint8_t *permit, *active;
	uint16_t *stake_weight, *incentive, *dividends;
	uint64_t *emission, *server, *validator;
	asy_arena *arena;
} result;

static assay_status run(const assay_yuma_input *in, const assay_yuma_null_budget *budget, result *r,
						assay_err *err)
{
	size_t n = in->n + 1, need = assay_yuma_null_scratch_len(in);
	r->arena = asy_arena_new(0);
	if (r->arena == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", in->n);
	uint8_t **u8[] = {&r->permit, &r->active};
	uint16_t **u16[] = {&r->stake_weight, &r->incentive, &r->dividends};
	uint64_t **u64[] = {&r->emission, &r->server, &r->validator};
	bool ok = true;
	for (size_t k = 0; k < ASY_COUNT(u8); k++)
		ok = (*u8[k] = asy_arena_array(r->arena, n, sizeof **u8[k])) != NULL && ok;
	for (size_t k = 0; k < ASY_COUNT(u16); k++)
		ok = (*u16[k] = asy_arena_array(r->arena, n, sizeof **u16[k])) != NULL && ok;
	for (size_t k = 0; k < ASY_COUNT(u64); k++)
		ok = (*u64[k] = asy_arena_array(r->arena, n, sizeof **u64[k])) != NULL && ok;
	uint8_t *scratch = asy_arena_take(r->arena, need + 1, 64);
	if (!ok || scratch == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "an epoch over %zu neurons", in->n);
	const assay_yuma_null_out out = {.winner = &r->winner,
									 .validator_permit = r->permit,
									 .active = r->active,
									 .stake_weight = r->stake_weight,
									 .incentive = r->incentive,
									 .dividends = r->dividends,
									 .emission = r->emission,
									 .server_emission = r->server,
									 .validator_emission = r->validator};
	return assay_yuma_null_epoch(in, budget, (assay_mut){scratch, need}, &out, err);
}

static assay_status print_json(const result *r, size_t n, assay_err *err)
{
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "winner", r->winner);
	yuma_put_u8s(&w, "active", r->active, n);
	yuma_put_u8s(&w, "validator_permit", r->permit, n);
	yuma_put_u16s(&w, "stake_weight", r->stake_weight, n);
	yuma_put_u16s(&w, "incentive", r->incentive, n);
	yuma_put_u16s(&w, "dividends", r->dividends, n);
	yuma_put_u64s(&w, "server_emission", r->server, n);
	yuma_put_u64s(&w, "validator_emission", r->validator, n);
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
	(void)printf("uid %u decides\n", r->winner);
	(void)printf("  uid  incentive  dividends  emission (rao)\n");
	for (size_t i = 0; i < n; i++)
		(void)printf("%5zu  %9.6f  %9.6f  %" PRIu64 "\n", i, r->incentive[i] / 65535.0,
					 r->dividends[i] / 65535.0, r->emission[i]);
}

/* As the chain's own one-number form: half to holders of stake, rounded down. */
static assay_yuma_null_budget halves(uint64_t rao)
{
	return (assay_yuma_null_budget){.mining = rao - rao / 2, .dividend = rao / 2, .fallback = rao};
}

static assay_status pools(const char *text, assay_yuma_null_budget *out, assay_err *err)
{
	uint64_t v[3];
	const char *at = text;
	for (size_t k = 0; k < 3; k++) {
		char number[24];
		size_t len = strcspn(at, ",");
		bool last = at[len] == '\0';
		if (len == 0 || len >= sizeof number || last != (k == 2))
			return ASSAY_FAIL(err, E_INPUT, "--pools %s: not SERVER,LOCAL,ROOT in rao", text);
		(void)snprintf(number, sizeof number, "%.*s", (int)len, at);
		if (!asy_str_u64(number, &v[k]))
			return ASSAY_FAIL(err, E_INPUT, "--pools: %s is not a number of rao", number);
		at += len + !last;
	}
	if (v[1] > UINT64_MAX - v[2] || v[0] > UINT64_MAX - v[1])
		return ASSAY_FAIL(err, E_RANGE, "--pools %s: more rao than exist", text);
	*out =
		(assay_yuma_null_budget){.mining = v[0], .dividend = v[1] + v[2], .fallback = v[0] + v[1]};
	return ASSAY_OK;
}

int cmd_yuma_null(int argc, char **argv)
{
	const char *split = NULL, *name = NULL, *file;
	bool json = false;
	const asy_front_opt opts[] = {
		{"case", ASY_FRONT_STR, &name, "NAME",
		 "which case of a file of cases (default: the first)"},
		{"pools", ASY_FRONT_STR, &split, "S,L,R",
		 "rao of the server, local validator and root pools; else half of\n"
		 "rao_emission goes to miners"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "the integers as the chain stores them"},
	};
	const asy_front_usage usage = {
		"assay yuma null [options] FILE.json",
		"Runs one epoch of Null consensus (\"-\" reads standard input): who decides, and\n"
		"what everybody is paid. The input is that of `assay yuma run`; see docs/yuma.md.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("yuma null", "needs one input file");
	assay_err err = {0};
	asy_yuma_owned *owned = NULL;
	result r = {0};
	assay_yuma_null_budget budget = {0};
	assay_status st = yuma_input(file, name, ASSAY_YUMA_CPU_AUTO, &owned, &err);
	if (st == ASSAY_OK) {
		budget = halves(asy_yuma_input_get(owned)->rao_emission);
		if (split != NULL)
			st = pools(split, &budget, &err);
	}
	if (st == ASSAY_OK)
		st = run(asy_yuma_input_get(owned), &budget, &r, &err);
	if (st == ASSAY_OK && json)
		st = print_json(&r, asy_yuma_input_get(owned)->n, &err);
	else if (st == ASSAY_OK)
		print_text(&r, asy_yuma_input_get(owned)->n);
	asy_arena_free(r.arena);
	asy_yuma_input_free(owned);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma null", st, &err);
}
