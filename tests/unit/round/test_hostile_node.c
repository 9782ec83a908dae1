/* The whole story with a node that lies: alone, before an honest endpoint and behind one. The
 * driver never ends by itself, and with an honest endpoint every vector that is due counts.
 * HOSTILE_FORM=full runs every lie of tests/support/lies.c in all three, HOSTILE_FORM=full:2
 * the second quarter of that, HOSTILE_LIE=NAME one; else every fourth stands before the honest endpoint. */
#include <stdlib.h>
#include "support/lies.h"
#include "unit/validator/story.h"

#define STOP_AT 62u /* five epochs */

typedef struct {
	asy_rpc_transport iface;
	story *s;
	liar liar;
	char self[65];
	asy_fake_clock clock;
	uint64_t head;
} den;

static assay_status den_send(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							 uint64_t deadline_ns, assay_err *err)
{
	den *d = (den *)t;
	asy_buf reply = {0};
	bool lied = strcmp(url, "http://liar") == 0 && liar_lies(&d->liar, body);
	uint64_t head = d->s->w.node->ledger->head;
	d->clock.mono += 1000000 + (head > d->head ? UINT64_C(12000000000) : 0);
	d->head = head;
	assay_status st = ASSAY_OK;
	/* time goes on also when only the liar hears */
	if (!lied || !liar_keeps_from_node(&d->liar))
		st = story_send(&d->s->iface, url, body, &reply, deadline_ns, err);
	else if (d->s->w.node->ledger->head >= d->s->stop_at)
		st = ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (st == ASSAY_OK && lied)
		liar_tell(&d->liar, body, &reply);
	if (st == ASSAY_OK && lied && d->liar.what->kind == LIE_SILENCE) {
		if (strstr((const char *)body.ptr, "chain_getHeader") != NULL)
			world_blocks(&d->s->w, 1);
		st = ASSAY_FAIL(err, E_TIMEOUT, "no answer in time");
	}
	if (st == ASSAY_OK && out->max != 0 && reply.len > out->max)
		st = ASSAY_FAIL(err, E_NET, "more than %zu bytes", out->max);
	if (st == ASSAY_OK)
		st = asy_buf_add(out, reply.ptr, reply.len, err);
	asy_buf_fini(&reply);
	return st;
}

static void connect_to(den *d, const char *const *urls, size_t n)
{
	const asy_chain_config cc = {.endpoints = urls,
								 .endpoints_n = n,
								 .transport = &d->iface,
								 .clock = &d->clock.iface,
								 .rng = &d->s->rng.iface,
								 .log = &d->s->log,
								 .key = d->s->key};
	asy_chain_close(d->s->chain);
	d->s->chain = NULL;
	for (unsigned i = 0; i < 4 && d->s->chain == NULL; i++) {
		assay_err err = {0};
		assay_status st = asy_chain_open(&cc, &d->s->chain, &err);
		ck_assert_msg(st == ASSAY_OK || asy_may_mend(st) || st == ASSAY_E_CANCELLED, "%s: %s: %s",
					  d->liar.what->name, assay_status_name(st), err.msg);
		d->clock.mono += UINT64_C(2000000000);
	}
}

/* Returns how many vectors counted. */
static size_t live(const lie *what, const char *const *urls, size_t n)
{
	den d = {.iface = {.send = den_send}, .liar = {.what = what}};
	assay_err err = {0};
	d.s = story_new(STORY_TEMPO, 1, "", "");
	d.s->stop_at = n > 1 ? STOP_AT : 20; /* alone there is nothing but waiting */
	asy_fake_clock_init(&d.clock, UINT64_C(1750000000) * 1000000000u, 1000);
	asy_account self = world_account("//V0");
	asy_hex_encode(d.self, self.b, sizeof self.b);
	d.liar.self = d.self;
	connect_to(&d, urls, n);
	if (d.s->chain == NULL) { /* alone, it never let us in: the daemon waits */
		ck_assert_uint_eq(n, 1);
		liar_fini(&d.liar);
		story_free(d.s);
		return 0;
	}
	assay_status st = story_run(d.s, 0, &err);
	ck_assert_msg(st == ASSAY_E_CANCELLED, "%s, %zu endpoints: %s: %s\n%s", what->name, n,
				  assay_status_name(st), err.msg, story_tail(d.s));
	story_subs x = story_submissions(d.s);
	size_t counted = 0, missed = 0;
	for (size_t i = 0; i < x.n; i++) {
		counted += x.state[i] == ASY_SUB_COUNTED;
		missed += x.state[i] == ASY_SUB_MISSED;
	}
	if (n > 1)
		ck_assert_msg(counted >= 2 && missed == 0,
					  "%s [%s, %s]: %zu vectors, %zu counted, %zu "
					  "missed\n%s",
					  what->name, urls[0], urls[1], x.n, counted, missed, story_tail(d.s));
	liar_fini(&d.liar);
	story_free(d.s);
	return counted;
}

START_TEST(test_node_lies_then_the_driver_goes_on_and_vectors_count)
{
	static const char *const alone[] = {"http://liar"};
	static const char *const first[] = {"http://liar", "http://honest"};
	static const char *const second[] = {"http://honest", "http://liar"};
	const lie *what = &lies[_i];
	const char *form = getenv("HOSTILE_FORM");
	bool full = form != NULL && strncmp(form, "full", 4) == 0;
	int quarter = full && form[4] == ':' ? atoi(form + 5) : -1;
	const char *one = getenv("HOSTILE_LIE");
	if (one != NULL ? strcmp(one, what->name) != 0
					: (!full && _i % 4 != 0) || (quarter >= 0 && _i % 4 != quarter))
		return;
	size_t before = live(what, first, 2);
	if (!full)
		return;
	size_t behind = live(what, second, 2), by_itself = live(what, alone, 1);
	(void)printf("%-32s counted: alone %zu  liar, honest %zu  honest, liar %zu\n", what->name,
				 by_itself, before, behind);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_loop_test(tc, test_node_lies_then_the_driver_goes_on_and_vectors_count, 0,
						(int)lies_n);
	tcase_set_timeout(tc, 240); /* a lie in three arrangements on a busy machine */
}

int main(void)
{
	return test_main("hostile-node", cases, 240);
}
