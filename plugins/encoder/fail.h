/* fail: the one way in which the encoder reports an error. */
#ifndef ENC_FAIL_H
#define ENC_FAIL_H
#include "encoder/encoder.h"

/* Writes the sentence into err (which may be NULL) and returns rc. */
enc_rc enc_fail(enc_err *err, enc_rc rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
