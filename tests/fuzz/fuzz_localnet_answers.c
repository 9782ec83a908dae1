/* Files of answers: refused with a sentence, or accepted; and whatever was accepted
 * becomes bodies that are JSON again, spoiled, padded or twisted. */
#include <stdlib.h>
#include "localnet/answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_json(const asy_buf *b)
{
	asy_json *doc = NULL;
	ASSERT(asy_json_parse(asy_buf_span(b), NULL, &doc, NULL) == ASSAY_OK);
	asy_json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tasks[] = {"text", "stt", "image", "ranking", "own"};
	const uint8_t seed[32] = {size > 0 ? data[size - 1] : 0};
	asy_seeded_rng rng;
	asy_buf body = {0}, more = {0};
	lnet_answers *a = NULL;
	lnet_right right;
	assay_err err = {0};
	if (asy_crypto_init(NULL) != ASSAY_OK)
		abort();
	if (asy_lnet_answers_parse(asy_span(data, size), &a, &err) != ASSAY_OK) {
		ASSERT(a == NULL && err.msg[0] != '\0');
		return 0;
	}
	asy_seeded_rng_init(&rng, seed);
	for (size_t i = 0; asy_lnet_answers_first(a, &right) && i < ASY_COUNT(tasks); i++) {
		asy_buf_reset(&body);
		asy_buf_reset(&more);
		if (asy_lnet_answer_body(tasks[i], &right, 0.5, &rng.iface, &body, &err) != ASSAY_OK)
			continue;
		is_json(&body);
		if (asy_lnet_pad_body(asy_buf_span(&body), 4096, &more, &err) == ASSAY_OK)
			is_json(&more);
		asy_buf_reset(&more);
		if (asy_lnet_twist_body(asy_buf_span(&body), &rng.iface, &more, &err) == ASSAY_OK)
			is_json(&more);
	}
	asy_buf_fini(&body);
	asy_buf_fini(&more);
	asy_lnet_answers_free(a);
	return 0;
}
