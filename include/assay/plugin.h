/* assay/plugin.h - the whole contract between a reward plugin and its host.
 * Include this, export assay_plugin_entry_v1, link nothing of Assay.
 * Tags: [serial] never two at once on one instance, any thread; [any] freely. */
/* The columns are part of the document. */
/* clang-format off */
#ifndef ASSAY_PLUGIN_H
#define ASSAY_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define ASSAY_PLUGIN_MAGIC 0x41535931u /* 'ASY1' */
#define ASSAY_ABI_MAJOR 1u             /* also in the symbol name */
#define ASSAY_ABI_MINOR 0u
#define ASSAY_ABI ((ASSAY_ABI_MAJOR << 16) | ASSAY_ABI_MINOR)
#if defined(__GNUC__)
#define ASSAY_EXPORT __attribute__((visibility("default")))
#else
#define ASSAY_EXPORT
#endif
/* Does the struct at p, whose first member is `uint32_t size`, reach member f? */
#define ASSAY_HAS(type, p, f) ((p)->size >= offsetof(type, f) + sizeof((p)->f))

typedef struct assay_plugin assay_plugin; /* one instance; the plugin's own */
typedef struct assay_host assay_host;     /* the host's own; opaque here    */
typedef int32_t assay_rc;
typedef struct { const uint8_t *ptr; uint64_t len; } assay_bytes; /* borrowed */

enum { /* assay_rc; unknown values are read as ASSAY_RC_INTERNAL */
	ASSAY_RC_OK = 0, ASSAY_RC_CONFIG = 1, ASSAY_RC_NOMEM = 2, ASSAY_RC_INPUT = 3,
	ASSAY_RC_RESOURCE = 4, ASSAY_RC_CANCELLED = 5, ASSAY_RC_UNSUPPORTED = 6, ASSAY_RC_INTERNAL = 7
};
enum { /* info.caps: a host may ignore any of these */
	ASSAY_CAP_CHALLENGES = 1u << 0, /* make_challenges is present              */
	ASSAY_CAP_COMPONENTS = 1u << 1, /* fills scores.component                  */
	ASSAY_CAP_REENTRANT = 1u << 2,  /* score_batch may run concurrently        */
	ASSAY_CAP_BLAS = 1u << 3,       /* heeds host.threads for OpenBLAS         */
	ASSAY_CAP_RESUMABLE = 1u << 4   /* state_save / state_load are present     */
};
enum { /* info.needs: a host that does not know or grant a bit must refuse to open */
	ASSAY_NEED_WHOLE_BATCH = 1u << 0, /* scores depend on the other rows        */
	ASSAY_NEED_STATE = 1u << 1,       /* scores depend on earlier rounds        */
	ASSAY_NEED_IDENTITY = 1u << 2,    /* wants response.identity                */
	ASSAY_NEED_CACHE = 1u << 3,       /* wants host.cache_dir                   */
	ASSAY_NEED_FETCH = 1u << 4,       /* wants extension "assay.fetch/1"        */
	ASSAY_NEED_INEXACT = 1u << 5      /* cannot promise equal bits on a re-run  */
};
enum { ASSAY_LOG_ERROR = 1, ASSAY_LOG_WARN = 2, ASSAY_LOG_INFO = 3, ASSAY_LOG_DEBUG = 4 };
enum { /* response.status; score only OK rows, others arrive for relative tasks */
	ASSAY_RESP_OK = 0, ASSAY_RESP_EMPTY = 1, ASSAY_RESP_TIMEOUT = 2, ASSAY_RESP_HTTP = 3,
	ASSAY_RESP_REFUSED = 4, ASSAY_RESP_TOO_LARGE = 5, ASSAY_RESP_UNSIGNED = 6
};
enum { ASSAY_ROW_SCORED = 1, ASSAY_ROW_ABSTAIN = 2 }; /* scores.flag; host pre-fills 0 */

