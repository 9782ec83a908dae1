#!/bin/sh
# libassay exports assay_ and nothing else; a plugin exports its entry only.
#   symbols.sh LIBRARY_OR_PLUGIN...
set -eu
bad=0
for file in "$@"; do
	[ -f "$file" ] || continue
	case $(basename "$file") in
	libassay*) want='^assay_[a-z0-9_]*$' ;;
	*) want='^assay_plugin_entry_v[0-9]*$' ;;
	esac
	odd=$(nm -D --defined-only "$file" | awk 'NF { print $NF }' | sed 's/@.*//' | grep -vE "$want|^(_init|_fini|_edata|_end|__bss_start)$" || :)
	if [ -n "$odd" ]; then
		printf '%s exports more than it promises:\n%s\n' "$(basename "$file")" "$odd"
		bad=1
	fi
done
exit $bad
