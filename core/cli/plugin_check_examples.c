/* assay plugin check: the examples beside a plugin, and the batch that most checks score. An
 * example file is what `assay score` reads; its responses may also say what should come of
 * them: "expect": [least, most] on the plugin's scale, "rank": 1 for the best of its line. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/plugin_check.h"

#define EXAMPLES_MAX ((size_t)256 << 20)

/* For plugins without examples: whatever a plugin expects, it must bear this. */
static const char *const own_lines =
	"{\"prompt\":{\"question\":\"Why is the sky blue?\"},\"reference\":{\"text\":\"Air scatters "
	"short waves most.\",\"answers\":[\"Air scatters short waves most.\"]},\"responses\":["
	"{\"miner\":1,\"body\":{\"text\":\"Air scatters short waves most.\"}},"
	"{\"miner\":2,\"body\":{\"text\":\"The sea is blue.\"}},{\"miner\":3,\"body\":\"plain\"},"
	"{\"miner\":4,\"body\":{}},{\"miner\":5,\"status\":\"timeout\"}]}\n";

/* ---- the file ---- */

/* examples.jsonl in the plugin's folder, or in the one above: where a build folder lies. */
static bool find(const check *c, char *out, size_t cap)
{
	static const char *const places[] = {"examples.jsonl", "../examples.jsonl"};
	const char *slash = strrchr(c->real, '/');
	for (size_t i = 0; slash != NULL && i < ASY_COUNT(places); i++) {
		int n = snprintf(out, cap, "%.*s/%s", (int)(slash - c->real), c->real, places[i]);
		if (n > 0 && (size_t)n < cap && access(out, R_OK) == 0)
			return true;
	}
	return false;
}

static assay_status read_hope(asy_jv v, check_hope *h, assay_err *err)
{
	asy_jv expect = asy_jv_get(v, "expect"), rank = asy_jv_get(v, "rank");
	assay_status st = ASSAY_OK;
	*h = (check_hope){NAN, NAN, 0};
	if (!asy_jv_is_null(expect)) {
		st = asy_jv_f64(asy_jv_at(expect, 0), &h->least, err);
		if (st == ASSAY_OK)
			st = asy_jv_f64(asy_jv_at(expect, 1), &h->most, err);
		if (st == ASSAY_OK && (asy_jv_size(expect) != 2 || !(h->least <= h->most)))
			st = ASSAY_FAIL(err, E_INPUT, "\"expect\" is [least, most]");
	}
	if (st == ASSAY_OK && !asy_jv_is_null(rank))
		st = asy_jv_u64(rank, &h->rank, err);
	return st;
}

/* The responses come in the order in which the score set keeps them. */
static assay_status read_hopes(check *c, assay_err *err)
{
	size_t n = asy_score_set_batch(c->set)->response_n, at = 0;
	assay_span rest = asy_buf_span(&c->example_text);
	assay_status st = ASSAY_OK;
	c->hope = asy_calloc(n + 1, sizeof *c->hope);
	if (c->hope == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu examples", n);
	while (st == ASSAY_OK && rest.len != 0) {
		const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
		asy_json *doc = NULL;
		if (asy_json_parse(asy_span(rest.ptr, len), NULL, &doc, NULL) == ASSAY_OK) {
			asy_jv responses = asy_jv_get(asy_json_root(doc), "responses");
			for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(responses) && at < n; i++)
				st = read_hope(asy_jv_at(responses, i), &c->hope[at++], err);
		}
		asy_json_free(doc);
		len += end != NULL;
		rest = asy_span(rest.ptr + len, rest.len - len);
	}
	return st;
}

