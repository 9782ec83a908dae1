#!/bin/sh
# Installs what is missing, builds, and runs every test: the dev preset first,
# then the same under AddressSanitizer and UBSan, then the thread sanitizer over
# what uses threads.
#   tests/run.sh [--fast]      --fast: dev preset only
# Quiet on success apart from a line a phase; the log of a failing phase is printed.
set -eu
cd "$(dirname "$0")/.."

fast=0
case "${1:-}" in
"") ;;
--fast) fast=1 ;;
-h | --help)
	sed -n '2,6s/^# \{0,1\}//p' "$0"
	exit 0
	;;
*)
	echo "tests/run.sh: unknown option '$1' (try --help)" >&2
	exit 2
	;;
esac

sh configs/packages.sh --tests

logs=build/logs
mkdir -p "$logs"
start=$(date +%s)
phase() { # phase NAME COMMAND...: one line, log kept, printed only on failure
	name=$1
	shift
	t0=$(date +%s)
	printf '%-28s ' "$name"
	if "$@" >"$logs/$name.log" 2>&1; then
		echo "ok ($(($(date +%s) - t0)) s)"
	else
		echo "FAILED"
		tail -n 200 "$logs/$name.log"
		echo "full log: $logs/$name.log" >&2
		exit 1
	fi
}

jobs=$(nproc)
suite() { # suite PRESET [ctest arguments]
	preset=$1
	shift
	phase "configure-$preset" cmake --preset "$preset"
	phase "build-$preset" cmake --build --preset "$preset" -j "$jobs"
	phase "test-$preset" ctest --preset "$preset" -j "$jobs" "$@"
	sed -n 's/^\([0-9]*% tests passed.*\)/    \1/p' "$logs/test-$preset.log"
}

suite dev
if [ "$fast" = 0 ]; then
	suite asan
	suite tsan -L tsan
fi
echo "all tests passed in $(($(date +%s) - start)) s"
