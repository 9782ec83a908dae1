/* classify.h - the task "classify": name what an image shows. */
#ifndef PLUGIN_IMAGE_CLASSIFY_H
#define PLUGIN_IMAGE_CLASSIFY_H
#include "labels.h"
#include "row.h"
#include "settings.h"

typedef struct {
	plg_arena *arena;
	plg_text *accepted; /* canonical forms */
	size_t accepted_n;
	plg_text *candidate; /* the closed list of the prompt, if it has one */
	bool *right;         /* [candidate_n] */
	size_t candidate_n;
	bool distribution; /* the prompt asks for a probability per candidate */
} image_classify;

/* reference: {"labels": [accepted synonyms]}. false: *why the challenge cannot be scored. */
bool image_classify_load(image_classify *t, const plg_json *prompt, assay_bytes reference,
						 const char **why);
void image_classify_fini(image_classify *t);

/* Measures {"labels": [best first]}, or with "scores" when a distribution is asked, into
 * the components c. scratch is reset by the call. */
image_row_rc image_classify_score(const image_classify *t, const image_settings *cfg,
								  plg_arena *scratch, assay_bytes body, double *c);
#endif
