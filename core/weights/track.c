/* The tracker: state x observation -> state. It refuses a score that is not a number in
 * the declared range, names who gave it, and drops an answer whose uid has changed
 * hands since the question was asked. */
#include <math.h>
#include <stdlib.h>
#include "weights/impl.h"

assay_tracker_options assay_tracker_defaults(void)
{
	return (assay_tracker_options){
		.form = ASSAY_TRACK_HOLD,
		.missing = ASSAY_MISSING_KEEP,
		.half_life_s = 7200,
		.alpha = 0.1,
		.score_max = 1,
		.stale_after_s = 86400,
		.min_observations = 1,
	};
}

static assay_status check_options(const assay_tracker_options *o, assay_err *err)
{
	if (o->form != ASSAY_TRACK_HOLD && o->form != ASSAY_TRACK_DECAY)
		return ASSAY_FAIL(err, E_RANGE, "tracker form %d is unknown", (int)o->form);
	if ((int)o->missing < 0 || o->missing > ASSAY_MISSING_FAIL)
		return ASSAY_FAIL(err, E_RANGE, "tracker missing policy %d is unknown", (int)o->missing);
	if (!(o->half_life_s >= 0) || !isfinite(o->half_life_s))
		return ASSAY_FAIL(err, E_RANGE, "tracker half-life %g s", o->half_life_s);
	if (!(o->stale_after_s >= 0) || !isfinite(o->stale_after_s))
		return ASSAY_FAIL(err, E_RANGE, "tracker stale time %g s", o->stale_after_s);
	if (o->half_life_s <= 0 && !(o->alpha > 0 && o->alpha <= 1))
		return ASSAY_FAIL(err, E_RANGE, "tracker alpha %g is not in (0, 1]", o->alpha);
	if (!(o->alpha_down >= 0 && o->alpha_down <= 1))
		return ASSAY_FAIL(err, E_RANGE, "tracker alpha_down %g is not in [0, 1]", o->alpha_down);
	if (o->alpha_down > 0 && o->half_life_s > 0)
		return ASSAY_FAIL(err, E_RANGE, "tracker alpha_down works with alpha, not a half-life");
	if (!isfinite(o->score_min) || !isfinite(o->score_max) || !(o->score_min < o->score_max))
		return ASSAY_FAIL(err, E_RANGE, "tracker score range %g to %g", o->score_min, o->score_max);
	if (!(o->fail_score >= o->score_min && o->fail_score <= o->score_max))
		return ASSAY_FAIL(err, E_RANGE, "tracker fail_score %g is outside the score range",
						  o->fail_score);
	return ASSAY_OK;
}

assay_status assay_tracker_new(const assay_tracker_options *options, assay_tracker **out,
							   assay_err *err)
{
	assay_status st = check_options(options, err);
	if (st != ASSAY_OK)
		return st;
	assay_tracker *t = asy_calloc(1, sizeof *t);
	if (t == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "tracker: out of memory");
	t->options = *options;
	*out = t;
	return ASSAY_OK;
}

void assay_tracker_free(assay_tracker *t)
{
	if (t == NULL)
		return;
	free(t->members);
	free(t);
}

size_t assay_tracker_count(const assay_tracker *t)
{
	return t->members_n;
}
uint64_t assay_tracker_folds(const assay_tracker *t)
{
	return t->folds;
}

/* ---- fold ---- */

typedef struct { /* what one member got in this fold */
	double sum;
	uint32_t scored, failed, missing, kept;
} gathered;

