/* assay yuma explain: why each of a neuron's weights ended as it did, who voted for it,
 * what changed since the epoch before, and, while rows are sealed, how far consensus can
 * still move. It explains; nothing here feeds back into weights. */
#include "cli/yuma_file.h"

typedef struct {
	const char *case_name, *cpu;
	asy_front_list uids, unknown;
	double spread;
	bool band, json;
} explain_options;

static assay_status read_uid(const char *option, const char *text, size_t n, uint16_t *out,
							 assay_err *err)
{
	uint64_t uid;
	if (!asy_str_u64(text, &uid))
		return ASSAY_FAIL(err, E_USAGE, "--%s %s: not a uid", option, text);
	if (uid >= n)
		return ASSAY_FAIL(err, E_RANGE, "--%s %s: there are %zu neurons", option, text, n);
	*out = (uint16_t)uid;
	return ASSAY_OK;
}

/* ---- the band: which rows are unknown, and what follows ---- */

typedef struct {
	uint8_t *unknown; /* n flags: stale by themselves, or named */
	uint8_t *stale;
	int64_t *low, *high;
	size_t n;
	bool is_wanted;
	asy_arena *arena;
} unknowns;

static assay_status find_unknown(const explain_options *o, const assay_yuma_input *in, unknowns *u,
								 assay_err *err)
{
	*u = (unknowns){.n = in->n, .arena = asy_arena_new(0), .is_wanted = o->band};
	if (u->arena == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "flags of %zu neurons", in->n);
	u->unknown = asy_arena_array(u->arena, in->n + 1, 1);
	u->stale = asy_arena_array(u->arena, in->n + 1, 1);
	u->low = asy_arena_array(u->arena, in->n + 1, sizeof *u->low);
	u->high = asy_arena_array(u->arena, in->n + 1, sizeof *u->high);
	if (u->unknown == NULL || u->stale == NULL || u->low == NULL || u->high == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "flags of %zu neurons", in->n);
	asy_yuma_stale_rows(in, u->stale);
	for (size_t i = 0; i < in->n; i++) {
		u->unknown[i] = u->stale[i];
		u->is_wanted = u->is_wanted || u->stale[i];
	}
	for (size_t k = 0; k < o->unknown.n; k++) {
		uint16_t uid = 0;
		assay_status st = read_uid("unknown", o->unknown.at[k], in->n, &uid, err);
		if (st != ASSAY_OK)
			return st;
		u->unknown[uid] = 1;
		u->is_wanted = true;
	}
	return ASSAY_OK;
}

static double percent(int64_t fixed)
{
	return 100.0 * (double)fixed / (double)ASSAY_YUMA_ONE;
}

static void put_uids(asy_jw *w, const char *key, const uint8_t *flags, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		if (flags[i])
			asy_jw_u64(w, i);
	asy_jw_end_array(w);
}

