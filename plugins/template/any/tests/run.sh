#!/bin/sh
# What must hold before this plugin judges anybody: run.sh PLUGIN.so
set -eu
assay plugin check "$1" --deep --examples "$(dirname "$0")/../examples.jsonl"
