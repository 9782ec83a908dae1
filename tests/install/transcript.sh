#!/bin/sh
# README's "From nothing to weights", done as it says by somebody who has README, the documents
# it names, and an installed Assay: every file and command is taken from the pages. Prints each
# command with its time; fails unless two vectors counted.
#   transcript.sh PREFIX SOURCE [PORT]
# PORT replaces README's 9944, for machines where that is taken; "any" picks one.
set -eu
prefix=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
port=${3:-9944}
[ "$port" != any ] || port=$((20000 + $$ % 20000))
dir=$(mktemp -d "${TMPDIR:-/tmp}/assay-readme.XXXXXX")
done=0
end() {
	# what README starts in the background, if a command before its end failed
	[ "$done" = 1 ] || [ -z "${!-}" ] || kill "$!" 2>/dev/null || :
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fail() {
	echo "transcript: $*" >&2
	exit 1
}
now() { date +%s%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", (b - a) / 1e9 }'; }

PATH=$prefix/bin:$PATH
C_INCLUDE_PATH=$prefix/include
HOME=$dir
export PATH C_INCLUDE_PATH HOME
cd "$dir"

# block FILE HEADING LANGUAGE NUMBER: one fenced block below a heading
block() {
	awk -v heading="$2" -v language="$3" -v number="$4" '
		/^## / { here = $0 == "## " heading }
		/^```/ && inside { exit }
		inside { print }
		here && $0 == "```" language && ++seen == number { inside = 1 }' "$1"
}
section="From nothing to weights"
block "$source/docs/plugins.md" "A plugin in five minutes" c 1 >mine.c
block "$source/README.md" "$section" json 1 >answers.jsonl
block "$source/README.md" "$section" json 2 | sed "s/9944/$port/" >scenario.json
block "$source/README.md" "$section" sh 1 >steps
for file in mine.c answers.jsonl scenario.json steps; do
	[ -s "$file" ] || fail "the pages have no $file"
done

whole=$(now)
while IFS= read -r step <&3; do
	began=$(now)
	rc=0
	eval "$step" >out 2>&1 3<&- || rc=$?
	printf '%6s s  %s\n' "$(since "$began")" "$step"
	[ "$rc" = 0 ] || {
		cat out >&2
		[ ! -s localnet.log ] || sed 's/^/localnet: /' localnet.log >&2
		fail "exit code $rc: $step"
	}
	cat out >>log
done 3<steps
done=1
printf '%6s s  from an installed Assay to weights that counted\n' "$(since "$whole")"

counted=$(grep -c ' weights\.counted ' log || :)
[ "$counted" -ge 2 ] || fail "only $counted of 2 vectors counted: $(cat log)"
grep -q 'mismatches=0' log || fail "an epoch differed: $(cat log)"
grep -qi differs log && fail "replay differs: $(cat log)"
grep ' weights\.counted ' log
