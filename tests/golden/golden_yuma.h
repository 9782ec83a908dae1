/* Shared by the files of the suite `yuma`. */
#ifndef ASSAY_TESTS_GOLDEN_YUMA_H
#define ASSAY_TESTS_GOLDEN_YUMA_H
#include "golden/golden.h"
#include "yuma/kern.h"

/* A decimal I64F64 or I96F32 string; false when it is none. */
bool gy_i128(asy_jv v, asy_i128 *out);
/* The dense variant; bonds need n * n entries. False when out of memory. */
bool golden_yuma_dense(const assay_yuma_input *in, const assay_yuma_out *out);
void golden_yuma_null(golden *g, asy_jv root);
void golden_yuma_math(golden *g, asy_jv root);
void golden_yuma_guarantees(golden *g, asy_jv root);
#endif
