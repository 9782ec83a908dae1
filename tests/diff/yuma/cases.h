/* Seeded random epochs for differential tests: small subnets around lane borders,
 * with everything that is rare on a real one made common: ties at kappa, lone voters,
 * single-target rows, full bonds, zeros, rows out of order, targets beyond n. */
#ifndef ASSAY_TESTS_DIFF_YUMA_CASES_H
#define ASSAY_TESTS_DIFF_YUMA_CASES_H
#include "assay/yuma.h"

#define CASE_N_MAX 70
#define CASE_ROW_MAX (CASE_N_MAX + 4)

typedef struct {
	assay_yuma_input in;
	uint64_t last_update[CASE_N_MAX + 2], registered[CASE_N_MAX], alpha[CASE_N_MAX],
		tao[CASE_N_MAX];
	uint8_t permit[CASE_N_MAX];
	uint16_t previous[CASE_N_MAX + 2];
	assay_yuma_commit commits[16];
	size_t w_off[CASE_N_MAX + 4], b_off[CASE_N_MAX + 4];
	uint16_t w_uid[(CASE_N_MAX + 3) * CASE_ROW_MAX], w_val[(CASE_N_MAX + 3) * CASE_ROW_MAX];
	uint16_t b_uid[(CASE_N_MAX + 3) * CASE_ROW_MAX], b_val[(CASE_N_MAX + 3) * CASE_ROW_MAX];
} random_case;

/* The case of a seed; the same on every machine. n_most below CASE_N_MAX: at most so many
 * neurons, for a fuzzer, which needs many executions more than large ones. */
void random_case_make(random_case *c, uint64_t seed, size_t n_most);

/* Everything an epoch gives, vectors only. */
typedef struct {
	assay_yuma_out out;
	assay_yuma_trace trace;
	uint8_t active[CASE_N_MAX], permit[CASE_N_MAX];
	uint16_t u16[5][CASE_N_MAX];
	uint64_t u64[4][CASE_N_MAX];
	int64_t i64[11][CASE_N_MAX];
	size_t off[CASE_N_MAX + 1];
	uint16_t uid[CASE_N_MAX * CASE_N_MAX], val[CASE_N_MAX * CASE_N_MAX];
} case_results;

void case_results_init(case_results *r);
/* NULL when equal, else what differs first. */
const char *case_results_differ(const case_results *a, const case_results *b, size_t n, size_t *at);
#endif
