#!/bin/sh
# An installed Assay serves a stranger: programs find their worker, the library exports
# only what it promises, pkg-config and CMake find it, headers compile alone.
#   check.sh BUILD SOURCE WORK CMAKE GENERATOR CC [CXX]
#   check.sh --tree PREFIX SOURCE WORK …    a tree that is installed already
set -eu
tree=""
if [ "$1" = --tree ]; then
	tree=$2
	shift
fi
build=$1 source=$2 work=$3 cmake=$4 generator=$5 cc=$6 cxx=${7:-}
to=${tree:-$work/tree}

fail() {
	echo "install: $*" >&2
	exit 1
}
mkdir -p "$work"
rm -rf "$work/tree" "$work/consumer"
[ -n "$tree" ] || DESTDIR='' "$cmake" --install "$build" --prefix "$to" >"$work/install.log" 2>&1 || {
	cat "$work/install.log" >&2
	fail "cmake --install failed"
}
lib=$(dirname "$(find "$to" -name libassay.so)")
[ -d "$lib" ] || fail "no libassay.so"

for f in bin/assay bin/assayd share/man/man1/assay.1 share/man/man8/assayd.8 share/doc/assay/LICENSE; do
	[ -s "$to/$f" ] || fail "$f is missing"
done
for task in text stt image ranking; do
	[ -s "$lib/assay/plugins/$task.so" ] || fail "the plugin $task.so is missing"
	[ -s "$to/share/assay/samples/$task.jsonl" ] || fail "the samples of $task are missing"
done
[ -s "$to/share/assay/scenario.json" ] || fail "the scenario of the localnet is missing"
[ -s "$to/share/assay/config.schema.json" ] || fail "the schema of the configuration is missing"
"$to/bin/assay" localnet --print-config 1 >"$work/assayd.json" || fail "no configuration for the localnet"
"$to/bin/assay" config check "$work/assayd.json" >/dev/null || fail "the configuration for the localnet is wrong"
grep -q "$lib/assay/plugins/text.so" "$work/assayd.json" || fail "localnet found another plugin: $(cat "$work/assayd.json")"
grep -q '^\.B query\.deadline_ms' "$to/share/man/man8/assayd.8" || fail "assayd(8) lists no options"

"$to/bin/assay" doctor >"$work/doctor.txt" || fail "assay doctor: $(cat "$work/doctor.txt")"
grep -q "libexec/assay/assay-worker" "$work/doctor.txt" || fail "doctor found another worker: $(cat "$work/doctor.txt")"
answers='{"prompt":{"id":"1","question":"Capital of France?"},"reference":{"answers":["Paris"]},"responses":[{"miner":1,"body":{"completion":"Paris"}},{"miner":2,"body":{"completion":"Lyon"}}]}'
printf '%s\n' "$answers" |
	"$to/bin/assay" score --plugin "$lib/assay/plugins/text.so" --json - >"$work/score.json" ||
	fail "assay score does not run from the installed tree"
grep -q '"miner":1,"status":"ok","flag":"scored","score":1[,.]' "$work/score.json" || fail "assay score: $(cat "$work/score.json")"

foreign=$(nm -D --defined-only "$lib/libassay.so" | awk '$3 !~ /^assay_/ {print $3}')
[ -z "$foreign" ] || fail "libassay.so exports $foreign"

for header in "$to"/include/assay/*.h; do
	"$cc" -std=c17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$to/include" -x c "$header" ||
		fail "$header does not compile alone as C17"
	[ -z "$cxx" ] || "$cxx" -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$to/include" -x c++ "$header" ||
		fail "$header does not compile alone as C++17"
done

PKG_CONFIG_PATH=$lib/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # flags are words
"$cc" -std=c17 "$source/use.c" -o "$work/use_c" $(pkg-config --cflags --libs assay) || fail "assay.pc does not serve a C program"
LD_LIBRARY_PATH=$lib "$work/use_c" >/dev/null || fail "a C program gets a wrong epoch"
if [ -n "$cxx" ]; then
	# shellcheck disable=SC2046
	"$cxx" -std=c++17 -x c++ "$source/use.c" -o "$work/use_cxx" $(pkg-config --cflags --libs assay) || fail "assay.pc does not serve a C++ program"
	LD_LIBRARY_PATH=$lib "$work/use_cxx" >/dev/null || fail "a C++ program gets a wrong epoch"
fi

{
	"$cmake" -S "$source/consumer" -B "$work/consumer" -G "$generator" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$to" &&
		"$cmake" --build "$work/consumer" && "$work/consumer/use"
} >"$work/consumer.log" 2>&1 || {
	tail -n 30 "$work/consumer.log" >&2
	fail "find_package(assay) does not serve a program"
}
