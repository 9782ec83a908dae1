/* The way back from asy_value_json, for tests: JSON becomes bytes by type id. */
#ifndef ASSAY_TESTS_VALUE_ENCODE_H
#define ASSAY_TESTS_VALUE_ENCODE_H
#include "chain/metadata.h"

/* Integers may also be decimal or "0x" strings, bytes also arrays of numbers. The error
 * names the path in the JSON. On failure out is as it was. */
assay_status value_encode(const asy_metadata *m, uint32_t type, asy_jv value, asy_buf *out,
						  assay_err *err) ASSAY_CHECKED;
#endif
