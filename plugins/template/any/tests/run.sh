#!/bin/sh
# What must hold before this plugin judges anybody: run.sh PLUGIN.so
set -eu
cd "$(dirname "$0")/.."
assay score --plugin "$1" --json examples.jsonl >scores.json
grep -q '"abstained":0,"invalid":0' scores.json
rm -f scores.json
