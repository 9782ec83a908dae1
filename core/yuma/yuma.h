/* yuma: the epoch, bit for bit. This header adds to assay/yuma.h what other
 * modules of the core need: conversions of stored values, the chain's treatment
 * of submitted weights, packing of rows.
 *
 * From a subnet snapshot to an input: point n, the parameters and the per-uid
 * vectors at the snapshot's arrays (they are borrowed), and pack the stored rows
 * with asy_yuma_rows_pack, one asy_yuma_row a uid (len 0 = no row). */
#ifndef ASY_YUMA_H
#define ASY_YUMA_H
#include "base/base.h"
#include "codec/codec.h"
#include "assay/yuma.h"

/* ---- stored values ---- */

/* P(x): a u16 proportion as fixed value; floor(x * 2^32 / 65535). */
int64_t asy_yuma_from_u16p(uint16_t x);
/* Fixed proportion to u16: floor(x * 65535 / 2^32), clamped to 0 .. 65535. */
uint16_t asy_yuma_to_u16p(int64_t x);

/* Max-upscale as set_weights and reveals store it: in place or not, in caller's
 * order; all-zero rows stay. out may equal in. */
void asy_yuma_max_upscale_u16(const uint16_t *in, size_t n, uint16_t *out);
/* Whether no entry exceeds limit/65535 of the row's sum (MaxWeightsLimit). */
bool asy_yuma_max_limited(const uint16_t *values, size_t n, uint16_t limit);

/* ---- rows ---- */

typedef assay_yuma_row asy_yuma_row;

/* Sum of the lengths: the size of the arrays below. */
size_t asy_yuma_rows_len(const asy_yuma_row *rows, size_t rows_n);
/* Copies rows (one a uid) into the caller's arrays: offset rows_n + 1 entries, uid
 * and value asy_yuma_rows_len entries; out borrows them. */
void asy_yuma_rows_pack(const asy_yuma_row *rows, size_t rows_n, size_t *offset, uint16_t *uid,
						uint16_t *value, assay_yuma_rows *out);
/* The row of one uid; len 0 when it has none. */
asy_yuma_row asy_yuma_rows_get(const assay_yuma_rows *rows, size_t uid);

/* ---- input from JSON (input_json.c) ---- */

/* One epoch's input with the memory it borrows. The object has the keys of the
 * published vectors' `input`; activity_cutoff_blocks and commit_reveal may be
 * absent. Errors name the path. cpu_mask is set to ASSAY_YUMA_CPU_AUTO. */
typedef struct asy_yuma_owned asy_yuma_owned;
assay_status asy_yuma_input_read(asy_jv v, asy_yuma_owned **out, assay_err *err) ASSAY_CHECKED;
/* Borrowed until the owner is freed; fields may be changed, arrays replaced. */
assay_yuma_input *asy_yuma_input_get(asy_yuma_owned *o);
void asy_yuma_input_free(asy_yuma_owned *o);

/* ---- the split network of the consensus guarantees (guarantee.c) ----
 * 64 validators and 448 servers, honest ones first, sampled once for one honest
 * stake share and weight spread; then any number of points. A point is one epoch
 * without old bonds. Not shared between threads; one a thread is cheap. */
#define ASY_YUMA_SPLIT_NEURONS 512
#define ASY_YUMA_SPLIT_VALIDATORS 64
typedef struct asy_yuma_split asy_yuma_split;
typedef struct {
	int64_t honest_weight, cabal_weight; /* fixed, 0 .. ONE: weight put on one's own side */
	uint16_t kappa, bonds_penalty;       /* proportions */
	bool yuma3;
	uint64_t cpu_mask; /* as in assay_yuma_input */
} asy_yuma_split_point;
typedef struct {
	uint64_t honest_emission, cabal_emission; /* of 10^9 */
	int64_t ratio, deviation;                 /* fixed: honest share; average weight deviation */
} asy_yuma_split_result;
/* The published maps use seed 0 and spread 0, 0.2 or 0.4. E_RANGE, E_NOMEM. */
assay_status asy_yuma_split_new(double honest_stake, double spread, uint64_t seed,
								asy_yuma_split **out, assay_err *err) ASSAY_CHECKED;
void asy_yuma_split_free(asy_yuma_split *s);
assay_status asy_yuma_split_run(asy_yuma_split *s, const asy_yuma_split_point *p,
								asy_yuma_split_result *out, assay_err *err) ASSAY_CHECKED;

/* Blocks without an update after which a neuron is inactive. */
uint64_t asy_yuma_activity_cutoff(uint32_t factor_milli, uint16_t tempo);

#endif
