/* normaliser: optional curves over the scores of one challenge. Off by default: what
 * depends on other miners can be played by one operator with many uids. A score of
 * exactly 0 stays 0, and no curve can turn a number into NaN. */
#ifndef PLG_NORMALISER_H
#define PLG_NORMALISER_H
#include "common/config.h"

typedef enum {
	PLG_NORM_NONE,
	PLG_NORM_MIN_MAX,  /* (s - min) / (max - min); all equal: unchanged               */
	PLG_NORM_RANK,     /* mean rank among ties, best 1, worst 0                      */
	PLG_NORM_Z_CDF,    /* Phi((s - mean) / sd), population sd; sd 0: 0.5, alone: 1    */
	PLG_NORM_SOFTMAX,  /* e^(s/T) over their sum                                     */
	PLG_NORM_POWER,    /* s^gamma over their sum                                     */
	PLG_NORM_CUBE,     /* s^3 over their sum (namoray/nineteen 710089)                */
	PLG_NORM_STEEPNESS /* macrocosm-os/prompting 29eaf46 apply_reward_func, parameter p */
} plg_norm;

typedef struct {
	plg_norm kind;
	double parameter; /* T, gamma or p */
} plg_normaliser;

/* Reads option: {"kind", "parameter"}; the schema fragment is schema/normaliser.json. */
void plg_normaliser_read(plg_config *c, const char *option, plg_normaliser *out);
/* In place, over n finite scores. work has n elements. Equal scores stay equal and the
 * order of the rows does not matter. */
void plg_normalise_scores(const plg_normaliser *k, double *score, size_t n, double *work);

#endif
