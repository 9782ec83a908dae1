/* The measures: what holds for every pair of images, and SSIM against a plain
 * two-dimensional window written from the definition. */
#include <math.h>
#include "image/fidelity.h"
#include "image/recognise.h"
#include "unit/plugin_image/pictures.h"

static const image_stop never = {NULL, NULL};

/* SSIM of one channel by the definition: 121 weights at every position. */
static double plain_ssim(const image_raster *a, const image_raster *b, unsigned channel)
{
	double g[11], norm = 0, sum = 0;
	for (int t = 0; t < 11; t++) {
		g[t] = exp(-(t - 5) * (t - 5) / 4.5);
		norm += g[t];
	}
	size_t n = 0;
	for (uint32_t y = 0; y + 11 <= a->h; y++)
		for (uint32_t x = 0; x + 11 <= a->w; x++, n++) {
			double m[5] = {0};
			for (uint32_t v = 0; v < 11; v++)
				for (uint32_t u = 0; u < 11; u++) {
					size_t at = ((size_t)(y + v) * a->w + x + u) * 3 + channel;
					double w = g[u] * g[v] / norm / norm, p = a->rgb[at], q = b->rgb[at];
					m[0] += w * p;
					m[1] += w * q;
					m[2] += w * p * p;
					m[3] += w * q * q;
					m[4] += w * p * q;
				}
			double sx = m[2] - m[0] * m[0], sy = m[3] - m[1] * m[1], sxy = m[4] - m[0] * m[1];
			sum += (2 * m[0] * m[1] + 6.5025) * (2 * sxy + 58.5225) /
				   ((m[0] * m[0] + m[1] * m[1] + 6.5025) * (sx + sy + 58.5225));
		}
	return sum / (double)n;
}

START_TEST(test_ssim_when_random_then_equals_the_definition)
{
	test_rng rng = {test_seed()};
	for (int i = 0; i < 12; i++) {
		uint32_t w = 11 + (uint32_t)test_below(&rng, 20), h = 11 + (uint32_t)test_below(&rng, 20);
		image_raster a = picture_random(&rng, w, h), scene = picture_scene(w, h);
		image_raster b = picture_blend(&scene, &a, 10 * i, 0, &rng);
		for (unsigned c = 0; c < 3; c++) {
			image_plane p = image_channel(&scene, c), q = image_channel(&b, c);
			double got;
			ck_assert_int_eq(image_ssim_plane(&p, &q, never, &got), IMAGE_DONE);
			ck_assert_double_eq_tol(got, plain_ssim(&scene, &b, c), 1e-9);
		}
		image_raster_fini(&a);
		image_raster_fini(&b);
		image_raster_fini(&scene);
	}
}
END_TEST

START_TEST(test_measures_when_swapped_then_equal)
{
	test_rng rng = {test_seed()};
	image_raster a = picture_scene(170, 165), r = picture_random(&rng, 170, 165);
	image_raster b = picture_blend(&a, &r, 30, 0, &rng);
	double x, y;
	ck_assert_double_eq(image_mse(&a, &b), image_mse(&b, &a));
	ck_assert_int_eq(image_ssim_rgb(&a, &b, never, &x), IMAGE_DONE);
	ck_assert_int_eq(image_ssim_rgb(&b, &a, never, &y), IMAGE_DONE);
	ck_assert_double_eq_tol(x, y, 1e-14);
	ck_assert_int_eq(image_ms_ssim_rgb(&a, &b, never, &x), IMAGE_DONE);
	ck_assert_int_eq(image_ms_ssim_rgb(&b, &a, never, &y), IMAGE_DONE);
	ck_assert_double_eq_tol(x, y, 1e-12);
	ck_assert_int_eq(image_edge_correlation(&a, &b, never, &x), IMAGE_DONE);
	ck_assert_int_eq(image_edge_correlation(&b, &a, never, &y), IMAGE_DONE);
	ck_assert_double_eq_tol(x, y, 1e-12);
	image_raster_fini(&a);
	image_raster_fini(&b);
	image_raster_fini(&r);
}
END_TEST

