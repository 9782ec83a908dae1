/* Part of chain's face: the runtime's description of itself, versions 14, 15 and 16.
 * Parsed once into an arena; everything is then found by name. Lengths, counts and
 * depth are bounded, since the bytes come from a node we need not trust. */
#ifndef ASY_CHAIN_METADATA_H
#define ASY_CHAIN_METADATA_H
#include "base/base.h"
#include "codec/codec.h"

#define ASY_METADATA_MAX_BYTES ((size_t)4 << 20) /* ten times what the chain has */
#define ASY_TYPE_NONE UINT32_MAX
#define ASY_TYPE_DEPTH_MAX 64

/* ---- the type registry ---- */

typedef enum {
	ASY_TYPE_COMPOSITE,
	ASY_TYPE_VARIANT,
	ASY_TYPE_SEQUENCE,
	ASY_TYPE_ARRAY,
	ASY_TYPE_TUPLE,
	ASY_TYPE_PRIMITIVE,
	ASY_TYPE_COMPACT,
	ASY_TYPE_BITS
} asy_type_kind;
typedef enum {
	ASY_PRIM_BOOL,
	ASY_PRIM_CHAR,
	ASY_PRIM_STR,
	ASY_PRIM_U8,
	ASY_PRIM_U16,
	ASY_PRIM_U32,
	ASY_PRIM_U64,
	ASY_PRIM_U128,
	ASY_PRIM_U256,
	ASY_PRIM_I8,
	ASY_PRIM_I16,
	ASY_PRIM_I32,
	ASY_PRIM_I64,
	ASY_PRIM_I128,
	ASY_PRIM_I256
} asy_primitive;
typedef struct {
	const char *name; /* NULL when unnamed; tuples never have names */
	uint32_t type;
} asy_type_field;
typedef struct {
	const char *name;
	uint8_t index; /* on the wire */
	const asy_type_field *fields;
	uint32_t fields_n;
} asy_type_variant;
typedef struct {
	asy_type_kind kind;
	const char *name;        /* last path segment, NULL when the path is empty */
	const char *const *path; /* path_n segments */
	uint32_t path_n;
	const asy_type_field *fields; /* composite, tuple */
	const asy_type_variant *variants;
	uint32_t count;               /* fields or variants; array length */
	uint32_t inner;               /* sequence, array, compact; bit store */
	const asy_type_field *params; /* generic parameters; type may be ASY_TYPE_NONE */
	uint32_t params_n;
	asy_primitive prim;
} asy_type;

/* ---- pallets ---- */

typedef enum {
	ASY_HASH_BLAKE2_128,
	ASY_HASH_BLAKE2_256,
	ASY_HASH_BLAKE2_128_CONCAT,
	ASY_HASH_TWOX_128,
	ASY_HASH_TWOX_256,
	ASY_HASH_TWOX_64_CONCAT,
	ASY_HASH_IDENTITY
} asy_hasher;
#define ASY_MAP_KEYS_MAX 8
typedef struct {
	const char *name;
	bool optional;  /* absent means none; otherwise fallback is the value */
	uint8_t keys_n; /* 0 = plain */
	uint8_t hasher[ASY_MAP_KEYS_MAX];
	uint32_t key_type[ASY_MAP_KEYS_MAX]; /* one for each hasher */
	uint32_t key;                        /* the map's whole key type, ASY_TYPE_NONE when plain */
	uint32_t value;
	assay_span fallback;
} asy_storage_item;
typedef struct {
	const char *name;
	uint32_t type;
	assay_span value;
} asy_constant;
typedef struct {
	const char *name, *prefix; /* prefix NULL = no storage */
	uint8_t index;
	const asy_storage_item *items;
	uint32_t items_n;
	const asy_constant *constants;
	uint32_t constants_n;
	uint32_t calls, events, errors; /* types, ASY_TYPE_NONE when absent */
} asy_pallet;
typedef struct {
	const char *identifier;
	uint32_t extra, additional;
} asy_extension;
typedef struct {
	const char *name;
	const asy_type_field *inputs;
	uint32_t inputs_n, output;
} asy_api_method;
typedef struct {
	const char *name;
	const asy_api_method *methods;
	uint32_t methods_n;
} asy_api;

