#!/bin/sh
# `assay plugin release` reaches who holds the lock of the data directory, and nobody else:
#   release.sh BIN
set -eu
PATH=$(cd "$1" && pwd):$PATH
dir=$(mktemp -d "${TMPDIR:-/tmp}/assay-release.XXXXXX")
holder=
end() {
	[ -z "$holder" ] || kill "$holder" 2>/dev/null || :
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fail() {
	echo "release: $*" >&2
	exit 1
}
cd "$dir"
mkdir data
printf '{"netuid": 1, "data_dir": "data", "chain": {"endpoints": ["http://127.0.0.1:1"]}, "wallet": {"hotkey": "k"},
 "plugin": {"path": "p.so"}}' >assayd.json

! assay plugin release --config assayd.json >out 2>&1 || fail "it told somebody although nobody is there"
grep -q 'no daemon is running' out || fail "$(cat out)"

# A number that a dead daemon left is of somebody else by now.
sh -c 'trap "echo told >told" USR1; : >ready; while :; do sleep 0.1; done' &
holder=$!
echo "$holder" >data/lock
while [ ! -e ready ]; do sleep 0.1; done
! assay plugin release --config assayd.json >out 2>&1 || fail "it told a process that holds no lock"
[ ! -e told ] || fail "a process without the lock got the signal"
kill "$holder"
rm ready

sh -c 'exec 9<>data/lock; flock 9; echo $$ >data/lock; trap "echo told >told" USR1; : >ready; while :; do sleep 0.1; done' &
holder=$!
while [ ! -e ready ]; do sleep 0.1; done
assay plugin release --config assayd.json >out 2>&1 || fail "$(cat out)"
grep -q "told process $holder" out || fail "$(cat out)"
while [ ! -e told ]; do sleep 0.1; done
