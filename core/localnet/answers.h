/* Answers: the answer key of the scripted miners, and how they spoil it. A scripted
 * miner does not solve anything: it looks the challenge up among the sample sets that
 * ship with the plugins and degrades the reference according to its skill. That is
 * what "scripted" means, and all of it.
 * Reason to change: a task, or the form of a sample set. */
#ifndef ASY_LOCALNET_ANSWERS_H
#define ASY_LOCALNET_ANSWERS_H
#include "codec/codec.h"
#include "crypto/crypto.h"

typedef struct lnet_answers lnet_answers;

/* Reads every .jsonl file of folder/<task>/samples for each task named. ASSAY_E_NOTFOUND with the
 * remedy when a task has no sample set. */
assay_status asy_lnet_answers_load(const char *folder, const char *const *tasks, size_t tasks_n,
								   lnet_answers **out, assay_err *err) ASSAY_CHECKED;
/* The same from text, for tests: one JSON object a line. */
assay_status asy_lnet_answers_parse(assay_span lines, lnet_answers **out,
									assay_err *err) ASSAY_CHECKED;
void asy_lnet_answers_free(lnet_answers *a);

/* The answer body for a prompt, spoiled by (1 - skill) with a generator seeded by seed
 * and the prompt: the same miner spoils the same challenge the same way. At skill 1 it
 * is the reference. ASSAY_E_NOTFOUND: the prompt is not in the key. */
assay_status asy_lnet_answer(const lnet_answers *a, const char *task, asy_jv prompt, double skill,
							 const uint8_t seed[32], asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* The one answer a lazy miner gives to everything of a task. */
const char *asy_lnet_lazy_answer(const char *task);

/* spoil_png.c: noise of the given amplitude (0..255) on every sample of a PNG. */
assay_status asy_lnet_spoil_png(assay_span png, double amplitude, asy_rng *rng, asy_buf *out,
								assay_err *err) ASSAY_CHECKED;
#endif
