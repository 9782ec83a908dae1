/* Axons: the address a neuron announces. Turns the chain's number into a host text
 * and refuses what cannot be one; whether we may connect to it is http's decision.
 * Reason to change: the chain's AxonInfo changes. */
#include <arpa/inet.h>
#include "subnet/subnet.h"

bool asy_axon_host(const asy_axon *a, char out[ASY_AXON_HOST_LEN])
{
	if (a->ip_type == 4) {
		for (size_t i = 0; i < 12; i++)
			if (a->ip[i] != 0)
				return false;
		(void)snprintf(out, ASY_AXON_HOST_LEN, "%u.%u.%u.%u", a->ip[12], a->ip[13], a->ip[14],
					   a->ip[15]);
		return true;
	}
	return a->ip_type == 6 && inet_ntop(AF_INET6, a->ip, out, ASY_AXON_HOST_LEN) != NULL;
}
