asy_fuzz(yuma SOURCES ${PROJECT_SOURCE_DIR}/tests/diff/yuma/cases.c MAY_USE base codec yuma)
