/* Storage: a sorted array of entries, each with its versions oldest first. A few
 * thousand keys make the array cheaper than any tree, and it is the order that
 * paged key listings need anyway.
 * Reason to change: as storage.h. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "localnet/storage.h"
#include "localnet/tables.h"

typedef struct {
	uint64_t block;
	uint8_t *value; /* NULL = deleted */
	size_t len;
} version;

typedef struct {
	uint8_t *key;
	size_t key_len;
	version *v;
	size_t n, cap;
} entry;

/* One write of the block under construction: what to put back. The first write of a
 * key in a block adds a version, later ones replace its bytes. */
typedef struct {
	entry *e;
	bool added;     /* this write added the version */
	uint8_t *value; /* else: the bytes it replaced, owned */
	size_t len;
} undo;

/* Keys changed by one sealed block, for forgetting versions later. */
typedef struct {
	entry **e;
	size_t n;
} change_list;

struct lnet_state {
	entry **sorted;
	size_t n, cap;
	undo *log;
	size_t log_n, log_cap;
	change_list *ring; /* history slots, by block number */
	size_t history;
	uint64_t block, view; /* view: see asy_lnet_state_view */
	const struct lnet_generation *generation;
	uint8_t root[32];
	bool broken;
};

const struct lnet_generation *asy_lnet_state_generation(const lnet_state *s)
{
	return s->generation;
}

void asy_lnet_state_set_generation(lnet_state *s, const struct lnet_generation *g)
{
	s->generation = g;
}

lnet_state *asy_lnet_state_new(size_t history)
{
	lnet_state *s = asy_calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->view = UINT64_MAX;
	s->generation = asy_lnet_generation(LNET_SPEC_VERSION);
	s->history = history < 2 ? 2 : history;
	s->ring = asy_calloc(s->history, sizeof *s->ring);
	if (s->ring == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

static void entry_free(entry *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i].value);
	free(e->v);
	free(e->key);
	free(e);
}

void asy_lnet_state_free(lnet_state *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->log_n; i++)
		free(s->log[i].value);
	free(s->log);
	for (size_t i = 0; i < s->history; i++)
		free(s->ring[i].e);
	free(s->ring);
	for (size_t i = 0; i < s->n; i++)
		entry_free(s->sorted[i]);
	free(s->sorted);
	free(s);
}

uint64_t asy_lnet_state_block(const lnet_state *s)
{
	return s->block;
}

uint64_t asy_lnet_state_oldest(const lnet_state *s)
{
	return s->block > s->history ? s->block - s->history : 0;
}

size_t asy_lnet_state_keys_n(const lnet_state *s)
{
	return s->n;
}

static int order(const entry *e, assay_span key)
{
	size_t n = e->key_len < key.len ? e->key_len : key.len;
	int c = n != 0 ? memcmp(e->key, key.ptr, n) : 0;
	if (c != 0)
		return c;
	return (e->key_len > key.len) - (e->key_len < key.len);
}

