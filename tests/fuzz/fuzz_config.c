/* Configuration documents from anywhere. Properties: what loads can be explained; when
 * it is also complete, the canonical form of each task loads again and has the same digest. */
#include <stdlib.h>
#include <string.h>
#include "config/config.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_task(const asy_config *a, size_t task, bool complete)
{
	asy_config *b = NULL;
	asy_buf text = {0};
	assay_err err;
	uint8_t da[32], db[32];
	if (asy_config_canonical(a, task, &text, &err) != ASSAY_OK ||
		asy_config_digest(a, task, da, &err) != ASSAY_OK ||
		asy_config_task_find(a, asy_config_task_name(a, task)) != task)
		abort();
	if (complete &&
		(asy_config_new(&b, NULL) != ASSAY_OK ||
		 asy_config_load_json(b, asy_buf_span(&text), "again", &err) != ASSAY_OK ||
		 asy_config_finish(b, &err) != ASSAY_OK || asy_config_has_tasks(b) ||
		 asy_config_digest(b, 0, db, &err) != ASSAY_OK || memcmp(da, db, sizeof da) != 0))
		abort();
	asy_buf_fini(&text);
	asy_config_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_config *a = NULL;
	asy_buf lines = {0};
	assay_err err;
	if (asy_crypto_init(NULL) != ASSAY_OK || asy_config_new(&a, NULL) != ASSAY_OK)
		abort();
	if (asy_config_load_json(a, asy_span(data, size), "fuzz", &err) == ASSAY_OK) {
		bool complete = asy_config_finish(a, &err) == ASSAY_OK;
		if (asy_config_explain(a, false, &lines, &err) != ASSAY_OK ||
			asy_config_explain(a, true, &lines, &err) != ASSAY_OK ||
			asy_config_task_n(a) > ASY_TASKS_MAX)
			abort();
		for (size_t i = 0; i < asy_config_task_n(a); i++)
			check_task(a, i, complete);
	}
	asy_buf_fini(&lines);
	asy_config_free(a);
	return 0;
}
