/* What an animal of the zoo is given: where to aim. Paths have '|' for '/', because a
 * file that the operator's configuration names is a file that the plugin may read. */
#ifndef ASSAY_TESTS_ZOO_H
#define ASSAY_TESTS_ZOO_H
#include <assay/plugin.h>

struct assay_plugin {
	const assay_host_api *host;
	char act[64];
	char key[256], db[256], mark[256];
	int parent, port;
};

/* Each returns 1 if the attack was fended off, 0 if it did what it wanted; many never
 * return. In zoo_attacks.c. */
typedef int attack(const assay_plugin *p);
attack *zoo_attack(const char *name);
/* Does it happen while the plugin opens? */
int zoo_is_early(const char *name);

void zoo_nap(long ms);
void zoo_crash(void);
void zoo_hang(void);
/* True once: creates the mark in the cache directory. */
int zoo_first_time(const assay_plugin *p);
#endif
