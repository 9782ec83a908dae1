#!/bin/sh
# The demo on a terminal and with wrong arguments: a line of progress that is redrawn and
# fits, one subnet per validator, and faults that are said before anything runs.
#   demo_terminal.sh BIN
set -u
PATH=$(cd "$1" && pwd):$PATH
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
fail() {
	echo "demo_terminal: $*" >&2
	exit 1
}
cat >answers.jsonl <<'END'
{"id": "a", "prompt": {"q": 1}, "answer": {"text": "one two three four"}}
END
# Two subnets of one task whose name is as long as names can be.
cat >scenario.json <<'END'
{"block_ms": 250, "subnets": [
  {"netuid": 4000, "task": "a-task-with-a-name-of-31-letters", "plugin": "example-length.so",
   "answers": {"file": "answers.jsonl"}, "validators": [{"key": "//A"}],
   "miners": [{"key": "//M//0", "skill": 1}, {"key": "//M//1", "behaviour": "deep_json"}]},
  {"netuid": 4001, "task": "a-task-with-a-name-of-31-letters", "plugin": "example-length.so",
   "answers": {"file": "answers.jsonl"}, "validators": [{"key": "//B"}],
   "miners": [{"key": "//M//2", "skill": 1}, {"key": "//M//3", "behaviour": "silent"}]}]}
END
# says STATUS PART ARGS...: the demo ends so, at once, with this in its sentence
says() {
	status=$1 part=$2
	shift 2
	assay localnet --demo --scenario scenario.json "$@" >out 2>&1
	got=$?
	[ $got -eq "$status" ] || fail "$*: status $got: $(cat out)"
	grep -qF -- "$part" out || fail "$*: $(cat out)"
}
sed -i 's/-of-31-letters/-of-31-letter/' scenario.json
says 2 "--rounds takes" --rounds 0
says 2 "exclude each other" --print-config 1
says 74 "cannot write the result" --json no/such/folder/result.json
says 74 "not a file" --json .
says 66 "no such folder" --plugins no-such-folder
mkdir -p kept/sn4000-uid0
says 74 "an earlier demo left it" --keep kept
rm -rf kept

script -qec "assay localnet --demo --rounds 1 --scenario scenario.json --keep kept" tty >/dev/null
grep -q "demo passed" tty || fail "$(cat tty)"
esc=$(printf '\033')
grep -q "${esc}\[K.*block [0-9]*, vectors counted: " tty || fail "no progress on a terminal"
# What a terminal shows, each redrawn line on its own.
tr '\r' '\n' <tty | sed "s/${esc}\[K//; /^Script /d" | awk 'length > 80' >wide
[ ! -s wide ] || fail "wider than 80 columns: $(cat wide)"
for f in kept/sn4000-uid0/assayd.log kept/sn4001-uid0/assayd.json kept/sn4001-uid0/data; do
	[ -e $f ] || fail "$f was not kept"
done
