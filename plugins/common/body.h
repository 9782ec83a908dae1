/* body: from a miner's bytes to one text, or the gate that closed. The order of
 * the checks is the order of their cost: size before parsing, parsing before
 * decoding. */
#ifndef PLG_BODY_H
#define PLG_BODY_H
#include "common/json.h"
#include "common/text.h"

/* Why an answer scores 0; the numbers are published as the component "gate". */
typedef enum {
	PLG_GATE_OPEN = 0,
	PLG_GATE_EMPTY = 1,    /* no bytes, or only white space        */
	PLG_GATE_OVERSIZE = 2, /* over the byte or code point limit     */
	PLG_GATE_MALFORMED = 3 /* not JSON of the right shape, not UTF-8, or holds NUL */
						   /* from 16: the plugin's own */
} plg_gate;

typedef struct {
	size_t max_bytes, max_code_points;
} plg_body_limits;

typedef struct {
	plg_text text;
	size_t controls;  /* C0 controls other than TAB, LF, CR */
	size_t invisible; /* see plg_is_invisible               */
} plg_body;

/* Parses body as an object and takes the string member key. *doc (when doc is not
 * NULL and the gate is open) is the parsed object, to be freed by the caller; use it
 * for optional members. PLG_NOMEM is reported by plg_arena_failed(a). */
plg_gate plg_body_read(plg_arena *a, assay_bytes body, const char *key,
					   const plg_body_limits *limits, plg_body *out, plg_json **doc);
/* The same checks on a string that is already JSON-decoded. */
plg_gate plg_body_text(plg_arena *a, assay_bytes utf8, size_t max_code_points, plg_body *out);
/* Multiplier for control characters: 0.5 when they exceed one in a hundred. */
double plg_control_factor(const plg_body *b);

#endif
