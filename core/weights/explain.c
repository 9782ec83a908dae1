/* The line of reasoning: for every miner, in words and as JSON, how its score became
 * its weight, and for the row, which numbers went in. It decides nothing. */
#include <math.h>
#include "codec/codec.h"
#include "weights/impl.h"

static const struct {
	uint32_t bit;
	const char *name, *words;
} reasons[] = {
	{ASSAY_WHY_EXCLUDED, "excluded", "excluded by configuration"},
	{ASSAY_WHY_NEW, "new", "too few observations yet"},
	{ASSAY_WHY_STALE, "stale", "not seen for too long"},
	{ASSAY_WHY_NO_SCORE, "no_score", "no positive score"},
	{ASSAY_WHY_BEYOND_COUNT, "beyond_count", "beyond the best that are paid"},
	{ASSAY_WHY_BELOW_FLOOR, "below_floor", "share below the floor"},
	{ASSAY_WHY_BELOW_QUANTILE, "below_quantile", "below the excluded quantile"},
	{ASSAY_WHY_CAPPED, "capped", "capped"},
	{ASSAY_WHY_ROUNDED_AWAY, "rounded_away", "too small for 16 bits"},
	{ASSAY_WHY_BACKFILLED, "backfilled", "filled in because too few others have a score"},
	{ASSAY_WHY_RESERVED, "reserved", "holds the reserved part"},
	{ASSAY_WHY_FALLBACK, "fallback", "set by the fallback policy"},
};

void assay_weights_why_text(const assay_weights_line *line, char *dst, size_t cap)
{
	char text[512] = "";
	int at = 0;
	for (size_t i = 0; i < ASY_COUNT(reasons); i++) {
		if ((line->why & reasons[i].bit) != 0)
			at += snprintf(text + at, sizeof text - (size_t)at, "%s%s", at > 0 ? ", " : "",
						   reasons[i].words);
	}
	(void)asy_str_copy(dst, cap, text);
}

void assay_weights_line_text(const assay_weights_line *line, char *dst, size_t cap)
{
	char why[400], text[512];
	assay_weights_why_text(line, why, sizeof why);
	(void)snprintf(text, sizeof text, "uid %u: score %.6g, share %.6g%s%s, weight %u", line->uid,
				   line->score, line->share, why[0] != '\0' ? ", " : "", why, line->value);
	(void)asy_str_copy(dst, cap, text);
}

static const char *profile_name(assay_weights_profile p)
{
	switch (p) {
	case ASSAY_PROFILE_V11:
		return "v11";
	case ASSAY_PROFILE_V10:
		return "v10";
	case ASSAY_PROFILE_FIBER:
		return "fiber";
	}
	return "?";
}

static const char *fallback_name(assay_weights_fallback f)
{
	switch (f) {
	case ASSAY_FALLBACK_REFUSE:
		return "refuse";
	case ASSAY_FALLBACK_UNIFORM:
		return "uniform";
	case ASSAY_FALLBACK_PREVIOUS:
		return "previous";
	case ASSAY_FALLBACK_OWNER:
		return "owner";
	}
	return "?";
}

static const char *branch_name(asy_branch b)
{
	switch (b) {
	case ASY_BRANCH_UNIFORM:
		return "uniform";
	case ASY_BRANCH_BACKFILL:
		return "backfill";
	case ASY_BRANCH_MAIN:
		return "main";
	}
	return "?";
}

static const char *norm_name(asy_norm n)
{
	switch (n) {
	case ASY_NORM_PLAIN:
		return "plain";
	case ASY_NORM_CAPPED:
		return "capped";
	case ASY_NORM_LIMIT_INFEASIBLE:
		return "uniform_limit_infeasible";
	case ASY_NORM_ZERO_SUM:
		return "uniform_zero_sum";
	}
	return "?";
}

