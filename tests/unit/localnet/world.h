/* A small chain for tests: two subnets, keys at hand, extrinsics built by hand (not by
 * the chain client, so that the two check each other). */
#ifndef ASSAY_TESTS_LOCALNET_WORLD_H
#define ASSAY_TESTS_LOCALNET_WORLD_H
#include "support/test.h"
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "localnet/genesis.h"
#include "localnet/node.h"

#define WORLD_SCENARIO                                                                             \
	"{\"name\":\"test\",\"block_ms\":0,\"finality_lag\":2,\"subnets\":["                           \
	"{\"netuid\":1,\"task\":\"text\",\"tempo\":10,\"hyperparameters\":{\"commit_reveal\":true},"   \
	"\"validators\":[{\"key\":\"//V0\",\"alpha\":3000000000000},"                                  \
	"{\"key\":\"//V1\",\"alpha\":5000000000000},{\"key\":\"//V2\",\"alpha\":4000000000000}],"      \
	"\"miners\":[{\"key\":\"//M0\"},{\"key\":\"//M1\"},{\"key\":\"//M2\"},{\"key\":\"//M3\"}]},"   \
	"{\"netuid\":2,\"task\":\"stt\",\"tempo\":7,\"hyperparameters\":{\"commit_reveal\":false},"    \
	"\"validators\":[{\"key\":\"//V0\"},{\"key\":\"//V1\"}],"                                      \
	"\"miners\":[{\"key\":\"//M0\"},{\"key\":\"//M1\"}]}]}"

typedef struct {
	asy_scenario *sc;
	lnet_node *node;
	asy_seeded_rng rng;
} world;

static inline world world_new(const char *scenario)
{
	world w = {0};
	assay_err err;
	lnet_ledger *l = NULL;
	const uint8_t seed[32] = {7};
	ck_ok(asy_crypto_init(&err), err);
	ck_ok(asy_scenario_parse(asy_span_str(scenario), &w.sc, &err), err);
	ck_ok(asy_lnet_genesis(w.sc, NULL, NULL, &l, &err), err);
	ck_ok(asy_lnet_node_new(l, "test", 0, &w.node, &err), err);
	asy_seeded_rng_init(&w.rng, seed);
	return w;
}

static inline void world_free(world *w)
{
	asy_lnet_node_free(w->node);
	asy_scenario_free(w->sc);
}

static inline void world_blocks(world *w, unsigned n)
{
	assay_err err;
	for (unsigned i = 0; i < n; i++)
		ck_ok(asy_lnet_pool_produce(&w->node->pool, w->node->ledger, &err), err);
}

static inline asy_account world_account(const char *uri)
{
	asy_account a;
	assay_err err;
	ck_ok(asy_lnet_account_of(uri, &a, &err), err);
	return a;
}

/* A call: pallet and number of the row, then arguments the test appends. */
static inline void world_call(asy_buf *b, lnet_call c)
{
	uint8_t head[2] = {asy_lnet_calls[c].pallet, asy_lnet_calls[c].index};
	assay_err err;
	asy_buf_reset(b);
	ck_ok(asy_buf_add(b, head, 2, &err), err);
}

typedef struct {
	const char *uri;
	uint32_t nonce;
	uint64_t period, tip; /* period 0 = immortal; a power of two up to 4096 */
	uint64_t birth;       /* block the era is counted from */
	uint32_t spec;        /* 0 = the right one */
} world_signer;

/* A signed extrinsic around call bytes. */
static inline void world_sign(world *w, const world_signer *s, assay_span call, asy_buf *out)
{
	asy_buf extra = {0}, payload = {0}, body = {0};
	assay_err err;
	asy_key *key = NULL;
	uint8_t pub[32], sig[64], digest[32];
	const lnet_ledger *l = w->node->ledger;
	const asy_hash *birth = &l->genesis;
	asy_scale_w e = asy_scale_out(&extra);
	if (s->period == 0) {
		asy_scale_put_u8(&e, 0);
	} else {
		unsigned log = 0;
		while ((UINT64_C(1) << log) < s->period)
			log++;
		asy_scale_put_u16(&e, (uint16_t)((log - 1) | (s->birth % s->period) << 4));
		birth = &asy_lnet_block_at(l, s->birth)->hash;
	}
	asy_scale_put_compact(&e, s->nonce);
	asy_scale_put_compact(&e, s->tip);
	asy_scale_put_u8(&e, 0);
	ck_ok(asy_scale_out_end(&e, &err), err);

	asy_scale_w p = asy_scale_out(&payload);
	asy_scale_put_raw(&p, call.ptr, call.len);
	asy_scale_put_raw(&p, extra.ptr, extra.len);
	asy_scale_put_u32(&p, s->spec != 0 ? s->spec : LNET_SPEC_VERSION);
	asy_scale_put_u32(&p, LNET_TX_VERSION);
	asy_scale_put_raw(&p, l->genesis.b, 32);
	asy_scale_put_raw(&p, birth->b, 32);
	asy_scale_put_u8(&p, 0);
	ck_ok(asy_scale_out_end(&p, &err), err);
	assay_span msg = asy_buf_span(&payload);
	if (msg.len > 256) {
		asy_blake2b(msg.ptr, msg.len, digest, 32);
		msg = asy_span(digest, 32);
	}
	ck_ok(asy_key_from_uri(ASY_KEY_SR25519, s->uri, &key, &err), err);
	asy_key_public(key, pub);
	ck_ok(asy_key_sign(key, msg.ptr, msg.len, &w->rng.iface, sig, &err), err);
	asy_key_free(key);

	asy_scale_w b = asy_scale_out(&body);
	asy_scale_put_u8(&b, 0x84);
	asy_scale_put_u8(&b, 0);
	asy_scale_put_raw(&b, pub, 32);
	asy_scale_put_u8(&b, 1);
	asy_scale_put_raw(&b, sig, 64);
	asy_scale_put_raw(&b, extra.ptr, extra.len);
	asy_scale_put_raw(&b, call.ptr, call.len);
	ck_ok(asy_scale_out_end(&b, &err), err);
	asy_buf_reset(out);
	asy_scale_w o = asy_scale_out(out);
	asy_scale_put_bytes(&o, body.ptr, body.len);
	ck_ok(asy_scale_out_end(&o, &err), err);
	asy_buf_fini(&extra);
	asy_buf_fini(&payload);
	asy_buf_fini(&body);
}

/* Submits call bytes; returns the pool's verdict. */
static inline lnet_rpc_error world_submit(world *w, const world_signer *s, const asy_buf *call)
{
	asy_buf bytes = {0};
	asy_hash hash;
	lnet_rpc_error e;
	world_sign(w, s, asy_buf_span(call), &bytes);
	asy_lnet_pool_submit(&w->node->pool, w->node->ledger, asy_buf_span(&bytes), &hash, &e);
	asy_buf_fini(&bytes);
	return e;
}

/* Sends one JSON-RPC request through the node; the reply's document, to be freed. */
static inline asy_json *world_rpc(world *w, const char *request)
{
	asy_buf out = {0};
	lnet_wire wire;
	asy_json *doc = NULL;
	assay_err err;
	ck_ok(asy_lnet_rpc(w->node, asy_span_str(request), &out, &wire, &err), err);
	ck_ok(asy_json_parse(asy_buf_span(&out), NULL, &doc, &err), err);
	asy_buf_fini(&out);
	return doc;
}
#endif
