/* A node that lies, in every way of tests/support/lies.c: alone, before an honest endpoint
 * and behind one. The client never fails with anything but what may mend, holds little
 * memory, and with an honest endpoint in the list a vector reaches the chain. */
#include <stdlib.h>
#include <sys/resource.h>
#include "chain/chain.h"
#include "chain/impl.h"
#include "support/lies.h"
#include "unit/localnet/world.h"

#define BLOCKS_MAX 90u
#define MEMORY_MAX_KB (64L << 10)

typedef struct {
	asy_rpc_transport iface;
	world w;
	liar liar;
	asy_fake_clock clock;
	asy_key *key;
	asy_chain *chain;
	char self[65];
	uint64_t asked;
	bool honest_is_away;
} den;

static assay_status den_send(asy_rpc_transport *t, const char *url, assay_span body, asy_buf *out,
							 uint64_t deadline_ns, assay_err *err)
{
	den *d = (den *)t;
	lnet_wire wire = {.status = 200};
	asy_buf reply = {0};
	assay_status st = ASSAY_OK;
	bool lied = strcmp(url, "http://liar") == 0 && liar_lies(&d->liar, body);
	d->asked++;
	d->clock.mono += 2000000;
	if (d->honest_is_away && strcmp(url, "http://honest") == 0)
		return ASSAY_FAIL(err, E_NET, "connection refused");
	if (!lied || !liar_keeps_from_node(&d->liar))
		st = asy_lnet_rpc(d->w.node, body, &reply, &wire, err);
	if (st == ASSAY_OK && lied)
		liar_tell(&d->liar, body, &reply);
	if (st == ASSAY_OK && lied && d->liar.what->kind == LIE_SILENCE) {
		d->clock.mono = deadline_ns > d->clock.mono ? deadline_ns : d->clock.mono;
		st = ASSAY_FAIL(err, E_TIMEOUT, "no answer in time");
	}
	/* as the HTTP client does it */
	if (st == ASSAY_OK && out->max != 0 && reply.len > out->max)
		st = ASSAY_FAIL(err, E_NET, "more than %zu bytes", out->max);
	if (st == ASSAY_OK)
		st = asy_buf_add(out, reply.ptr, reply.len, err);
	asy_buf_fini(&reply);
	return st;
}

static void check_mends(const lie *what, const char *where, assay_status st, const assay_err *err,
						bool alone)
{
	bool fine = st == ASSAY_OK || asy_may_mend(st) || (alone && st == ASSAY_E_NOTFOUND);
	ck_assert_msg(fine, "%s, %s: %s: %s", what->name, where, assay_status_name(st), err->msg);
}

static bool open_den(den *d, const char *const *urls, size_t n)
{
	const asy_chain_config cfg = {.endpoints = urls,
								  .endpoints_n = n,
								  .transport = &d->iface,
								  .clock = &d->clock.iface,
								  .rng = &d->w.rng.iface,
								  .key = d->key};
	assay_err err = {0};
	for (unsigned i = 0; i < 5; i++) {
		assay_status st = asy_chain_open(&cfg, &d->chain, &err);
		if (st == ASSAY_OK)
			return true;
		check_mends(d->liar.what, "open", st, &err, n == 1);
		world_blocks(&d->w, 1);
		d->clock.mono += UINT64_C(1000000000);
	}
	return false;
}

static void look(den *d, bool alone, asy_account self)
{
	asy_block_ref head;
	asy_epoch_state epoch;
	assay_snapshot *s = NULL;
	uint16_t uid;
	assay_err err = {0};
	assay_status st = asy_chain_head(d->chain, &head, &err);
	check_mends(d->liar.what, "head", st, &err, alone);
	if (st != ASSAY_OK)
		return;
	st = asy_chain_epoch_state(d->chain, 2, &head, &epoch, &err);
	check_mends(d->liar.what, "epoch", st, &err, alone);
	st = asy_chain_snapshot(d->chain, 2, 0, &head, &s, &err);
	check_mends(d->liar.what, "snapshot", st, &err, alone);
	asy_snapshot_free(s);
	st = asy_chain_uid(d->chain, 2, &self, &head, &uid, &err);
	check_mends(d->liar.what, "uid", st, &err, alone);
	st = asy_chain_finalized(d->chain, &head, &err);
	check_mends(d->liar.what, "finalised", st, &err, alone);
}

