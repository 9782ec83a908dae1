/* subnets: sums of public subnets, kept as they publish them so that a subnet's numbers can
 * be checked: opentensor/text-prompting (moving normaliser, diversity), and perplexity. */
#ifndef TXT_SUBNETS_H
#define TXT_SUBNETS_H
#include <stdbool.h>
#include <stddef.h>

/* text-prompting's moving erf-CDF. The variance of a batch of one is taken as 0, where the
 * original makes its state NaN for ever. */
typedef struct {
	double count, mean, var;
} txt_moving;
void txt_moving_normalise(txt_moving *m, double *x, size_t n);

/* Cosine of two vectors; 0 when one has no length. */
double txt_cosine(const double *x, const double *y, size_t n);
/* text-prompting's diversity of row i of n rows of dim numbers against m rows (its own
 * batch or the history): the k-th smallest 1 - |cos|, through a sigmoid. The original takes k = 2, and
 * k = 1 against the history when the batch is a single row. */
double txt_diversity(const double *row, const double *others, size_t m, size_t dim, size_t k,
					 double slope, double offset, double *work);

/* exp of the mean negative log-likelihood of the targets, rows of logits; targets equal to
 * ignore do not count. NAN when none counts. */
double txt_perplexity(const double *logits, const long *target, size_t n, size_t vocab,
					  long ignore);
/* log softmax of one row, with the maximum subtracted. */
void txt_log_softmax(const double *logits, size_t n, double *out);

#endif
