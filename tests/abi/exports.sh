#!/bin/sh
# exports.sh NM FILE.so: a plugin shows one symbol and nothing else.
set -eu
names=$("$1" -D --defined-only "$2" | awk '{ print $3 }')
if [ "$names" != assay_plugin_entry_v1 ]; then
	echo "$2 exports: $names" >&2
	exit 1
fi
