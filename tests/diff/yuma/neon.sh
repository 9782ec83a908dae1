#!/bin/sh
# Builds base and yuma for AArch64 and runs the differential test under qemu-user.
#   neon.sh SOURCE_DIR BUILD_DIR [COUNT [SEED]]
# Exit code 77 (skipped) when the cross compiler or the emulator is missing.
set -eu
src=$1
out=$2
shift 2
cc=aarch64-linux-gnu-gcc
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static || :)
if ! command -v "$cc" >/dev/null || [ -z "$qemu" ]; then
	echo "skipped: gcc-aarch64-linux-gnu or qemu-user is not installed"
	exit 77
fi
mkdir -p "$out"
# the JSON reader and the writers of reports need codec, which needs libraries
yuma=$(find "$src/core/yuma" -name '*.c' ! -name '*_json.c' ! -name '*_text.c')
# shellcheck disable=SC2086  # a list of paths without spaces
"$cc" -std=c17 -O2 -static -D_GNU_SOURCE -Wall -Wextra -Werror -ffp-contract=off \
	-DASSAY_VERSION='"cross"' -I"$src/core" -I"$src/include" -I"$src/tests" -o "$out/diff_yuma_neon" \
	$yuma "$src/core/base/err.c" "$src/core/base/str.c" "$src/core/base/cpu.c" \
	"$src/core/base/buf.c" "$src/core/base/arena.c" "$src/tests/diff/yuma/cases.c" \
	"$src/tests/diff/yuma/diff_yuma.c" -lm
exec "$qemu" "$out/diff_yuma_neon" "$@"
