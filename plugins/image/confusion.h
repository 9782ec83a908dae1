/* confusion.h - measures over a set of classified images, as scikit-learn defines them
 * (zero_division 0). [pure] */
#ifndef PLUGIN_IMAGE_CONFUSION_H
#define PLUGIN_IMAGE_CONFUSION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	double accuracy, balanced_accuracy; /* balanced: over the classes present        */
	double precision_macro, recall_macro, f1_macro;
	double precision_weighted, recall_weighted, f1_weighted;
	double f1_macro_present, f1_weighted_present; /* over classes that occur on either side */
	double kappa, mcc;
} image_set_measures;

/* truth[i], said[i] < classes; n >= 1. count is classes * classes, count[t * classes + s],
 * filled by the call. Micro averages equal the accuracy. */
void image_confusion(const uint32_t *truth, const uint32_t *said, size_t n, size_t classes,
					 double *count, image_set_measures *out);

/* Of scores for the positive class: sum (R_n - R_{n-1}) P_n over distinct thresholds, and
 * the area under the ROC curve. false: only one class occurs, or out of memory. */
bool image_binary_areas(const bool *positive, const double *score, size_t n,
						double *average_precision, double *roc_auc);
#endif
