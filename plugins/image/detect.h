/* detect.h - the task "detect": where things are and what they are. */
#ifndef PLUGIN_IMAGE_DETECT_H
#define PLUGIN_IMAGE_DETECT_H
#include "coco.h"
#include "common/duplicates.h"
#include "labels.h"
#include "row.h"
#include "settings.h"

#define IMAGE_MAX_TRUTH 1000
#define IMAGE_MAX_DETECTIONS 300 /* the best of an answer that are looked at */
#define IMAGE_MAX_BOXES 5000     /* in an answer, at most                     */

typedef struct {
	plg_arena *arena;
	plg_text *label;
	size_t label_n;
	coco_truth *truth;
	size_t truth_n;
	double w, h; /* of the image; 0: not told */
} image_detect;

/* prompt: {"labels": [classes]}; reference: {"boxes": [{"box": [x, y, w, h], "label", "crowd"?,
 * "ignore"?}], "size": [w, h]?}. false: *why. */
bool image_detect_load(image_detect *t, const plg_json *prompt, assay_bytes reference,
					   const char **why);
void image_detect_fini(image_detect *t);

/* Measures {"detections": [{"box", "label", "score"}]} into c. scratch is reset; *seen are
 * the detections that counted, best first, valid until its next reset. */
typedef struct {
	coco_detection *d;
	size_t n, invalid;
} image_detections;
image_row_rc image_detect_score(const image_detect *t, const image_settings *cfg,
								plg_arena *scratch, assay_bytes body, image_detections *seen,
								double *c);

/* Copies have the same boxes to the last digit; sixteen bits of choice each. */
void image_detect_print(const image_detections *seen, uint64_t key, plg_print *out);
#endif
