/* config/impl.h - what the files of config share: the row of the option table and the value of one
 * option on its way from text or JSON into asy_options. */
#ifndef ASY_CONFIG_IMPL_H
#define ASY_CONFIG_IMPL_H
#include "codec/codec.h"
#include "config/config.h"

typedef enum {
	OPT_BOOL,
	OPT_UINT, /* width 1, 2, 4 or 8 bytes */
	OPT_REAL,
	OPT_STRING,
	OPT_ENUM,    /* an int: index into names */
	OPT_FLAGS,   /* a uint32_t: bit i is names[i] */
	OPT_STRINGS, /* asy_cfg_strings */
	OPT_U16S,    /* asy_cfg_u16s */
	OPT_JSON     /* any JSON value, kept as canonical text */
} opt_type;

typedef struct {
	const char *path, *unit, *doc;
	const char *fallback; /* default as text; NULL = none */
	const char *const *names;
	opt_type type;
	bool required;
	size_t offset, width;
	uint64_t least, most;   /* OPT_UINT; entries for lists; bytes for strings */
	double least_d, most_d; /* OPT_REAL */
} opt;

extern const opt asy_config_table[];
extern const size_t asy_config_table_n;

typedef struct {
	asy_source source;
	const char *origin; /* file, variable or flag that set it; NULL for a default */
} opt_state;

struct asy_config {
	asy_options values;
	asy_arena *arena;
	opt_state *state; /* one per option */
};

typedef struct {
	union {
		bool b;
		uint64_t u;
		double d;
		int e;
		const char *s;
		asy_cfg_strings strings;
		asy_cfg_u16s u16s;
	} v;
} opt_value;

/* The row with this path, or NULL. */
const opt *asy_config_find(const char *path);
size_t asy_config_index(const opt *o);

/* Text or JSON -> a checked value. Memory from the arena. Errors name the path. */
assay_status asy_config_from_text(const opt *o, const char *text, asy_arena *arena, opt_value *out,
								  assay_err *err) ASSAY_CHECKED;
assay_status asy_config_from_json(const opt *o, asy_jv json, asy_arena *arena, opt_value *out,
								  assay_err *err) ASSAY_CHECKED;
void asy_config_store(asy_options *values, const opt *o, const opt_value *v);
/* Writes the value that values holds for o. */
void asy_config_write(asy_jw *w, const asy_options *values, const opt *o);

/* Sets "did you mean x?" for an unknown key below prefix ("" or "query."). */
assay_status asy_config_unknown(const char *prefix, const char *key, assay_err *err);
#endif
