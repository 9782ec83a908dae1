/* compress: bytes over deflated bytes, the usual sign of a text that loops. */
#ifndef PLG_COMPRESS_H
#define PLG_COMPRESS_H
#include "assay/plugin.h"

/* Deflated size at zlib's default level; 0 when out of memory. */
uint64_t plg_deflated(assay_bytes in);
/* in.len / deflated; 0 for empty input or out of memory. */
double plg_compression_ratio(assay_bytes in);

#endif
