/* coco.h - detection measures as COCO defines them (mirrors: pycocotools cocoeval.py
 * evaluateImg, accumulate, summarize, and maskApi.c:bbIou). [pure] */
#ifndef PLUGIN_IMAGE_COCO_H
#define PLUGIN_IMAGE_COCO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COCO_THRESHOLDS 10 /* 0.50, 0.55 … 0.95 */
#define COCO_RECALLS 101   /* 0, 0.01 … 1       */

typedef struct {
	double x, y, w, h; /* pixels; area w * h */
} coco_box;

typedef struct {
	uint32_t image, category; /* indices */
	coco_box box;
	bool crowd, ignore;
} coco_truth;

typedef struct {
	uint32_t image, category;
	coco_box box;
	double score;
} coco_detection;

/* Intersection over union; against a crowd, over the detection's area. 0 for 0/0. */
double coco_iou(const coco_box *detection, const coco_box *truth, bool crowd);

typedef struct {
	double low, high; /* areas of truth that count, both ends included */
	unsigned most;    /* detections per image and category that count    */
} coco_slice;
/* All sizes and 100 detections: the default of the field. */
extern const coco_slice coco_all;

/* Over all images and categories: AP is the mean precision over recalls, thresholds
 * [from, to) and the categories that have truth; AR the mean of the final recalls. -1 when
 * no category has truth. per_category, when not NULL, gets AP[category_n] (-1 likewise).
 * false: out of memory. */
bool coco_evaluate(const coco_truth *truth, size_t truth_n, const coco_detection *det, size_t det_n,
				   uint32_t category_n, const coco_slice *slice, unsigned from, unsigned to,
				   double *ap, double *ar, double *per_category);
#endif
