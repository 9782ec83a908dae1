/* classify_set.h - the task "classify_set": one label for each of many images, judged as a
 * whole, so that always naming the commonest class earns what a guess earns. */
#ifndef PLUGIN_IMAGE_CLASSIFY_SET_H
#define PLUGIN_IMAGE_CLASSIFY_SET_H
#include "labels.h"
#include "row.h"
#include "settings.h"

#define IMAGE_MAX_SET 4096

typedef struct {
	plg_arena *arena;
	plg_text *label; /* the closed list of the prompt */
	size_t label_n;
	uint32_t *truth; /* [n] */
	size_t n;
	bool scores; /* asked for, of the second of two labels */
} image_classify_set;

/* prompt: {"labels": [...], "scores": bool?}; reference: {"labels": [one per image]}. false: *why. */
bool image_classify_set_load(image_classify_set *t, const plg_json *prompt, assay_bytes reference,
							 const char **why);
void image_classify_set_fini(image_classify_set *t);

/* Measures {"labels": [one per image], "scores": [...]} into c. scratch is reset by the call. */
image_row_rc image_classify_set_score(const image_classify_set *t, const image_settings *cfg,
									  plg_arena *scratch, assay_bytes body, double *c);
#endif
