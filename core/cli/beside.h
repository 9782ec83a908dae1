/* cli/beside.h - what is installed with this program. */
#ifndef ASY_CLI_BESIDE_H
#define ASY_CLI_BESIDE_H
#include "base/base.h"

/* The first of places, relative to this program's folder, that exists; resolved. */
bool beside_program(const char *const *places, size_t n, char *out, size_t cap);
#endif
