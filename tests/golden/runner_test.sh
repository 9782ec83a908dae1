#!/bin/sh
# The golden runner on files that are wrong: each is one failure with a sentence, never
# a crash, and the counts and exit codes are as --help says. runner_test.sh GOLDEN_RUN
set -eu
run=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

die() {
	echo "runner_test: $*"
	exit 1
}
# expect CODE LAST_LINE ARGUMENTS...
expect() {
	want=$1
	last=$2
	shift 2
	code=0
	said=$("$run" "$@" 2>&1) || code=$?
	[ "$code" -eq "$want" ] || die "exit $code instead of $want: $said"
	[ "$(printf '%s\n' "$said" | tail -n 1)" = "$last" ] || die "last line of '$said', expected '$last'"
}

expect 66 "golden: no .json or .json.gz file under $tree" "$tree"
expect 66 "golden: $tree/none: not a folder that can be read" "$tree/none"
expect 2 "Exit code: 0 nothing failed, 1 a case failed, 2 wrong use, 66 nothing to run."

mkdir -p "$tree/unclaimed/deeper" "$tree/weights"
echo '{"cases":[1,2,3]}' >"$tree/unclaimed/three.json"
echo '{"vectors":{"a":1,"b":2}}' | gzip >"$tree/unclaimed/deeper/two.json.gz"
echo '{"note":"no list"}' >"$tree/unclaimed/one.json"
echo 'not looked at' >"$tree/unclaimed/README.md"
expect 0 '0 passed, 0 failed, 6 skipped' "$tree"
"$run" "$tree" | grep -q '^unclaimed/deeper/two.json: ' && die "the .gz was cut from the name"
"$run" "$tree" | grep -q '^unclaimed/deeper/two.json.gz: 0 passed, 0 failed, 2 skipped$' || die "no line a file"

rm -r "$tree/unclaimed"
w=$tree/weights
printf '{"vectors":[' >"$w/cut.json"
printf '%05000d' 0 | tr 0 '[' >"$w/deep.json"
printf '{"vectors":[]}' | gzip | head -c 20 >"$w/cut.json.gz"
: >"$w/empty.json"
printf '\377\376' >"$w/bytes.json"
printf '{"vectors":7}' >"$w/wrong_kind.json"
printf '{"vectors":[{},7,{"kind":"process","input":{"uids":[1],"weights":[]}}]}' >"$w/wrong_cases.json"
printf '{"vectors":[{"kind":"process","input":{"uids":[],"weights":[],"num_neurons":99999999999,"min_allowed_weights":1,"max_weight_limit_u16":1,"exclude_quantile":0,"max_weight_limit":1}}]}' >"$w/huge.json"
expect 1 '0 passed, 10 failed, 0 skipped' "$tree"
"$run" --json "$tree" | grep -q '"file": *"weights/cut.json"' || die "--json names no file"
# one folder of the layout is a layout too
expect 1 '0 passed, 10 failed, 0 skipped' "$w"

# what a file holds decides, not what it is called or where it lies
own=$(dirname "$0")
rm -r "$w"
mkdir "$tree/elsewhere"
for f in chain/era commit-reveal/hash-commit yuma/null_475; do
	cp "$own/$f.json" "$tree/elsewhere/x$(basename "$f" | cksum | cut -d' ' -f1).json"
done
renamed=$("$run" "$tree" | tail -n 1)
mkdir "$tree/named"
mv "$tree/elsewhere" "$tree/gone"
for f in chain/era commit-reveal/hash-commit yuma/null_475; do
	mkdir -p "$tree/named/$(dirname "$f")"
	cp "$own/$f.json" "$tree/named/$f.json"
done
rm -r "$tree/gone"
expect 0 "$renamed" "$tree"
case "$renamed" in
"0 passed"* | *" 0 failed, "[1-9]*) die "renamed: $renamed" ;;
esac
