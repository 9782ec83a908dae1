#!/bin/sh
# layout_check.sh CC OBJCOPY SOURCE_DIR WORK_DIR [--update]
# Compiles the table with CC (possibly for another machine), takes its bytes out of
# the object file and compares them with layout.golden. Running nothing of the
# target is what lets a cross compiler be enough.
set -eu
cc=$1 objcopy=$2 src=$3 work=$4 update=${5:-}

mkdir -p "$work"
# ptr-sized members only: the table has no relocations, so its section is complete
"$cc" -std=c17 -I"$src/include" -fdata-sections -c "$src/tests/abi/layout.c" -o "$work/layout.o"
"$objcopy" -O binary --only-section=.rodata.layout_table "$work/layout.o" "$work/layout.bin"
# rows of 64 bytes: 56 of name, offset, size; both little-endian
od -An -v -t u1 -w64 "$work/layout.bin" | awk '
	{
		name = ""
		for (i = 1; i <= 56 && $i != 0; i++) name = name sprintf("%c", $i)
		offset = $57 + 256 * ($58 + 256 * ($59 + 256 * $60))
		size = $61 + 256 * ($62 + 256 * ($63 + 256 * $64))
		if (name != "end") printf "%s %d %d\n", name, offset, size
		else ended = 1
	}
	END { if (!ended) { print "no table in the object file" > "/dev/stderr"; exit 1 } }
' >"$work/layout.txt"
golden="$src/tests/abi/layout.golden"
if [ "$update" = --update ]; then
	cp "$work/layout.txt" "$golden"
	exit 0
fi
if ! diff -u "$golden" "$work/layout.txt"; then
	echo "the layout of the plugin contract changed: old plugins would break" >&2
	exit 1
fi
