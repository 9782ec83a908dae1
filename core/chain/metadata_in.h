/* Private to the metadata decoder: a reader that fails once and stays failed, so that
 * the layouts read as lists, with everything it makes living in one arena. */
#ifndef ASY_CHAIN_METADATA_IN_H
#define ASY_CHAIN_METADATA_IN_H
#include "chain/metadata.h"

typedef struct {
	asy_scale in;
	asy_arena *arena;
	assay_err *err;
	assay_status st;
} md_in;

uint8_t asy_md_u8(md_in *r);
uint32_t asy_md_u32(md_in *r);
uint32_t asy_md_id(md_in *r); /* Compact<u32> */
bool asy_md_option(md_in *r);
/* A count whose items take at least min_item bytes each. */
uint32_t asy_md_count(md_in *r, size_t min_item);
const char *asy_md_text(md_in *r); /* never NULL: "" once failed */
assay_span asy_md_bytes(md_in *r); /* copied into the arena */
void asy_md_skip_texts(md_in *r);  /* docs */
void *asy_md_array(md_in *r, size_t n, size_t size);

/* registry: Vec<PortableType>; fills types and types_n. */
void asy_md_registry(md_in *r, asy_metadata *m);
#endif
