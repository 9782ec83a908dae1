/* Typed reads of a parsed document. A view is a node, or remembers which node was
 * missing, so that an error can say "miners[3].axon.port: missing" although nobody
 * kept a path. Reads never convert between kinds, apart from the two that the
 * header names. */
#include <stdlib.h>
#include "codec/json.h"

static const asy_json_node *node_of(asy_jv v)
{
	return v.node;
}

asy_jv asy_json_root(const asy_json *doc)
{
	return (asy_jv){.node = doc != NULL ? doc->root : NULL, .doc = doc};
}

asy_json_kind asy_jv_kind(asy_jv v)
{
	return v.node == NULL ? ASY_J_ABSENT : (asy_json_kind)node_of(v)->kind;
}

bool asy_jv_is_null(asy_jv v)
{
	return v.node == NULL || node_of(v)->kind == ASY_J_NULL;
}

static const asy_json_node *find(const asy_json_node *o, const char *key)
{
	if (o->sorted == NULL) {
		for (uint32_t i = 0; i < o->n; i++)
			if (strcmp(o->v.kids[i].key, key) == 0)
				return &o->v.kids[i];
		return NULL;
	}
	uint32_t lo = 0, hi = o->n;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int order = strcmp(o->sorted[mid]->key, key);
		if (order == 0)
			return o->sorted[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

asy_jv asy_jv_get(asy_jv v, const char *key)
{
	const asy_json_node *n = node_of(v);
	if (n == NULL)
		return v; /* report the first one that is missing */
	const asy_json_node *kid = n->kind == ASY_J_OBJECT ? find(n, key) : NULL;
	asy_jv out = {.node = kid, .doc = v.doc};
	if (kid == NULL) {
		out.up = n;
		(void)snprintf(out.missing, sizeof out.missing, "%s%s", n->up != NULL ? "." : "", key);
	}
	return out;
}

asy_jv asy_jv_at(asy_jv v, size_t i)
{
	const asy_json_node *n = node_of(v);
	if (n == NULL)
		return v;
	bool here = n->kind == ASY_J_ARRAY && i < n->n;
	asy_jv out = {.node = here ? &n->v.kids[i] : NULL, .doc = v.doc};
	if (!here) {
		out.up = n;
		(void)snprintf(out.missing, sizeof out.missing, "[%zu]", i);
	}
	return out;
}

size_t asy_jv_size(asy_jv v)
{
	asy_json_kind k = asy_jv_kind(v);
	return k == ASY_J_ARRAY || k == ASY_J_OBJECT ? node_of(v)->n : 0;
}

static const asy_json_node *member(asy_jv v, size_t i)
{
	const asy_json_node *n = node_of(v);
	return n != NULL && n->kind == ASY_J_OBJECT && i < n->n ? &n->v.kids[i] : NULL;
}

const char *asy_jv_key(asy_jv v, size_t i)
{
	const asy_json_node *m = member(v, i);
	return m != NULL ? m->key : NULL;
}

asy_jv asy_jv_value(asy_jv v, size_t i)
{
	return (asy_jv){.node = member(v, i), .doc = v.doc};
}

/* ---- paths ---- */

static size_t put(char *dst, size_t cap, size_t at, const char *s)
{
	if (at < cap)
		(void)asy_str_copy(dst + at, cap - at, s);
	return at + strlen(s);
}

static size_t put_step(char *dst, size_t cap, size_t at, const asy_json_node *n)
{
	char step[80];
	if (n->key != NULL) {
		char key[64];
		asy_str_escape(key, sizeof key, asy_span_str(n->key));
		(void)snprintf(step, sizeof step, "%s%s", n->up->up != NULL ? "." : "", key);
	} else {
		(void)snprintf(step, sizeof step, "[%" PRIu32 "]", n->pos);
	}
	return put(dst, cap, at, step);
}

void asy_jv_path(asy_jv v, char *dst, size_t cap)
{
	const asy_json_node *n = v.node != NULL ? v.node : v.up;
	size_t depth = 0, at = 0;

	if (cap == 0)
		return;
	dst[0] = '\0';
	for (const asy_json_node *p = n; p != NULL && p->up != NULL; p = p->up)
		depth++;
	/* From the root down; quadratic in a depth that the parser bounded. */
	for (size_t d = depth; d > 0 && at < cap; d--) {
		const asy_json_node *p = n;
		for (size_t k = 1; k < d; k++)
			p = p->up;
		at = put_step(dst, cap, at, p);
	}
	if (v.node == NULL)
		at = put(dst, cap, at, v.missing);
	if (at == 0)
		(void)asy_str_copy(dst, cap, "(document)");
}

static assay_status wrong(asy_jv v, assay_status st, const char *what, assay_err *err)
{
	char path[256];
	if (err == NULL)
		return st;
	asy_jv_path(v, path, sizeof path);
	return asy_err_set(err, st, "%s: %s", path, v.node == NULL ? "missing" : what);
}

/* ---- typed reads ---- */

assay_status asy_jv_i64(asy_jv v, int64_t *out, assay_err *err)
{
	if (asy_jv_kind(v) != ASY_J_INT)
		return wrong(v, ASSAY_E_INPUT, "not an integer", err);
	if (node_of(v)->big)
		return wrong(v, ASSAY_E_RANGE, "beyond 64 bits with sign", err);
	*out = node_of(v)->v.i;
	return ASSAY_OK;
}

static bool digits_u128(const char *s, uint64_t out[2])
{
	__extension__ typedef unsigned __int128 u128;
	u128 v = 0;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false; /* a minus */
		unsigned d = (unsigned)(*s - '0');
		if (v > ((u128)-1 - d) / 10)
			return false;
		v = v * 10 + d;
	}
	out[0] = (uint64_t)v;
	out[1] = (uint64_t)(v >> 64);
	return true;
}

assay_status asy_jv_u128(asy_jv v, uint64_t out[2], assay_err *err)
{
	const asy_json_node *n = node_of(v);
	uint64_t wide[2] = {0, 0};

	if (asy_jv_kind(v) != ASY_J_INT)
		return wrong(v, ASSAY_E_INPUT, "not an integer", err);
	if (!n->big && n->v.i < 0)
		return wrong(v, ASSAY_E_RANGE, "negative", err);
	if (!n->big)
		wide[0] = (uint64_t)n->v.i;
	else if (!digits_u128(n->v.s, wide))
		return wrong(v, ASSAY_E_RANGE, n->v.s[0] == '-' ? "negative" : "beyond 128 bits", err);
	out[0] = wide[0];
	out[1] = wide[1];
	return ASSAY_OK;
}

assay_status asy_jv_u64(asy_jv v, uint64_t *out, assay_err *err)
{
	uint64_t wide[2] = {0, 0};
	assay_status st = asy_jv_u128(v, wide, err);
	if (st != ASSAY_OK)
		return st;
	if (wide[1] != 0)
		return wrong(v, ASSAY_E_RANGE, "beyond 64 bits", err);
	*out = wide[0];
	return ASSAY_OK;
}

assay_status asy_jv_u16(asy_jv v, uint16_t *out, assay_err *err)
{
	uint64_t wide = 0;
	assay_status st = asy_jv_u64(v, &wide, err);
	if (st != ASSAY_OK)
		return st;
	if (wide > UINT16_MAX)
		return wrong(v, ASSAY_E_RANGE, "above 65535", err);
	*out = (uint16_t)wide;
	return ASSAY_OK;
}

assay_status asy_jv_f64(asy_jv v, double *out, assay_err *err)
{
	const asy_json_node *n = node_of(v);
	asy_json_kind k = asy_jv_kind(v);
	if (k != ASY_J_INT && k != ASY_J_REAL)
		return wrong(v, ASSAY_E_INPUT, "not a number", err);
	*out = k == ASY_J_REAL ? n->v.d : n->big ? strtod(n->v.s, NULL) : (double)n->v.i;
	return ASSAY_OK;
}

assay_status asy_jv_bool(asy_jv v, bool *out, assay_err *err)
{
	const asy_json_node *n = node_of(v);
	asy_json_kind k = asy_jv_kind(v);
	bool number = k == ASY_J_INT && !n->big && (n->v.i == 0 || n->v.i == 1);
	if (k != ASY_J_BOOL && !number)
		return wrong(v, ASSAY_E_INPUT, "not true or false", err);
	*out = k == ASY_J_BOOL ? n->v.b : n->v.i == 1;
	return ASSAY_OK;
}

assay_status asy_jv_str(asy_jv v, const char **out, size_t *len, assay_err *err)
{
	if (asy_jv_kind(v) != ASY_J_STRING)
		return wrong(v, ASSAY_E_INPUT, "not a string", err);
	*out = node_of(v)->v.s;
	if (len != NULL)
		*len = node_of(v)->n;
	return ASSAY_OK;
}

/* ---- canonical text ---- */

int asy_json_by_key(const void *a, const void *b)
{
	const asy_json_node *const *x = a, *const *y = b;
	return strcmp((*x)->key, (*y)->key);
}

static void write_node(asy_jw *w, const asy_json_node *n);

static void write_object(asy_jw *w, const asy_json_node *n)
{
	const asy_json_node *few[ASY_JSON_LINEAR_MAX];
	const asy_json_node *const *order = n->sorted;
	if (order == NULL) {
		for (uint32_t i = 0; i < n->n; i++)
			few[i] = &n->v.kids[i];
		qsort(few, n->n, sizeof few[0], asy_json_by_key);
		order = few;
	}
	asy_jw_object(w);
	for (uint32_t i = 0; i < n->n; i++) {
		asy_jw_key(w, order[i]->key);
		write_node(w, order[i]);
	}
	asy_jw_end_object(w);
}

static void write_node(asy_jw *w, const asy_json_node *n)
{
	switch ((asy_json_kind)n->kind) {
	case ASY_J_OBJECT:
		write_object(w, n);
		break;
	case ASY_J_ARRAY:
		asy_jw_array(w);
		for (uint32_t i = 0; i < n->n; i++)
			write_node(w, &n->v.kids[i]);
		asy_jw_end_array(w);
		break;
	case ASY_J_STRING:
		asy_jw_strn(w, n->v.s, n->n);
		break;
	case ASY_J_INT:
		if (n->big)
			asy_jw_raw(w, asy_span(n->v.s, n->n));
		else
			asy_jw_i64(w, n->v.i);
		break;
	case ASY_J_REAL:
		asy_jw_f64(w, n->v.d);
		break;
	case ASY_J_BOOL:
		asy_jw_bool(w, n->v.b);
		break;
	case ASY_J_NULL:
	case ASY_J_ABSENT:
		asy_jw_null(w);
		break;
	}
}

assay_status asy_jv_canonical(asy_jv v, asy_buf *out, assay_err *err)
{
	if (v.node == NULL)
		return wrong(v, ASSAY_E_INPUT, "missing", err);
	size_t was = out->len;
	asy_jw w = asy_jw_out(out, 0);
	write_node(&w, v.node);
	assay_status st = asy_jw_end(&w, err);
	if (st != ASSAY_OK)
		out->len = was;
	return st;
}

assay_status asy_jv_need(asy_jv v, const char *const *keys, size_t n, const char *remedy,
						 assay_err *err)
{
	char list[320] = "", more[32] = "";
	size_t missing = 0, left_out = 0;
	for (size_t k = 0; k < n; k++) {
		size_t len = strlen(list);
		if (asy_jv_kind(asy_jv_get(v, keys[k])) != ASY_J_ABSENT)
			continue;
		if (len + strlen(keys[k]) + 3 > sizeof list)
			left_out++;
		else
			(void)snprintf(list + len, sizeof list - len, "%s%s", missing > 0 ? ", " : "", keys[k]);
		missing++;
	}
	if (missing == 0)
		return ASSAY_OK;
	if (left_out > 0)
		(void)snprintf(more, sizeof more, " and %zu more", left_out);
	return ASSAY_FAIL(err, E_FORMAT, "missing key%s: %s%s%s%s", missing > 1 ? "s" : "", list, more,
					  remedy != NULL ? "; " : "", remedy != NULL ? remedy : "");
}

static bool is_listed(const char *key, const char *const *keys, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (strcmp(key, keys[k]) == 0)
			return true;
	return false;
}

assay_status asy_jv_known(asy_jv v, const char *const *keys, size_t n, assay_err *err)
{
	char place[160] = "", shown[80];
	const asy_json_node *node = v.node != NULL ? v.node : v.up;
	if (node != NULL && node->up != NULL) {
		char path[sizeof place - 3];
		asy_jv_path(v, path, sizeof path);
		(void)snprintf(place, sizeof place, "%s: ", path);
	}
	if (asy_jv_kind(v) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_FORMAT, "%snot an object", place);
	for (size_t i = 0; i < asy_jv_size(v); i++) {
		const char *key = asy_jv_key(v, i);
		if (is_listed(key, keys, n))
			continue;
		asy_str_escape(shown, sizeof shown, asy_span_str(key));
		size_t near = asy_str_nearest(key, keys, n);
		return ASSAY_FAIL(err, E_FORMAT, "%sunknown key \"%s\"%s%s%s", place, shown,
						  near < n ? "; did you mean \"" : "", near < n ? keys[near] : "",
						  near < n ? "\"?" : "");
	}
	return ASSAY_OK;
}
