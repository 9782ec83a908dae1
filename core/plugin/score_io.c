/* The files of `assay score`: one challenge with its responses per line goes in; one JSON
 * document, or lines to read, comes out. Works on bytes the caller read and for the caller to
 * print. Refuses unknown keys, so that a misspelt "refrence" is not a bad score. */
#include <stdlib.h>
#include <math.h>
#include "plugin/explain.h"

#define LINE_MAX_BYTES ((size_t)256 << 20)
#define LINE_DEPTH 32u
#define CHALLENGES_MAX ((size_t)1 << 20)
#define RESPONSES_MAX ((size_t)1 << 20)

struct asy_score_set {
	asy_arena *arena;
	asy_plugin_challenge *challenge;
	const char **id; /* by challenge */
	asy_plugin_response *response;
	size_t challenge_n, challenge_cap, response_n, response_cap;
	asy_plugin_batch batch;
};

static const char *const line_keys[] = {"challenge_id",  "id",        "prompt",
										"prompt_base64", "reference", "reference_base64",
										"meta",          "responses"};
/* The last two are for `assay plugin check`: what should come of an example. */
static const char *const response_keys[] = {"miner",       "status",   "latency_ms", "body",
											"body_base64", "identity", "expect",     "rank"};

/* ---- reading ---- */

