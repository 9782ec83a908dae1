/* What vector instructions the processor and the operating system both support.
 * Mains may narrow the mask (--cpu, ASSAY_CPU); kernels take it as an argument. */
#include "base/base.h"

uint64_t asy_cpu_detect(void)
{
#if defined(__x86_64__)
	uint64_t mask = 0;
	/* GCC's and clang's runtime check XGETBV too, so "supported" means usable. */
	__builtin_cpu_init();
	/* kernels use both */
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		mask |= ASY_CPU_AVX2;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
		mask |= ASY_CPU_AVX512;
	return mask;
#elif defined(__aarch64__)
	return ASY_CPU_NEON; /* part of the base architecture */
#else
	return ASY_CPU_SCALAR;
#endif
}

static const struct {
	const char *name;
	uint64_t mask;
} names[] = {
	{"scalar", ASY_CPU_SCALAR},
	{"avx2", ASY_CPU_AVX2},
	{"neon", ASY_CPU_NEON},
	{"avx512", ASY_CPU_AVX512 | ASY_CPU_AVX2},
};

bool asy_cpu_parse(const char *name, uint64_t *mask)
{
	if (strcmp(name, "auto") == 0) {
		*mask = asy_cpu_detect();
		return true;
	}
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		if (strcmp(name, names[i].name) == 0) {
			*mask = names[i].mask;
			return true;
		}
	}
	return false;
}

const char *asy_cpu_name(uint64_t mask)
{
	if (mask & ASY_CPU_AVX512)
		return "avx512";
	if (mask & ASY_CPU_AVX2)
		return "avx2";
	if (mask & ASY_CPU_NEON)
		return "neon";
	return "scalar";
}
