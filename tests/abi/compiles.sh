#!/bin/sh
# compiles.sh COMPILER STANDARD SOURCE_DIR: the contract alone, no warning.
set -eu
case $2 in
*++*) language=c++ extra='-Wold-style-cast -Wzero-as-null-pointer-constant' ;;
*) language=c extra='-Wstrict-prototypes -Wmissing-prototypes' ;;
esac
# shellcheck disable=SC2086
printf '#include <assay/plugin.h>\nint main(void);\nint main(void) { return 0; }\n' |
	"$1" -x $language -std="$2" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror \
		$extra -I"$3/include" -fsyntax-only -
