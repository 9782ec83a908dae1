/* Typed reads of a scenario's values. What is absent leaves the default, so the caller
 * sets it first.
 * Reason to change: another kind of value. */
#ifndef ASY_LOCALNET_SCENARIO_GET_H
#define ASY_LOCALNET_SCENARIO_GET_H
#include "codec/codec.h"

/* v is an object, and every key of it is known; a stranger is named with the nearest. */
assay_status asy_lnet_check_keys(asy_jv v, const char *const *known, size_t n,
								 assay_err *err) ASSAY_CHECKED;
/* Of the range 0..1, true and false too. */
assay_status asy_lnet_get_u64(asy_jv obj, const char *key, uint64_t least, uint64_t most,
							  uint64_t *out, assay_err *err) ASSAY_CHECKED;
/* 0 to 1. */
assay_status asy_lnet_get_share(asy_jv obj, const char *key, double *out,
								assay_err *err) ASSAY_CHECKED;
/* 1 to cap - 1 bytes. */
assay_status asy_lnet_get_text(asy_jv obj, const char *key, bool required, char *out, size_t cap,
							   assay_err *err) ASSAY_CHECKED;
assay_status asy_lnet_get_choice(asy_jv obj, const char *key, const char *const *names, size_t n,
								 size_t *out, assay_err *err) ASSAY_CHECKED;
#endif
