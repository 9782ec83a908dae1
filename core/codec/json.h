/* The document tree, private to codec: json_parse.c builds it, json_view.c
 * reads it. Nodes know their parent, so that a path exists when an error needs
 * one and costs nothing before. */
#ifndef ASY_CODEC_JSON_H
#define ASY_CODEC_JSON_H
#include "codec/codec.h"

typedef struct asy_json_node asy_json_node;
struct asy_json_node {
	const asy_json_node *up;
	const char *key; /* member of an object; NULL in an array and at the root */
	union {
		bool b;
		int64_t i;
		double d;
		const char *s;             /* string, or the digits of a big integer */
		const asy_json_node *kids; /* n of them, in document order */
	} v;
	const asy_json_node *const *sorted; /* large objects: kids ordered by key */
	uint32_t n;                         /* kids, or bytes of s */
	uint32_t pos;                       /* index in the parent */
	uint8_t kind;                       /* asy_json_kind */
	bool big;                           /* integer beyond int64: v.s holds its digits */
};

struct asy_json {
	asy_arena *arena;
	const asy_json_node *root;
	bool secret;
};

/* Objects beyond this many members are searched through `sorted`. */
#define ASY_JSON_LINEAR_MAX 8

/* qsort order of an array of node pointers. */
int asy_json_by_key(const void *a, const void *b);

#endif
