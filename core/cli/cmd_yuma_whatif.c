/* assay yuma what-if: the same epoch with another row, other stakes or another kappa,
 * beside the epoch as it is. Many candidate rows cost little more than one: they run
 * on one prepared epoch. */
#include <math.h>
#include <stdlib.h>
#include "cli/yuma_file.h"

#define ROWS_BYTES_MAX ((size_t)256 << 20)
#define SHOWN 20u

/* A candidate row, as the chain would store it. */
typedef struct {
	uint16_t *uid, *value;
	size_t len;
} row;

typedef struct {
	const char *case_name, *row_file, *rows_file, *cpu;
	asy_front_list set, stake;
	uint64_t uid, kappa;
	bool fresh, all, json;
} whatif_options;

/* ---- rows ---- */

static void rows_free(row *rows, size_t n)
{
	for (size_t i = 0; i < n && rows != NULL; i++) {
		free(rows[i].uid);
		free(rows[i].value);
	}
	free(rows);
}

static assay_status row_new(size_t cap, row *out, assay_err *err)
{
	*out = (row){asy_calloc(cap + 1, 2), asy_calloc(cap + 1, 2), 0};
	return out->uid == NULL || out->value == NULL ? ASSAY_FAIL(err, E_NOMEM, "a row of %zu", cap)
												  : ASSAY_OK;
}

/* Values of 16 bits are upscaled as the chain upscales what it is sent; any others (parts
 * of one, large integers) first become parts of the largest, of 65535. */
static assay_status to_u16(asy_jv values, row *out, assay_err *err)
{
	bool is_u16 = true;
	double most = 0, v;
	for (size_t i = 0; i < out->len; i++) {
		assay_status st = asy_jv_f64(asy_jv_at(values, i), &v, err);
		if (st != ASSAY_OK)
			return st;
		if (!isfinite(v) || v < 0)
			return ASSAY_FAIL(err, E_RANGE, "values[%zu]: %g is no weight", i, v);
		is_u16 = is_u16 && v <= 65535 && v == floor(v);
		most = fmax(most, v);
	}
	for (size_t i = 0; i < out->len; i++)
		if (asy_jv_f64(asy_jv_at(values, i), &v, NULL) == ASSAY_OK)
			out->value[i] = (uint16_t)(is_u16 ? v : floor(v / most * 65535 + 0.5));
	asy_yuma_max_upscale_u16(out->value, out->len, out->value);
	return ASSAY_OK;
}

/* {"uids": [...], "values": [...]}, values in any scale. */
static assay_status read_row(asy_jv v, size_t n, row *out, assay_err *err)
{
	asy_jv uids = asy_jv_get(v, "uids"), values = asy_jv_get(v, "values");
	if (asy_jv_kind(uids) != ASY_J_ARRAY || asy_jv_kind(values) != ASY_J_ARRAY)
		return ASSAY_FAIL(err, E_FORMAT, "a row is {\"uids\": [...], \"values\": [...]}");
	size_t len = asy_jv_size(uids);
	if (asy_jv_size(values) != len)
		return ASSAY_FAIL(err, E_INPUT, "%zu uids but %zu values", len, asy_jv_size(values));
	assay_status st = row_new(len, out, err);
	out->len = len;
	for (size_t i = 0; i < len && st == ASSAY_OK; i++) {
		st = asy_jv_u16(asy_jv_at(uids, i), &out->uid[i], err);
		if (st == ASSAY_OK && out->uid[i] >= n)
			st = ASSAY_FAIL(err, E_RANGE, "uids[%zu]: %u, but there are %zu neurons", i,
							out->uid[i], n);
	}
	return st == ASSAY_OK ? to_u16(values, out, err) : st;
}

static assay_status read_row_file(const char *file, size_t n, row *out, assay_err *err)
{
	asy_json *doc = NULL;
	assay_status st = yuma_json(file, &doc, err);
	if (st != ASSAY_OK)
		return st;
	st = read_row(asy_json_root(doc), n, out, err);
	asy_json_free(doc);
	return st == ASSAY_OK ? ASSAY_OK : assay_err_at(err, st, "%s", file);
}

