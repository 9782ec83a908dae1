/* restore.h - the task "restore": undo a degradation of a private original.
 * What counts is the gain over the degraded input, times what the answer knows that nobody
 * could have made from the input without skill (novelty.h). */
#ifndef PLUGIN_IMAGE_RESTORE_H
#define PLUGIN_IMAGE_RESTORE_H
#include "common/duplicates.h"
#include "common/json.h"
#include "fidelity.h"
#include "novelty.h"
#include "own.h"
#include "row.h"
#include "settings.h"

/* One raster against the original. NaN: does not apply. */
typedef struct {
	double mse, psnr, ssim, gradient, edge;
} image_likeness;

typedef struct {
	image_raster original, input;
	image_likeness of_input;
	image_novelty novelty;
	image_own own;
	bool multi_scale;
} image_restore;

/* prompt is the parsed prompt; reference the raw bytes: {"image": base64} or an image file
 * itself. false: *why the challenge cannot be scored, or *rc is not IMAGE_ROW_DONE. */
bool image_restore_load(image_restore *t, const image_settings *cfg, const plg_json *prompt,
						assay_bytes reference, image_stop stop, const char **why, image_row_rc *rc);
void image_restore_fini(image_restore *t);

/* Measures one answer body, {"image": base64}, into c. *answer is the raster when no gate
 * closed; the caller frees it. */
image_row_rc image_restore_score(const image_restore *t, const image_settings *cfg,
								 assay_bytes body, image_stop stop, image_raster *answer,
								 double *c);

/* How the answer looks to a search for copies: the 8x8 blocks in which it differs from
 * both the input and the original, which are its own work, and its mistakes (own.h), which
 * outlive noise and other light. false: out of memory. */
bool image_restore_print(const image_restore *t, const image_raster *answer, plg_arena *a,
						 uint64_t key, plg_print *out);
#endif
