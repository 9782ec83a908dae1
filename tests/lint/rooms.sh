#!/bin/sh
# A module that includes what it may not does not compile:
#   rooms.sh CC MODULE ALLOWED FORBIDDEN DIR:DIR…
# The folders are those with which the build compiles MODULE.
set -eu
cc=$1 module=$2 allowed=$3 forbidden=$4 dirs=$5
set --
IFS=:
for d in $dirs; do set -- "$@" "-I$d"; done
unset IFS
compile() {
	m=$1
	shift
	printf '#include "%s/%s.h"\n' "$m" "$m" | "$cc" -std=c17 -D_GNU_SOURCE -fsyntax-only "$@" -x c - 2>&1
}
said=$(compile "$allowed" "$@") || {
	echo "rooms: $module cannot see $allowed: $said"
	exit 1
}
if said=$(compile "$forbidden" "$@"); then
	echo "rooms: $module can include $forbidden/$forbidden.h"
	exit 1
fi
case $said in
*"$forbidden/$forbidden.h: No such file"* | *"'$forbidden/$forbidden.h' file not found"*) ;;
*)
	echo "rooms: $module and $forbidden: refused for another reason: $said"
	exit 1
	;;
esac
