/* Answers: the key, a list of samples sorted by the digest of their prompts.
 * Reason to change: as answers.h. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "localnet/answers.h"

enum { SAMPLE_FILE_MAX = 64 << 20, SAMPLE_LINE_MAX = 8 << 20, SAMPLES_MAX = 100000 };

typedef struct {
	uint8_t digest[32]; /* of the prompt in canonical form */
	asy_json *doc;      /* the whole line */
} sample;

struct lnet_answers {
	sample *item;
	size_t n, cap;
	const asy_json *first; /* of the file, before sorting */
};

assay_status asy_lnet_prompt_digest(asy_jv prompt, uint8_t out[32], assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_jv_canonical(prompt, &text, err);
	if (st == ASSAY_OK)
		asy_blake2b(text.ptr, text.len, out, 32);
	asy_buf_fini(&text);
	return st;
}

static assay_status add_line(lnet_answers *a, assay_span line, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = SAMPLE_LINE_MAX, .max_depth = 32};
	sample s = {.doc = NULL};
	assay_status st = asy_json_parse(line, &limits, &s.doc, err);
	if (st != ASSAY_OK)
		return st;
	asy_jv root = asy_json_root(s.doc);
	if (asy_jv_is_null(asy_jv_get(root, "prompt")))
		st = ASSAY_FAIL(err, E_FORMAT, "no \"prompt\"");
	else if (asy_jv_kind(asy_jv_get(root, "answer")) == ASY_J_ABSENT &&
			 asy_jv_is_null(asy_jv_get(root, "reference")))
		st = ASSAY_FAIL(err, E_FORMAT, "neither \"answer\" nor \"reference\"");
	if (st == ASSAY_OK)
		st = asy_lnet_prompt_digest(asy_jv_get(root, "prompt"), s.digest, err);
	if (st == ASSAY_OK && a->n == a->cap) {
		size_t cap = a->cap == 0 ? 64 : a->cap * 2;
		sample *grown = cap > SAMPLES_MAX ? NULL : realloc(a->item, cap * sizeof *grown);
		if (grown == NULL)
			st = ASSAY_FAIL(err, E_LIMIT, "more than %zu samples do not fit", a->cap);
		else
			*a = (lnet_answers){grown, a->n, cap, a->first};
	}
	if (st != ASSAY_OK) {
		asy_json_free(s.doc);
		return st;
	}
	if (a->n == 0)
		a->first = s.doc;
	a->item[a->n++] = s;
	return ASSAY_OK;
}

static assay_status add_lines(lnet_answers *a, assay_span text, assay_err *err)
{
	size_t number = 0;
	while (text.len > 0) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;
		number++;
		if (len > 1) {
			assay_status st = add_line(a, asy_span(text.ptr, len), err);
			if (st != ASSAY_OK)
				return assay_err_at(err, st, "line %zu", number);
		}
		size_t step = len + (end != NULL ? 1 : 0);
		text = asy_span(text.ptr + step, text.len - step);
	}
	return ASSAY_OK;
}

static int by_digest(const void *x, const void *y)
{
	return memcmp(((const sample *)x)->digest, ((const sample *)y)->digest, 32);
}

static assay_status add_file(lnet_answers *a, const char *path, assay_err *err)
{
	asy_buf text = {.max = SAMPLE_FILE_MAX};
	uint8_t block[65536];
	size_t n;
	FILE *f = fopen(path, "rb"); /* edge: sample sets are files */
	assay_status st = ASSAY_OK;
	if (f == NULL)
		return ASSAY_FAIL(err, E_IO, "cannot open %s: %s", path, strerror(errno));
	while (st == ASSAY_OK && (n = fread(block, 1, sizeof block, f)) > 0)
		st = asy_buf_add(&text, block, n, err);
	if (st == ASSAY_OK && ferror(f) != 0)
		st = ASSAY_FAIL(err, E_IO, "reading failed");
	(void)fclose(f);
	if (st == ASSAY_OK)
		st = add_lines(a, asy_buf_span(&text), err);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "%s", path);
}

/* Every .jsonl file of folder/<task>/samples. */
static assay_status add_folder(lnet_answers *a, const char *dir, assay_err *err)
{
	char path[1024];
	const struct dirent *e;
	assay_status st = ASSAY_OK;
	DIR *d = opendir(dir); /* edge: sample sets are files */
	while (st == ASSAY_OK && d != NULL && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		if (len < 6 || strcmp(e->d_name + len - 6, ".jsonl") != 0)
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		st = add_file(a, path, err);
	}
	if (d != NULL)
		(void)closedir(d);
	return st;
}

/* The source tree keeps sample sets in a folder per task, an installation in a file. */
static assay_status add_task(lnet_answers *a, const char *folder, const char *task, assay_err *err)
{
	char dir[512], file[512];
	size_t before = a->n;
	(void)snprintf(dir, sizeof dir, "%s/%s/samples", folder, task);
	(void)snprintf(file, sizeof file, "%s/%s.jsonl", folder, task);
	assay_status st = access(file, F_OK) == 0 ? add_file(a, file, err) : add_folder(a, dir, err);
	if (st == ASSAY_OK && a->n == before)
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "neither %s nor a file in %s holds samples, so scripted miners have no "
						  "answers for task %s; name the folder with --samples or \"samples\"",
						  file, dir, task);
	return st;
}

static assay_status finish(lnet_answers *a, assay_status st, lnet_answers **out)
{
	if (st != ASSAY_OK) {
		asy_lnet_answers_free(a);
		return st;
	}
	if (a->n > 0)
		qsort(a->item, a->n, sizeof *a->item, by_digest);
	*out = a;
	return ASSAY_OK;
}

assay_status asy_lnet_answers_load(const char *folder, const char *task, lnet_answers **out,
								   assay_err *err)
{
	lnet_answers *a = asy_calloc(1, sizeof *a);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "answer key");
	return finish(a, add_task(a, folder, task, err), out);
}

assay_status asy_lnet_answers_read(const char *path, lnet_answers **out, assay_err *err)
{
	lnet_answers *a = asy_calloc(1, sizeof *a);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "answer key");
	assay_status st = add_file(a, path, err);
	if (st == ASSAY_OK && a->n == 0)
		st = ASSAY_FAIL(err, E_EMPTY, "%s holds no answers", path);
	return finish(a, st, out);
}

assay_status asy_lnet_answers_parse(assay_span lines, lnet_answers **out, assay_err *err)
{
	lnet_answers *a = asy_calloc(1, sizeof *a);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "answer key");
	return finish(a, add_lines(a, lines, err), out);
}

void asy_lnet_answers_free(lnet_answers *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->n; i++)
		asy_json_free(a->item[i].doc);
	free(a->item);
	free(a);
}

static lnet_right right_of(const asy_json *doc)
{
	asy_jv root = asy_json_root(doc);
	return (lnet_right){.prompt = asy_jv_get(root, "prompt"),
						.answer = asy_jv_get(root, "answer"),
						.reference = asy_jv_get(root, "reference")};
}

bool asy_lnet_answers_find(const lnet_answers *a, const uint8_t digest[32], lnet_right *out)
{
	sample want = {.doc = NULL};
	memcpy(want.digest, digest, 32);
	const sample *s = a->n == 0 ? NULL : bsearch(&want, a->item, a->n, sizeof *a->item, by_digest);
	if (s != NULL)
		*out = right_of(s->doc);
	return s != NULL;
}

bool asy_lnet_answers_first(const lnet_answers *a, lnet_right *out)
{
	if (a->first != NULL)
		*out = right_of(a->first);
	return a->first != NULL;
}
