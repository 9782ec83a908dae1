#!/bin/sh
# clang-format has nothing to change: format.sh ROOT CLANG_FORMAT
. "$(dirname -- "$0")/common.sh"
sources core plugins include tests benchmarks | xargs "$2" --dry-run -Werror --style=file 2>&1 |
	sed -n "s|^$root/\([^:]*:[0-9]*\):.*|\1: not as clang-format would write it|p" | report
