/* Stored values and rows: the u16 conversions at the edge of the epoch, the
 * max-upscale that set_weights applies before storing, and packing of rows.
 * mirrors: subtensor epoch/math.rs:vec_u16_max_upscale_to_u16 @14bc6f9 */
#include "yuma/yuma.h"
#include "yuma/fixed.h"

uint16_t asy_yuma_to_u16p(int64_t x)
{
	return fx_to_u16p(x);
}

/* Half away from zero, then clamped. */
static uint16_t round_to_u16(int64_t x)
{
	return fx_to_u16(fx_add(x, FX_ONE / 2));
}

void asy_yuma_max_upscale_u16(const uint16_t *in, size_t n, uint16_t *out)
{
	uint16_t max = 0;
	for (size_t i = 0; i < n; i++)
		max = in[i] > max ? in[i] : max;
	int64_t m = fx_from_u16(max), full = fx_from_u16(UINT16_MAX);
	/* Two rounding paths on chain: above half the range the factor is rounded
	 * first, so even a row that already peaks at 65535 may move by one unit. */
	int64_t factor = max > 32768 ? fx_div(full, m) : 0;
	for (size_t i = 0; i < n; i++) {
		int64_t v = fx_from_u16(in[i]);
		if (max == 0)
			out[i] = in[i];
		else if (max > 32768)
			out[i] = round_to_u16(fx_mul(v, factor));
		else
			out[i] = round_to_u16(fx_div(fx_mul(v, full), m));
	}
}

size_t asy_yuma_rows_len(const asy_yuma_row *rows, size_t rows_n)
{
	size_t len = 0;
	for (size_t i = 0; i < rows_n; i++)
		len += rows[i].len;
	return len;
}

void asy_yuma_rows_pack(const asy_yuma_row *rows, size_t rows_n, size_t *offset, uint16_t *uid,
						uint16_t *value, assay_yuma_rows *out)
{
	size_t at = 0;
	for (size_t i = 0; i < rows_n; i++) {
		offset[i] = at;
		if (rows[i].len == 0)
			continue;
		memcpy(uid + at, rows[i].uid, rows[i].len * sizeof *uid);
		memcpy(value + at, rows[i].value, rows[i].len * sizeof *value);
		at += rows[i].len;
	}
	offset[rows_n] = at;
	*out = (assay_yuma_rows){offset, uid, value, rows_n};
}

asy_yuma_row asy_yuma_rows_get(const assay_yuma_rows *rows, size_t uid)
{
	if (uid >= rows->rows_n)
		return (asy_yuma_row){NULL, NULL, 0};
	size_t from = rows->offset[uid];
	return (asy_yuma_row){rows->uid + from, rows->value + from, rows->offset[uid + 1] - from};
}

uint64_t asy_yuma_activity_cutoff(uint32_t factor_milli, uint16_t tempo)
{
	uint64_t blocks = (uint64_t)factor_milli * tempo / 1000;
	return blocks == 0 ? 1 : blocks;
}
