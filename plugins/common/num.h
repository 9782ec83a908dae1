/* num: the little arithmetic that every score uses. The transcendental functions
 * are written out here because those of the C library may differ in the last bit
 * between processors, and a score promises the same bits everywhere. */
#ifndef PLG_NUM_H
#define PLG_NUM_H
#include <stdint.h>

static inline double plg_clamp(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}
/* num / den, 0 when den is 0. */
static inline double plg_ratio(double num, double den)
{
	return den > 0 ? num / den : 0;
}
/* Harmonic mean of precision and recall, 0 when both are 0. */
static inline double plg_f1(double p, double r)
{
	return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

/* 2^-x for x >= 0; within 1e-15 relative. */
double plg_exp2_neg(double x);
/* log2 x for finite x > 0; within 1e-15 relative or absolute. */
double plg_log2(double x);
/* e^-x for x >= 0; x^y for x in [0, 1] and y > 0; erf x; tan x for |x| < 1.5. Within
 * 1e-13 relative, from the same few operations. */
double plg_exp_neg(double x);
double plg_power(double x, double y);
double plg_erf(double x);
double plg_tan(double x);

#endif
