/* System: accounts and event records, byte for byte as clients decode them.
 * Reason to change: the layout of System.Account or of an event record. */
#include "localnet/runtime.h"

lnet_account asy_lnet_account_get(const lnet_state *s, const asy_account *who)
{
	lnet_key k = asy_lnet_key_account(LNET_S_ACCOUNT, who);
	lnet_account a = {0};
	assay_span v;
	if (!asy_lnet_state_get(s, asy_lnet_key_span(&k), &v) || v.len < 40)
		return a;
	a.nonce = asy_get_u32le(v.ptr);
	a.consumers = asy_get_u32le(v.ptr + 4);
	a.providers = asy_get_u32le(v.ptr + 8);
	a.sufficients = asy_get_u32le(v.ptr + 12);
	a.free = asy_get_u64le(v.ptr + 16);
	a.reserved = asy_get_u64le(v.ptr + 24);
	a.frozen = asy_get_u64le(v.ptr + 32);
	return a;
}

void asy_lnet_account_put(lnet_state *s, const asy_account *who, const lnet_account *a)
{
	lnet_key k = asy_lnet_key_account(LNET_S_ACCOUNT, who);
	uint8_t v[56] = {0};
	asy_put_u32le(v, a->nonce);
	asy_put_u32le(v + 4, a->consumers);
	asy_put_u32le(v + 8, a->providers);
	asy_put_u32le(v + 12, a->sufficients);
	asy_put_u64le(v + 16, a->free);
	asy_put_u64le(v + 24, a->reserved);
	asy_put_u64le(v + 32, a->frozen);
	v[55] = 0x80; /* flags: the bit that says the account uses the new logic */
	asy_lnet_state_put(s, asy_lnet_key_span(&k), asy_span(v, sizeof v));
}

void asy_lnet_event(lnet_rt *rt, lnet_event ev, assay_span fields)
{
	asy_scale_w w = asy_scale_out(&rt->events);
	if (rt->extrinsic >= 0) {
		asy_scale_put_u8(&w, 0); /* Phase::ApplyExtrinsic */
		asy_scale_put_u32(&w, (uint32_t)rt->extrinsic);
	} else {
		asy_scale_put_u8(&w, 2); /* Phase::Initialization */
	}
	asy_scale_put_u8(&w, asy_lnet_events[ev].pallet);
	asy_scale_put_u8(
		&w, asy_lnet_event_number(asy_lnet_state_generation(rt->state), &asy_lnet_events[ev]));
	asy_scale_put_raw(&w, fields.ptr, fields.len);
	asy_scale_put_compact(&w, 0); /* topics */
	if (asy_scale_out_end(&w, NULL) != ASSAY_OK)
		asy_lnet_state_poison(rt->state);
	rt->events_n++;
}

void asy_lnet_event_u16s(lnet_rt *rt, lnet_event ev, uint16_t a, uint16_t b)
{
	uint8_t f[4];
	asy_put_u16le(f, a);
	asy_put_u16le(f + 2, b);
	asy_lnet_event(rt, ev, asy_span(f, sizeof f));
}

void asy_lnet_event_who(lnet_rt *rt, lnet_event ev, const asy_account *who, uint16_t index,
						const asy_hash *hash)
{
	uint8_t f[66];
	memcpy(f, who->b, 32);
	asy_put_u16le(f + 32, index);
	memcpy(f + 34, hash->b, 32);
	asy_lnet_event(rt, ev, asy_span(f, sizeof f));
}

/* DispatchError::Module of our pallet: six bytes. */
static size_t put_error(const lnet_rt *rt, uint8_t f[6], int error)
{
	const uint8_t number = asy_lnet_error_number(asy_lnet_state_generation(rt->state), error);
	const uint8_t e[6] = {3, LNET_SUBTENSOR, number, 0, 0, 0};
	memcpy(f, e, sizeof e);
	return sizeof e;
}

void asy_lnet_event_item_failed(lnet_rt *rt, int error)
{
	uint8_t f[6];
	asy_lnet_event(rt, LNET_EV_BATCH_ITEM_FAILED, asy_span(f, put_error(rt, f, error)));
}

void asy_lnet_event_batch(lnet_rt *rt, bool failed, assay_span netuids, const asy_account *who)
{
	asy_buf f = {0};
	if (failed) {
		asy_lnet_event(rt, LNET_EV_BATCH_WITH_ERRORS, asy_span(NULL, 0));
		return;
	}
	if (asy_buf_add(&f, netuids.ptr, netuids.len, NULL) == ASSAY_OK &&
		asy_buf_add(&f, who->b, 32, NULL) == ASSAY_OK)
		asy_lnet_event(rt, LNET_EV_BATCH_COMPLETED, asy_buf_span(&f));
	else
		asy_lnet_state_poison(rt->state);
	asy_buf_fini(&f);
}

void asy_lnet_event_outcome(lnet_rt *rt, int error, bool mandatory, bool pays)
{
	uint8_t f[16];
	size_t n = error != LNET_OK ? put_error(rt, f, error) : 0;
	/* Weights are not metered here: both parts are zero. */
	f[n++] = 0;
	f[n++] = 0;
	f[n++] = mandatory ? 2 : 0;
	f[n++] = pays ? 0 : 1;
	asy_lnet_event(rt, error == LNET_OK ? LNET_EV_SUCCESS : LNET_EV_FAILED, asy_span(f, n));
}
