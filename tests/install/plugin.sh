#!/bin/sh
# What `assay plugin new` makes builds against an installed Assay and nothing else, for every
# language whose compiler is here, passes its own test, and scores on a development chain.
#   plugin.sh PREFIX
set -eu
prefix=$(cd "$1" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/assay-plugin.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fail() {
	echo "plugin: $*" >&2
	exit 1
}
PATH=$prefix/bin:$PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name assay.pc)")
CMAKE_PREFIX_PATH=$prefix
export PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH
unset CMAKE_GENERATOR MAKEFLAGS
cd "$dir"

# block FOLDER NUMBER: the commands of a block of a made README, into the file commands
block() {
	awk -v number="$2" '/^```/ && inside { exit } inside { print } $0 == "```sh" && ++seen == number { inside = 1 }' \
		"$1/README.md" >commands
	[ -s commands ] || fail "$1/README.md has no commands"
}
build() {
	block "$1" 1
	(cd "$1" && sh -eu ../commands) >out 2>&1 || {
		cat out >&2
		fail "$1 does not build or fails its test"
	}
}
made=0
for pair in c:cc cpp:g++ rust:rustc; do
	lang=${pair%:*}
	command -v "${pair#*:}" >/dev/null || {
		echo "skipped: $lang (no ${pair#*:})"
		continue
	}
	for with in cmake:ninja make:make; do
		command -v "${with#*:}" >/dev/null || {
			echo "skipped: $lang with ${with%:*} (no ${with#*:})"
			continue
		}
		name=mine-$lang-${with%:*}
		assay plugin new "$name" --lang "$lang" --build "${with%:*}" >/dev/null
		! grep -rn '@[A-Z]*@' "$name" || fail "$name has words that were not replaced"
		build "$name"
		exported=$(nm -D --defined-only "$name/build/$name.so" | awk '{print $NF}')
		[ "$exported" = assay_plugin_entry_v1 ] || fail "$name exports $exported"
		made=$((made + 1))
		echo "$name builds and passes its test"
	done
done
[ "$made" -gt 0 ] || fail "nothing was built"

# Every language judges alike.
for name in mine-*; do
	assay score --plugin "$name/build/$name.so" --json "$name/examples.jsonl" |
		sed 's/^.*"challenges"/"challenges"/' >scores
	[ -e first ] || cp scores first
	cmp -s first scores || fail "$name scores otherwise: $(diff first scores)"
done

# On a chain of its own, as the README says: asked, scored, weighed, counted.
name=$(find . -mindepth 1 -maxdepth 1 -type d -name 'mine-*' | sort | head -n 1)
name=${name#./}
began=$(date +%s)
sed -i "s/9944/$((20000 + $$ % 20000))/" "$name/scenario.json"
block "$name" 2
(cd "$name" && sh -eu ../commands) >chain 2>&1 || {
	cat chain >&2
	fail "$name does not score on a chain"
}
grep -q ' weights\.counted ' chain || fail "no weights counted: $(cat chain)"
grep -q "\"/$name\"" "$name/assayd.json" && grep -q "plugin=org.example.$name " chain || fail "another task, or another plugin: $(cat chain)"
echo "$name has scored on a chain and its weights counted ($(($(date +%s) - began)) s)"

# What is there is never written over, and a name is a name.
! assay plugin new "$name" >out 2>&1 || fail "a folder was made twice"
grep -q 'exists already' out || fail "$(cat out)"
for name in '' ../x A 1a a- 'a b' -x; do
	! assay plugin new -- "$name" >out 2>&1 || fail "'$name' was taken for a name"
done
[ "$(find . -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq "$made" ] || fail "a refused name left a folder"
