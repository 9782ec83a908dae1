/* What the files of one epoch share: the run (inputs, per-uid vectors, scratch)
 * and the steps in the order of spec section 5. Internal to core/yuma.
 *
 * Two paths produce the same bits. The *sparse* path below mirrors the pallet
 * step by step and can report every intermediate value. The *lane* path (lanes.c)
 * lays columns of validators out for vector units and reports vectors only. Both
 * share the front (activity, stake, permits, masks) and the back (emission). */
#ifndef ASY_YUMA_RUN_H
#define ASY_YUMA_RUN_H
#include "yuma/yuma.h"
#include "yuma/fixed.h"

/* ---- scratch: one walk plans and takes, so that the two cannot disagree ---- */

typedef struct {
	uint8_t *base; /* NULL while only counting */
	size_t used;
	bool overflow;
} asy_bump;

#define ASY_BUMP_ALIGN 64
static inline void *asy_bump_take(asy_bump *b, size_t count, size_t size)
{
	size_t len = 0;
	if (!asy_mul_size(count, size, &len) || !asy_add_size(len, ASY_BUMP_ALIGN - 1, &len) ||
		!asy_add_size(b->used, len & ~(size_t)(ASY_BUMP_ALIGN - 1), &len)) {
		b->overflow = true;
		return NULL;
	}
	void *p = b->base == NULL ? NULL : b->base + b->used;
	b->used = len;
	return p;
}
#define ASY_BUMP_ARRAY(b, type, count) ((type *)asy_bump_take((b), (count), sizeof(type)))

/* ---- a sparse fixed-point matrix: rows in the pallet's entry order ---- */

typedef struct {
	size_t *off;   /* n + 1 */
	uint16_t *col; /* may be >= n in old bonds */
	int64_t *bits;
} asy_ymat;

/* ---- what the shape of an input says, counted once per call ---- */

typedef struct {
	size_t weights, bonds;     /* stored entries of uids below n */
	size_t cap;                /* entries that new bonds can have */
	size_t lane_rows, entries; /* rows that hold anything, and how much */
} asy_yuma_sizes;
void asy_yuma_measure(const assay_yuma_input *in, asy_yuma_sizes *out);

/* The order of a row's targets. */
enum { ASY_ROW_MIXED, ASY_ROW_ASCENDING, ASY_ROW_RUN /* consecutive uids, or empty */ };
/* assay_yuma_check that leaves the kinds found: n entries each. */
assay_status asy_yuma_check_shape(const assay_yuma_input *in, assay_err *err) ASSAY_CHECKED;
assay_status asy_yuma_check_rows(const assay_yuma_input *in, uint8_t *w_kind, uint8_t *b_kind,
								 assay_err *err) ASSAY_CHECKED;

/* Refuses a uid that appears twice. */
assay_status asy_yuma_check_row(const uint16_t *uid, size_t n, size_t row, const char *name,
								assay_err *err) ASSAY_CHECKED;

static inline asy_yuma_row asy_yuma_row_at(const assay_yuma_rows *rows, size_t uid)
{
	if (uid >= rows->rows_n)
		return (asy_yuma_row){NULL, NULL, 0};
	size_t from = rows->offset[uid];
	return (asy_yuma_row){rows->uid + from, rows->value + from, rows->offset[uid + 1] - from};
}

/* ---- the run ---- */

typedef struct asy_yuma_kern asy_yuma_kern;

typedef struct {
	const assay_yuma_input *in;
	const asy_yuma_kern *kern; /* NULL = scalar */
	asy_yuma_sizes sizes;
	size_t n;
	uint8_t *w_kind, *b_kind; /* order of the stored rows */
	/* front */
	uint8_t *active, *permit, *new_permit;
	bool permit_masks; /* false only when no permit was ever stored */
	uint64_t *last_update;
	uint64_t *commit_block;                 /* NULL when the commit-reveal mask is off */
	uint64_t last_tempo, last_registration; /* the latest of all */
	asy_i128 *total;
	int64_t *stake, *active_stake;
	uint64_t *keys; /* n, for the permit selection */
	int64_t kappa, penalty, alpha;
	bool liquid;           /* decided once consensus is known */
	const int64_t *chosen; /* the consensus that liquid alpha looks at */
	int64_t *previous;     /* the stored one, n values */
	/* consensus and below */
	int64_t *consensus, *vtrust, *rank, *incentive, *dividends, *bonds_total;
	/* back */
	int64_t *server, *validator, *combined;
	/* sparse path */
	asy_ymat w, c, wb, b, bn, delta, ema, norm;
	size_t *col_off;                /* n + 1: columns of W for the median */
	int64_t *col_score, *col_stake; /* entries of W */
	int64_t *acc, *walk_w, *walk_b; /* n: one dense row each, zero between uses */
} asy_yuma_run;

