/* Bodies of answers and the blobs that hold them: how a piece is named, and how a body comes
 * back after a restart or for replay. */
#include "crypto/crypto.h"
#include "round/state.h"

void asy_piece_name(assay_span piece, asy_piece *out)
{
	asy_blake2b(piece.ptr, piece.len, out->b, sizeof out->b);
}

assay_status asy_round_load_body(asy_round *r, size_t slot, asy_store *store, assay_err *err)
{
	asy_answer *a = r->answer[slot];
	asy_buf bytes = {0};
	if (a == NULL || a->body.len == a->body_len)
		return ASSAY_OK;
	assay_status st = asy_buf_reserve(&bytes, a->body_len, err);
	for (size_t i = 0; st == ASSAY_OK && i < asy_pieces_of(a->body_len); i++)
		st = asy_store_blob_get(store, a->piece[i].b, &bytes, err);
	if (st == ASSAY_OK && bytes.len != a->body_len)
		st =
			ASSAY_FAIL(err, E_STORE, "%zu bytes where the record says %zu", bytes.len, a->body_len);
	if (st != ASSAY_OK) {
		asy_buf_fini(&bytes);
		return assay_err_at(err, st, "the answer of uid %u to question %u",
							r->target[a->target].uid, a->question);
	}
	a->bytes = bytes;
	a->body = asy_buf_span(&a->bytes);
	return ASSAY_OK;
}
