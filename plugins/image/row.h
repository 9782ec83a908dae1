/* row.h - what one answer earned and why. The names are those that explain themselves
 * (docs/plugins.md): parts with their weights, factors, a baseline. */
#ifndef PLUGIN_IMAGE_ROW_H
#define PLUGIN_IMAGE_ROW_H
#include "common/compose.h"
#include "raster.h"

/* X(index, name): the parts that a configuration can weigh. A part that its task does not
 * measure is NaN. */
#define IMAGE_PARTS(X)                                                                             \
	X(TOP_K1, "top_k1") /* classify: one per entry of the k list             */                    \
	X(TOP_K2, "top_k2")                                                                            \
	X(TOP_K3, "top_k3")                                                                            \
	X(TOP_K4, "top_k4")                                                                            \
	X(BRIER, "brier")         /* classify, when a distribution is asked            */              \
	X(LOG_SKILL, "log_skill") /* the same: 1 - log loss / that of the uniform guess */             \
	X(MACRO_F1, "macro_f1")   /* classify_set                                      */              \
	X(BALANCED, "balanced_accuracy")                                                               \
	X(ROC_AUC, "roc_auc") /* classify_set of two labels, when scores are asked     */              \
	X(AVERAGE_PRECISION, "average_precision")                                                      \
	X(AP, "ap")               /* detect: mean over IoU 0.50 … 0.95                 */            \
	X(F1, "f1")               /* detect: at IoU 0.5, detections scored 0.5 or more */              \
	X(PSNR_GAIN, "psnr_gain") /* restore: over the degraded input                  */              \
	X(SSIM_GAIN, "ssim_gain")                                                                      \
	X(GRADIENT_GAIN, "gradient_gain")                                                              \
	X(MATCH, "match") /* generate                                          */

/* X(index, name): everything else. */
#define IMAGE_OTHERS(X)                                                                            \
	X(GATE, "gate")   /* image_gate; 0 = passed                                    */              \
	X(FLAGS, "flags") /* IMAGE_FLAG_* bits                                         */              \
	X(MEAN, "mean")                                                                                \
	X(BASELINE, "baseline") /* what a guess earns                                  */              \
	X(QUALITY, "quality")                                                                          \
	X(HARMLESS_FACTOR, "harmless_factor") /* restore: 0 when worse than the input  */              \
	X(NOVELTY_FACTOR, "novelty_factor")   /* restore: what no mix of the input has */              \
	X(LATENCY_FACTOR, "latency_factor")                                                            \
	X(DUPLICATE_FACTOR, "duplicate_factor")                                                        \
	X(DUPLICATE_RULE, "duplicate_rule")                                                            \
	X(DUPLICATE_BITS, "duplicate_bits")                                                            \
	X(CLUSTER, "cluster")                                                                          \
	X(CLUSTER_SIZE, "cluster_size")                                                                \
	X(RAW_SCORE, "raw_score")                                                                      \
	X(LOG_LOSS, "log_loss") /* natural logarithm                                   */              \
	X(KAPPA, "kappa")                                                                              \
	X(MCC, "mcc")                                                                                  \
	X(INVALID, "invalid_boxes")                                                                    \
	X(MSE, "mse")                                                                                  \
	X(PSNR, "psnr_db") /* capped at 60                                             */              \
	X(SSIM, "ssim")    /* multi-scale when the image is large enough               */              \
	X(GRADIENT, "gradient")                                                                        \
	X(EDGE, "edge") /* parity profile: correlation of Sobel magnitudes             */              \
	X(PHASH, "phash_distance")                                                                     \
	X(DHASH, "dhash_distance")

enum {
#define IMAGE_ENUM(index, name) IMAGE_C_##index,
	IMAGE_PARTS(IMAGE_ENUM)
#undef IMAGE_ENUM
		IMAGE_PART_N,
	IMAGE_BEFORE_WEIGHTS = IMAGE_PART_N - 1,
#define IMAGE_ENUM(index, name) IMAGE_C_##index##_WEIGHT,
	IMAGE_PARTS(IMAGE_ENUM)
#undef IMAGE_ENUM
#define IMAGE_ENUM(index, name) IMAGE_C_##index,
		IMAGE_OTHERS(IMAGE_ENUM)
#undef IMAGE_ENUM
			IMAGE_C_N
};
#define IMAGE_TOP_K_MAX 4

/* What a task makes of one answer. The components are complete in the first case only. */
typedef enum {
	IMAGE_ROW_DONE,   /* measured, or a gate closed         */
	IMAGE_ROW_NOMEM,  /* the machine is full                */
	IMAGE_ROW_STOPPED /* the host asked to stop             */
} image_row_rc;
#endif
