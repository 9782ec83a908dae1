/* A growing byte buffer with a hard maximum; appending either succeeds whole or
 * leaves the contents as they were. */
#include <stdlib.h>
#include "base/base.h"

void asy_buf_fini(asy_buf *b)
{
	if (b == NULL)
		return;
	free(b->ptr);
	*b = (asy_buf){.max = b->max};
}

void asy_buf_reset(asy_buf *b)
{
	b->len = 0;
}

assay_status asy_buf_reserve(asy_buf *b, size_t more, assay_err *err)
{
	size_t max = b->max != 0 ? b->max : ASY_BUF_MAX;
	size_t need;

	if (!asy_add_size(b->len, more, &need) || need > max)
		return ASSAY_FAIL(err, E_LIMIT, "buffer would hold %zu + %zu bytes, limit %zu", b->len,
						  more, max);
	if (need <= b->cap)
		return ASSAY_OK;
	size_t cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		cap = cap > max / 2 ? max : cap * 2;
	/* one byte beyond cap for the terminator of asy_buf_cstr */
	uint8_t *p = realloc(b->ptr, cap + 1);
	if (p == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "buffer of %zu bytes", cap);
	b->ptr = p;
	b->cap = cap;
	return ASSAY_OK;
}

assay_status asy_buf_add(asy_buf *b, const void *ptr, size_t len, assay_err *err)
{
	assay_status st = asy_buf_reserve(b, len, err);
	if (st != ASSAY_OK)
		return st;
	if (len != 0)
		memcpy(b->ptr + b->len, ptr, len);
	b->len += len;
	return ASSAY_OK;
}

assay_status asy_buf_add_str(asy_buf *b, const char *s, assay_err *err)
{
	return asy_buf_add(b, s, strlen(s), err);
}

assay_status asy_buf_printf(asy_buf *b, assay_err *err, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assay_status st = n < 0 ? ASSAY_FAIL(err, E_INTERNAL, "bad format") //
							: asy_buf_reserve(b, (size_t)n, err);
	if (st == ASSAY_OK) {
		if (n > 0)
			(void)vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	return st;
}

const char *asy_buf_cstr(asy_buf *b)
{
	if (b->ptr == NULL && asy_buf_reserve(b, 1, NULL) != ASSAY_OK)
		return NULL;
	b->ptr[b->len] = '\0';
	return (const char *)b->ptr;
}
