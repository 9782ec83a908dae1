/* assay/plugin.h - the whole contract between a reward plugin and its host.
 * Include this, export assay_plugin_entry_v1, link nothing of Assay:
 *     cc -std=c17 -O2 -fPIC -shared -fvisibility=hidden mine.c -o mine.so
 * Tags: [serial] never two at once on one instance, any thread; [any] freely.
 *
 * CALLS. entry (pure: returns constants) -> open -> any number of make_challenges, score_batch,
 * state_load and state_save -> close. Several instances may be open at once.
 *
 * CONFIGURATION. open gets the operator's options as one JSON object in canonical text: checked
 * against info.config_schema, every default of it filled in, keys sorted by bytes, no white
 * space, numbers in their shortest form. What the schema promises is there and is of its type.
 *
 * ROWS. A batch is rows (responses), each to one challenge. They come shuffled. Spans are not
 * NUL-terminated, may hold any bytes, and an empty one has ptr NULL. All of it was chosen by
 * people who profit from confusing you. Everything borrowed is read-only, and gone after return.
 *
 * SCORES. A function of the plugin's file, its configuration, its state, the round's seed and
 * the batch; of nothing else. Without ASSAY_NEED_WHOLE_BATCH or ASSAY_NEED_STATE a row's score
 * must not depend on its neighbours either: a round is cut into calls as the host likes.
 *
 * RANDOM BYTES. response.seed is one number per row, the same in whatever call the row comes.
 * host.random is a stream from round.seed that begins anew in every call.
 *
 * STDOUT AND STDERR go to the host's log line by line, like host.log; stdin is empty. After
 * open the process can open no file, socket or process: read what you need there.
 *
 * MEMORY never changes owner. Nothing of the host is freed by the plugin, or the other way.
 * Never exit, abort, install signal handlers, or change locale, rounding mode, working
 * directory or environment. */
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
#define ASSAY_STATE_MAX ((uint64_t)1 << 20) /* bytes of a state */
#if defined(__GNUC__)
#define ASSAY_EXPORT __attribute__((visibility("default")))
#else
#define ASSAY_EXPORT
#endif
/* Does the struct at p, whose first member is `uint32_t size`, reach member f? The reader of a
 * struct uses only what lies inside its size; arrays of structs that may grow have a stride. */
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
	ASSAY_CAP_COMPONENTS = 1u << 1  /* fills scores.component                  */
};
enum { /* info.needs: a host that does not know or grant a bit must refuse to open */
	ASSAY_NEED_WHOLE_BATCH = 1u << 0, /* scores depend on the other rows: one call per round */
	ASSAY_NEED_STATE = 1u << 1,       /* on earlier rounds: also one call, and state_save/load */
	ASSAY_NEED_IDENTITY = 1u << 2,    /* wants response.hotkey, coldkey, address */
	ASSAY_NEED_CACHE = 1u << 3,       /* wants host.cache_dir                    */
	ASSAY_NEED_INEXACT = 1u << 4      /* cannot promise equal bits on a re-run   */
};
enum { ASSAY_LOG_ERROR = 1, ASSAY_LOG_WARN = 2, ASSAY_LOG_INFO = 3, ASSAY_LOG_DEBUG = 4 };
enum { /* response.status; score only OK rows, others arrive for relative tasks */
	ASSAY_RESP_OK = 0, ASSAY_RESP_EMPTY = 1, ASSAY_RESP_TIMEOUT = 2, ASSAY_RESP_HTTP = 3,
	ASSAY_RESP_REFUSED = 4, ASSAY_RESP_TOO_LARGE = 5, ASSAY_RESP_UNSIGNED = 6
};
enum { ASSAY_ROW_SCORED = 1, ASSAY_ROW_ABSTAIN = 2 }; /* scores.flag; host pre-fills 0 */

