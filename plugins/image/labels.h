/* labels.h - names of things, as challenges and answers give them. */
#ifndef PLUGIN_IMAGE_LABELS_H
#define PLUGIN_IMAGE_LABELS_H
#include "common/json.h"
#include "common/text.h"

#define IMAGE_MAX_LABELS 256
#define IMAGE_MAX_LABEL_CODE_POINTS 256

/* The form in which labels are compared: NFC, lower case, trimmed, white space collapsed.
 * false: not UTF-8, blank, too long, or holds NUL. */
bool image_label(plg_arena *a, const plg_json *v, plg_text *out);

/* All strings of an array of 1 to IMAGE_MAX_LABELS; NULL when it is none, or an entry is
 * unusable. */
plg_text *image_labels(plg_arena *a, const plg_json *list, size_t *n);

bool image_labels_have(const plg_text *list, size_t n, plg_text t, size_t *at);
bool image_labels_repeat(const plg_text *list, size_t n);
#endif
