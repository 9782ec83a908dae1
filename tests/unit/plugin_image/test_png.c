/* The PNG reader: every colour type, every limit, and files that lie. */
#include <sys/resource.h>
#include <zlib.h>
#include "image/read.h"
#include "unit/plugin_image/pictures.h"

static image_gate read_any(const uint8_t *p, size_t n, image_raster *r)
{
	bool out_of_memory = false;
	image_gate gate =
		image_read(p, n, &(image_want){IMAGE_MAX_PIXELS, 0, 0, false}, r, &out_of_memory);
	ck_assert(!out_of_memory);
	return gate;
}

/* The gate of bytes in memory of exactly their size. */
static image_gate gate_of(assay_span s)
{
	image_raster r = {0};
	uint8_t *copy = malloc(s.len + (s.len == 0));
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	image_gate gate = read_any(copy, s.len, &r);
	free(copy);
	image_raster_fini(&r);
	return gate;
}

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

/* Inserts a chunk with a right check sum before the chunk of type `before`. */
static void insert_chunk(asy_buf *png, const char *before, const char *type, const void *data,
						 size_t len)
{
	asy_buf out = {0};
	assay_err err;
	size_t at = 8;
	while (memcmp(png->ptr + at + 4, before, 4) != 0)
		at += ((size_t)png->ptr[at] << 24 | (size_t)png->ptr[at + 1] << 16 |
			   (size_t)png->ptr[at + 2] << 8 | png->ptr[at + 3]) +
			  12;
	uint8_t head[8] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
					   (uint8_t)len};
	memcpy(head + 4, type, 4);
	uLong crc = crc32(crc32(0, head + 4, 4), len > 0 ? data : (const void *)"", (uInt)len);
	uint8_t tail[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
					   (uint8_t)crc};
	ck_ok(asy_buf_add(&out, png->ptr, at, &err), err);
	ck_ok(asy_buf_add(&out, head, 8, &err), err);
	ck_ok(asy_buf_add(&out, data, len, &err), err);
	ck_ok(asy_buf_add(&out, tail, 4, &err), err);
	ck_ok(asy_buf_add(&out, png->ptr + at, png->len - at, &err), err);
	asy_buf_fini(png);
	*png = out;
}

static void small_png(asy_buf *out)
{
	image_raster p = picture_scene(12, 9);
	picture_png(out, &p);
	image_raster_fini(&p);
}

START_TEST(test_rgb_when_written_then_read_back_equal)
{
	test_rng rng = {test_seed()};
	for (int i = 0; i < 40; i++) {
		image_raster p = picture_random(&rng, 1 + (uint32_t)test_below(&rng, 40),
										1 + (uint32_t)test_below(&rng, 40)),
					 r = {0};
		asy_buf png = {0};
		if (p.w > 32 * p.h || p.h > 32 * p.w) {
			image_raster_fini(&p);
			continue;
		}
		picture_png(&png, &p);
		ck_assert_int_eq(read_any(png.ptr, png.len, &r), IMAGE_GATE_OPEN);
		ck_assert(r.w == p.w && r.h == p.h && r.flags == 0);
		ck_assert_mem_eq(r.rgb, p.rgb, (size_t)p.w * p.h * 3);
		asy_buf_fini(&png);
		image_raster_fini(&p);
		image_raster_fini(&r);
	}
}
END_TEST

START_TEST(test_interlaced_when_read_then_equals_plain)
{
	image_raster p = picture_scene(37, 23), r = {0};
	asy_buf png = {0};
	picture_write(&png, 37, 23, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, p.rgb, 37 * 3);
	ck_assert_int_eq(read_any(png.ptr, png.len, &r), IMAGE_GATE_OPEN);
	ck_assert_mem_eq(r.rgb, p.rgb, 37 * 23 * 3);
	asy_buf_fini(&png);
	image_raster_fini(&p);
	image_raster_fini(&r);
}
END_TEST

