/* assay/weights.h - per-miner memory, and scores -> the integer row a chain takes.
 * Everything here is a function of its arguments: no clock, network, disk or log.
 * A missing observation and a bad one are different inputs, and a row that rests on
 * garbage is refused instead of being spread evenly in silence.
 * Compiles alone, as C17 and as C++17. */
#ifndef ASSAY_WEIGHTS_H
#define ASSAY_WEIGHTS_H
#include "assay/base.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- the tracker: state x observation -> state ----
 * Keyed by hotkey. A uid is where a miner sits today, never who it is. */

typedef struct assay_tracker assay_tracker;

#define ASSAY_TRACK_MAX 65536u /* members; a uid has 16 bits */

typedef enum {
	ASSAY_TRACK_HOLD = 0, /* a miner that was not asked keeps its score                */
	ASSAY_TRACK_DECAY = 1 /* a miner that was not asked counts as 0 in this fold       */
} assay_track_form;

/* clang-format off */
typedef enum { /* what a MISSING observation does (asked, but nobody could judge)   */
	ASSAY_MISSING_KEEP = 0,    /* nothing, in either form                            */
	ASSAY_MISSING_UNASKED = 1, /* as if it had not been asked: decays in decay form  */
	ASSAY_MISSING_FAIL = 2     /* as a failed answer                                 */
} assay_missing_policy;
/* clang-format on */

typedef struct {
	assay_track_form form;
	assay_missing_policy missing;
	/* Above 0: the weight of an observation halves in this many seconds; the first
	 * ones are averaged, so no made-up starting score takes part. 0: use alpha. */
	double half_life_s;
	double alpha;                /* weight of a new observation in (0, 1]; history starts at 0 */
	double alpha_down;           /* for observations below the score; 0 = alpha. Needs alpha.  */
	double score_min, score_max; /* observations outside are refused */
	double fail_score;           /* what a FAILED answer counts as */
	double stale_after_s;        /* no observation for longer: marked stale; 0 = never */
	uint32_t min_observations;   /* fewer: marked new */
} assay_tracker_options;

/* Hold form, half-life 2 h, scores in [0, 1], a failure is 0, stale after a day. [pure] */
ASSAY_API assay_tracker_options assay_tracker_defaults(void);

/* An empty tracker. ASSAY_E_RANGE names the option that is out of range. [pure] */
ASSAY_API assay_status assay_tracker_new(const assay_tracker_options *options, assay_tracker **out,
										 assay_err *err) ASSAY_CHECKED;
ASSAY_API void assay_tracker_free(assay_tracker *t); /* NULL allowed */

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	uint64_t registered_block;
} assay_member;

typedef struct {
	uint32_t added, removed, moved, reset; /* moved: same hotkey and block, another uid */
} assay_sync_report;

/* Tells the tracker who is in the subnet now. A new hotkey starts empty; a hotkey
 * that left is forgotten; one that registered again (another registered_block) loses
 * its history. Call with each snapshot, and always right before weights. members is
 * borrowed; report may be NULL. On failure t is unchanged. ASSAY_E_INPUT: a uid or
 * hotkey occurs twice. [pure] */
ASSAY_API assay_status assay_tracker_sync(assay_tracker *t, const assay_member *members,
										  size_t members_n, assay_sync_report *report,
										  assay_err *err) ASSAY_CHECKED;

typedef enum {
	ASSAY_OBS_SCORED = 0,  /* the answer was judged: score counts                      */
	ASSAY_OBS_FAILED = 1,  /* the miner failed (timeout, garbage): counts as fail_score */
	ASSAY_OBS_MISSING = 2, /* nobody could judge: see missing policy                   */
	ASSAY_OBS_KEPT = 3     /* our own fault: nothing, in either form, whatever the policy */
} assay_obs_kind;

typedef struct {
	uint16_t uid; /* both as they were when the query was sent */
	uint8_t hotkey[32];
	assay_obs_kind kind;
	double score;       /* read only when SCORED */
	const char *source; /* who gave the score, named in a refusal; may be NULL */
} assay_obs;

