/* A stranger's program over the installed library, valid C17 and C++17: one epoch of a
 * subnet with a validator and two miners. Exits 0 if the better miner earned more. */
#include <assay/yuma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	const uint64_t zero[3] = {0, 0, 0}, stake[3] = {1000000, 0, 0}, update[3] = {950, 0, 0};
	const uint8_t permit[3] = {1, 0, 0};
	const size_t offset[2] = {0, 2};
	const uint16_t uid[2] = {1, 2}, value[2] = {65535, 20000};
	uint16_t incentive[3] = {0, 0, 0};
	assay_yuma_input in;
	assay_yuma_out out;
	assay_mut scratch;
	assay_err err;

	memset(&in, 0, sizeof in);
	in.n = 3;
	in.current_block = 1000;
	in.last_mechanism_step_block = 900;
	in.activity_cutoff_factor_milli = 13000;
	in.tempo = 100;
	in.last_update = update;
	in.last_update_n = 3;
	in.block_at_registration = in.tao_stake = zero;
	in.alpha_stake = stake;
	in.owner_uid = -1;
	in.max_allowed_validators = 1;
	in.validator_permit = permit;
	in.validator_permit_n = 3;
	in.kappa = 32767;
	in.bonds_moving_average = 900000;
	in.yuma3 = true;
	in.weights.offset = offset;
	in.weights.uid = uid;
	in.weights.value = value;
	in.weights.rows_n = 1;
	in.rao_emission = 1000000000;
	in.cpu_mask = ASSAY_YUMA_CPU_AUTO;
	memset(&out, 0, sizeof out);
	out.incentive = incentive;

	if (assay_init(&err) != ASSAY_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	scratch.len = assay_yuma_scratch_len(&in);
	scratch.ptr = (uint8_t *)malloc(scratch.len);
	if (scratch.ptr == NULL || assay_yuma_epoch(&in, scratch, &out, &err) != ASSAY_OK) {
		fprintf(stderr, "%s\n", scratch.ptr == NULL ? "out of memory" : err.msg);
		free(scratch.ptr);
		return 1;
	}
	free(scratch.ptr);
	printf("libassay %s: incentive %u %u %u\n", assay_version(), (unsigned)incentive[0],
		   (unsigned)incentive[1], (unsigned)incentive[2]);
	return incentive[1] > incentive[2] && incentive[2] > 0 && incentive[0] == 0 ? 0 : 1;
}
