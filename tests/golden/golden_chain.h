/* What the parts of the chain suite share: metadata blobs, hex fields,
 * and loose comparison of JSON values. */
#ifndef ASSAY_TESTS_GOLDEN_CHAIN_H
#define ASSAY_TESTS_GOLDEN_CHAIN_H
#include "chain/chain.h"
#include "golden/golden.h"

/* ---- metadata blobs (golden_chain_blobs.c): beside the vectors, in the folder of
 * ASSAY_VECTORS, or in a checkout beside the sources; found by content. ---- */
typedef bool chain_fits(const asy_metadata *m, size_t bytes, asy_jv root);
typedef void chain_use(golden *g, const asy_metadata *m, asy_jv root);
/* Every blob that fits; how many did. */
size_t chain_blobs_each(golden *g, asy_jv root, chain_fits *fits, chain_use *use);
/* The first that fits, the one called hint before others; NULL after golden_skip(cases). */
asy_metadata *chain_blob_for(golden *g, asy_jv root, const char *hint, chain_fits *fits,
							 size_t cases);
/* From the constant System.Version; 0 when it is not there. */
uint32_t chain_spec_version(const asy_metadata *m);
/* The number right after a word in a text; 0 when there is none. */
uint32_t chain_number_after(const char *text, const char *word);

/* A "0x..." or bare hex string onto out (cleared first). */
bool chain_hex(asy_jv v, asy_buf *out);
/* The string of a field, "" when absent. */
const char *chain_str(asy_jv v, const char *key);
/* An integer given as number or decimal string; 0 when absent. */
uint64_t chain_u64(asy_jv v, const char *key);
bool chain_same_hex(asy_jv v, assay_span bytes);

/* A hasher by its name in the vectors; false when unknown. */
bool chain_hasher(const char *name, asy_hasher *out);
/* Does the item hash its keys as this list of names says? */
bool chain_same_hashers(const asy_storage_item *it, asy_jv names);

void golden_chain_metadata(golden *g, asy_jv root);
void golden_chain_listing(golden *g, asy_jv root);
void golden_chain_tables_one(golden *g, asy_jv root);
void golden_chain_tables_all(golden *g, asy_jv root);
void golden_chain_scale(golden *g, asy_jv root);
/* The parts of it that need no metadata (golden_scale.c). */
void golden_scale(golden *g, asy_jv root);
void golden_chain_storage_keys(golden *g, asy_jv root);
void golden_chain_runtime_api(golden *g, asy_jv root);
void golden_chain_era(golden *g, asy_jv root);
void golden_chain_extrinsics(golden *g, asy_jv root);
void golden_chain_hash_commit(golden *g, asy_jv root);
void golden_chain_upscale(golden *g, asy_jv root);
void golden_chain_reveal_round(golden *g, asy_jv root);
void golden_chain_schedule(golden *g, asy_jv root);
#endif
