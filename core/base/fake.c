/* The settable clock, and unbiased draws from any entropy source. */
#include "base/base.h"

static uint64_t fake_mono(asy_clock *c)
{
	asy_fake_clock *f = (asy_fake_clock *)c;
	uint64_t now = f->mono;
	f->mono += f->step;
	f->real += f->step;
	return now;
}

static uint64_t fake_real(asy_clock *c)
{
	asy_fake_clock *f = (asy_fake_clock *)c;
	uint64_t now = f->real;
	f->mono += f->step;
	f->real += f->step;
	return now;
}

void asy_fake_clock_init(asy_fake_clock *c, uint64_t real_ns, uint64_t step)
{
	*c = (asy_fake_clock){{fake_mono, fake_real}, 1, real_ns, step};
}

uint64_t asy_rng_below(asy_rng *rng, uint64_t n)
{
	ASSERT(n > 0);
	/* Reject the incomplete last copy of [0, n) in 2^64. */
	uint64_t spare = (UINT64_MAX % n + 1) % n;
	for (;;) {
		uint64_t x;
		rng->fill(rng, &x, sizeof x);
		if (x <= UINT64_MAX - spare)
			return x % n;
	}
}
