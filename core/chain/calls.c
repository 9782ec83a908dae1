/* The calls a validator makes, looked up by name in metadata and refused unless the
 * runtime takes exactly the arguments that are written here.
 * Reason to change: the chain changes one of these calls, or another is needed. */
#include "codec/codec.h"
#include "chain/extrinsic.h"
#include "seal/seal.h"

#define PALLET "SubtensorModule"

assay_status asy_call_begin(const asy_metadata *m, const char *pallet, const char *call,
							const char *const *shapes, size_t shapes_n, asy_buf *out,
							assay_err *err)
{
	uint8_t pallet_index = 0;
	const asy_type_variant *v = asy_metadata_call(m, pallet, call, &pallet_index);
	if (v == NULL)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "this runtime has no call %s.%s", pallet, call);
	if (v->fields_n != shapes_n)
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "%s.%s takes %" PRIu32 " arguments in this runtime, this program knows "
						  "%zu: it is not called until there is a version of Assay for it",
						  pallet, call, v->fields_n, shapes_n);
	for (size_t i = 0; i < shapes_n; i++) {
		const asy_type_field *f = &v->fields[i];
		assay_status st = asy_metadata_expect(m, f->type, shapes[i],
											  f->name != NULL ? f->name : "an argument", err);
		if (st != ASSAY_OK)
			return assay_err_at(err, st, "%s.%s", pallet, call);
	}
	const uint8_t numbers[2] = {pallet_index, v->index};
	return asy_buf_add(out, numbers, sizeof numbers, err);
}

/* Calls on a mechanism take its number after the netuid. */
static assay_status begin(const asy_metadata *m, const char *plain, const char *twin,
						  uint16_t netuid, uint8_t mecid, const char *const *rest, size_t rest_n,
						  asy_buf *out, asy_scale_w *w, assay_err *err)
{
	const char *shapes[8] = {"u16", "u8"};
	size_t n = mecid == 0 ? 1 : 2;
	ASSERT(n + rest_n <= ASY_COUNT(shapes));
	for (size_t i = 0; i < rest_n; i++)
		shapes[n + i] = rest[i];
	assay_status st =
		asy_call_begin(m, PALLET, mecid == 0 ? plain : twin, shapes, n + rest_n, out, err);
	if (st != ASSAY_OK)
		return st;
	*w = asy_scale_out(out);
	asy_scale_put_u16(w, netuid);
	if (mecid != 0)
		asy_scale_put_u8(w, mecid);
	return ASSAY_OK;
}

assay_status asy_call_set_weights(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
								  const uint16_t *uids, const uint16_t *values, size_t n,
								  uint64_t version_key, asy_buf *out, assay_err *err)
{
	static const char *const rest[] = {"Vec<u16>", "Vec<u16>", "u64"};
	asy_scale_w w;
	assay_status st = begin(m, "set_weights", "set_mechanism_weights", netuid, mecid, rest,
							ASY_COUNT(rest), out, &w, err);
	if (st != ASSAY_OK)
		return st;
	asy_scale_put_u16s(&w, uids, n);
	asy_scale_put_u16s(&w, values, n);
	asy_scale_put_u64(&w, version_key);
	return asy_scale_out_end(&w, err);
}

assay_status asy_call_commit(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
							 const asy_hash *hash, asy_buf *out, assay_err *err)
{
	static const char *const rest[] = {"[u8;32]"};
	asy_scale_w w;
	assay_status st = begin(m, "commit_weights", "commit_mechanism_weights", netuid, mecid, rest,
							ASY_COUNT(rest), out, &w, err);
	if (st != ASSAY_OK)
		return st;
	asy_scale_put_raw(&w, hash->b, sizeof hash->b);
	return asy_scale_out_end(&w, err);
}

static const char *const timelock_rest[] = {"Vec<u8>", "u64", "u16"};

assay_status asy_call_commit_timelocked(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
										assay_span sealed, uint64_t reveal_round, asy_buf *out,
										assay_err *err)
{
	asy_scale_w w;
	TRY(begin(m, "commit_timelocked_weights", "commit_timelocked_mechanism_weights", netuid, mecid,
			  timelock_rest, ASY_COUNT(timelock_rest), out, &w, err));
	asy_scale_put_bytes(&w, sealed.ptr, sealed.len);
	asy_scale_put_u64(&w, reveal_round);
	asy_scale_put_u16(&w, ASY_TIMELOCK_VERSION);
	return asy_scale_out_end(&w, err);
}

assay_status asy_call_reveal(const asy_metadata *m, uint16_t netuid, uint8_t mecid,
							 const asy_reveal_args *args, asy_buf *out, assay_err *err)
{
	static const char *const rest[] = {"Vec<u16>", "Vec<u16>", "Vec<u16>", "u64"};
	asy_scale_w w;
	assay_status st = begin(m, "reveal_weights", "reveal_mechanism_weights", netuid, mecid, rest,
							ASY_COUNT(rest), out, &w, err);
	if (st != ASSAY_OK)
		return st;
	asy_scale_put_u16s(&w, args->uids, args->n);
	asy_scale_put_u16s(&w, args->values, args->n);
	asy_scale_put_u16s(&w, args->salt, args->salt_n);
	asy_scale_put_u64(&w, args->version_key);
	return asy_scale_out_end(&w, err);
}
