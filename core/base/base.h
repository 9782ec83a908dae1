/* base: the primitives that every module needs and nothing else: status and
 * message, spans, buffers, arena, checked arithmetic, CPU mask, log, and the
 * clock and entropy *interfaces*. No I/O here except sys.c (used by mains only)
 * and the log sink.
 * Reason to change: a new primitive that everyone needs. */
#ifndef ASY_BASE_H
#define ASY_BASE_H
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <inttypes.h>
#include "assay/base.h"

/* ---- errors (err.c) ---- */

/* Sets err (which may be NULL) and returns st, so that a failure is one line. */
assay_status asy_err_set(assay_err *err, assay_status st, const char *fmt, ...) ASSAY_PRINTF(3, 4);
#define ASSAY_FAIL(err, st, ...) asy_err_set((err), ASSAY_##st, __VA_ARGS__)
/* Prepends "where: " to err and returns st; where names what the caller was doing. */
assay_status assay_err_at(assay_err *err, assay_status st, const char *fmt, ...) ASSAY_PRINTF(3, 4);

/* Returns a failure as it is; for functions that own nothing. */
#define TRY(expr)                                                                                  \
	do {                                                                                           \
		assay_status try_st = (expr);                                                              \
		if (try_st != ASSAY_OK)                                                                    \
			return try_st;                                                                         \
	} while (0)

/* Waiting may fix these. The code that fails says so by choosing one of them. */
static inline bool asy_may_mend(assay_status st)
{
	return st == ASSAY_E_NET || st == ASSAY_E_TIMEOUT || st == ASSAY_E_AGAIN || st == ASSAY_E_GONE;
}

/* For our own invariants only; input never reaches one. Stays on in release. */
_Noreturn void asy_assert_fail(const char *expr, const char *file, int line);
#define ASSERT(x) ((x) ? (void)0 : asy_assert_fail(#x, __FILE__, __LINE__))

#define ASY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- spans ---- */

