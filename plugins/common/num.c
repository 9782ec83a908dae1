/* Exponential and logarithm from additions and multiplications only, in a fixed
 * order: IEEE 754 then gives every processor the same bits. */
#include "common/num.h"
#include <math.h>

double plg_exp2_neg(double x)
{
	const double ln2 = 0.69314718055994530942;
	if (!(x > 0))
		return 1;
	if (x > 1022)
		return 0;
	int whole = (int)x;
	/* 2^-x = 2^-whole * e^-f with f in [0, ln 2): the series is short enough at 20. */
	double f = -(x - whole) * ln2, sum = 1;
	for (int k = 20; k >= 1; k--)
		sum = 1 + f / k * sum;
	return ldexp(sum, -whole);
}

double plg_log2(double x)
{
	const double inv_ln2 = 1.44269504088896340736;
	int e;
	double m = frexp(x, &e); /* [0.5, 1) */
	if (m < 0.70710678118654752440) {
		m *= 2;
		e--;
	}
	/* ln m = 2 atanh(z), |z| < 0.172: 12 odd terms reach the last bit. */
	double z = (m - 1) / (m + 1), z2 = z * z, sum = 0;
	for (int k = 25; k >= 1; k -= 2)
		sum = sum * z2 + 1.0 / k;
	return e + 2 * z * sum * inv_ln2;
}

double plg_exp_neg(double x)
{
	const double inv_ln2 = 1.44269504088896340736;
	return plg_exp2_neg(x * inv_ln2);
}

double plg_power(double x, double y)
{
	if (!(x > 0))
		return 0;
	return x >= 1 ? 1 : plg_exp2_neg(-y * plg_log2(x));
}

/* erf x = 2/sqrt(pi) e^-x^2 sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms have
 * one sign, so nothing cancels. */
double plg_erf(double x)
{
	const double two_by_sqrt_pi = 1.12837916709551257390;
	double a = fabs(x), term = a, sum = a;
	if (!(a < 6))
		return a >= 6 ? (x < 0 ? -1 : 1) : 0;
	for (int n = 1; n <= 160 && term > sum * 1e-17; n++) {
		term *= 2 * a * a / (2 * n + 1);
		sum += term;
	}
	double y = plg_clamp(two_by_sqrt_pi * plg_exp_neg(a * a) * sum, 0, 1);
	return x < 0 ? -y : y;
}

double plg_tan(double x)
{
	double x2 = x * x, sine = 1, cosine = 1;
	for (int k = 26; k >= 2; k -= 2) {
		sine = 1 - x2 / (k * (k + 1)) * sine;
		cosine = 1 - x2 / (k * (k - 1)) * cosine;
	}
	return x * sine / cosine;
}