typedef struct { /* constant data; must equal the signed manifest */
	uint32_t size, abi;
	const char *id, *version, *name, *summary, *licence, *vendor, *task_kind; /* UTF-8 */
	uint32_t caps, needs;
	double score_min, score_max; /* inclusive, finite */
	double tolerance;            /* 0: same bits on every CPU; else max abs difference */
	uint32_t higher_is_better, component_n;
	const char *const *component_name;
	const char *config_schema; /* JSON Schema subset, see text */
	uint64_t mem_hint;         /* bytes at max_batch */
	uint32_t ms_hint, max_batch; /* ms per 1000 rows; 0 = unlimited */
} assay_plugin_info;

typedef struct { /* valid from open until close returns */
	uint32_t size, abi;
	assay_host *h;
	void (*log)(assay_host *, int32_t level, const char *msg, uint64_t len);      /* [any] */
	void (*fail)(assay_host *, const char *msg, uint64_t len); /* why the next rc  [any] */
	uint64_t (*mono_ns)(assay_host *);              /* never an input to a score    [any] */
	int32_t (*cancelled)(assay_host *);             /* poll at least every 50 ms    [any] */
	void (*random)(assay_host *, void *, uint64_t); /* stream seeded by round.seed [serial] */
	void *(*scratch)(assay_host *, uint64_t len, uint64_t align); /* until return  [serial] */
	const char *cache_dir;   /* NULL unless granted */
	uint32_t threads, zero;  /* threads the plugin may use, itself included */
	const void *(*extension)(assay_host *, const char *id); /* "assay.fetch/1" …   [any] */
} assay_host_api;

typedef struct {
	uint32_t size, zero;
	uint64_t round, block, deadline_ns; /* deadline on mono_ns */
	uint8_t seed[32];
} assay_round_info;
typedef struct { assay_bytes prompt, reference, meta_json; } assay_challenge;
typedef struct {
	assay_bytes body, identity; /* identity empty unless granted */
	uint32_t challenge, miner;  /* indices: challenge row; opaque per-round miner number */
	uint32_t status, latency_ms;
} assay_response;
typedef struct { /* everything borrowed until score_batch returns */
	uint32_t size, challenge_n;
	uint64_t response_n;
	const assay_challenge *challenge;
	const assay_response *response;
	uint32_t challenge_stride, response_stride; /* bytes; step by these, not by sizeof */
} assay_batch;
typedef struct { /* host memory, pre-filled; the plugin writes */
	uint32_t size, component_n;
	double *score;     /* [response_n]               */
	uint8_t *flag;     /* [response_n]               */
	double *component; /* [response_n * component_n], row-major, or NULL */
} assay_scores;

typedef struct {
	uint32_t size, zero;
	assay_rc (*open)(const assay_host_api *, assay_bytes config_json, assay_plugin **);
	void (*close)(assay_plugin *);
	assay_rc (*score_batch)(assay_plugin *, const assay_round_info *, const assay_batch *,
	                        assay_scores *);                               /* [serial] */
	/* Optional from here; NULL or beyond size = absent. */
	assay_rc (*make_challenges)(assay_plugin *, const assay_round_info *, uint32_t want,
	                            assay_challenge *out, uint32_t *made); /* until next call */
	assay_rc (*state_save)(assay_plugin *, void *buf, uint64_t cap, uint64_t *need);
	assay_rc (*state_load)(assay_plugin *, assay_bytes state);
	const void *(*extension)(const char *id);
} assay_plugin_api;

typedef struct {
	uint32_t magic, size, abi, zero;
	const assay_plugin_info *info;
	const assay_plugin_api *api;
} assay_plugin_desc;

typedef const assay_plugin_desc *assay_plugin_entry_fn(void);
ASSAY_EXPORT const assay_plugin_desc *assay_plugin_entry_v1(void);

#ifdef __cplusplus
}
#endif
#endif
