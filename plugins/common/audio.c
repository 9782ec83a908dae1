/* Ratios of energies, each a hair above 0 so that silence has a value. */
#include "common/audio.h"
#include <float.h>
#include "common/num.h"

static double decibels(double signal, double noise)
{
	const double ten_log10_of_2 = 3.01029995663981195214;
	return ten_log10_of_2 * plg_log2((signal + DBL_EPSILON) / (noise + DBL_EPSILON));
}

static double mean(const double *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return n > 0 ? sum / (double)n : 0;
}

double plg_si_sdr(const double *signal, const double *reference, size_t n, bool zero_mean)
{
	double s0 = zero_mean ? mean(signal, n) : 0, r0 = zero_mean ? mean(reference, n) : 0;
	double both = 0, own = 0, target = 0, noise = 0;
	for (size_t i = 0; i < n; i++) {
		both += (signal[i] - s0) * (reference[i] - r0);
		own += (reference[i] - r0) * (reference[i] - r0);
	}
	double scale = (both + DBL_EPSILON) / (own + DBL_EPSILON);
	for (size_t i = 0; i < n; i++) {
		double x = scale * (reference[i] - r0), e = x - (signal[i] - s0);
		target += x * x;
		noise += e * e;
	}
	return decibels(target, noise);
}

double plg_snr(const double *signal, const double *reference, size_t n)
{
	double target = 0, noise = 0;
	for (size_t i = 0; i < n; i++) {
		double e = reference[i] - signal[i];
		target += reference[i] * reference[i];
		noise += e * e;
	}
	return decibels(target, noise);
}