typedef struct {
	uint32_t folded;     /* miners whose score took an observation */
	uint32_t missing;    /* miners with only MISSING or KEPT observations */
	uint32_t mismatched; /* observations dropped: (uid, hotkey) is not a member now */
} assay_fold_report;

/* Folds one round, as of time_ns since 1970. Several observations of one miner count
 * as one: their mean, in the order given, MISSING and KEPT ones left out. A clock that went
 * back counts as no time passed. obs is borrowed; report may be NULL. On failure t is
 * unchanged. ASSAY_E_INPUT: a score is not finite or outside the declared range; the
 * sentence names its source, uid and value. [pure] */
ASSAY_API assay_status assay_tracker_fold(assay_tracker *t, uint64_t time_ns, const assay_obs *obs,
										  size_t obs_n, assay_fold_report *report,
										  assay_err *err) ASSAY_CHECKED;

enum { ASSAY_MARK_NEW = 1u << 0, ASSAY_MARK_STALE = 1u << 1 };

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	uint64_t registered_block;
	double score;
	double mass;      /* how many observations the score is worth (half-life form) */
	uint64_t last_ns; /* time of the last one that counted; 0 = never */
	uint64_t observed_n, failed_n, missing_n;
	uint32_t fail_streak; /* failures since the last judged answer */
	uint32_t marks;       /* ASSAY_MARK_*, as of the time asked for */
} assay_track;

/* Members in ascending uid. i < count. [pure] */
ASSAY_API size_t assay_tracker_count(const assay_tracker *t);
ASSAY_API void assay_tracker_get(const assay_tracker *t, size_t i, uint64_t now_ns,
								 assay_track *out);
ASSAY_API uint64_t assay_tracker_folds(const assay_tracker *t);

/* The state as bytes: versioned, checksummed, the same bytes for the same state on
 * every machine. dst needs assay_tracker_encoded_len(t) bytes. [pure] */
ASSAY_API size_t assay_tracker_encoded_len(const assay_tracker *t);
ASSAY_API assay_status assay_tracker_encode(const assay_tracker *t, assay_mut dst, size_t *len,
											assay_err *err) ASSAY_CHECKED;
/* A tracker with the given options and the encoded memory; a damaged, truncated or
 * newer state is refused with its reason (ASSAY_E_FORMAT, ASSAY_E_UNSUPPORTED). [pure] */
ASSAY_API assay_status assay_tracker_decode(const assay_tracker_options *options, assay_span bytes,
											assay_tracker **out, assay_err *err) ASSAY_CHECKED;
/* BLAKE2b-256 of the encoding, for the round record. [pure] */
ASSAY_API assay_status assay_tracker_digest(const assay_tracker *t, uint8_t out[32],
											assay_err *err) ASSAY_CHECKED;

/* ---- from scores to a row ---- */

/* clang-format off */
typedef enum { /* the arithmetic: core/weights/profile.c, normalize.c, quantize.c     */
	ASSAY_PROFILE_V11 = 0,  /* double arithmetic; clips the positives; refuses short rows */
	ASSAY_PROFILE_V10 = 1,  /* float32 arithmetic of the 10.x SDK, bit-compatible     */
	ASSAY_PROFILE_FIBER = 2 /* factor to the maximum, no clip                         */
} assay_weights_profile;

typedef enum { /* what to do instead of refusing */
	ASSAY_FALLBACK_REFUSE = 0,   /* ASSAY_E_REFUSED: the caller keeps its last good row */
	ASSAY_FALLBACK_UNIFORM = 1,  /* equal weight for every neuron                     */
	ASSAY_FALLBACK_PREVIOUS = 2, /* the row given as previous, if there is one        */
	ASSAY_FALLBACK_OWNER = 3     /* everything to owner_uid                           */
} assay_weights_fallback;
/* clang-format on */

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	double score;
	uint32_t marks;
} assay_candidate;

