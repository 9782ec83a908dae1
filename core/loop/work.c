/* Work that blocks, on libuv's threads: the loop goes on meanwhile.
 * Reason to change: another pool. */
#include <stdlib.h>
#include "loop/impl.h"

typedef struct {
	uv_work_t req;
	asy_work_fn *work, *done;
	void *arg;
} loop_work;

static void on_thread(uv_work_t *req)
{
	loop_work *w = req->data;
	w->work(w->arg);
}

static void on_worked(uv_work_t *req, int status)
{
	loop_work *w = req->data;
	(void)status; /* nobody cancels it */
	w->done(w->arg);
	free(w);
}

assay_status asy_loop_work(asy_loop *l, asy_work_fn *work, asy_work_fn *done, void *arg,
						   assay_err *err)
{
	loop_work *w = calloc(1, sizeof *w);
	if (w == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "work for another thread");
	*w = (loop_work){.work = work, .done = done, .arg = arg};
	w->req.data = w;
	int rc = uv_queue_work(&l->uv, &w->req, on_thread, on_worked);
	if (rc == 0)
		return ASSAY_OK;
	free(w);
	return ASSAY_FAIL(err, E_IO, "no thread for what would block: %s", uv_strerror(rc));
}
