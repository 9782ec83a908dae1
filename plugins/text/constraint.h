/* constraint: patterns that an operator asks of an answer, matched with limits, so that a
 * hostile answer costs a bounded time and then counts as not matching. */
#ifndef TXT_CONSTRAINT_H
#define TXT_CONSTRAINT_H
#include "common/config.h"
#include "common/text.h"

typedef struct txt_pattern txt_pattern;

enum {
	TXT_P_CASELESS = 1,
	TXT_P_MULTILINE = 2,
	TXT_P_DOTALL = 4,
	TXT_P_ANCHORED = 8,
	TXT_P_ENDANCHORED = 16
};

/* NULL when the pattern is none: *code is PCRE2's compile error, *at its offset. */
txt_pattern *txt_pattern_new(assay_bytes pattern, unsigned options, int *code, size_t *at);
void txt_pattern_free(txt_pattern *p);

typedef enum { TXT_P_NO, TXT_P_YES, TXT_P_UNDECIDED, TXT_P_NOT_UTF8 } txt_match;
/* *rc (may be NULL): PCRE2's return value; start and end: bytes of the match. */
txt_match txt_pattern_match(const txt_pattern *p, assay_bytes subject, int *rc, size_t *start,
							size_t *end);

/* What an answer must and must not match. */
enum { TXT_CONSTRAINTS_MAX = 16 };
typedef struct {
	txt_pattern *must[TXT_CONSTRAINTS_MAX], *must_not[TXT_CONSTRAINTS_MAX];
	size_t must_n, must_not_n;
} txt_constraints;
/* Reads "constraints": {"must_match": [...], "must_not_match": [...]}. */
void txt_constraints_read(plg_config *c, txt_constraints *out);
void txt_constraints_free(txt_constraints *c);
/* How many are not satisfied; *limits: how many of them were undecided. */
size_t txt_constraints_failed(const txt_constraints *c, assay_bytes text, size_t *limits);

#endif