typedef struct { /* constant data; must equal the signed manifest */
	uint32_t size, abi;
	const char *id;        /* reverse DNS, "org.example.length" */
	const char *version;   /* semantic version, "1.0.0" */
	const char *name, *summary, *licence, *vendor; /* UTF-8, for people */
	const char *task_kind; /* what miners are asked: "task" of the request */
	uint32_t caps, needs;
	double score_min, score_max; /* inclusive, finite */
	double tolerance;            /* 0: same bits on every CPU; else max abs difference */
	uint32_t higher_is_better, component_n;
	const char *const *component_name;
	const char *config_schema; /* JSON Schema; NULL = no options. Only type, properties, required,
	                            * additionalProperties, items, enum, const, default, minimum,
	                            * maximum, minLength, maxLength, minItems, maxItems, pattern,
	                            * description */
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
	void (*random)(assay_host *, void *, uint64_t); /* see RANDOM BYTES          [serial] */
	void *(*scratch)(assay_host *, uint64_t len, uint64_t align); /* until return  [serial] */
	const char *cache_dir;   /* NULL unless granted */
	uint32_t threads, zero;  /* threads the plugin may use, itself included */
} assay_host_api;

typedef struct {
	uint32_t size, zero;
	uint64_t round, block, deadline_ns; /* deadline on mono_ns */
	uint8_t seed[32]; /* the plugin's own: it tells nothing of other plugins' or of the order */
} assay_round_info;

typedef struct { /* bytes with a name; never grows */
	assay_bytes name;
	assay_bytes type; /* media type, "audio/wav"; of a header: empty */
	assay_bytes bytes;
} assay_part;
typedef struct { /* body[0, end) had arrived at_us after the request went out; never grows */
	uint64_t at_us, end;
} assay_chunk;

typedef struct {
	assay_bytes prompt;    /* JSON: what the miner was asked; a text is in quotes */
	assay_bytes reference; /* JSON: what a good answer is, which no miner saw; empty = none */
	assay_bytes meta_json; /* JSON: how to judge, for the plugin alone; empty = none */
	const assay_part *part; /* binary parts of the question, which the miner got too */
	uint32_t part_n, zero;
} assay_challenge;

typedef struct {
	assay_bytes body; /* the answer as it was received, decompressed, else untouched */
	/* Who answered: numbers that mean the same in every round of this validator and name nobody.
	 * coldkey: the owner; address: the host, or the /64 of IPv6. 0 = not granted or not known. */
	uint64_t hotkey, coldkey;
	uint32_t challenge;     /* index of its challenge */
	uint32_t miner;         /* equal for one miner's rows of this round, else without meaning */
	uint32_t status;        /* ASSAY_RESP_* */
	uint32_t latency_ms;    /* from the request to the last byte */
	uint64_t address;
	uint64_t seed;          /* see RANDOM BYTES */
	/* Evidence; what the wire did not tell is empty or 0. */
	assay_bytes content_type;
	const assay_part *header; /* those that the dialect lets through, names in lower case */
	const assay_part *part;   /* binary parts beside the body */
	const assay_chunk *chunk; /* in the order of arrival; the last end is at most body.len */
	uint32_t header_n, part_n, chunk_n;
	uint32_t http_status;
	uint32_t first_byte_ms; /* from the request to the first byte */
	uint32_t zero;
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
typedef struct { /* host memory, zeroed; what the plugin writes may point into its own memory */
	uint32_t size, want;
	uint32_t made, challenge_stride; /* made: how many, at most want; written by the plugin */
	assay_challenge *challenge;      /* [want]; step by challenge_stride */
} assay_challenges;

typedef struct {
	uint32_t size, zero;
	assay_rc (*open)(const assay_host_api *, assay_bytes config_json, assay_plugin **);
	void (*close)(assay_plugin *);
	assay_rc (*score_batch)(assay_plugin *, const assay_round_info *, const assay_batch *,
	                        assay_scores *);                               /* [serial] */
	/* Optional from here; NULL or beyond size = absent. */
	/* What it made is valid until the next call. The same seed and state give the same. */
	assay_rc (*make_challenges)(assay_plugin *, const assay_round_info *,
	                            assay_challenges *);                       /* [serial] */
	/* Both or none, with ASSAY_NEED_STATE. The host calls state_load before every score_batch and
	 * make_challenges, also on an instance that made the state itself, and state_save after every
	 * score_batch; it keeps the bytes with the round. So after state_load an instance knows what
	 * the bytes say and nothing else; empty = the beginning. The bytes may come from an older or
	 * newer version of the plugin: a state_load that cannot read them returns a code, and the host
	 * begins anew. state_save: *need = bytes of the state; it writes them if need <= cap. */
	assay_rc (*state_save)(assay_plugin *, void *buf, uint64_t cap, uint64_t *need); /* [serial] */
	assay_rc (*state_load)(assay_plugin *, assay_bytes state);                       /* [serial] */
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
