#!/bin/sh
# The daemon refuses ASSAY_ variables that it does not know. So every one that a program or a
# test reads is an option or stands in core/config/config.c: environment.sh [ROOT].
. "$(dirname -- "$0")/common.sh"
options=$(sed -n 's/^[[:space:]]*{"\([a-z_.]*\)",.*/ASSAY_\1/p' "$root/core/config/table.c" | tr 'a-z.' 'A-Z_')
others=$(sed -n '/others\[\] = {/,/};/p' "$root/core/config/config.c" | grep -o '"ASSAY_[A-Z_]*' | tr -d '"')
sources core plugins tests benchmarks | xargs grep -noE 'getenv\("ASSAY_[A-Z_]+' | while IFS=: read -r file line call; do
	name=${call#*\"}
	printf '%s\n' "$options" | grep -qx "$name" && continue
	for other in $others; do
		case $name in "$other"*) continue 2 ;; esac
	done
	echo "${file#"$root"/}:$line: $name is no option, and the daemon would refuse it (core/config/config.c)"
done | report
