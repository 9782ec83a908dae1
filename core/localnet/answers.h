/* Answers: what a scripted miner answers when it is honest. A scripted miner does not
 * solve anything: the right answers come from the sample sets that ship with the
 * plugins or from a file of the user's (answers.c), or from the user's own program
 * (source.h), and are then spoiled as the miner's script says (spoil.c). That is what
 * "scripted" means, and all of it.
 * Reason to change: where right answers come from, or how they are spoiled. */
#ifndef ASY_LOCALNET_ANSWERS_H
#define ASY_LOCALNET_ANSWERS_H
#include "codec/codec.h"
#include "crypto/crypto.h"

/* ---- the key (answers.c): lines of JSON with "prompt" and "answer" or "reference" ---- */

typedef struct lnet_answers lnet_answers;

/* The samples of one task: folder/<task>.jsonl, else every .jsonl file of
 * folder/<task>/samples. ASSAY_E_NOTFOUND with the remedy when there are none. */
assay_status asy_lnet_answers_load(const char *folder, const char *task, lnet_answers **out,
								   assay_err *err) ASSAY_CHECKED;
/* One file. */
assay_status asy_lnet_answers_read(const char *path, lnet_answers **out,
								   assay_err *err) ASSAY_CHECKED;
/* The same from text, for tests. */
assay_status asy_lnet_answers_parse(assay_span lines, lnet_answers **out,
									assay_err *err) ASSAY_CHECKED;
void asy_lnet_answers_free(lnet_answers *a);

/* Identifies a question; spacing and the order of keys do not change it. */
assay_status asy_lnet_prompt_digest(asy_jv prompt, uint8_t out[32], assay_err *err) ASSAY_CHECKED;

/* One question with what is right; borrowed. answer is the body to send; where it is
 * absent, the body is made from the reference in the way of the task. */
typedef struct {
	asy_jv prompt, answer, reference;
} lnet_right;
bool asy_lnet_answers_find(const lnet_answers *a, const uint8_t digest[32], lnet_right *out);
/* The first line that was read. */
bool asy_lnet_answers_first(const lnet_answers *a, lnet_right *out);

/* ---- spoiling (spoil.c, spoil_png.c) ---- */

/* Can a body be made from a reference of this task? */
bool asy_lnet_task_is_known(const char *task);
/* The right answer as a body, spoiled by (1 - skill). At skill 1 it is right. */
assay_status asy_lnet_answer_body(const char *task, const lnet_right *right, double skill,
								  asy_rng *rng, asy_buf *out, assay_err *err) ASSAY_CHECKED;
/* Every text of a JSON body followed by filler, so that it has about so many bytes. */
assay_status asy_lnet_pad_body(assay_span body, size_t bytes, asy_buf *out,
							   assay_err *err) ASSAY_CHECKED;
/* The shape of a JSON body with other values: numbers beyond any range, texts of control
 * characters, lists that are empty, truth turned round. */
assay_status asy_lnet_twist_body(assay_span body, asy_rng *rng, asy_buf *out,
								 assay_err *err) ASSAY_CHECKED;
/* Noise of the given amplitude (0..255) on every sample of a PNG. */
assay_status asy_lnet_spoil_png(assay_span png, double amplitude, asy_rng *rng, asy_buf *out,
								assay_err *err) ASSAY_CHECKED;
#endif
