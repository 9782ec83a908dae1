/* model_find: where models are looked for, and what is there. A model is a folder with a
 * config.json; its name is that folder's.
 * Reason to change: another place to look at. */
#ifndef CLI_MODEL_FIND_H
#define CLI_MODEL_FIND_H
#include "front/front.h"

#define MODEL_PLACES_MAX 40
#define MODELS_MAX 256
#define MODEL_NAME_MAX 256

typedef struct {
	char name[MODEL_NAME_MAX], path[ASY_FRONT_PATH];
} model_place;

typedef struct {
	char (*folder)[ASY_FRONT_PATH]; /* searched, in this order */
	size_t folder_n;
	model_place *model; /* of two with one name the first counts */
	size_t model_n;
	const char *cut; /* why not all was looked at, NULL when it was */
} model_places;

assay_status model_places_find(model_places *p, assay_err *err) ASSAY_CHECKED;
void model_places_fini(model_places *p);
/* The model of that name, or the folder itself where what is a path. */
assay_status model_places_get(const model_places *p, const char *what, model_place *out,
							  assay_err *err) ASSAY_CHECKED;
#endif
