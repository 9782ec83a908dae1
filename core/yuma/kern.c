/* Which kernels a mask stands for. The mask is narrowed to what the machine runs,
 * so a caller can ask for anything and never gets an illegal instruction. */
#include "yuma/kern.h"

const asy_yuma_kern *asy_yuma_kern_of(uint64_t cpu_mask)
{
	uint64_t runs = cpu_mask & asy_cpu_detect();
#if defined(__x86_64__) && defined(ASY_YUMA_HAVE_AVX2)
	if (runs & ASY_CPU_AVX2)
		return &asy_yuma_kern_avx2;
#endif
#if defined(__aarch64__)
	if (runs & ASY_CPU_NEON)
		return &asy_yuma_kern_neon;
#endif
	(void)runs;
	return cpu_mask & ASY_YUMA_CPU_LANES ? &asy_yuma_kern_scalar : NULL;
}
