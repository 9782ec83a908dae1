/* Ways in which a node can lie: each takes the true reply to a request and makes another of
 * it. Shared by the tests of the chain client, of the round and of the whole daemon. */
#ifndef ASSAY_TESTS_LIES_H
#define ASSAY_TESTS_LIES_H
#include "base/base.h"

typedef enum {
	LIE_RESULT,    /* text instead of the result */
	LIE_BODY,      /* text instead of the reply */
	LIE_ERROR,     /* text as the error object */
	LIE_ID,        /* text as the id */
	LIE_CUT,       /* half of the reply */
	LIE_FLIP,      /* one bit of the hex digits in the result */
	LIE_HUGE,      /* arg mebibytes of text */
	LIE_DEEP,      /* nested arrays */
	LIE_LONG_HEX,  /* arg mebibytes of hex digits as the result */
	LIE_OTHER_KEY, /* storage: keys that were not asked for */
	LIE_TWICE,     /* storage: one key many times, the others not at all */
	LIE_NULLS,     /* storage: nothing is there */
	LIE_ZEROS,     /* storage: every value has its length and is zero */
	LIE_GROWN,     /* storage: every value is 40 bytes longer */
	LIE_NUMBER,    /* header: number is text */
	LIE_OLD_HEAD,  /* header: the first one that was seen */
	LIE_VERSION,   /* runtime version: another at each call */
	LIE_SWALLOW,   /* submission: the right hash, and nothing happens */
	LIE_HIDE,      /* blocks: without any extrinsic */
	LIE_SILENCE    /* no answer before the deadline */
} lie_kind;

typedef struct {
	const char *name;
	lie_kind kind;
	const char *method; /* NULL = all */
	const char *text;
	unsigned arg;
	const char *about; /* only requests that contain this; NULL = all. "self" = our hotkey */
	unsigned from;     /* only after so many requests */
} lie;

extern const lie lies[];
extern const size_t lies_n;

typedef struct {
	const lie *what;
	const char *self; /* our hotkey as hex digits, for `about` */
	uint64_t requests, told;
	asy_buf first_head;
} liar;
void liar_fini(liar *l);
/* Does it lie about this request? Counts it. */
bool liar_lies(liar *l, assay_span request);
/* LIE_SWALLOW and LIE_SILENCE: the node must not see the request. */
bool liar_keeps_from_node(const liar *l);
/* Replaces the reply in place. */
void liar_tell(liar *l, assay_span request, asy_buf *reply);
#endif
