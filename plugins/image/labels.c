/* labels.c - reading names. */
#include "labels.h"
#include <string.h>

bool image_label(plg_arena *a, const plg_json *v, plg_text *out)
{
	assay_bytes s;
	plg_text t;
	if (!plg_json_str(v, &s) || (s.len > 0 && memchr(s.ptr, 0, (size_t)s.len) != NULL) ||
		plg_utf8_decode(a, s, IMAGE_MAX_LABEL_CODE_POINTS, &t) != PLG_OK)
		return false;
	t = plg_strip(plg_collapse(a, plg_lower(a, plg_normalize(a, PLG_NFC, t))));
	*out = t;
	return t.n > 0;
}

plg_text *image_labels(plg_arena *a, const plg_json *list, size_t *n)
{
	*n = plg_json_size(list);
	if (plg_json_type(list) != PLG_J_ARRAY || *n == 0 || *n > IMAGE_MAX_LABELS)
		return NULL;
	plg_text *out = plg_arena_take(a, *n, sizeof *out);
	for (size_t i = 0; out != NULL && i < *n; i++)
		if (!image_label(a, plg_json_at(list, i), &out[i]))
			return NULL;
	return out;
}

bool image_labels_have(const plg_text *list, size_t n, plg_text t, size_t *at)
{
	for (size_t i = 0; i < n; i++)
		if (plg_text_eq(list[i], t)) {
			if (at != NULL)
				*at = i;
			return true;
		}
	return false;
}

bool image_labels_repeat(const plg_text *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (image_labels_have(list, i, list[i], NULL))
			return true;
	return false;
}
