/* Source: answers of programs and servers are kept by the digest of their question,
 * within bounds; sessions whose question is being asked wait in a list.
 * Reason to change: as source.h. */
#include <stdlib.h>
#include "localnet/asker.h"
#include "localnet/server.h"
#include "localnet/source.h"

enum { KEPT_MAX = 4096, KEPT_BYTES_MAX = 64 << 20, ANSWER_DEPTH_MAX = 32 };

/* A question that was asked of a program or server. */
struct lnet_pending {
	uint8_t digest[32];
	lnet_source *source;
	asy_json *doc; /* the answer; NULL while it is being asked */
	size_t bytes;
	lnet_session *waiting;
	bool first; /* never forgotten: what lazy miners say */
};
typedef struct lnet_pending pending;

struct lnet_source {
	lnet_sources *all;
	const lnet_answers_spec *spec; /* NULL = samples */
	char task[LNET_TASK_MAX];
	lnet_answers *key; /* samples and files */
	pending **item;    /* programs and servers, by digest */
	size_t n, cap, bytes;
	const pending *first;
	asy_complaint trouble;
};

struct lnet_sources {
	lnet_source **item;
	size_t n;
	char samples[LNET_PATH_MAX], folder[LNET_PATH_MAX];
	asy_logger log; /* a copy: the counts of a logger are its thread's */
	lnet_asker *asker;
};

static bool is_key(const lnet_source *src)
{
	return src->spec == NULL || src->spec->kind == LNET_ANSWERS_FILE;
}

/* ---- life ---- */

assay_status asy_lnet_sources_new(const char *samples, const char *folder, asy_logger *log,
								  lnet_sources **out, assay_err *err)
{
	lnet_sources *all = asy_calloc(1, sizeof *all);
	if (all == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "sources");
	if (log != NULL)
		all->log = *log;
	if (!asy_str_copy(all->samples, sizeof all->samples, samples) ||
		!asy_str_copy(all->folder, sizeof all->folder, folder)) {
		free(all);
		return ASSAY_FAIL(err, E_LIMIT, "path too long: %.200s or %.200s", samples, folder);
	}
	*out = all;
	return ASSAY_OK;
}

static void pending_free(pending *p)
{
	asy_json_free(p->doc);
	free(p);
}

void asy_lnet_sources_free(lnet_sources *all)
{
	if (all == NULL)
		return;
	asy_lnet_sources_stop(all);
	for (size_t i = 0; i < all->n; i++) {
		lnet_source *src = all->item[i];
		for (size_t k = 0; k < src->n; k++)
			pending_free(src->item[k]);
		free(src->item);
		asy_lnet_answers_free(src->key);
		free(src);
	}
	free(all->item);
	free(all);
}

static assay_status read_file(lnet_source *src, assay_err *err)
{
	char path[2 * LNET_PATH_MAX + LNET_ANSWERS_MAX];
	const char *name = src->spec->text;
	(void)snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : src->all->folder,
				   name[0] == '/' ? "" : "/", name);
	return asy_lnet_answers_read(path, &src->key, err);
}

static assay_status read_samples(lnet_source *src, assay_err *err)
{
	lnet_right right;
	assay_status st = asy_lnet_answers_load(src->all->samples, src->task, &src->key, err);
	if (st == ASSAY_OK && !asy_lnet_task_is_known(src->task) &&
		asy_lnet_answers_first(src->key, &right) && asy_jv_kind(right.answer) == ASY_J_ABSENT)
		st = ASSAY_FAIL(err, E_CONFIG,
						"how an answer of task \"%s\" is made from a reference is not known; give "
						"the subnet \"answers\", or each sample an \"answer\"",
						src->task);
	return st;
}

