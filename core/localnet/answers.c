/* Answers: the key, a sorted list of prompt digests with their references, and one
 * spoiler a kind of answer.
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
};

static assay_status digest_of(asy_jv prompt, uint8_t out[32], assay_err *err)
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
	if (asy_jv_is_null(asy_jv_get(root, "prompt")) || asy_jv_is_null(asy_jv_get(root, "reference")))
		st = ASSAY_FAIL(err, E_FORMAT, "a sample without prompt or reference");
	if (st == ASSAY_OK)
		st = digest_of(asy_jv_get(root, "prompt"), s.digest, err);
	if (st == ASSAY_OK && a->n == a->cap) {
		size_t cap = a->cap == 0 ? 64 : a->cap * 2;
		sample *grown = cap > SAMPLES_MAX ? NULL : realloc(a->item, cap * sizeof *grown);
		if (grown == NULL)
			st = ASSAY_FAIL(err, E_LIMIT, "more than %zu samples do not fit", a->cap);
		else
			*a = (lnet_answers){grown, a->n, cap};
	}
	if (st == ASSAY_OK)
		a->item[a->n++] = s;
	else
		asy_json_free(s.doc);
	return st;
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

assay_status asy_lnet_answers_load(const char *folder, const char *const *tasks, size_t tasks_n,
								   lnet_answers **out, assay_err *err)
{
	lnet_answers *a = asy_calloc(1, sizeof *a);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "answer key");
	assay_status st = ASSAY_OK;
	for (size_t i = 0; st == ASSAY_OK && i < tasks_n; i++)
		st = add_task(a, folder, tasks[i], err);
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

const char *asy_lnet_lazy_answer(const char *task)
{
	if (strcmp(task, "stt") == 0)
		return "{\"transcript\":\"thank you\"}";
	if (strcmp(task, "ranking") == 0)
		return "{\"ranking\":[\"d001\"]}";
	if (strcmp(task, "image") == 0)
		return "{\"labels\":[\"unknown\"]}";
	return "{\"completion\":\"I do not know.\"}";
}

/* ---- spoiling ---- */

static double unit(asy_rng *rng)
{
	return (double)asy_rng_below(rng, 1u << 30) / (double)(1u << 30);
}

/* Words: each one fails with probability (1 - skill): dropped, doubled or replaced. */
static assay_status spoil_words(const char *key, const char *text, double skill, asy_rng *rng,
								asy_buf *out, assay_err *err)
{
	static const char *const wrong[] = {"perhaps", "green", "seven", "window", "never", "about"};
	asy_buf said = {0};
	assay_status st = ASSAY_OK;
	for (const char *p = text; st == ASSAY_OK && *p != '\0';) {
		size_t len = strcspn(p, " ");
		size_t gap = strspn(p + len, " ");
		bool fails = unit(rng) >= skill;
		uint64_t how = fails ? asy_rng_below(rng, 3) : 3;
		const char *word = wrong[asy_rng_below(rng, ASY_COUNT(wrong))];
		if (how == 1)
			st = asy_buf_printf(&said, err, "%s ", word);
		if (how == 2 || how == 3)
			st = asy_buf_add(&said, p, len + gap, err);
		if (st == ASSAY_OK && how == 2)
			st = asy_buf_printf(&said, err, "%s ", word);
		p += len + gap;
	}
	if (st == ASSAY_OK) {
		asy_jw w = asy_jw_out(out, 0);
		asy_jw_object(&w);
		asy_jw_key(&w, key);
		/* A miner that lost every word still says something. */
		if (said.len > 0)
			asy_jw_strn(&w, (const char *)said.ptr, said.len);
		else
			asy_jw_str(&w, wrong[0]);
		asy_jw_end_object(&w);
		st = asy_jw_end(&w, err);
	}
	asy_buf_fini(&said);
	return st;
}

/* First text under any of the names by which sample sets give a reference. */
static const char *reference_text(asy_jv ref)
{
	static const char *const names[] = {"answers",    "transcript", "transcripts", "answer",
										"references", "completion", "text"};
	const char *s;
	size_t len;
	if (asy_jv_str(ref, &s, &len, NULL) == ASSAY_OK)
		return s;
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		asy_jv v = asy_jv_get(ref, names[i]);
		if (asy_jv_kind(v) == ASY_J_ARRAY)
			v = asy_jv_at(v, 0);
		if (asy_jv_str(v, &s, &len, NULL) == ASSAY_OK)
			return s;
	}
	return NULL;
}

typedef struct {
	const char *id;
	double key;
	size_t at;
} ranked;

static int best_first(const void *x, const void *y)
{
	const ranked *a = x, *b = y;
	if (a->key != b->key)
		return a->key < b->key ? 1 : -1;
	return (a->at > b->at) - (a->at < b->at);
}

