/* round/modes.h - may a vector of ours be sent in the subnet's consensus mode? */
#ifndef ASY_ROUND_MODES_H
#define ASY_ROUND_MODES_H
#include "subnet/subnet.h"

/* ASSAY_E_CHAIN with a sentence: the mode is not known, or another neuron decides; it is
 * named. uid < 0 = we are not in the subnet. [pure] */
assay_status asy_mode_allows(const assay_snapshot *s, long uid, assay_err *err) ASSAY_CHECKED;
#endif
