/* score: one answer against one challenge. Everything a score depends on is in the
 * arguments; every factor of it is in the result, named so that the host can do the sum
 * again (common/compose.h). */
#ifndef TXT_SCORE_H
#define TXT_SCORE_H
#include "common/batch.h"
#include "common/body.h"
#include "common/latency.h"
#include "text/constraint.h"
#include "text/copy.h"
#include "text/meaning.h"
#include "text/models.h"
#include "text/repeat.h"

/* X(name): the parts that a configuration can weigh. *_above: the measure above what
 * unrelated text of the same language reaches. */
#define TXT_PARTS(X)                                                                               \
	X(typed)                                                                                       \
	X(content)                                                                                     \
	X(exact_match)                                                                                 \
	X(f1)                                                                                          \
	X(rouge_l_above)                                                                               \
	X(rouge_lsum_above)                                                                            \
	X(chrf_above)                                                                                  \
	X(bleu)                                                                                        \
	X(meteor)                                                                                      \
	X(ter)                                                                                         \
	X(edit)

/* The other components, in the order in which they are reported. */
#define TXT_OTHERS(X)                                                                              \
	X(mean)                                                                                        \
	X(quality)                                                                                     \
	X(quantity_factor)                                                                             \
	X(name_factor)                                                                                 \
	X(polarity_factor)                                                                             \
	X(role_factor)                                                                                 \
	X(change_factor)                                                                               \
	X(hedge_factor)                                                                                \
	X(entailment_factor)                                                                           \
	X(order_factor)                                                                                \
	X(length_factor)                                                                               \
	X(repetition_factor)                                                                           \
	X(control_factor)                                                                              \
	X(latency_factor)                                                                              \
	X(duplicate_factor)                                                                            \
	X(duplicate_rule)                                                                              \
	X(duplicate_bits)                                                                              \
	X(cluster)                                                                                     \
	X(cluster_size)                                                                                \
	X(raw_score)                                                                                   \
	X(answer_kind)                                                                                 \
	X(lexicon)                                                                                     \
	X(relevance)                                                                                   \
	X(closeness)                                                                                   \
	X(similarity)                                                                                  \
	X(entailment)                                                                                  \
	X(rouge_1)                                                                                     \
	X(rouge_2)                                                                                     \
	X(rouge_l)                                                                                     \
	X(rouge_lsum)                                                                                  \
	X(chrf)                                                                                        \
	X(undecided)                                                                                   \
	X(copy_share)                                                                                  \
	X(invisible_share)                                                                             \
	X(gate)

enum {
#define TXT_ENUM(name) TXT_##name,
	TXT_PARTS(TXT_ENUM)
#undef TXT_ENUM
		TXT_PART_N,
	TXT_before_weights = TXT_PART_N - 1,
#define TXT_ENUM(name) TXT_##name##_weight,
	TXT_PARTS(TXT_ENUM)
#undef TXT_ENUM
#define TXT_ENUM(name) TXT_##name,
		TXT_OTHERS(TXT_ENUM)
#undef TXT_ENUM
			TXT_COMPONENT_N
};
extern const char *const txt_component_name[TXT_COMPONENT_N];

/* After plg_gate: mostly the prompt's own text; a pattern that the operator asks for. */
enum { TXT_GATE_COPY = 16, TXT_GATE_CONSTRAINT = 17 };

typedef enum { TXT_AUTO, TXT_SHORT, TXT_LONG } txt_mode;

typedef struct {
	txt_mode mode;
	int answer_type;        /* a txt_type, or -1: by the reference's form */
	size_t short_max_words; /* auto: a reference up to this many words is short */
	bool stemmer;
	bool facts;   /* look for contradictions */
	bool overlap; /* a measure of shared words has a weight, so the guards against shuffling
					 and padding apply */
	plg_weights weight_short, weight_long;
	double rouge_baseline, chrf_baseline; /* what unrelated text reaches */
	double length_min, length_max;        /* long mode: free range of words over reference words */
	double copy_max;
	txt_constraints constraints;
	plg_body_limits limits;
	size_t max_tokens;
	plg_latency latency;
	plg_formula formula;
} txt_settings;

/* One reference, prepared. */
typedef struct {
	plg_text text; /* invisible characters removed */
	txt_words squad, rouge;
	size_t words; /* of white-space splitting */
	bool rouge_applies;
	txt_repeat repeat;
	txt_meaning_ref meaning;
	txt_vectors vectors; /* n 0: no encoder */
} txt_ref;

/* What a judge has beside it: word lists and models. */
typedef struct {
	txt_lexicon *lexicon;
	txt_models models;
} txt_tools;

/* One challenge, prepared. */
typedef struct {
	txt_ref *ref;
	txt_words *squad; /* refs' squad words again, as txt_copy_share wants them */
	size_t n;
	bool is_long;
	size_t shortest; /* code points of the shortest reference */
	txt_words prompt;
	txt_words question_words;
	txt_reading question;
} txt_key;

/* prompt: {"id","question","context"?}, {"messages":[{"role","content"}]} or a string.
 * reference: {"answers":[...], "type"?, "tolerance"?}. NULL on success, else a constant
 * sentence saying why this challenge cannot be scored. Everything lives in a. */
const char *txt_key_prepare(plg_arena *a, const txt_tools *tools, const txt_settings *s,
							const assay_challenge *c, txt_key *key);

/* Scores one body. False only when out of memory or over the arena's cap. text (may be
 * NULL) is what was judged, in a. */
bool txt_score(plg_arena *a, const txt_tools *tools, const txt_settings *s, const txt_key *key,
			   assay_bytes body, uint32_t latency_ms, double *score,
			   double component[TXT_COMPONENT_N], plg_text *text);

#endif
