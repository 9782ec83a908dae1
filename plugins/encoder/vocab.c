/* Open addressing over 32-bit slots; a slot is an id plus one. */
#include "encoder/vocab.h"
#include "encoder/fail.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
	const uint8_t *ptr;
	uint32_t len;
} entry;

struct enc_vocab {
	entry *token; /* by id */
	uint32_t *slot;
	uint8_t *pool;
	size_t n, mask, pool_used, pool_len, longest;
};

enc_vocab *enc_vocab_new(size_t n, size_t pool)
{
	enc_vocab *v = calloc(1, sizeof *v);
	size_t slots = 16;
	while (slots < 2 * n)
		slots *= 2;
	if (v == NULL)
		return NULL;
	*v = (enc_vocab){.n = n, .mask = slots - 1, .pool_len = pool};
	v->token = calloc(n + 1, sizeof *v->token);
	v->slot = calloc(slots, sizeof *v->slot);
	v->pool = malloc(pool + 1);
	if (v->token == NULL || v->slot == NULL || v->pool == NULL) {
		enc_vocab_free(v);
		return NULL;
	}
	return v;
}

void enc_vocab_free(enc_vocab *v)
{
	if (v == NULL)
		return;
	free(v->token);
	free(v->slot);
	free(v->pool);
	free(v);
}

static uint64_t hash_of(assay_bytes t) /* FNV-1a */
{
	uint64_t h = 0xcbf29ce484222325u;
	for (uint64_t i = 0; i < t.len; i++)
		h = (h ^ t.ptr[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

/* The slot of the token, or the free one where it would go. */
static uint32_t *slot_of(const enc_vocab *v, assay_bytes t)
{
	size_t i = (size_t)hash_of(t) & v->mask;
	while (v->slot[i] != 0) {
		const entry *e = &v->token[v->slot[i] - 1];
		if (e->len == t.len && (t.len == 0 || memcmp(e->ptr, t.ptr, (size_t)t.len) == 0))
			break;
		i = (i + 1) & v->mask;
	}
	return &v->slot[i];
}

bool enc_vocab_add(enc_vocab *v, uint32_t id, assay_bytes t)
{
	static const uint8_t none[1] = {0};
	if (id >= v->n || v->token[id].ptr != NULL || t.len > UINT32_MAX)
		return false;
	uint32_t *slot = slot_of(v, t);
	if (*slot != 0)
		return false;
	v->token[id] = (entry){t.len == 0 ? none : t.ptr, (uint32_t)t.len};
	*slot = id + 1;
	v->longest = t.len > v->longest ? (size_t)t.len : v->longest;
	return true;
}

bool enc_vocab_add_copy(enc_vocab *v, uint32_t id, assay_bytes t)
{
	if (t.len > v->pool_len - v->pool_used)
		return false;
	uint8_t *p = v->pool + v->pool_used;
	if (t.len != 0)
		memcpy(p, t.ptr, (size_t)t.len);
	v->pool_used += (size_t)t.len;
	return enc_vocab_add(v, id, (assay_bytes){p, t.len});
}

uint32_t enc_vocab_find(const enc_vocab *v, assay_bytes t)
{
	return *slot_of(v, t) == 0 ? ENC_NO_ID : *slot_of(v, t) - 1;
}

assay_bytes enc_vocab_token(const enc_vocab *v, uint32_t id)
{
	return id < v->n ? (assay_bytes){v->token[id].ptr, v->token[id].len} : (assay_bytes){NULL, 0};
}

size_t enc_vocab_size(const enc_vocab *v)
{
	return v->n;
}

size_t enc_vocab_longest(const enc_vocab *v)
{
	return v->longest;
}

/* The line at *at without its end of line; moves *at behind it. */
static assay_bytes next_line(assay_bytes file, size_t *at)
{
	const uint8_t *p = file.ptr + *at;
	size_t left = (size_t)file.len - *at;
	const uint8_t *end = memchr(p, '\n', left);
	size_t len = end == NULL ? left : (size_t)(end - p);
	*at += end == NULL ? len : len + 1;
	if (len > 0 && p[len - 1] == '\r')
		len--;
	return (assay_bytes){p, len};
}

static size_t count_lines(assay_bytes file)
{
	size_t n = 0;
	for (size_t at = 0; at < file.len; n++)
		(void)next_line(file, &at);
	return n;
}

enc_rc enc_vocab_lines(assay_bytes file, const char *what, enc_vocab **out, enc_err *err)
{
	size_t n = count_lines(file);
	if (n == 0 || n > ENC_VOCAB_MAX)
		return enc_fail(err, ENC_BAD_MODEL, "%s has %zu tokens; 1 to %u are possible", what, n,
						ENC_VOCAB_MAX);
	enc_vocab *v = enc_vocab_new(n, 0);
	if (v == NULL)
		return enc_fail(err, ENC_NOMEM, "out of memory reading %s", what);
	uint32_t id = 0;
	for (size_t at = 0; at < file.len; id++) {
		assay_bytes line = next_line(file, &at);
		if (!enc_vocab_add(v, id, line)) { /* seen before: the later id takes its place */
			uint32_t *slot = slot_of(v, line);
			v->token[id] = v->token[*slot - 1];
			*slot = id + 1;
		}
	}
	*out = v;
	return ENC_OK;
}