static void band_json(asy_jw *w, const explain_options *o, const unknowns *u,
					  const asy_yuma_band *b)
{
	asy_jw_key(w, "band");
	asy_jw_object(w);
	asy_jw_kstr(w, "assumption",
				o->spread < 0
					? "known rows, stakes, activity and permits hold; unknown weights are anything"
					: "known rows, stakes, activity and permits hold; each unknown weight lies "
					  "within spread of the stored one, as a fraction of it");
	if (o->spread >= 0)
		asy_jw_kf64(w, "spread", o->spread);
	put_uids(w, "unknown", u->unknown, u->n);
	put_uids(w, "stale", u->stale, u->n);
	asy_jw_kf64(w, "unknown_stake", percent(b->unknown_stake) / 100);
	asy_jw_kf64(w, "validator_trust_low", percent(b->trust_low) / 100);
	asy_jw_kf64(w, "validator_trust_high", percent(b->trust_high) / 100);
	asy_jw_key(w, "consensus");
	asy_jw_array(w);
	for (size_t i = 0; i < u->n; i++) {
		asy_jw_array(w);
		asy_jw_f64(w, percent(b->low[i]) / 100);
		asy_jw_f64(w, percent(b->high[i]) / 100);
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
	asy_jw_end_object(w);
}

static assay_status band_text(asy_buf *out, const explain_options *o, const unknowns *u,
							  uint16_t uid, const asy_yuma_band *b, assay_err *err)
{
	assay_status st =
		asy_buf_printf(out, err, "\nWith %zu row%s unknown (%.2f%% of the voting stake",
					   b->unknown_n, b->unknown_n == 1 ? "" : "s", percent(b->unknown_stake));
	for (size_t i = 0; i < u->n && st == ASSAY_OK; i++)
		if (u->unknown[i])
			st = asy_buf_printf(out, err, ", uid %zu%s", i, u->stale[i] ? " is stale" : "");
	if (st == ASSAY_OK)
		st = asy_buf_printf(out, err, "),\nif everything else holds and unknown weights ");
	if (st == ASSAY_OK)
		st = o->spread < 0 ? asy_buf_printf(out, err, "are anything from 0 to 1:\n")
						   : asy_buf_printf(out, err, "stay within %g%% of the stored ones:\n",
											100 * o->spread);
	if (st == ASSAY_OK && b->trust_high > 0)
		st = asy_buf_printf(out, err, "  validator trust of uid %u: %.3f%% to %.3f%%\n", uid,
							percent(b->trust_low), percent(b->trust_high));
	if (st == ASSAY_OK)
		st = asy_buf_add_str(out, "  miner  consensus from        to\n", err);
	for (size_t i = 0; i < u->n && st == ASSAY_OK; i++)
		if (b->high[i] > 0)
			st = asy_buf_printf(out, err, "%7zu       %8.3f%% %8.3f%%%s\n", i, percent(b->low[i]),
								percent(b->high[i]), b->low[i] == b->high[i] ? "  settled" : "");
	return st;
}

/* ---- the report ---- */

static assay_status explain_one(const explain_options *o, const assay_yuma_input *in,
								asy_yuma_report *report, unknowns *u, uint16_t uid, asy_buf *text,
								asy_jw *w, assay_err *err)
{
	asy_yuma_band band = {.low = u->low, .high = u->high};
	assay_status st = ASSAY_OK;
	if (u->is_wanted) {
		const asy_yuma_band_query q = {
			u->unknown, o->spread < 0 ? -1 : (int64_t)(o->spread * (double)ASSAY_YUMA_ONE + 0.5),
			uid};
		st = asy_yuma_forecast(in, &q, &band, err);
	}
	if (st == ASSAY_OK && o->json) {
		asy_jw_object(w);
		asy_jw_key(w, "report");
		st = asy_yuma_report_json(report, uid, w, err);
		if (u->is_wanted)
			band_json(w, o, u, &band);
		asy_jw_end_object(w);
	} else if (st == ASSAY_OK) {
		st = asy_yuma_report_text(report, uid, text, err);
		if (st == ASSAY_OK && u->is_wanted)
			st = band_text(text, o, u, uid, &band, err);
	}
	return st;
}

static assay_status explain(const explain_options *o, const assay_yuma_input *in,
							const assay_yuma_input *previous, assay_err *err)
{
	asy_yuma_report *report = NULL;
	unknowns u = {0};
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	uint16_t uids[ASY_FRONT_LIST_MAX];
	assay_status st = ASSAY_OK;
	for (size_t k = 0; k < o->uids.n && st == ASSAY_OK; k++)
		st = read_uid("uid", o->uids.at[k], in->n, &uids[k], err);
	if (st == ASSAY_OK)
		st = find_unknown(o, in, &u, err);
	if (st == ASSAY_OK)
		st = asy_yuma_report_new(in, previous, &report, err);
	if (o->json)
		asy_jw_array(&w);
	for (size_t k = 0; k < o->uids.n && st == ASSAY_OK; k++) {
		if (!o->json && k > 0)
			st = asy_buf_add_str(&text, "\n", err);
		if (st == ASSAY_OK)
			st = explain_one(o, in, report, &u, uids[k], &text, &w, err);
	}
	if (o->json) {
		asy_jw_end_array(&w);
		if (st == ASSAY_OK)
			st = asy_jw_end(&w, err);
		if (st == ASSAY_OK)
			st = asy_front_print(&text, err);
	} else if (st == ASSAY_OK) {
		st = asy_front_write_file("-", asy_buf_span(&text), err);
	}
	asy_buf_fini(&text);
	asy_yuma_report_free(report);
	asy_arena_free(u.arena);
	return st;
}

int cmd_yuma_explain(int argc, char **argv)
{
	explain_options o = {.spread = -1};
	const char *files[2];
	const asy_front_opt opts[] = {
		{"uid", ASY_FRONT_LIST, &o.uids, "UID", "the neuron to explain (may be repeated)"},
		{"unknown", ASY_FRONT_LIST, &o.unknown, "UID", "a validator whose row is not known"},
		{"spread", ASY_FRONT_F64, &o.spread, "X",
		 "unknown weights stay within this fraction of theirs"},
		{"band", ASY_FRONT_FLAG, &o.band, NULL,
		 "how far consensus can move, also if no row is sealed"},
		{"case", ASY_FRONT_STR, &o.case_name, "NAME", "which case of a file of cases"},
		{"cpu", ASY_FRONT_STR, &o.cpu, "NAME",
		 "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", ASY_FRONT_FLAG, &o.json, NULL,
		 "a list with an object a uid: exact bits and fractions"},
	};
	const asy_front_usage usage = {
		"assay yuma explain --uid UID [options] FILE.json [PREVIOUS.json]",
		"For every weight that the neuron set: what consensus made of it, how much was clipped,\n"
		"at what supporting stake, and its part of the dividends; and who voted on the neuron.\n"
		"With the input of the epoch before, also what changed. Rows that an unrevealed commit\n"
		"will replace are named, and consensus gets a band.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, files, 2, &n, &code))
		return code;
	if (n == 0)
		return asy_front_misuse("yuma explain", "needs an input file");
	if (o.uids.n == 0)
		return asy_front_misuse("yuma explain", "whose weights? --uid says it");
	if (o.spread > 1000)
		return asy_front_misuse("yuma explain", "--spread is a fraction: 0.1 is ten per cent");
	assay_err err = {0};
	asy_yuma_owned *now = NULL, *before = NULL;
	uint64_t mask;
	assay_status st = asy_front_cpu(o.cpu, &mask, &err);
	if (st == ASSAY_OK)
		st = yuma_input(files[0], o.case_name, mask, &now, &err);
	if (st == ASSAY_OK && n == 2)
		st = yuma_input(files[1], o.case_name, mask, &before, &err);
	if (st == ASSAY_OK)
		st = explain(&o, asy_yuma_input_get(now),
					 before != NULL ? asy_yuma_input_get(before) : NULL, &err);
	asy_yuma_input_free(now);
	asy_yuma_input_free(before);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma explain", st, &err);
}
