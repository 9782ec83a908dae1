#!/bin/sh
# A file over 600 lines is noted, over 700 refused: length.sh [ROOT]
. "$(dirname -- "$0")/common.sh"
sources core plugins include tests benchmarks | while read -r file; do
	lines=$(wc -l <"$file")
	name=${file#"$root"/}
	if [ "$lines" -gt 700 ]; then
		echo "$name: $lines lines; name the second thing in it and move that out"
	elif [ "$lines" -gt 600 ]; then
		echo "note: $name: $lines lines" >&2
	fi
done | report
