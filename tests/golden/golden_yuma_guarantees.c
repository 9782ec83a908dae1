/* guarantees.json: see below. */
#include "golden/golden_yuma.h"
void golden_yuma_guarantees(golden *g, asy_jv root)
{
	golden_skip(g, asy_jv_size(asy_jv_get(root, "tables")), "not yet");
}
