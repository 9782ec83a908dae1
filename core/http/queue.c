/* Requests that wait, by host and port. A line exists for as long as somebody waits or runs
 * at its host, so that strangers' addresses do not pile up.
 * Reason to change: another rule for who is next. */
#include <search.h>
#include <stdlib.h>
#include "http/queue.h"

struct asy_host_line {
	char *name; /* "" = requests whose URL names no host; they fail when they start */
	call_list waiting;
	uint32_t running;
	uint32_t level; /* of its turn */
	bool has_turn;
	asy_host_line *prev, *next;           /* all lines */
	asy_host_line *prev_turn, *next_turn; /* those that have a turn */
};

static int by_name(const void *a, const void *b)
{
	const asy_host_line *x = a, *y = b;
	return strcmp(x->name, y->name);
}

/* ---- turns ---- */

static asy_host_turns *turns_of(asy_http_queue *q, const asy_host_line *l)
{
	return &q->turns[l->level];
}

static uint32_t level_of(const asy_host_line *l)
{
	return l->running < ASY_QUEUE_LEVELS ? l->running : ASY_QUEUE_LEVELS - 1;
}

static void take_turn(asy_http_queue *q, asy_host_line *l)
{
	l->level = level_of(l);
	asy_host_turns *t = turns_of(q, l);
	l->has_turn = true;
	l->prev_turn = t->last;
	l->next_turn = NULL;
	if (t->last != NULL)
		t->last->next_turn = l;
	else
		t->first = l;
	t->last = l;
}

static void leave_turn(asy_http_queue *q, asy_host_line *l)
{
	asy_host_turns *t = turns_of(q, l);
	l->has_turn = false;
	if (l->prev_turn != NULL)
		l->prev_turn->next_turn = l->next_turn;
	else
		t->first = l->next_turn;
	if (l->next_turn != NULL)
		l->next_turn->prev_turn = l->prev_turn;
	else
		t->last = l->prev_turn;
}

/* After anything changed at l: a turn if it may start something, behind those with as many
 * under way; gone if nobody is left. */
static void settle(asy_http_queue *q, asy_host_line *l)
{
	bool may = l->waiting.n > 0 && (l->running < q->per_host || l->name[0] == '\0');
	if (l->has_turn && (!may || l->level != level_of(l)))
		leave_turn(q, l);
	if (may && !l->has_turn)
		take_turn(q, l);
	if (l->waiting.n > 0 || l->running > 0)
		return;
	(void)tdelete(l, &q->by_name, by_name);
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		q->lines = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	free(l->name);
	free(l);
}

/* ---- lines ---- */

static asy_host_line *line_new(asy_http_queue *q, const char *name)
{
	asy_host_line *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->name = strdup(name);
	if (l->name == NULL || tsearch(l, &q->by_name, by_name) == NULL) {
		free(l->name);
		free(l);
		return NULL;
	}
	l->next = q->lines;
	if (l->next != NULL)
		l->next->prev = l;
	q->lines = l;
	return l;
}

bool asy_queue_add(asy_http_queue *q, transfer *t)
{
	asy_host_line key = {.name = t->host != NULL ? t->host : (char[]){""}};
	asy_host_line **hit = tfind(&key, &q->by_name, by_name);
	asy_host_line *l = hit != NULL ? *hit : line_new(q, key.name);
	if (l == NULL)
		return false;
	t->line = l;
	asy_call_append(&l->waiting, &t->call);
	q->n++;
	settle(q, l);
	return true;
}

transfer *asy_queue_next(const asy_http_queue *q)
{
	for (size_t i = 0; i < ASY_QUEUE_LEVELS; i++)
		if (q->turns[i].first != NULL)
			return transfer_of(q->turns[i].first->waiting.first);
	return NULL;
}

void asy_queue_start(asy_http_queue *q, transfer *t)
{
	asy_host_line *l = t->line;
	asy_call_unlink(&l->waiting, &t->call);
	q->n--;
	l->running++;
	if (l->has_turn)
		leave_turn(q, l); /* behind the others, also on the last level */
	settle(q, l);
}

void asy_queue_over(asy_http_queue *q, transfer *t)
{
	t->line->running--;
	settle(q, t->line);
}

void asy_queue_drop(asy_http_queue *q, transfer *t)
{
	asy_call_unlink(&t->line->waiting, &t->call);
	q->n--;
	settle(q, t->line);
}

transfer *asy_queue_any(const asy_http_queue *q)
{
	for (asy_host_line *l = q->lines; l != NULL; l = l->next)
		if (l->waiting.first != NULL)
			return transfer_of(l->waiting.first);
	return NULL;
}
