/* CPython inside the plugin: started once in a process and never ended, alone (no
 * environment, no folder of the user, no signal handlers), with hashes that are the same in
 * every process; and what a scoring file raised, as one sentence. */
#include <dlfcn.h>
#include "python/python.h"
#include "python_answers.h"

#define OURS "assay_answers"

/* Modules of Python that are shared objects look for its functions among the global ones,
 * and a plugin is loaded with none of its libraries there. */
static void make_global(void)
{
	Dl_info at;
	void *any;
	int (*is_started)(void) = Py_IsInitialized;
	memcpy(&any, &is_started, sizeof any);
	if (dladdr(any, &at) != 0)
		(void)dlopen(at.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}

static uint32_t hash_of(assay_bytes b)
{
	uint32_t h = 2166136261u;
	for (uint64_t i = 0; i < b.len; i++)
		h = (h ^ b.ptr[i]) * 16777619u;
	return h;
}

static PyStatus start(uint32_t seed)
{
	PyPreConfig before;
	PyConfig c;
	PyPreConfig_InitIsolatedConfig(&before);
	before.utf8_mode = 1;
	PyStatus st = Py_PreInitialize(&before);
	if (PyStatus_Exception(st))
		return st;
	PyConfig_InitIsolatedConfig(&c);
	c.use_hash_seed = 1;
	c.hash_seed = seed;
	c.write_bytecode = 0;
	c.buffered_stdio = 0;
	c.install_signal_handlers = 0;
	st = PyConfig_SetBytesString(&c, &c.home, PYTHON_HOME);
	if (!PyStatus_Exception(st))
		st = PyConfig_SetBytesString(&c, &c.program_name, PYTHON_HOME "/bin/python3");
	if (!PyStatus_Exception(st))
		st = Py_InitializeFromConfig(&c);
	PyConfig_Clear(&c);
	return st;
}

int python_start(const assay_host_api *host, assay_bytes config)
{
	if (Py_IsInitialized())
		return 1;
	make_global();
	PyStatus st = start(hash_of(config));
	if (PyStatus_Exception(st)) {
		(void)assay_kit_fail(host, ASSAY_RC_RESOURCE, "Python does not start from %s: %s",
							 PYTHON_HOME, st.err_msg != NULL ? st.err_msg : "it gave no reason");
		return 0;
	}
	(void)PyEval_SaveThread();
	return 1;
}

/* ---- loading ---- */

/* answers.py as a module, run when the first instance opens. */
static PyObject *our_module(void)
{
	PyObject *modules = PyImport_GetModuleDict(), *m = PyDict_GetItemString(modules, OURS);
	if (m != NULL)
		return Py_NewRef(m);
	PyObject *code = Py_CompileString(python_answers, "answers.py", Py_file_input);
	if (code != NULL)
		m = PyImport_ExecCodeModule(OURS, code);
	Py_XDECREF(code);
	return m;
}

static PyObject *is_cancelled(PyObject *self, PyObject *none)
{
	const assay_host_api *host = PyCapsule_GetPointer(self, NULL);
	(void)none;
	return host == NULL ? NULL : PyBool_FromLong(host->cancelled(host->h));
}

static PyObject *cancelled_of(const assay_host_api *host)
{
	static PyMethodDef def = {"cancelled", is_cancelled, METH_NOARGS, NULL};
	PyObject *capsule = PyCapsule_New((void *)(uintptr_t)host, NULL, NULL);
	PyObject *f = capsule != NULL ? PyCFunction_New(&def, capsule) : NULL;
	Py_XDECREF(capsule);
	return f;
}

int python_load(struct assay_plugin *p, assay_bytes config)
{
	p->ours = our_module();
	p->span = p->ours != NULL ? python_span_type() : NULL;
	p->too_late = p->span != NULL ? PyObject_GetAttrString(p->ours, "Cancelled") : NULL;
	p->cancelled = p->too_late != NULL ? cancelled_of(p->host) : NULL;
	PyObject *made = p->cancelled == NULL
						 ? NULL
						 : PyObject_CallMethod(p->ours, "load", "s#", (const char *)config.ptr,
											   (Py_ssize_t)config.len);
	if (made != NULL && PyArg_ParseTuple(made, "OO", &p->score, &p->name)) {
		Py_INCREF(p->score);
		Py_INCREF(p->name);
	}
	Py_XDECREF(made);
	if (p->name != NULL)
		return 1;
	(void)python_fail(p);
	python_unload(p);
	return 0;
}

void python_unload(struct assay_plugin *p)
{
	if (p->name != NULL)
		Py_XDECREF(PyObject_CallMethod(p->ours, "unload", "O", p->name));
	PyErr_Clear();
	Py_CLEAR(p->score);
	Py_CLEAR(p->name);
	Py_CLEAR(p->cancelled);
	Py_CLEAR(p->too_late);
	Py_CLEAR(p->ours);
	(void)PyGC_Collect();
	Py_CLEAR(p->span);
}

/* ---- what it raised ---- */

static assay_rc code_of(const struct assay_plugin *p, PyObject *type)
{
	if (p->too_late != NULL && PyErr_GivenExceptionMatches(type, p->too_late))
		return ASSAY_RC_CANCELLED;
	return PyErr_GivenExceptionMatches(type, PyExc_MemoryError) ? ASSAY_RC_NOMEM
																: ASSAY_RC_INTERNAL;
}

assay_rc python_sentence(const struct assay_plugin *p, char *dst, size_t cap)
{
	PyObject *type, *value, *trace, *text = NULL;
	const char *said = NULL;
	PyErr_Fetch(&type, &value, &trace);
	PyErr_NormalizeException(&type, &value, &trace);
	assay_rc rc = code_of(p, type);
	if (value != NULL && trace != NULL)
		(void)PyException_SetTraceback(value, trace);
	if (p->ours != NULL && value != NULL)
		text = PyObject_CallMethod(p->ours, "sentence", "O", value);
	if (text != NULL)
		said = PyUnicode_AsUTF8(text);
	PyErr_Clear();
	(void)snprintf(dst, cap, "%s", said != NULL ? said : "a Python exception that cannot be shown");
	Py_XDECREF(text);
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(trace);
	return rc;
}

assay_rc python_fail(const struct assay_plugin *p)
{
	char text[512];
	assay_rc rc = python_sentence(p, text, sizeof text);
	return assay_kit_fail(p->host, rc, "%s", text);
}
