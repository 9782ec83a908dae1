/* model_check: does a model do what a plugin needs of it, here and as elsewhere?
 * Reason to change: another thing that can be wrong with a model. */
#ifndef CLI_MODEL_CHECK_H
#define CLI_MODEL_CHECK_H
#include "cli/model_find.h"
#include "front/check.h"

/* Reports on one model: a line for each check. */
void model_check(asy_front_checks *c, const model_place *m);
#endif