/* Does what the round does, and returns whether the client said that the weights are set. */
static bool submit(den *d, bool alone, asy_account self)
{
	const uint16_t uids[] = {2, 3}, values[] = {65535, 7};
	asy_tx tx = {0};
	asy_tx_outcome o = {.next = ASY_NEXT_REBUILD};
	uint64_t wait = 0;
	for (unsigned b = 0; b < BLOCKS_MAX; b++) {
		assay_err err = {0};
		assay_status st = ASSAY_OK;
		world_blocks(&d->w, 1);
		d->clock.mono += UINT64_C(12000000000);
		look(d, alone, self);
		if (wait > 0 && --wait > 0)
			continue;
		if (o.next == ASY_NEXT_REBUILD || o.next == ASY_NEXT_WAIT) {
			asy_tx_fini(&tx);
			st = asy_chain_prepare_set_weights(d->chain, 2, 0, uids, values, 2, 0, &tx, &err);
			check_mends(d->liar.what, "prepare", st, &err, alone);
			if (st != ASSAY_OK)
				continue;
			o = (asy_tx_outcome){.next = ASY_NEXT_LATER};
		}
		if (o.next == ASY_NEXT_LATER) {
			st = asy_chain_send(d->chain, &tx, &o, &err);
			if (st != ASSAY_OK) /* unknown: it may be on its way */
				o = (asy_tx_outcome){.next = ASY_NEXT_POLL, .scanned_to = tx.birth};
		} else {
			asy_tx_outcome seen = o;
			uint64_t from = o.kind == ASY_TX_SUCCESS ? o.block.number : o.scanned_to + 1;
			st = asy_chain_outcome(d->chain, &tx, from, &seen, &err);
			if (st == ASSAY_OK)
				o = seen;
		}
		check_mends(d->liar.what, "outcome", st, &err, alone);
		wait = o.next == ASY_NEXT_WAIT ? o.wait_blocks : 0;
		if (o.next == ASY_NEXT_NONE || o.next == ASY_NEXT_GIVE_UP || o.next == ASY_NEXT_RESEAL)
			break;
	}
	asy_tx_fini(&tx);
	return o.kind == ASY_TX_SUCCESS && o.next == ASY_NEXT_NONE;
}

/* Whether the chain itself has our row. */
static bool chain_has_weights(den *d, asy_account self)
{
	lnet_state *s = d->w.node->ledger->rt.state;
	uint16_t uid = 0;
	assay_span row;
	ck_assert(asy_lnet_uid(s, 2, &self, &uid));
	lnet_key k = asy_lnet_key_u16x2(LNET_S_WEIGHTS, 2, uid);
	return asy_lnet_state_get(s, asy_lnet_key_span(&k), &row) && row.len > 1;
}

static bool live(const lie *what, const char *const *urls, size_t n)
{
	den d = {.iface = {.send = den_send}, .liar = {.what = what}};
	assay_err err;
	d.w = world_new(WORLD_SCENARIO);
	world_blocks(&d.w, 5);
	asy_fake_clock_init(&d.clock, UINT64_C(1750000000) * 1000000000u, 1000);
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, "//V1", &d.key, &err), err);
	asy_account self = world_account("//V1");
	asy_hex_encode(d.self, self.b, sizeof self.b);
	d.liar.self = d.self;
	bool said = open_den(&d, urls, n) && submit(&d, n == 1, self);
	bool is_set = chain_has_weights(&d, self);
	if (n > 1)
		ck_assert_msg(is_set && said, "%s: [%s, %s]: on the chain %d, we know %d", what->name,
					  urls[0], urls[1], is_set, said);
	asy_chain_close(d.chain);
	liar_fini(&d.liar);
	asy_key_free(d.key);
	world_free(&d.w);
	return said;
}

START_TEST(test_liar_then_only_what_may_mend_and_an_honest_one_suffices)
{
	static const char *const alone[] = {"http://liar"};
	static const char *const first[] = {"http://liar", "http://honest"};
	static const char *const second[] = {"http://honest", "http://liar"};
	const lie *what = &lies[_i];
	struct rusage use;
	bool by_itself = live(what, alone, 1);
	bool before = live(what, first, 2), behind = live(what, second, 2);
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &use), 0);
	(void)printf("%-32s alone %-4s  liar, honest %-4s  honest, liar %-4s  %5ld KiB\n", what->name,
				 by_itself ? "set" : "-", before ? "set" : "-", behind ? "set" : "-",
				 use.ru_maxrss);
#if !defined(ASSAY_ASAN) && !defined(__SANITIZE_THREAD__) /* they keep books of memory in memory */
	ck_assert_int_lt(use.ru_maxrss, MEMORY_MAX_KB);
