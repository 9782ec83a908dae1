/* Scenario files: refused with a sentence, or accepted; and an accepted small one makes
 * a chain whose first blocks can be built. */
#include <stdlib.h>
#include "localnet/genesis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_scenario *sc = NULL;
	lnet_ledger *l = NULL;
	assay_err err = {0};
	if (asy_crypto_init(NULL) != ASSAY_OK)
		abort();
	if (asy_scenario_parse(asy_span(data, size), &sc, &err) != ASSAY_OK) {
		ASSERT(sc == NULL && err.msg[0] != '\0');
		return 0;
	}
	/* Keys may still be no keys; everything else must hold. */
	if (asy_lnet_neurons_total(sc) <= 4 && sc->history <= 4096 &&
		asy_lnet_genesis(sc, NULL, NULL, &l, NULL) == ASSAY_OK) {
		for (int i = 0; i < 3; i++) {
			ASSERT(asy_lnet_ledger_begin(l, &err) == ASSAY_OK);
			ASSERT(asy_lnet_ledger_end(l, &err) == ASSAY_OK);
		}
		asy_lnet_ledger_free(l);
	}
	asy_scenario_free(sc);
	return 0;
}
