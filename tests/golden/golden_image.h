/* golden_image.h - the parts of the image suite. */
#ifndef ASSAY_GOLDEN_IMAGE_H
#define ASSAY_GOLDEN_IMAGE_H
#include "golden/golden.h"

void golden_image_hashes(golden *g, asy_jv root);
void golden_image_detection(golden *g, asy_jv root);
void golden_image_iou(golden *g, asy_jv root);
#endif