static void write_inputs(asy_jw *w, const assay_weights_plan *p)
{
	const assay_weights_policy *o = &p->policy;
	asy_jw_key(w, "limits");
	asy_jw_object(w);
	asy_jw_ku64(w, "neurons", p->limits.neurons);
	asy_jw_ku64(w, "min_allowed", p->limits.min_allowed);
	asy_jw_ku64(w, "max_limit", p->limits.max_limit);
	asy_jw_ku64(w, "exclude_quantile", p->limits.exclude_quantile);
	asy_jw_end_object(w);
	asy_jw_key(w, "policy");
	asy_jw_object(w);
	asy_jw_kstr(w, "profile", profile_name(o->profile));
	asy_jw_kstr(w, "fallback", fallback_name(o->fallback));
	asy_jw_kbool(w, "guarded", o->guarded != 0);
	asy_jw_kbool(w, "stale_counts", o->stale_counts != 0);
	asy_jw_ku64(w, "owner_uid", o->owner_uid);
	asy_jw_ku64(w, "min_count", o->min_count);
	asy_jw_ku64(w, "max_count", o->max_count);
	asy_jw_kf64(w, "power", o->power);
	asy_jw_kf64(w, "floor", o->floor);
	asy_jw_kf64(w, "max_weight", o->max_weight);
	asy_jw_kf64(w, "max_dropped", o->max_dropped);
	asy_jw_kf64(w, "reserve_share", o->reserve_share);
	asy_jw_ku64(w, "reserve_uid", o->reserve_uid);
	asy_jw_key(w, "exclude");
	asy_jw_array(w);
	for (size_t i = 0; i < o->exclude_n; i++)
		asy_jw_u64(w, o->exclude[i]);
	asy_jw_end_array(w);
	asy_jw_end_object(w);
}

static void write_trace(asy_jw *w, const assay_weights_plan *p)
{
	asy_jw_key(w, "trace");
	asy_jw_object(w);
	asy_jw_kstr(w, "branch", branch_name(p->trace.branch));
	asy_jw_kstr(w, "normalize", norm_name(p->trace.normalize));
	asy_jw_ku64(w, "non_zero", p->trace.non_zero);
	asy_jw_ku64(w, "kept", p->trace.kept);
	asy_jw_kf64(w, "limit", p->limit);
	if (p->trace.normalize == ASY_NORM_CAPPED) {
		asy_jw_kf64(w, "cutoff", p->trace.cutoff);
		asy_jw_ku64(w, "n_values", p->trace.n_values);
	}
	asy_jw_ku64(w, "guard_steps", p->lowered);
	if (p->policy.reserve_share > 0)
		asy_jw_kf64(w, "reserved_share", p->reserved);
	asy_jw_end_object(w);
}

static void write_row(asy_jw *w, const assay_weights_plan *p)
{
	asy_jw_key(w, "uids");
	asy_jw_array(w);
	for (size_t i = 0; i < p->n; i++)
		asy_jw_u64(w, p->uids[i]);
	asy_jw_end_array(w);
	asy_jw_key(w, "values");
	asy_jw_array(w);
	for (size_t i = 0; i < p->n; i++)
		asy_jw_u64(w, p->values[i]);
	asy_jw_end_array(w);
}

/* A share is often the same number at several stages; it is written out once. */
typedef struct {
	double v;
	char text[32];
} number;

static void put_number(asy_jw *w, const char *key, double v, number *last)
{
	asy_jw_key(w, key);
	if (!isfinite(v)) {
		asy_jw_null(w);
		return;
	}
	if (last->text[0] == '\0' || memcmp(&last->v, &v, sizeof v) != 0) {
		last->v = v;
		asy_json_double(last->text, v);
	}
	asy_jw_raw(w, asy_span_str(last->text));
}

static void write_line(asy_jw *w, const assay_weights_line *l)
{
	char address[ASY_SS58_LEN];
	number last = {.text = ""};
	asy_ss58_encode(l->hotkey, address);
	asy_jw_object(w);
	asy_jw_ku64(w, "uid", l->uid);
	asy_jw_kstr(w, "hotkey", address);
	put_number(w, "score", l->score, &last);
	put_number(w, "share", l->share, &last);
	put_number(w, "policy", l->policy, &last);
	put_number(w, "weight", l->weight, &last);
	asy_jw_ku64(w, "value", l->value);
	asy_jw_key(w, "why");
	asy_jw_array(w);
	for (size_t i = 0; i < ASY_COUNT(reasons); i++) {
		if ((l->why & reasons[i].bit) != 0)
			asy_jw_str(w, reasons[i].name);
	}
	asy_jw_end_array(w);
	asy_jw_end_object(w);
}

assay_status asy_plan_explain(assay_weights_plan *p, assay_err *err)
{
	asy_jw w = asy_jw_out(&p->json, 0);
	asy_jw_object(&w);
	write_inputs(&w, p);
	write_trace(&w, p);
	if (p->fallback[0] != '\0')
		asy_jw_kstr(&w, "replaced_refusal", p->fallback);
	write_row(&w, p);
	asy_jw_key(&w, "miners");
	asy_jw_array(&w);
	for (size_t i = 0; i < p->lines_n; i++) {
		/* a neuron that nobody scored and nobody pays has no story */
		if (p->known[i] || p->lines[i].value != 0)
			write_line(&w, &p->lines[i]);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK && asy_buf_cstr(&p->json) == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "explaining the weights: out of memory");
	return st;
}
