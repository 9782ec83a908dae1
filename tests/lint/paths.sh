#!/bin/sh
# No path of the machine that the tree was made on: paths.sh [ROOT]
. "$(dirname -- "$0")/common.sh"
find "$root" \( -name build -o -name .git -o -name corpus \) -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.md' -o -name '*.sh' -o -name '*.txt' -o -name '*.cmake' -o -name '*.in' \
	-o -name '*.json' -o -name '*.awk' -o -name run -o -name '*.[1-9]' \) -print |
	LC_ALL=C sort |
	xargs grep -nE "(^|[^A-Za-z0-9_.~\$}/-])/(work|root|home|Users)/[a-z]" 2>/dev/null |
	sed "s|^$root/||" | grep -v '^tests/lint/' | report
