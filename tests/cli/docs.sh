#!/bin/sh
# Runs the blocks marked assay-run of a document in an empty folder and compares what
# they print, and its width: docs.sh BIN DOCUMENT. "$ cat FILE" makes the file of what follows it.
set -u
PATH=$(cd "$1" && pwd):$PATH
export PATH
doc=$2
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT INT TERM
bad=0
number=0

# run COMMAND WANTED-FILE
run() {
	number=$((number + 1))
	case $1 in
	"cat "*)
		cp want "${1#cat }"
		return
		;;
	esac
	if ! sh -c "$1" >got 2>err; then
		echo "failed: $1"
		cat err
		bad=$((bad + 1))
	elif ! diff -u want got; then
		echo "prints something else: $1"
		bad=$((bad + 1))
	elif awk 'length > 80' got | grep .; then
		echo "prints more than 80 columns: $1"
		bad=$((bad + 1))
	fi
}

awk '/^```/ { inside = $0 == "```assay-run"; if (!inside) print "end"; next } inside { print "in " $0 }' "$doc" >"$dir/blocks"
cd "$dir" || exit 99
command=
while IFS= read -r line; do
	case $line in
	"in \$ "* | end)
		[ -z "$command" ] || run "$command"
		command=
		: >want
		[ "$line" = end ] || command=${line#"in \$ "}
		;;
	*) printf '%s\n' "${line#in }" >>want ;;
	esac
done <blocks
echo "$number commands of $doc, $bad wrong"
[ "$number" -gt 0 ] && [ "$bad" -eq 0 ]
