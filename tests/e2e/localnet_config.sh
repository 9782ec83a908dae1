#!/bin/sh
# The configuration that `assay localnet --print-config` prints lets assayd set weights
# on the scenario of the demo, at the pace of its short epochs.
#   localnet_config.sh BIN SOURCE
set -u
PATH=$(cd "$1" && pwd):$PATH
source=$2
dir=$(mktemp -d) || exit 99
chain=
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "localnet_config: $*" >&2
	[ -z "$chain" ] || kill "$chain"
	exit 1
}
cd "$dir" || exit 99
scenario=$source/configs/demo/scenario.json

assay localnet --scenario "$scenario" --print-config 9 >out 2>&1 && fail "a subnet that is missing was accepted"
grep -q "no subnet 9; it has 1, 2, 3, 4" out || fail "$(cat out)"
assay localnet --scenario "$scenario" --print-config 1 --port 0 >out 2>&1 && fail "an unknown port was accepted"
grep -q "same --port" out || fail "$(cat out)"
assay localnet --scenario "$scenario" --print-config 1 --plugins . --samples "$source/plugins" >out 2>&1 &&
	fail "a missing plugin was accepted"
grep -q "text.so, which does not exist" out || fail "$(cat out)"

# A task of one's own: without samples the plugin makes the questions, if miners answer any.
own='{"subnets": [{"netuid": 5, "task": "own", "plugin": "example-length.so", %s "validators": [{"key": "//A"}], "miners": [{"key": "//M"}]}]}'
printf "$own" '"answers": {"command": ["cat"]},' >own.json
assay localnet --scenario own.json --print-config 5 --port 9944 >out 2>&1 || fail "$(cat out)"
grep -q '"path": "/.*/example-length.so"' out || fail "the plugin's path is not absolute: $(cat out)"
grep -q dataset out && fail "a data set that nobody has: $(cat out)"
assay config check out >checked 2>&1 || fail "$(cat checked)"
printf "$own" '' >own.json
assay localnet --scenario own.json --print-config 5 --port 9944 >out 2>&1 && fail "no questions, and no complaint"
grep -q 'the file with "dataset"' out || fail "$(cat out)"
printf "$own" '"answers": {"file": "gone.jsonl"},' >own.json
assay localnet --scenario own.json --port 0 >out 2>&1 && fail "a missing file of answers was accepted"
grep -q "answers of subnet 5: cannot open .*/gone.jsonl" out || fail "$(cat out)"
printf "$own" '' >own.json
assay localnet --scenario own.json --port 0 >out 2>&1 && fail "miners without answers were accepted"
grep -q "no answers for task own" out || fail "$(cat out)"

assay localnet --scenario "$scenario" --samples "$source/plugins" --port 0 --describe >described 2>log &
chain=$!
tries=0
until grep -q '^}' described; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || fail "the chain does not start: $(cat log)"
	sleep 0.1
done
port=$(sed -n 's/.*"url": "http:\/\/127.0.0.1:\([0-9]*\)".*/\1/p' described)
assay localnet --scenario "$scenario" --samples "$source/plugins" --port "$port" --print-config 1 >assayd.json 2>log ||
	fail "$(cat log)"
assay config check assayd.json >out 2>&1 || fail "$(cat out)"
assayd --config assayd.json --rounds 2 >daemon.log 2>&1 || fail "assayd: $(cat daemon.log)"
counted=$(grep -c weights.counted daemon.log)
[ "$counted" -ge 2 ] || fail "$counted vectors counted: $(cat daemon.log)"
# A second chain on the same port says so.
assay localnet --scenario "$scenario" --samples "$source/plugins" --port "$port" >out 2>&1 && fail "two chains share a port"
grep -q "is another program using the port" out || fail "$(cat out)"
kill "$chain"
wait "$chain" || fail "the chain ended with status $?"
echo "ok: $counted vectors counted"
