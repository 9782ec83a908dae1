#!/bin/sh
# Installs what is missing, builds, and runs the demo: an embedded development chain
# with four subnets, 16 scripted miners and 4 rival validators each, one real daemon per
# subnet, everything over loopback HTTP.
#   configs/demo/run.sh [--rounds N] [--json FILE] [--keep DIR] [--timeout S] [--quiet]
# Exits 0 only if every commitment counted, every epoch equalled its recomputation bit
# for bit, and every honest miner outweighs the lazy, garbage, silent and oversized ones.
# Ctrl-C stops everything that it started; the exit code is then 130.
set -eu
case "${1:-}" in
-h | --help)
	sed -n '2,8s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac
here=$(pwd)
cd "$(dirname "$0")/../.."
root=$(pwd)
. configs/progress.sh
trap 'echo "configs/demo/run.sh: interrupted" >&2; exit 130' INT

# Standard output is the demo's own: with --json - it is read by a program.
sh configs/packages.sh >&2

mkdir -p build/logs
log=build/logs/demo-build.log
# One build at a time: a second demo in this tree waits for the first one's.
exec 9>build/logs/demo-build.lock
flock -n 9 || {
	echo "waiting for another build in $root/build/release" >&2
	flock 9
}
# The release preset, as README's Install uses it: what is built here is not built again.
build() {
	cmake --preset release && cmake --build --preset release -j "$(nproc)"
}
[ -x build/release/bin/assayd ] || echo "building in $root/build/release, one to two minutes; log: $log" >&2
asy_progress "building" "$log" build 9>&- || {
	tail -n 60 "$log" >&2
	echo "configs/demo/run.sh: the build failed; full log: $root/$log" >&2
	exit 1
}
exec 9>&-

# Paths on the command line mean what they mean where the user stands.
cd "$here"
exec "$root/build/release/bin/assay" localnet --demo \
	--scenario "$root/configs/demo/scenario.json" \
	--plugins "$root/build/release/plugins" --samples "$root/plugins" "$@"