static assay_status keep(asy_score_set *s, const void *ptr, size_t len, assay_span *out,
						 assay_err *err)
{
	uint8_t *copy = asy_arena_dup(s->arena, ptr, len);
	if (copy == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu bytes", len);
	*out = asy_span(copy, len);
	return ASSAY_OK;
}

static assay_status keep_json(asy_score_set *s, asy_jv v, assay_span *out, assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_jv_canonical(v, &text, err);
	if (st == ASSAY_OK)
		st = keep(s, text.ptr, text.len, out, err);
	asy_buf_fini(&text);
	return st;
}

/* v[key] is a text, taken as its bytes, or an object or array, taken as canonical
 * JSON; or v[key_base64] is any bytes. Neither = empty, both = an error. */
static assay_status read_bytes(asy_score_set *s, asy_jv v, const char *key, const char *key64,
							   assay_span *out, assay_err *err)
{
	asy_jv plain = asy_jv_get(v, key), coded = asy_jv_get(v, key64);
	const char *text;
	size_t len;

	*out = (assay_span){NULL, 0};
	if (!asy_jv_is_null(plain) && !asy_jv_is_null(coded))
		return ASSAY_FAIL(err, E_INPUT, "both \"%s\" and \"%s\"; give one", key, key64);
	if (asy_jv_kind(plain) == ASY_J_OBJECT || asy_jv_kind(plain) == ASY_J_ARRAY)
		return keep_json(s, plain, out, err);
	if (!asy_jv_is_null(plain)) {
		assay_status st = asy_jv_str(plain, &text, &len, err);
		return st == ASSAY_OK ? keep(s, text, len, out, err) : st;
	}
	if (asy_jv_is_null(coded))
		return ASSAY_OK;
	assay_status st = asy_jv_str(coded, &text, &len, err);
	if (st != ASSAY_OK)
		return st;
	uint8_t *bytes = asy_arena_take(s->arena, len / 4 * 3 + 3, 16);
	size_t bytes_len;
	if (bytes == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu bytes", len);
	if (!asy_base64_decode(asy_span(text, len), bytes, &bytes_len))
		return ASSAY_FAIL(err, E_INPUT, "\"%s\" is not base64 (standard alphabet, padded)", key64);
	*out = asy_span(bytes, bytes_len);
	return ASSAY_OK;
}

static assay_status read_u32(asy_jv v, uint32_t *out, assay_err *err)
{
	uint64_t n;
	assay_status st = asy_jv_u64(v, &n, err);
	if (st != ASSAY_OK)
		return st;
	if (n > UINT32_MAX)
		return ASSAY_FAIL(err, E_RANGE, "%" PRIu64 " is beyond 32 bits", n);
	*out = (uint32_t)n;
	return ASSAY_OK;
}

static assay_status read_status(asy_jv v, uint32_t *out, assay_err *err)
{
	const char *name;
	size_t len;
	if (asy_jv_is_null(v)) {
		*out = ASY_RESP_OK;
		return ASSAY_OK;
	}
	assay_status st = asy_jv_str(v, &name, &len, err);
	if (st != ASSAY_OK)
		return st;
	for (uint32_t i = 0; i < ASY_RESP_STATUS_N; i++)
		if (strcmp(name, asy_resp_name(i)) == 0) {
			*out = i;
			return ASSAY_OK;
		}
	return ASSAY_FAIL(err, E_INPUT,
					  "status \"%.40s\" is none of ok, empty, timeout, http, refused, too_large, "
					  "unsigned",
					  name);
}

static assay_status read_who(asy_jv v, asy_plugin_who *out, assay_err *err)
{
	static const char *const keys[] = {"hotkey", "coldkey", "address"};
	uint64_t *const into[] = {&out->hotkey, &out->coldkey, &out->address};
	if (asy_jv_is_null(v))
		return ASSAY_OK;
	if (asy_jv_kind(v) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_INPUT, "\"identity\" must be an object of numbers");
	assay_status st = asy_jv_known(v, keys, ASY_COUNT(keys), err);
	for (size_t i = 0; st == ASSAY_OK && i < ASY_COUNT(keys); i++)
		if (!asy_jv_is_null(asy_jv_get(v, keys[i])))
			st = asy_jv_u64(asy_jv_get(v, keys[i]), into[i], err);
	return st;
}

/* Doubles *v until it holds one more; size is of an element. */
static assay_status more(void **v, size_t n, size_t *cap, size_t size, size_t max, assay_err *err)
{
	if (n < *cap)
		return ASSAY_OK;
	if (n >= max)
		return ASSAY_FAIL(err, E_LIMIT, "more than %zu of them", max);
	size_t next = *cap != 0 ? *cap * 2 : 64;
	void *p = realloc(*v, next * size);
	if (p == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu entries", next);
	*v = p;
	*cap = next;
	return ASSAY_OK;
}

static assay_status read_response(asy_score_set *s, asy_jv v, uint32_t challenge, assay_err *err)
{
	asy_plugin_response x = {.challenge = challenge};
	asy_jv latency = asy_jv_get(v, "latency_ms");

	if (asy_jv_kind(v) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_INPUT, "must be an object");
	assay_status st = asy_jv_known(v, response_keys, ASY_COUNT(response_keys), err);
	if (st == ASSAY_OK)
		st = read_u32(asy_jv_get(v, "miner"), &x.miner, err);
	if (st == ASSAY_OK)
		st = read_status(asy_jv_get(v, "status"), &x.status, err);
	if (st == ASSAY_OK && !asy_jv_is_null(latency))
		st = read_u32(latency, &x.latency_ms, err);
	if (st == ASSAY_OK)
		st = read_bytes(s, v, "body", "body_base64", &x.body, err);
	if (st == ASSAY_OK)
		st = read_who(asy_jv_get(v, "identity"), &x.who, err);
	if (st == ASSAY_OK)
		st = more((void **)&s->response, s->response_n, &s->response_cap, sizeof x, RESPONSES_MAX,
				  err);
	if (st == ASSAY_OK)
		s->response[s->response_n++] = x;
	return st;
}

static assay_status add_challenge(asy_score_set *s, const char *id, const asy_plugin_challenge *c,
								  assay_err *err)
{
	size_t cap = s->challenge_cap;
	const char *copy = asy_arena_strdup(s->arena, id);
	if (copy == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "challenge name");
	assay_status st =
		more((void **)&s->challenge, s->challenge_n, &cap, sizeof *c, CHALLENGES_MAX, err);
	if (st == ASSAY_OK)
		st = more((void **)&s->id, s->challenge_n, &s->challenge_cap, sizeof *s->id, CHALLENGES_MAX,
				  err);
	if (st != ASSAY_OK)
		return st;
	s->id[s->challenge_n] = copy;
	s->challenge[s->challenge_n++] = *c;
	return ASSAY_OK;
}

static assay_status read_challenge(asy_score_set *s, asy_jv v, size_t line, assay_err *err)
{
	asy_plugin_challenge c = {0};
	asy_jv name = asy_jv_get(v, "challenge_id"), responses = asy_jv_get(v, "responses");
	asy_jv meta = asy_jv_get(v, "meta");
	char numbered[32];
	const char *id = numbered;
	size_t id_len;

	(void)snprintf(numbered, sizeof numbered, "line-%zu", line);
	if (asy_jv_kind(v) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_INPUT, "must be an object");
	assay_status st = asy_jv_known(v, line_keys, ASY_COUNT(line_keys), err);
	if (asy_jv_is_null(name))
		name = asy_jv_get(v, "id");
	if (st == ASSAY_OK && !asy_jv_is_null(name))
		st = asy_jv_str(name, &id, &id_len, err);
	if (st == ASSAY_OK && asy_jv_kind(responses) != ASY_J_ARRAY)
		st = asy_jv_is_null(responses)
				 ? ASSAY_FAIL(err, E_INPUT,
							  "no \"responses\": this is a challenge without answers; add "
							  "\"responses\": [{\"miner\": 1, \"body\": ...}]")
				 : ASSAY_FAIL(err, E_INPUT, "\"responses\" must be an array");
	if (st == ASSAY_OK)
		st = read_bytes(s, v, "prompt", "prompt_base64", &c.prompt, err);
	if (st == ASSAY_OK)
		st = read_bytes(s, v, "reference", "reference_base64", &c.reference, err);
	if (st == ASSAY_OK && !asy_jv_is_null(meta))
		st = keep_json(s, meta, &c.meta_json, err);
	if (st == ASSAY_OK)
		st = add_challenge(s, id, &c, err);
	for (size_t i = 0; st == ASSAY_OK && i < asy_jv_size(responses); i++) {
		st = read_response(s, asy_jv_at(responses, i), (uint32_t)(s->challenge_n - 1), err);
		if (st != ASSAY_OK)
			st = assay_err_at(err, st, "responses[%zu]", i);
	}
	return st;
}

static assay_status read_line(asy_score_set *s, assay_span text, size_t line, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = LINE_MAX_BYTES, .max_depth = LINE_DEPTH};
	asy_json *doc = NULL;
	assay_status st = asy_json_parse(text, &limits, &doc, err);
	if (st == ASSAY_OK)
		st = read_challenge(s, asy_json_root(doc), line, err);
	asy_json_free(doc);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "line %zu", line);
}

static bool is_blank(assay_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\r')
			return false;
	return true;
}

static assay_status read_lines(asy_score_set *s, assay_span text, assay_err *err)
{
	assay_status st = ASSAY_OK;
	size_t line = 0;

	while (st == ASSAY_OK && text.len != 0) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;
		assay_span one = {text.ptr, len};
		line++;
		if (!is_blank(one))
			st = read_line(s, one, line, err);
		len += end != NULL;
		text = (assay_span){text.ptr + len, text.len - len};
	}
	if (st == ASSAY_OK && s->challenge_n == 0)
		st = ASSAY_FAIL(err, E_EMPTY,
						"no challenge in the file: one JSON object per line is expected");
	return st;
}

