/* JSON-RPC of the development chain: any body gets a reply that is itself JSON, with an
 * id and either a result or an error, and the head never moves backwards. */
#include <stdlib.h>
#include "localnet/genesis.h"
#include "localnet/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const scenario =
	"{\"block_ms\":0,\"history_blocks\":256,\"subnets\":[{\"netuid\":1,\"task\":\"text\","
	"\"validators\":[{\"key\":\"//V\"}],\"miners\":[{\"key\":\"//M\"}]}]}";

static lnet_node *make(void)
{
	asy_scenario *sc = NULL;
	lnet_ledger *l = NULL;
	lnet_node *n = NULL;
	if (asy_crypto_init(NULL) != ASSAY_OK ||
		asy_scenario_parse(asy_span_str(scenario), &sc, NULL) != ASSAY_OK ||
		asy_lnet_genesis(sc, NULL, NULL, &l, NULL) != ASSAY_OK ||
		asy_lnet_node_new(l, "fuzz", 0, &n, NULL) != ASSAY_OK)
		abort();
	asy_scenario_free(sc);
	return n;
}

static void check_reply(asy_jv r)
{
	bool result = asy_jv_kind(asy_jv_get(r, "result")) != ASY_J_ABSENT;
	bool error = asy_jv_kind(asy_jv_get(r, "error")) == ASY_J_OBJECT;
	ASSERT(result != error);
	ASSERT(asy_jv_kind(asy_jv_get(r, "id")) != ASY_J_ABSENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static lnet_node *node;
	static unsigned used;
	asy_buf out = {0};
	asy_json *doc = NULL;
	lnet_wire wire;
	/* A thousand blocks an input would only be slow. */
	if (memmem(data, size, "produceB", 8) != NULL)
		return 0;
	if (used++ % 1024 == 0) {
		asy_lnet_node_free(node);
		node = make();
	}
	uint64_t head = node->ledger->head;
	if (asy_lnet_rpc(node, asy_span(data, size), &out, &wire, NULL) == ASSAY_OK) {
		const asy_json_limits limits = {.max_bytes = (size_t)1 << 26, .max_depth = 64};
		ASSERT(asy_json_parse(asy_buf_span(&out), &limits, &doc, NULL) == ASSAY_OK);
		asy_jv root = asy_json_root(doc);
		if (asy_jv_kind(root) == ASY_J_ARRAY)
			for (size_t i = 0; i < asy_jv_size(root); i++)
				check_reply(asy_jv_at(root, i));
		else
			check_reply(root);
	}
	ASSERT(node->ledger->head >= head);
	asy_json_free(doc);
	asy_buf_fini(&out);
	return 0;
}
