/* The forecast: a snapshot through assay_yuma_epoch, and the comparison with what the
 * chain wrote. Pure; the snapshot is borrowed. */
#include <stdlib.h>
#include "round/forecast.h"
#include "yuma/from_snapshot.h"
