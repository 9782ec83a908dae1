#!/bin/sh
# Installs what is missing, builds, and runs the demo: an embedded development chain
# with four subnets, 16 scripted miners and 4 rival validators each, one real daemon a
# subnet, everything over loopback HTTP.
#   configs/demo/run.sh [--rounds N] [--json FILE] [--keep DIR] [--timeout S] [--quiet]
# Exits 0 only if every commitment counted, every epoch equalled the prediction bit for
# bit, and every honest miner outweighs the lazy, garbage, silent and oversized ones.
set -eu
case "${1:-}" in
-h | --help)
	sed -n '2,7s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac
here=$(pwd)
cd "$(dirname "$0")/../.."
root=$(pwd)

sh configs/packages.sh

mkdir -p build/logs
log=build/logs/demo-build.log
if ! { cmake --preset release -DASSAY_TESTS=OFF -DASSAY_BENCHMARKS=OFF -B build/demo &&
	cmake --build build/demo -j "$(nproc)"; } >"$log" 2>&1; then
	tail -n 60 "$log" >&2
	echo "configs/demo/run.sh: the build failed; full log: $log" >&2
	exit 1
fi
# Paths on the command line mean what they mean where the user stands.
cd "$here"
exec "$root/build/demo/bin/assay" localnet --demo \
	--scenario "$root/configs/demo/scenario.json" \
	--plugins "$root/build/demo/plugins" --samples "$root/plugins" "$@"
