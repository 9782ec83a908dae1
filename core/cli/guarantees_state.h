/* The state file of `assay yuma guarantees`: a header line, then one line of JSON for
 * every finished unit, each fsynced before the next, so that neither Ctrl-C nor a lost
 * machine costs more than the units under way.
 * Reason to change: how a long computation is kept. */
#ifndef ASY_CLI_GUARANTEES_STATE_H
#define ASY_CLI_GUARANTEES_STATE_H
#include "research/guarantees.h"

typedef struct {
	int fd; /* -1: nothing is kept */
	const char *path;
	size_t used, other; /* lines loaded, lines of other plans */
} guar_state;

/* Opens or creates the file, locks it, loads what belongs to g, and cuts a line that a
 * crash left unfinished. path NULL keeps nothing. E_LOCKED: another run has it;
 * E_FORMAT: it is no state file, or a line is damaged (named by number). */
assay_status guar_state_open(const char *path, asy_guar *g, guar_state *s,
							 assay_err *err) ASSAY_CHECKED;
assay_status guar_state_add(guar_state *s, assay_span line, assay_err *err) ASSAY_CHECKED;
void guar_state_close(guar_state *s);
#endif