assay_status check_read_examples(check *c, assay_err *err)
{
	char found[ASY_FRONT_PATH];
	if (c->examples == NULL && !find(c, found, sizeof found))
		return ASSAY_OK;
	const char *path = c->examples != NULL ? c->examples : found;
	assay_status st = asy_front_read_file(path, EXAMPLES_MAX, &c->example_text, err);
	if (st == ASSAY_OK)
		st = asy_score_set_read(asy_buf_span(&c->example_text), &c->set, err);
	if (st == ASSAY_OK && asy_score_set_batch(c->set)->response_n == 0)
		st = ASSAY_FAIL(err, E_INPUT, "there is no response in it");
	if (st == ASSAY_OK)
		st = read_hopes(c, err);
	return st == ASSAY_OK || c->examples == path ? st : assay_err_at(err, st, "%s", path);
}

assay_status check_make_batch(check *c, assay_err *err)
{
	asy_score_set *own = NULL;
	assay_status st = ASSAY_OK;
	if (c->set == NULL && (st = asy_score_set_read(asy_span_str(own_lines), &own, err)) == ASSAY_OK)
		c->set = own; /* without hopes: it says nothing of sense */
	if (st != ASSAY_OK)
		return st;
	const asy_plugin_batch *b = asy_score_set_batch(c->set);
	size_t n = b->response_n < CHECK_ROWS_MIN ? CHECK_ROWS_MIN : b->response_n;
	c->response = asy_calloc(n, sizeof *c->response);
	c->challenge = asy_calloc(b->challenge_n + 1, sizeof *c->challenge);
	if (c->response == NULL || c->challenge == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu rows", n);
	memcpy(c->challenge, b->challenge, b->challenge_n * sizeof *c->challenge);
	for (size_t i = 0; i < n; i++) {
		c->response[i] = b->response[i % b->response_n];
		c->response[i].miner = (uint32_t)i;
	}
	c->batch = (asy_plugin_batch){c->challenge, b->challenge_n, c->response, n};
	return ASSAY_OK;
}

/* ---- other texts in the same shape ---- */

static assay_status rewrite(asy_jw *w, asy_jv v, check_rewrite *f, void *arg, int depth,
							assay_err *err)
{
	const char *text;
	size_t len;
	asy_buf out = {0};
	assay_status st = ASSAY_OK;
	asy_json_kind kind = asy_jv_kind(v);
	if (depth > 60)
		return ASSAY_FAIL(err, E_LIMIT, "an example is nested too deep");
	if (kind == ASY_J_STRING) {
		st = asy_jv_str(v, &text, &len, err);
		if (st == ASSAY_OK)
			st = f(arg, text, len, &out, err);
		if (st == ASSAY_OK)
			asy_jw_strn(w, (const char *)out.ptr, out.len);
	} else if (kind == ASY_J_ARRAY) {
		asy_jw_array(w);
		for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(v); i++)
			st = rewrite(w, asy_jv_at(v, i), f, arg, depth + 1, err);
		asy_jw_end_array(w);
	} else if (kind == ASY_J_OBJECT) {
		asy_jw_object(w);
		for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(v); i++) {
			asy_jw_key(w, asy_jv_key(v, i));
			st = rewrite(w, asy_jv_value(v, i), f, arg, depth + 1, err);
		}
		asy_jw_end_object(w);
	} else {
		st = asy_jv_canonical(v, &out, err);
		if (st == ASSAY_OK)
			asy_jw_raw(w, asy_buf_span(&out));
	}
	asy_buf_fini(&out);
	return st;
}

assay_status check_reshape(assay_span like, check_rewrite *f, void *arg, asy_buf *out,
						   assay_err *err)
{
	asy_json *doc = NULL;
	if (asy_json_parse(like, NULL, &doc, NULL) != ASSAY_OK)
		return f(arg, (const char *)like.ptr, like.len, out, err);
	asy_jw w = asy_jw_out(out, 0);
	assay_status st = rewrite(&w, asy_json_root(doc), f, arg, 0, err);
	if (st == ASSAY_OK)
		st = asy_jw_end(&w, err);
	asy_json_free(doc);
	return st;
}
