/* A node that lies, on a port of its own in a forked child: HTTP and WebSocket, heads included.
 * It hands every request to a true node and tells what liar_tell makes of the reply. It dies with
 * the test that started it. */
#ifndef ASSAY_TESTS_SUPPORT_LYING_NODE_H
#define ASSAY_TESTS_SUPPORT_LYING_NODE_H
#include <sys/types.h>
#include "support/lies.h"

typedef struct {
	pid_t pid;
	uint16_t port;
	volatile uint32_t *told; /* lies so far, shared with the child */
} lying_node;

/* self: our hotkey as hex digits; upstream: the true node's port on loopback. Ends the test on
 * failure. */
lying_node lying_node_start(const lie *what, const char *self, uint16_t upstream);
/* One that does not lie, by TLS with this certificate and key (PEM files). */
lying_node lying_node_start_tls(const char *cert, const char *key, uint16_t upstream);
void lying_node_stop(lying_node *n);
#endif
