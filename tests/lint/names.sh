#!/bin/sh
# Documents and comments name only files that exist: names.sh [ROOT]. Decisions and the
# changelog tell of what was, so they are left out.
. "$(dirname -- "$0")/common.sh"
list=$(mktemp)
found=$(mktemp)
trap 'rm -f "$list" "$found"' EXIT
all() {
	find "$root" \( -name build -o -name .git -o -name corpus -o -name golden \) -prune -o -type f "$@" -print | LC_ALL=C sort
}
find "$root" \( -path "$root/build" -o -name .git \) -prune -o -type f -print | sed "s|^$root/||" >"$list"
all \( -name '*.[ch]' -o -name '*.md' -o -name '*.sh' -o -name '*.awk' -o -name '*.cmake' -o -name CMakeLists.txt \) |
	grep -vE '/docs/decisions/|/CHANGELOG\.md$' |
	xargs awk -v root="$root/" -f "$lint/names.awk" "$list" >"$found" || :
# docs/architecture.md has a row for every module, with its level in layers.txt
if [ -f "$root/docs/architecture.md" ]; then
	for dir in "$root"/core/*/; do
		module=$(basename "$dir")
		level=$(sed -n "s/^\([0-9]\) $module  *:.*/\1/p" "$lint/layers.txt")
		[ -z "$level" ] || grep -q "^| \`core/$module\` | $level |" "$root/docs/architecture.md" ||
			echo "docs/architecture.md: no row for core/$module at level $level"
	done >>"$found"
fi
report <"$found"
