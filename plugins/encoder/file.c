/* Read-only shared mappings. The descriptor is closed at once: the mapping stays. */
#include "encoder/file.h"
#include "encoder/fail.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MOST = 4096 };

enc_rc enc_fail(enc_err *err, enc_rc rc, const char *fmt, ...)
{
	va_list ap;
	if (err != NULL) {
		va_start(ap, fmt);
		(void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
		va_end(ap);
	}
	return rc;
}

static enc_rc map_open(int fd, const char *path, uint64_t max, enc_file *out, enc_err *err)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return enc_fail(err, ENC_BAD_MODEL, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return enc_fail(err, ENC_BAD_MODEL, "%s is not a regular file", path);
	if ((uint64_t)st.st_size > max)
		return enc_fail(err, ENC_BAD_MODEL, "%s is %" PRIu64 " bytes, the limit is %" PRIu64, path,
						(uint64_t)st.st_size, max);
	*out = (enc_file){NULL, 0};
	if (st.st_size == 0)
		return ENC_OK;
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return enc_fail(err, ENC_BAD_MODEL, "cannot map %s: %s", path, strerror(errno));
	*out = (enc_file){p, (size_t)st.st_size};
	return ENC_OK;
}

enc_rc enc_file_map(const char *dir, const char *name, uint64_t max, enc_file *out, enc_err *err)
{
	char path[PATH_MOST];
	int n = snprintf(path, sizeof path, "%s/%s", dir, name);
	if (n < 0 || n >= PATH_MOST)
		return enc_fail(err, ENC_BAD_MODEL, "the model's path is over %d bytes", PATH_MOST - 1);
	/* Not blocking: a pipe of that name must not hold the caller up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* edge: the model's files, by path */
	if (fd < 0)
		return enc_fail(err, errno == ENOENT || errno == ENOTDIR ? ENC_UNAVAILABLE : ENC_BAD_MODEL,
						"cannot open %s: %s", path, strerror(errno));
	enc_rc rc = map_open(fd, path, max, out, err);
	close(fd);
	return rc;
}

void enc_file_unmap(enc_file *f)
{
	if (f->ptr != NULL)
		(void)munmap((void *)(uintptr_t)f->ptr, f->len);
	*f = (enc_file){NULL, 0};
}
