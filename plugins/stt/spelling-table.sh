#!/bin/sh
# Takes the table of British and American spellings that openai/whisper's English normaliser
# uses, and its licence, from the PyPI package: spelling-table.sh FILE.json
# Writes FILE.json and FILE.json.LICENSE. Needs python3 with pip (Debian: python3-pip).
set -eu

package=openai-whisper==20250625
digest=6607f948be9824d2e1b2fa2223cd94c06c45afa4e05ea0e3d5e1f2bdffde2465

if [ $# -ne 1 ] || [ "$1" = --help ]; then
	echo "usage: spelling-table.sh FILE.json"
	echo "writes the spelling table of $package to FILE.json, its licence to FILE.json.LICENSE"
	[ $# -eq 1 ] && exit 0
	exit 2
fi
if ! python3 -m pip --version > /dev/null 2>&1; then
	echo "spelling-table.sh: python3 has no pip; on Debian: apt-get install python3-pip" >&2
	exit 1
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
if ! python3 -m pip install --quiet --no-deps --no-compile --target "$dir" "$package" > "$dir/log" 2>&1; then
	sed 's/^/  /' "$dir/log" >&2
	echo "spelling-table.sh: pip could not get $package; nothing was written" >&2
	exit 1
fi
table=$dir/whisper/normalizers/english.json
licence=$(find "$dir" -path '*openai_whisper*' -name 'LICENSE*' | head -n 1)
if [ ! -f "$table" ] || [ -z "$licence" ]; then
	echo "spelling-table.sh: $package holds no table or no licence where they used to be; nothing was written" >&2
	exit 1
fi
if [ "$(sha256sum "$table" | cut -d' ' -f1)" != "$digest" ]; then
	echo "spelling-table.sh: the table is not the one of 20250625 (sha256 differs); nothing was written" >&2
	exit 1
fi
cp "$licence" "$1.LICENSE"
cp "$table" "$1.tmp"
mv "$1.tmp" "$1"
echo "$1: $(grep -c '": "' "$1") pairs from $package; licence in $1.LICENSE"
