#!/bin/sh
# Installs what is missing, builds, and runs every test: the dev preset first, then the
# same under AddressSanitizer and UBSan, what uses threads under ThreadSanitizer, the pure
# modules under MemorySanitizer, and every fuzz target for a moment. The benchmarks' build
# must compile too: its optimiser warns about more.
#   tests/run.sh [--fast]      --fast: dev preset only
# One line per phase; the log of a failing phase is printed.
set -eu
cd "$(dirname "$0")/.."
. configs/progress.sh

fast=0
case "${1:-}" in
"") ;;
--fast) fast=1 ;;
-h | --help)
	sed -n '2,8s/^# \{0,1\}//p' "$0"
	exit 0
	;;
*)
	echo "tests/run.sh: unknown option '$1' (try --help)" >&2
	exit 2
	;;
esac

start=$(date +%s)
sh configs/packages.sh --tests

logs=build/logs
mkdir -p "$logs"
# One run at a time in a tree: two would build into the same folders.
exec 9>"$logs/tests.lock"
flock -n 9 || {
	echo "waiting for another run in $(pwd)" >&2
	flock 9
}
jobs=$(nproc)
trap 'echo "tests/run.sh: interrupted" >&2; exit 130' INT

phase() { # phase NAME COMMAND...: one line, log kept, printed only on failure
	name=$1
	shift
	t0=$(date +%s)
	# On a terminal the line of progress holds the name meanwhile.
	[ -t 2 ] || printf '%-20s ' "$name"
	rc=0
	asy_progress "$name" "$logs/$name.log" "$@" </dev/null 9>&- || rc=$?
	[ ! -t 2 ] || printf '%-20s ' "$name"
	if [ "$rc" = 0 ]; then
		echo "ok ($(($(date +%s) - t0)) s)"
	else
		echo "FAILED ($(($(date +%s) - t0)) s)"
		grep -vE '^ +Start +[0-9]+:|Test +#[0-9]+: .* Passed |^\[[0-9]+/[0-9]+\] (Build|Link)ing ' "$logs/$name.log" | tail -n 200
		echo "tests/run.sh: $name failed; full log: $(pwd)/$logs/$name.log" >&2
		exit 1
	fi
}

# Where addresses are randomised over more bits than gcc 12 expects, a program under
# ThreadSanitizer does not even start; without randomisation it does.
calm=""
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ] && setarch -R true 2>/dev/null; then
	calm="setarch -R"
fi

summary=""
suite() { # suite PRESET
	preset=$1
	phase "configure-$preset" cmake --preset "$preset"
	phase "build-$preset" cmake --build --preset "$preset" -j "$jobs"
	# shellcheck disable=SC2086  # empty or two words
	phase "test-$preset" $calm ctest --preset "$preset" -j "$jobs"
	summary="$summary$(sed -n "s/^[0-9]*% tests passed.*/& ($preset)/p" "$logs/test-$preset.log")
"
}

suite dev
if [ "$fast" = 0 ]; then
	phase configure-bench cmake --preset bench
	phase build-bench cmake --build --preset bench -j "$jobs"
	suite asan
	suite tsan
	if command -v clang >/dev/null 2>&1; then
		suite msan
		phase configure-fuzz cmake --preset fuzz
		phase build-fuzz cmake --build --preset fuzz -j "$jobs"
		phase fuzz tests/fuzz/run.sh --seconds 3 --seed 1
	else
		echo "clang is not installed: MemorySanitizer and the fuzz targets are skipped"
	fi
fi
skipped=$(grep -hc '^skipped' build/dev/Testing/Temporary/LastTest.log || :)
[ "$skipped" = 0 ] || echo "$skipped checks skipped; why: grep ^skipped build/dev/Testing/Temporary/LastTest.log"
printf '%s' "$summary"
echo "all tests passed in $(($(date +%s) - start)) s"