typedef struct { /* subnet hyperparameters, read at the block used */
	uint32_t neurons;
	uint32_t min_allowed;      /* MinAllowedWeights */
	uint16_t max_limit;        /* MaxWeightsLimit as stored; 65535 = none */
	uint16_t exclude_quantile; /* v10 only; 0 almost everywhere */
} assay_weights_limits;

typedef struct {
	assay_weights_profile profile;
	uint8_t guarded;      /* repair a row that u16 rounding pushed over the cap */
	uint8_t stale_counts; /* 1: a stale miner keeps its weight; 0: it gets none */
	assay_weights_fallback fallback;
	uint16_t owner_uid;   /* for ASSAY_FALLBACK_OWNER */
	uint32_t min_count;   /* fewer positive scores than this: refused */
	uint32_t max_count;   /* keep only the best; ties: the lower uid; 0 = all */
	double power;         /* share^power before the floor; 1 = linear */
	double floor;         /* a share below this is dropped; 0 = none */
	double max_weight;    /* own cap on a share, on top of the chain's; 1 = none */
	double max_dropped;   /* refuse when a larger part of the previous row vanishes; 1 = off */
	double reserve_share; /* this part of the total goes to reserve_uid, last; 0 = none */
	uint16_t reserve_uid;
	const uint16_t *exclude; /* uids that get nothing; borrowed */
	size_t exclude_n;
} assay_weights_policy;

/* v11 without its quirk, guarded, refusing, one positive score at least, at most half
 * of the previous row may vanish. [pure] */
ASSAY_API assay_weights_policy assay_weights_policy_defaults(void);

typedef struct { /* borrowed or owned by a plan, as said where it is used */
	const uint16_t *uids;
	const uint16_t *values;
	size_t n;
} assay_weights_row;

/* clang-format off */
enum { /* why a miner's weight is what it is */
	ASSAY_WHY_EXCLUDED = 1u << 0,
	ASSAY_WHY_NEW = 1u << 1,
	ASSAY_WHY_STALE = 1u << 2,
	ASSAY_WHY_NO_SCORE = 1u << 3,       /* zero, negative or not a number */
	ASSAY_WHY_BEYOND_COUNT = 1u << 4,
	ASSAY_WHY_BELOW_FLOOR = 1u << 5,
	ASSAY_WHY_BELOW_QUANTILE = 1u << 6,
	ASSAY_WHY_CAPPED = 1u << 7,
	ASSAY_WHY_ROUNDED_AWAY = 1u << 8,
	ASSAY_WHY_BACKFILLED = 1u << 9,     /* v10: paid for lack of others */
	ASSAY_WHY_RESERVED = 1u << 10,
	ASSAY_WHY_FALLBACK = 1u << 11
};
/* clang-format on */

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	double score;   /* as given                                       */
	double share;   /* of all positive scores                         */
	double policy;  /* after power, count, floor and exclusions        */
	double weight;  /* after the profile's clip, before rounding       */
	uint16_t value; /* as sent; 0 = not in the row                     */
	uint32_t why;
} assay_weights_line;

typedef struct assay_weights_plan assay_weights_plan;

/* candidates: one per miner, in any order, borrowed. previous: the last row that was
 * accepted, or NULL. The plan owns its row, lines and text. Refusals (ASSAY_E_REFUSED)
 * say what was seen and what would change it: all scores zero or not a number; an
 * infinite score; fewer positives than asked; too many dropped. With a fallback the
 * plan is made and assay_weights_plan_fallback gives the refusal it replaced. [pure] */
ASSAY_API assay_status assay_weights_plan_new(
	const assay_candidate *candidates, size_t candidates_n, const assay_weights_limits *limits,
	const assay_weights_policy *policy, const assay_weights_row *previous, assay_weights_plan **out,
	assay_err *err) ASSAY_CHECKED;
