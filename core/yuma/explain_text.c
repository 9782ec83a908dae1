/* Explanations for machines (JSON) and people (text). JSON carries the exact fixed
 * values as integers and the same as fractions; text rounds. */
#include "yuma/run.h"

static double fraction(int64_t x)
{
	return (double)x / 4294967296.0;
}

/* "name": fraction, "name_bits": exact */
static void put(asy_jw *w, const char *name, int64_t x)
{
	char bits[64];
	asy_jw_kf64(w, name, fraction(x));
	(void)snprintf(bits, sizeof bits, "%s_bits", name);
	asy_jw_ki64(w, bits, x);
}

static void put_why(asy_jw *w, const asy_yuma_why *y, const asy_yuma_summary *s)
{
	asy_jw_object(w);
	asy_jw_ku64(w, "miner", y->miner);
	asy_jw_ku64(w, "stored", y->stored);
	put(w, "weight", y->weight);
	put(w, "consensus", y->consensus);
	put(w, "clipped_by", y->clipped_by);
	put(w, "support", y->support);
	put(w, "support_of_consensus", y->support_consensus);
	asy_jw_ku64(w, "voters_above", y->above);
	asy_jw_ku64(w, "voters_equal", y->equal);
	asy_jw_ku64(w, "voters_below", y->below);
	put(w, "stake_above", y->stake_above);
	put(w, "stake_equal", y->stake_equal);
	put(w, "stake_below", y->stake_below);
	put(w, "bond", y->bond);
	put(w, "dividend_part", y->dividend_part);
	asy_jw_kf64(w, "dividend_share",
				s->total_bonds == 0 ? 0 : (double)y->dividend_part / (double)s->total_bonds);
	if (y->has_previous) {
		put(w, "weight_before", y->weight_before);
		put(w, "consensus_before", y->consensus_before);
	}
	asy_jw_end_object(w);
}

assay_status asy_yuma_report_json(asy_yuma_report *r, uint16_t uid, asy_jw *w, assay_err *err)
{
	static const char *const sides[] = {"below", "at", "above"};
	asy_yuma_summary s;
	const asy_yuma_why *why;
	const asy_yuma_vote *votes;
	assay_status st = asy_yuma_report_uid(r, uid, &s, &why, &votes, err);
	if (st != ASSAY_OK)
		return st;
	asy_jw_object(w);
	asy_jw_ku64(w, "uid", s.uid);
	asy_jw_kbool(w, "active", s.active);
	asy_jw_kbool(w, "permitted", s.permitted);
	asy_jw_kbool(w, "permitted_next", s.permit_next);
	put(w, "stake", s.stake);
	put(w, "active_stake", s.active_stake);
	put(w, "consensus", s.consensus);
	put(w, "incentive", s.incentive);
	put(w, "validator_trust", s.validator_trust);
	put(w, "dividend", s.dividend);
	asy_jw_ku64(w, "server_emission", s.server_emission);
	asy_jw_ku64(w, "validator_emission", s.validator_emission);
	if (s.has_previous) {
		put(w, "incentive_before", s.incentive_before);
		put(w, "validator_trust_before", s.validator_trust_before);
		put(w, "dividend_before", s.dividend_before);
	}
	asy_jw_key(w, "weights");
	asy_jw_array(w);
	for (size_t k = 0; k < s.why_n; k++)
		put_why(w, &why[k], &s);
	asy_jw_end_array(w);
	asy_jw_key(w, "votes");
	asy_jw_array(w);
	for (size_t k = 0; k < s.votes_n; k++) {
		asy_jw_object(w);
		asy_jw_ku64(w, "validator", votes[k].validator);
		put(w, "stake", votes[k].stake);
		put(w, "weight", votes[k].weight);
		asy_jw_kstr(w, "side", sides[votes[k].side + 1]);
		asy_jw_end_object(w);
	}
	asy_jw_end_array(w);
	asy_jw_end_object(w);
	return ASSAY_OK;
}

/* ---- text ---- */

/* A writer that stops at the first failed append. */
typedef struct {
	asy_buf *buf;
	assay_err *err;
	assay_status st;
} page;

#define LINE(p, ...)                                                                               \
	((p)->st == ASSAY_OK ? (void)((p)->st = asy_buf_printf((p)->buf, (p)->err, __VA_ARGS__))       \
						 : (void)0)

static double percent(int64_t x)
{
	return 100 * fraction(x);
}

static void change(page *p, bool has, int64_t now, int64_t before)
{
	if (has)
		LINE(p, " (%+.3f since the last epoch)", percent(now - before));
	LINE(p, "\n");
}

static void text_row(page *p, const asy_yuma_why *y, const asy_yuma_summary *s)
{
	LINE(p, "%6u %8.3f%% %8.3f%% ", (unsigned)y->miner, percent(y->weight), percent(y->consensus));
	if (y->clipped_by > 0)
		LINE(p, "%8.3f%% ", percent(y->clipped_by));
	else
		LINE(p, "%9s ", "-");
	LINE(p, "%7.2f%% %5u %5u %7.2f%%\n", percent(y->support), (unsigned)y->above,
		 (unsigned)y->below,
		 s->total_bonds == 0 ? 0 : 100 * (double)y->dividend_part / (double)s->total_bonds);
}

assay_status asy_yuma_report_text(asy_yuma_report *r, uint16_t uid, asy_buf *out, assay_err *err)
{
	asy_yuma_summary s;
	const asy_yuma_why *why;
	const asy_yuma_vote *votes;
	assay_status st = asy_yuma_report_uid(r, uid, &s, &why, &votes, err);
	if (st != ASSAY_OK)
		return st;
	page pg = {out, err, ASSAY_OK}, *p = &pg;
	LINE(p, "uid %u: %s, %s, stake %.3f%% of the subnet\n", (unsigned)s.uid,
		 s.active ? "active" : "inactive",
		 s.permitted ? "validator" : (s.permit_next ? "validator from now on" : "no validator"),
		 percent(s.stake));
	if (s.why_n > 0) {
		LINE(p, "\nAs a validator: trust %.3f%%", percent(s.validator_trust));
		change(p, s.has_previous, s.validator_trust, s.validator_trust_before);
		LINE(p, "  dividend %.3f%% of all", percent(s.dividend));
		change(p, s.has_previous, s.dividend, s.dividend_before);
		LINE(p, "  emission %" PRIu64 " rao\n\n", s.validator_emission);
		LINE(p, "%6s %9s %9s %9s %8s %5s %5s %8s\n", "miner", "weight", "consensus", "clipped",
			 "support", "above", "below", "dividend");
		for (size_t k = 0; k < s.why_n; k++)
			text_row(p, &why[k], &s);
		LINE(p, "\nsupport: voting stake that gives at least this weight; what lies above\n"
				"consensus is clipped. above/below: other voters. dividend: part of this\n"
				"validator's bonds times incentive.\n");
	}
	LINE(p, "\nAs a miner: consensus %.3f%%, incentive %.3f%%", percent(s.consensus),
		 percent(s.incentive));
	change(p, s.has_previous, s.incentive, s.incentive_before);
	LINE(p, "  emission %" PRIu64 " rao\n", s.server_emission);
	for (size_t k = 0; k < s.votes_n; k++)
		LINE(p, "  validator %5u with %7.3f%% of the stake gives %8.4f%%%s\n",
			 (unsigned)votes[k].validator, percent(votes[k].stake), percent(votes[k].weight),
			 votes[k].side > 0 ? ", clipped" : "");
	return pg.st;
}
