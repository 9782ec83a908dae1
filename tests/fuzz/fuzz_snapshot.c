/* Packed snapshots. Property: what unpacks packs to the same bytes; of an older version, to
 * bytes that do. */
#include <stdlib.h>
#include "subnet/subnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	assay_snapshot *s = NULL;
	asy_buf again = {0}, twice = {0};
	assay_err err;
	if (asy_snapshot_unpack(asy_span(data, size), &s, &err) == ASSAY_OK &&
		asy_snapshot_pack(s, &again, &err) != ASSAY_OK)
		abort();
	if (s != NULL && data[4] > 1 && !asy_span_eq(asy_buf_span(&again), asy_span(data, size)))
		abort();
	asy_snapshot_free(s);
	s = NULL;
	if (again.len > 0 && (asy_snapshot_unpack(asy_buf_span(&again), &s, &err) != ASSAY_OK ||
						  asy_snapshot_pack(s, &twice, &err) != ASSAY_OK ||
						  !asy_span_eq(asy_buf_span(&again), asy_buf_span(&twice))))
		abort();
	asy_snapshot_free(s);
	asy_buf_fini(&twice);
	asy_buf_fini(&again);
	return 0;
}
