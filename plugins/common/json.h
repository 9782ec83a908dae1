/* json: a small bounded view of JSON from miners, references and configuration.
 * Refuses: more than max bytes, nesting over PLG_JSON_DEPTH (found before the
 * parser runs, so that depth costs no stack), duplicate keys, NaN, Infinity,
 * invalid UTF-8, and anything after the value. A number beyond 64 bits or beyond
 * double is null, so that one in a member that nobody reads voids nothing; half
 * of a surrogate pair is U+FFFD for the same reason.
 * Only json.c knows the library behind it. */
#ifndef PLG_JSON_H
#define PLG_JSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "assay/plugin.h"

#define PLG_JSON_DEPTH 32

typedef struct plg_json plg_json;

/* NULL on refusal; *msg (when msg is not NULL) then points to a constant sentence. */
plg_json *plg_json_parse(assay_bytes text, size_t max_bytes, const char **msg);
void plg_json_free(plg_json *root);

/* All getters accept NULL and values of other kinds, and answer NULL / 0 / false. */
typedef enum {
	PLG_J_NONE,
	PLG_J_NULL,
	PLG_J_BOOL,
	PLG_J_INT,
	PLG_J_REAL,
	PLG_J_STRING,
	PLG_J_ARRAY,
	PLG_J_OBJECT
} plg_json_kind;
plg_json_kind plg_json_type(const plg_json *v);
const plg_json *plg_json_get(const plg_json *v, const char *key);
const plg_json *plg_json_at(const plg_json *v, size_t i);
size_t plg_json_size(const plg_json *v); /* array elements or object members */
/* Calls each member of an object until one answers false; false then. For tables of
 * the operator's: what a score reads from a miner is asked for by name. */
bool plg_json_each(const plg_json *v,
				   bool (*each)(void *ctx, assay_bytes key, const plg_json *value), void *ctx);
/* The bytes of a string, borrowed from the document; may hold NUL. */
bool plg_json_str(const plg_json *v, assay_bytes *out);
/* Integers and reals; always finite. */
bool plg_json_num(const plg_json *v, double *out);
bool plg_json_int(const plg_json *v, int64_t *out);
bool plg_json_bool(const plg_json *v, bool *out);

#endif
