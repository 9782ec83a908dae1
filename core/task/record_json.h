/* task/record_json.h - what the records of both stories have in common: the small readers
 * and writers of values, and the reason for which a story ends. */
#ifndef ASY_TASK_RECORD_JSON_H
#define ASY_TASK_RECORD_JSON_H
#include "codec/codec.h"
#include "store/store.h"
#include "subnet/subnet.h"

/* A digest that older records do not have. */
typedef struct {
	bool present;
	uint8_t b[32];
} asy_blob_name;

/* Parses a payload; the caller frees it. */
assay_status asy_record_parse(assay_span payload, asy_json **out, assay_err *err) ASSAY_CHECKED;
/* MISSED and END: why; "" = nothing to say, as older END records have it. */
assay_status asy_record_put_reason(const char *reason, asy_buf *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_record_get_reason(asy_jv v, const char **reason, assay_err *err) ASSAY_CHECKED;

assay_status asy_rj_no_memory(assay_err *err) ASSAY_CHECKED;
assay_status asy_rj_hash(asy_jv v, uint8_t out[32], assay_err *err) ASSAY_CHECKED;
/* Absent is not an error: older records have none. */
assay_status asy_rj_blob(asy_jv v, asy_blob_name *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_rj_u32(asy_jv v, uint32_t *out, assay_err *err) ASSAY_CHECKED;
/* null reads as NaN: that is how the writer stores it */
assay_status asy_rj_f64(asy_jv v, double *out, assay_err *err) ASSAY_CHECKED;
/* A list of proportions; *n is how many there are, or must be if it is not SIZE_MAX. */
assay_status asy_rj_u16s(asy_jv v, asy_arena *a, size_t *n, uint16_t **out,
						 assay_err *err) ASSAY_CHECKED;
assay_status asy_rj_base64(asy_jv v, asy_arena *a, assay_span *out, assay_err *err) ASSAY_CHECKED;
assay_status asy_rj_text(asy_jv v, asy_arena *a, const char **out, assay_err *err) ASSAY_CHECKED;
/* The value as canonical text; null is empty. */
assay_status asy_rj_canonical(asy_jv v, asy_arena *a, assay_span *out,
							  assay_err *err) ASSAY_CHECKED;
assay_status asy_rj_block(asy_jv v, asy_block_ref *out, assay_err *err) ASSAY_CHECKED;

void asy_rj_put_block(asy_jw *w, const asy_block_ref *b);
void asy_rj_put_blob(asy_jw *w, const char *key, const asy_blob_name *b);
void asy_rj_put_json(asy_jw *w, const char *key, assay_span json); /* empty = null */
void asy_rj_put_u16s(asy_jw *w, const char *key, const uint16_t *v, size_t n);
assay_status asy_rj_put_base64(asy_jw *w, const char *key, assay_span bytes,
							   assay_err *err) ASSAY_CHECKED;
#endif
