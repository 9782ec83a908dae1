/* A null-consensus epoch's input from JSON, with the memory it borrows.
 * Reason to change: the schema. */
#ifndef ASY_RESEARCH_NULL_INPUT_H
#define ASY_RESEARCH_NULL_INPUT_H
#include "base/base.h"
#include "codec/codec.h"
#include "yuma/yuma.h"

typedef struct asy_null_owned asy_null_owned;
/* Keys as in assay_yuma_null_input; scores are rows [uid, [uids], [values]] in any
 * order. Errors name the path. cpu_mask is set to ASSAY_YUMA_CPU_AUTO. */
assay_status asy_null_read(asy_jv v, asy_null_owned **out, assay_err *err) ASSAY_CHECKED;
assay_yuma_null_input *asy_null_get(asy_null_owned *o);
void asy_null_free(asy_null_owned *o);
#endif
