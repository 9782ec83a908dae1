/* A reward model that is a file of Python's: `script` of the configuration names it, its
 * function score(answers) is the model. README.md says what the file may do. */
#include "python/python.h"
#include "python_schema.h"

static assay_rc python_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	struct assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	p->host = host;
	int ok = python_start(host, config);
	if (ok) {
		PyGILState_STATE lock = PyGILState_Ensure();
		ok = python_load(p, config);
		PyGILState_Release(lock);
	}
	if (ok)
		*out = p;
	else
		free(p);
	return ok ? ASSAY_RC_OK : ASSAY_RC_CONFIG;
}

static void python_close(assay_plugin *p)
{
	PyGILState_STATE lock = PyGILState_Ensure();
	python_unload(p);
	PyGILState_Release(lock);
	free(p);
}

static assay_rc python_score_batch(assay_plugin *p, const assay_round_info *round,
								   const assay_batch *batch, assay_scores *out)
{
	PyGILState_STATE lock = PyGILState_Ensure();
	assay_rc rc = python_score(p, round, batch, out);
	PyGILState_Release(lock);
	return rc;
}

#ifdef PYTHON_WHOLE_BATCH
#define ID "org.assay.python-batch"
#define NAME "Python, whole batches"
#define NEEDS ASSAY_NEED_WHOLE_BATCH
#else
#define ID "org.assay.python"
#define NAME "Python"
#define NEEDS 0
#endif

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = ID,
	.version = "1.0.0",
	.name = NAME,
	.summary = "Scores with a file of Python's that has a function score(answers)",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "python",
	.needs = NEEDS,
	.score_max = 1,
	.tolerance = 1e-6, /* numpy and models add in another order on another processor */
	.higher_is_better = 1,
	.config_schema = python_schema,
	/* models are large, and how large nobody can say here: the operator's limit holds */
	.mem_hint = (uint64_t)64 << 30,
};

static const assay_plugin_api api = {
	.size = sizeof api,
	.open = python_open,
	.close = python_close,
	.score_batch = python_score_batch,
};

ASSAY_PLUGIN(info, api);
