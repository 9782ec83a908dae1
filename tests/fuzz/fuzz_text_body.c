/* The text plugin; reward_body.h says what is tried. */
#include "fuzz/reward_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const fuzz_reward t = {
		.member = "completion",
		.prompt = "{\"id\":\"q\",\"question\":\"Why does ice float on water?\"}",
		.reference = "{\"answers\":[\"Water expands when it freezes because its molecules form an "
					 "open lattice.\",\"ice\"]}",
		.answer = "{\"completion\":\"a plain answer of six words\"}"};
	fuzz_reward_run(&t, data, size);
	return 0;
}
