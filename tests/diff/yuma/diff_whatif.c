/* Prepared epochs on random cases: changed rows, kappas and stakes, each compared bit
 * by bit with a full scalar epoch over the changed input.
 *
 *   diff_whatif [COUNT [SEED]]     COUNT cases of 8 questions each */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "diff/yuma/cases.h"
#include "yuma/kern.h"

#define QUESTIONS 8

static random_case the_case, other;
static case_results want, got;
static uint8_t *scratch;
static size_t scratch_len;

/* The case with one row of another random case put in; entries are copied over. */
static size_t off[CASE_N_MAX + 1];
static uint16_t uid[(CASE_N_MAX + 3) * CASE_ROW_MAX], val[(CASE_N_MAX + 3) * CASE_ROW_MAX];

static bool full(assay_yuma_input in)
{
	assay_err err = {0};
	in.cpu_mask = ASY_CPU_SCALAR;
	size_t need = assay_yuma_scratch_len(&in);
	if (need > scratch_len) {
		free(scratch);
		scratch = malloc(need);
		scratch_len = scratch == NULL ? 0 : need;
	}
	case_results_init(&want);
	if (assay_yuma_epoch(&in, (assay_mut){scratch, scratch_len}, &want.out, &err) == ASSAY_OK)
		return true;
	(void)fprintf(stderr, "diff_whatif: %s\n", err.msg);
	return false;
}

static assay_yuma_row row_at(const assay_yuma_rows *rows, size_t i)
{
	if (i >= rows->rows_n)
		return (assay_yuma_row){NULL, NULL, 0};
	return (assay_yuma_row){rows->uid + rows->offset[i], rows->value + rows->offset[i],
							rows->offset[i + 1] - rows->offset[i]};
}

static void splice(assay_yuma_input *in, size_t at_uid, const assay_yuma_row *row)
{
	size_t at = 0;
	for (size_t i = 0; i < in->n; i++) {
		assay_yuma_row from = i == at_uid ? *row : row_at(&the_case.in.weights, i);
		off[i] = at;
		for (size_t k = 0; k < from.len; k++, at++) {
			uid[at] = from.uid[k];
			val[at] = from.value[k];
		}
	}
	off[in->n] = at;
	in->weights = (assay_yuma_rows){off, uid, val, in->n};
}

static bool ask(assay_yuma_prep *p, unsigned q, uint64_t seed)
{
	assay_err err = {0};
	assay_yuma_input in = the_case.in;
	assay_status st;
	case_results_init(&got);
	/* stored bonds after a changed row take the full path: ask for them now and then */
	if (q % 4 != 3)
		got.out.bonds.offset = NULL;
	random_case_make(&other, seed ^ (q * 0x9e3779b97f4a7c15u), CASE_N_MAX);
	/* and now and then for what does not need the bonds */
	const bool part = q == 4;
	if (part) {
		got.out.dividends = NULL;
		got.out.emission = got.out.server_emission = got.out.validator_emission = NULL;
		got.trace.dividends = got.trace.total_bonds_per_validator = NULL;
		got.trace.server_emission = got.trace.validator_emission = NULL;
		got.trace.combined_emission = NULL;
	}
	if (q == 6) {
		in.kappa = other.in.kappa;
		st = assay_yuma_prep_kappa(p, in.kappa, &got.out, &err);
	} else if (q == 7) {
		for (size_t i = other.in.n; i < in.n; i++)
			other.alpha[i] = other.tao[i] = i;
		in.alpha_stake = other.alpha;
		in.tao_stake = other.tao;
		st = assay_yuma_prep_stakes(p, other.alpha, other.tao, &got.out, &err);
	} else {
		size_t at = (seed + q / 3) % in.n;
		assay_yuma_row row = row_at(&other.in.weights, q % other.in.weights.rows_n);
		if (q == 2) /* the row itself: nothing changes */
			row = row_at(&the_case.in.weights, at);
		splice(&in, at, &row);
		st = assay_yuma_prep_row(p, (uint16_t)at, &row, &got.out, &err);
	}
	if (st != ASSAY_OK) {
		(void)fprintf(stderr, "diff_whatif: %s\n", err.msg);
		return false;
	}
	if (!full(in))
		return false;
	size_t where = 0;
	if (got.out.bonds.offset == NULL) {
		memcpy(got.off, want.off, sizeof got.off);
		memcpy(got.uid, want.uid, sizeof got.uid);
		memcpy(got.val, want.val, sizeof got.val);
	}
	if (part) {
		memcpy(got.i64[6], want.i64[6], 5 * sizeof got.i64[6]);
		memcpy(got.u16[4], want.u16[4], sizeof got.u16[4]);
		memcpy(got.u64, want.u64, 3 * sizeof got.u64[0]);
	}
	const char *what = case_results_differ(&want, &got, in.n, &where);
	if (what != NULL)
		(void)fprintf(stderr,
					  "diff_whatif: question %u: %s[%zu] differs (n %zu, yuma3 %d, liquid %d); "
					  "repeat with: diff_whatif 1 %" PRIu64 "\n",
					  q, what, where, in.n, in.yuma3, in.liquid_alpha, seed);
	return what == NULL;
}

static bool run_case(uint64_t seed)
{
	assay_yuma_prep *p = NULL;
	assay_err err = {0};
	random_case_make(&the_case, seed, CASE_N_MAX);
	the_case.in.cpu_mask = seed % 3 == 0 ? ASY_YUMA_CPU_LANES : ASSAY_YUMA_CPU_AUTO;
	if (the_case.in.n == 0)
		return true;
	if (assay_yuma_prep_new(&the_case.in, &p, &err) != ASSAY_OK) {
		(void)fprintf(stderr, "diff_whatif: %s\n", err.msg);
		return false;
	}
	bool same = true;
	for (unsigned q = 0; q < QUESTIONS && same; q++) {
		random_case_make(&other, seed ^ (q * 0x9e3779b97f4a7c15u), CASE_N_MAX);
		same = other.in.n == 0 || ask(p, q, seed);
	}
	assay_yuma_prep_free(p);
	return same;
}

int main(int argc, char **argv)
{
	const char *env = getenv("ASSAY_TEST_SEED");
	uint64_t count = 5000, seed = (uint64_t)time(NULL) << 20, k = 0;
	if ((env != NULL && !asy_str_u64(env, &seed)) || (argc > 1 && !asy_str_u64(argv[1], &count)) ||
		(argc > 2 && !asy_str_u64(argv[2], &seed))) {
		(void)fprintf(stderr, "usage: diff_whatif [COUNT [SEED]]\n");
		return 2;
	}
	time_t start = time(NULL);
	while (k < count && run_case(seed + k))
		k++;
	(void)printf("{\"program\": \"diff_whatif\", \"cpu\": \"%s\", \"seed\": %" PRIu64
				 ", \"cases\": %" PRIu64 ", \"differences\": %d, \"seconds\": %ld}\n",
				 asy_cpu_name(asy_cpu_detect()), seed, k, k < count, (long)(time(NULL) - start));
	free(scratch);
	return k == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
