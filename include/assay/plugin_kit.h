/* assay/plugin_kit.h - what most plugins would write again: rows by stride, options, the
 * JSON of strangers, sentences for the operator. Include it in the place of plugin.h.
 * Header only, C11 or C++11, no state; only ASSAY_ROW_API allocates, the instance; every
 * function is [any]. It is no part
 * of the contract: a plugin carries its own copy, and no host knows of it. */
#ifndef ASSAY_PLUGIN_KIT_H
#define ASSAY_PLUGIN_KIT_H
#include <assay/plugin.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __cplusplus
#include <new>
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wzero-as-null-pointer-constant"
#endif
#if defined(__GNUC__)
#define ASSAY_KIT_FN __attribute__((unused)) static inline
#define ASSAY_KIT_PRINTF(at) __attribute__((unused, format(printf, at, (at) + 1))) static
#else
#define ASSAY_KIT_FN static inline
#define ASSAY_KIT_PRINTF(at) static
#endif

/* Exports the plugin: its tables, in one line at the end of the file. */
#define ASSAY_PLUGIN(info, api)                                                                    \
	const assay_plugin_desc *assay_plugin_entry_v1(void)                                           \
	{                                                                                              \
		static const assay_plugin_desc desc = {                                                    \
			ASSAY_PLUGIN_MAGIC, sizeof(assay_plugin_desc), ASSAY_ABI, 0, &(info), &(api)};         \
		return &desc;                                                                              \
	}                                                                                              \
	typedef int assay_plugin_is_exported

/* ---- rows ---- */

ASSAY_KIT_FN const assay_response *assay_kit_response(const assay_batch *b, uint64_t i)
{
	return (const assay_response *)(const void *)((const char *)b->response +
												  i * b->response_stride);
}

/* The challenge that a response answers. */
ASSAY_KIT_FN const assay_challenge *assay_kit_challenge(const assay_batch *b,
														const assay_response *r)
{
	return (const assay_challenge *)(const void *)((const char *)b->challenge +
												   (size_t)r->challenge * b->challenge_stride);
}

ASSAY_KIT_FN void assay_kit_score(assay_scores *s, uint64_t i, double score)
{
	s->score[i] = score;
	s->flag[i] = ASSAY_ROW_SCORED;
}

/* No opinion: the miner keeps what it had. */
ASSAY_KIT_FN void assay_kit_abstain(assay_scores *s, uint64_t i)
{
	s->flag[i] = ASSAY_ROW_ABSTAIN;
}

/* The components of a row, info.component_n of them; NULL when the host wants none. */
ASSAY_KIT_FN double *assay_kit_components(assay_scores *s, uint64_t i)
{
	return s->component != NULL ? s->component + i * s->component_n : NULL;
}

/* The challenge that is being made; count it with out->made++. */
ASSAY_KIT_FN assay_challenge *assay_kit_made(const assay_challenges *out)
{
	return (assay_challenge *)(void *)((char *)out->challenge +
									   (size_t)out->made * out->challenge_stride);
}

/* ---- bytes ---- */

ASSAY_KIT_FN int assay_kit_is(assay_bytes b, const char *text)
{
	size_t n = strlen(text);
	return b.len == n && (n == 0 || memcmp(b.ptr, text, n) == 0);
}

/* The next code point of UTF-8, *p moved behind it. What is no UTF-8 is U+FFFD, byte by
 * byte. Only while *p < end. */
