/* reward_body: any bytes as an answer to a reward plugin, and as the challenge and the
 * configuration that it reads. Properties: a row is decided, its score is in [0, 1], the
 * same bytes give the same bits, and bytes that serve as a challenge never make an answer
 * fail the call. */
#ifndef ASSAY_FUZZ_REWARD_BODY_H
#define ASSAY_FUZZ_REWARD_BODY_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
	const char *member; /* of the body, whose value the bytes become as a string; or NULL */
	const char *prompt, *reference, *answer; /* a good challenge and an answer to it */
	const char *config;                      /* or NULL: {} */
	/* Or NULL: scores an answer against a prepared challenge of its own choice (way: any
	 * number), which saves preparing one for every input. */
	double (*score)(unsigned way, const uint8_t *body, size_t size);
} fuzz_reward;

/* One way for each input: as an answer (alone or beside others), as a string in one, as a
 * prompt, a reference, a configuration. Aborts when a property does not hold. */
void fuzz_reward_run(const fuzz_reward *t, const uint8_t *data, size_t size);

#endif
