#!/bin/sh
# Banned calls and words: words.sh [ROOT]. Prints how many lines carry an escape.
. "$(dirname -- "$0")/common.sh"
# base/sys.c, the HTTP client, the store, the loop, and the mains with the file that
# reads and writes for them
edges='^core/(base/sys\.c|http/client\.c|store/[a-z_]*\.c|loop/[a-z_]*\.c|front/files\.c|(worker|daemon|cli|signer)/)'
# everything below the mains and front runs in coroutines and awaits on the loop
modules=$(awk '$1 ~ /^[0-9]+$/ && $1 < 9 && $2 !~ /^(loop|front)$/ { printf "%s%s", sep, $2; sep = "|" }' "$lint/layers.txt")
sources core plugins include tests benchmarks |
	xargs awk -v root="$root/" -v edges="$edges" -v awaiting="^core/($modules)/" -f "$lint/words.awk"
