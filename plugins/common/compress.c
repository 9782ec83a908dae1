/* Deflate without keeping the output: only its length matters. */
#include "common/compress.h"
#include <stdlib.h>
#include <zlib.h>

uint64_t plg_deflated(assay_bytes in)
{
	if (in.len > UINT32_MAX)
		return 0;
	uLong bound = compressBound((uLong)in.len);
	Bytef *out = malloc(bound);
	uLongf len = bound;
	if (out == NULL)
		return 0;
	int rc = compress2(out, &len, in.len == 0 ? (const Bytef *)"" : in.ptr, (uLong)in.len,
					   Z_DEFAULT_COMPRESSION);
	free(out);
	return rc == Z_OK ? len : 0;
}

double plg_compression_ratio(assay_bytes in)
{
	uint64_t deflated = plg_deflated(in);
	return deflated == 0 ? 0 : (double)in.len / (double)deflated;
}
