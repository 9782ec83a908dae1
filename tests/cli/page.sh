#!/bin/sh
# The page of an experiment in a real browser: every figure is drawn, and hostile names of
# groups are text. Needs chromium; the data on the page is checked without one by
# test_research_report and fuzz_page.
#   page.sh BIN
set -u
PATH=$(cd "$1" && pwd):$PATH
command -v chromium >/dev/null || {
	echo "skipped: chromium is not installed"
	exit 0
}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "page: $*" >&2
	exit 1
}
assay yuma simulate --epochs 3 --validators 2 --miners 2 --state "$dir/state.json" --state-epoch 2 >/dev/null ||
	fail "no state"
{
	printf '{"format": "assay-simulate/1", "epochs": 5, "subnet": '
	cat "$dir/state.json"
	printf ', "agents": [{"uid": 0, "kind": "judge", "noise": 0.1}], "quality": [[2, 1], [3, 2]],'
	printf '"groups": {"<img src=x onerror=alert(1)>": [0, 1], "</script><b>": [2], "&lt;i&gt;": [3]},'
	printf '"events": [{"epoch": 2, "set": {"kappa": 30000}}]}'
} >"$dir/lab.json"
assay yuma simulate "$dir/lab.json" --html "$dir/page.html" >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
	--disable-component-update --disable-sync --user-data-dir="$dir/profile" --dump-dom "file://$dir/page.html" \
	>"$dir/dom" 2>"$dir/log" || fail "the browser does not come to an end: $(grep CONSOLE "$dir/log")"
grep -q 'data-drawn="[1-9]' "$dir/dom" || fail "the script did not come to its end: $(grep CONSOLE "$dir/log")"
figures=$(grep -o '<figure>' "$dir/dom" | wc -l)
[ "$figures" -eq 6 ] || fail "$figures figures, 6 are wanted"
# Tags that came from names would be elements here; as text they are escaped.
sed 's/<script.*<\/script>//g' "$dir/dom" | grep -q '<img\|<b>\|<i>[^<]' && fail "a name became markup"
grep -qF '&lt;img src=x onerror=alert(1)&gt;' "$dir/dom" || fail "a name is missing"
