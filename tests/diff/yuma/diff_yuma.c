/* Random epochs on every processor mask that this machine runs, compared bit by bit
 * with the scalar path. One line of JSON at the end; the first difference ends the run
 * with the seed that repeats it.
 *
 *   diff_yuma [COUNT [SEED]]     SEED defaults to ASSAY_TEST_SEED, else to the time
 *
 * Links base and yuma only, so that it also builds for other processors. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "diff/yuma/cases.h"
#include "yuma/kern.h"

static const struct {
	const char *name;
	uint64_t mask, needs;
} variants[] = {
	{"lanes", ASY_YUMA_CPU_LANES, 0},
	{"avx2", ASY_CPU_AVX2, ASY_CPU_AVX2},
	{"neon", ASY_CPU_NEON, ASY_CPU_NEON},
};

static random_case the_case;
static case_results want, got;
static uint8_t *scratch;
static size_t scratch_len;

static bool epoch(uint64_t mask, case_results *r)
{
	assay_err err = {0};
	the_case.in.cpu_mask = mask;
	size_t need = assay_yuma_scratch_len(&the_case.in);
	if (need > scratch_len) {
		free(scratch);
		scratch = malloc(need);
		scratch_len = scratch == NULL ? 0 : need;
	}
	case_results_init(r);
	if (assay_yuma_epoch(&the_case.in, (assay_mut){scratch, scratch_len}, &r->out, &err) ==
		ASSAY_OK)
		return true;
	(void)fprintf(stderr, "diff_yuma: %s\n", err.msg);
	return false;
}

/* Counts the variants compared; false at a difference. */
static bool run_case(uint64_t seed, uint64_t *compared)
{
	random_case_make(&the_case, seed, CASE_N_MAX);
	if (!epoch(ASY_CPU_SCALAR, &want))
		return false;
	for (size_t k = 0; k < ASY_COUNT(variants); k++) {
		size_t at = 0;
		if ((variants[k].needs & asy_cpu_detect()) != variants[k].needs)
			continue;
		if (!epoch(variants[k].mask, &got))
			return false;
		const char *what = case_results_differ(&want, &got, the_case.in.n, &at);
		if (what != NULL) {
			(void)fprintf(
				stderr,
				"diff_yuma: [%s] %s[%zu] differs from scalar (n %zu, yuma3 %d, liquid %d, "
				"penalty %u); repeat with: diff_yuma 1 %" PRIu64 "\n",
				variants[k].name, what, at, the_case.in.n, the_case.in.yuma3,
				the_case.in.liquid_alpha, (unsigned)the_case.in.bonds_penalty, seed);
			return false;
		}
		++*compared;
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *env = getenv("ASSAY_TEST_SEED");
	uint64_t count = 20000, seed = (uint64_t)time(NULL) << 20, compared = 0, k = 0;
	if ((env != NULL && !asy_str_u64(env, &seed)) || (argc > 1 && !asy_str_u64(argv[1], &count)) ||
		(argc > 2 && !asy_str_u64(argv[2], &seed))) {
		(void)fprintf(stderr, "usage: diff_yuma [COUNT [SEED]]\n");
		return 2;
	}
	time_t start = time(NULL);
	while (k < count && run_case(seed + k, &compared))
		k++;
	(void)printf(
		"{\"program\": \"diff_yuma\", \"cpu\": \"%s\", \"seed\": %" PRIu64 ", \"cases\": %" PRIu64
		", \"comparisons\": %" PRIu64 ", \"differences\": %d, \"seconds\": %ld}\n",
		asy_cpu_name(asy_cpu_detect()), seed, k, compared, k < count, (long)(time(NULL) - start));
	free(scratch);
	return k == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
