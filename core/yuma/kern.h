/* The lane path's kernels: what is computed on one block of 16 columns, rows being
 * validators. One file per instruction set (kern_scalar.c, kern_avx2.c, kern_neon.c),
 * one typed table, resolved from a mask that the caller passes.
 *
 * Numbers. All values lie in [0, ONE]; ONE = 2^32 does not fit the 32-bit lanes that
 * make this fast. W is therefore kept as *codes*: the value, except that ONE is
 * written 0xffffffff. No other weight has that code: x * 2^32 / s with x < s < 2^32
 * is at most 2^32 - 2. A vector kernel multiplies values below ONE only; when it
 * meets ONE anywhere it returns false before it has changed any running sum, and
 * the caller repeats the block with the scalar kernels, which take everything. */
#ifndef ASY_YUMA_KERN_H
#define ASY_YUMA_KERN_H
#include "yuma/run.h"

#define ASY_YUMA_COLS 16
#define ASY_YUMA_CODE_ONE UINT32_MAX
/* A mask bit of our own: the lane path on the scalar kernels, for tests. */
#define ASY_YUMA_CPU_LANES ((uint64_t)1 << 62)

static inline int64_t asy_yuma_decode(uint32_t code)
{
	return (int64_t)code + (code == ASY_YUMA_CODE_ONE);
}

typedef struct {
	int64_t lo, hi;    /* bounds of alpha */
	int64_t steepness; /* fixed */
	int64_t slope;     /* steepness / -100 */
} asy_yuma_sigmoid;

/* One block in the bonds step. Tiles are rows * 16; running sums are rows * 4, of
 * which a kernel uses as many as it has lanes. */
typedef struct {
	const uint32_t *w;        /* codes */
	const uint16_t *b;        /* old bonds as stored */
	const uint32_t *cons;     /* 16 codes */
	const int64_t *chosen;    /* 16: the consensus that liquid alpha looks at */
	const int64_t *active;    /* rows: active stake */
	const int64_t *incentive; /* 16 */
	const int64_t *rank;      /* 16: sums of clipped weights by stake */
	size_t rows;
	int64_t alpha, rest, penalty;    /* rest = ONE - alpha */
	const asy_yuma_sigmoid *sigmoid; /* NULL = constant alpha */
	double *work;                    /* rows * 16 */
	uint64_t *share;                 /* rows * 4 running sums: dividends before scaling */
	uint16_t *out;                   /* rows * 16: bonds to be stored */
	uint16_t *present;               /* rows: bit c set = column c has an entry */
} asy_yuma_block;

/* What an EMA says about the columns of its block. */
typedef struct {
	double sum[ASY_YUMA_COLS], max[ASY_YUMA_COLS]; /* exact integers */
	bool all;                                      /* every value is positive */
	bool ones;                                     /* a factor was ONE */
} asy_yuma_findings;

struct asy_yuma_kern {
	/* v = floor(v * 2^32 / sum), 0 <= v <= sum < 2^49, sum not 0. */
	void (*ratio)(int64_t *v, size_t n, int64_t sum);
	/* ASY_ROW_*: the order of n > 0 target uids. */
	unsigned (*row_kind)(const uint16_t *uid, size_t n);
	/* Sum and maximum of n values, n a multiple of 16. */
	void (*row_sum)(const uint16_t *row, size_t n, uint64_t *sum, uint16_t *max);
	/* Codes of row / sum into the tiles of the listed blocks; tile k is stride entries
	 * behind tile k - 1. 0 < sum < 2^31 and more than one value is not 0. */
	void (*row_scale)(const uint16_t *row, const uint16_t *blocks, size_t blocks_n, uint64_t sum,
					  uint32_t *tile, size_t stride);
	/* Weighted median of 16 columns over the voters' rows. stake below ONE each;
	 * 0 <= minority < total stake; absent is the stake of voters without a row. work:
	 * voters * 16. */
	void (*median)(const uint32_t *w, const uint32_t *stake, size_t voters, uint32_t absent,
				   uint32_t minority, uint32_t *work, uint32_t cons[ASY_YUMA_COLS]);
	/* vtrust[row * 4 ..] += clipped weights; rank[16] = sum of mul(active, clipped). */
	bool (*clip)(const uint32_t *w, const uint32_t *cons, const int64_t *active, size_t rows,
				 uint64_t *vtrust, int64_t *rank);
	/* Yuma 2: work, out, present, share. */
	bool (*legacy)(const asy_yuma_block *k);
	/* Yuma 3 in two steps: work, out and present; then share. */
	bool (*ema)(const asy_yuma_block *k, asy_yuma_findings *f);
	bool (*shares)(const asy_yuma_block *k, const asy_yuma_findings *f);
};

