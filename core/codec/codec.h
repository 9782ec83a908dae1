/* codec: bytes <-> values. SCALE, SS58, base58, JSON in and out (the only
 * user of jansson). Every decoder takes a span and a limit, never reads past it,
 * and has a fuzz target. */
#ifndef ASY_CODEC_H
#define ASY_CODEC_H
#include "base/base.h"
#include "crypto/crypto.h"

/* ---- SCALE in (scale.c) ----
 * A cursor over borrowed bytes. Each get checks the room, advances on success and
 * leaves the cursor unmoved on failure; errors name the offset. */
typedef struct {
	assay_span bytes;
	size_t at;
} asy_scale;
static inline asy_scale asy_scale_in(assay_span s)
{
	return (asy_scale){s, 0};
}
static inline size_t asy_scale_left(const asy_scale *s)
{
	return s->bytes.len - s->at;
}
assay_status asy_scale_u8(asy_scale *s, uint8_t *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_scale_u16(asy_scale *s, uint16_t *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_scale_u32(asy_scale *s, uint32_t *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_scale_u64(asy_scale *s, uint64_t *out, assay_err *err) ASSAY_CHECKED;
/* 16 bytes little-endian, low word first. */
assay_status asy_scale_u128(asy_scale *s, uint64_t out[2], assay_err *err) ASSAY_CHECKED;
assay_status asy_scale_bool(asy_scale *s, bool *out, assay_err *err) ASSAY_CHECKED;
/* Compact<u64>: refuses values beyond 64 bits and non-minimal forms. */
assay_status asy_scale_compact(asy_scale *s, uint64_t *out, assay_err *err) ASSAY_CHECKED;
/* Compact<u128>, low word first. */
assay_status asy_scale_compact128(asy_scale *s, uint64_t out[2], assay_err *err) ASSAY_CHECKED;
/* Compact length followed by that many items of at least min_item bytes each must
 * fit in what is left, and be at most max. */
assay_status asy_scale_count(asy_scale *s, size_t min_item, size_t max, size_t *out,
							 assay_err *err) ASSAY_CHECKED;
/* n raw bytes, borrowed. */
assay_status asy_scale_raw(asy_scale *s, size_t n, assay_span *out, assay_err *err) ASSAY_CHECKED;
/* Compact length + bytes (Bytes, Text), borrowed. */
assay_status asy_scale_bytes(asy_scale *s, size_t max, assay_span *out,
							 assay_err *err) ASSAY_CHECKED;
/* Option tag: false for 00, true for 01. */
assay_status asy_scale_option(asy_scale *s, bool *some, assay_err *err) ASSAY_CHECKED;
/* Fails unless everything was read. */
assay_status asy_scale_end(const asy_scale *s, assay_err *err) ASSAY_CHECKED;

/* ---- SCALE out: onto an asy_buf. A failed append (memory, limit) poisons the
 * writer and is reported once by asy_scale_out_end. ---- */
typedef struct {
	asy_buf *buf;
	assay_status st;
} asy_scale_w;
static inline asy_scale_w asy_scale_out(asy_buf *b)
{
	return (asy_scale_w){b, ASSAY_OK};
}
void asy_scale_put_u8(asy_scale_w *w, uint8_t v);
void asy_scale_put_u16(asy_scale_w *w, uint16_t v);
void asy_scale_put_u32(asy_scale_w *w, uint32_t v);
void asy_scale_put_u64(asy_scale_w *w, uint64_t v);
void asy_scale_put_bool(asy_scale_w *w, bool v);
void asy_scale_put_compact(asy_scale_w *w, uint64_t v);
void asy_scale_put_compact128(asy_scale_w *w, uint64_t lo, uint64_t hi);
void asy_scale_put_raw(asy_scale_w *w, const void *p, size_t len);
void asy_scale_put_bytes(asy_scale_w *w, const void *p, size_t len);  /* compact length first */
void asy_scale_put_u16s(asy_scale_w *w, const uint16_t *v, size_t n); /* Vec<u16> */
assay_status asy_scale_out_end(asy_scale_w *w, assay_err *err) ASSAY_CHECKED;

/* ---- addresses (ss58.c, base58.c) ---- */
#define ASY_SS58_LEN 49 /* with NUL, prefix 42 */
#define ASY_SS58_PREFIX 42
void asy_ss58_encode(const uint8_t account[32], char out[ASY_SS58_LEN]);
assay_status asy_ss58_decode(const char *text, uint8_t account[32], assay_err *err) ASSAY_CHECKED;
/* Any network. false: prefix beyond 16383 or out too small (51 always suffice). */
#define ASY_SS58_PREFIX_MAX 16383u
bool asy_ss58_encode_prefix(const uint8_t account[32], unsigned prefix, char *out, size_t cap);
assay_status asy_ss58_decode_prefix(const char *text, uint8_t account[32], unsigned *prefix,
									assay_err *err) ASSAY_CHECKED;

/* ---- JSON in (json_view.c) ----
 * A typed view over a parsed document. Getters put the path into the error:
 * "miners[3].axon.port: not an integer". Integers above 2^63-1 are kept exactly.
 * Limits: bytes, depth. Duplicate keys are an error. Views borrow the document. */
typedef struct asy_json asy_json; /* the document, owned */
typedef struct {
	const void *node; /* NULL = absent */
	const asy_json *doc;
	const void *up;   /* absent: the nearest node that is there ... */
	char missing[40]; /* ... and what was asked of it, for the path; ours */
} asy_jv;
typedef struct {
	size_t max_bytes, max_depth; /* 0 = 64 MiB, 64 (at most 1024) */
	size_t max_values;           /* 0 = 8 Mi */
	bool secret;                 /* clear every copy when freed; start-up only, see json_parse.c */
} asy_json_limits;
assay_status asy_json_parse(assay_span text, const asy_json_limits *limits, asy_json **out,
							assay_err *err) ASSAY_CHECKED;
void asy_json_free(asy_json *doc);
asy_jv asy_json_root(const asy_json *doc);
typedef enum {
	ASY_J_ABSENT,
	ASY_J_NULL,
	ASY_J_BOOL,
	ASY_J_INT,
	ASY_J_REAL,
	ASY_J_STRING,
	ASY_J_ARRAY,
	ASY_J_OBJECT
} asy_json_kind;
asy_json_kind asy_jv_kind(asy_jv v);
bool asy_jv_is_null(asy_jv v); /* null or absent */
/* Children; absent ones give a view with node NULL. */
asy_jv asy_jv_get(asy_jv v, const char *key);
asy_jv asy_jv_at(asy_jv v, size_t i);
size_t asy_jv_size(asy_jv v); /* array or object; 0 for others */
/* Object iteration in document order: i-th member. */
const char *asy_jv_key(asy_jv v, size_t i);
asy_jv asy_jv_value(asy_jv v, size_t i);
/* Typed reads: fail when absent or of another kind, with the path. */
assay_status asy_jv_u64(asy_jv v, uint64_t *out, assay_err *err) ASSAY_CHECKED;
/* Low word first. */
assay_status asy_jv_u128(asy_jv v, uint64_t out[2], assay_err *err) ASSAY_CHECKED;
assay_status asy_jv_i64(asy_jv v, int64_t *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_jv_u16(asy_jv v, uint16_t *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_jv_f64(asy_jv v, double *out, assay_err *err) ASSAY_CHECKED; /* int accepted */
assay_status asy_jv_bool(asy_jv v, bool *out, assay_err *err) ASSAY_CHECKED;  /* 0/1 accepted */
assay_status asy_jv_str(asy_jv v, const char **out, size_t *len, assay_err *err) ASSAY_CHECKED;
/* Names every missing key in one error; remedy (NULL = none) ends the sentence.
 * ASSAY_E_FORMAT. */
assay_status asy_jv_need(asy_jv v, const char *const *keys, size_t n, const char *remedy,
						 assay_err *err) ASSAY_CHECKED;
/* Refuses an object that has a key outside keys, and names the nearest: such a key
 * would be ignored in silence. Also refuses anything but an object. ASSAY_E_FORMAT. */
assay_status asy_jv_known(asy_jv v, const char *const *keys, size_t n,
						  assay_err *err) ASSAY_CHECKED;
/* "miners[3].axon.port" of a view, for one's own errors. */
void asy_jv_path(asy_jv v, char *dst, size_t cap);
/* The value itself as compact JSON text, keys sorted (canonical form). */
assay_status asy_jv_canonical(asy_jv v, asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* ---- JSON out (json_out.c): a streaming writer onto an asy_buf ----
 * Commas and nesting are kept by the writer; strings are escaped, invalid UTF-8
 * becomes U+FFFD; doubles print so that they read back equal; NaN and infinity
 * become null. A failed append poisons the writer, reported by asy_jw_end. */
typedef struct {
	asy_buf *buf;
	assay_status st;
	unsigned depth, pretty; /* pretty: indent width, 0 = compact */
	bool need_comma, after_key;
} asy_jw;
asy_jw asy_jw_out(asy_buf *b, unsigned pretty);
void asy_jw_object(asy_jw *w);
void asy_jw_end_object(asy_jw *w);
void asy_jw_array(asy_jw *w);
void asy_jw_end_array(asy_jw *w);
void asy_jw_key(asy_jw *w, const char *key);
void asy_jw_str(asy_jw *w, const char *s);
void asy_jw_strn(asy_jw *w, const char *s, size_t len);
void asy_jw_u64(asy_jw *w, uint64_t v);
void asy_jw_i64(asy_jw *w, int64_t v);
void asy_jw_f64(asy_jw *w, double v);
void asy_jw_bool(asy_jw *w, bool v);
void asy_jw_null(asy_jw *w);
void asy_jw_raw(asy_jw *w, assay_span json); /* already JSON */
/* The text of asy_jw_f64 for a finite number: reads back equal, and as a real: "1.0". */
void asy_json_double(char dst[32], double v);
/* key + value in one call */
void asy_jw_kstr(asy_jw *w, const char *key, const char *s);
void asy_jw_ku64(asy_jw *w, const char *key, uint64_t v);
void asy_jw_ki64(asy_jw *w, const char *key, int64_t v);
void asy_jw_kf64(asy_jw *w, const char *key, double v);
void asy_jw_kbool(asy_jw *w, const char *key, bool v);
void asy_jw_khex(asy_jw *w, const char *key, const void *p, size_t len); /* "0x..." */
assay_status asy_jw_end(asy_jw *w, assay_err *err) ASSAY_CHECKED;

/* ---- hotkey files (wallet.c) ----
 * The bytes of a Bittensor hotkey file: plain JSON, or encrypted in one of three forms when a
 * password is given. The key is derived from the first secret there is and must belong to the
 * public key that the file names. words lets a phrase be used (NULL: the seed or
 * the private key is).
 * The caller reads the file and clears its own copy. */
assay_status asy_wallet_load(assay_span file, const char *password, const asy_wordlist *words,
							 asy_key **out, assay_err *err) ASSAY_CHECKED;
/* By how it begins: then a password is needed. */
bool asy_wallet_is_encrypted(assay_span file);
/* Refuses a file that others than its owner may read; mode as from fstat. */
assay_status asy_wallet_check_mode(const char *path, unsigned mode, assay_err *err) ASSAY_CHECKED;
#endif
