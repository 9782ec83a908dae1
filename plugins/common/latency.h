/* latency: what slowness costs, the same curves in every plugin. All are 1 up to the
 * free time, 0 from the deadline on, and measured on the challenge's own scale: a
 * scale set by the slowest of the batch would let one idle miner lift all others. */
#ifndef PLG_LATENCY_H
#define PLG_LATENCY_H
#include "common/config.h"

typedef enum {
	PLG_CURVE_HALF_LIFE, /* halves every half_life_ms after the free time             */
	PLG_CURVE_LINEAR,    /* (T - t) / (T - t0)                                        */
	PLG_CURVE_STEPS,     /* 1, 0.8, 0.6, 0.3 up to t0, 2 t0, 5 t0 and beyond           */
	PLG_CURVE_TANGENT,   /* 1 - N((t - t0) / (T - t0)), flat in the middle             */
	PLG_CURVE_LOGISTIC   /* 1 / (1 + e^-((1 - t/T) - 0.5)), between 0.62 and 0.38       */
} plg_curve;

typedef struct {
	plg_curve curve;
	double weight; /* the largest share of a score that slowness costs */
	uint32_t deadline_ms;
	double free, half_life; /* shares of the deadline */
} plg_latency;

/* Reads "latency": {"curve", "weight", "deadline_ms", "free", "half_life"}; the schema
 * fragment is schema/latency.json. */
void plg_latency_read(plg_config *c, double weight, uint32_t deadline_ms, plg_latency *out);
/* The tangent curve at share u of the way from the free time to the deadline, before it is
 * held in [0, 1]; u is cut at 0.99. */
double plg_latency_tangent(double u);
/* L in [0, 1]; 1 when deadline_ms is 0. */
double plg_latency_curve(const plg_latency *l, uint32_t elapsed_ms);
/* The multiplier 1 - weight + weight * L. */
double plg_latency_of(const plg_latency *l, uint32_t elapsed_ms);

#endif
