/* Lines of a guarantees state file. Property: a line that is taken makes exactly one
 * unit known, and a second time none. */
#include <stdlib.h>
#include "research/guarantees.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const asy_guar_setting setting = {0.6, 0.4, 32767, 65534, false};
	static const uint64_t seed = 0;
	const asy_guar_plan plan = {&setting, 1, &seed, 1, 25, 25, 0};
	asy_guar *g = NULL;
	bool used = false, again = false;
	assay_err err;
	if (asy_guar_new(&plan, &g, &err) != ASSAY_OK)
		return 0;
	bool ok = asy_guar_load(g, asy_span(data, size), &used, &err) == ASSAY_OK;
	if (asy_guar_known(g) != (ok && used))
		abort();
	if (ok && (asy_guar_load(g, asy_span(data, size), &again, &err) != ASSAY_OK || again != used ||
			   asy_guar_known(g) != used))
		abort();
	asy_guar_free(g);
	return 0;
}
