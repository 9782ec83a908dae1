/* probe_impl.h - what the probes share: a loaded plugin, an instance, a batch in memory of our
 * making. Private to probe*.c. */
#ifndef ASY_PLUGIN_PROBE_IMPL_H
#define ASY_PLUGIN_PROBE_IMPL_H
#include "plugin/contract.h"
#include "plugin/probe.h"

typedef struct {
	const asy_probe_opts *o;
	asy_tables t;
	asy_shim shim;
} probe;

/* Where score_batch finds and leaves things. */
typedef struct {
	const assay_challenge *challenge;
	const assay_response *response;
	uint32_t challenge_stride, response_stride;
	uint32_t batch_size, scores_size; /* what the structs say of themselves */
	uint64_t n;                       /* rows */
	assay_bytes state;                /* loaded before, where it keeps one */
	double *score, *component;
	uint8_t *flag;
} probe_job;

assay_status probe_load(const asy_probe_opts *o, probe *p, assay_err *err) ASSAY_CHECKED;
assay_status probe_open(probe *p, assay_plugin **out, assay_err *err) ASSAY_CHECKED;
void probe_close(probe *p, assay_plugin *self);
/* One call of score_batch; outputs are pre-filled as a host does. */
int32_t probe_call(probe *p, assay_plugin *self, const probe_job *job);

/* Plain arrays of the batch, owned by job; false: no memory. */
bool probe_job_init(const probe *p, probe_job *job);
void probe_job_fini(probe_job *job);
/* Opens, scores, closes. */
assay_status probe_score_fresh(probe *p, const probe_job *job, assay_err *err) ASSAY_CHECKED;
/* E_MISMATCH with the first row whose bits differ. */
assay_status probe_same(const probe_job *a, const probe_job *b, assay_err *err) ASSAY_CHECKED;

/* probe_nomem.c: from now on the n-th allocation of the plugin's own code fails; 0 = none.
 * E_UNSUPPORTED: it makes none that could be caught. */
assay_status probe_fail_allocations(const probe *p, assay_err *err) ASSAY_CHECKED;
void probe_fail_at(uint32_t n);
bool probe_has_failed(void);
/* probe_pages.c */
assay_status probe_at_page_ends(probe *p, assay_err *err) ASSAY_CHECKED;
#endif