ASSAY_API void assay_weights_plan_free(assay_weights_plan *p); /* NULL allowed */
/* Ready to send: the largest is 65535, ascending uid; zeros removed (fiber keeps what it
 * rounds to zero). */
ASSAY_API assay_weights_row assay_weights_plan_row(const assay_weights_plan *p);
ASSAY_API size_t assay_weights_plan_lines(const assay_weights_plan *p);
ASSAY_API const assay_weights_line *assay_weights_plan_line(const assay_weights_plan *p, size_t i);
/* NULL, or the sentence of the refusal that the fallback replaced. */
ASSAY_API const char *assay_weights_plan_fallback(const assay_weights_plan *p);
/* Inputs, trace and one object per miner, as JSON; NUL-terminated, the plan's own. */
ASSAY_API const char *assay_weights_plan_json(const assay_weights_plan *p);
/* Why this miner's weight is not simply its share: reasons with commas between them, "" when
 * there is none. And with the numbers, as one sentence, e.g. "uid 7: score 0.91, share 0.21, capped at 0.1". */
ASSAY_API void assay_weights_why_text(const assay_weights_line *line, char *dst, size_t cap);
ASSAY_API void assay_weights_line_text(const assay_weights_line *line, char *dst, size_t cap);

/* Weights -> integers: the largest becomes the type's maximum, the rest round half to
 * even; zeros stay in place. ASSAY_E_EMPTY: nothing positive. ASSAY_E_INPUT: negative or
 * not finite. dst has n entries. [pure] */
ASSAY_API assay_status assay_weights_quantize(const double *weights, size_t n, uint16_t *dst,
											  assay_err *err) ASSAY_CHECKED;
ASSAY_API assay_status assay_weights_quantize_u32(const double *weights, size_t n, uint32_t *dst,
												  assay_err *err) ASSAY_CHECKED;

/* ---- the chain's acceptance rules, run here first ---- */

typedef enum {
	ASSAY_GATE_OK = 0,
	ASSAY_GATE_LENGTH, /* more entries than neurons, or none */
	ASSAY_GATE_UNREGISTERED,
	ASSAY_GATE_STAKE,
	ASSAY_GATE_VERSION_KEY,
	ASSAY_GATE_RATE,
	ASSAY_GATE_PERMIT,
	ASSAY_GATE_DUPLICATE,
	ASSAY_GATE_UID,
	ASSAY_GATE_TOO_FEW,
	ASSAY_GATE_CAP
} assay_gate;

typedef struct {
	uint32_t neurons, min_allowed;
	uint16_t max_limit; /* 65535 = the cap is not enforced */
	uint16_t own_uid;
	uint8_t registered, enough_stake, permit, owner; /* claims, 0 or 1 */
	uint8_t rate_limited; /* 1: the rate limit applies to what is about to be sent */
	uint64_t version_key, required_version_key;
	uint64_t block, last_update, rate_limit;
} assay_weights_gate;

/* In the chain's own order. ASSAY_E_CHAIN with cause and remedy ("wait 37 blocks");
 * verdict (may be NULL) says which rule. [pure] */
ASSAY_API assay_status assay_weights_check(const assay_weights_row *row,
										   const assay_weights_gate *gate, assay_gate *verdict,
										   assay_err *err) ASSAY_CHECKED;
ASSAY_API const char *assay_gate_name(assay_gate g);

/* ---- what changed between two rows ---- */

typedef struct {
	size_t common, added, dropped;
	double distance;      /* half the sum of share differences: 0 same, 1 disjoint */
	double dropped_share; /* dropped / entries of the first row                   */
	uint16_t most_uid;    /* whose share moved most                               */
	double most_delta;    /* by how much, second minus first                      */
} assay_row_diff;

/* Rows need distinct uids: ASSAY_E_INPUT otherwise. [pure] */
ASSAY_API assay_status assay_weights_diff(const assay_weights_row *a, const assay_weights_row *b,
										  assay_row_diff *out, assay_err *err) ASSAY_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
