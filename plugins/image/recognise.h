/* recognise.h - top-k and distribution measures. [pure]
 * An answer is an order of labels or a distribution over them; several labels may
 * be right (synonyms), which count as one class. */
#ifndef PLUGIN_IMAGE_RECOGNISE_H
#define PLUGIN_IMAGE_RECOGNISE_H
#include <stdbool.h>
#include <stddef.h>

/* Is one of the k highest of n scores right? Ties at the k-th place earn their
 * fraction, so that an all-equal distribution earns chance level. NaN-free. */
double image_top_k(const double *score, const bool *right, size_t n, size_t k);
/* 1 - sum (p - y)^2 / 2. */
double image_brier(const double *p, const bool *right, size_t n);
/* -ln of the right labels' probability, clipped to [1e-15, 1 - 1e-15]. */
double image_log_loss(const double *p, const bool *right, size_t n);
/* ln n: the log loss of the uniform guess among n. */
double image_log_uniform(size_t n);
#endif