assay_status asy_score_set_read(assay_span text, asy_score_set **out, assay_err *err)
{
	asy_score_set *s = asy_calloc(1, sizeof *s);
	if (s == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "score set");
	s->arena = asy_arena_new(0);
	assay_status st =
		s->arena != NULL ? read_lines(s, text, err) : ASSAY_FAIL(err, E_NOMEM, "score set");
	if (st != ASSAY_OK) {
		asy_score_set_free(s);
		return st;
	}
	s->batch = (asy_plugin_batch){.challenge = s->challenge,
								  .challenge_n = s->challenge_n,
								  .response = s->response,
								  .response_n = s->response_n};
	*out = s;
	return ASSAY_OK;
}

void asy_score_set_free(asy_score_set *s)
{
	if (s == NULL)
		return;
	free(s->challenge);
	free(s->id);
	free(s->response);
	asy_arena_free(s->arena);
	free(s);
}

const asy_plugin_batch *asy_score_set_batch(const asy_score_set *s)
{
	return &s->batch;
}

const char *asy_score_set_id(const asy_score_set *s, size_t challenge)
{
	return s->id[challenge];
}

/* ---- writing ---- */

static void write_plugin(asy_jw *w, const asy_plugin_about *a)
{
	asy_jw_key(w, "plugin");
	asy_jw_object(w);
	asy_jw_kstr(w, "id", a->id);
	asy_jw_kstr(w, "version", a->version);
	asy_jw_kstr(w, "task_kind", a->task_kind);
	asy_jw_kf64(w, "score_min", a->score_min);
	asy_jw_kf64(w, "score_max", a->score_max);
	asy_jw_kbool(w, "higher_is_better", a->higher_is_better);
	asy_jw_khex(w, "file_digest", a->file_digest, sizeof a->file_digest);
	asy_jw_khex(w, "config_digest", a->config_digest, sizeof a->config_digest);
	asy_jw_key(w, "config");
	asy_jw_raw(w, a->config);
	asy_jw_end_object(w);
}

static void write_stats(asy_jw *w, const asy_plugin_stats *s)
{
	asy_jw_key(w, "stats");
	asy_jw_object(w);
	asy_jw_ku64(w, "scored", s->scored);
	asy_jw_ku64(w, "abstained", s->abstained);
	asy_jw_ku64(w, "invalid", s->invalid);
	asy_jw_ku64(w, "floored", s->floored);
	asy_jw_ku64(w, "not_asked", s->not_asked);
	asy_jw_ku64(w, "crashes", s->crashes);
	asy_jw_ku64(w, "stalls", s->stalls);
	asy_jw_ku64(w, "restarts", s->restarts);
	asy_jw_ku64(w, "log_dropped", s->log_dropped);
	asy_jw_end_object(w);
}

static void write_components(asy_jw *w, const asy_plugin_about *a, const double *component)
{
	asy_jw_key(w, "components");
	asy_jw_object(w);
	for (uint32_t k = 0; k < a->component_n; k++)
		asy_jw_kf64(w, a->component_name[k], component[k]);
	asy_jw_end_object(w);
}