/* Plans (base NULL) or takes the vectors of the front and back. */
void asy_yuma_plan_frame(asy_yuma_run *r, asy_bump *b);
/* The same for the sparse path. */
void asy_yuma_plan_sparse(asy_yuma_run *r, asy_bump *b);

/* stake.c: 5.1 to 5.4 */
void asy_yuma_activity(asy_yuma_run *r);
void asy_yuma_stake(asy_yuma_run *r);
/* What is left of a total stake after the threshold. */
asy_i128 asy_yuma_filtered(const asy_yuma_run *r, size_t i);
void asy_yuma_permits(asy_yuma_run *r);
void asy_yuma_active_stake(asy_yuma_run *r);
/* Divides by the sum; an all-zero vector is left alone. */
void asy_yuma_normalise(int64_t *v, size_t n);
void asy_yuma_normalise_by(const asy_yuma_kern *kern, int64_t *v, size_t n);
/* Clears all but the k largest of the non-zero; among equals the higher index wins.
 * keys: n entries of scratch. */
void asy_yuma_topk(const int64_t *v, size_t n, size_t k, uint8_t *out, uint64_t *keys);

/* mask.c: 5.5 to 5.8 and 5.12 */
void asy_yuma_commit_blocks(asy_yuma_run *r);
bool asy_yuma_row_open(const asy_yuma_run *r, size_t uid);
bool asy_yuma_weight_kept(const asy_yuma_run *r, size_t i, size_t j);
bool asy_yuma_bond_kept(const asy_yuma_run *r, size_t j);
void asy_yuma_weights(asy_yuma_run *r);
void asy_yuma_old_bonds(asy_yuma_run *r);

/* median.c: 5.9 */
/* The smallest score v with base + sum of stakes of scores <= v above minority,
 * else the largest; base is the stake of the scores that are 0 and left out, has_zero
 * says whether there are any. Reorders its arguments. */
int64_t asy_yuma_median(int64_t *score, int64_t *stake, size_t n, bool has_zero, int64_t base,
						int64_t minority);
void asy_yuma_consensus(asy_yuma_run *r);

/* clip.c: 5.10 and 5.11 */
void asy_yuma_clip(asy_yuma_run *r);
void asy_yuma_weights_for_bonds(asy_yuma_run *r);
void asy_yuma_row_sums(const asy_ymat *m, size_t n, int64_t *out);
/* out[j] += mul(scale[i], m[i][j]) */
void asy_yuma_col_products(const asy_ymat *m, const int64_t *scale, size_t n, int64_t *out);
/* sum over j of mul(m[i][j], v[j]) */
int64_t asy_yuma_row_product(const asy_ymat *m, size_t i, const int64_t *v, size_t n);
void asy_yuma_col_normalise(asy_ymat *m, size_t n, int64_t *sums);

/* bonds.c: 6 and 7; liquid.c: 8 */
void asy_yuma_bonds_legacy(asy_yuma_run *r, const assay_yuma_trace *t);
void asy_yuma_bonds_fractional(asy_yuma_run *r, const assay_yuma_trace *t);
void asy_yuma_ema_liquid(asy_yuma_run *r, const assay_yuma_trace *t);
/* Sets chosen and liquid; consensus is known. */
void asy_yuma_choose_consensus(asy_yuma_run *r);
/* The EMA factor of one bond. */
int64_t asy_yuma_bond_alpha(int64_t consensus, int64_t weight, int64_t bond, int64_t lo, int64_t hi,
							int64_t steepness);

/* emit.c: 9 */
void asy_yuma_emission(asy_yuma_run *r);
/* How a path hands over the bond rows to be stored; emits uid's row. */
void asy_yuma_write(const asy_yuma_run *r, const assay_yuma_out *out);
void asy_yuma_write_bonds(const asy_yuma_run *r, const assay_yuma_rows_out *out);
void asy_yuma_trace_vec(int64_t *out, const int64_t *v, size_t n);
void asy_yuma_trace_mat(const assay_yuma_matrix_out *out, const asy_ymat *m, size_t n);

/* epoch.c */
asy_yuma_run asy_yuma_run_of(const assay_yuma_input *in);
assay_status asy_yuma_check_out(const asy_yuma_run *r, const assay_yuma_out *out,
								assay_err *err) ASSAY_CHECKED;
bool asy_yuma_wants_matrices(const assay_yuma_trace *t);
bool asy_yuma_any(const int64_t *v, size_t n); /* one that is not 0 */
void asy_yuma_front(asy_yuma_run *r);

#endif
