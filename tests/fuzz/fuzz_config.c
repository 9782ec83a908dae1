/* Configuration documents from anywhere. Properties: what loads can be explained; when
 * it is also complete, its canonical form loads again and both have one digest. */
#include <stdlib.h>
#include "config/config.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_config *a = NULL, *b = NULL;
	asy_buf text = {0}, lines = {0};
	assay_err err;
	uint8_t da[32], db[32];
	if (asy_crypto_init(NULL) != ASSAY_OK || asy_config_new(&a, NULL) != ASSAY_OK ||
		asy_config_new(&b, NULL) != ASSAY_OK)
		abort();
	if (asy_config_load_json(a, asy_span(data, size), "fuzz", &err) == ASSAY_OK) {
		bool complete = asy_config_finish(a, &err) == ASSAY_OK;
		if (asy_config_canonical(a, &text, &err) != ASSAY_OK ||
			asy_config_explain(a, false, &lines, &err) != ASSAY_OK ||
			asy_config_digest(a, da, &err) != ASSAY_OK)
			abort();
		if (complete &&
			(asy_config_load_json(b, asy_buf_span(&text), "again", &err) != ASSAY_OK ||
			 asy_config_digest(b, db, &err) != ASSAY_OK || memcmp(da, db, sizeof da) != 0))
			abort();
	}
	asy_buf_fini(&text);
	asy_buf_fini(&lines);
	asy_config_free(a);
	asy_config_free(b);
	return 0;
}