extern const asy_yuma_kern asy_yuma_kern_scalar, asy_yuma_kern_avx2, asy_yuma_kern_neon;
/* The best table that the mask allows; NULL when the sparse path is to be taken. */
const asy_yuma_kern *asy_yuma_kern_of(uint64_t cpu_mask);

/* ---- lanes.c ---- */

typedef struct asy_yuma_lanes asy_yuma_lanes;
bool asy_yuma_lanes_fit(const asy_yuma_run *r);
/* Plans (or takes) the tiles. */
void asy_yuma_plan_lanes(const asy_yuma_run *r, asy_yuma_lanes *l, asy_bump *b);
/* Everything from weights to dividends; writes bonds when wanted. False when the
 * input turned out to need the sparse path; nothing was written then. */
bool asy_yuma_lanes_run(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern,
						const assay_yuma_rows_out *bonds);

/* Its steps, for whatif.c. layout: rows, blocks and tiles; false as above. */
bool asy_yuma_lanes_layout(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern);
/* Active stakes of the rows; false when other rows vote than were laid out. */
bool asy_yuma_lanes_stakes(asy_yuma_run *r, asy_yuma_lanes *l);
/* One row's tiles from its stored entries, masks applied. */
void asy_yuma_lanes_fill_row(const asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern,
							 size_t k, const asy_yuma_row *row, unsigned kind,
							 const uint16_t *recent, size_t recent_n);
void asy_yuma_lanes_median(const asy_yuma_run *r, const asy_yuma_lanes *l,
						   const asy_yuma_kern *kern, size_t b);
void asy_yuma_lanes_clip(const asy_yuma_lanes *l, const asy_yuma_kern *kern, size_t b, size_t from,
						 size_t rows, uint64_t *vtrust, int64_t rank[ASY_YUMA_COLS]);
/* The block as the bonds kernels see it; valid while r, l and the arrays live. */
typedef struct {
	asy_yuma_block block;
	int64_t incentive[ASY_YUMA_COLS], rank[ASY_YUMA_COLS], chosen[ASY_YUMA_COLS];
	asy_yuma_sigmoid sigmoid;
	bool one; /* a ONE is known to be in it */
} asy_yuma_lane_block;
void asy_yuma_lanes_block(const asy_yuma_run *r, const asy_yuma_lanes *l, size_t b,
						  asy_yuma_lane_block *out);
/* EMA and shares, on the scalar kernels when the others decline. */
void asy_yuma_lanes_bonds(const asy_yuma_run *r, const asy_yuma_lane_block *k,
						  const asy_yuma_kern *kern);
/* From consensus to dividends over tiles as they are. */
void asy_yuma_lanes_sweeps(asy_yuma_run *r, asy_yuma_lanes *l, const asy_yuma_kern *kern);
void asy_yuma_lanes_dividends(asy_yuma_run *r, const asy_yuma_lanes *l);
void asy_yuma_lanes_write(const asy_yuma_run *r, const asy_yuma_lanes *l,
						  const assay_yuma_rows_out *out);
size_t asy_yuma_lanes_recent(const asy_yuma_run *r, asy_yuma_lanes *l, uint64_t block);
uint64_t asy_yuma_lanes_drop_from(const asy_yuma_run *r, size_t i);

struct asy_yuma_lanes {
	size_t n, rows, voters, absent_n, stride; /* stride: entries of a tile */
	bool one_holder;                          /* somebody has all the stake */
	size_t blocks_n;                          /* used blocks */
	uint16_t *blocks;                         /* their numbers, ascending */
	uint8_t *used;                            /* all blocks */
	uint8_t *single;                          /* compact blocks that hold a weight of ONE */
	uint16_t *uid;                            /* rows: voters with weights first */
	int64_t *active;                          /* rows */
	uint32_t *stake;                          /* voters: normalised among all voters */
	uint64_t stake_sum, absent;
	uint16_t *row;    /* one dense row, zero between uses */
	uint16_t *recent; /* columns that some row may have to drop */
	uint32_t *w, *work;
	uint16_t *b, *out, *present;
	uint32_t *cons; /* 16 per compact block */
	double *e;
	uint64_t *vtrust, *share;
};

#endif
