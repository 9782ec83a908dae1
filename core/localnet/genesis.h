/* Genesis: a scenario becomes the state of block 0.
 * Reason to change: what exists from the first block on. */
#ifndef ASY_LOCALNET_GENESIS_H
#define ASY_LOCALNET_GENESIS_H
#include "localnet/ledger.h"
#include "localnet/scenario.h"

/* hotkeys and ports: flat over all subnets in scenario order, one per neuron. hotkeys
 * may be NULL: then they are derived here. A port of 0 leaves the axon out. */
assay_status asy_lnet_genesis(const asy_scenario *sc, const asy_account *hotkeys,
							  const uint16_t *ports, lnet_ledger **out,
							  assay_err *err) ASSAY_CHECKED;
/* Public key of a development key URI. */
assay_status asy_lnet_account_of(const char *uri, asy_account *out, assay_err *err) ASSAY_CHECKED;
size_t asy_lnet_neurons_total(const asy_scenario *sc);
#endif
