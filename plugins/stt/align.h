/* align: edit distance of two sequences of numbers, and the one alignment that the
 * reference implementation reports (the distance is unique, the alignment is not).
 * Bit-parallel: one machine word advances 64 cells; cost is length times distance. */
#ifndef STT_ALIGN_H
#define STT_ALIGN_H
#include "common/intern.h"

typedef struct {
	size_t hits, substitutions, deletions, insertions;
} stt_counts;

typedef enum { STT_EQUAL, STT_SUBSTITUTE, STT_DELETE, STT_INSERT } stt_op;

/* Number of substitutions, deletions and insertions together; some number above limit when
 * it is above limit; SIZE_MAX when out of memory. Numbers of the reference are small
 * (dense); the answer's may be anything. */
size_t stt_distance(plg_arena *a, const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn,
					size_t limit);

/* Counts of the alignment. ops (may be NULL) has room for rn + hn steps and receives
 * them from the first to the last, *ops_n of them. False when out of memory. */
bool stt_align(plg_arena *a, const uint32_t *ref, size_t rn, const uint32_t *hyp, size_t hn,
			   stt_counts *out, uint8_t *ops, size_t *ops_n);

#endif
