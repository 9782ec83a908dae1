/* What the files of seal share; private to seal. */
#ifndef ASY_SEAL_IMPL_H
#define ASY_SEAL_IMPL_H
#include "seal/seal.h"

/* Netuid and mechanism fit into a storage index. (hash.c) */
assay_status asy_seal_check_place(const asy_seal_input *in, assay_err *err) ASSAY_CHECKED;
/* Fills what the timelock scheme adds to a frozen opening. (timelock.c) */
assay_status asy_timelock_seal(const asy_seal_input *in, asy_rng *rng, asy_opening *o,
							   assay_err *err) ASSAY_CHECKED;
#endif
