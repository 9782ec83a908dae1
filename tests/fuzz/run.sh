#!/bin/sh
# Runs the fuzz targets of a build with the fuzz preset, each for a short time, from its
# corpus. New inputs go to a folder that is removed; a finding is kept and named.
#   tests/fuzz/run.sh [--seconds N] [--seed N] [TARGET...]     default: 5 s for each target
# With --seed the same build tries the same inputs in the same order.
set -eu
cd "$(dirname "$0")/../.."
seconds=5 seed=0
while [ $# -gt 0 ]; do
	case "$1" in
	--seconds)
		seconds=${2:?"tests/fuzz/run.sh: --seconds takes a number"}
		shift 2
		;;
	--seed)
		seed=${2:?"tests/fuzz/run.sh: --seed takes a number"}
		shift 2
		;;
	-h | --help)
		sed -n '2,5s/^# \{0,1\}//p' "$0"
		exit 0
		;;
	-*)
		echo "tests/fuzz/run.sh: unknown option '$1' (try --help)" >&2
		exit 2
		;;
	*) break ;;
	esac
done
if [ $# = 0 ]; then
	cd tests/fuzz/corpus
	set -- *
	cd ../../..
fi

findings=build/fuzz/findings
mkdir -p "$findings"
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT

failed=0
for t in "$@"; do
	program=build/fuzz/bin/fuzz_$t
	[ -x "$program" ] || {
		echo "tests/fuzz/run.sh: $program is not built: cmake --preset fuzz && cmake --build --preset fuzz" >&2
		exit 1
	}
	mkdir "$new/$t"
	# rewards: many short inputs find more than few long ones, and long ones have tests
	case "$t" in
	image_body) short="-entropic=0 -max_len=1024 -detect_leaks=0" ;;
	*_body) short="-entropic=0 -max_len=256 -detect_leaks=0" ;;
	*) short= ;;
	esac
	# shellcheck disable=SC2086  # several options or none
	if ASAN_OPTIONS="intercept_strstr=0:${ASAN_OPTIONS:-}" "$program" $short -max_total_time="$seconds" -seed="$seed" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$findings/$t-" "$new/$t" "tests/fuzz/corpus/$t" >"$new/log" 2>&1; then
		sed -n "s/^stat::number_of_executed_units: */$t: runs /p" "$new/log"
	else
		tail -n 40 "$new/log"
		echo "fuzz_$t: FAILED; the input is in $(pwd)/$findings/"
		failed=1
	fi
done
exit $failed