static assay_status make(lnet_sources *all, const lnet_answers_spec *spec, const char *task,
						 lnet_source **out, assay_err *err)
{
	lnet_source **more = realloc(all->item, (all->n + 1) * sizeof *more);
	lnet_source *src = asy_calloc(1, sizeof *src);
	if (more != NULL)
		all->item = more;
	if (more == NULL || src == NULL) {
		free(src);
		return ASSAY_FAIL(err, E_NOMEM, "source of answers");
	}
	*src = (lnet_source){.all = all, .spec = spec};
	(void)asy_str_copy(src->task, sizeof src->task, task);
	all->item[all->n++] = src;
	*out = src;
	if (!is_key(src))
		return ASSAY_OK;
	return spec != NULL ? read_file(src, err) : read_samples(src, err);
}

assay_status asy_lnet_source_of(lnet_sources *all, const lnet_subnet *net, const lnet_neuron *miner,
								lnet_source **out, assay_err *err)
{
	const lnet_answers_spec *spec = miner->answers != NULL ? miner->answers : net->answers;
	for (size_t i = 0; i < all->n; i++) {
		lnet_source *src = all->item[i];
		if (src->spec == spec && strcmp(src->task, net->task) == 0) {
			*out = src;
			return ASSAY_OK;
		}
	}
	assay_status st = make(all, spec, net->task, out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "answers of subnet %u", net->netuid);
}

assay_status asy_lnet_sources_start(lnet_sources *all, void (*notify)(void *), void *arg,
									assay_err *err)
{
	for (size_t i = 0; i < all->n; i++)
		if (!is_key(all->item[i]))
			return asy_lnet_asker_start(all->folder[0] != '\0' ? all->folder : ".", notify, arg,
										&all->asker, err);
	return ASSAY_OK;
}

void asy_lnet_sources_stop(lnet_sources *all)
{
	if (all == NULL)
		return;
	asy_lnet_asker_stop(all->asker);
	all->asker = NULL;
}

/* ---- what was asked ---- */

/* Where the digest is, or belongs. */
static size_t place_of(const lnet_source *src, const uint8_t digest[32], bool *found)
{
	size_t lo = 0, hi = src->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = memcmp(src->item[mid]->digest, digest, 32);
		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = false;
	return lo;
}

static void drop(lnet_source *src, size_t at)
{
	src->bytes -= src->item[at]->bytes;
	pending_free(src->item[at]);
	memmove(src->item + at, src->item + at + 1, (src->n - at - 1) * sizeof *src->item);
	src->n--;
}

/* Full: every answer goes, what is being asked stays. */
static void make_room(lnet_source *src)
{
	size_t kept = 0;
	if (src->n < KEPT_MAX && src->bytes < KEPT_BYTES_MAX)
		return;
	for (size_t i = 0; i < src->n; i++) {
		pending *p = src->item[i];
		if (p->doc != NULL && !p->first) {
			src->bytes -= p->bytes;
			pending_free(p);
		} else {
			src->item[kept++] = p;
		}
	}
	src->n = kept;
}

static assay_status insert(lnet_source *src, const uint8_t digest[32], pending **out,
						   assay_err *err)
{
	bool found;
	make_room(src);
	if (src->n >= KEPT_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "%d questions are being asked already", KEPT_MAX);
	if (src->n == src->cap) {
		size_t cap = src->cap == 0 ? 64 : src->cap * 2;
		pending **more = realloc(src->item, cap * sizeof *more);
		if (more == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "question");
		src->item = more;
		src->cap = cap;
	}
	pending *p = asy_calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "question");
	p->source = src;
	memcpy(p->digest, digest, 32);
	size_t at = place_of(src, digest, &found);
	memmove(src->item + at + 1, src->item + at, (src->n - at) * sizeof *src->item);
	src->item[at] = p;
	src->n++;
	*out = p;
	return ASSAY_OK;
}

static assay_status ask(lnet_source *src, const lnet_session *s, const uint8_t digest[32],
						pending **out, assay_err *err)
{
	lnet_question *q = asy_calloc(1, sizeof *q);
	if (q == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "question");
	assay_status st = asy_buf_add(&q->body, s->body.ptr, s->body.len, err);
	if (st == ASSAY_OK)
		st = insert(src, digest, out, err);
	if (st != ASSAY_OK) {
		asy_lnet_question_free(q);
		return st;
	}
	q->spec = src->spec;
	q->owner = *out;
	asy_lnet_asker_give(src->all->asker, q);
	return ASSAY_OK;
}

