/* round/dataset.h - challenges from a file: JSON Lines, one object per line,
 * {"id": "...", "prompt": ..., "reference": ..., "meta": ...}. */
#ifndef ASY_ROUND_DATASET_H
#define ASY_ROUND_DATASET_H
#include "round/record.h"

#define ASY_DATASET_MAX ((size_t)256 << 20) /* bytes of the file */

/* text is borrowed for the call; errors name the line. At least one item; ids are
 * unique. name goes in front of errors. */
assay_status asy_dataset_parse(assay_span text, const char *name, asy_dataset **out,
							   assay_err *err) ASSAY_CHECKED;
void asy_dataset_free(asy_dataset *d);
size_t asy_dataset_size(const asy_dataset *d);
/* want distinct items in an order decided by rng; fewer when there are fewer. out has
 * room for want. Borrowed from d. */
size_t asy_dataset_draw(const asy_dataset *d, asy_rng *rng, size_t want, asy_question *out);
#endif
