/* settings.c - reads the configuration. The schema has the same defaults; a test
 * compares the two. */
#include "settings.h"
#include "common/config.h"
#include "png_read.h"

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

assay_rc image_settings_read(image_settings *s, assay_bytes json, const assay_host_api *host)
{
	plg_config c;
	plg_config_begin(&c, json);
	read_k(s, &c);
	s->max_body_bytes =
		(size_t)plg_config_int(&c, "limits.bytes", (int64_t)MAX_BODY, 64, (int64_t)MAX_BODY);
	s->max_pixels =
		(uint32_t)plg_config_int(&c, "limits.pixels", IMAGE_MAX_PIXELS, 1, IMAGE_MAX_PIXELS);
	s->latency_weight = plg_config_num(&c, "latency.weight", 0.1, 0, 0.3);
	s->deadline_ms = (uint32_t)plg_config_int(&c, "latency.deadline_ms", 5000, 0, 600000);
	return plg_config_end(&c, host);
}
