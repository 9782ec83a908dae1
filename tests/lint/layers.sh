#!/bin/sh
# Every #include against the table layers.txt: layers.sh [ROOT]
. "$(dirname -- "$0")/common.sh"
sources core plugins | xargs awk -v root="$root/" -f "$lint/layers.awk" "$lint/layers.txt"