#endif
}
END_TEST

/* The liar is alone for a moment, before anything is known of the chain's height and pace. */
START_TEST(test_head_when_only_the_liar_answered_once_then_forgotten)
{
	static const char *const urls[] = {"http://honest", "http://liar"};
	static const char *const names[] = {"head is one more", "head is far ahead"};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		den d = {.iface = {.send = den_send}};
		asy_block_ref head;
		assay_err err = {0};
		for (size_t k = 0; k < lies_n; k++)
			d.liar.what = strcmp(lies[k].name, names[i]) == 0 ? &lies[k] : d.liar.what;
		ck_assert_ptr_nonnull(d.liar.what);
		d.w = world_new(WORLD_SCENARIO);
		world_blocks(&d.w, 5);
		asy_fake_clock_init(&d.clock, UINT64_C(1750000000) * 1000000000u, 1000);
		ck_assert(open_den(&d, urls, 2));
		d.honest_is_away = true;
		check_mends(d.liar.what, "head", asy_chain_head(d.chain, &head, &err), &err, true);
		ck_assert_uint_gt(d.liar.told, 0);
		d.honest_is_away = false;
		for (unsigned k = 0; k < 3; k++) {
			world_blocks(&d.w, 1);
			d.clock.mono += UINT64_C(12000000000);
			ck_ok(asy_chain_head(d.chain, &head, &err), err);
			ck_assert_uint_eq(head.number, d.w.node->ledger->head);
		}
		asy_chain_endpoint seen[ASY_ENDPOINTS_MAX];
		size_t n = 0;
		ck_ok(asy_chain_survey(d.chain, seen, &n, &err), err);
		ck_assert_uint_eq(n, 2);
		ck_assert(seen[0].answers && seen[0].is_in_use && !seen[1].is_in_use);
		ck_assert_uint_eq(seen[0].height, head.number);
		ck_assert_uint_ge(seen[0].latency_us, 2000);
		ck_assert(!seen[1].answers && seen[1].why[0] != '\0');
		d.honest_is_away = true;
		ck_ok(asy_chain_survey(d.chain, seen, &n, &err), err);
		ck_assert(!seen[0].answers && strstr(seen[0].why, "refused") != NULL);
		asy_chain_close(d.chain);
		liar_fini(&d.liar);
		world_free(&d.w);
	}
}
END_TEST

/* Blocks of its own invention are known to nobody: it is left, whether or not it was the first. */
START_TEST(test_head_when_nobody_knows_its_block_then_another_endpoint_tells_the_next)
{
	static const char *const urls[] = {"http://honest", "http://liar"};
	den d = {.iface = {.send = den_send}};
	asy_block_ref head;
	asy_epoch_state epoch;
	assay_err err = {0};
	for (size_t k = 0; k < lies_n; k++)
		d.liar.what = strcmp(lies[k].name, "flipped head") == 0 ? &lies[k] : d.liar.what;
	d.w = world_new(WORLD_SCENARIO);
	world_blocks(&d.w, 5);
	asy_fake_clock_init(&d.clock, UINT64_C(1750000000) * 1000000000u, 1000);
	ck_assert(open_den(&d, urls, 2));
	ck_ok(asy_chain_head(d.chain, &head, &err), err);
	for (unsigned k = 0; k < 4; k++) {
		world_blocks(&d.w, 1);
		d.clock.mono += UINT64_C(12000000000);
		d.honest_is_away = true;
		assay_status st = asy_chain_head(d.chain, &head, &err); /* the liar's */
		d.honest_is_away = false;
		ck_assert(st == ASSAY_OK || asy_may_mend(st));
		if (st == ASSAY_OK)
			ck_assert_int_eq(asy_chain_epoch_state(d.chain, 2, &head, &epoch, &err), ASSAY_E_GONE);
		ck_ok(asy_chain_head(d.chain, &head, &err), err);
		ck_ok(asy_chain_epoch_state(d.chain, 2, &head, &epoch, &err), err);
	}
	ck_assert_uint_gt(d.liar.told, 0);
	asy_chain_close(d.chain);
	liar_fini(&d.liar);
	world_free(&d.w);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_head_when_nobody_knows_its_block_then_another_endpoint_tells_the_next);
	tcase_add_test(tc, test_head_when_only_the_liar_answered_once_then_forgotten);
	tcase_add_loop_test(tc, test_liar_then_only_what_may_mend_and_an_honest_one_suffices, 0,
						(int)lies_n);
}

int main(void)
{
	return test_main("chain-lies", cases, 60);
}
