/* Timelock commitments and their payloads. Properties: what opens is as long as the envelope
 * says, and a payload that is read in the new form is written as the same bytes. */
#include <stdlib.h>
#include "seal/seal.h"

static uint8_t signature[ASY_BLS_SIG_LEN];

static void write_again(assay_span bytes, const asy_timelock_vector *v)
{
	static uint16_t uids[65536], values[65536];
	asy_buf out = {0};
	assay_err err;
	size_t n = v->uids.len / 2;
	if (!v->has_hotkey || v->uids.len != v->values.len || n > ASY_COUNT(uids))
		return;
	for (size_t i = 0; i < n; i++) {
		uids[i] = asy_get_u16le(v->uids.ptr + 2 * i);
		values[i] = asy_get_u16le(v->values.ptr + 2 * i);
	}
	const asy_seal_input in = {
		.hotkey = v->hotkey, .uids = uids, .values = values, .n = n, .version_key = v->version_key};
	/* Lengths in a longer form than needed are refused when read, so the bytes are unique. */
	if (asy_timelock_payload(&in, &out, &err) != ASSAY_OK || out.len > bytes.len ||
		memcmp(out.ptr, bytes.ptr, out.len) != 0)
		abort();
	asy_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const assay_span bytes = asy_span(data, size);
	asy_timelock_vector v;
	asy_buf plain = {0};
	uint8_t msg[32];
	assay_err err;
	if (signature[0] == 0) {
		asy_beacon_message(1, msg);
		if (asy_bls_sign(asy_test_beacon_secret, asy_span(msg, sizeof msg), signature, &err) !=
			ASSAY_OK)
			abort();
	}
	if (asy_timelock_open(bytes, signature, &plain, &err) == ASSAY_OK) {
		if (plain.len + ASY_TIMELOCK_OVERHEAD > size + 8)
			abort();
		if (asy_timelock_vector_read(asy_buf_span(&plain), &v, &err) == ASSAY_OK)
			write_again(asy_buf_span(&plain), &v);
	}
	if (asy_timelock_vector_read(bytes, &v, &err) == ASSAY_OK)
		write_again(bytes, &v);
	asy_buf_fini(&plain);
	return 0;
}
