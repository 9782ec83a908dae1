/* Rivals: the other validators of a scenario, each with its own hotkey, committing and
 * revealing weights through the real client over real HTTP. They run on one thread
 * beside the server and know nothing of its memory.
 * Reason to change: how rivals decide or act. */
#ifndef ASY_LOCALNET_RIVALS_H
#define ASY_LOCALNET_RIVALS_H
#include <stdatomic.h>
#include "localnet/scenario.h"

typedef struct lnet_rivals lnet_rivals;

/* Starts the thread. url is copied; the rest is borrowed until stop. */
assay_status asy_lnet_rivals_start(const asy_scenario *sc, const char *url, asy_clock *clock,
								   asy_rng *rng, asy_logger *log, lnet_rivals **out,
								   assay_err *err) ASSAY_CHECKED;
/* Ends it and waits for it. NULL is fine. */
void asy_lnet_rivals_stop(lnet_rivals *r);

/* The weight vector of one rival for one epoch: values for the subnet's miners in uid
 * order. consensus (by uid, consensus_n may be 0) is what copiers hand in; where there
 * is none they judge like honest ones. Deterministic in (seed, key, epoch). All zero
 * when it has no opinion. [pure] */
void asy_lnet_rival_weights(const lnet_subnet *net, const lnet_neuron *rival, uint64_t seed,
							uint64_t epoch, const uint16_t *consensus, size_t consensus_n,
							uint16_t *values);
#endif