/* The stored row with some entries set; an entry that was not there is appended. */
static assay_status edit_row(const assay_yuma_input *in, uint16_t uid, const asy_front_list *set,
							 row *out, assay_err *err)
{
	asy_yuma_row old = asy_yuma_rows_get(&in->weights, uid);
	assay_status st = row_new(old.len + set->n, out, err);
	if (st != ASSAY_OK)
		return st;
	if (old.len > 0) {
		memcpy(out->uid, old.uid, old.len * sizeof *out->uid);
		memcpy(out->value, old.value, old.len * sizeof *out->value);
	}
	out->len = old.len;
	for (size_t i = 0; i < set->n; i++) {
		uint64_t target, value;
		if (!yuma_pair(set->at[i], &target, &value) || value > UINT16_MAX)
			return ASSAY_FAIL(err, E_USAGE, "--set %s: not uid=value with a value of 16 bits",
							  set->at[i]);
		if (target >= in->n)
			return ASSAY_FAIL(err, E_RANGE, "--set %s: there are %zu neurons", set->at[i], in->n);
		size_t k = 0;
		while (k < out->len && out->uid[k] != target)
			k++;
		out->uid[k] = (uint16_t)target;
		out->value[k] = (uint16_t)value;
		out->len += k == out->len;
	}
	asy_yuma_max_upscale_u16(out->value, out->len, out->value);
	return ASSAY_OK;
}

/* JSON Lines, one row per line. */
static assay_status read_rows_file(const char *file, size_t n, row **out, size_t *out_n,
								   assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_front_read_file(file, ROWS_BYTES_MAX, &text, err);
	size_t count = 0, at = 0, line = 1;
	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	row *rows = asy_calloc(count + 1, sizeof *rows);
	if (st == ASSAY_OK && rows == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "%zu rows", count);
	size_t made = 0;
	for (; st == ASSAY_OK && at < text.len; line++) {
		const uint8_t *end = memchr(text.ptr + at, '\n', text.len - at);
		size_t len = end == NULL ? text.len - at : (size_t)(end - (text.ptr + at));
		asy_json *doc = NULL;
		if (len > 0) {
			st = asy_json_parse(asy_span(text.ptr + at, len), NULL, &doc, err);
			if (st == ASSAY_OK)
				st = read_row(asy_json_root(doc), n, &rows[made++], err);
			asy_json_free(doc);
			if (st != ASSAY_OK)
				st = assay_err_at(err, st, "%s line %zu", file, line);
		}
		at += len + 1;
	}
	if (st == ASSAY_OK && made == 0)
		st = ASSAY_FAIL(err, E_EMPTY, "%s has no row", file);
	asy_buf_fini(&text);
	if (st != ASSAY_OK) {
		rows_free(rows, made);
		return st;
	}
	*out = rows;
	*out_n = made;
	return ASSAY_OK;
}