/* First position whose key is not below the given one. */
static size_t lower(const lnet_state *s, assay_span key)
{
	size_t lo = 0, hi = s->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (order(s->sorted[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static entry *find(const lnet_state *s, assay_span key)
{
	size_t at = lower(s, key);
	return at < s->n && order(s->sorted[at], key) == 0 ? s->sorted[at] : NULL;
}

static const version *version_at(const entry *e, uint64_t block)
{
	size_t lo = 0, hi = e->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (e->v[mid].block <= block)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? NULL : &e->v[lo - 1];
}

bool asy_lnet_state_get_at(const lnet_state *s, uint64_t block, assay_span key, assay_span *out)
{
	const entry *e = s->broken ? NULL : find(s, key);
	const version *v = e != NULL ? version_at(e, block) : NULL;
	if (v == NULL || v->value == NULL)
		return false;
	*out = asy_span(v->value, v->len);
	return true;
}

bool asy_lnet_state_get(const lnet_state *s, assay_span key, assay_span *out)
{
	return asy_lnet_state_get_at(s, s->view < s->block ? s->view : s->block, key, out);
}

static bool grow(void **p, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return true;
	size_t next = *cap == 0 ? 4 : *cap * 2;
	void *q = next < need ? NULL : realloc(*p, next * size);
	if (q == NULL)
		return false;
	*p = q;
	*cap = next;
	return true;
}

static entry *insert(lnet_state *s, assay_span key)
{
	size_t at = lower(s, key);
	if (at < s->n && order(s->sorted[at], key) == 0)
		return s->sorted[at];
	entry *e = asy_calloc(1, sizeof *e);
	if (e == NULL)
		return NULL;
	e->key = malloc(key.len + 1);
	if (e->key == NULL || !grow((void **)&s->sorted, &s->cap, s->n + 1, sizeof *s->sorted)) {
		entry_free(e);
		return NULL;
	}
	memcpy(e->key, key.ptr, key.len);
	e->key_len = key.len;
	memmove(s->sorted + at + 1, s->sorted + at, (s->n - at) * sizeof *s->sorted);
	s->sorted[at] = e;
	s->n++;
	return e;
}

static bool set(lnet_state *s, entry *e, uint8_t *value, size_t len)
{
	ASSERT(s->view == UINT64_MAX);
	bool added = e->n == 0 || e->v[e->n - 1].block != s->block;
	if (!grow((void **)&s->log, &s->log_cap, s->log_n + 1, sizeof *s->log) ||
		(added && !grow((void **)&e->v, &e->cap, e->n + 1, sizeof *e->v)))
		return false;
	undo *u = &s->log[s->log_n++];
	*u = (undo){e, added, NULL, 0};
	if (added) {
		e->v[e->n++] = (version){s->block, value, len};
		return true;
	}
	version *v = &e->v[e->n - 1];
	u->value = v->value;
	u->len = v->len;
	v->value = value;
	v->len = len;
	return true;
}

void asy_lnet_state_put(lnet_state *s, assay_span key, assay_span value)
{
	assay_span now;
	/* Writing what is there would only cost a version. */
	if (asy_lnet_state_get(s, key, &now) && asy_span_eq(now, value))
		return;
	entry *e = s->broken ? NULL : insert(s, key);
	uint8_t *copy = e != NULL ? malloc(value.len + 1) : NULL;
	if (copy != NULL && value.len != 0)
		memcpy(copy, value.ptr, value.len);
	if (copy == NULL || !set(s, e, copy, value.len)) {
		free(copy);
		s->broken = true;
	}
}

void asy_lnet_state_view(lnet_state *s, uint64_t block)
{
	s->view = block;
}

void asy_lnet_state_poison(lnet_state *s)
{
	s->broken = true;
}

void asy_lnet_state_del(lnet_state *s, assay_span key)
{
	entry *e = s->broken ? NULL : find(s, key);
	if (e == NULL || e->n == 0 || e->v[e->n - 1].value == NULL)
		return;
	if (!set(s, e, NULL, 0))
		s->broken = true;
}

static void drop_entry(lnet_state *s, entry *e)
{
	size_t at = lower(s, asy_span(e->key, e->key_len));
	memmove(s->sorted + at, s->sorted + at + 1, (s->n - at - 1) * sizeof *s->sorted);
	s->n--;
	entry_free(e);
}

size_t asy_lnet_state_mark(const lnet_state *s)
{
	return s->log_n;
}

void asy_lnet_state_rollback(lnet_state *s, size_t mark)
{
	while (s->log_n > mark) {
		undo *u = &s->log[--s->log_n];
		version *v = &u->e->v[u->e->n - 1];
		free(v->value);
		if (u->added) {
			if (--u->e->n == 0)
				drop_entry(s, u->e);
		} else {
			v->value = u->value;
			v->len = u->len;
		}
	}
}

static int by_key(const void *a, const void *b)
{
	const entry *x = *(entry *const *)a, *y = *(entry *const *)b;
	return order(x, asy_span(y->key, y->key_len));
}

/* Drops the versions that no readable block needs, and the entry with the last. */
static void forget(lnet_state *s, entry *e, uint64_t oldest)
{
	size_t drop = 0;
	while (drop + 1 < e->n && e->v[drop + 1].block <= oldest)
		drop++;
	for (size_t i = 0; i < drop; i++)
		free(e->v[i].value);
	memmove(e->v, e->v + drop, (e->n - drop) * sizeof *e->v);
	e->n -= drop;
	/* Strictly older: a deletion at `oldest` is still named by the next slot. */
	if (e->n == 1 && e->v[0].value == NULL && e->v[0].block < oldest)
		drop_entry(s, e);
}

static void hash_u64(asy_blake2b_state *h, uint64_t v)
{
	uint8_t b[8];
	asy_put_u64le(b, v);
	asy_blake2b_update(h, b, sizeof b);
}

assay_status asy_lnet_state_seal(lnet_state *s, uint8_t root[32], assay_err *err)
{
	size_t n = 0;
	entry **changed = asy_calloc(s->log_n + 1, sizeof *changed);
	if (changed == NULL)
		s->broken = true;
	if (s->broken) {
		free(changed);
		return ASSAY_FAIL(err, E_NOMEM, "state of block %" PRIu64 " does not fit into memory",
						  s->block);
	}
	for (size_t i = 0; i < s->log_n; i++) {
		free(s->log[i].value);
		if (s->log[i].added)
			changed[n++] = s->log[i].e;
	}
	s->log_n = 0;
	qsort(changed, n, sizeof *changed, by_key);

	asy_blake2b_state h;
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, s->root, sizeof s->root);
	for (size_t i = 0; i < n; i++) {
		const version *v = &changed[i]->v[changed[i]->n - 1];
		hash_u64(&h, changed[i]->key_len);
		asy_blake2b_update(&h, changed[i]->key, changed[i]->key_len);
		hash_u64(&h, v->value != NULL ? v->len : UINT64_MAX);
		asy_blake2b_update(&h, v->value, v->value != NULL ? v->len : 0);
	}
	asy_blake2b_final(&h, s->root, sizeof s->root);
	memcpy(root, s->root, sizeof s->root);

	/* The slot still holds the changes of block - history: after this seal the
	 * oldest readable block is one later, so its predecessors' versions can go. */
	change_list *slot = &s->ring[s->block % s->history];
	change_list old = *slot;
	*slot = (change_list){changed, n};
	s->block++;
	uint64_t oldest = asy_lnet_state_oldest(s);
	for (size_t i = 0; i < old.n; i++)
		forget(s, old.e[i], oldest);
	free(old.e);
	return ASSAY_OK;
}

void asy_lnet_state_scan(const lnet_state *s, uint64_t block, assay_span prefix, assay_span after,
						 size_t max, lnet_visit *visit, void *arg)
{
	size_t i = lower(s, after.len > 0 ? after : prefix);
	for (size_t done = 0; i < s->n && done < max; i++) {
		const entry *e = s->sorted[i];
		assay_span key = asy_span(e->key, e->key_len);
		if (after.len > 0 && order(e, after) <= 0)
			continue;
		if (e->key_len < prefix.len || memcmp(e->key, prefix.ptr, prefix.len) != 0) {
			if (order(e, prefix) < 0)
				continue;
			return;
		}
		const version *v = version_at(e, block);
		if (v == NULL || v->value == NULL)
			continue;
		done++;
		if (!visit(arg, key, asy_span(v->value, v->len)))
			return;
	}
}
