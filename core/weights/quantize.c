/* Weights to integers: the largest becomes the type's maximum, the others round half to
 * even. Half to even is done by hand, so that no caller's rounding mode can change a
 * row. It refuses negative weights and what is not a number. */
#include <math.h>
#include "weights/weights.h"

/* x >= 0 and below 2^52 */
static double half_even(double x)
{
	double low = floor(x), rest = x - low;
	if (rest < 0.5 || (rest == 0.5 && fmod(low, 2) == 0))
		return low;
	return low + 1;
}

static assay_status find_max(const double *w, size_t n, double *max, assay_err *err)
{
	double m = 0;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(w[i]))
			return ASSAY_FAIL(err, E_INPUT, "weight %zu is %g, not a finite number", i, w[i]);
		if (w[i] < 0)
			return ASSAY_FAIL(err, E_INPUT, "weight %zu is %g, below zero", i, w[i]);
		if (w[i] > m)
			m = w[i];
	}
	*max = m;
	return ASSAY_OK;
}

assay_status assay_weights_quantize(const double *weights, size_t n, uint16_t *dst, assay_err *err)
{
	double max = 0;
	assay_status st = find_max(weights, n, &max, err);
	if (st != ASSAY_OK)
		return st;
	if (!(max > 0))
		return ASSAY_FAIL(err, E_EMPTY, "all %zu weights are zero", n);
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint16_t)half_even(weights[i] / max * 65535.0);
	return ASSAY_OK;
}

assay_status assay_weights_quantize_u32(const double *weights, size_t n, uint32_t *dst,
										assay_err *err)
{
	double max = 0;
	assay_status st = find_max(weights, n, &max, err);
	if (st != ASSAY_OK)
		return st;
	if (!(max > 0))
		return ASSAY_FAIL(err, E_EMPTY, "all %zu weights are zero", n);
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint32_t)half_even(weights[i] / max * 4294967295.0);
	return ASSAY_OK;
}

static assay_status check_uids(const asy_drow *in, assay_err *err)
{
	for (size_t i = 0; i < in->n; i++) {
		if (in->uids[i] < 0 || in->uids[i] > UINT16_MAX)
			return ASSAY_FAIL(err, E_INPUT, "uid %" PRId64 " is not in 0 to 65535", in->uids[i]);
	}
	return ASSAY_OK;
}

assay_status asy_weights_emit(const asy_drow *in, uint16_t *uids, uint16_t *values, size_t *n,
							  assay_err *err)
{
	double max = 0;
	size_t kept = 0;
	assay_status st = check_uids(in, err);
	if (st == ASSAY_OK && in->n == 0)
		st = ASSAY_FAIL(err, E_EMPTY, "no weights at all");
	if (st == ASSAY_OK)
		st = find_max(in->weights, in->n, &max, err);
	if (st != ASSAY_OK)
		return st;
	for (size_t i = 0; i < in->n && max > 0; i++) {
		uint16_t v = (uint16_t)half_even(in->weights[i] / max * 65535.0);
		if (v == 0)
			continue;
		uids[kept] = (uint16_t)in->uids[i];
		values[kept++] = v;
	}
	*n = kept;
	return ASSAY_OK;
}

assay_status asy_weights_fiber(const asy_drow *in, uint16_t *uids, uint16_t *values, size_t *n,
							   assay_err *err)
{
	double max = 0;
	size_t kept = 0;
	assay_status st = check_uids(in, err);
	if (st == ASSAY_OK)
		st = find_max(in->weights, in->n, &max, err);
	if (st != ASSAY_OK)
		return st;
	double factor = max > 0 ? 65535.0 / max : 0;
	/* 65535 / max overflows for a max below about 4e-304, where no ratio is left */
	if (!isfinite(factor))
		return ASSAY_FAIL(err, E_RANGE, "the largest weight, %g, is too small to scale", max);
	for (size_t i = 0; i < in->n; i++) {
		if (!(in->weights[i] > 0))
			continue;
		double v = half_even(in->weights[i] * factor);
		uids[kept] = (uint16_t)in->uids[i];
		values[kept++] = (uint16_t)(v > 65535 ? 65535 : v);
	}
	*n = kept;
	return ASSAY_OK;
}

bool asy_weights_cap_holds(const uint16_t *values, size_t n, uint16_t limit)
{
	uint64_t max = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += values[i];
		if (values[i] > max)
			max = values[i];
	}
	return sum == 0 || (max << 32) / sum <= ((uint64_t)limit << 32) / 65535;
}
