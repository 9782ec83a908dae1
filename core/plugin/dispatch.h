/* dispatch: what slots.c (rows into and out of shared memory) and dispatch.c (which
 * rows, in what order, after which death) share about one round. */
#ifndef ASY_PLUGIN_DISPATCH_H
#define ASY_PLUGIN_DISPATCH_H
#include "plugin/host.h"

typedef struct {
	size_t first, n;
	uint32_t deaths;       /* of this very range; 0 = not suspect */
	uint32_t fresh_deaths; /* one row: on a worker that had done nothing else */
	uint32_t spent;        /* deaths that led here, forgiven if it is poison */
	bool is_control;       /* a row that was judged before: does it kill too by now? */
} asy_range;

typedef struct {
	asy_range *v;
	size_t n, cap;
} asy_ranges;

typedef struct {
	bool is_busy;
	asy_range range;
	uint64_t gen;
	size_t seen;        /* rows copied out */
	uint64_t fail_seen; /* the last error that was reported */
	asy_ring_job job;   /* what was asked, for reading the answers */
} asy_in_flight;

typedef struct {
	asy_plugin_rows *r;
	asy_plugin *p;
	asy_ranges normal, suspect;
	asy_in_flight slot[ASY_RING_SLOTS];
	double *score, *component; /* private copies of one harvest */
	uint8_t *flag, *rc;
	size_t copy_cap;
	asy_buf state; /* private copy of what a call left to remember */
	uint32_t restarts, whole_deaths, state_deaths;
	uint64_t deaths, forgiven;
	uint64_t moved_at; /* last progress */
	bool is_cancelled, is_controlled;
} asy_plugin_dispatch;

/* ---- slots.c ---- */
assay_status asy_ranges_push(asy_ranges *q, asy_range x, assay_err *err) ASSAY_CHECKED;
bool asy_slots_are_busy(const asy_plugin_dispatch *d);
/* Gives the worker what it can take: normal ranges to every free slot, else one
 * suspect range alone. */
assay_status asy_slots_fill(asy_plugin_dispatch *d, assay_err *err) ASSAY_CHECKED;
/* Copies out what became final. E_PLUGIN: the words in shared memory contradict
 * what was asked. Other failures are the caller's on_rows. */
assay_status asy_slots_harvest(asy_plugin_dispatch *d, assay_err *err) ASSAY_CHECKED;
void asy_slots_fini(asy_plugin_dispatch *d);
#endif
