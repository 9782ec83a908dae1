/* The ranking plugin; reward_body.h says what is tried. */
#include "fuzz/reward_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const fuzz_reward t = {
		.prompt = "{\"documents\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"caf\\u00e9\"}]}",
		.reference = "{\"relevance\": {\"a\": 3, \"caf\\u00e9\": 1}}",
		.answer = "{\"ranking\": [\"a\", \"b\"]}"};
	fuzz_reward_run(&t, data, size);
	return 0;
}
