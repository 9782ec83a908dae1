/* config/impl.h - what the files of config share: the row of the option table, the value of one
 * option on its way from text or JSON into asy_options, and the levels that hold values. */
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

/* Values and where each came from. */
typedef struct {
	asy_options values;
	opt_state *state; /* one per option */
} opt_level;

typedef struct {
	const char *name;
	opt_level own; /* what its entry or a flag for it says; a state's origin NULL = nothing */
	opt_level all; /* what holds for it */
	bool *is_own;  /* one per option: all has it from own */
} opt_task;

struct asy_config {
	asy_arena *arena;
	opt_level shared;
	opt_task *tasks; /* NULL: the one without a list */
	size_t task_n;
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

/* One level of a document: where it stands and what it sets. */
typedef struct {
	asy_config *c;
	opt_task *task;    /* NULL: the shared level */
	const char *where; /* "", or "tasks[2]." before every path in an error */
	const char *name;  /* of the document */
} opt_place;
/* Sets what object's keys below prefix ("" or "query.") say. */
assay_status asy_config_load_object(const opt_place *p, asy_jv object, const char *prefix,
									assay_err *err) ASSAY_CHECKED;
assay_status asy_config_keep(asy_config *c, opt_level *at, const opt *o, const opt_value *v,
							 asy_source source, const char *origin, assay_err *err) ASSAY_CHECKED;
/* Sets "did you mean x?" for an unknown key below prefix. where as above. */
assay_status asy_config_unknown(const char *where, const char *prefix, const char *key,
								assay_err *err);

/* The table group by group: a path has at most one dot, and a group's rows stand together.
 * documents.c */
typedef struct {
	char group[32];
	const char *leaf;
	bool opens, closes; /* first and last row of a group */
} opt_step;
opt_step asy_config_walk(size_t i);

/* ---- tasks.c ---- */
/* The value of "tasks" in a document. */
assay_status asy_config_load_tasks(asy_config *c, asy_jv list, const char *name,
								   assay_err *err) ASSAY_CHECKED;
/* A path that begins with "tasks." */
assay_status asy_config_set_task(asy_config *c, const char *path, const char *text,
								 asy_source source, assay_err *err) ASSAY_CHECKED;
/* Works out what holds for each task. */
assay_status asy_config_resolve(asy_config *c, assay_err *err) ASSAY_CHECKED;
/* The rules between tasks. */
assay_status asy_config_check_tasks(const asy_config *c, assay_err *err) ASSAY_CHECKED;
/* What holds for task i. */
const opt_level *asy_config_level(const asy_config *c, size_t i);
#endif
