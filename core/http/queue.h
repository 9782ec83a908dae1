/* Requests that wait, by host and port; private to http. Each host has a line of its own, in
 * the order of arrival. The host with the fewest requests under way is next, and among equals
 * they take turns: hosts that are slow and have much waiting cannot take the places of
 * others. The next request is found without a look at those that cannot start. */
#ifndef ASY_HTTP_QUEUE_H
#define ASY_HTTP_QUEUE_H
#include "http/transfer.h"

typedef struct asy_host_line asy_host_line;
#define ASY_QUEUE_LEVELS 16u
typedef struct {
	asy_host_line *first, *last;
} asy_host_turns;
typedef struct {
	uint32_t per_host;
	size_t n;             /* waiting, at all hosts */
	void *by_name;        /* tree (tsearch) of lines */
	asy_host_line *lines; /* all of them */
	/* those with somebody waiting and room, by requests under way; the last level has the
	 * rest */
	asy_host_turns turns[ASY_QUEUE_LEVELS];
} asy_http_queue;

/* false: out of memory, and t is not queued. */
bool asy_queue_add(asy_http_queue *q, transfer *t);
/* The next that may start, still queued; NULL when there is none. */
transfer *asy_queue_next(const asy_http_queue *q);
/* t has started: out of the queue, and its host has one place less until it is over. */
void asy_queue_start(asy_http_queue *q, transfer *t);
/* t, which had started, is over. */
void asy_queue_over(asy_http_queue *q, transfer *t);
/* t is not wanted any more and never started. */
void asy_queue_drop(asy_http_queue *q, transfer *t);
/* Some queued transfer, for emptying; NULL when none is left. */
transfer *asy_queue_any(const asy_http_queue *q);
#endif