ASSAY_KIT_FN uint32_t assay_kit_utf8(const uint8_t **p, const uint8_t *end)
{
	static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
	uint32_t c = *(*p)++;
	int more = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : -1;
	if (more < 0 || end - *p < more)
		return 0xfffd;
	if (more == 0)
		return c;
	c &= 0x3fu >> more;
	for (int i = 0; i < more; i++) {
		if (((*p)[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | ((*p)[i] & 0x3fu);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0xfffd;
	*p += more;
	return c;
}

/* ---- words to the operator ---- */

ASSAY_KIT_PRINTF(3) void assay_kit_log(const assay_host_api *h, int32_t level, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n > 0)
		h->log(h->h, level, text, (uint64_t)n < sizeof text ? (uint64_t)n : sizeof text - 1);
}

/* Into dst, ended by a NUL: a prompt, say. Empty when it does not fit. */
ASSAY_KIT_PRINTF(3) assay_bytes assay_kit_print(char *dst, size_t cap, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(dst, cap, fmt, ap);
	va_end(ap);
	int fits = n > 0 && (size_t)n < cap;
	assay_bytes out = {fits ? (const uint8_t *)dst : NULL, fits ? (uint64_t)n : 0};
	return out;
}

/* return assay_kit_fail(host, ASSAY_RC_CONFIG, "no such model: %s", name); */
ASSAY_KIT_PRINTF(3)
assay_rc assay_kit_fail(const assay_host_api *h, assay_rc rc, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n > 0)
		h->fail(h->h, text, (uint64_t)n < sizeof text ? (uint64_t)n : sizeof text - 1);
	return rc;
}

/* ---- JSON ----
 * Finds, and does not validate: for a text that is no JSON the answer is some part of it or
 * nothing, never a byte outside. Deeper than 64 levels is nothing. */

ASSAY_KIT_FN const uint8_t *assay_kit_json_space(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Behind the string that begins at p; NULL: it does not end. */
ASSAY_KIT_FN const uint8_t *assay_kit_json_string_end(const uint8_t *p, const uint8_t *end)
{
	for (p++; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

/* Behind the value that begins at p. */
ASSAY_KIT_FN const uint8_t *assay_kit_json_end(const uint8_t *p, const uint8_t *end)
{
	unsigned depth = 0;
	while (p != NULL && p < end) {
		if (*p == '"') {
			p = assay_kit_json_string_end(p, end);
		} else if (*p == '{' || *p == '[') {
			p = ++depth > 64 ? NULL : p + 1;
			continue;
		} else if (*p == '}' || *p == ']') {
			if (depth == 0)
				return p;
			depth--;
			p++;
		} else if (depth != 0) {
			p++;
			continue;
		} else {
			while (p < end && strchr(",]} \t\r\n", *p) == NULL)
				p++;
		}
		if (depth == 0)
			return p;
	}
	return NULL;
}

/* The member of an object, or the element of an array, that has this name or number. */
ASSAY_KIT_FN int assay_kit_json_member(assay_bytes in, const char *name, size_t len,
									   assay_bytes *out)
{
	const uint8_t *end = in.ptr + in.len, *p = assay_kit_json_space(in.ptr, end), *next;
	unsigned long index = 0;
	int is_number = len != 0 && strspn(name, "0123456789") >= len;
	if (p == end || (*p != '{' && *p != '['))
		return 0;
	for (int is_object = *p++ == '{'; p < end; index++) {
		int found = !is_object && is_number && strtoul(name, NULL, 10) == index;
		p = assay_kit_json_space(p, end);
		if (is_object) {
			if (p == end || *p != '"' || (next = assay_kit_json_string_end(p, end)) == NULL)
				return 0;
			found = (size_t)(next - p) == len + 2 && memcmp(p + 1, name, len) == 0;
			p = assay_kit_json_space(next, end);
			if (p == end || *p != ':')
				return 0;
			p = assay_kit_json_space(p + 1, end);
		}
		next = assay_kit_json_end(p, end);
		if (next == NULL || next == p)
			return 0;
		if (found) {
			out->ptr = p;
			out->len = (uint64_t)(next - p);
			return 1;
		}
		p = assay_kit_json_space(next, end);
		if (p == end || *p != ',')
			return 0;
		p++;
	}
	return 0;
}

/* The value at "weights.f1" or "rows.0.text", as it is written. 0: not there. */
ASSAY_KIT_FN int assay_kit_json_get(assay_bytes doc, const char *path, assay_bytes *out)
{
	for (;;) {
		size_t n = strcspn(path, ".");
		if (doc.ptr == NULL || !assay_kit_json_member(doc, path, n, &doc))
			return 0;
		if (path[n] == '\0')
			break;
		path += n + 1;
	}
	*out = doc;
	return 1;
}

ASSAY_KIT_FN int assay_kit_json_number(assay_bytes value, double *out)
{
	char text[64], *stop;
	if (value.len == 0 || value.len >= sizeof text || strchr("-0123456789", value.ptr[0]) == NULL)
		return 0;
	memcpy(text, value.ptr, (size_t)value.len);
	text[value.len] = '\0';
	*out = strtod(text, &stop);
	return *stop == '\0' && strpbrk(text, "xXnNiI") == NULL;
}

ASSAY_KIT_FN unsigned assay_kit_hex4(const uint8_t *p, const uint8_t *end)
{
	unsigned v = 0;
	if (end - p < 4)
		return 0xfffd;
	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *at = p[i] == 0 ? NULL : strchr(digits, p[i]);
		if (at == NULL)
			return 0xfffd;
		v = v << 4 | (unsigned)((at - digits) & 15);
	}
	return v;
}

ASSAY_KIT_FN size_t assay_kit_utf8_put(char *dst, uint32_t c)
{
	if (c < 0x80) {
		dst[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
	dst[0] = (char)(lead[n] | c >> 6 * (n - 1));
	for (size_t i = 1; i < n; i++)
		dst[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	return n;
}

/* What "\u" and the digits behind p stand for, *p moved behind them; half a pair is U+FFFD. */
ASSAY_KIT_FN uint32_t assay_kit_json_escape(const uint8_t **p, const uint8_t *end)
{
	uint32_t c = assay_kit_hex4(*p, end);
	*p += end - *p < 4 ? end - *p : 4;
	if (c >= 0xd800 && c < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		uint32_t low = assay_kit_hex4(*p + 2, end);
		if (low >= 0xdc00 && low < 0xe000) {
			*p += 6;
			return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return c >= 0xd800 && c < 0xe000 ? 0xfffd : c;
}

/* The text of a string value, escapes resolved, ended by a NUL. 0: it is no string, or does
 * not fit into cap bytes. len (may be NULL) tells of NULs inside. */
ASSAY_KIT_FN int assay_kit_json_text(assay_bytes value, char *dst, size_t cap, size_t *len)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	size_t n = 0;
	if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"')
		return 0;
	const uint8_t *p = value.ptr + 1, *end = value.ptr + value.len - 1;
	while (p < end) {
		if (n + 5 > cap)
			return 0;
		if (*p != '\\' || end - p < 2) {
			dst[n++] = (char)*p++;
			continue;
		}
		uint8_t c = p[1];
		const char *at = c == 0 ? NULL : strchr(from, c);
		p += 2;
		if (c == 'u')
			n += assay_kit_utf8_put(dst + n, assay_kit_json_escape(&p, end));
		else
			dst[n++] = at != NULL ? to[at - from] : (char)c;
	}
	if (n >= cap)
		return 0;
	dst[n] = '\0';
	if (len != NULL)
		*len = n;
	return 1;
}

/* ---- options ----
 * The host has validated the configuration and filled in the defaults of the schema, so an
 * option of the schema is there and of its type. A name that the schema does not have gives
 * fallback. */

ASSAY_KIT_FN double assay_kit_number(assay_bytes config, const char *path, double fallback)
{
	assay_bytes v;
	double d;
	return assay_kit_json_get(config, path, &v) && assay_kit_json_number(v, &d) ? d : fallback;
}

ASSAY_KIT_FN int assay_kit_flag(assay_bytes config, const char *path, int fallback)
{
	assay_bytes v;
	return assay_kit_json_get(config, path, &v) ? assay_kit_is(v, "true") : fallback;
}

/* 0: not there, or longer than cap - 5 bytes; dst is then empty. */
ASSAY_KIT_FN int assay_kit_text(assay_bytes config, const char *path, char *dst, size_t cap)
{
	assay_bytes v;
	if (assay_kit_json_get(config, path, &v) && assay_kit_json_text(v, dst, cap, NULL))
		return 1;
	dst[0] = '\0';
	return 0;
}

/* The schema of the options: .config_schema = ASSAY_KIT_OPTIONS(ASSAY_KIT_INTEGER(...) ","
 * ASSAY_KIT_FLAG(...)). Bounds and defaults are literals; about holds no quotes. */
#define ASSAY_KIT_OPTIONS(options)                                                                 \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" options "}}"
#define ASSAY_KIT_INTEGER(name, least, most, preset, about)                                        \
	ASSAY_KIT_BOUNDED("integer", name, least, most, preset, about)
#define ASSAY_KIT_NUMBER(name, least, most, preset, about)                                         \
	ASSAY_KIT_BOUNDED("number", name, least, most, preset, about)
#define ASSAY_KIT_BOUNDED(type, name, least, most, preset, about)                                  \
	"\"" name "\":{\"type\":\"" type "\",\"minimum\":" #least ",\"maximum\":" #most                \
	",\"default\":" #preset ",\"description\":\"" about "\"}"
#define ASSAY_KIT_FLAG(name, preset, about)                                                        \
	"\"" name "\":{\"type\":\"boolean\",\"default\":" #preset ",\"description\":\"" about "\"}"

/* ---- a whole plugin ----
 * For a task whose rows are judged one by one. struct assay_plugin has a member
 * `const assay_host_api *host`, which is set; all else in it begins as zero. */

typedef struct {
	const assay_round_info *round;
	const assay_challenge *challenge;
	const assay_response *response; /* its status is ASSAY_RESP_OK */
	double *component;              /* info.component_n of them; NULL: not wanted */
} assay_kit_row;

/* Reads the options. */
typedef assay_rc assay_kit_options_fn(assay_plugin *p, assay_bytes config);
/* ASSAY_ROW_SCORED and the score, or ASSAY_ROW_ABSTAIN. */
typedef int assay_kit_row_fn(assay_plugin *p, const assay_kit_row *row, double *score);

#ifdef __cplusplus
#define ASSAY_KIT_NEW(type) new (std::nothrow) type()
#define ASSAY_KIT_DELETE(p) delete (p)
#define ASSAY_KIT_NULL nullptr
#else
#define ASSAY_KIT_NEW(type) calloc(1, sizeof(type))
#define ASSAY_KIT_DELETE(p) free(p)
#define ASSAY_KIT_NULL NULL
#endif
#ifdef __cpp_exceptions /* none may leave a plugin */
#define ASSAY_KIT_TRY try
#define ASSAY_KIT_CATCH                                                                            \
	catch (...)                                                                                    \
	{                                                                                              \
		return ASSAY_RC_NOMEM;                                                                     \
	}
#else
#define ASSAY_KIT_TRY
#define ASSAY_KIT_CATCH
#endif

/* Judges the rows that have an answer; stops between two of them when the host says so. */
ASSAY_KIT_FN assay_rc assay_kit_rows(assay_plugin *p, const assay_host_api *host,
									 assay_kit_row_fn *judge, const assay_round_info *round,
									 const assay_batch *batch, assay_scores *out)
{
	for (uint64_t i = 0; i < batch->response_n; i++) {
		const assay_response *r = assay_kit_response(batch, i);
		assay_kit_row row = {round, assay_kit_challenge(batch, r), r, assay_kit_components(out, i)};
		double score = 0;
		if (host->cancelled(host->h))
			return assay_kit_fail(host, ASSAY_RC_CANCELLED, "cancelled between rows");
		if (r->status != ASSAY_RESP_OK)
			continue;
		if (judge(p, &row, &score) == ASSAY_ROW_SCORED)
			assay_kit_score(out, i, score);
		else
			assay_kit_abstain(out, i);
	}
	return ASSAY_RC_OK;
}

/* The functions of a plugin, as the table `api` for ASSAY_PLUGIN: options and judge as above;
 * fini(p) frees what the instance holds, make is make_challenges; all but judge may be NULL. In
 * C++ options and judge may throw (ASSAY_RC_NOMEM), and the instance is made and destroyed. */
#define ASSAY_ROW_API(api, options, fini, judge, make)                                             \
	static void api##_close(assay_plugin *p)                                                       \
	{                                                                                              \
		void (*const held)(assay_plugin *) = fini;                                                 \
		if (held)                                                                                  \
			held(p);                                                                               \
		ASSAY_KIT_DELETE(p);                                                                       \
	}                                                                                              \
	static assay_rc api##_begin(assay_plugin *p, assay_bytes config)                               \
	{                                                                                              \
		ASSAY_KIT_TRY                                                                              \
		{                                                                                          \
			assay_kit_options_fn *const read = options;                                            \
			return read ? read(p, config) : ASSAY_RC_OK;                                           \
		}                                                                                          \
		ASSAY_KIT_CATCH                                                                            \
	}                                                                                              \
	static assay_rc api##_open(const assay_host_api *host, assay_bytes config, assay_plugin **out) \
	{                                                                                              \
		ASSAY_KIT_TRY                                                                              \
		{                                                                                          \
			assay_plugin *p = ASSAY_KIT_NEW(assay_plugin);                                         \
			if (!p)                                                                                \
				return ASSAY_RC_NOMEM;                                                             \
			p->host = host;                                                                        \
			assay_rc rc = api##_begin(p, config);                                                  \
			if (rc == ASSAY_RC_OK)                                                                 \
				*out = p;                                                                          \
			else                                                                                   \
				api##_close(p);                                                                    \
			return rc;                                                                             \
		}                                                                                          \
		ASSAY_KIT_CATCH                                                                            \
	}                                                                                              \
	static assay_rc api##_score(assay_plugin *p, const assay_round_info *round,                    \
								const assay_batch *batch, assay_scores *out)                       \
	{                                                                                              \
		ASSAY_KIT_TRY                                                                              \
		{                                                                                          \
			return assay_kit_rows(p, p->host, judge, round, batch, out);                           \
		}                                                                                          \
		ASSAY_KIT_CATCH                                                                            \
	}                                                                                              \
	static const assay_plugin_api api = {sizeof(assay_plugin_api),                                 \
										 0,                                                        \
										 api##_open,                                               \
										 api##_close,                                              \
										 api##_score,                                              \
										 make,                                                     \
										 ASSAY_KIT_NULL,                                           \
										 ASSAY_KIT_NULL}

#ifndef __cplusplus
/* All of it at the end of the file; what follows are the fields of assay_plugin_info but size
 * and abi, as in .id = "org.example.length". In C++: ASSAY_ROW_API and ASSAY_PLUGIN. */
#define ASSAY_ROW_PLUGIN(options, fini, judge, make, ...)                                          \
	static const assay_plugin_info assay_kit_info = {                                              \
		.size = sizeof(assay_plugin_info), .abi = ASSAY_ABI, __VA_ARGS__};                         \
	ASSAY_ROW_API(assay_kit_api, options, fini, judge, make);                                      \
	ASSAY_PLUGIN(assay_kit_info, assay_kit_api)
#endif
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif
#endif
