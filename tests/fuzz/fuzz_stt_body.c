/* The stt plugin; reward_body.h says what is tried. */
#include "fuzz/reward_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const fuzz_reward t = {
		.member = "transcript",
		.prompt = "{\"id\":\"s\",\"duration_s\":3.5}",
		.reference = "{\"transcript\":\"It cost twenty-one dollars at six.\",\"language\":\"en\"}",
		.answer = "{\"transcript\":\"a plain answer of six words\"}"};
	fuzz_reward_run(&t, data, size);
	return 0;
}