START_TEST(test_measures_when_identical_then_perfect)
{
	image_raster a = picture_scene(162, 161);
	double v;
	ck_assert(isinf(image_psnr(image_mse(&a, &a))));
	ck_assert_int_eq(image_ssim_rgb(&a, &a, never, &v), IMAGE_DONE);
	ck_assert_double_eq_tol(v, 1, 1e-12);
	ck_assert_int_eq(image_ms_ssim_rgb(&a, &a, never, &v), IMAGE_DONE);
	ck_assert_double_eq_tol(v, 1, 1e-12);
	ck_assert_int_eq(image_edge_correlation(&a, &a, never, &v), IMAGE_DONE);
	ck_assert_double_eq_tol(v, 1, 1e-12);
	image_raster_fini(&a);
}
END_TEST

START_TEST(test_measures_when_too_small_then_not_applicable)
{
	image_raster a = picture_scene(10, 40), b = picture_scene(160, 300), c = picture_scene(2, 9);
	double v;
	ck_assert_int_eq(image_ssim_rgb(&a, &a, never, &v), IMAGE_NOT_APPLICABLE);
	ck_assert_int_eq(image_ms_ssim_rgb(&b, &b, never, &v), IMAGE_NOT_APPLICABLE);
	ck_assert_int_eq(image_edge_correlation(&c, &c, never, &v), IMAGE_NOT_APPLICABLE);
	image_raster_fini(&a);
	image_raster_fini(&b);
	image_raster_fini(&c);
}
END_TEST

START_TEST(test_edges_when_flat_then_defined_for_the_answer_only)
{
	image_raster a = picture_scene(20, 20), flat = picture_scene(20, 20);
	double v;
	memset(flat.rgb, 90, 20 * 20 * 3);
	ck_assert_int_eq(image_edge_correlation(&flat, &a, never, &v), IMAGE_NOT_APPLICABLE);
	ck_assert_int_eq(image_edge_correlation(&a, &flat, never, &v), IMAGE_DONE);
	ck_assert_double_eq(v, 0);
	image_raster_fini(&a);
	image_raster_fini(&flat);
}
END_TEST

static bool stop_at_third(void *arg)
{
	return ++*(int *)arg == 3;
}

START_TEST(test_long_measures_when_stopped_then_say_so)
{
	image_raster a = picture_scene(200, 200);
	int polls = 0;
	image_stop stop = {stop_at_third, &polls};
	double v;
	ck_assert_int_eq(image_ssim_rgb(&a, &a, stop, &v), IMAGE_STOPPED);
	polls = 0;
	ck_assert_int_eq(image_ms_ssim_rgb(&a, &a, stop, &v), IMAGE_STOPPED);
	polls = 0;
	ck_assert_int_eq(image_edge_correlation(&a, &a, stop, &v), IMAGE_STOPPED);
	image_raster_fini(&a);
}
END_TEST

START_TEST(test_top_k_when_all_equal_then_chance_level)
{
	const double score[5] = {0.2, 0.2, 0.2, 0.2, 0.2};
	const bool right[5] = {false, false, true, false, false};
	for (size_t k = 1; k <= 5; k++)
		ck_assert_double_eq_tol(image_top_k(score, right, 5, k), (double)k / 5, 1e-15);
	ck_assert_double_eq(image_top_k(score, right, 5, 9), 1);
	ck_assert_double_eq(image_top_k(score, (const bool[5]){false}, 5, 3), 0);
}
END_TEST

START_TEST(test_brier_when_certain_then_one_or_zero)
{
	const double p[3] = {0, 1, 0};
	ck_assert_double_eq(image_brier(p, (const bool[3]){false, true, false}, 3), 1);
	ck_assert_double_eq(image_brier(p, (const bool[3]){true, false, false}, 3), 0);
	ck_assert_double_gt(image_log_loss(p, (const bool[3]){true, false, false}, 3), 34);
	ck_assert_double_lt(image_log_loss(p, (const bool[3]){false, true, false}, 3), 1e-14);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_ssim_when_random_then_equals_the_definition);
	tcase_add_test(tc, test_measures_when_swapped_then_equal);
	tcase_add_test(tc, test_measures_when_identical_then_perfect);
	tcase_add_test(tc, test_measures_when_too_small_then_not_applicable);
	tcase_add_test(tc, test_edges_when_flat_then_defined_for_the_answer_only);
	tcase_add_test(tc, test_long_measures_when_stopped_then_say_so);
	tcase_add_test(tc, test_top_k_when_all_equal_then_chance_level);
	tcase_add_test(tc, test_brier_when_certain_then_one_or_zero);
}

int main(void)
{
	return test_main("image_fidelity", fill, 60);
}
