/* row.h - what one answer earned and why: the score and the named components that
 * the host stores beside it. */
#ifndef PLUGIN_IMAGE_ROW_H
#define PLUGIN_IMAGE_ROW_H
#include <math.h>
#include "raster.h"

/* X(index, published name). The order is the order in memory: append only. */
#define IMAGE_COMPONENTS(X)                                                                        \
	X(GATE, "gate")       /* image_gate; 0 = passed                    */                          \
	X(FLAGS, "flags")     /* IMAGE_FLAG_* bits                         */                          \
	X(QUALITY, "quality") /* weighted mean of the applicable parts     */                          \
	X(LATENCY, "latency") /* multiplier                                */                          \
	X(TOP_K1, "top_k1")   /* classify: one per entry of the k list     */                          \
	X(TOP_K2, "top_k2")                                                                            \
	X(TOP_K3, "top_k3")                                                                            \
	X(TOP_K4, "top_k4")                                                                            \
	X(BRIER, "brier")         /* classify, when a distribution is asked    */                      \
	X(LOG_LOSS, "log_loss")   /* the same; natural logarithm, explains only */                     \
	X(MSE, "mse")             /* restore                                   */                      \
	X(PSNR, "psnr_db")        /* capped at 60                              */                      \
	X(PSNR_GAIN, "psnr_gain") /* over the degraded input, as all gains     */                      \
	X(SSIM, "ssim")           /* multi-scale when the image is large enough */                     \
	X(SSIM_GAIN, "ssim_gain")                                                                      \
	X(EDGE, "edge")                                                                                \
	X(EDGE_GAIN, "edge_gain")

enum {
#define IMAGE_COMPONENT_ENUM(index, name) IMAGE_C_##index,
	IMAGE_COMPONENTS(IMAGE_COMPONENT_ENUM)
#undef IMAGE_COMPONENT_ENUM
		IMAGE_C_N
};
#define IMAGE_TOP_K_MAX 4

typedef struct {
	double score;
	double component[IMAGE_C_N]; /* NaN: not applicable to this challenge */
} image_row;

static inline void image_row_init(image_row *r)
{
	r->score = 0;
	for (int i = 0; i < IMAGE_C_N; i++)
		r->component[i] = NAN;
	r->component[IMAGE_C_GATE] = IMAGE_GATE_OPEN;
	r->component[IMAGE_C_FLAGS] = 0;
	r->component[IMAGE_C_QUALITY] = 0;
}

/* Weighted mean of the parts that apply; a part that is NaN is left out and the
 * other weights grow. -1 when none applies. */
typedef struct {
	double sum, weight;
} image_mean;
static inline void image_mean_add(image_mean *m, double part, double weight)
{
	if (isnan(part))
		return;
	m->sum += weight * part;
	m->weight += weight;
}
static inline double image_mean_get(const image_mean *m)
{
	return m->weight > 0 ? m->sum / m->weight : -1;
}

/* What a task makes of one answer. The row is complete in the first case only. */
typedef enum {
	IMAGE_ROW_DONE,     /* scored, perhaps with 0             */
	IMAGE_ROW_UNSCORED, /* no measure applies: nobody's fault */
	IMAGE_ROW_NOMEM,    /* the machine is full                */
	IMAGE_ROW_STOPPED   /* the host asked to stop             */
} image_row_rc;
#endif
