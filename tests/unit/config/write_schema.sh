#!/bin/sh
# Renews docs/config.schema.json from the option table: write_schema.sh [BUILD_DIR]
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)
build=${1:-$top/build/dev}
cmake --build "$build" --target config_documents >&2
"$build/bin/config_documents" schema >"$top/docs/config.schema.json.new"
mv "$top/docs/config.schema.json.new" "$top/docs/config.schema.json"
