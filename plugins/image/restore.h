/* restore.h - the task "restore": undo a degradation of a private original.
 * What counts is the gain over the degraded input, so that sending the input back
 * earns exactly 0. */
#ifndef PLUGIN_IMAGE_RESTORE_H
#define PLUGIN_IMAGE_RESTORE_H
#include "common/json.h"
#include "fidelity.h"
#include "row.h"
#include "settings.h"

typedef struct {
	image_raster original;
	double psnr, ssim, edge; /* of the degraded input; NaN: not applicable */
	bool multi_scale;
} image_restore;

/* prompt is the parsed prompt; reference the raw bytes: {"png": base64} or a PNG
 * file itself. *why names what is wrong with the challenge when false is returned
 * and *rc is IMAGE_ROW_DONE. */
bool image_restore_load(image_restore *t, const image_settings *cfg, const plg_json *prompt,
						assay_bytes reference, image_stop stop, const char **why, image_row_rc *rc);
void image_restore_fini(image_restore *t);

/* Scores one answer body, {"png": base64}. row was initialised. */
image_row_rc image_restore_score(const image_restore *t, const image_settings *cfg,
								 assay_bytes body, image_stop stop, image_row *row);
#endif
