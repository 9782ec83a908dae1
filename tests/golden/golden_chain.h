/* What the parts of the chain suite share: third-party metadata files, hex fields,
 * and loose comparison of JSON values. */
#ifndef ASSAY_TESTS_GOLDEN_CHAIN_H
#define ASSAY_TESTS_GOLDEN_CHAIN_H
#include "chain/chain.h"
#include "golden/golden.h"

/* A metadata file named by a vector, from beside the vectors, from the folder in
 * ASSAY_VECTORS, or from a checkout beside the sources; false when it is nowhere. */
bool chain_read_third_party(const golden *g, const char *name, asy_buf *out);
/* The parsed metadata, or NULL after golden_skip(cases) or golden_fail. */
asy_metadata *chain_metadata_for(golden *g, const char *name, size_t cases);

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
void golden_chain_tables_425(golden *g, asy_jv root);
void golden_chain_tables_475(golden *g, asy_jv root);
void golden_chain_storage_keys(golden *g, asy_jv root);
void golden_chain_runtime_api(golden *g, asy_jv root);
void golden_chain_era(golden *g, asy_jv root);
void golden_chain_extrinsics(golden *g, asy_jv root);
void golden_chain_hash_commit(golden *g, asy_jv root);
void golden_chain_upscale(golden *g, asy_jv root);
void golden_chain_reveal_round(golden *g, asy_jv root);
void golden_chain_schedule(golden *g, asy_jv root);
#endif
