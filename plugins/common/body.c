/* The gates that every text-like answer passes. */
#include "common/body.h"
#include <string.h>

plg_gate plg_body_text(plg_arena *a, assay_bytes utf8, size_t max_code_points, plg_body *out)
{
	plg_body b = {0};
	if (utf8.len > 0 && memchr(utf8.ptr, 0, (size_t)utf8.len) != NULL)
		return PLG_GATE_MALFORMED;
	switch (plg_utf8_decode(a, utf8, max_code_points, &b.text)) {
	case PLG_OK:
		break;
	case PLG_LIMIT:
		return PLG_GATE_OVERSIZE;
	case PLG_BAD:
	case PLG_NOMEM:
		return PLG_GATE_MALFORMED;
	}
	if (plg_is_blank(b.text))
		return PLG_GATE_EMPTY;
	for (size_t i = 0; i < b.text.n; i++) {
		b.controls += plg_is_control(b.text.cp[i]);
		b.invisible += plg_is_invisible(b.text.cp[i]);
	}
	*out = b;
	return PLG_GATE_OPEN;
}

plg_gate plg_body_read(plg_arena *a, assay_bytes body, const char *key,
					   const plg_body_limits *limits, plg_body *out, plg_json **doc)
{
	plg_gate gate = PLG_GATE_MALFORMED;
	assay_bytes s;
	if (body.len == 0)
		return PLG_GATE_EMPTY;
	if (body.len > limits->max_bytes)
		return PLG_GATE_OVERSIZE;
	plg_json *root = plg_json_parse(body, limits->max_bytes, NULL);
	if (plg_json_type(root) == PLG_J_OBJECT && plg_json_str(plg_json_get(root, key), &s))
		gate = plg_body_text(a, s, limits->max_code_points, out);
	if (gate == PLG_GATE_OPEN && doc != NULL)
		*doc = root;
	else
		plg_json_free(root);
	return gate;
}

double plg_control_factor(const plg_body *b)
{
	return b->controls * 100 > b->text.n ? 0.5 : 1;
}