START_TEST(test_sixteen_bit_when_read_then_high_byte_kept)
{
	const uint8_t rows[2][4] = {{0x12, 0xff, 0x80, 0x00}, {0xfe, 0xff, 0x01, 0x7f}};
	const uint8_t want[12] = {0x12, 0x12, 0x12, 0x80, 0x80, 0x80,
							  0xfe, 0xfe, 0xfe, 0x01, 0x01, 0x01};
	image_raster r = {0};
	asy_buf png = {0};
	picture_write(&png, 2, 2, PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, rows[0], 4);
	ck_assert_int_eq(read_any(png.ptr, png.len, &r), IMAGE_GATE_OPEN);
	ck_assert_mem_eq(r.rgb, want, sizeof want);
	asy_buf_fini(&png);
	image_raster_fini(&r);
}
END_TEST

START_TEST(test_transparency_when_read_then_over_white_and_flagged)
{
	const uint8_t rows[2][8] = {{10, 20, 30, 255, 10, 20, 30, 0},
								{0, 100, 200, 128, 255, 255, 255, 1}};
	image_raster r = {0};
	asy_buf png = {0};
	picture_write(&png, 2, 2, PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, rows[0], 8);
	ck_assert_int_eq(read_any(png.ptr, png.len, &r), IMAGE_GATE_OPEN);
	const uint8_t want[12] = {10, 20, 30, 255, 255, 255, 127, 177, 227, 255, 255, 255};
	ck_assert_mem_eq(r.rgb, want, sizeof want);
	ck_assert_uint_eq(r.flags, IMAGE_FLAG_ALPHA);
	asy_buf_fini(&png);
	image_raster_fini(&r);
}
END_TEST

START_TEST(test_palette_when_index_is_out_of_range_then_no_crash)
{
	const uint8_t rows[2][2] = {{0, 1}, {3, 2}};
	asy_buf png = {0};
	picture_write(&png, 2, 2, PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, rows[0], 2);
	ck_assert_int_eq(gate_of(asy_buf_span(&png)), IMAGE_GATE_OPEN);
	asy_buf_fini(&png);
}
END_TEST

START_TEST(test_files_of_the_vectors_when_hostile_then_named_gate)
{
	static const struct {
		const char *name;
		image_gate gate;
	} files[] = {
		{"bomb_header_60000x60000.png", IMAGE_GATE_LIMIT},
		{"bomb_real_12000x12000_bit1.png", IMAGE_GATE_LIMIT},
		{"huge_dim_2_31.png", IMAGE_GATE_LIMIT},
		{"zero_width.png", IMAGE_GATE_DAMAGED},
		{"short_idat.png", IMAGE_GATE_DAMAGED},
		{"truncated.png", IMAGE_GATE_DAMAGED},
		{"bad_crc.png", IMAGE_GATE_DAMAGED},
		{"apng.png", IMAGE_GATE_ANIMATED},
		{"empty.bin", IMAGE_GATE_FORMAT},
		{"text.png", IMAGE_GATE_FORMAT},
		{"svg.svg", IMAGE_GATE_FORMAT},
		{"gif.gif", IMAGE_GATE_FORMAT},
		{"bmp.bmp", IMAGE_GATE_FORMAT},
	};
	struct rusage before, after;
	for (size_t i = 0; i < ASY_COUNT(files); i++) {
		asy_buf b = {0};
		slurp(files[i].name, &b);
		(void)getrusage(RUSAGE_SELF, &before);
		image_gate gate = gate_of(asy_buf_span(&b));
		(void)getrusage(RUSAGE_SELF, &after);
		ck_assert_msg(gate == files[i].gate, "%s: gate %d", files[i].name, (int)gate);
		printf("%s: gate %d, peak RSS %ld KiB, +%ld\n", files[i].name, (int)gate, after.ru_maxrss,
			   after.ru_maxrss - before.ru_maxrss);
#ifndef ASSAY_ASAN
		ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 1024);
#endif
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_odd_but_sound_files_when_read_then_flagged)
{
	asy_buf b = {0}, c = {0};
	image_raster r = {0};
	slurp("no_iend.png", &b);
	ck_assert_int_eq(read_any(b.ptr, b.len, &r), IMAGE_GATE_OPEN);
	ck_assert_uint_eq(r.flags, IMAGE_FLAG_NO_END);
	image_raster_fini(&r);
	slurp("trailing.png", &c);
	ck_assert_int_eq(read_any(c.ptr, c.len, &r), IMAGE_GATE_OPEN);
	ck_assert_uint_eq(r.flags, IMAGE_FLAG_TRAILING);
	image_raster_fini(&r);
	asy_buf_fini(&b);
	asy_buf_fini(&c);
}
END_TEST