typedef struct asy_metadata asy_metadata;
struct asy_metadata {
	unsigned version;
	const asy_type *types; /* index = id */
	uint32_t types_n;
	const asy_pallet *pallets;
	uint32_t pallets_n;
	uint8_t extrinsic_versions[8];
	uint8_t extrinsic_versions_n;
	uint32_t address_type,
		signature_type; /* ASY_TYPE_NONE in V14 unless its extrinsic type names them */
	const asy_extension *extensions;
	uint32_t extensions_n;
	const asy_api *apis; /* empty in V14 */
	uint32_t apis_n;
	asy_arena *arena;
};

/* Owned by the caller; bytes need not outlive the call. The whole input must be used. */
assay_status asy_metadata_parse(assay_span bytes, asy_metadata **out, assay_err *err) ASSAY_CHECKED;
void asy_metadata_free(asy_metadata *m);

/* Finding by name: NULL when absent. */
const asy_type *asy_metadata_type(const asy_metadata *m, uint32_t id);
const asy_pallet *asy_metadata_pallet(const asy_metadata *m, const char *name);
const asy_storage_item *asy_metadata_item(const asy_metadata *m, const char *pallet,
										  const char *item, const asy_pallet **in);
const asy_type_variant *asy_metadata_call(const asy_metadata *m, const char *pallet,
										  const char *call, uint8_t *pallet_index);
const asy_constant *asy_metadata_constant(const asy_metadata *m, const char *pallet,
										  const char *name);
const asy_api_method *asy_metadata_api(const asy_metadata *m, const char *api, const char *method);
/* Finding by number, for what the chain sends. */
const asy_pallet *asy_metadata_pallet_at(const asy_metadata *m, uint8_t index);
const asy_type_variant *asy_metadata_variant_at(const asy_metadata *m, uint32_t type,
												uint8_t index);

/* ---- shapes (shape.c) ----
 * The structure of a type as text, names and newtypes removed: "u16", "[u8;32]",
 * "Vec<(u16,u16)>", "Compact<u64>", "Option<u16>", "(u64,[u8;32])", "enum{0|1(u8)}".
 * Equal shapes = equal bytes. */
assay_status asy_metadata_shape(const asy_metadata *m, uint32_t type, asy_buf *out,
								assay_err *err) ASSAY_CHECKED;
/* ASSAY_E_UNSUPPORTED, with both shapes, when they differ; what names the thing. */
assay_status asy_metadata_expect(const asy_metadata *m, uint32_t type, const char *shape,
								 const char *what, assay_err *err) ASSAY_CHECKED;
/* As text with names: "Name{field: type}", "Name<0:Variant|1:Other(u8)>", for people and
 * for comparing with listings. Recursion prints the bare name. */
assay_status asy_metadata_describe(const asy_metadata *m, uint32_t type, asy_buf *out,
								   assay_err *err) ASSAY_CHECKED;

/* ---- values by type id (value.c) ---- */

/* Moves the cursor over one value; bounded work. */
assay_status asy_value_skip(const asy_metadata *m, uint32_t type, asy_scale *in,
							assay_err *err) ASSAY_CHECKED;
/* The value as JSON: integers beyond 53 bits as decimal strings, byte lists and arrays
 * as "0x" hex, enums as "Name" or {"Name": fields}, structs as objects, tuples and
 * vectors as arrays, Option as null or the value. */
assay_status asy_value_json(const asy_metadata *m, uint32_t type, asy_scale *in, asy_jw *out,
							assay_err *err) ASSAY_CHECKED;

/* ---- storage keys (storage_key.c) ---- */

/* twox128(prefix) || twox128(item): 32 bytes. */
void asy_storage_prefix(const char *pallet_prefix, const char *item, uint8_t out[32]);
/* One hashed map key appended. */
assay_status asy_storage_key_add(asy_hasher h, assay_span encoded, asy_buf *out,
								 assay_err *err) ASSAY_CHECKED;
/* The whole key of an item found in metadata; keys are SCALE-encoded, one for each hasher.
 * Fewer keys than hashers give a prefix of the map. */
assay_status asy_storage_key(const asy_pallet *p, const asy_storage_item *item,
							 const assay_span *keys, size_t keys_n, asy_buf *out,
							 assay_err *err) ASSAY_CHECKED;
#endif
