/* Answers between the wire and the journal: a queue, the slices that empty it, and the byte
 * budget. Nothing here looks into a body.
 *
 *~ The budget is each miner's own. With 256 MB for 256 miners each has 1 MB that nobody can
 * take from it, however much the others send and however early. What a miner sends beyond
 * its share is kept for as long as nobody needs the room: such answers wait outside the
 * journal until the last answer is in, and when room is short the hungriest miner's go
 * first. So a miner that sends much can only cost itself. */
#include "round/intake.h"
#include <stdlib.h>

#define SLICE_BYTES ((size_t)512 << 10)
#define SLICE_ANSWERS 64u
#define SLICE_NS ((uint64_t)5000000)
#define FIRST_DELAY_NS ((uint64_t)10000000) /* gathers small answers into one transaction */
#define NEXT_DELAY_NS ((uint64_t)1)         /* one poll between two slices */
#define LAST_NS ((uint64_t)200000000)       /* after an interruption */

typedef struct held held;
struct held {
	held *next;
	asy_answer a;   /* owns bytes */
	size_t written; /* pieces */
	char cause[160], content_type[96];
	asy_plugin_chunk *chunk; /* what a.chunk points to */
};

typedef struct {
	held *first, *last;
} held_list;

struct asy_intake {
	asy_round *r;
	asy_intake_opts o;
	held_list queue; /* to be written, in the order of arrival */
	held_list over;  /* beyond their miner's share: written last, if there is room */
	size_t *used;    /* bytes kept, by miner */
	bool *was_dropped;
	size_t total, share;
	asy_watch *timer;
	assay_status failed;
	assay_err why;
	asy_intake_stats stats;
};

/* ---- lists ---- */

static void append(held_list *l, held *h)
{
	h->next = NULL;
	if (l->last != NULL)
		l->last->next = h;
	else
		l->first = h;
	l->last = h;
}

static void take_out(held_list *l, held *before, held *h)
{
	if (before != NULL)
		before->next = h->next;
	else
		l->first = h->next;
	if (l->last == h)
		l->last = before;
}

static void held_free(held *h)
{
	asy_buf_fini(&h->a.bytes);
	free(h->a.piece);
	free(h->chunk);
	free(h);
}

static void list_free(held_list *l)
{
	while (l->first != NULL) {
		held *h = l->first;
		take_out(l, NULL, h);
		held_free(h);
	}
}

/* ---- writing ---- */

/* Puts pieces of h until the slice is full; *bytes counts them. */
static assay_status put_pieces(asy_intake *in, held *h, size_t *bytes, assay_err *err)
{
	size_t n = asy_pieces_of(h->a.body_len);
	assay_status st = ASSAY_OK;
	while (st == ASSAY_OK && h->written < n && *bytes < SLICE_BYTES) {
		assay_span piece = asy_piece_at(h->a.body, h->written);
		st = asy_store_blob_put(in->o.store, in->r->id, piece, h->a.piece[h->written].b, err);
		h->written += st == ASSAY_OK;
		*bytes += piece.len;
	}
	return st;
}

static assay_status put_record(asy_intake *in, const held *h, assay_err *err)
{
	asy_buf payload = {0};
	assay_status st = asy_record_put_response(&h->a, &payload, err);
	const asy_rec_in rec = {ASY_REC_RESPONSE, asy_buf_span(&payload)};
	if (st == ASSAY_OK)
		st = asy_store_append(in->o.store, in->r->id, in->o.clock->real_ns(in->o.clock), &rec, 1,
							  NULL, err);
	asy_buf_fini(&payload);
	return st;
}

/* Of the queue's first answers as much as a slice holds; *whole = how many of them. */
static assay_status put_slice(asy_intake *in, size_t *whole, assay_err *err)
{
	size_t bytes = 0;
	uint64_t until = asy_sat_add_u64(asy_loop_now(in->o.loop), SLICE_NS);
	assay_status st = ASSAY_OK;
	*whole = 0;
	for (held *h = in->queue.first; st == ASSAY_OK && h != NULL; h = h->next) {
		st = put_pieces(in, h, &bytes, err);
		if (st != ASSAY_OK || h->written < asy_pieces_of(h->a.body_len))
			break;
		st = put_record(in, h, err);
		*whole += st == ASSAY_OK;
		if (bytes >= SLICE_BYTES || *whole == SLICE_ANSWERS || asy_loop_now(in->o.loop) >= until)
			break;
	}
	return st;
}

