/* generate.h - the task "generate" with a reference: the validator made the image itself
 * with the same parameters, and the answer must be that image. Hashes are computed here;
 * nothing that an answer says about itself is looked at. */
#ifndef PLUGIN_IMAGE_GENERATE_H
#define PLUGIN_IMAGE_GENERATE_H
#include "common/json.h"
#include "hash.h"
#include "row.h"
#include "settings.h"

typedef struct {
	image_raster reference;
	image_hashes hashes;
	double commonest; /* share of the commonest colour */
} image_generate;

/* reference: {"image": base64} or an image file. As image_restore_load. */
bool image_generate_load(image_generate *t, const image_settings *cfg, assay_bytes reference,
						 const char **why, image_row_rc *rc);
void image_generate_fini(image_generate *t);

/* Measures {"image": base64} into c; *answer as image_restore_score. */
image_row_rc image_generate_score(const image_generate *t, const image_settings *cfg,
								  assay_bytes body, image_stop stop, image_raster *answer,
								  double *c);
#endif
