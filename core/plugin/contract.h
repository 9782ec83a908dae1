/* contract: what the host side and the worker program share about a plugin's
 * binary: loading and checking its tables, the host table given to it, and the one
 * loop that calls score_batch. Both hosts use this code, which is why their
 * results have equal bits. For core/plugin and core/worker only. */
#ifndef ASY_PLUGIN_CONTRACT_H
#define ASY_PLUGIN_CONTRACT_H
#include <stdatomic.h>
#include "assay/plugin.h"
#include "crypto/crypto.h"
#include "plugin/plugin.h"

/* ---- limits on what a plugin may say of itself (info.c) ---- */
#define ASY_INFO_COMPONENTS_MAX 64u
#define ASY_INFO_SCHEMA_MAX ((size_t)64 * 1024)
#define ASY_INFO_BLOB_MAX ((size_t)128 * 1024)

/* ---- tables (load.c) ---- */

/* Zero-extended copies of the plugin's tables; strings are still the plugin's. */
typedef struct {
	assay_plugin_info info;
	assay_plugin_api api;
} asy_tables;

/* dlopens file (kept for ever: a loaded library is never unloaded), asks the entry
 * and reads the tables. shown names the plugin in errors. */
assay_status asy_tables_load(const char *file, const char *shown, asy_tables *out,
							 assay_err *err) ASSAY_CHECKED;
/* Whether a library is loaded under this name: the loader would return it for another file. */
bool asy_tables_are_of(const char *file);
/* ABI first, then sizes, then min(size) bytes of each table, then agreement of
 * caps and functions. */
assay_status asy_tables_read(const assay_plugin_desc *desc, asy_tables *out,
							 assay_err *err) ASSAY_CHECKED;

/* ---- info (info.c) ---- */

/* Strings bounded and UTF-8, id reverse-DNS, version semver, range finite, needs
 * known. Does not look at grants. */
assay_status asy_info_check(const assay_plugin_info *info, assay_err *err) ASSAY_CHECKED;
/* A checked info as bytes that may cross a process boundary, and back: the decoder
 * trusts nothing and checks again. Strings of about live in arena. */
assay_status asy_info_encode(const assay_plugin_info *info, asy_buf *out,
							 assay_err *err) ASSAY_CHECKED;
assay_status asy_info_decode(assay_span blob, asy_arena *arena, asy_plugin_about *out,
							 assay_err *err) ASSAY_CHECKED;
/* Refuses by name what is needed but not granted, or cannot be served by this host. */
assay_status asy_info_grant(const asy_plugin_about *a, uint32_t grant, const char *cache_dir,
							assay_err *err) ASSAY_CHECKED;
bool asy_utf8_is_valid(assay_span s);

/* ---- the host table (shim.c) ---- */

#define ASY_FAIL_MAX 511
#define ASY_LOG_LINE_MAX 1000

/* What a plugin can reach of its host; the two hosts fill the functions. */
typedef struct assay_host asy_shim;
struct assay_host {
	void (*log)(void *arg, int32_t level, const char *msg, size_t len); /* any thread */
	bool (*is_cancelled)(void *arg);                                    /* any thread */
	uint64_t (*mono_ns)(void *arg);                                     /* any thread */
	void *arg;
	assay_host_api api; /* what the plugin gets */
	atomic_flag fail_lock;
	size_t fail_len;
	char fail[ASY_FAIL_MAX + 1];
	asy_seeded_rng rng; /* restarts with every call, so that a retry sees the same */
	asy_arena *scratch; /* of the running call */
	char cache_dir[1024];
};
/* log, is_cancelled, mono_ns and arg are set by the caller before. */
void asy_shim_init(asy_shim *s, uint32_t threads, const char *cache_dir);
/* Around each call into the plugin; seed NULL = zeros. */
void asy_shim_enter(asy_shim *s, const uint8_t *seed);
void asy_shim_leave(asy_shim *s);
/* Moves the sentence given to fail() since the last call into dst: raw bytes of the
 * plugin's; returns their number, 0 = none. */
size_t asy_shim_take_fail(asy_shim *s, char dst[ASY_FAIL_MAX]);

/* ---- calling the plugin (run.c) ---- */

typedef struct {
	asy_tables t;
	asy_shim *shim;
	assay_plugin *self;
} asy_instance;

assay_status asy_instance_open(asy_instance *in, assay_span config, assay_err *err) ASSAY_CHECKED;
void asy_instance_close(asy_instance *in);

/* What the plugin remembers, around a call. Before it state_load gets what was; a plugin that
 * refuses that begins anew. After a call that went well state_save says what will be. */
enum { ASY_PHASE_CALL = 0, ASY_PHASE_LOAD = 1, ASY_PHASE_SAVE = 2 };
typedef struct {
	assay_span before;
	uint8_t *after; /* room for cap bytes */
	uint64_t cap, len;
	bool is_saved;   /* len bytes of after hold */
	bool is_anew;    /* before was refused */
	bool is_unsaved; /* saving failed */
	size_t why_len;  /* of the sentence for is_anew or is_unsaved, raw */
	char why[ASY_FAIL_MAX + 1];
	_Atomic uint32_t *phase; /* told where it is; NULL: nobody asks */
} asy_run_state;

typedef struct {
	const assay_challenge *challenge;
	uint32_t challenge_n;
	const assay_response *response;
	uint64_t response_n;
	uint32_t step; /* rows per call */
	assay_round_info round;
	/* outputs, [response_n]; the plugin sees the first three */
	double *score;
	uint8_t *flag;
	double *component; /* [response_n * component_n] or NULL */
	uint8_t *rc;       /* ASSAY_RC_* of the call that handled the row */
	/* After each call: rows [0, done) are final. fail is the plugin's sentence, raw,
	 * if the call returned a code; else its ptr is NULL. */
	void (*progress)(void *arg, uint64_t done, assay_span fail);
	void *arg;
	asy_run_state *state; /* NULL: it has none. Else one call does all rows */
} asy_run;
/* Returns the rows done: fewer than response_n only when cancelled. */
uint64_t asy_run_score(asy_instance *in, const asy_run *run);
/* make_challenges: *out (caller frees) points into the plugin's memory until its
 * next call. E_CANCELLED, E_PLUGIN with the plugin's sentence. */
assay_status asy_run_make(asy_instance *in, const assay_round_info *round, asy_run_state *state,
						  uint32_t want, assay_challenge **out, uint32_t *made,
						  assay_err *err) ASSAY_CHECKED;
/* Control and non-ASCII bytes become '?', in place. */
void asy_printable(char *s, size_t len);
const char *asy_rc_name(int32_t rc);
/* ASSAY_RC_* with unknown values read as INTERNAL. */
int32_t asy_rc_clean(assay_rc rc);
#endif