START_TEST(test_any_prefix_when_read_then_refused_or_unended)
{
	asy_buf b = {0};
	small_png(&b);
	for (size_t n = 0; n < b.len; n++) {
		/* all that may be missing is the whole end chunk */
		image_gate want = n == b.len - 12 ? IMAGE_GATE_OPEN : IMAGE_GATE_DAMAGED;
		ck_assert_int_eq(gate_of(asy_span(b.ptr, n)), n < 8 ? IMAGE_GATE_FORMAT : want);
	}
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_any_flipped_bit_when_read_then_never_another_picture)
{
	asy_buf b = {0};
	image_raster want = {0};
	small_png(&b);
	ck_assert_int_eq(read_any(b.ptr, b.len, &want), IMAGE_GATE_OPEN);
	for (size_t i = 0; i < b.len * 8; i++) {
		image_raster r = {0};
		b.ptr[i / 8] ^= (uint8_t)(1u << i % 8);
		if (read_any(b.ptr, b.len, &r) == IMAGE_GATE_OPEN)
			ck_assert_mem_eq(r.rgb, want.rgb, (size_t)want.w * want.h * 3);
		image_raster_fini(&r);
		b.ptr[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	image_raster_fini(&want);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_chunks_when_too_many_then_limit)
{
	for (int more = 0; more < 2; more++) {
		asy_buf b = {0};
		small_png(&b); /* header, data, end */
		for (int i = 0; i < 997 + more; i++)
			insert_chunk(&b, "IDAT", "tEXt", "a\0b", 3);
		ck_assert_int_eq(gate_of(asy_buf_span(&b)), more ? IMAGE_GATE_LIMIT : IMAGE_GATE_OPEN);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_metadata_when_over_a_mebibyte_then_limit)
{
	static uint8_t zeros[(1 << 20) + 1];
	for (size_t more = 0; more < 2; more++) {
		asy_buf b = {0};
		small_png(&b);
		insert_chunk(&b, "IDAT", "zTXt", zeros, (1 << 20) + more);
		ck_assert_int_eq(gate_of(asy_buf_span(&b)), more ? IMAGE_GATE_LIMIT : IMAGE_GATE_OPEN);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_trailing_bytes_when_over_four_kibibytes_then_limit)
{
	static const uint8_t zeros[4097];
	assay_err err;
	for (size_t n = 4096; n <= 4097; n++) {
		asy_buf b = {0};
		small_png(&b);
		ck_ok(asy_buf_add(&b, zeros, n, &err), err);
		ck_assert_int_eq(gate_of(asy_buf_span(&b)), n > 4096 ? IMAGE_GATE_LIMIT : IMAGE_GATE_OPEN);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_orientation_when_not_upright_then_refused)
{
	uint8_t exif[26] = {'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6};
	for (uint8_t turn = 0; turn <= 9; turn++) {
		asy_buf b = {0};
		small_png(&b);
		exif[19] = turn;
		insert_chunk(&b, "IDAT", "eXIf", exif, sizeof exif);
		ck_assert_int_eq(gate_of(asy_buf_span(&b)),
						 turn >= 2 && turn <= 8 ? IMAGE_GATE_ROTATED : IMAGE_GATE_OPEN);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_structure_when_wrong_then_damaged)
{
	static const struct {
		const char *before, *type;
		size_t len;
	} wrong[] = {
		{"IEND", "IHDR", 13}, /* a second header       */
		{"IDAT", "ABCD", 4},  /* unknown and critical  */
		{"IDAT", "IEND", 0},  /* the end before data   */
		{"IEND", "PLTE", 6},  /* a palette after data  */
		{"IDAT", "PLTE", 7},  /* not a row of triplets */
	};
	static const uint8_t zeros[16];
	for (size_t i = 0; i < ASY_COUNT(wrong); i++) {
		asy_buf b = {0};
		small_png(&b);
		insert_chunk(&b, wrong[i].before, wrong[i].type, zeros, wrong[i].len);
		ck_assert_msg(gate_of(asy_buf_span(&b)) == IMAGE_GATE_DAMAGED, "case %zu", i);
		asy_buf_fini(&b);
	}
}
END_TEST

START_TEST(test_data_when_longer_than_the_header_says_then_damaged)
{
	/* 12 x 9 rows under a header that says 12 x 8 */
	asy_buf b = {0};
	small_png(&b);
	b.ptr[23] = 8;
	uLong crc = crc32(0, b.ptr + 12, 17);
	for (int i = 0; i < 4; i++)
		b.ptr[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
	ck_assert_int_eq(gate_of(asy_buf_span(&b)), IMAGE_GATE_DAMAGED);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_size_when_not_the_one_wanted_then_refused_before_data)
{
	image_raster r = {0};
	bool out_of_memory;
	asy_buf b = {0};
	small_png(&b);
	ck_assert_int_eq(
		image_read(b.ptr, b.len, &(image_want){IMAGE_MAX_PIXELS, 9, 12, false}, &r, &out_of_memory),
		IMAGE_GATE_SIZE);
	ck_assert_int_eq(image_read(b.ptr, b.len, &(image_want){100, 0, 0, false}, &r, &out_of_memory),
					 IMAGE_GATE_LIMIT);
	ck_assert_ptr_null(r.rgb);
	asy_buf_fini(&b);
}
END_TEST

START_TEST(test_largest_allowed_when_read_then_memory_is_its_raster)
{
	/* 5000 x 5000 grey: 25 million pixels, the ratio of sizes kept under 5000 by noise */
	const uint32_t side = 5000;
	test_rng rng = {1};
	uint8_t *rows = malloc((size_t)side * side);
	struct rusage use;
	asy_buf b = {0};
	ck_assert_ptr_nonnull(rows);
	for (size_t i = 0; i < (size_t)side * side; i++)
		rows[i] = i % 64 == 0 ? (uint8_t)test_next(&rng) : 7;
	picture_write(&b, side, side, PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, rows, side);
	free(rows);
	ck_assert_int_eq(gate_of(asy_buf_span(&b)), IMAGE_GATE_OPEN);
	(void)getrusage(RUSAGE_SELF, &use);
	printf("5000x5000: file %zu bytes, peak RSS %ld KiB\n", b.len, use.ru_maxrss);
	asy_buf_fini(&b);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_rgb_when_written_then_read_back_equal);
	tcase_add_test(tc, test_interlaced_when_read_then_equals_plain);
	tcase_add_test(tc, test_sixteen_bit_when_read_then_high_byte_kept);
	tcase_add_test(tc, test_transparency_when_read_then_over_white_and_flagged);
	tcase_add_test(tc, test_palette_when_index_is_out_of_range_then_no_crash);
	tcase_add_test(tc, test_files_of_the_vectors_when_hostile_then_named_gate);
	tcase_add_test(tc, test_odd_but_sound_files_when_read_then_flagged);
	tcase_add_test(tc, test_any_prefix_when_read_then_refused_or_unended);
	tcase_add_test(tc, test_any_flipped_bit_when_read_then_never_another_picture);
	tcase_add_test(tc, test_chunks_when_too_many_then_limit);
	tcase_add_test(tc, test_metadata_when_over_a_mebibyte_then_limit);
	tcase_add_test(tc, test_trailing_bytes_when_over_four_kibibytes_then_limit);
	tcase_add_test(tc, test_orientation_when_not_upright_then_refused);
	tcase_add_test(tc, test_structure_when_wrong_then_damaged);
	tcase_add_test(tc, test_data_when_longer_than_the_header_says_then_damaged);
	tcase_add_test(tc, test_size_when_not_the_one_wanted_then_refused_before_data);
	tcase_add_test(tc, test_largest_allowed_when_read_then_memory_is_its_raster);
}

int main(void)
{
	return test_main("image_png", fill, 60);
}
