/* probe: calls of a plugin that no host makes, to see whether it keeps the contract: fields
 * longer than it knows, memory that ends where a span ends, allocations that fail. Each runs in
 * the calling process, which it may end: the caller forks first. For `assay plugin check`. */
#ifndef ASY_PLUGIN_PROBE_H
#define ASY_PLUGIN_PROBE_H
#include "plugin/plugin.h"

typedef struct {
	const char *path;              /* the .so */
	assay_span config;             /* canonical */
	const asy_plugin_batch *batch; /* at least one row */
	uint32_t needs;                /* ASY_NEED_* of the plugin */
	const char *cache_dir;         /* or NULL */
	asy_clock *clock;
	volatile uint32_t *step; /* how far it came, for who finds it dead; may be shared memory */
} asy_probe_opts;

/* "D08"; NULL beyond the last. */
const char *asy_probe_id(size_t i);
/* ASSAY_OK: it holds, err says what was seen. E_UNSUPPORTED: does not apply, err says why.
 * Everything else is a finding. */
assay_status asy_probe_run(size_t i, const asy_probe_opts *o, assay_err *err) ASSAY_CHECKED;
#endif
