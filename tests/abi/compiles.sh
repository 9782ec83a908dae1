#!/bin/sh
# compiles.sh COMPILER STANDARD SOURCE_DIR: the contract alone, and the kit: no warning. A plugin made of the kit runs.
set -eu
case $2 in
*++*) language=c++ extra='-Wold-style-cast -Wzero-as-null-pointer-constant' ;;
*) language=c extra='-Wstrict-prototypes -Wmissing-prototypes' ;;
esac
for header in plugin.h plugin_kit.h; do
	printf '#include <assay/%s>\nint main(void);\nint main(void) { return 0; }\n' $header |
		# shellcheck disable=SC2086
		"$1" -x $language -std="$2" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror \
			$extra -I"$3/include" -fsyntax-only -
done

# A plugin of rows, run: the kit's macros are text until somebody uses them.
dir=$(mktemp -d "${TMPDIR:-/tmp}/assay-compiles.XXXXXX")
trap 'rm -rf "$dir"' EXIT
# shellcheck disable=SC2086
"$1" -x $language -std="$2" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror \
	$extra -I"$3/include" "$3/tests/abi/kit/row_plugin.c" -o "$dir/row_plugin"
"$dir/row_plugin" || {
	echo "row_plugin.c: case $? fails" >&2
	exit 1
}
