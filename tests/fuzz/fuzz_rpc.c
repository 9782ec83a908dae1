/* A node's reply: decoded, and its result read as each kind of value. */
#include <stdlib.h>
#include "chain/impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_rpc_reply r = {.doc = NULL};
	assay_err err = {.status = ASSAY_OK};
	if (asy_rpc_decode(asy_span(data, size), 1, 4096, &r, &err) != ASSAY_OK) {
		if (r.doc != NULL || err.msg[0] == '\0')
			abort();
		return 0;
	}
	asy_buf bytes = {0};
	asy_hash hash;
	asy_tx_outcome o;
	uint64_t n;
	bool some;
	(void)!asy_rpc_hex(r.result, &bytes, &some, &err);
	(void)!asy_rpc_hash(r.result, &hash, &err);
	(void)!asy_rpc_number(r.result, &n, &err);
	if (r.error.code != 0) {
		asy_verdict_refused(NULL, &r.error, &o);
		if (o.remedy[0] == '\0')
			abort(); /* a refusal without a remedy */
	}
	asy_buf_fini(&bytes);
	asy_rpc_reply_fini(&r);
	return 0;
}
