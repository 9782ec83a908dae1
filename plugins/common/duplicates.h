/*~ duplicates: answers to one challenge that independent miners would not both give
 * share one reward. Ten copies of one essay are one essay, whoever sent them first:
 * each of the ten earns a tenth. Nobody's place or time matters, so copying cannot
 * become a race.
 *
 * Equality must be improbable by chance to mean anything. Every answer therefore
 * comes with the free choice, in bits, that a right answer to this challenge leaves:
 * "Paris" leaves none and is exempt, however many give it.
 *
 * Near answers are found by hashing into bands and compared inside a bucket only, at
 * most PLG_DUP_COMPARISONS each, so that the cost stays linear in the rows, also when
 * all rows come from one hostile hand. The hashes are keyed by the round's seed:
 * nobody can aim an answer at a bucket. */
#ifndef PLG_DUPLICATES_H
#define PLG_DUPLICATES_H
#include "common/config.h"
#include "common/text.h"

#define PLG_SKETCH 128
#define PLG_DUP_COMPARISONS 64
#define PLG_DUP_COSINE 0.97
#define PLG_DUP_RUNS 0.3 /* of a sketch, where the bags are near */
#define PLG_DUP_OWN 0.5
#define PLG_DUP_HAMMING 4

typedef struct {
	bool is_on;
	double bits, similarity;
} plg_dup_settings;

/* Reads "duplicates": {"mode", "bits", "similarity"}; the schema fragment is
 * schema/duplicates.json. */
void plg_duplicates_read(plg_config *c, double bits, plg_dup_settings *out);

/* What one answer looks like. Only bits and exact are required; two answers are near
 * when any kind that both have says so. Everything is borrowed. */
typedef struct {
	double bits;
	uint64_t exact[2];      /* hash of the canonical form */
	const uint32_t *sketch; /* [PLG_SKETCH], or NULL */
	const uint32_t *bag;    /* likewise, of its pieces in no order; counts beside a sketch */
	const float *vector;    /* embedding of length 1, or NULL; all of one size */
	size_t vector_n;
	const float *own; /* what is neither in the truth nor given, of length 1, or NULL: that of
					   * independent answers has nothing in common, so half is much */
	size_t own_n;
	const uint64_t *hash;      /* perceptual or audio hashes, any of which may match */
	size_t hash_n;             /* e.g. of the picture and of its mirror image */
	uint64_t coldkey, address; /* of who gave it, where granted; 0: not known. Answers that share
							   * one of the two are one operator's */
} plg_print;

typedef enum {
	PLG_DUP_CHECKED = 0, /* equality means something here              */
	PLG_DUP_CLOSED = 1,  /* exempt: too little free choice             */
	PLG_DUP_OFF = 2      /* exempt: switched off by the configuration  */
} plg_dup_rule;

typedef struct {
	plg_dup_rule rule;
	uint32_t cluster; /* numbered by content, not by row; clusters of one have numbers too */
	uint32_t size;    /* answers in it */
	double factor;    /* 1/size; with operators known 1/(operators * answers of this operator) */
} plg_share;

/* Clusters n answers; equal for every order of them. False when out of memory. */
bool plg_duplicates_find(const plg_dup_settings *s, const plg_print *print, size_t n, uint64_t key,
						 plg_share *out);

/* ---- making prints ---- */

uint64_t plg_mix(uint64_t x);
/* Two numbers that only equal bytes share. */
void plg_print_bytes(uint64_t key, const void *p, size_t n, uint64_t exact[2]);

/* A min-hash of a set of features: the share of equal places estimates the Jaccard
 * similarity of two sets. One hash per feature (one-permutation hashing). */
void plg_sketch_begin(uint32_t sketch[PLG_SKETCH]);
void plg_sketch_add(uint32_t sketch[PLG_SKETCH], uint64_t key, uint64_t feature);
/* Fills empty places from full ones; false when nothing was added. */
bool plg_sketch_end(uint32_t sketch[PLG_SKETCH], uint64_t key);
double plg_sketch_similarity(const uint32_t *a, const uint32_t *b);

/* The Latin letter that a small letter of another script looks like: the usual way to dodge a
 * comparison by bytes. Any other character is itself. */
uint32_t plg_look_alike(uint32_t c);
/* The form in which texts are compared: NFKC, lower case, look-alike letters as Latin,
 * nothing invisible, every run of white space, punctuation and symbols one space. */
plg_text plg_canon(plg_arena *a, plg_text t);
/* exact, sketch (runs of five words, or of five characters where words are few) and bag
 * (single words, or pairs of characters in scripts without spaces; none for a few words) of
 * a text. A synonym in a short paragraph spoils a quarter of its runs but one word of its
 * bag. False when out of memory. */
bool plg_print_text(plg_arena *a, uint64_t key, plg_text t, plg_print *out);
/* Free choice of a text answer with so many characters that were not given: 1.5 bits for
 * each beyond the first 40. */
double plg_text_bits(size_t code_points);

#endif