size_t asy_tracker_find_uid(const assay_tracker *t, uint16_t uid)
{
	size_t lo = 0, hi = t->members_n;
	if (uid < hi && t->members[uid].uid == uid)
		return uid; /* no seat below is empty */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (t->members[mid].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->members_n && t->members[lo].uid == uid ? lo : t->members_n;
}

static assay_status check_obs(const assay_tracker *t, const assay_obs *o, assay_err *err)
{
	const char *source = o->source != NULL ? o->source : "a score";
	if (o->kind == ASSAY_OBS_FAILED || o->kind == ASSAY_OBS_MISSING || o->kind == ASSAY_OBS_KEPT)
		return ASSAY_OK;
	if (o->kind != ASSAY_OBS_SCORED)
		return ASSAY_FAIL(err, E_INPUT, "uid %u: observation kind %d is unknown", o->uid,
						  (int)o->kind);
	if (!isfinite(o->score))
		return ASSAY_FAIL(err, E_INPUT, "%s gave uid %u the score %g: not a finite number", source,
						  o->uid, o->score);
	if (o->score < t->options.score_min || o->score > t->options.score_max)
		return ASSAY_FAIL(err, E_INPUT, "%s gave uid %u the score %.17g, outside %g to %g", source,
						  o->uid, o->score, t->options.score_min, t->options.score_max);
	return ASSAY_OK;
}

static void gather(const assay_tracker *t, const assay_obs *obs, size_t obs_n, gathered *got,
				   assay_fold_report *report)
{
	for (size_t i = 0; i < obs_n; i++) {
		const assay_obs *o = &obs[i];
		size_t at = asy_tracker_find_uid(t, o->uid);
		if (at == t->members_n || memcmp(t->members[at].hotkey, o->hotkey, 32) != 0) {
			report->mismatched++;
			continue;
		}
		gathered *g = &got[at];
		if (o->kind == ASSAY_OBS_SCORED) {
			g->sum += o->score;
			g->scored++;
		} else if (o->kind == ASSAY_OBS_FAILED) {
			g->sum += t->options.fail_score;
			g->failed++;
		} else if (o->kind == ASSAY_OBS_KEPT) {
			g->kept++;
		} else {
			g->missing++;
			if (t->options.missing == ASSAY_MISSING_FAIL)
				g->sum += t->options.fail_score;
		}
	}
}

static double seconds_between(uint64_t from, uint64_t to)
{
	/* a clock that went back is no time, never a negative age */
	return to > from ? (double)(to - from) / 1e9 : 0;
}

/* An age and what it leaves of a mass: kept from the member before, since most members
 * were heard at the same time. */
typedef struct {
	double age_s, left;
} aging;

/* The weight of the new observation in the half-life form; mass grows by it. The mass
 * is how many observations the score stands for: 1 after the first, and at a steady
 * pace it tends to 1 / (1 - 2^(-pace / half-life)), which is the usual average. */
static double mass_alpha(double *mass, double age_s, double half_life_s, aging *last)
{
	if (last->age_s != age_s)
		*last = (aging){age_s, asy_half_power(age_s / half_life_s)};
	*mass = *mass * last->left + 1;
	return 1 / *mass;
}

static double pick_alpha(const assay_tracker_options *o, double score, double x)
{
	return o->alpha_down > 0 && x < score ? o->alpha_down : o->alpha;
}

/* One member in one fold. shared is the decay form's alpha when there is a half-life. */
static void fold_member(const assay_tracker *t, member *m, const gathered *g, double shared,
						uint64_t time_ns, aging *last)
{
	const assay_tracker_options *o = &t->options;
	uint32_t n = g->scored + g->failed;
	if (o->missing == ASSAY_MISSING_FAIL)
		n += g->missing;
	m->observed_n += g->scored;
	m->failed_n += g->failed;
	m->missing_n += g->missing + g->kept;
	if (g->scored != 0)
		m->fail_streak = 0;
	else if (g->failed != 0 && m->fail_streak < UINT32_MAX)
		m->fail_streak++;
	if (n == 0 && o->form == ASSAY_TRACK_HOLD)
		return;
	if (n == 0 && (g->kept != 0 || (g->missing != 0 && o->missing == ASSAY_MISSING_KEEP)))
		return;
	double x = n != 0 ? g->sum / n : 0, a;
	if (o->half_life_s <= 0)
		a = pick_alpha(o, m->score, x);
	else if (o->form == ASSAY_TRACK_DECAY)
		a = shared;
	else
		a = mass_alpha(&m->mass, m->last_ns != 0 ? seconds_between(m->last_ns, time_ns) : 0,
					   o->half_life_s, last);
	m->score = a * x + (1 - a) * m->score;
	if (n != 0 && time_ns > m->last_ns)
		m->last_ns = time_ns;
}

assay_status assay_tracker_fold(assay_tracker *t, uint64_t time_ns, const assay_obs *obs,
								size_t obs_n, assay_fold_report *report, assay_err *err)
{
	assay_fold_report r = {0};
	for (size_t i = 0; i < obs_n; i++) {
		assay_status st = check_obs(t, &obs[i], err);
		if (st != ASSAY_OK)
			return st;
	}
	gathered *got = asy_calloc(t->members_n, sizeof *got);
	if (got == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "folding %zu observations: out of memory", obs_n);
	gather(t, obs, obs_n, got, &r);
	double shared = 0;
	aging last = {0, 1};
	if (t->options.form == ASSAY_TRACK_DECAY && t->options.half_life_s > 0)
		shared = mass_alpha(&t->mass, t->folds != 0 ? seconds_between(t->last_fold_ns, time_ns) : 0,
							t->options.half_life_s, &last);
	for (size_t i = 0; i < t->members_n; i++) {
		const gathered *g = &got[i];
		fold_member(t, &t->members[i], g, shared, time_ns, &last);
		bool counted = g->scored + g->failed != 0 ||
					   (g->missing != 0 && t->options.missing == ASSAY_MISSING_FAIL);
		r.folded += counted;
		r.missing += !counted && g->missing + g->kept != 0;
	}
	t->folds++;
	if (time_ns > t->last_fold_ns)
		t->last_fold_ns = time_ns;
	free(got);
	if (report != NULL)
		*report = r;
	return ASSAY_OK;
}

/* ---- reading ---- */

void assay_tracker_get(const assay_tracker *t, size_t i, uint64_t now_ns, assay_track *out)
{
	ASSERT(i < t->members_n);
	const member *m = &t->members[i];
	uint32_t marks = 0;
	uint64_t seen = m->observed_n + m->failed_n;
	if (seen < t->options.min_observations)
		marks |= ASSAY_MARK_NEW;
	if (t->options.stale_after_s > 0 && m->last_ns != 0 &&
		seconds_between(m->last_ns, now_ns) > t->options.stale_after_s)
		marks |= ASSAY_MARK_STALE;
	*out = (assay_track){
		.uid = m->uid,
		.registered_block = m->registered_block,
		.score = m->score,
		.mass = t->options.form == ASSAY_TRACK_DECAY ? t->mass : m->mass,
		.last_ns = m->last_ns,
		.observed_n = m->observed_n,
		.failed_n = m->failed_n,
		.missing_n = m->missing_n,
		.fail_streak = m->fail_streak,
		.marks = marks,
	};
	memcpy(out->hotkey, m->hotkey, sizeof out->hotkey);
}
