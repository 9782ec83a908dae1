/* Files and programs as the mains see them: bounded reads, atomic writes, and
 * finding what was installed beside us. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "front/impl.h"

const char *asy_front_file_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

assay_status asy_front_read_file(const char *path, size_t max, asy_buf *out, assay_err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	assay_status st = ASSAY_OK;
	char chunk[16384];
	size_t n;

	if (f == NULL)
		return errno == ENOENT ? ASSAY_FAIL(err, E_NOTFOUND, "no such file: %s", path)
							   : ASSAY_FAIL(err, E_IO, "cannot open %s: %s", path, strerror(errno));
	while (st == ASSAY_OK && (n = fread(chunk, 1, sizeof chunk, f)) > 0) {
		if (out->len + n > max)
			st = ASSAY_FAIL(err, E_LIMIT, "%s is larger than the limit of %zu bytes",
							asy_front_file_name(path), max);
		else
			st = asy_buf_add(out, chunk, n, err);
	}
	if (st == ASSAY_OK && ferror(f))
		st =
			ASSAY_FAIL(err, E_IO, "cannot read %s: %s", asy_front_file_name(path), strerror(errno));
	if (!is_stdin)
		(void)fclose(f);
	return st;
}

/* ---- looking ---- */

asy_file_kind asy_front_stat(const char *path)
{
	struct stat sb;
	if (stat(path, &sb) != 0)
		return errno == ENOENT || errno == ENOTDIR ? ASY_FILE_MISSING : ASY_FILE_PLAIN;
	if (S_ISDIR(sb.st_mode))
		return ASY_FILE_DIR;
	return S_ISREG(sb.st_mode) ? ASY_FILE_PLAIN : ASY_FILE_OTHER;
}

bool asy_front_is_dir(const char *path)
{
	return asy_front_stat(path) == ASY_FILE_DIR;
}

assay_status asy_front_check_file(const char *path, assay_err *err)
{
	switch (asy_front_stat(path)) {
	case ASY_FILE_MISSING:
		return ASSAY_FAIL(err, E_NOTFOUND, "no such file: %s", path);
	case ASY_FILE_DIR:
		return ASSAY_FAIL(err, E_INPUT, "%s is a folder; name the file in it", path);
	case ASY_FILE_OTHER:
		return ASSAY_FAIL(err, E_INPUT, "%s is not a plain file", path);
	case ASY_FILE_PLAIN:
		break;
	}
	if (access(path, R_OK) != 0)
		return ASSAY_FAIL(err, E_IO, "cannot read %s: %s", path, strerror(errno));
	return ASSAY_OK;
}

void asy_front_existing_part(const char *path, char *out, size_t cap)
{
	char *slash;
	if (!asy_str_copy(out, cap, path))
		(void)asy_str_copy(out, cap, "/");
	while (asy_front_stat(out) == ASY_FILE_MISSING && (slash = strrchr(out, '/')) != NULL)
		slash[slash == out ? 1 : 0] = '\0';
	if (asy_front_stat(out) == ASY_FILE_MISSING)
		(void)asy_str_copy(out, cap, ".");
}

assay_status asy_front_make_parents(const char *path, assay_err *err)
{
	char part[ASY_FRONT_PATH];
	if (!asy_str_copy(part, sizeof part, path))
		return ASSAY_FAIL(err, E_LIMIT, "path too long: %s", path);
	for (size_t len = strlen(part); len > 1 && part[len - 1] == '/'; len--)
		part[len - 1] = '\0';
	for (char *p = part + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return ASSAY_FAIL(err, E_IO, "cannot make the folder %s: %s", part, strerror(errno));
		if (!asy_front_is_dir(part))
			return ASSAY_FAIL(err, E_IO, "%s is in the way: it is not a folder", part);
		*p = '/';
	}
	return ASSAY_OK;
}

static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

void asy_front_list_dir(const char *path, char *out, size_t cap)
{
	static const char more[] = ", ...";
	struct dirent **list = NULL;
	size_t at = 0;
	int n = scandir(path, &list, is_visible, alphasort), shown = 0;
	(void)asy_str_copy(out, cap, n == 0 ? "nothing" : n < 0 ? "a folder that cannot be read" : "");
	for (int i = 0; i < n; i++) {
		char name[64];
		asy_str_escape(name, sizeof name, asy_span_str(list[i]->d_name));
		if (shown == i && at + strlen(name) + sizeof ", " + sizeof more < cap) {
			at += (size_t)snprintf(out + at, cap - at, "%s%s", i > 0 ? ", " : "", name);
			shown++;
		}
		free(list[i]);
	}
	if (shown < n)
		(void)snprintf(out + at, cap - at, "%s", more);
	free(list);
}

