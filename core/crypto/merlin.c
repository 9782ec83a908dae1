/* STROBE-128 and merlin, following the STROBE 1.0.2 document and the merlin
 * transcript protocol. Only the operations that transcripts need exist here:
 * meta-AD, AD, PRF and KEY, one direction, no transport.
 * Reason to change: none that we know of; both are frozen. */
#include "crypto/impl.h"

#define RATE 166u /* the two last bytes of the rate are the padding's */

enum { F_I = 1, F_A = 2, F_C = 4, F_M = 16, F_K = 32 };

static void run_f(asy_merlin *t)
{
	t->state[t->pos] ^= t->pos_begin;
	t->state[t->pos + 1] ^= 0x04;
	t->state[RATE + 1] ^= 0x80;
	asy_keccak_f1600(t->state);
	t->pos = 0;
	t->pos_begin = 0;
}

static void step(asy_merlin *t)
{
	if (++t->pos == RATE)
		run_f(t);
}

static void absorb(asy_merlin *t, const void *data, size_t len)
{
	const uint8_t *p = data;
	for (size_t i = 0; i < len; i++) {
		t->state[t->pos] ^= p[i];
		step(t);
	}
}

static void overwrite(asy_merlin *t, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		t->state[t->pos] = p[i];
		step(t);
	}
}

static void squeeze(asy_merlin *t, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		p[i] = t->state[t->pos];
		t->state[t->pos] = 0;
		step(t);
	}
}

static void begin_op(asy_merlin *t, uint8_t flags, bool more)
{
	if (more) {
		ASSERT(flags == t->flags);
		return;
	}
	uint8_t head[2] = {t->pos_begin, flags};
	t->pos_begin = (uint8_t)(t->pos + 1);
	t->flags = flags;
	absorb(t, head, sizeof head);
	if ((flags & (F_C | F_K)) != 0 && t->pos != 0)
		run_f(t);
}

static void meta_ad(asy_merlin *t, const void *p, size_t len, bool more)
{
	begin_op(t, F_M | F_A, more);
	absorb(t, p, len);
}

static void ad(asy_merlin *t, const void *p, size_t len)
{
	begin_op(t, F_A, false);
	absorb(t, p, len);
}

static void prf(asy_merlin *t, void *out, size_t len)
{
	begin_op(t, F_I | F_A | F_C, false);
	squeeze(t, out, len);
}

static void key(asy_merlin *t, const uint8_t *p, size_t len)
{
	begin_op(t, F_A | F_C, false);
	overwrite(t, p, len);
}

static void meta_len(asy_merlin *t, size_t len, bool more)
{
	uint8_t le[4];
	ASSERT(len <= UINT32_MAX);
	asy_put_u32le(le, (uint32_t)len);
	meta_ad(t, le, sizeof le, more);
}

void asy_merlin_init(asy_merlin *t, const char *label)
{
	static const uint8_t head[6] = {1, RATE + 2, 1, 0, 1, 96};
	static const char strobe[] = "STROBEv1.0.2", merlin[] = "Merlin v1.0";

	*t = (asy_merlin){0};
	memcpy(t->state, head, sizeof head);
	memcpy(t->state + sizeof head, strobe, sizeof strobe - 1);
	asy_keccak_f1600(t->state);
	meta_ad(t, merlin, sizeof merlin - 1, false);
	asy_merlin_append(t, "dom-sep", label, strlen(label));
}

void asy_merlin_append(asy_merlin *t, const char *label, const void *msg, size_t len)
{
	meta_ad(t, label, strlen(label), false);
	meta_len(t, len, true);
	ad(t, msg, len);
}

void asy_merlin_challenge(asy_merlin *t, const char *label, void *out, size_t len)
{
	meta_ad(t, label, strlen(label), false);
	meta_len(t, len, true);
	prf(t, out, len);
}

void asy_merlin_witness(const asy_merlin *t, const char *label, const uint8_t nonce[32],
						const uint8_t random[32], void *out, size_t len)
{
	asy_merlin w = *t;
	meta_ad(&w, label, strlen(label), false);
	meta_len(&w, 32, true);
	key(&w, nonce, 32);
	meta_ad(&w, "rng", 3, false);
	key(&w, random, 32);
	meta_len(&w, len, false);
	prf(&w, out, len);
	asy_wipe(&w, sizeof w);
}
