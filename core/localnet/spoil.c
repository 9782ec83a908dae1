/* Spoiling: from the right answer to what a scripted miner sends.
 * Reason to change: another way to spoil an answer. */
#include <math.h>
#include <stdlib.h>
#include "localnet/answers.h"

enum { BODY_DEPTH_MAX = 32 };

/* ---- answers of the tasks that ship with Assay, made from references ---- */

static double unit(asy_rng *rng)
{
	return (double)asy_rng_below(rng, 1u << 30) / (double)(1u << 30);
}

/* Words: each one fails with probability (1 - skill): dropped, doubled or replaced. A
 * text that lost every word still says something; an empty one stays empty. */
static assay_status fail_words(const char *text, double skill, asy_rng *rng, asy_buf *said,
							   assay_err *err)
{
	static const char *const wrong[] = {"perhaps", "green", "seven", "window", "never", "about"};
	assay_status st = ASSAY_OK;
	for (const char *p = text; st == ASSAY_OK && *p != '\0';) {
		size_t len = strcspn(p, " ");
		size_t gap = strspn(p + len, " ");
		bool fails = unit(rng) >= skill;
		uint64_t how = fails ? asy_rng_below(rng, 3) : 3;
		const char *word = wrong[asy_rng_below(rng, ASY_COUNT(wrong))];
		if (how == 1)
			st = asy_buf_printf(said, err, "%s ", word);
		if (how == 2 || how == 3)
			st = asy_buf_add(said, p, len + gap, err);
		if (st == ASSAY_OK && how == 2)
			st = asy_buf_printf(said, err, "%s ", word);
		p += len + gap;
	}
	if (st == ASSAY_OK && said->len == 0 && text[0] != '\0')
		st = asy_buf_add_str(said, wrong[0], err);
	return st;
}