assay_status asy_front_read_secret(const char *path, uint8_t *dst, size_t cap, size_t *len,
								   unsigned *mode, assay_err *err)
{
	struct stat sb;
	size_t at = 0;
	ssize_t n = 0;
	/* not blocking: the path may lead to a pipe by now */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return ASSAY_FAIL(err, E_IO, "cannot open it: %s", strerror(errno));
	bool plain = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);
	while (plain && at < cap && (n = read(fd, dst + at, cap - at)) > 0)
		at += (size_t)n;
	int saved = errno;
	bool more = plain && at == cap && (size_t)sb.st_size > cap;
	(void)close(fd);
	if (!plain)
		return ASSAY_FAIL(err, E_INPUT, "not a plain file");
	if (n < 0)
		return ASSAY_FAIL(err, E_IO, "cannot read it: %s", strerror(saved));
	if (more)
		return ASSAY_FAIL(err, E_LIMIT, "not a key file: it has more than %zu bytes", cap);
	*len = at;
	*mode = (unsigned)sb.st_mode;
	return ASSAY_OK;
}

assay_status asy_front_write_file(const char *path, assay_span bytes, assay_err *err)
{
	if (strcmp(path, "-") == 0) {
		if (fwrite(bytes.ptr, 1, bytes.len, stdout) != bytes.len || fflush(stdout) != 0)
			return ASSAY_FAIL(err, E_IO, "cannot write to standard output: %s", strerror(errno));
		return ASSAY_OK;
	}
	char tmp[4096];
	if ((size_t)snprintf(tmp, sizeof tmp, "%s.tmp.%ld", path, (long)getpid()) >= sizeof tmp)
		return ASSAY_FAIL(err, E_LIMIT, "path too long: %s", path);
	FILE *f = fopen(tmp, "wb");
	if (f == NULL)
		return ASSAY_FAIL(err, E_IO, "cannot create %s: %s", tmp, strerror(errno));
	bool ok =
		fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len && fflush(f) == 0 && fsync(fileno(f)) == 0;
	int saved = errno;
	ok = fclose(f) == 0 && ok;
	if (ok && rename(tmp, path) == 0)
		return ASSAY_OK;
	saved = ok ? errno : saved;
	(void)unlink(tmp);
	return ASSAY_FAIL(err, E_IO, "cannot write %s: %s", path, strerror(saved));
}

assay_status asy_front_print(asy_buf *out, assay_err *err)
{
	assay_status st = asy_buf_add(out, "\n", 1, err);
	return st == ASSAY_OK ? asy_front_write_file("-", asy_buf_span(out), err) : st;
}

assay_status asy_front_cpu(const char *name, uint64_t *mask, assay_err *err)
{
	uint64_t have = asy_cpu_detect(), want;
	if (name == NULL)
		name = getenv("ASSAY_CPU"); /* edge: a main reads its environment */
	if (name == NULL)
		name = "auto";
	if (!asy_cpu_parse(name, &want))
		return ASSAY_FAIL(err, E_USAGE,
						  "unknown CPU variant '%s'; known: auto, scalar, avx2, avx512, neon",
						  name);
	if ((want & have) != want)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "this machine cannot run the variant '%s'; it has %s",
						  name, asy_cpu_name(have));
	*mask = want;
	return ASSAY_OK;
}

assay_status asy_front_find_program(const char *name, char *out, size_t cap, assay_err *err)
{
	static const char *const places[] = {"", "../libexec/assay/", "../lib/assay/"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n <= 0)
		return ASSAY_FAIL(err, E_IO, "cannot find this program's own path: %s", strerror(errno));
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	ASSERT(slash != NULL);
	slash[1] = '\0';
	for (size_t i = 0; i < ASY_COUNT(places); i++) {
		if ((size_t)snprintf(out, cap, "%s%s%s", self, places[i], name) < cap &&
			access(out, X_OK) == 0)
			return ASSAY_OK;
	}
	return ASSAY_FAIL(
		err, E_NOTFOUND,
		"program %s is neither in %s nor in ../libexec/assay; is Assay fully installed?", name,
		self);
}
