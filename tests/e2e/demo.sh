#!/bin/sh
# The demo, shorter, as its output goes to a file: it passes, fits 80 columns, and draws
# nothing that only a terminal understands.
#   demo.sh BIN SOURCE
set -u
PATH=$(cd "$1" && pwd):$PATH
source=$2
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
assay localnet --demo --rounds 2 --timeout 240 --scenario "$source/configs/demo/scenario.json" \
	--samples "$source/plugins" --json "$dir/result.json" --keep "$dir/kept" >"$dir/out" 2>"$dir/err"
code=$?
cat "$dir/out" "$dir/err"
fail() {
	echo "demo: $*" >&2
	exit 1
}
[ $code -eq 0 ] || fail "ended with status $code"
wide=$(awk 'length > 80' "$dir/out")
[ -z "$wide" ] || fail "wider than 80 columns: $wide"
tr -d '\033\r' <"$dir/out" | cmp -s - "$dir/out" || fail "control characters in a file"
grep -c '^ *[1-4]  [a-z]*  *[0-9]* *[0-9]* *2 *2  right$' "$dir/out" | grep -qx 4 || fail "no summary of four subnets"
grep -q '^ "ok": true' "$dir/result.json" || fail "no result: $(head -c 500 "$dir/result.json")"
# What the daemons recorded computes to the same bits, and their forecasts are there to see.
for data in "$dir"/kept/*/data; do
	assay replay "$data" >"$dir/replay" || fail "replay: $(cat "$dir/replay")"
	grep -q 'COUNTED  equal' "$dir/replay" || fail "replay says nothing of COUNTED: $(cat "$dir/replay")"
	assay replay --forecasts "$data" >"$dir/forecasts" || fail "replay --forecasts ended with $?"
	grep -q '^validator_trust  *[12] ' "$dir/forecasts" || fail "no forecasts: $(cat "$dir/forecasts")"
	wide=$(awk 'length > 80' "$dir/forecasts")
	[ -z "$wide" ] || fail "wider than 80 columns: $wide"
done
grep -q '"forecast_errors"' "$dir/result.json" || fail "no forecast errors in the result"
