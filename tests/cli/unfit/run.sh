#!/bin/sh
# Each defect is found, by the check that is for it and at its level; the fit plugin passes.
#   run.sh BIN CC INCLUDE
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$(cd "$1" && pwd):$PATH
cc=$2 include=$3
dir=$(mktemp -d "${TMPDIR:-/tmp}/assay-unfit.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp "$here/examples.jsonl" "$dir"
cd "$dir"
bad=0
# try DEFECT ID LEVEL [--deep] [-- LINKER-FLAG…]
try() {
	defect=$1 id=$2 level=$3 deep=
	shift 3
	[ "${1:-}" != --deep ] || {
		deep=--deep
		shift
	}
	[ "${1:-}" != -- ] || shift
	# shellcheck disable=SC2086
	"$cc" -std=gnu17 -O1 -DDEFECT="$defect" -I "$include" -fPIC -shared -fvisibility=hidden \
		-Wl,-z,relro,-z,now "$here/unfit.c" -o "$defect.so" "$@"
	rc=0
	# shellcheck disable=SC2086
	assay plugin check "$defect.so" --json $deep >found 2>err || rc=$?
	if [ "$id" = none ]; then
		[ "$rc" = 0 ] && ! grep -q '"level":"\(error\|warning\)"' found && return
	else
		want=0
		[ "$level" != error ] || want=1
		[ "$defect" != SEED ] || want=1 # which is no answer for the example, either
		[ $((rc != 0)) = "$want" ] && grep -q "{\"id\":\"$id\",\"level\":\"$level\"" found && return
	fi
	bad=$((bad + 1))
	echo "$defect: $id should be $level; exit $rc: $(cat err)"
	sed 's/},{/},\n{/g' found | grep '"level":"\(error\|warning\|note\)"' || :
}
try NONE none none --deep
try TWO_EXPORTS F02 error
try HOST_SYMBOL F03 error
try NONE F04 error -- -Wl,-z,execstack
try NONE F04 error -- -Wl,-rpath,/nowhere
try NONE F04 warning -- -Wl,-z,lazy
try NONE F07 warning -- -Wl,--no-as-needed -lresolv
try RAND F08 warning
try LICENCE D03 warning
try CAPS D05 error
try SCHEMA D07 error
try ENTRY D08 error --deep
try OPEN L01 error
try MAXIMUM L02 error
try SHARED L04 error --deep
try LEAK L05 error --deep
try NO_ROWS L06 error --deep
try NOMEM L07 warning --deep
try SYSCALL L08 error
try RANGE S01 error
try OVERREAD S02 error --deep
try STRIDE S04 error --deep
try NULL_BODY S06 error
try COUNTER N01 error
try POSITION N03 error
try NEIGHBOURS N04 error
try SEED N05 note
try ZONE N06 error --deep
try SPIN T04 warning
try LENGTH X01 error
try FLAT X02 error
try LENGTH X03 error
[ "$bad" = 0 ] || {
	echo "$bad defects are not found as they should be"
	exit 1
}