static bool has_score(const asy_plugin_row *r)
{
	return r->flag == ASY_ROW_SCORED && !isnan(r->score);
}

static void write_arithmetic(asy_jw *w, const asy_plugin_about *a, const double *component,
							 const asy_plugin_row *r)
{
	asy_explain_formula f;
	if (!has_score(r))
		return;
	asy_explain_rule(a, &f);
	asy_jw_key(w, "arithmetic");
	asy_explain_json(w, a, &f, component, r->score);
}

/* Means over the rows in which a component was measured; a row without it does not
 * count as 0. */
static void write_means(asy_jw *w, size_t rows, const asy_plugin_about *a,
						const asy_plugin_results *res)
{
	asy_jw_key(w, "means");
	asy_jw_object(w);
	for (uint32_t k = 0; k < a->component_n; k++) {
		double sum = 0;
		uint64_t n = 0;
		for (size_t i = 0; i < rows; i++) {
			double x = res->component[i * a->component_n + k];
			if (has_score(&res->row[i]) && isfinite(x)) {
				sum += x;
				n++;
			}
		}
		asy_jw_key(w, a->component_name[k]);
		asy_jw_object(w);
		asy_jw_ku64(w, "measured", n);
		asy_jw_kf64(w, "mean", n > 0 ? sum / (double)n : NAN);
		asy_jw_end_object(w);
	}
	asy_jw_end_object(w);
}

static void write_row(asy_jw *w, const asy_score_set *s, size_t row, const asy_plugin_about *a,
					  const asy_plugin_results *res, bool explain)
{
	const asy_plugin_response *x = &s->response[row];
	const asy_plugin_row *r = &res->row[row];
	asy_jw_object(w);
	asy_jw_ku64(w, "miner", x->miner);
	asy_jw_kstr(w, "status", asy_resp_name(x->status));
	asy_jw_kstr(w, "flag", asy_row_flag_name(r->flag));
	if (r->cause != ASY_CAUSE_NONE)
		asy_jw_kstr(w, "cause", asy_row_cause_name(r->cause));
	asy_jw_kf64(w, "score", r->score);
	asy_jw_kf64(w, "value", r->value);
	if (explain && res->component != NULL && a->component_n != 0) {
		write_components(w, a, res->component + row * a->component_n);
		write_arithmetic(w, a, res->component + row * a->component_n, r);
	}
	asy_jw_end_object(w);
}

assay_status asy_score_set_write(const asy_score_set *s, const asy_plugin_about *a,
								 const asy_plugin_results *res, bool explain, unsigned indent,
								 asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, indent);
	size_t row = 0;

	asy_jw_object(&w);
	write_plugin(&w, a);
	write_stats(&w, &res->stats);
	if (explain && res->component != NULL && a->component_n != 0)
		write_means(&w, s->response_n, a, res);
	asy_jw_key(&w, "challenges");
	asy_jw_array(&w);
	/* responses were read challenge by challenge, so they lie in that order */
	for (size_t i = 0; i < s->challenge_n; i++) {
		asy_jw_object(&w);
		asy_jw_kstr(&w, "challenge_id", s->id[i]);
		asy_jw_key(&w, "responses");
		asy_jw_array(&w);
		for (; row < s->response_n && s->response[row].challenge == i; row++)
			write_row(&w, s, row, a, res, explain);
		asy_jw_end_array(&w);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}

/* ---- lines to read ---- */

static assay_status say_row(const asy_score_set *s, size_t row, const asy_plugin_about *a,
							const asy_explain_formula *f, const asy_plugin_results *res,
							asy_buf *out, assay_err *err)
{
	const asy_plugin_response *x = &s->response[row];
	const asy_plugin_row *r = &res->row[row];
	assay_status st =
		asy_buf_printf(out, err, "%s, miner %" PRIu32 ": %s%s%s\n", s->id[x->challenge], x->miner,
					   asy_row_flag_name(r->flag), r->cause != ASY_CAUSE_NONE ? ", " : "",
					   r->cause != ASY_CAUSE_NONE ? asy_row_cause_name(r->cause) : "");
	if (st != ASSAY_OK || !has_score(r) || res->component == NULL || a->component_n == 0)
		return st;
	return asy_explain_text(a, f, res->component + row * a->component_n, r->score, out, err);
}

assay_status asy_score_set_print(const asy_score_set *s, const asy_plugin_about *a,
								 const asy_plugin_results *res, asy_buf *out, assay_err *err)
{
	asy_explain_formula f;
	assay_status st = asy_buf_printf(out, err, "%s %s\n", a->id, a->version);
	asy_explain_rule(a, &f);
	for (size_t row = 0; st == ASSAY_OK && row < s->response_n; row++)
		st = say_row(s, row, a, &f, res, out, err);
	return st;
}
