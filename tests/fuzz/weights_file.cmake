asy_fuzz(weights_file SOURCES ${PROJECT_SOURCE_DIR}/core/cli/weights_file.c MAY_USE weights codec crypto base)
