/* A real as JSON text by the C library alone: what the writer's own digits are compared with. */
#ifndef ASSAY_TESTS_SUPPORT_DECIMAL_H
#define ASSAY_TESTS_SUPPORT_DECIMAL_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fewest of 15, 16 and 17 digits that read back equal, and always a real. */
static inline void test_fewest_digits(char dst[32], double v)
{
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(dst, 30, "%.*g", digits, v);
		if (strtod(dst, NULL) == v)
			break;
	}
	if (strpbrk(dst, ".e") == NULL)
		memcpy(dst + strlen(dst), ".0", 3);
}

#endif