static inline assay_span asy_span(const void *ptr, size_t len)
{
	return (assay_span){(const uint8_t *)ptr, len};
}
static inline assay_span asy_span_str(const char *s)
{
	return (assay_span){(const uint8_t *)s, strlen(s)};
}
static inline bool asy_span_eq(assay_span a, assay_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ---- checked arithmetic: true on success, *out untouched otherwise ---- */

static inline bool asy_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t r;
	return !__builtin_add_overflow(a, b, &r) && (*out = r, true);
}
static inline bool asy_mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t r;
	return !__builtin_mul_overflow(a, b, &r) && (*out = r, true);
}
static inline bool asy_add_size(size_t a, size_t b, size_t *out)
{
	size_t r;
	return !__builtin_add_overflow(a, b, &r) && (*out = r, true);
}
static inline bool asy_mul_size(size_t a, size_t b, size_t *out)
{
	size_t r;
	return !__builtin_mul_overflow(a, b, &r) && (*out = r, true);
}
static inline uint64_t asy_sat_sub_u64(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}
static inline uint64_t asy_sat_add_u64(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* ---- little-endian loads and stores ---- */

static inline uint16_t asy_get_u16le(const uint8_t *p)
{
	return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}
static inline uint32_t asy_get_u32le(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t asy_get_u64le(const uint8_t *p)
{
	return (uint64_t)asy_get_u32le(p) | (uint64_t)asy_get_u32le(p + 4) << 32;
}
static inline void asy_put_u16le(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}
static inline void asy_put_u32le(uint8_t *p, uint32_t v)
{
	asy_put_u16le(p, (uint16_t)v);
	asy_put_u16le(p + 2, (uint16_t)(v >> 16));
}
static inline void asy_put_u64le(uint8_t *p, uint64_t v)
{
	asy_put_u32le(p, (uint32_t)v);
	asy_put_u32le(p + 4, (uint32_t)(v >> 32));
}

/* ---- growing byte buffer (buf.c) ----
 * Zero-initialise to use; max 0 means ASY_BUF_MAX. An append that fails leaves
 * the contents as they were. ptr is owned; free with asy_buf_fini. */

#define ASY_BUF_MAX ((size_t)1 << 31)
typedef struct {
	uint8_t *ptr;
	size_t len, cap, max;
} asy_buf;

void asy_buf_fini(asy_buf *b);
void asy_buf_reset(asy_buf *b);
assay_status asy_buf_reserve(asy_buf *b, size_t more, assay_err *err) ASSAY_CHECKED;
assay_status asy_buf_add(asy_buf *b, const void *ptr, size_t len, assay_err *err) ASSAY_CHECKED;
assay_status asy_buf_add_str(asy_buf *b, const char *s, assay_err *err) ASSAY_CHECKED;
assay_status asy_buf_printf(asy_buf *b, assay_err *err, const char *fmt, ...)
	ASSAY_PRINTF(3, 4) ASSAY_CHECKED;
/* The bytes as a C string: NUL kept beyond len. NULL only when out of memory. */
const char *asy_buf_cstr(asy_buf *b);
static inline assay_span asy_buf_span(const asy_buf *b)
{
	return asy_span(b->ptr, b->len);
}

/* ---- arena (arena.c): everything that dies together ----
 * take returns zeroed memory or NULL; align is a power of two. Under
 * AddressSanitizer the gaps between takes are poisoned. */

typedef struct asy_arena asy_arena;
asy_arena *asy_arena_new(size_t max_bytes);
void asy_arena_free(asy_arena *a);
void *asy_arena_take(asy_arena *a, size_t len, size_t align);
/* count * size, checked. */
void *asy_arena_array(asy_arena *a, size_t count, size_t size);
void *asy_arena_dup(asy_arena *a, const void *ptr, size_t len);
char *asy_arena_strdup(asy_arena *a, const char *s);

/* ---- text (str.c, hex.c) ---- */

/* calloc with checked multiplication. */
void *asy_calloc(size_t count, size_t size);
/* Copies with truncation, always NUL-terminated when cap > 0; true if it all fit. */
bool asy_str_copy(char *dst, size_t cap, const char *src);
/* Whole text is a decimal u64 without sign, space or leading '+'. */
bool asy_str_u64(const char *s, uint64_t *out);
/* Edit distance of two short texts (each cut at 64 bytes), for "did you mean". */
size_t asy_str_distance(const char *a, const char *b);
/* Index of the nearest of the n names if it is near enough to suggest, else n. */
size_t asy_str_nearest(const char *s, const char *const *names, size_t n);
/* Escapes bytes for a log line or terminal: printable ASCII kept, the rest \xNN, cut with "...". */
void asy_str_escape(char *dst, size_t cap, assay_span bytes);

/* Lower-case hex, no prefix; dst gets 2*len+1 bytes. */
void asy_hex_encode(char *dst, const void *src, size_t len);
/* Accepts an optional 0x; exact length required. */
bool asy_hex_decode(const char *text, uint8_t *dst, size_t len);
/* Any even length up to max; -1 on malformed text, else the byte count. */
long asy_hex_decode_any(const char *text, size_t text_len, uint8_t *dst, size_t max);

/* ---- 32-byte keys in order (keys.c) ----
 * For finding many of many: sorting eight bytes and a place is several times faster than
 * sorting pointers to keys. Equal keys keep the order of their places. */
typedef struct {
	uint64_t head; /* the key's first eight bytes, big-endian */
	uint32_t at;   /* its place in the caller's array */
} asy_key_place;
/* first: the first of n keys, stride bytes apart; n at most UINT32_MAX. */
void asy_keys_sort(const void *first, size_t stride, size_t n, asy_key_place *out);
/* The place of key, or n. */
size_t asy_keys_find(const void *first, size_t stride, const asy_key_place *sorted, size_t n,
					 const void *key);
/* Index i > 0 of the first sorted entry whose key equals the one before it, or n. */
size_t asy_keys_duplicate(const void *first, size_t stride, const asy_key_place *sorted, size_t n);

/* ---- processor features (cpu.c) ----
 * What the processor and the operating system both support. Kernels take the
 * mask as an argument; ASY_CPU_SCALAR (0) selects the reference path. */

enum {
	ASY_CPU_SCALAR = 0,
	ASY_CPU_AVX2 = 1u << 0,
	ASY_CPU_NEON = 1u << 1,
	ASY_CPU_AVX512 = 1u << 2 /* F, BW, DQ, VL together */
};
uint64_t asy_cpu_detect(void);
/* "scalar", "avx2", "neon", "avx512", "auto"; false when unknown. The result is
 * the named features and those they imply, not intersected with detect. */
bool asy_cpu_parse(const char *name, uint64_t *mask);
const char *asy_cpu_name(uint64_t mask);

/* ---- clock and entropy: interfaces injected by the mains ---- */

typedef struct asy_clock asy_clock;
struct asy_clock {
	uint64_t (*mono_ns)(asy_clock *); /* never goes back; origin unspecified */
	uint64_t (*real_ns)(asy_clock *); /* since 1970-01-01 UTC                 */
};
typedef struct asy_rng asy_rng;
struct asy_rng {
	void (*fill)(asy_rng *, void *dst, size_t len); /* cannot fail */
};
/* The real ones (sys.c); static, stateless, any thread. Mains only. */
asy_clock *asy_sys_clock(void);
asy_rng *asy_sys_rng(void);
/* Hands free heap pages back to the system, where the C library can. */
void asy_sys_trim(void);
/* A settable clock for tests and replay. */
typedef struct {
	asy_clock iface;
	uint64_t mono, real, step; /* step is added to both at every reading */
} asy_fake_clock;
void asy_fake_clock_init(asy_fake_clock *c, uint64_t real_ns, uint64_t step);

/* Round-trip helper used by all random choices: uniform in [0, n), n > 0, no bias. */
uint64_t asy_rng_below(asy_rng *rng, uint64_t n);

/* ---- log (log.c): event name and typed fields ----
 * Levels by meaning. broken = we misbehave, unusual = the world does. Miner bytes
 * go in only through ASY_BYTES, which escapes and cuts them. Never log keys,
 * salts, bodies. A logger may be NULL: nothing is written. */

typedef enum { ASY_DEBUG, ASY_INFO, ASY_UNUSUAL, ASY_BROKEN } asy_level;
typedef struct {
	int kind; /* 0 end, 1 str, 2 i64, 3 u64, 4 f64, 5 bytes, 6 left out */
	const char *key;
	union {
		const char *s;
		int64_t i;
		uint64_t u;
		double d;
		assay_span b;
	} v;
} asy_field;
static inline asy_field asy_field_str(const char *k, const char *s)
{
	asy_field f = {1, k, {.s = s}};
	return f;
}
static inline asy_field asy_field_i64(const char *k, int64_t i)
{
	asy_field f = {2, k, {.i = i}};
	return f;
}
static inline asy_field asy_field_u64(const char *k, uint64_t u)
{
	asy_field f = {3, k, {.u = u}};
	return f;
}
static inline asy_field asy_field_f64(const char *k, double d)
{
	asy_field f = {4, k, {.d = d}};
	return f;
}
static inline asy_field asy_field_bytes(const char *k, assay_span b)
{
	asy_field f = {5, k, {.b = b}};
	return f;
}
static inline asy_field asy_field_if(bool has_value, asy_field f)
{
	f.kind = has_value ? f.kind : 6;
	return f;
}
/* A field without a value is left out of the line: NULL, an empty text, empty bytes, NaN, and
 * what ASY_IF says has no value. Zero is a value. */
#define ASY_IF(has_value, field) asy_field_if((has_value), (field))
#define ASY_STR(k, s) asy_field_str((k), (s))
#define ASY_I64(k, i) asy_field_i64((k), (i))
#define ASY_U64(k, u) asy_field_u64((k), (u))
#define ASY_F64(k, d) asy_field_f64((k), (d))
#define ASY_BYTES(k, b) asy_field_bytes((k), (b))

typedef struct asy_logger asy_logger;
struct asy_logger {
	FILE *out;        /* where lines go; borrowed */
	asy_level least;  /* lines below are dropped */
	bool json;        /* one JSON object per line instead of text */
	asy_clock *clock; /* for the time stamp; NULL = none */
	const char *task; /* context attached when not NULL or "" */
	uint64_t round;   /* context attached when not 0 */
	uint64_t submission;
	uint64_t counts[4]; /* lines asked for, by level */
};
/* [any]: a line is written whole, whichever thread asks. */
void asy_log_emit(asy_logger *lg, asy_level level, const char *event, ...);
/* asy_log(lg, ASY_INFO, "round.begin", ASY_U64("block", b)); */
#define asy_log(lg, level, ...)                                                                    \
	asy_log_emit((lg), (level), __VA_ARGS__, (asy_field){0, NULL, {NULL}})

/* Complain-once: true at the 1st, 2nd, 4th, 8th ... call until released. */
typedef struct {
	uint64_t seen;
} asy_complaint;
bool asy_complain_due(asy_complaint *c);
#define asy_complain(c, lg, ...)                                                                   \
	(asy_complain_due(c) ? asy_log(lg, ASY_UNUSUAL, __VA_ARGS__) : (void)0)
void asy_complain_release(asy_complaint *c);

#endif
