/* Registry: compiles the type texts of tables.h into the numbered types that
 * metadata describes. Private to metadata_out.c and registry.c. The texts are our
 * own constants, so a malformed one is a bug and stops the program.
 * Reason to change: the type language of the tables. */
#ifndef ASY_LOCALNET_REGISTRY_H
#define ASY_LOCALNET_REGISTRY_H
#include "localnet/tables.h"

enum { REG_TYPES_MAX = 256, REG_FIELDS_MAX = 2048, REG_VARIANTS_MAX = 768 };

/* The wire tags of a type definition. */
typedef enum {
	REG_COMPOSITE,
	REG_VARIANT,
	REG_SEQUENCE,
	REG_ARRAY,
	REG_TUPLE,
	REG_PRIMITIVE,
	REG_COMPACT
} reg_kind;

typedef struct {
	char name[48]; /* "" = unnamed */
	uint32_t type; /* UINT32_MAX = a type parameter without a type */
} reg_field;
typedef struct {
	char name[56];
	uint8_t index;
	uint32_t field, fields_n;
} reg_variant;
typedef struct {
	reg_kind kind;
	const char *path;         /* "a::b::C" or "" */
	uint32_t param, params_n; /* into fields */
	uint32_t first, n;        /* fields (composite, tuple) or variants; array length in n */
	uint32_t inner;           /* sequence, array, compact; primitive tag */
} reg_type;

typedef struct {
	const lnet_generation *generation;
	reg_type type[REG_TYPES_MAX];
	reg_field field[REG_FIELDS_MAX];
	reg_variant variant[REG_VARIANTS_MAX];
	uint32_t types_n, fields_n, variants_n;
	uint32_t named[128]; /* row of asy_lnet_types -> id + 1; 0 = not met yet */
	/* The generated enums, id + 1: calls, events and errors of each pallet row. */
	uint32_t calls[8], events[8], errors[8], runtime_call, runtime_event, era;
} reg;

/* The type's number, made on first meeting. */
uint32_t asy_lnet_reg_type(reg *r, const char *text);
/* Type of the call, event or error enum of pallet row p; UINT32_MAX when it has none. */
uint32_t asy_lnet_reg_calls(reg *r, size_t p);
uint32_t asy_lnet_reg_events(reg *r, size_t p);
uint32_t asy_lnet_reg_errors(reg *r, size_t p);
#endif
