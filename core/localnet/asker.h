/* Asker: one thread that asks the user's own programs and servers for right answers, so
 * that a slow model never holds up the chain. Questions go in from the server's thread,
 * answers come out there.
 * Reason to change: how a program or a server of the user's is asked. */
#ifndef ASY_LOCALNET_ASKER_H
#define ASY_LOCALNET_ASKER_H
#include "localnet/scenario.h"

enum { LNET_ASKED_AT_ONCE = 16, LNET_ANSWER_MAX = 8 << 20 };

/* One question. Whoever holds it owns it: the server's thread before give and after
 * take, the asker between. */
typedef struct lnet_question {
	const lnet_answers_spec *spec;
	void *owner;    /* the server's own */
	asy_buf body;   /* the request as the miner got it */
	asy_buf answer; /* what came back */
	assay_status st;
	assay_err err;
	struct lnet_question *next;
} lnet_question;
void asy_lnet_question_free(lnet_question *q);

typedef struct lnet_asker lnet_asker;

/* folder: where programs run and what relative paths start from; copied. notify is
 * called on the asker's thread whenever there is something to take. */
assay_status asy_lnet_asker_start(const char *folder, void (*notify)(void *), void *arg,
								  lnet_asker **out, assay_err *err) ASSAY_CHECKED;
/* Kills programs, drops questions, joins. NULL is fine. */
void asy_lnet_asker_stop(lnet_asker *a);
void asy_lnet_asker_give(lnet_asker *a, lnet_question *q);
/* An answered question, or NULL. */
lnet_question *asy_lnet_asker_take(lnet_asker *a);
#endif
