/* SCALE: the first byte of the input picks what is read next. Properties: a read
 * never moves the cursor when it fails, and a compact integer that was accepted
 * encodes back to the very bytes it came from. */
#include <stdlib.h>
#include "codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_compact(asy_scale *s)
{
	uint64_t v[2];
	size_t was = s->at;
	asy_buf again = {0};
	if (asy_scale_compact128(s, v, NULL) != ASSAY_OK) {
		ASSERT(s->at == was);
		return;
	}
	asy_scale_w w = asy_scale_out(&again);
	asy_scale_put_compact128(&w, v[0], v[1]);
	ASSERT(asy_scale_out_end(&w, NULL) == ASSAY_OK);
	ASSERT(asy_span_eq(asy_buf_span(&again), asy_span(s->bytes.ptr + was, s->at - was)));
	asy_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_scale s = asy_scale_in(asy_span(data, size));
	for (;;) {
		uint8_t what, b;
		uint16_t h;
		uint32_t d;
		uint64_t q[2];
		bool flag;
		size_t n;
		assay_span raw = {NULL, 0};
		assay_status st = ASSAY_OK;
		if (asy_scale_u8(&s, &what, NULL) != ASSAY_OK)
			break;
		size_t was = s.at;
		switch (what % 10) {
		case 0:
			st = asy_scale_u8(&s, &b, NULL);
			break;
		case 1:
			st = asy_scale_u16(&s, &h, NULL);
			break;
		case 2:
			st = asy_scale_u32(&s, &d, NULL);
			break;
		case 3:
			st = asy_scale_u64(&s, q, NULL);
			break;
		case 4:
			st = asy_scale_u128(&s, q, NULL);
			break;
		case 5:
			st = asy_scale_bool(&s, &flag, NULL);
			break;
		case 6:
			check_compact(&s);
			break;
		case 7:
			st = asy_scale_count(&s, 2, 1000, &n, NULL);
			break;
		case 8:
			st = asy_scale_bytes(&s, 1000, &raw, NULL);
			break;
		default:
			st = asy_scale_raw(&s, what, &raw, NULL);
			break;
		}
		ASSERT(st == ASSAY_OK || s.at == was);
		ASSERT(s.at <= size && raw.len <= size);
	}
	return 0;
}
