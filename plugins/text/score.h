/* score: one answer against one challenge. Everything a score depends on is in the
 * arguments; every factor of it is in the result. */
#ifndef TXT_SCORE_H
#define TXT_SCORE_H
#include "common/body.h"
#include "text/copy.h"
#include "text/repeat.h"

/* X(name): the components, in the order in which they are reported. The first
 * TXT_MEASURE_N are measures that a configuration can weigh. */
#define TXT_COMPONENTS(X)                                                                          \
	X(exact_match)                                                                                 \
	X(f1)                                                                                          \
	X(rouge_l)                                                                                     \
	X(rouge_lsum)                                                                                  \
	X(chrf)                                                                                        \
	X(rouge_1)                                                                                     \
	X(rouge_2)                                                                                     \
	X(quality)                                                                                     \
	X(order_factor)                                                                                \
	X(length_factor)                                                                               \
	X(repetition_factor)                                                                           \
	X(control_factor)                                                                              \
	X(latency_factor)                                                                              \
	X(copy_share)                                                                                  \
	X(invisible_share)                                                                             \
	X(gate)
enum {
#define TXT_ENUM(name) TXT_##name,
	TXT_COMPONENTS(TXT_ENUM)
#undef TXT_ENUM
		TXT_COMPONENT_N,
	TXT_MEASURE_N = TXT_chrf + 1
};

enum { TXT_GATE_COPY = 16 }; /* after plg_gate: mostly the prompt's own text */

typedef enum { TXT_AUTO, TXT_SHORT, TXT_LONG } txt_mode;

typedef struct {
	txt_mode mode;
	size_t short_max_words; /* auto: a reference up to this many squad words is short */
	bool stemmer;
	double weight_short[TXT_MEASURE_N], weight_long[TXT_MEASURE_N];
	double rouge_baseline, chrf_baseline; /* what unrelated text reaches */
	double length_min, length_max;        /* long mode: free range of words over reference words */
	double copy_max;
	plg_body_limits limits;
	size_t max_tokens;
	double latency_weight;
	uint32_t deadline_ms;
} txt_settings;

/* One reference, prepared. */
typedef struct {
	plg_text text; /* invisible characters removed */
	txt_words squad, rouge;
	size_t words; /* of white-space splitting */
	bool rouge_applies;
	txt_repeat repeat;
} txt_ref;

/* One challenge, prepared. */
typedef struct {
	txt_ref *ref;
	txt_words *squad; /* refs' squad words again, as txt_copy_share wants them */
	size_t n;
	bool is_long;
	txt_words prompt;
} txt_key;

/* prompt: {"id","question","context"?} or a string. reference: {"answers":[...]}.
 * NULL on success, else a constant sentence saying why this challenge cannot be
 * scored. Everything lives in a. */
const char *txt_key_prepare(plg_arena *a, const txt_settings *s, const assay_challenge *c,
							txt_key *key);

/* Scores one body. False only when out of memory or over the arena's cap. */
bool txt_score(plg_arena *a, const txt_settings *s, const txt_key *key, assay_bytes body,
			   uint32_t latency_ms, double *score, double component[TXT_COMPONENT_N]);

#endif
