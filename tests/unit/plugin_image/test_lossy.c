/* JPEG and WebP: what is let in, what is refused and why, and files that lie. The files
 * are those of the decoder's vectors, changed here. */
#include "image/read.h"
#include "unit/plugin_image/pictures.h"

static const image_want any = {IMAGE_MAX_PIXELS, 0, 0, false};

static void slurp(const char *name, asy_buf *out)
{
	char path[1024];
	uint8_t chunk[4096];
	size_t n;
	assay_err err;
	(void)snprintf(path, sizeof path, "%s/tests/golden/rewards/image/decode/%s", ASSAY_SOURCE_DIR,
				   name);
	FILE *f = fopen(path, "rb"); /* edge: a test reads its vectors */
	ck_assert_msg(f != NULL, "cannot open %s", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		ck_ok(asy_buf_add(out, chunk, n, &err), err);
	(void)fclose(f);
}

/* The gate of n bytes in memory of exactly that size. */
static image_gate gate_of(const uint8_t *p, size_t n, const image_want *want, image_raster *r)
{
	bool out_of_memory = false;
	uint8_t *copy = malloc(n + (n == 0));
	ck_assert_ptr_nonnull(copy);
	if (n > 0)
		memcpy(copy, p, n);
	image_gate gate = image_read(copy, n, want, r, &out_of_memory);
	ck_assert(!out_of_memory);
	free(copy);
	return gate;
}

static image_gate gate_only(const uint8_t *p, size_t n)
{
	image_raster r = {0};
	image_gate gate = gate_of(p, n, &any, &r);
	image_raster_fini(&r);
	return gate;
}

static const char *const stills[] = {"jpeg_q90_444.jpg", "jpeg_progressive.jpg", "jpeg_gray.jpg",
									 "webp_lossless.webp", "webp_lossy.webp"};

START_TEST(test_still_when_cut_anywhere_then_refused)
{
	for (size_t f = 0; f < ASY_COUNT(stills); f++) {
		asy_buf b = {0};
		slurp(stills[f], &b);
		ck_assert_int_eq(gate_only(b.ptr, b.len), IMAGE_GATE_OPEN);
		for (size_t n = 0; n < b.len; n++)
			ck_assert_msg(gate_only(b.ptr, n) != IMAGE_GATE_OPEN, "%s cut to %zu is let in",
						  stills[f], n);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_still_when_bytes_are_changed_then_decided_without_harm)
{
	test_rng rng = {test_seed()};
	for (size_t f = 0; f < ASY_COUNT(stills); f++) {
		asy_buf b = {0};
		slurp(stills[f], &b);
		for (int i = 0; i < 400; i++) {
			uint8_t *p = malloc(b.len);
			ck_assert_ptr_nonnull(p);
			memcpy(p, b.ptr, b.len);
			for (uint64_t k = 0, n = 1 + test_below(&rng, 6); k < n; k++)
				p[test_below(&rng, b.len)] = (uint8_t)test_next(&rng);
			image_raster r = {0};
			image_gate gate = gate_of(p, b.len, &any, &r);
			ck_assert_int_eq(gate == IMAGE_GATE_OPEN, r.rgb != NULL);
			image_raster_fini(&r);
			free(p);
		}
		asy_buf_fini(&b);
	}
}
END_TEST

/* Where the frame header of a JPEG file has its sides. */
static size_t frame_at(const asy_buf *b)
{
	for (size_t i = 2; i + 9 < b->len; i++)
		if (b->ptr[i] == 0xff && (b->ptr[i + 1] == 0xc0 || b->ptr[i + 1] == 0xc2))
			return i + 5;
	ck_abort_msg("no frame");
	return 0;
}

START_TEST(test_jpeg_when_it_announces_too_much_then_refused_before_decoding)
{
	asy_buf b = {0};
	slurp("jpeg_q90_444.jpg", &b);
	size_t at = frame_at(&b);
	memset(b.ptr + at, 0xff, 4); /* 65535 x 65535 */
	ck_assert_int_eq(gate_only(b.ptr, b.len), IMAGE_GATE_LIMIT);
	memcpy(b.ptr + at, "\x13\x88\x13\x88", 4); /* 5000 x 5000 in a kilobyte */
	ck_assert_int_eq(gate_only(b.ptr, b.len), IMAGE_GATE_LIMIT);
	memcpy(b.ptr + at, "\x00\x00\x00\x28", 4);
	ck_assert_int_eq(gate_only(b.ptr, b.len), IMAGE_GATE_DAMAGED);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_jpeg_when_it_has_more_than_a_hundred_scans_then_refused)
{
	asy_buf b = {0}, many = {0};
	assay_err err;
	slurp("jpeg_progressive.jpg", &b);
	size_t last = b.len;
	while (last-- > 0)
		if (b.ptr[last] == 0xff && b.ptr[last + 1] == 0xda)
			break;
	ck_ok(asy_buf_add(&many, b.ptr, last, &err), err);
	for (int i = 0; i < 101; i++)
		ck_ok(asy_buf_add(&many, b.ptr + last, b.len - 2 - last, &err), err);
	ck_ok(asy_buf_add(&many, b.ptr + b.len - 2, 2, &err), err);
	ck_assert_int_eq(gate_only(many.ptr, many.len), IMAGE_GATE_LIMIT);
	asy_buf_fini(&many);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_jpeg_when_followed_by_bytes_then_flagged_or_refused)
{
	asy_buf b = {0};
	image_raster r = {0};
	assay_err err;
	static const uint8_t junk[5000] = {1};
	slurp("jpeg_q75_420.jpg", &b);
	size_t len = b.len;
	ck_ok(asy_buf_add(&b, junk, sizeof junk, &err), err);
	ck_assert_int_eq(gate_of(b.ptr, len + 100, &any, &r), IMAGE_GATE_OPEN);
	ck_assert_uint_eq(r.flags, IMAGE_FLAG_TRAILING);
	image_raster_fini(&r);
	ck_assert_int_eq(gate_only(b.ptr, b.len), IMAGE_GATE_LIMIT);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_jpeg_when_turned_by_metadata_then_refused_or_turned_as_asked)
{
	asy_buf b = {0};
	image_raster r = {0};
	const image_want turned = {IMAGE_MAX_PIXELS, 0, 0, true};
	slurp("jpeg_exif6.jpg", &b);
	ck_assert_int_eq(gate_only(b.ptr, b.len), IMAGE_GATE_ROTATED);
	ck_assert_int_eq(gate_of(b.ptr, b.len, &turned, &r), IMAGE_GATE_OPEN);
	ck_assert_uint_eq(r.w, 40);
	ck_assert_uint_eq(r.h, 56);
	image_raster_fini(&r);
	asy_buf_fini(&b);
}
END_TEST

/* Orientation o of a picture whose pixels are all different undoes to the same picture. */
START_TEST(test_png_when_turned_by_each_orientation_then_every_pixel_moves_where_exif_says)
{
	/* 3 wide, 2 high:  a b c / d e f */
	static const char *const want[9] = {NULL,       "abc/def",  "cba/fed",  "fed/cba", "def/abc",
										"ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad"};
	for (uint8_t o = 1; o <= 8; o++) {
		uint8_t px[18], tiff[26] = "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1";
		tiff[19] = o;
		for (size_t i = 0; i < 6; i++)
			memset(px + 3 * i, (int)('a' + i), 3);
		image_raster in = {3, 2, 0, px}, r = {0};
		asy_buf png = {0}, b = {0};
		assay_err err;
		picture_png(&png, &in);
		/* after the header: length, type, body, and a check sum that nobody checks */
		ck_ok(asy_buf_add(&b, png.ptr, 33, &err), err);
		ck_ok(asy_buf_add(&b,
						  "\0\0\0\x1a"
						  "eXIf",
						  8, &err),
			  err);
		ck_ok(asy_buf_add(&b, tiff, sizeof tiff, &err), err);
		ck_ok(asy_buf_add(&b, "\0\0\0\0", 4, &err), err);
		ck_ok(asy_buf_add(&b, png.ptr + 33, png.len - 33, &err), err);
		ck_assert_int_eq(gate_of(b.ptr, b.len, &(image_want){1000, 0, 0, true}, &r),
						 IMAGE_GATE_OPEN);
		char got[16] = {0};
		size_t n = 0;
		for (uint32_t y = 0; y < r.h; y++) {
			for (uint32_t x = 0; x < r.w; x++)
				got[n++] = (char)r.rgb[(y * r.w + x) * 3];
			got[n++] = y + 1 < r.h ? '/' : 0;
		}
		ck_assert_str_eq(got, want[o]);
		image_raster_fini(&r);
		asy_buf_fini(&png);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_odd_stills_when_read_then_flagged)
{
	static const struct {
		const char *name;
		image_gate gate;
		uint32_t flags;
	} row[] = {{"jpeg_cmyk.jpg", IMAGE_GATE_OPEN, IMAGE_FLAG_CMYK},
			   {"webp_alpha.webp", IMAGE_GATE_OPEN, IMAGE_FLAG_ALPHA},
			   {"webp_anim.webp", IMAGE_GATE_ANIMATED, 0},
			   {"truncated.webp", IMAGE_GATE_DAMAGED, 0},
			   {"truncated.jpg", IMAGE_GATE_DAMAGED, 0},
			   {"header_only.jpg", IMAGE_GATE_DAMAGED, 0}};
	for (size_t i = 0; i < ASY_COUNT(row); i++) {
		asy_buf b = {0};
		image_raster r = {0};
		slurp(row[i].name, &b);
		ck_assert_msg(gate_of(b.ptr, b.len, &any, &r) == row[i].gate, "%s", row[i].name);
		ck_assert_uint_eq(r.flags, row[i].flags);
		image_raster_fini(&r);
		asy_buf_fini(&b);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_still_when_cut_anywhere_then_refused);
	tcase_add_test(tc, test_still_when_bytes_are_changed_then_decided_without_harm);
	tcase_add_test(tc, test_jpeg_when_it_announces_too_much_then_refused_before_decoding);
	tcase_add_test(tc, test_jpeg_when_it_has_more_than_a_hundred_scans_then_refused);
	tcase_add_test(tc, test_jpeg_when_followed_by_bytes_then_flagged_or_refused);
	tcase_add_test(tc, test_jpeg_when_turned_by_metadata_then_refused_or_turned_as_asked);
	tcase_add_test(tc,
				   test_png_when_turned_by_each_orientation_then_every_pixel_moves_where_exif_says);
	tcase_add_test(tc, test_odd_stills_when_read_then_flagged);
}

int main(void)
{
	return test_main("image_lossy", fill, 60);
}