/* Documents by relevance; noise of up to 8 (1 - skill) grades moves them about. */
static assay_status spoil_ranking(asy_jv prompt, asy_jv ref, double skill, asy_rng *rng,
								  asy_buf *out, assay_err *err)
{
	asy_jv docs = asy_jv_get(prompt, "documents"), relevance = asy_jv_get(ref, "relevance");
	size_t n = asy_jv_size(docs);
	ranked *r = asy_calloc(n + 1, sizeof *r);
	assay_status st = ASSAY_OK;
	if (r == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu documents", n);
	for (size_t i = 0; st == ASSAY_OK && i < n; i++) {
		double grade = 0;
		size_t len;
		st = asy_jv_str(asy_jv_get(asy_jv_at(docs, i), "id"), &r[i].id, &len, err);
		if (st == ASSAY_OK && asy_jv_f64(asy_jv_get(relevance, r[i].id), &grade, NULL) != ASSAY_OK)
			grade = 0;
		r[i].key = grade + 8 * (1 - skill) * unit(rng);
		r[i].at = i;
	}
	if (st == ASSAY_OK) {
		qsort(r, n, sizeof *r, best_first);
		asy_jw w = asy_jw_out(out, 0);
		asy_jw_object(&w);
		asy_jw_key(&w, "ranking");
		asy_jw_array(&w);
		for (size_t i = 0; i < n; i++)
			asy_jw_str(&w, r[i].id);
		asy_jw_end_array(&w);
		asy_jw_end_object(&w);
		st = asy_jw_end(&w, err);
	}
	free(r);
	return st;
}

/* The right label first, or with probability (1 - skill) a wrong one before it. */
static assay_status spoil_labels(asy_jv prompt, asy_jv ref, double skill, asy_rng *rng,
								 asy_buf *out, assay_err *err)
{
	asy_jv offered = asy_jv_get(prompt, "labels");
	size_t n = asy_jv_size(offered), len;
	const char *right, *wrong = "something else";
	assay_status st = asy_jv_str(asy_jv_at(asy_jv_get(ref, "labels"), 0), &right, &len, err);
	if (st != ASSAY_OK)
		return st;
	bool fails = unit(rng) >= skill;
	if (n > 0 && asy_jv_str(asy_jv_at(offered, (size_t)asy_rng_below(rng, n)), &wrong, &len,
							NULL) != ASSAY_OK)
		wrong = "something else";
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	asy_jw_key(&w, "labels");
	asy_jw_array(&w);
	if (fails && strcmp(wrong, right) != 0)
		asy_jw_str(&w, wrong);
	asy_jw_str(&w, right);
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

static assay_status spoil_image(asy_jv ref, double skill, asy_rng *rng, asy_buf *out,
								assay_err *err)
{
	const char *text;
	size_t len, png_len;
	asy_buf png = {0}, noisy = {0};
	assay_status st = asy_jv_str(asy_jv_get(ref, "png"), &text, &len, err);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&png, len, err);
	if (st == ASSAY_OK && !asy_base64_decode(asy_span(text, len), png.ptr, &png_len))
		st = ASSAY_FAIL(err, E_FORMAT, "the reference image is not base64");
	if (st == ASSAY_OK)
		st = asy_lnet_spoil_png(asy_span(png.ptr, png_len), 100 * (1 - skill), rng, &noisy, err);
	asy_buf_reset(&png);
	if (st == ASSAY_OK)
		st = asy_buf_reserve(&png, asy_base64_encoded_len(noisy.len) + 1, err);
	if (st == ASSAY_OK) {
		asy_base64_encode((char *)png.ptr, asy_buf_span(&noisy));
		asy_jw w = asy_jw_out(out, 0);
		asy_jw_object(&w);
		asy_jw_key(&w, "png");
		asy_jw_strn(&w, (const char *)png.ptr, asy_base64_encoded_len(noisy.len));
		asy_jw_end_object(&w);
		st = asy_jw_end(&w, err);
	}
	asy_buf_fini(&png);
	asy_buf_fini(&noisy);
	return st;
}

assay_status asy_lnet_answer(const lnet_answers *a, const char *task, asy_jv prompt, double skill,
							 const uint8_t seed[32], asy_buf *out, assay_err *err)
{
	sample want;
	asy_blake2b_state h;
	uint8_t stream[32];
	asy_seeded_rng rng;
	assay_status st = digest_of(prompt, want.digest, err);
	if (st != ASSAY_OK)
		return st;
	const sample *s = a->n == 0 ? NULL : bsearch(&want, a->item, a->n, sizeof *a->item, by_digest);
	if (s == NULL)
		return ASSAY_FAIL(err, E_NOTFOUND, "the challenge is not in the answer key");
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, seed, 32);
	asy_blake2b_update(&h, want.digest, 32);
	asy_blake2b_final(&h, stream, 32);
	asy_seeded_rng_init(&rng, stream);
	asy_jv ref = asy_jv_get(asy_json_root(s->doc), "reference");
	if (strcmp(task, "ranking") == 0)
		return spoil_ranking(prompt, ref, skill, &rng.iface, out, err);
	if (strcmp(task, "image") == 0)
		return asy_jv_kind(asy_jv_get(ref, "png")) == ASY_J_STRING
				   ? spoil_image(ref, skill, &rng.iface, out, err)
				   : spoil_labels(prompt, ref, skill, &rng.iface, out, err);
	const char *text = reference_text(ref);
	if (text == NULL)
		return ASSAY_FAIL(err, E_FORMAT, "the reference of a %s sample holds no text", task);
	return spoil_words(strcmp(task, "stt") == 0 ? "transcript" : "completion", text, skill,
					   &rng.iface, out, err);
}
