#!/bin/sh
# Banned calls and words: words.sh [ROOT]. Prints how many lines carry an escape.
. "$(dirname -- "$0")/common.sh"
# base/sys.c, the HTTP client, the store, the loop, and the mains with the file that
# reads and writes for them
edges='^core/(base/sys\.c|http/client\.c|store/[a-z_]*\.c|loop/[a-z_]*\.c|front/files\.c|(worker|daemon|cli|signer)/)'
sources core plugins include tests benchmarks | xargs awk -v root="$root/" -v edges="$edges" -f "$lint/words.awk"
