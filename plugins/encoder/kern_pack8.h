/* Transposing eight by eight with AVX instructions; included by the variants that have
 * them. Defines transpose() for kern_body.h. */

static inline void transpose8(float *out, size_t out_stride, const float *in, size_t in_stride)
{
	__m256 r[8], t[8];
	for (size_t i = 0; i < 8; i++)
		r[i] = _mm256_loadu_ps(in + i * in_stride);
	for (size_t i = 0; i < 8; i += 2) {
		t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
		t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
	}
	for (size_t i = 0; i < 8; i += 4) {
		r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
		r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
		r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
		r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
	}
	for (size_t i = 0; i < 4; i++) {
		_mm256_storeu_ps(out + i * out_stride, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
		_mm256_storeu_ps(out + (i + 4) * out_stride, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
	}
}

/* panel[k][width] from `width` rows of k floats, stride floats apart */
static void transpose(float *panel, size_t width, const float *rows, size_t stride, size_t k)
{
	size_t whole = k / 8 * 8;
	for (size_t i = 0; i < whole; i += 8) {
		for (size_t j = 0; j < width; j += 8)
			transpose8(panel + i * width + j, width, rows + j * stride + i, stride);
	}
	for (size_t i = whole; i < k; i++) {
		for (size_t j = 0; j < width; j++)
			panel[i * width + j] = rows[j * stride + i];
	}
}
