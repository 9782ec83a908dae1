/* Append-only lines with fsync; reading them back. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include "cli/guarantees_state.h"
#include "cli/cli.h"

#define STATE_MAX ((size_t)1 << 30)

static assay_status read_all(int fd, const char *path, asy_buf *out, assay_err *err)
{
	char chunk[65536];
	ssize_t n;
	out->max = STATE_MAX;
	while ((n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ASSAY_FAIL(err, E_IO, "cannot read %s: %s", path, strerror(errno));
		assay_status st = asy_buf_add(out, chunk, (size_t)n, err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "%s", path);
	}
	return ASSAY_OK;
}

static assay_status write_line(int fd, const char *path, assay_span line, assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_buf_add(&text, line.ptr, line.len, err);
	if (st == ASSAY_OK)
		st = asy_buf_add(&text, "\n", 1, err);
	for (size_t at = 0; st == ASSAY_OK && at < text.len;) {
		ssize_t n = write(fd, text.ptr + at, text.len - at);
		if (n < 0 && errno != EINTR)
			st = ASSAY_FAIL(err, E_IO, "cannot write %s: %s", path, strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	if (st == ASSAY_OK && fsync(fd) != 0)
		st = ASSAY_FAIL(err, E_IO, "cannot write %s to the disk: %s", path, strerror(errno));
	asy_buf_fini(&text);
	return st;
}

/* What is whole: everything up to the last newline. */
static size_t whole(const asy_buf *text)
{
	size_t len = text->len;
	while (len > 0 && text->ptr[len - 1] != '\n')
		len--;
	return len;
}

static assay_status load(guar_state *s, asy_guar *g, const asy_buf *text, size_t len,
						 assay_err *err)
{
	const size_t header = strlen(ASY_GUAR_STATE_HEADER);
	size_t number = 2;
	if (len < header + 1 || memcmp(text->ptr, ASY_GUAR_STATE_HEADER, header) != 0 ||
		text->ptr[header] != '\n')
		return ASSAY_FAIL(err, E_FORMAT, "%s is not a state file of this command", s->path);
	for (size_t at = header + 1; at < len; number++) {
		const uint8_t *end = memchr(text->ptr + at, '\n', len - at);
		size_t n = (size_t)(end - (text->ptr + at));
		bool used = false;
		assay_status st = asy_guar_load(g, asy_span(text->ptr + at, n), &used, err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "%s line %zu", s->path, number);
		s->used += used;
		s->other += !used;
		at += n + 1;
	}
	return ASSAY_OK;
}

/* A torn header is a file that was being made: begin it anew. */
static bool is_torn_header(const asy_buf *text)
{
	return text->len <= strlen(ASY_GUAR_STATE_HEADER) &&
		   (text->len == 0 || memcmp(text->ptr, ASY_GUAR_STATE_HEADER, text->len) == 0);
}

static assay_status begin(guar_state *s, asy_guar *g, assay_err *err)
{
	asy_buf text = {0};
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return ASSAY_FAIL(err, E_LOCKED, "%s is in use by another run", s->path);
	assay_status st = read_all(s->fd, s->path, &text, err);
	bool is_new = st == ASSAY_OK && is_torn_header(&text);
	size_t len = is_new ? 0 : whole(&text);
	if (st == ASSAY_OK && !is_new)
		st = load(s, g, &text, len, err);
	if (st == ASSAY_OK && len < text.len && ftruncate(s->fd, (off_t)len) != 0)
		st = ASSAY_FAIL(err, E_IO, "cannot cut the torn end of %s: %s", s->path, strerror(errno));
	if (st == ASSAY_OK && is_new)
		st = write_line(s->fd, s->path, asy_span_str(ASY_GUAR_STATE_HEADER), err);
	asy_buf_fini(&text);
	return st;
}

assay_status guar_state_open(const char *path, asy_guar *g, guar_state *s, assay_err *err)
{
	*s = (guar_state){.fd = -1, .path = path};
	if (path == NULL)
		return ASSAY_OK;
	s->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (s->fd < 0)
		return ASSAY_FAIL(err, E_IO, "cannot open %s: %s", path, strerror(errno));
	assay_status st = begin(s, g, err);
	if (st != ASSAY_OK)
		guar_state_close(s);
	return st;
}

assay_status guar_state_add(guar_state *s, assay_span line, assay_err *err)
{
	return s->fd < 0 ? ASSAY_OK : write_line(s->fd, s->path, line, err);
}

void guar_state_close(guar_state *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}
