/* settings.h - the configuration of an instance, as image.schema.json describes it. */
#ifndef PLUGIN_IMAGE_SETTINGS_H
#define PLUGIN_IMAGE_SETTINGS_H
#include "assay/plugin.h"
#include "row.h"

typedef struct {
	size_t max_body_bytes;
	uint32_t max_pixels;
	size_t k_n;
	size_t k[IMAGE_TOP_K_MAX]; /* the first weighs 0.6, the others share 0.2 */
	double latency_weight;     /* lambda of the score formula                */
	uint32_t deadline_ms;
} image_settings;

assay_rc image_settings_read(image_settings *s, assay_bytes json, const assay_host_api *host);
#endif
