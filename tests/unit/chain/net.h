/* A chain client wired to a development chain in the same process, with a transport that
 * can be told to fail. */
#ifndef ASSAY_TESTS_CHAIN_NET_H
#define ASSAY_TESTS_CHAIN_NET_H
#include "chain/chain.h"
#include "chain/impl.h"
#include "unit/localnet/world.h"

typedef enum {
	NET_OK,
	NET_DEAD,      /* nothing answers before the deadline */
	NET_CANCELLED, /* the process is being stopped */
	NET_CUT,       /* half of the body */
	NET_WRONG_ID,
	NET_HTML,     /* something else than JSON */
	NET_NONSENSE, /* a reply to the request that means nothing */
	NET_ERROR     /* a JSON-RPC error */
} net_fault;

typedef struct {
	asy_rpc_transport iface;
	world w;
	/* applied to calls of `method` (NULL = all) at endpoint `url` (NULL = any) */
	net_fault fault;
	const char *method, *url, *error;
	unsigned skip;                             /* leave so many matching calls alone first */
	bool lose_answer;                          /* the node acts, the answer is lost */
	uint64_t calls, takes_ns, latest_deadline; /* each request takes that long */
	asy_chain *chain;
	asy_key *key;
	asy_fake_clock clock;
} net;

static inline assay_status net_send(asy_rpc_transport *t, const char *url, assay_span body,
									asy_buf *out, uint64_t deadline_ns, assay_err *err)
{
	net *n = (net *)t;
	lnet_wire wire = {.status = 200};
	asy_buf reply = {0};
	char wanted[96] = "";
	n->calls++;
	n->latest_deadline = deadline_ns > n->latest_deadline ? deadline_ns : n->latest_deadline;
	n->clock.mono += n->takes_ns;
	if (n->method != NULL)
		(void)snprintf(wanted, sizeof wanted, "\"method\":\"%s\"", n->method);
	bool hit = n->fault != NET_OK && (n->url == NULL || strcmp(n->url, url) == 0) &&
			   (wanted[0] == '\0' || memmem(body.ptr, body.len, wanted, strlen(wanted)) != NULL);
	if (hit && n->skip > 0) {
		n->skip--;
		hit = false;
	}
	net_fault f = hit ? n->fault : NET_OK;
	if (f == NET_CANCELLED)
		return ASSAY_FAIL(err, E_CANCELLED, "interrupted");
	if (f == NET_DEAD && !n->lose_answer)
		return ASSAY_FAIL(err, E_TIMEOUT, "no answer in time");
	if (f == NET_HTML)
		return asy_buf_add_str(out, "<html>bad gateway</html>", err);
	if (f == NET_NONSENSE)
		return asy_buf_printf(out, err, "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64 ",\"result\":[7]}",
							  n->chain != NULL ? n->chain->next_id : 1);
	if (f == NET_ERROR)
		return asy_buf_printf(out, err, "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64 ",\"error\":%s}",
							  n->chain != NULL ? n->chain->next_id : 1, n->error);
	assay_status st = asy_lnet_rpc(n->w.node, body, &reply, &wire, err);
	if (f == NET_DEAD && st == ASSAY_OK)
		st = ASSAY_FAIL(err, E_TIMEOUT, "no answer in time");
	if (st == ASSAY_OK && f == NET_WRONG_ID) {
		char *id = strstr(asy_buf_cstr(&reply), "\"id\":");
		if (id != NULL)
			id[5] = id[5] == '9' ? '8' : '9';
	}
	size_t len = f == NET_CUT ? reply.len / 2 : reply.len;
	if (st == ASSAY_OK)
		st = asy_buf_add(out, reply.ptr, len, err);
	asy_buf_fini(&reply);
	return st;
}

/* signer: a development key of the scenario, NULL = read only. Endpoints a and b are the
 * same chain. */
static inline net *net_new(const char *scenario, const char *signer)
{
	static const char *const endpoints[] = {"http://a", "http://b"};
	net *n = asy_calloc(1, sizeof *n);
	assay_err err;
	ck_assert_ptr_nonnull(n);
	n->iface.send = net_send;
	n->w = world_new(scenario);
	asy_fake_clock_init(&n->clock, UINT64_C(1750000000) * 1000000000u, 1000);
	if (signer != NULL)
		ck_ok(asy_key_from_uri(ASY_KEY_SR25519, signer, &n->key, &err), err);
	const asy_chain_config cfg = {.endpoints = endpoints,
								  .endpoints_n = 2,
								  .transport = &n->iface,
								  .clock = &n->clock.iface,
								  .rng = &n->w.rng.iface,
								  .key = n->key};
	ck_ok(asy_chain_open(&cfg, &n->chain, &err), err);
	return n;
}

static inline void net_free(net *n)
{
	asy_chain_close(n->chain);
	asy_key_free(n->key);
	world_free(&n->w);
	free(n);
}

static inline asy_block_ref net_head(net *n)
{
	asy_block_ref head;
	assay_err err;
	ck_ok(asy_chain_head(n->chain, &head, &err), err);
	return head;
}
/* Sends it, makes blocks, and looks for it in them. */
static inline asy_tx_outcome send_and_include(net *n, const asy_tx *tx, unsigned blocks)
{
	asy_tx_outcome o;
	assay_err err;
	ck_ok(asy_chain_send(n->chain, tx, &o, &err), err);
	ck_assert_msg(o.kind == ASY_TX_PENDING, "%s: %s", o.error, o.remedy);
	world_blocks(&n->w, blocks);
	ck_ok(asy_chain_outcome(n->chain, tx, tx->birth + 1, &o, &err), err);
	return o;
}
#endif
