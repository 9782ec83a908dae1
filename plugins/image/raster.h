/* raster.h - a decoded still image and the vocabulary of refusals.
 * Every decoder of this plugin ends in the same shape, 8-bit RGB without padding,
 * so that a measure never asks where its pixels came from. */
#ifndef PLUGIN_IMAGE_RASTER_H
#define PLUGIN_IMAGE_RASTER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint32_t w, h;
	uint32_t flags; /* IMAGE_FLAG_* */
	uint8_t *rgb;   /* w * h * 3, owned; image_raster_fini */
} image_raster;

/* What was odd about an image that was accepted all the same. The values are
 * stored with the scores (component "flags"), so they are never renumbered. */
enum {
	IMAGE_FLAG_NO_END = 1u << 0,   /* the end chunk is missing             */
	IMAGE_FLAG_TRAILING = 1u << 1, /* bytes after the end chunk            */
	IMAGE_FLAG_ALPHA = 1u << 2,    /* transparency, composed over white    */
	IMAGE_FLAG_LEAK = 1u << 3,     /* equal to the private original        */
	IMAGE_FLAG_CMYK = 1u << 4,     /* inks, converted to light             */
	IMAGE_FLAG_CUT = 1u << 5       /* more detections than are looked at   */
};

/* Why an answer earns 0. The values are published with the scores (component
 * "gate"), so they are never renumbered; 0 to 3 are those of common/body.h. */
typedef enum {
	IMAGE_GATE_OPEN = 0,
	IMAGE_GATE_EMPTY = 1,      /* nothing, or only white space                  */
	IMAGE_GATE_OVERSIZE = 2,   /* more bytes than the configuration allows      */
	IMAGE_GATE_MALFORMED = 3,  /* not the JSON that was asked for               */
	IMAGE_GATE_BASE64 = 16,    /* the image is not base64                       */
	IMAGE_GATE_FORMAT = 17,    /* not PNG, JPEG or WebP, or no image at all     */
	IMAGE_GATE_LIMIT = 18,     /* announces or carries more than a limit allows */
	IMAGE_GATE_DAMAGED = 19,   /* truncated, wrong check sum, wrong structure   */
	IMAGE_GATE_ANIMATED = 20,  /* a still was asked for                         */
	IMAGE_GATE_ROTATED = 21,   /* carries an orientation other than upright     */
	IMAGE_GATE_SIZE = 22,      /* not the size of the original                  */
	IMAGE_GATE_DUPLICATE = 23, /* the same label twice                          */
	IMAGE_GATE_LABELS = 24,    /* too many labels, or not the labels asked for  */
	IMAGE_GATE_SCORES = 25,    /* not a distribution                            */
	IMAGE_GATE_BOXES = 26,     /* over a tenth of the boxes cannot be           */
	IMAGE_GATE_INSANE = 27     /* generate: flat, or nearly one colour          */
} image_gate;

void image_raster_fini(image_raster *r);
#endif