static assay_status spoil_words(const char *key, const char *text, double skill, asy_rng *rng,
								asy_buf *out, assay_err *err)
{
	asy_buf said = {0};
	assay_status st = fail_words(text, skill, rng, &said, err);
	if (st == ASSAY_OK) {
		asy_jw w = asy_jw_out(out, 0);
		asy_jw_object(&w);
		asy_jw_key(&w, key);
		asy_jw_strn(&w, (const char *)said.ptr, said.len);
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

static const char *const known_tasks[] = {"text", "stt", "image", "ranking"};

bool asy_lnet_task_is_known(const char *task)
{
	for (size_t i = 0; i < ASY_COUNT(known_tasks); i++)
		if (strcmp(task, known_tasks[i]) == 0)
			return true;
	return false;
}

static assay_status from_reference(const char *task, const lnet_right *right, double skill,
								   asy_rng *rng, asy_buf *out, assay_err *err)
{
	asy_jv ref = right->reference;
	if (strcmp(task, "ranking") == 0)
		return spoil_ranking(right->prompt, ref, skill, rng, out, err);
	if (strcmp(task, "image") == 0)
		return asy_jv_kind(asy_jv_get(ref, "png")) == ASY_J_STRING
				   ? spoil_image(ref, skill, rng, out, err)
				   : spoil_labels(right->prompt, ref, skill, rng, out, err);
	const char *text = reference_text(ref);
	if (text == NULL)
		return ASSAY_FAIL(err, E_FORMAT, "the reference of a %s sample holds no text", task);
	return spoil_words(strcmp(task, "stt") == 0 ? "transcript" : "completion", text, skill, rng,
					   out, err);
}

/* ---- answers of any form ---- */

typedef struct {
	asy_jw w;
	asy_rng *rng;
	double skill;  /* spoil_value */
	size_t filler; /* pad_value: bytes after each text */
	assay_status st;
	assay_err *err;
} walker;
typedef void walk_fn(walker *k, asy_jv v);

/* Objects and arrays of v, their members by f. */
static void walk_inside(walker *k, asy_jv v, walk_fn *f)
{
	bool object = asy_jv_kind(v) == ASY_J_OBJECT;
	if (object)
		asy_jw_object(&k->w);
	else
		asy_jw_array(&k->w);
	for (size_t i = 0; i < asy_jv_size(v); i++) {
		if (object)
			asy_jw_key(&k->w, asy_jv_key(v, i));
		f(k, object ? asy_jv_value(v, i) : asy_jv_at(v, i));
	}
	if (object)
		asy_jw_end_object(&k->w);
	else
		asy_jw_end_array(&k->w);
}

static void copy_value(walker *k, asy_jv v)
{
	asy_buf text = {0};
	if (k->st == ASSAY_OK)
		k->st = asy_jv_canonical(v, &text, k->err);
	if (k->st == ASSAY_OK)
		asy_jw_raw(&k->w, asy_buf_span(&text));
	asy_buf_fini(&text);
}

static void spoil_text(walker *k, asy_jv v)
{
	const char *s;
	size_t len;
	asy_buf said = {0};
	if (k->st == ASSAY_OK)
		k->st = asy_jv_str(v, &s, &len, k->err);
	if (k->st == ASSAY_OK)
		k->st = fail_words(s, k->skill, k->rng, &said, k->err);
	if (k->st == ASSAY_OK)
		asy_jw_strn(&k->w, (const char *)said.ptr, said.len);
	asy_buf_fini(&said);
}

/* Texts lose words, numbers lose precision, truths turn round. */
static void spoil_value(walker *k, asy_jv v)
{
	double noise = (1 - k->skill) * (2 * unit(k->rng) - 1), d;
	int64_t n;
	bool flag;
	switch (asy_jv_kind(v)) {
	case ASY_J_OBJECT:
	case ASY_J_ARRAY:
		walk_inside(k, v, spoil_value);
		return;
	case ASY_J_STRING:
		spoil_text(k, v);
		return;
	case ASY_J_BOOL:
		if (asy_jv_bool(v, &flag, NULL) == ASSAY_OK)
			asy_jw_bool(&k->w, unit(k->rng) >= k->skill ? !flag : flag);
		return;
	default:
		break;
	}
	if (asy_jv_i64(v, &n, NULL) == ASSAY_OK && n > -(INT64_C(1) << 52) && n < (INT64_C(1) << 52))
		asy_jw_i64(&k->w, (int64_t)llround((double)n * (1 + noise)));
	else if (asy_jv_f64(v, &d, NULL) == ASSAY_OK)
		asy_jw_f64(&k->w, d * (1 + noise));
	else
		copy_value(k, v);
}

static void pad_value(walker *k, asy_jv v)
{
	const char *s;
	size_t len;
	asy_buf text = {0};
	if (asy_jv_kind(v) == ASY_J_OBJECT || asy_jv_kind(v) == ASY_J_ARRAY) {
		walk_inside(k, v, pad_value);
		return;
	}
	if (asy_jv_str(v, &s, &len, NULL) != ASSAY_OK) {
		copy_value(k, v);
		return;
	}
	if (k->st == ASSAY_OK)
		k->st = asy_buf_add(&text, s, len, k->err);
	while (k->st == ASSAY_OK && text.len < len + k->filler)
		k->st = asy_buf_add_str(&text, " and so on", k->err);
	if (k->st == ASSAY_OK)
		asy_jw_strn(&k->w, (const char *)text.ptr, text.len);
	asy_buf_fini(&text);
}

static void twist_value(walker *k, asy_jv v)
{
	static const char *const texts[] = {"",
										"\x01\x02\x7f",
										"\\\"</script><b>&amp;%s%n",
										"\xe2\x80\xae\xef\xbf\xbf\xf0\x9f\x98\x80",
										"NaN",
										"-1e308"};
	static const double numbers[] = {0, -1, 1e308, -1e308, 4294967296.0, 1e-300};
	bool flag;
	switch (asy_jv_kind(v)) {
	case ASY_J_OBJECT:
		walk_inside(k, v, twist_value);
		return;
	case ASY_J_ARRAY:
		if (asy_rng_below(k->rng, 2) == 0) {
			walk_inside(k, v, twist_value);
			return;
		}
		asy_jw_array(&k->w);
		asy_jw_end_array(&k->w);
		return;
	case ASY_J_STRING:
		asy_jw_str(&k->w, texts[asy_rng_below(k->rng, ASY_COUNT(texts))]);
		return;
	case ASY_J_BOOL:
		if (asy_jv_bool(v, &flag, NULL) == ASSAY_OK)
			asy_jw_bool(&k->w, !flag);
		return;
	default:
		asy_jw_f64(&k->w, numbers[asy_rng_below(k->rng, ASY_COUNT(numbers))]);
		return;
	}
}

static assay_status walk(walker *k, asy_jv v, walk_fn *f, asy_buf *out)
{
	k->w = asy_jw_out(out, 0);
	f(k, v);
	assay_status st = asy_jw_end(&k->w, k->st == ASSAY_OK ? k->err : NULL);
	return k->st != ASSAY_OK ? k->st : st;
}

static assay_status walk_body(walker *k, assay_span body, walk_fn *f, asy_buf *out, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = body.len, .max_depth = BODY_DEPTH_MAX};
	asy_json *doc = NULL;
	assay_status st = asy_json_parse(body, &limits, &doc, err);
	if (st == ASSAY_OK)
		st = walk(k, asy_json_root(doc), f, out);
	asy_json_free(doc);
	return st;
}

static size_t count_texts(asy_jv v)
{
	asy_json_kind kind = asy_jv_kind(v);
	size_t n = kind == ASY_J_STRING;
	for (size_t i = 0; i < asy_jv_size(v); i++)
		n += count_texts(kind == ASY_J_OBJECT ? asy_jv_value(v, i) : asy_jv_at(v, i));
	return n;
}

assay_status asy_lnet_pad_body(assay_span body, size_t bytes, asy_buf *out, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = body.len, .max_depth = BODY_DEPTH_MAX};
	asy_json *doc = NULL;
	assay_status st = asy_json_parse(body, &limits, &doc, err);
	if (st != ASSAY_OK)
		return st;
	size_t texts = count_texts(asy_json_root(doc));
	walker k = {.filler = bytes > body.len && texts > 0 ? (bytes - body.len) / texts : 0,
				.err = err};
	st = walk(&k, asy_json_root(doc), pad_value, out);
	asy_json_free(doc);
	return st;
}

assay_status asy_lnet_twist_body(assay_span body, asy_rng *rng, asy_buf *out, assay_err *err)
{
	walker k = {.rng = rng, .err = err};
	return walk_body(&k, body, twist_value, out, err);
}

assay_status asy_lnet_answer_body(const char *task, const lnet_right *right, double skill,
								  asy_rng *rng, asy_buf *out, assay_err *err)
{
	walker k = {.rng = rng, .skill = skill, .err = err};
	if (asy_jv_kind(right->answer) == ASY_J_ABSENT)
		return from_reference(task, right, skill, rng, out, err);
	return walk(&k, right->answer, spoil_value, out);
}
