/* Finds what is installed with this program, also in a tree that was moved. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/beside.h"

bool beside_program(const char *const *places, size_t n, char *out, size_t cap)
{
	char self[PATH_MAX], path[2 * PATH_MAX], real[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len <= 0)
		return false;
	self[len] = '\0';
	char *slash = strrchr(self, '/');
	if (slash == NULL)
		return false;
	slash[1] = '\0';
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof path, "%s%s", self, places[i]);
		if (realpath(path, real) != NULL && asy_str_copy(out, cap, real))
			return true;
	}
	return false;
}
