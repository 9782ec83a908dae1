/* config: the daemon's options as a typed table: parse, defaults, bounds, sources, and the
 * tasks that one daemon serves. Pure: bytes in, values out. Reading the file and the environment is a main's work.
 * Unknown keys are errors that name the nearest known one. */
#ifndef ASY_CONFIG_H
#define ASY_CONFIG_H
#include "base/base.h"

/* ---- the values ---- */

/* Named apart from plugin.h's asy_isolation, which round sees beside this header. */
typedef enum { ASY_CFG_WORKER, ASY_CFG_IN_PROCESS } asy_cfg_isolation;
typedef enum { ASY_CFG_HOLD, ASY_CFG_DECAY } asy_cfg_form;
typedef enum { ASY_CFG_KEEP, ASY_CFG_UNASKED, ASY_CFG_FAIL } asy_cfg_missing;
typedef enum { ASY_CFG_V11, ASY_CFG_V10, ASY_CFG_FIBER } asy_cfg_profile;
typedef enum { ASY_CFG_REFUSE, ASY_CFG_UNIFORM, ASY_CFG_PREVIOUS, ASY_CFG_OWNER } asy_cfg_fallback;
typedef enum { ASY_CFG_AUTO, ASY_CFG_SEAL_HASH, ASY_CFG_SEAL_TIMELOCK } asy_cfg_scheme;
typedef enum {
	ASY_CFG_FOREIGN_HOLD,
	ASY_CFG_FOREIGN_EXIT,
	ASY_CFG_FOREIGN_WARN
} asy_cfg_on_foreign;
typedef enum { ASY_CFG_TEXT, ASY_CFG_JSON } asy_cfg_log_format;

typedef struct {
	const char *const *at;
	size_t n;
} asy_cfg_strings;
typedef struct {
	const uint16_t *at;
	size_t n;
} asy_cfg_u16s;

/* Strings and lists are owned by the asy_config. An absent optional string is NULL.
 * Enums of tracker and weights have the numbers of include/assay/weights.h. */
typedef struct {
	bool development; /* allows wallet.dev_uri, http endpoints off loopback, private miners */
	uint16_t netuid;
	uint8_t mecid;
	const char *data_dir;
	const char *worker_path; /* NULL: beside the daemon's own program file */
	const char *cpu;         /* "auto", "scalar", "avx2", "neon", "avx512" */
	struct {
		asy_cfg_strings endpoints; /* at least one, in order of preference */
		uint32_t deadline_ms;
		const char *beacon;  /* public key in hex; NULL: drand's quicknet */
		const char *ca_file; /* PEM, trusted beside the system's certificates; NULL: none */
	} chain;
	struct {
		/* Exactly one of hotkey and dev_uri. hotkey is the path of a key file; with name or
		 * path set it is the file PATH/NAME/hotkeys/HOTKEY, as wallet programs lay it out. */
		const char *hotkey, *name, *path;
		const char *dev_uri; /* "//Alice", development only */
	} wallet;
	struct {
		const char *path;
		const char *config; /* canonical JSON text, "{}" by default */
		asy_cfg_isolation isolation;
		uint32_t needs_granted; /* bits as ASSAY_NEED_* of assay/plugin.h */
		uint32_t soft_ms, stall_ms, hard_ms, memory_mib, shadow_rounds;
		bool allow_unfiltered;        /* start where system calls cannot be filtered */
		asy_cfg_strings trusted_keys; /* minisign public keys; none: nothing is verified */
	} plugin;
	struct {
		const char *path; /* NULL: the plugin makes the challenges */
	} dataset;
	struct {
		const char *route;   /* request target of a query, begins with '/': "/text" */
		const char *dialect; /* a name of the table in miner/dialect.c */
		uint32_t deadline_ms, connect_timeout_ms, concurrency, per_host;
		uint32_t max_response_bytes, max_round_bytes;
		uint32_t sample; /* miners a round; 0 = all */
		bool allow_private;
	} query;
	struct {
		uint32_t challenges_per_round;
		uint32_t period_ms; /* target time from one round's start to the next */
	} round;
	struct {
		asy_cfg_form form;
		asy_cfg_missing missing;
		double half_life_s, alpha, alpha_down, stale_after_s;
		uint32_t min_observations;
	} tracker;
	struct {
		asy_cfg_profile profile;
		asy_cfg_fallback policy;
		bool guarded, stale_counts;
		uint32_t min_count, max_count;
		double power, floor, max_weight, max_dropped, reserve_share;
		uint16_t reserve_uid, owner_uid;
		asy_cfg_u16s exclusions;
		uint64_t version_key;
	} weights;
	struct {
		uint32_t lead_blocks;   /* weights are sent this many blocks before the epoch ends */
		uint32_t jitter_blocks; /* at most so many blocks earlier, from the round's seed */
		asy_cfg_scheme scheme;
		asy_cfg_on_foreign on_foreign; /* another validator acts with our hotkey */
		bool watch; /* wait out what of ours on the chain this data directory did not make */
	} submit;
	struct {
		uint32_t keep_rounds; /* finished rounds whose bodies are kept */
		uint64_t keep_bytes;  /* and at most so many bytes of them */
	} store;
	struct {
		asy_level level;
		asy_cfg_log_format format;
	} log;
} asy_options;

