/* Which variant the machine runs. A request above that gets the best one below. */
#include "encoder/kern.h"

const enc_kern *enc_kern_of(enc_cpu cpu)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
#if defined(ENC_HAVE_AVX512)
	if ((cpu == ENC_CPU_AUTO || cpu == ENC_CPU_AVX512) && __builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
		return &enc_kern_avx512;
#endif
#if defined(ENC_HAVE_AVX2)
	if (cpu != ENC_CPU_SCALAR && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return &enc_kern_avx2;
#endif
#endif
	(void)cpu;
	return &enc_kern_scalar;
}

void enc_mat_floats(const enc_mat *w, size_t row, size_t from, size_t n, float *out)
{
	const enc_tensor t = {.dtype = w->dtype, .data = w->data + row * w->stride};
	enc_tensor_floats(&t, from, n, out);
}
