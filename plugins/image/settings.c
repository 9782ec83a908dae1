/* settings.c - reads the configuration. The schema has the same defaults; a test
 * compares the two. */
#include "settings.h"
#include "common/config.h"
#include "read.h"

#define MAX_K 100
/* base64 of the largest image, and room for the JSON around it */
#define MAX_BODY (IMAGE_MAX_BYTES / 3 * 4 + 4096)

static void read_k(image_settings *s, plg_config *c)
{
	const plg_json *list = plg_json_get(c->root, "k");
	s->k_n = 2;
	s->k[0] = 1;
	s->k[1] = 3;
	if (list == NULL)
		return;
	size_t n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || n < 1 || n > IMAGE_TOP_K_MAX) {
		plg_config_fail(c, "k: not an array of 1 to %d whole numbers", IMAGE_TOP_K_MAX);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		int64_t v;
		if (!plg_json_int(plg_json_at(list, i), &v) || v < 1 || v > MAX_K) {
			plg_config_fail(c, "k[%zu]: not a whole number from 1 to %d", i, MAX_K);
			return;
		}
		s->k[i] = (size_t)v;
	}
	s->k_n = n;
}

const char *const image_component_name[IMAGE_C_N] = {
#define IMAGE_NAME(index, name) [IMAGE_C_##index] = name,
	IMAGE_PARTS(IMAGE_NAME) IMAGE_OTHERS(IMAGE_NAME)
#undef IMAGE_NAME
#define IMAGE_NAME(index, name) [IMAGE_C_##index##_WEIGHT] = name "_weight",
		IMAGE_PARTS(IMAGE_NAME)
#undef IMAGE_NAME
};

/* A right answer with less free choice than this is no sign of copying. */
#define BITS 64

assay_rc image_settings_read(image_settings *s, assay_bytes json, const assay_host_api *host)
{
	static const char *const profiles[] = {"default", "parity"};
	static const double weight[IMAGE_PART_N] = {
		[IMAGE_C_TOP_K1] = 0.6,
		[IMAGE_C_TOP_K2] = 0.2,
		[IMAGE_C_TOP_K3] = 0.1,
		[IMAGE_C_TOP_K4] = 0.1,
		[IMAGE_C_BRIER] = 0.2,
		[IMAGE_C_LOG_SKILL] = 0,
		[IMAGE_C_MACRO_F1] = 0.6,
		[IMAGE_C_BALANCED] = 0.4,
		[IMAGE_C_ROC_AUC] = 0,
		[IMAGE_C_AVERAGE_PRECISION] = 0,
		[IMAGE_C_AP] = 0.5,
		[IMAGE_C_F1] = 0.5,
		[IMAGE_C_PSNR_GAIN] = 0.4,
		[IMAGE_C_SSIM_GAIN] = 0.5,
		[IMAGE_C_GRADIENT_GAIN] = 0.1,
		[IMAGE_C_MATCH] = 1,
	};
	plg_config c;
	plg_config_begin(&c, json);
	s->parity = plg_config_choice(&c, "profile", profiles, 2, 0) == 1;
	read_k(s, &c);
	s->max_body_bytes =
		(size_t)plg_config_int(&c, "limits.bytes", (int64_t)MAX_BODY, 64, (int64_t)MAX_BODY);
	s->max_pixels =
		(uint32_t)plg_config_int(&c, "limits.pixels", IMAGE_MAX_PIXELS, 1, IMAGE_MAX_PIXELS);
	plg_weights_read(&c, "weights", image_component_name, weight, IMAGE_PART_N, &s->weights);
	plg_latency_read(&c, 0.1, 5000, &s->latency);
	plg_relative_read(&c, image_component_name, IMAGE_C_N, BITS, "normaliser", &s->relative);
	return plg_config_end(&c, host);
}
