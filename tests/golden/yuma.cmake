asy_golden(yuma SOURCES golden_yuma_math.c golden_yuma_null.c golden_yuma_dense.c golden_yuma_guarantees.c
  MAY_USE base codec yuma)
