// Compiles when assay/yuma.h does, alone, as C++17.
#include "assay/yuma.h"
static_assert(ASSAY_YUMA_ONE == 4294967296, "I32F32");
