/* One call of score_batch: the answers lent to Python without a copy, what its function
 * gave for each, and that it kept none of the bytes: they are the host's again when the
 * call returns. */
#include "python/python.h"

/* ---- lending bytes ---- */

/* Bytes of the host. Views of them count at the owner, which has no bytes itself. */
typedef struct {
	PyObject_HEAD assay_bytes bytes;
	PyObject *owner; /* NULL: this is one */
	Py_ssize_t lent;
} span;

static int lend(PyObject *self, Py_buffer *view, int flags)
{
	span *s = (span *)self;
	static uint8_t nothing;
	void *at = s->bytes.len != 0 ? (void *)(uintptr_t)s->bytes.ptr : &nothing;
	if (s->owner == NULL ||
		PyBuffer_FillInfo(view, self, at, (Py_ssize_t)s->bytes.len, 1, flags) != 0)
		return -1;
	((span *)s->owner)->lent++;
	return 0;
}

static void give_back(PyObject *self, Py_buffer *view)
{
	(void)view;
	((span *)((span *)self)->owner)->lent--;
}

static void span_free(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	Py_CLEAR(((span *)self)->owner);
	type->tp_free(self);
	Py_DECREF(type);
}

PyTypeObject *python_span_type(void)
{
	/* Python's table holds functions as objects, which ISO C does not know */
	static PyType_Slot slots[] = {{Py_tp_dealloc, __extension__(void *) span_free},
								  {Py_bf_getbuffer, __extension__(void *) lend},
								  {Py_bf_releasebuffer, __extension__(void *) give_back},
								  {0, NULL}};
	static PyType_Spec spec = {"assay_answers.Span", sizeof(span), 0,
							   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
	return (PyTypeObject *)PyType_FromSpec(&spec);
}

static PyObject *span_new(PyTypeObject *type, assay_bytes bytes, PyObject *owner)
{
	span *s = PyObject_New(span, type);
	if (s == NULL)
		return NULL;
	s->bytes = bytes;
	s->owner = Py_XNewRef(owner);
	s->lent = 0;
	return (PyObject *)s;
}

/* ---- what Python sees ---- */

typedef struct {
	struct assay_plugin *p;
	const assay_round_info *round;
	const assay_batch *batch;
	PyObject *owner; /* of all views of this call */
	PyObject *asked; /* index -> Challenge */
	uint64_t *row;   /* of the answers with status OK */
	double *score;   /* one for each of them */
	uint8_t *flag;
	int is_misshapen; /* not one number for each answer, so asking again tells nothing */
} call;

static PyObject *view(const call *c, assay_bytes bytes)
{
	PyObject *s = span_new(c->p->span, bytes, c->owner);
	PyObject *v = s != NULL ? PyMemoryView_FromObject(s) : NULL;
	Py_XDECREF(s);
	return v;
}

static PyObject *new_challenge(const call *c, const assay_response *r)
{
	const assay_challenge *a = assay_kit_challenge(c->batch, r);
	return PyObject_CallMethod(c->p->ours, "Challenge", "NNN", view(c, a->prompt),
							   view(c, a->reference), view(c, a->meta_json));
}

/* Borrowed. */
static PyObject *challenge_of(const call *c, const assay_response *r)
{
	PyObject *key = PyLong_FromUnsignedLong(r->challenge);
	PyObject *made = key != NULL ? PyDict_GetItemWithError(c->asked, key) : NULL;
	if (key != NULL && made == NULL && !PyErr_Occurred() && (made = new_challenge(c, r)) != NULL) {
		int rc = PyDict_SetItem(c->asked, key, made);
		Py_DECREF(made); /* the dictionary holds it */
		made = rc == 0 ? made : NULL;
	}
	Py_XDECREF(key);
	return made;
}

static PyObject *new_answer(const call *c, const assay_response *r)
{
	PyObject *challenge = challenge_of(c, r);
	if (challenge == NULL)
		return NULL;
	return PyObject_CallMethod(c->p->ours, "Answer", "NOII", view(c, r->body), challenge, r->miner,
							   r->latency_ms);
}

static int set(PyObject *o, const char *name, PyObject *value)
{
	int rc = value != NULL ? PyObject_SetAttrString(o, name, value) : -1;
	Py_XDECREF(value);
	return rc == 0;
}

static PyObject *new_answers(const call *c, const uint64_t *row, size_t n)
{
	const assay_round_info *r = c->round;
	PyObject *all = PyObject_CallMethod(c->p->ours, "Answers", NULL);
	int ok = all != NULL && set(all, "round", PyLong_FromUnsignedLongLong(r->round)) &&
			 set(all, "block", PyLong_FromUnsignedLongLong(r->block)) &&
			 set(all, "seed", PyBytes_FromStringAndSize((const char *)r->seed, sizeof r->seed)) &&
			 set(all, "cancelled", Py_NewRef(c->p->cancelled));
	for (size_t i = 0; ok && i < n; i++) {
		PyObject *a = new_answer(c, assay_kit_response(c->batch, row[i]));
		ok = a != NULL && PyList_Append(all, a) == 0;
		Py_XDECREF(a);
	}
	PyObject *begun = ok ? PyObject_CallMethod(c->p->ours, "begin", "O", all) : NULL;
	if (begun == NULL)
		Py_CLEAR(all);
	Py_XDECREF(begun);
	return all;
}

/* ---- what it gave ---- */

static int misshapen(call *c, Py_ssize_t got, size_t n)
{
	c->is_misshapen = 1;
	(void)PyErr_Format(PyExc_ValueError, "score() gave %zd numbers for %zu answers", got, n);
	return 0;
}

/* An array of double, of numpy's for instance. -1: it is something else. */
static int take_array(call *c, PyObject *given, size_t at, size_t n)
{
	Py_buffer b;
	if (!PyObject_CheckBuffer(given) ||
		PyObject_GetBuffer(given, &b, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) != 0) {
		PyErr_Clear();
		return -1;
	}
	int rc = -1;
	if (b.ndim == 1 && b.format != NULL && strcmp(b.format, "d") == 0) {
		rc = (size_t)b.shape[0] == n ? 1 : misshapen(c, b.shape[0], n);
		if (rc == 1) {
			memcpy(c->score + at, b.buf, n * sizeof(double));
			memset(c->flag + at, ASSAY_ROW_SCORED, n);
		}
	}
	PyBuffer_Release(&b);
	return rc;
}

static int take_one(call *c, PyObject *value, size_t at)
{
	if (value == Py_None) {
		c->flag[at] = ASSAY_ROW_ABSTAIN;
		return 1;
	}
	c->score[at] = PyFloat_AsDouble(value);
	c->flag[at] = ASSAY_ROW_SCORED;
	return c->score[at] != -1 || !PyErr_Occurred();
}

static int take(call *c, PyObject *given, size_t at, size_t n)
{
	int ok = take_array(c, given, at, n);
	if (ok >= 0)
		return ok;
	PyObject *list =
		PySequence_Fast(given, "score() has to give a list, one number for each answer");
	if (list == NULL) {
		c->is_misshapen = 1;
		return 0;
	}
	Py_ssize_t got = PySequence_Fast_GET_SIZE(list);
	ok = (size_t)got == n ? 1 : misshapen(c, got, n);
	for (size_t i = 0; ok && i < n; i++)
		ok = take_one(c, PySequence_Fast_GET_ITEM(list, (Py_ssize_t)i), at + i);
	Py_DECREF(list);
	return ok;
}

/* The n answers from number at on. 0: an exception is pending. */
static int judge(call *c, size_t at, size_t n)
{
	PyObject *all = new_answers(c, c->row + at, n);
	PyObject *given = all != NULL ? PyObject_CallOneArg(c->p->score, all) : NULL;
	int ok = given != NULL && take(c, given, at, n);
	Py_XDECREF(given);
	Py_XDECREF(all);
	return ok;
}

/* ---- the call ---- */

#ifdef PYTHON_WHOLE_BATCH
#define IS_INDEPENDENT 0
#else
#define IS_INDEPENDENT 1
#endif

/* Which answers does it raise for? They abstain; if it is all of them, the call failed. */
static assay_rc judge_each(call *c, size_t n)
{
	char text[512] = "", first[512] = "";
	size_t raised = 0;
	for (size_t i = 0; i < n; i++) {
		if (judge(c, i, 1))
			continue;
		assay_rc rc = python_sentence(c->p, text, sizeof text);
		if (rc == ASSAY_RC_CANCELLED)
			return assay_kit_fail(c->p->host, rc, "%s", text);
		c->flag[i] = ASSAY_ROW_ABSTAIN;
		if (raised++ == 0)
			memcpy(first, text, sizeof first);
	}
	if (raised == n)
		return assay_kit_fail(c->p->host, ASSAY_RC_INTERNAL, "%s", first);
	if (raised != 0)
		assay_kit_log(c->p->host, ASSAY_LOG_WARN, "%zu of %zu answers abstain: %s", raised, n,
					  first);
	return ASSAY_RC_OK;
}

static assay_rc judge_all(call *c, size_t n)
{
	if (judge(c, 0, n))
		return ASSAY_RC_OK;
	if (!IS_INDEPENDENT || n == 1 || c->is_misshapen || PyErr_ExceptionMatches(c->p->too_late))
		return python_fail(c->p);
	PyErr_Clear();
	return judge_each(c, n);
}

/* Did it keep a view? What is only waiting for the collector is no harm. */
static assay_rc check_returned(const call *c)
{
	const span *owner = (const span *)c->owner;
	if (owner->lent != 0)
		(void)PyGC_Collect();
	if (owner->lent == 0)
		return ASSAY_RC_OK;
	return assay_kit_fail(c->p->host, ASSAY_RC_INTERNAL,
						  "score() kept views of %zd answers or questions after it returned, and "
						  "their bytes are gone: keep copies, bytes(answer.body)",
						  owner->lent);
}

static size_t list_rows(const call *c)
{
	size_t n = 0;
	for (uint64_t i = 0; i < c->batch->response_n; i++)
		if (assay_kit_response(c->batch, i)->status == ASSAY_RESP_OK)
			c->row[n++] = i;
	return n;
}

static assay_rc run(call *c, assay_scores *out)
{
	size_t n = list_rows(c);
	assay_rc rc = n != 0 ? judge_all(c, n) : ASSAY_RC_OK;
	Py_CLEAR(c->asked);
	if (rc == ASSAY_RC_OK)
		rc = check_returned(c);
	for (size_t i = 0; rc == ASSAY_RC_OK && i < n; i++) {
		out->score[c->row[i]] = c->score[i];
		out->flag[c->row[i]] = c->flag[i];
	}
	return rc;
}

assay_rc python_score(struct assay_plugin *p, const assay_round_info *round, const assay_batch *b,
					  assay_scores *out)
{
	const assay_host_api *host = p->host;
	uint64_t n = b->response_n + 1; /* never of nothing */
	call c = {.p = p,
			  .round = round,
			  .batch = b,
			  .row = host->scratch(host->h, n * sizeof *c.row, 0),
			  .score = host->scratch(host->h, n * sizeof *c.score, 0),
			  .flag = host->scratch(host->h, n, 0),
			  .owner = span_new(p->span, (assay_bytes){NULL, 0}, NULL),
			  .asked = PyDict_New()};
	assay_rc rc = ASSAY_RC_NOMEM;
	if (c.row != NULL && c.score != NULL && c.flag != NULL && c.owner != NULL && c.asked != NULL)
		rc = run(&c, out);
	else
		PyErr_Clear();
	Py_XDECREF(c.asked);
	Py_XDECREF(c.owner);
	return rc;
}
