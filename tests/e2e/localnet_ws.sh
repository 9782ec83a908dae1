#!/bin/sh
# The development chain over WebSocket, as an unmodified client sees it. Needs node and the
# package @polkadot/api (npm, 16.5), in a folder that NODE_PATH names or one of node's own;
# without them only the refusals are tested.
#   localnet_ws.sh BIN SOURCE
set -u
PATH=$(cd "$1" && pwd):$PATH
source=$2
dir=$(mktemp -d) || exit 99
chain=
trap '[ -z "$chain" ] || kill "$chain" 2>/dev/null; rm -rf "$dir"' EXIT
fail() {
	echo "localnet_ws: $*" >&2
	exit 1
}
cat >"$dir/scenario.json" <<'SCENARIO'
{"block_ms": 100, "finality_lag": 2, "subnets": [{"netuid": 1, "task": "text", "tempo": 20,
 "validators": [{"key": "//V0", "alpha": 5000000000000}], "miners": [{"key": "//M0"}]}]}
SCENARIO
assay localnet --scenario "$dir/scenario.json" --samples "$source/plugins" --port 0 >"$dir/out" 2>&1 &
chain=$!
url=
for _ in $(seq 100); do
	url=$(sed -n 's|.*development chain at http://\([0-9.:]*\).*|\1|p' "$dir/out")
	[ -z "$url" ] || break
	sleep 0.1
done
[ -n "$url" ] || fail "no chain: $(cat "$dir/out")"

command -v node >/dev/null 2>&1 && node -e 'require("@polkadot/api")' 2>/dev/null || {
	echo "skipped: node with @polkadot/api is not here (NODE_PATH)"
	exit 77
}
node "$source/tests/e2e/localnet_ws.cjs" "ws://$url" //V0 || fail "the client is not content"
