/* settings.h - the configuration of an instance, as image.schema.json describes it. */
#ifndef PLUGIN_IMAGE_SETTINGS_H
#define PLUGIN_IMAGE_SETTINGS_H
#include "assay/plugin.h"
#include "common/batch.h"
#include "common/latency.h"
#include "row.h"

typedef struct {
	bool parity; /* the published arithmetic: no guess subtracted, the input as the only floor */
	size_t max_body_bytes;
	uint32_t max_pixels;
	size_t k_n;
	size_t k[IMAGE_TOP_K_MAX];
	plg_weights weights;
	plg_latency latency;
	plg_relative relative;
} image_settings;

extern const char *const image_component_name[IMAGE_C_N];

assay_rc image_settings_read(image_settings *s, assay_bytes json, const assay_host_api *host);
#endif