/* ---- building a configuration: default < file < environment < flag ---- */

typedef struct asy_config asy_config;
typedef enum { ASY_FROM_DEFAULT, ASY_FROM_FILE, ASY_FROM_ENV, ASY_FROM_FLAG } asy_source;

#define ASY_CONFIG_MAX ((size_t)1 << 20)

assay_status asy_config_new(asy_config **out, assay_err *err) ASSAY_CHECKED;
void asy_config_free(asy_config *c);
/* A JSON document. name (a path) is put in front of every error. Relative paths in
 * the document stay as written: the main resolves them against the file's folder. */
assay_status asy_config_load_json(asy_config *c, assay_span text, const char *name,
								  assay_err *err) ASSAY_CHECKED;
/* env is a list of "NAME=value", NULL-terminated. ASSAY_QUERY_DEADLINE_MS=500 sets
 * query.deadline_ms. Names that start with ASSAY_CONFIG_ALLOWED are skipped; another
 * unknown ASSAY_ name is an error, since a typo would otherwise be silence. */
assay_status asy_config_load_env(asy_config *c, const char *const *env,
								 assay_err *err) ASSAY_CHECKED;
/* One option by path, as text: "query.deadline_ms", "500". Lists: comma-separated.
 * "tasks.NAME.query.deadline_ms" sets it for one task of the list. */
assay_status asy_config_set(asy_config *c, const char *path, const char *text, asy_source source,
							assay_err *err) ASSAY_CHECKED;
/* The rules that join several options, and the required ones. Call last. */
assay_status asy_config_finish(asy_config *c, assay_err *err) ASSAY_CHECKED;
/* What holds for the daemon as a whole (chain, log, cpu ...) and, where there is no list of
 * tasks, for its one task. Borrowed; complete after finish. */
const asy_options *asy_config_get(const asy_config *c);

/* ---- tasks ----
 * Without a list there is one, ASY_TASK_ALONE, with all options as they stand. With "tasks": [...]
 * the options beside the list are defaults that its entries share, and an entry may set those of
 * the groups that are a task's own. Of two places in one source the task's is nearer; a flag is
 * before the environment before the file, wherever they say it. */
#define ASY_TASKS_MAX 64u
#define ASY_TASK_NAME_MAX 32u
#define ASY_TASK_ALONE "default"
bool asy_config_has_tasks(const asy_config *c);
size_t asy_config_task_n(const asy_config *c);
const char *asy_config_task_name(const asy_config *c, size_t i);
/* The effective options; data_dir is the task's own folder. Borrowed; complete after finish. */
const asy_options *asy_config_task(const asy_config *c, size_t i);
/* The index, or asy_config_task_n where there is none of this name. */
size_t asy_config_task_find(const asy_config *c, const char *name);

/* Every option with value, source and where it was set, as JSON or as lines
 * "path = value  (source: origin)". Development URIs are shown: they are public. */
assay_status asy_config_explain(const asy_config *c, bool json, asy_buf *out,
								assay_err *err) ASSAY_CHECKED;
/* BLAKE2b-256 over all effective values of a task in table order: the BEGIN record's digest. */
assay_status asy_config_digest(const asy_config *c, size_t task, uint8_t out[32],
							   assay_err *err) ASSAY_CHECKED;
/* A task's whole effective configuration as canonical JSON: that of a daemon which has no
 * other, so it loads again. */
assay_status asy_config_canonical(const asy_config *c, size_t task, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;

/* Has the option of this path another effective value for task i of a than for task k of b? */
bool asy_config_differs(const asy_config *a, size_t i, const asy_config *b, size_t k,
						const char *path);
/* May each task set the options of this path's group, or do they hold for all? */
bool asy_config_is_of_a_task(const char *path);

/* ---- documents made from the table ---- */
assay_status asy_config_schema(asy_buf *out, assay_err *err) ASSAY_CHECKED; /* JSON Schema */
/* Two lines per option, the second indented: path, bounds, default; what it is. */
assay_status asy_config_list(asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_config_man(asy_buf *out, assay_err *err) ASSAY_CHECKED; /* .SH CONFIGURATION */
/* Iteration for completion and tests: path, or NULL when i is past the end. */
const char *asy_config_option(size_t i);
#endif
