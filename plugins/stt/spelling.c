/* A sorted array over one parsed document's strings, searched by bisection. */
#include "stt/spelling.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 1 << 20, MAX_PAIRS = 65536, MAX_MEMORY = 64 << 20 };

typedef struct {
	plg_text from, to;
} pair;

struct stt_spelling {
	plg_arena *a;
	pair *pairs;
	size_t n;
};

static int order(plg_text x, plg_text y)
{
	for (size_t i = 0; i < x.n && i < y.n; i++)
		if (x.cp[i] != y.cp[i])
			return x.cp[i] < y.cp[i] ? -1 : 1;
	return x.n < y.n ? -1 : x.n > y.n;
}

static int by_from(const void *x, const void *y)
{
	return order(((const pair *)x)->from, ((const pair *)y)->from);
}

/* A regular file only: a pipe or a device would block or never end. */
static FILE *open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* edge: the operator's own table */
	struct stat sb;
	FILE *f = NULL;
	if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode))
		f = fdopen(fd, "rb");
	if (f == NULL && fd >= 0)
		(void)close(fd);
	return f;
}

/* The whole file; NULL when it cannot be read or is too large. */
static uint8_t *slurp(const char *path, size_t *len)
{
	FILE *f = open_regular(path);
	uint8_t *bytes = f == NULL ? NULL : malloc(MAX_FILE + 1);
	if (bytes != NULL) {
		*len = fread(bytes, 1, MAX_FILE + 1, f);
		if (ferror(f) || *len > MAX_FILE) {
			free(bytes);
			bytes = NULL;
		}
	}
	if (f != NULL)
		(void)fclose(f);
	return bytes;
}

typedef struct {
	stt_spelling *s;
	const char *why;
} fill;

static bool add(void *ctx, assay_bytes key, const plg_json *value)
{
	fill *f = ctx;
	assay_bytes to;
	pair *p = &f->s->pairs[f->s->n];
	if (!plg_json_str(value, &to)) {
		f->why = "spelling table: a value is not a string";
		return false;
	}
	if (plg_utf8_decode(f->s->a, key, SIZE_MAX, &p->from) != PLG_OK ||
		plg_utf8_decode(f->s->a, to, SIZE_MAX, &p->to) != PLG_OK) {
		f->why = "spelling table: not enough memory";
		return false;
	}
	f->s->n++;
	return true;
}

/* NULL on success. */
static const char *read_pairs(stt_spelling *s, const plg_json *root)
{
	fill f = {s, NULL};
	size_t n = plg_json_type(root) == PLG_J_OBJECT ? plg_json_size(root) : 0;
	if (n == 0 || n > MAX_PAIRS)
		return "spelling table: not an object of 1 to 65536 pairs";
	s->pairs = plg_arena_take(s->a, n, sizeof *s->pairs);
	if (s->pairs == NULL)
		return "spelling table: not enough memory";
	if (plg_json_each(root, add, &f))
		qsort(s->pairs, s->n, sizeof *s->pairs, by_from);
	return f.why;
}

stt_spelling *stt_spelling_load(const char *path, const char **why)
{
	size_t len = 0;
	plg_json *root = NULL;
	uint8_t *bytes = slurp(path, &len);
	stt_spelling *s = calloc(1, sizeof *s);
	*why = NULL;
	if (bytes == NULL)
		*why = "spelling table: the file cannot be read, is no regular file or is over 1 MiB";
	else if (s == NULL || (s->a = plg_arena_new(MAX_MEMORY)) == NULL)
		*why = "spelling table: not enough memory";
	else if ((root = plg_json_parse((assay_bytes){bytes, len}, MAX_FILE, why)) != NULL)
		*why = read_pairs(s, root);
	plg_json_free(root);
	free(bytes);
	if (*why == NULL)
		return s;
	stt_spelling_free(s);
	return NULL;
}

void stt_spelling_free(stt_spelling *s)
{
	if (s == NULL)
		return;
	plg_arena_free(s->a);
	free(s);
}

plg_text stt_spelling_of(const stt_spelling *s, plg_text word)
{
	const pair key = {word, word};
	if (s == NULL)
		return word;
	const pair *p = bsearch(&key, s->pairs, s->n, sizeof *s->pairs, by_from);
	return p == NULL ? word : p->to;
}
