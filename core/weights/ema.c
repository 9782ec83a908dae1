/* The half-life: how much an observation of some age still counts. Its own exponential,
 * because libm picks a variant by processor and a replay must meet the same bits. */
#include <math.h>
#include "weights/weights.h"

/* Series terms for |y| <= ln 2: the 20th is below 1e-21 of the sum. */
#define TERMS 20

double asy_half_power(double x)
{
	if (!(x > 0))
		return 1;
	if (x >= 1100)
		return 0; /* below the smallest double */
	double whole = floor(x), y = (x - whole) * -0.69314718055994530942, sum = 1;
	for (int k = TERMS; k >= 1; k--)
		sum = 1 + sum * y / k;
	return ldexp(sum, -(int)whole);
}
