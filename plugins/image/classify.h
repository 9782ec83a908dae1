/* classify.h - the task "classify": name what an image shows. */
#ifndef PLUGIN_IMAGE_CLASSIFY_H
#define PLUGIN_IMAGE_CLASSIFY_H
#include "common/json.h"
#include "common/text.h"
#include "row.h"
#include "settings.h"

#define IMAGE_MAX_LABELS 256
#define IMAGE_MAX_LABEL_CODE_POINTS 256

typedef struct {
	plg_arena *arena;
	plg_text *accepted; /* canonical forms */
	size_t accepted_n;
	plg_text *candidate; /* the closed list of the prompt, if it has one */
	bool *right;         /* [candidate_n] */
	size_t candidate_n;
	bool distribution; /* the prompt asks for a probability per candidate */
} image_classify;

/* reference: {"labels": [accepted synonyms]}. As image_restore_load. */
bool image_classify_load(image_classify *t, const plg_json *prompt, assay_bytes reference,
						 const char **why, image_row_rc *rc);
void image_classify_fini(image_classify *t);

/* Scores {"labels": [best first]}, or with "scores" when a distribution is asked.
 * scratch is reset by the call. */
image_row_rc image_classify_score(const image_classify *t, const image_settings *cfg,
								  plg_arena *scratch, assay_bytes body, image_row *row);
#endif
