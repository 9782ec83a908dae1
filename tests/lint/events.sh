#!/bin/sh
# Every event that is logged is in docs/logging.md, and every documented one exists:
# events.sh [ROOT]. A name is what follows asy_log( or asy_complain( up to the statement's
# end; names in tables of core are found by the second half.
. "$(dirname -- "$0")/common.sh"
name='[a-z_][a-z_]*\.[a-z_][a-z_]*'
documented=$(sed -n 's/^| \(`[^|]*\) |.*/\1/p' "$root/docs/logging.md" | grep -o "\`$name\`" | tr -d '\140' |
	LC_ALL=C sort -u)
{
	sources core | while read -r file; do
		tr '\n' ' ' <"$file" | grep -oE 'asy_(log|complain)\([^;]*' | grep -oE "\"$name\"" | tr -d '"' |
			LC_ALL=C sort -u | while read -r event; do
			printf '%s\n' "$documented" | grep -qxF -- "$event" ||
				echo "${file#"$root"/}: $event is not in docs/logging.md"
		done
	done
	printf '%s\n' "$documented" | while read -r event; do
		grep -rqF --include='*.c' "\"$event\"" "$root/core" ||
			echo "docs/logging.md: nothing logs $event"
	done
} | report
