#!/bin/sh
# Headers compile alone: the public ones as C17 and C++17, a module's as C17.
#   headers.sh ROOT CC [CXX]
. "$(dirname -- "$0")/common.sh"
cc=${2:-cc}
cxx=${3:-}
alone() { # alone COMPILER HEADER FLAGS...
	compiler=$1
	header=$2
	shift 2
	"$compiler" "$@" -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only -I"$root/include" -I"$root/core" \
		"$header" 2>&1 | sed "s|$root/||g"
}
{
	for header in "$root"/include/assay/*.h; do
		alone "$cc" "$header" -std=c17 -Wpedantic -x c
		[ -z "$cxx" ] || alone "$cxx" "$header" -std=c++17 -Wpedantic -x c++
	done
	for dir in "$root"/core/*/; do
		name=$(basename "$dir")
		[ ! -f "$dir$name.h" ] || alone "$cc" "$dir$name.h" -std=c17 -D_GNU_SOURCE -x c
	done
} | report
