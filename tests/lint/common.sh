# Sourced by the checks: the tree to look at, and its files in a stable order.
# shellcheck shell=sh
set -eu
lint=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${1:-$(CDPATH='' cd -- "$lint/../.." && pwd)}

# sources DIR...: C sources and headers below them, without build folders
sources() {
	for dir in "$@"; do
		[ -d "$root/$dir" ] || continue
		find "$root/$dir" -name build -prune -o \( -name '*.c' -o -name '*.h' \) -type f -print
	done | LC_ALL=C sort
}

# Reads lines "file:line: what" with the root cut off; fails when there are any.
report() {
	findings=$(cat)
	if [ -n "$findings" ]; then
		printf '%s\n' "$findings"
		exit 1
	fi
}
