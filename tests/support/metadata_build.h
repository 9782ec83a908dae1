/* A runtime's metadata made from names and type texts, in each version of the format, written
 * from the format's description and not from the decoder. For tests. */
#ifndef ASSAY_TESTS_METADATA_BUILD_H
#define ASSAY_TESTS_METADATA_BUILD_H
#include "base/base.h"
#include "codec/codec.h"

#define MB_KEYS_MAX 8

typedef struct {
	const char *name, *type;
} mb_field;
typedef struct {
	const char *name;
	uint8_t index;
	const mb_field *fields;
	size_t fields_n;
} mb_variant;
typedef struct {
	const char *name, *value;
	bool optional;
	uint8_t hashers[MB_KEYS_MAX]; /* as numbered on the wire */
	const char *keys[MB_KEYS_MAX];
	size_t keys_n;
	assay_span fallback;
} mb_item;
typedef struct {
	const char *name;
	uint8_t index;
	const mb_item *items;
	size_t items_n;
	const mb_variant *calls, *events, *errors;
	size_t calls_n, events_n, errors_n;
	const mb_field *constants; /* with no bytes */
	size_t constants_n;
} mb_pallet;

typedef struct mb_registry mb_registry;
/* The types of everything built so far; a text always gets the same number. */
mb_registry *mb_registry_new(void);
void mb_registry_free(mb_registry *r);
/* "u16", "Vec<(u16, H256)>", "[u8; 32]", "Option<T>", "Compact<T>", "Name{a: u8, b: T}"; another
 * word is a struct of that name without fields, after ':' its only field. */
uint32_t mb_type(mb_registry *r, const char *text);

/* version: 14, 15 or 16. With version 16 come notes of deprecation, associated types, view
 * functions and a list of extensions in another order than that in which they are used. */
assay_status mb_build(mb_registry *r, unsigned version, const mb_pallet *pallets, size_t n,
					  asy_buf *out, assay_err *err) ASSAY_CHECKED;
#endif
