/* A throw-away data directory for store tests, removed with everything in it. */
#ifndef ASSAY_TESTS_STORE_SCRATCH_H
#define ASSAY_TESTS_STORE_SCRATCH_H
#include <dirent.h>
#include <unistd.h>
#include "store/store.h"
#include "support/test.h"

static inline void scratch_make(char path[64])
{
	/* in memory where there is such a place: death by signal loses the same either way,
	 * and hundreds of fsyncs take no time */
	(void)snprintf(path, 64, "%s/assay-store-XXXXXX",
				   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(path));
}

static inline void scratch_empty(const char *path)
{
	DIR *d = opendir(path);
	if (d == NULL)
		return;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		char file[512];
		(void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(file);
	}
	(void)closedir(d);
}

static inline void scratch_remove(const char *path)
{
	scratch_empty(path);
	(void)rmdir(path);
}

static inline asy_store *scratch_open(const char *dir)
{
	assay_err err = {0};
	asy_store *s = NULL;
	ck_ok(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), err);
	return s;
}
#endif