/* One transaction. Only what is on disk becomes the round's. */
static assay_status write_slice(asy_intake *in, assay_err *err)
{
	size_t whole = 0;
	uint64_t began = asy_loop_now(in->o.loop);
	assay_status st = asy_store_begin(in->o.store, err);
	if (st != ASSAY_OK)
		return st;
	st = put_slice(in, &whole, err);
	if (st == ASSAY_OK)
		st = asy_store_commit(in->o.store, err);
	if (st != ASSAY_OK)
		asy_store_rollback(in->o.store);
	for (size_t i = 0; st == ASSAY_OK && i < whole; i++) {
		held *h = in->queue.first;
		st = asy_round_take_answer(in->r, &h->a, err);
		if (st == ASSAY_OK)
			h->a.bytes = (asy_buf){0};
		take_out(&in->queue, NULL, h);
		held_free(h);
	}
	uint64_t took = asy_loop_now(in->o.loop) - began;
	in->stats.slices++;
	if (took > in->stats.longest_ns)
		in->stats.longest_ns = took;
	return st;
}

static void arm(asy_intake *in, uint64_t delay_ns);

static void on_slice(void *arg, assay_status st)
{
	asy_intake *in = arg;
	in->timer = NULL;
	if (st != ASSAY_OK || in->failed != ASSAY_OK || in->queue.first == NULL)
		return;
	if (!asy_store_is_behind(in->o.store))
		in->failed = write_slice(in, &in->why);
	arm(in, NEXT_DELAY_NS);
}

static void arm(asy_intake *in, uint64_t delay_ns)
{
	if (in->timer != NULL || in->queue.first == NULL || in->failed != ASSAY_OK)
		return;
	in->failed = asy_loop_timer(in->o.loop, delay_ns, on_slice, in, &in->timer, &in->why);
}

/* ---- the budget ---- */

/* h cannot be kept: recorded without its bytes, as our own fault. */
static void drop(asy_intake *in, held *h)
{
	in->used[h->a.target] -= h->a.body_len;
	in->total -= h->a.body_len;
	asy_buf_fini(&h->a.bytes);
	free(h->a.piece);
	h->a.piece = NULL;
	h->a.body = (assay_span){0};
	h->a.body_len = 0;
	h->a.chunk_n = 0;
	h->a.why = ASY_WHY_NO_ROOM;
	h->a.status = ASY_RESP_TOO_LARGE;
	h->a.cause = asy_why_name(ASY_WHY_NO_ROOM);
	in->stats.dropped++;
	in->stats.miners += !in->was_dropped[h->a.target];
	in->was_dropped[h->a.target] = true;
	append(&in->queue, h);
}

/* Drops an answer of the miner that has most, of equals the newest. False: nobody has more
 * than its share. */
static bool drop_of_hungriest(asy_intake *in)
{
	held *worst = NULL, *before_worst = NULL, *before = NULL;
	for (held *h = in->over.first; h != NULL; before = h, h = h->next) {
		if (worst != NULL && in->used[h->a.target] < in->used[worst->a.target])
			continue;
		worst = h;
		before_worst = before;
	}
	if (worst == NULL)
		return false;
	take_out(&in->over, before_worst, worst);
	drop(in, worst);
	return true;
}

static void keep(asy_intake *in, held *h)
{
	in->used[h->a.target] += h->a.body_len;
	in->total += h->a.body_len;
	append(in->used[h->a.target] <= in->share ? &in->queue : &in->over, h);
	while (in->total > in->o.max_bytes && drop_of_hungriest(in))
		;
	if (in->total <= in->o.max_bytes)
		return;
	/* shares do not overlap, so this is a resumed round under a smaller limit */
	held *before = NULL;
	for (held *x = in->queue.first; x != h; x = x->next)
		before = x;
	take_out(&in->queue, before, h);
	drop(in, h);
}

/* ---- in and out ---- */

