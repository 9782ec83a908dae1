/* The status table and the error object. Failing never allocates: the message
 * lives in the caller's assay_err, callers prepend where they were. */
#include <stdlib.h>
#include "base/base.h"

static const struct {
	const char *name, *text;
	int exit_code;
} table[ASSAY_STATUS_N] = {
#define ROW(name, code, text) {#name, text, code},
	ASSAY_STATUS_LIST(ROW)
#undef ROW
};

static size_t row_of(assay_status st)
{
	return (unsigned)st < ASSAY_STATUS_N ? (size_t)st : (size_t)ASSAY_E_INTERNAL;
}

const char *assay_status_text(assay_status st)
{
	return table[row_of(st)].text;
}
const char *assay_status_name(assay_status st)
{
	return table[row_of(st)].name;
}
int assay_status_exit(assay_status st)
{
	return table[row_of(st)].exit_code;
}
const char *assay_version(void)
{
	return ASSAY_VERSION;
}

assay_status asy_err_set(assay_err *err, assay_status st, const char *fmt, ...)
{
	if (err != NULL) {
		va_list ap;
		err->status = st;
		va_start(ap, fmt);
		(void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
		va_end(ap);
	}
	return st;
}

assay_status assay_err_at(assay_err *err, assay_status st, const char *fmt, ...)
{
	char where[256];
	char was[sizeof err->msg];
	va_list ap;

	if (err == NULL)
		return st;
	va_start(ap, fmt);
	(void)vsnprintf(where, sizeof where, fmt, ap);
	va_end(ap);
	memcpy(was, err->msg, sizeof was);
	/* The cut, if any, falls on the innermost text: where comes first. */
	int n = snprintf(err->msg, sizeof err->msg, "%s: ", where);
	if (n > 0 && (size_t)n < sizeof err->msg)
		(void)asy_str_copy(err->msg + n, sizeof err->msg - (size_t)n, was);
	err->status = st;
	return st;
}

void asy_assert_fail(const char *expr, const char *file, int line)
{
	(void)fprintf(stderr, "assay: bug: %s at %s:%d; please report this with the command used\n",
				  expr, file, line);
	abort();
}
