/* Source: where the scripted miners of a subnet get right answers from: a key that was
 * read at the start (sample sets, a file of the user's), or the user's own program or
 * server, asked once per question for all miners together. Used by the server's thread
 * only.
 * Reason to change: another kind of source. */
#ifndef ASY_LOCALNET_SOURCE_H
#define ASY_LOCALNET_SOURCE_H
#include "localnet/answers.h"
#include "localnet/scenario.h"

struct lnet_session;
typedef struct lnet_source lnet_source;
typedef struct lnet_sources lnet_sources; /* all of a localnet */

/* samples, folder: of asy_localnet_opts. log may be NULL. */
assay_status asy_lnet_sources_new(const char *samples, const char *folder, asy_logger *log,
								  lnet_sources **out, assay_err *err) ASSAY_CHECKED;
void asy_lnet_sources_free(lnet_sources *all);
/* The source of a miner; made when it is the first to use it, and reads its files then. */
assay_status asy_lnet_source_of(lnet_sources *all, const lnet_subnet *net, const lnet_neuron *miner,
								lnet_source **out, assay_err *err) ASSAY_CHECKED;

/* Starts the thread that asks, if any source needs one. notify as in asker.h. */
assay_status asy_lnet_sources_start(lnet_sources *all, void (*notify)(void *), void *arg,
									assay_err *err) ASSAY_CHECKED;
/* Ends it; the sources stay. */
void asy_lnet_sources_stop(lnet_sources *all);
/* Hands what was answered to the sessions that wait for it. */
void asy_lnet_sources_deliver(lnet_sources *all);

/* What is right for the prompt, borrowed until control returns to the loop; or *later:
 * it is being asked, and the session is called back (asy_lnet_miner_resume or
 * asy_lnet_reply_error). ASSAY_E_NOTFOUND: the prompt is not in the key. */
assay_status asy_lnet_source_right(lnet_source *src, struct lnet_session *s, asy_jv prompt,
								   lnet_right *out, bool *later, assay_err *err) ASSAY_CHECKED;
/* What a lazy miner says to everything: the first right answer that there was. */
assay_status asy_lnet_source_first(lnet_source *src, struct lnet_session *s, asy_jv prompt,
								   lnet_right *out, bool *later, assay_err *err) ASSAY_CHECKED;
/* The session is going away. */
void asy_lnet_source_forget(struct lnet_session *s);
#endif