assay_status asy_intake_new(asy_round *r, const asy_intake_opts *o, asy_intake **out,
							assay_err *err)
{
	asy_intake *in = asy_calloc(1, sizeof *in);
	if (in == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "answers");
	in->r = r;
	in->o = *o;
	in->share = r->target_n != 0 ? o->max_bytes / r->target_n : o->max_bytes;
	in->used = asy_calloc(r->target_n, sizeof *in->used);
	in->was_dropped = asy_calloc(r->target_n, sizeof *in->was_dropped);
	if (in->used == NULL || in->was_dropped == NULL) {
		asy_intake_free(in);
		return ASSAY_FAIL(err, E_NOMEM, "answers of %zu miners", r->target_n);
	}
	for (size_t i = 0; i < asy_round_slots(r); i++)
		if (r->answer[i] != NULL)
			in->used[r->answer[i]->target] += r->answer[i]->body_len;
	in->total = r->answer_bytes;
	*out = in;
	return ASSAY_OK;
}

void asy_intake_free(asy_intake *in)
{
	if (in == NULL)
		return;
	asy_watch_cancel(in->timer);
	list_free(&in->queue);
	list_free(&in->over);
	free(in->used);
	free(in->was_dropped);
	free(in);
}

/* A buffer grows by doubling; what is kept for the round should not. */
static void trim(asy_buf *b)
{
	void *less = b->len != 0 ? realloc(b->ptr, b->len) : NULL;
	if (less == NULL)
		return;
	b->ptr = less;
	b->cap = b->len;
}

static assay_status intake_failure(const asy_intake *in, assay_err *err)
{
	if (in->failed != ASSAY_OK && err != NULL)
		*err = in->why;
	return in->failed;
}

assay_status asy_intake_add(asy_intake *in, size_t slot, const asy_answer *x, asy_buf *body,
							assay_err *err)
{
	assay_status st = intake_failure(in, err);
	if (st != ASSAY_OK)
		return st;
	held *h = asy_calloc(1, sizeof *h);
	size_t len = body != NULL ? body->len : 0;
	asy_piece *piece = asy_calloc(asy_pieces_of(len) + 1, sizeof *piece);
	asy_plugin_chunk *chunk = asy_calloc(x->chunk_n + 1, sizeof *chunk);
	if (h == NULL || piece == NULL || chunk == NULL) {
		free(h);
		free(piece);
		free(chunk);
		return ASSAY_FAIL(err, E_NOMEM, "an answer of %zu bytes", len);
	}
	h->a = *x;
	h->a.target = (uint32_t)(slot / in->r->question_n);
	h->a.question = (uint32_t)(slot % in->r->question_n);
	(void)asy_str_copy(h->cause, sizeof h->cause, x->cause);
	h->a.cause = h->cause;
	(void)asy_str_copy(h->content_type, sizeof h->content_type,
					   x->content_type != NULL ? x->content_type : "");
	h->a.content_type = h->content_type;
	if (x->chunk_n != 0)
		memcpy(chunk, x->chunk, x->chunk_n * sizeof *chunk);
	h->a.chunk = h->chunk = chunk;
	h->a.piece = piece;
	h->a.body_len = len;
	if (len != 0) {
		trim(body);
		h->a.bytes = *body;
		*body = (asy_buf){0};
		h->a.body = asy_buf_span(&h->a.bytes);
	} else if (body != NULL) {
		asy_buf_fini(body);
	}
	keep(in, h);
	arm(in, FIRST_DELAY_NS);
	return intake_failure(in, err);
}

static bool is_empty(void *arg)
{
	const asy_intake *in = arg;
	return in->queue.first == NULL || in->failed != ASSAY_OK;
}

assay_status asy_intake_end(asy_intake *in, assay_err *err)
{
	while (in->over.first != NULL) { /* nobody can need their room any more */
		held *h = in->over.first;
		take_out(&in->over, NULL, h);
		append(&in->queue, h);
	}
	arm(in, NEXT_DELAY_NS);
	assay_status st = asy_loop_await(in->o.loop, is_empty, in, ASY_NEVER);
	uint64_t until = asy_sat_add_u64(asy_loop_now(in->o.loop), LAST_NS);
	while (st == ASSAY_E_CANCELLED && !is_empty(in) && asy_loop_now(in->o.loop) < until)
		in->failed = write_slice(in, &in->why);
	if (in->failed != ASSAY_OK)
		return intake_failure(in, err);
	if (st == ASSAY_E_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted while writing answers down");
	return st;
}

asy_intake_stats asy_intake_get_stats(const asy_intake *in)
{
	return in->stats;
}