static void wait_for(lnet_session *s, pending *p)
{
	s->waits_for = p;
	s->next_waiting = p->waiting;
	p->waiting = s;
}

void asy_lnet_source_forget(lnet_session *s)
{
	if (s->waits_for == NULL)
		return;
	lnet_session **at = &s->waits_for->waiting;
	while (*at != s)
		at = &(*at)->next_waiting;
	*at = s->next_waiting;
	s->waits_for = NULL;
}

/* ---- answers ---- */

static assay_status take_answer(pending *p, lnet_question *q, assay_err *err)
{
	const asy_json_limits limits = {.max_bytes = LNET_ANSWER_MAX, .max_depth = ANSWER_DEPTH_MAX};
	if (q->st != ASSAY_OK) {
		*err = q->err;
		return q->st;
	}
	assay_status st = asy_json_parse(asy_buf_span(&q->answer), &limits, &p->doc, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the answer of %.100s", q->spec->text);
	p->bytes = q->answer.len;
	p->source->bytes += p->bytes;
	if (p->source->first == NULL) {
		p->first = true;
		p->source->first = p;
	}
	return ASSAY_OK;
}

static void deliver(lnet_sources *all, lnet_question *q)
{
	pending *p = q->owner;
	lnet_source *src = p->source;
	assay_err err = {0};
	bool found;
	assay_status st = take_answer(p, q, &err);
	if (st != ASSAY_OK)
		asy_complain(&src->trouble, &all->log, "localnet.no_answer", ASY_STR("task", src->task),
					 ASY_STR("why", err.msg));
	else
		asy_complain_release(&src->trouble);
	while (p->waiting != NULL) {
		lnet_session *s = p->waiting;
		asy_lnet_source_forget(s);
		if (st == ASSAY_OK)
			asy_lnet_miner_resume(s);
		else
			asy_lnet_reply_error(s, 502, err.msg);
	}
	if (st != ASSAY_OK)
		drop(src, place_of(src, p->digest, &found));
}

void asy_lnet_sources_deliver(lnet_sources *all)
{
	lnet_question *q;
	while (all != NULL && all->asker != NULL && (q = asy_lnet_asker_take(all->asker)) != NULL) {
		deliver(all, q);
		asy_lnet_question_free(q);
	}
}

static lnet_right right_of(asy_jv prompt, const pending *p)
{
	asy_jv answer = asy_json_root(p->doc);
	return (lnet_right){.prompt = prompt, .answer = answer, .reference = asy_jv_get(answer, "")};
}

assay_status asy_lnet_source_right(lnet_source *src, lnet_session *s, asy_jv prompt,
								   lnet_right *out, bool *later, assay_err *err)
{
	uint8_t digest[32];
	bool found = false;
	assay_status st = asy_lnet_prompt_digest(prompt, digest, err);
	*later = false;
	if (st != ASSAY_OK)
		return st;
	if (is_key(src)) {
		if (asy_lnet_answers_find(src->key, digest, out))
			return ASSAY_OK;
		return ASSAY_FAIL(err, E_NOTFOUND, "the challenge is not in the answer key");
	}
	size_t at = place_of(src, digest, &found);
	pending *p = found ? src->item[at] : NULL;
	if (!found && (st = ask(src, s, digest, &p, err)) != ASSAY_OK)
		return st;
	*later = p->doc == NULL;
	if (*later)
		wait_for(s, p);
	else
		*out = right_of(prompt, p);
	return ASSAY_OK;
}

assay_status asy_lnet_source_first(lnet_source *src, lnet_session *s, asy_jv prompt,
								   lnet_right *out, bool *later, assay_err *err)
{
	*later = false;
	if (is_key(src) && asy_lnet_answers_first(src->key, out))
		return ASSAY_OK;
	if (src->first == NULL)
		return asy_lnet_source_right(src, s, prompt, out, later, err);
	*out = right_of(prompt, src->first);
	return ASSAY_OK;
}
