/* The epoch's input reader and the epoch itself. Text that begins with '{' is read as
 * an input; other bytes seed a random case. Whatever is accepted runs on every mask
 * and must give the same bits; a refusal must carry a sentence. */
#include <stdlib.h>
#include "diff/yuma/cases.h"
#include "yuma/kern.h"

#define FUZZ_N_MAX 24   /* of an input in text */
#define FUZZ_N_RANDOM 8 /* of a random case: borders of lanes are the differential test's */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Vectors and bonds of one run, in one block that can be compared whole. */
typedef struct {
	assay_yuma_out out;
	uint8_t *block;
	size_t len;
} results;

static bool results_init(results *r, const assay_yuma_input *in)
{
	const size_t n = in->n, cap = assay_yuma_bonds_cap(in);
	r->len = n * (2 + 5 * 2 + 4 * 8) + (n + 1) * sizeof(size_t) + cap * 4 + 64;
	r->block = calloc(r->len, 1);
	if (r->block == NULL)
		return false;
	uint8_t *at = r->block;
	r->out = (assay_yuma_out){.bonds = {.cap = cap}};
	r->out.bonds.offset = (size_t *)(void *)at;
	at += (n + 1) * sizeof(size_t);
	uint64_t **u64[] = {&r->out.emission, &r->out.server_emission, &r->out.validator_emission,
						&r->out.stake};
	for (size_t k = 0; k < ASY_COUNT(u64); k++, at += n * 8)
		*u64[k] = (uint64_t *)(void *)at;
	uint16_t **u16[] = {&r->out.stake_weight, &r->out.consensus, &r->out.validator_trust,
						&r->out.incentive, &r->out.dividends};
	for (size_t k = 0; k < ASY_COUNT(u16); k++, at += n * 2)
		*u16[k] = (uint16_t *)(void *)at;
	r->out.bonds.uid = (uint16_t *)(void *)at;
	at += cap * 2;
	r->out.bonds.value = (uint16_t *)(void *)at;
	at += cap * 2;
	r->out.active = at;
	r->out.validator_permit = at + n;
	return true;
}

static void run(assay_yuma_input *in, uint64_t mask, results *r)
{
	assay_err err = {0};
	in->cpu_mask = mask;
	size_t need = assay_yuma_scratch_len(in);
	uint8_t *scratch = malloc(need);
	if (scratch == NULL || !results_init(r, in))
		abort();
	if (assay_yuma_epoch(in, (assay_mut){scratch, need}, &r->out, &err) != ASSAY_OK)
		abort(); /* it was checked before */
	free(scratch);
}

static void compare(assay_yuma_input *in)
{
	const uint64_t masks[] = {ASY_YUMA_CPU_LANES, ASSAY_YUMA_CPU_AUTO};
	results want, got;
	run(in, ASY_CPU_SCALAR, &want);
	for (size_t k = 0; k < ASY_COUNT(masks); k++) {
		run(in, masks[k], &got);
		if (memcmp(want.block, got.block, want.len) != 0)
			abort();
		free(got.block);
	}
	free(want.block);
}

static void from_text(const uint8_t *data, size_t size)
{
	const asy_json_limits limits = {.max_bytes = 1 << 20, .max_depth = 16};
	asy_json *doc = NULL;
	asy_yuma_owned *o = NULL;
	assay_err err = {0};
	if (asy_json_parse(asy_span(data, size), &limits, &doc, NULL) != ASSAY_OK)
		return;
	if (asy_yuma_input_read(asy_json_root(doc), &o, &err) != ASSAY_OK) {
		if (err.msg[0] == '\0')
			abort();
	} else if (asy_yuma_input_get(o)->n <= FUZZ_N_MAX) {
		compare(asy_yuma_input_get(o));
	}
	asy_yuma_input_free(o);
	asy_json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static random_case c;
	uint64_t seed = 0;
	if (size > 0 && data[0] == '{') {
		from_text(data, size);
		return 0;
	}
	for (size_t i = 0; i < size && i < 16; i++)
		seed = seed * 257 + data[i];
	random_case_make(&c, seed, FUZZ_N_RANDOM);
	compare(&c.in);
	return 0;
}
