/* Extrinsics of the development chain: whatever the pool is handed, it answers; and a
 * call that decodes can be dispatched by a registered validator, where a failure
 * leaves no trace in state or events. The input is both: bytes as submitted, and the
 * call inside an envelope. */
#include <stdlib.h>
#include "localnet/genesis.h"
#include "localnet/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const scenario =
	"{\"block_ms\":0,\"subnets\":[{\"netuid\":1,\"task\":\"text\",\"validators\":[{\"key\":\"//"
	"V\"}],"
	"\"miners\":[{\"key\":\"//M\"},{\"key\":\"//N\"}]},{\"netuid\":2,\"task\":\"text\","
	"\"hyperparameters\":{\"commit_reveal\":false},\"validators\":[{\"key\":\"//V\"}],\"miners\":[{"
	"\"key\":\"//M\"}]}]}";

static lnet_ledger *ledger(void)
{
	static lnet_ledger *l;
	asy_scenario *sc = NULL;
	if (l != NULL)
		return l;
	if (asy_crypto_init(NULL) != ASSAY_OK ||
		asy_scenario_parse(asy_span_str(scenario), &sc, NULL) != ASSAY_OK ||
		asy_lnet_genesis(sc, NULL, NULL, &l, NULL) != ASSAY_OK)
		abort();
	asy_scenario_free(sc);
	for (int i = 0; i < 3; i++)
		if (asy_lnet_ledger_begin(l, NULL) != ASSAY_OK || asy_lnet_ledger_end(l, NULL) != ASSAY_OK)
			abort();
	return l;
}

static void submit(const uint8_t *data, size_t size)
{
	lnet_pool pool = {0};
	asy_hash hash;
	lnet_rpc_error why;
	asy_lnet_pool_submit(&pool, ledger(), asy_span(data, size), &hash, &why);
	ASSERT((why.code == 0) == (pool.n == 1));
	asy_lnet_pool_fini(&pool);
}

static void dispatch(const uint8_t *call, size_t size)
{
	lnet_rt *rt = &ledger()->rt;
	asy_buf body = {0}, bytes = {0};
	lnet_extrinsic x;
	asy_scale_w b = asy_scale_out(&body), o = asy_scale_out(&bytes);
	asy_scale_put_u8(&b, 0x04);
	asy_scale_put_raw(&b, call, size);
	asy_scale_put_bytes(&o, body.ptr, body.len);
	if (asy_scale_out_end(&o, NULL) == ASSAY_OK &&
		asy_lnet_extrinsic_decode(asy_buf_span(&bytes), &x, NULL) == ASSAY_OK) {
		size_t mark = asy_lnet_state_mark(rt->state), keys = asy_lnet_state_keys_n(rt->state);
		uint8_t custom;
		x.is_signed = true;
		if (asy_lnet_account_of("//V", &x.signer, NULL) != ASSAY_OK)
			abort();
		asy_buf_reset(&rt->events);
		rt->events_n = 0;
		rt->block = ledger()->head + 1;
		rt->extrinsic = 1;
		(void)asy_lnet_check_call(rt, &x, &custom);
		int e = asy_lnet_dispatch(rt, &x);
		ASSERT(e >= LNET_OK && e < LNET_E_N);
		if (e != LNET_OK)
			ASSERT(asy_lnet_state_mark(rt->state) == mark && rt->events_n == 0);
		asy_lnet_state_rollback(rt->state, mark);
		ASSERT(asy_lnet_state_keys_n(rt->state) == keys);
	}
	asy_buf_fini(&body);
	asy_buf_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	submit(data, size);
	dispatch(data, size);
	return 0;
}
