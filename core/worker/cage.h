/* The cage as the worker builds it around itself, in the order in which the functions
 * stand here. A part that this kernel or this user cannot have is left out and noted:
 * whether that will do is for the host to say.
 * Everything up to asy_cage_calls happens before any byte of the plugin runs, because
 * constructors run inside dlopen; asy_cage_close only takes away what loading needed. */
#ifndef ASY_WORKER_CAGE_H
#define ASY_WORKER_CAGE_H
#include "plugin/proto.h"

typedef struct {
	asy_ring_cage want;
	assay_span in; /* the shared memory that want points into */
	asy_cage got;
	bool was_root, threads_are_shared; /* counted with all others of the user */
	int alive; /* readable end of a pipe that the supervisor holds open; -1 = no supervisor */
} worker_cage;

/* Adds "what: the reason in errno" to got.why. */
void asy_cage_lacks(worker_cage *c, const char *what);

/* cage_process.c: namespaces, user and limits. Where the plugin gets a process table of
 * its own this function returns in a child, and its parent stays behind to pass on how
 * the child ended. False: the host is gone, or there was no process to be had. */
bool asy_cage_process(worker_cage *c);
/* Keeps these capabilities and no others. */
bool asy_cage_caps(uint32_t low);
/* cage_files.c: nothing can be opened any more but libraries, the system's shared data
 * and what the host listed; written nowhere but in the cache directory. */
void asy_cage_files(worker_cage *c);
/* cage_calls.c: what loading and opening a plugin needs. */
void asy_cage_calls(worker_cage *c);

/* After the plugin's open. Less memory where the plugin says that less will do, no
 * privilege that was for reading the host's list (cage_process.c). */
void asy_cage_shrink(const worker_cage *c, uint64_t mem_hint);
/* What scoring needs, in all threads. E_PLUGIN: the plugin kept us from it. */
assay_status asy_cage_close(worker_cage *c, assay_err *err) ASSAY_CHECKED;
#endif
