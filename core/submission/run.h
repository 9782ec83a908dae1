/* submission/run.h - one epoch over one snapshot in pieces, for those that change the input
 * or go on from the output. forecast.c has them. */
#ifndef ASY_SUBMISSION_RUN_H
#define ASY_SUBMISSION_RUN_H
#include "submission/forecast.h"

/* The epoch's input; its arrays live in the arena. */
assay_status asy_run_input(const assay_snapshot *s, uint64_t epoch_block, const asy_own_row *own,
						   uint64_t cpu_mask, asy_arena *a, assay_yuma_input *in,
						   assay_err *err) ASSAY_CHECKED;
/* What the epoch leaves for the next one; in the arena called work. */
typedef struct {
	assay_yuma_rows_out bonds;
	uint8_t *permit;
} asy_run_next;
/* f->arena is the caller's and takes the vectors; next may be NULL. */
assay_status asy_run_epoch(const assay_yuma_input *in, asy_arena *work, asy_forecast *f,
						   asy_run_next *next, assay_err *err) ASSAY_CHECKED;
#endif
