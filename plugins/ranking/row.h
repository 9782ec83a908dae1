/* row.h - what one ranked list earned and why. The names are those that explain
 * themselves (docs/plugins.md). */
#ifndef PLUGIN_RANKING_ROW_H
#define PLUGIN_RANKING_ROW_H

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
	RANKING_FLAG_TRUNCATED = 2,  /* cut to the size, as the task says       */
	RANKING_FLAG_TWINS = 4,      /* one page or text under several ids      */
	RANKING_FLAG_FLOODED = 8     /* more of one author or host than allowed */
};

/* X(index, name): the parts that a configuration can weigh. */
#define RANKING_PARTS(X)                                                                           \
	X(NDCG, "ndcg")     /* in the gain form that counts, cut at the depth  */                      \
	X(RECALL, "recall") /* the same depth, as the next                     */                      \
	X(MRR, "mrr")                                                                                  \
	X(AP, "ap")                   /* the whole list                                  */            \
	X(PRECISION, "precision")     /* cut at the depth                                */            \
	X(R_PRECISION, "r_precision") /* precision at the number of relevant ones    */                \
	X(BPREF, "bpref")             /* judged documents only                           */            \
	X(SUCCESS, "success")         /* 1 when anything relevant is within the depth    */            \
	X(RBO, "rbo")                 /* with the reference's own ranking                */            \
	X(FRESHNESS, "freshness")     /* relevant and recent                             */            \
	X(AUTHOR, "author")           /* share of credited authors                       */

/* X(index, name): everything else. */
#define RANKING_OTHERS(X)                                                                          \
	X(GATE, "gate")   /* ranking_gate; 0 = passed            */                                    \
	X(FLAGS, "flags") /* RANKING_FLAG_* bits                 */                                    \
	X(MEAN, "mean")                                                                                \
	X(BASELINE, "baseline") /* chance + margin * chance_sd         */                              \
	X(CURVE, "curve")                                                                              \
	X(QUALITY, "quality")                                                                          \
	X(UNIQUENESS_FACTOR, "uniqueness_factor") /* (distinct / n)^2                  */              \
	X(LATENCY_FACTOR, "latency_factor")                                                            \
	X(DUPLICATE_FACTOR, "duplicate_factor") /* the reward is shared with copies    */              \
	X(DUPLICATE_RULE, "duplicate_rule")                                                            \
	X(DUPLICATE_BITS, "duplicate_bits")                                                            \
	X(CLUSTER, "cluster")                                                                          \
	X(CLUSTER_SIZE, "cluster_size")                                                                \
	X(RAW_SCORE, "raw_score")                                                                      \
	X(CHANCE, "chance") /* mean of a random order              */                                  \
	X(CHANCE_SD, "chance_sd")                                                                      \
	X(NDCG_LINEAR, "ndcg_linear")                                                                  \
	X(NDCG_EXP, "ndcg_exp")                                                                        \
	X(KENDALL, "kendall") /* tau-b of order and grades           */

enum {
#define RANKING_ENUM(index, name) RANKING_C_##index,
	RANKING_PARTS(RANKING_ENUM)
#undef RANKING_ENUM
		RANKING_PART_N,
#define RANKING_ENUM(index, name) RANKING_C_##index##_WEIGHT,
	RANKING_FIRST_WEIGHT = RANKING_PART_N - 1,
	RANKING_PARTS(RANKING_ENUM)
#undef RANKING_ENUM
#define RANKING_ENUM(index, name) RANKING_C_##index,
		RANKING_OTHERS(RANKING_ENUM)
#undef RANKING_ENUM
			RANKING_C_N
};

#endif
