/* What the files of the plugin share: an interpreter that is started once in a process,
 * the scoring file of an instance, and the answers as Python sees them. Everything here is
 * called with the interpreter's lock held (PyGILState_Ensure). */
#ifndef ASSAY_PLUGIN_PYTHON_H
#define ASSAY_PLUGIN_PYTHON_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <assay/plugin_kit.h>

struct assay_plugin {
	const assay_host_api *host;
	PyObject *ours;      /* the module made of answers.py */
	PyObject *score;     /* of the scoring file */
	PyObject *name;      /* of its module */
	PyObject *cancelled; /* a function, given to every batch */
	PyObject *too_late;  /* the exception Cancelled */
	PyTypeObject *span;  /* what lends out bytes of the host (rows.c) */
};

/* ---- interpreter.c ---- */

/* Starts the interpreter if nobody has, and leaves its lock free. Called without the lock. 0: the
 * host has been told why not. config seeds the hashes of texts: same configuration, same order. */
int python_start(const assay_host_api *host, assay_bytes config);
/* Loads the scoring file into p. 0: the host has been told why not. */
int python_load(struct assay_plugin *p, assay_bytes config);
void python_unload(struct assay_plugin *p);

/* The pending exception as a sentence, cut to cap, and its code; it is gone then. */
assay_rc python_sentence(const struct assay_plugin *p, char *dst, size_t cap);
/* Tells the host the pending exception, as the reason of the returned code. */
assay_rc python_fail(const struct assay_plugin *p);

/* ---- rows.c ---- */

PyTypeObject *python_span_type(void);
/* Has the scoring file's function judge the answers with status OK, all at once and, where it
 * raises and rows are independent, each alone. */
assay_rc python_score(struct assay_plugin *p, const assay_round_info *round, const assay_batch *b,
					  assay_scores *out);
#endif
