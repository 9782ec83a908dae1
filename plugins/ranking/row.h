/* row.h - what one ranked list earned and why. */
#ifndef PLUGIN_RANKING_ROW_H
#define PLUGIN_RANKING_ROW_H
#include <math.h>

/* Why an answer earns 0. Published as the component "gate", never renumbered; 0 to
 * 3 are those of common/body.h. */
typedef enum {
	RANKING_GATE_OPEN = 0,
	RANKING_GATE_EMPTY = 1,
	RANKING_GATE_OVERSIZE = 2,
	RANKING_GATE_MALFORMED = 3,
	RANKING_GATE_TOO_MANY = 16,  /* more items than the query asks for     */
	RANKING_GATE_FABRICATED = 17 /* an id that is not among the documents  */
} ranking_gate;

/* What was odd about a list that was scored all the same ("flags"). */
enum {
	RANKING_FLAG_DUPLICATES = 1, /* an id more than once                    */
	RANKING_FLAG_TRUNCATED = 2   /* cut to the size, as the task says       */
};

/* X(index, published name). The order is the order in memory: append only. */
#define RANKING_COMPONENTS(X)                                                                      \
	X(GATE, "gate")               /* ranking_gate; 0 = passed              */                      \
	X(FLAGS, "flags")             /* RANKING_FLAG_* bits                   */                      \
	X(QUALITY, "quality")         /* weighted mean of the applicable parts */                      \
	X(PENALTY, "penalty")         /* (distinct / n)^2                      */                      \
	X(LATENCY, "latency")         /* multiplier                            */                      \
	X(NDCG_LINEAR, "ndcg_linear") /* at the configured depth, as the next  */                      \
	X(NDCG_EXP, "ndcg_exp")                                                                        \
	X(RECALL, "recall")                                                                            \
	X(MRR, "mrr")                                                                                  \
	X(AP, "ap")               /* the whole list                            */                      \
	X(PRECISION, "precision") /* at the configured depth                   */                      \
	X(KENDALL, "kendall")     /* tau-b of order and grades                 */                      \
	X(RBO, "rbo")             /* with the reference's own ranking          */

enum {
#define RANKING_COMPONENT_ENUM(index, name) RANKING_C_##index,
	RANKING_COMPONENTS(RANKING_COMPONENT_ENUM)
#undef RANKING_COMPONENT_ENUM
		RANKING_C_N
};

typedef struct {
	double score;
	double component[RANKING_C_N]; /* NaN: not applicable to this challenge */
} ranking_row;

static inline void ranking_row_init(ranking_row *r)
{
	r->score = 0;
	for (int i = 0; i < RANKING_C_N; i++)
		r->component[i] = NAN;
	r->component[RANKING_C_GATE] = RANKING_GATE_OPEN;
	r->component[RANKING_C_FLAGS] = 0;
	r->component[RANKING_C_QUALITY] = 0;
	r->component[RANKING_C_PENALTY] = 1;
}
#endif