static assay_status read_candidates(const whatif_options *o, const assay_yuma_input *in, row **out,
									size_t *out_n, assay_err *err)
{
	if (o->rows_file != NULL)
		return read_rows_file(o->rows_file, in->n, out, out_n, err);
	if (o->row_file == NULL && o->set.n == 0)
		return ASSAY_OK;
	row *one = asy_calloc(1, sizeof *one);
	if (one == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a row");
	assay_status st = o->row_file != NULL ? read_row_file(o->row_file, in->n, one, err)
										  : edit_row(in, (uint16_t)o->uid, &o->set, one, err);
	if (st != ASSAY_OK) {
		rows_free(one, 1);
		return st;
	}
	*out = one;
	*out_n = 1;
	return ASSAY_OK;
}

/* ---- the changed input ---- */

/* Arrays that a change replaces; the input borrows them. */
typedef struct {
	uint64_t *alpha, *last_update;
} changed;

static assay_status change_input(const whatif_options *o, assay_yuma_input *in, changed *c,
								 assay_err *err)
{
	if (o->kappa != UINT64_MAX)
		in->kappa = (uint16_t)o->kappa;
	c->alpha = asy_calloc(in->n + 1, sizeof *c->alpha);
	c->last_update = asy_calloc(in->n + 1, sizeof *c->last_update);
	if (c->alpha == NULL || c->last_update == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "stakes of %zu neurons", in->n);
	for (size_t i = 0; i < in->n; i++) {
		c->alpha[i] = in->alpha_stake[i];
		c->last_update[i] = i < in->last_update_n ? in->last_update[i] : 0;
	}
	for (size_t i = 0; i < o->stake.n; i++) {
		uint64_t uid, rao;
		if (!yuma_pair(o->stake.at[i], &uid, &rao))
			return ASSAY_FAIL(err, E_USAGE, "--stake %s: not uid=rao", o->stake.at[i]);
		if (uid >= in->n)
			return ASSAY_FAIL(err, E_RANGE, "--stake %s: there are %zu neurons", o->stake.at[i],
							  in->n);
		c->alpha[uid] = rao;
	}
	in->alpha_stake = c->alpha;
	if (o->fresh && in->current_block > 0)
		c->last_update[o->uid] = in->current_block - 1;
	in->last_update = c->last_update;
	in->last_update_n = in->n;
	return ASSAY_OK;
}

/* ---- reports ---- */

static void print_own(size_t uid, const yuma_result *a, const yuma_result *b)
{
	(void)printf("uid %zu\n", uid);
	(void)printf("  validator trust  %.4f -> %.4f\n", a->validator_trust[uid] / 65535.0,
				 b->validator_trust[uid] / 65535.0);
	(void)printf("  dividends        %.4f -> %.4f\n", a->dividends[uid] / 65535.0,
				 b->dividends[uid] / 65535.0);
	(void)printf("  incentive        %.4f -> %.4f\n", a->incentive[uid] / 65535.0,
				 b->incentive[uid] / 65535.0);
	(void)printf("  emission         %" PRIu64 " -> %" PRIu64 " rao (%+.4f%%)\n", a->emission[uid],
				 b->emission[uid],
				 a->emission[uid] > 0
					 ? 100.0 * ((double)b->emission[uid] / (double)a->emission[uid] - 1.0)
					 : 0.0);
}

typedef struct {
	size_t uid;
	double by; /* change of emission, absolute */
} moved;

static int by_size(const void *x, const void *y)
{
	const moved *a = x, *b = y;
	if (a->by != b->by)
		return a->by > b->by ? -1 : 1;
	return a->uid < b->uid ? -1 : 1;
}

static bool differs(const yuma_result *a, const yuma_result *b, size_t i)
{
	return a->emission[i] != b->emission[i] || a->consensus[i] != b->consensus[i] ||
		   a->incentive[i] != b->incentive[i] || a->dividends[i] != b->dividends[i] ||
		   a->validator_trust[i] != b->validator_trust[i] || a->permit[i] != b->permit[i];
}

/* A part of 65535 in six characters. */
static void print_pair(uint16_t a, uint16_t b)
{
	char text[2][16];
	for (int i = 0; i < 2; i++)
		(void)snprintf(text[i], sizeof text[i], "%.5f", (i == 0 ? a : b) / 65535.0);
	/* ".12345"; 1 is "1.0000" */
	for (int i = 0; i < 2; i++)
		(void)printf("%s%.6s", i == 0 ? "  " : " ", text[i] + (text[i][0] == '0'));
}

static void print_change(size_t i, const yuma_result *a, const yuma_result *b)
{
	(void)printf("%5zu", i);
	print_pair(a->consensus[i], b->consensus[i]);
	print_pair(a->incentive[i], b->incentive[i]);
	print_pair(a->dividends[i], b->dividends[i]);
	print_pair(a->validator_trust[i], b->validator_trust[i]);
	(void)printf("  %+.0f\n", (double)b->emission[i] - (double)a->emission[i]);
	if (a->permit[i] != b->permit[i])
		(void)printf("       %s its permit\n", b->permit[i] ? "gains" : "loses");
}

static assay_status print_text(const whatif_options *o, const yuma_result *a, const yuma_result *b,
							   assay_err *err)
{
	moved *list = asy_calloc(a->n + 1, sizeof *list);
	size_t n = 0;
	if (list == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a list of %zu neurons", a->n);
	for (size_t i = 0; i < a->n; i++)
		if (differs(a, b, i)) {
			double d = (double)b->emission[i] - (double)a->emission[i];
			list[n++] = (moved){i, d < 0 ? -d : d};
		}
	if (n > 1)
		qsort(list, n, sizeof *list, by_size);
	if (o->uid != UINT64_MAX)
		print_own(o->uid, a, b);
	size_t shown = o->all || n < SHOWN ? n : SHOWN;
	(void)printf("%zu of %zu neurons change%s\n", n, a->n, n > 0 ? ":" : "");
	if (n > 0)
		(void)printf("       consensus      incentive      dividends      vtrust         emission\n"
					 "  uid  is     if      is     if      is     if      is     if      (rao)\n");
	for (size_t k = 0; k < shown; k++)
		print_change(list[k].uid, a, b);
	if (shown < n)
		(void)printf("%zu more (--all shows them)\n", n - shown);
	free(list);
	return ASSAY_OK;
}

static void print_candidates(size_t uid, const yuma_result *base, const yuma_result *got, size_t n)
{
	(void)printf("uid %zu as it is: vtrust %.4f, dividends %.4f, emission %" PRIu64 " rao\n"
				 "row  vtrust  dividends  emission (rao)\n",
				 uid, base->validator_trust[uid] / 65535.0, base->dividends[uid] / 65535.0,
				 base->emission[uid]);
	for (size_t k = 0; k < n; k++)
		(void)printf("%3zu  %6.4f  %9.4f  %" PRIu64 " (%+.0f)\n", k,
					 got[k].validator_trust[uid] / 65535.0, got[k].dividends[uid] / 65535.0,
					 got[k].emission[uid],
					 (double)got[k].emission[uid] - (double)base->emission[uid]);
}

static assay_status print_json(const whatif_options *o, const yuma_result *base,
							   const yuma_result *got, size_t n, assay_err *err)
{
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	asy_jw_object(&w);
	if (o->uid != UINT64_MAX)
		asy_jw_ku64(&w, "uid", o->uid);
	asy_jw_key(&w, "as_it_is");
	asy_jw_object(&w);
	yuma_result_json(&w, base);
	asy_jw_end_object(&w);
	asy_jw_key(&w, "what_if");
	asy_jw_array(&w);
	for (size_t k = 0; k < n; k++) {
		asy_jw_object(&w);
		yuma_result_json(&w, &got[k]);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&text, err);
	asy_buf_fini(&text);
	return st;
}

/* ---- the question ---- */

/* got: one result per candidate, or one for the changed input without a candidate. */
static assay_status answer(const whatif_options *o, const assay_yuma_input *in, const row *rows,
						   size_t rows_n, yuma_result *got, assay_err *err)
{
	if (rows_n == 0)
		return yuma_result_run(in, &got[0], err);
	assay_yuma_prep *prep = NULL;
	assay_yuma_row *list = asy_calloc(rows_n, sizeof *list);
	assay_yuma_out *out = asy_calloc(rows_n, sizeof *out);
	assay_status st =
		list == NULL || out == NULL ? ASSAY_FAIL(err, E_NOMEM, "%zu rows", rows_n) : ASSAY_OK;
	for (size_t k = 0; k < rows_n && st == ASSAY_OK; k++) {
		st = yuma_result_new(in->n, &got[k], err);
		list[k] = (assay_yuma_row){rows[k].uid, rows[k].value, rows[k].len};
		out[k] = yuma_result_out(&got[k]);
	}
	if (st == ASSAY_OK)
		st = assay_yuma_prep_new(in, &prep, err);
	if (st == ASSAY_OK)
		st = assay_yuma_prep_rows(prep, (uint16_t)o->uid, list, rows_n, out, err);
	assay_yuma_prep_free(prep);
	free(list);
	free(out);
	return st;
}

static assay_status ask(const whatif_options *o, assay_yuma_input *in, assay_err *err)
{
	yuma_result base = {0}, *got = NULL;
	changed c = {0};
	row *rows = NULL;
	size_t rows_n = 0;
	assay_status st = ASSAY_OK;
	if (o->uid != UINT64_MAX && o->uid >= in->n)
		return ASSAY_FAIL(err, E_RANGE, "--uid %" PRIu64 ": there are %zu neurons", o->uid, in->n);
	st = read_candidates(o, in, &rows, &rows_n, err);
	size_t answers = rows_n > 0 ? rows_n : 1;
	if (st == ASSAY_OK && (got = asy_calloc(answers, sizeof *got)) == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "%zu answers", answers);
	if (st == ASSAY_OK)
		st = yuma_result_run(in, &base, err);
	if (st == ASSAY_OK)
		st = change_input(o, in, &c, err);
	if (st == ASSAY_OK)
		st = answer(o, in, rows, rows_n, got, err);
	if (st == ASSAY_OK && o->json)
		st = print_json(o, &base, got, answers, err);
	else if (st == ASSAY_OK && o->rows_file != NULL)
		print_candidates(o->uid, &base, got, rows_n);
	else if (st == ASSAY_OK)
		st = print_text(o, &base, &got[0], err);
	for (size_t k = 0; k < answers && got != NULL; k++)
		yuma_result_fini(&got[k]);
	free(got);
	yuma_result_fini(&base);
	rows_free(rows, rows_n);
	free(c.alpha);
	free(c.last_update);
	return st;
}

int cmd_yuma_whatif(int argc, char **argv)
{
	whatif_options o = {.uid = UINT64_MAX, .kappa = UINT64_MAX};
	const char *file;
	const asy_front_opt opts[] = {
		{"uid", ASY_FRONT_U64, &o.uid, "UID", "the validator whose row is replaced"},
		{"row", ASY_FRONT_STR, &o.row_file, "FILE",
		 "its new row: {\"uids\": [..], \"values\": [..]}"},
		{"set", ASY_FRONT_LIST, &o.set, "UID=VALUE",
		 "one weight of its stored row (may be repeated)"},
		{"rows", ASY_FRONT_STR, &o.rows_file, "FILE",
		 "many candidate rows, one JSON object per line"},
		{"fresh", ASY_FRONT_FLAG, &o.fresh, NULL,
		 "count the row as sent one block before the epoch"},
		{"stake", ASY_FRONT_LIST, &o.stake, "UID=RAO", "another alpha stake (may be repeated)"},
		{"kappa", ASY_FRONT_U64, &o.kappa, "U16", "another kappa, of 65535"},
		{"all", ASY_FRONT_FLAG, &o.all, NULL, "every neuron that changes, not the first 20"},
		{"case", ASY_FRONT_STR, &o.case_name, "NAME", "which case of a file of cases"},
		{"cpu", ASY_FRONT_STR, &o.cpu, "NAME",
		 "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", ASY_FRONT_FLAG, &o.json, NULL, "both epochs' u16 and rao integers"},
	};
	const asy_front_usage usage = {
		"assay yuma what-if [options] FILE.json",
		"Runs the epoch as it is and with a change, and prints the difference. A row's values\n"
		"may have any scale (parts of one, 16 bits, larger): the largest counts as 65535, as on\n"
		"the chain. --set takes what the chain stores, 0 to 65535.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	int rows = (o.row_file != NULL) + (o.rows_file != NULL) + (o.set.n > 0);
	if (n != 1)
		return asy_front_misuse("yuma what-if", "needs one input file");
	if (rows > 1)
		return asy_front_misuse("yuma what-if", "--row, --rows and --set exclude each other");
	if ((rows > 0 || o.fresh) && o.uid == UINT64_MAX)
		return asy_front_misuse("yuma what-if", "whose row? --uid says it");
	if (rows == 0 && o.stake.n == 0 && o.kappa == UINT64_MAX && !o.fresh)
		return asy_front_misuse("yuma what-if",
								"no change asked for: --row, --set, --stake or --kappa");
	if (o.kappa != UINT64_MAX && o.kappa > UINT16_MAX)
		return asy_front_misuse("yuma what-if", "kappa has 16 bits");
	assay_err err = {0};
	asy_yuma_owned *owned = NULL;
	uint64_t mask;
	assay_status st = asy_front_cpu(o.cpu, &mask, &err);
	if (st == ASSAY_OK)
		st = yuma_input(file, o.case_name, mask, &owned, &err);
	if (st == ASSAY_OK)
		st = ask(&o, asy_yuma_input_get(owned), &err);
	asy_yuma_input_free(owned);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma what-if", st, &err);
}
