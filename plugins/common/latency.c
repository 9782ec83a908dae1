/* Sources: half-life and linear are Assay's; steps from useviolet/violetaudio, tangent
 * from inference-labs-inc/omron-subnet 3f0233a, logistic from Cazure8/voiceguard-subnet. */
#include "common/latency.h"
#include "common/num.h"

void plg_latency_read(plg_config *c, double weight, uint32_t deadline_ms, plg_latency *out)
{
	static const char *const curves[] = {"half_life", "linear", "steps", "tangent", "logistic"};
	out->curve = (plg_curve)plg_config_choice(c, "latency.curve", curves, 5, PLG_CURVE_HALF_LIFE);
	out->weight = plg_config_num(c, "latency.weight", weight, 0, 0.3);
	out->deadline_ms = (uint32_t)plg_config_int(c, "latency.deadline_ms", deadline_ms, 0, 600000);
	out->free = plg_config_num(c, "latency.free", 0.25, 0, 0.9);
	out->half_life = plg_config_num(c, "latency.half_life", 0.25, 0.01, 10);
}

/* 1 - (tan(0.9 pi (u - 0.5)) + tan(0.45 pi)) / (2 tan(0.45 pi)) */
double plg_latency_tangent(double u)
{
	const double pi = 3.14159265358979323846, end = plg_tan(0.45 * pi);
	return 1 - (plg_tan(0.9 * pi * (plg_clamp(u, 0, 0.99) - 0.5)) + end) / (2 * end);
}

static double steps(double t, double unit)
{
	return t <= unit ? 1 : t <= 2 * unit ? 0.8 : t <= 5 * unit ? 0.6 : 0.3;
}

double plg_latency_curve(const plg_latency *l, uint32_t elapsed_ms)
{
	double end = l->deadline_ms, t = elapsed_ms, start = l->free * end;
	if (l->deadline_ms == 0 || t <= start)
		return 1;
	if (t >= end)
		return 0;
	switch (l->curve) {
	case PLG_CURVE_HALF_LIFE:
		return plg_exp2_neg((t - start) / (l->half_life * end));
	case PLG_CURVE_LINEAR:
		return (end - t) / (end - start);
	case PLG_CURVE_STEPS:
		return steps(t, start > 0 ? start : end / 10);
	case PLG_CURVE_TANGENT:
		return plg_clamp(plg_latency_tangent((t - start) / (end - start)), 0, 1);
	case PLG_CURVE_LOGISTIC: {
		double x = 0.5 - t / end; /* (1 - t/T) - 0.5 */
		double e = plg_exp_neg(x < 0 ? -x : x);
		return x < 0 ? e / (1 + e) : 1 / (1 + e);
	}
	}
	return 1;
}

double plg_latency_of(const plg_latency *l, uint32_t elapsed_ms)
{
	return 1 - l->weight + l->weight * plg_latency_curve(l, elapsed_ms);
}
