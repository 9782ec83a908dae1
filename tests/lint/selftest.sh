#!/bin/sh
# The checks find what they are for: each is run over a small tree that breaks it once.
set -eu
lint=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

expect() { # expect NAME WORDS COMMAND...: the command fails and says the words
	name=$1
	words=$2
	shift 2
	if said=$("$@" 2>/dev/null); then
		echo "selftest: $name: nothing found"
		exit 1
	fi
	case $said in
	*"$words"*) ;;
	*)
		echo "selftest: $name: said '$said', expected '$words'"
		exit 1
		;;
	esac
}
put() { # put FILE LINE...: one file after an opening comment
	mkdir -p "$tree/$(dirname "$1")"
	file=$1
	shift
	{
		echo '/* A file. */'
		for line in "$@"; do printf '%s\n' "$line"; done
	} >"$tree/$file"
}
reset() {
	rm -rf "${tree:?}/core" "$tree/plugins" "$tree/include"
	put core/base/base.c '#include "base/base.h"' 'int x; /* TIME() in words is no call: time(NULL) */'
}

reset
"$lint/layers.sh" "$tree"
"$lint/words.sh" "$tree" 2>/dev/null
put core/base/up.c '#include "codec/codec.h"'
expect higher 'base (level 0) may not include codec' "$lint/layers.sh" "$tree"
reset
put core/yuma/a.c '#include "codec/json.h"'
expect inside 'seen through codec/codec.h only' "$lint/layers.sh" "$tree"
reset
put core/yuma/a.c '#include <sqlite3.h>'
expect foreign '<sqlite3.h> is for store only' "$lint/layers.sh" "$tree"
reset
put core/nowhere/a.c '#include "base/base.h"'
expect unknown 'module nowhere is not in' "$lint/layers.sh" "$tree"
put core/yuma/a.c '#include "encoder/encoder.h"'
expect plugins 'core sees code of the plugins only' "$lint/layers.sh" "$tree"
reset
put core/cli/a.c '#include "encoder/encoder.h"'
"$lint/layers.sh" "$tree"
put core/cli/a.c '#include "encoder/kern.h"'
expect plugins 'core sees code of the plugins only' "$lint/layers.sh" "$tree"
reset
put plugins/text/a.c '#include "base/base.h"'
expect plugin 'a plugin includes nothing of ours' "$lint/layers.sh" "$tree"
reset
put core/yuma/a.c 'int f(void) { return clock_gettime(0, 0); }'
expect clock 'core/yuma/a.c:2: clock_gettime() outside the edges' "$lint/words.sh" "$tree"
put core/yuma/a.c 'int f(void) { return clock_gettime(0, 0); /* edge: selftest */ }'
"$lint/words.sh" "$tree" 2>/dev/null
put core/yuma/a.c 'void f(char *s) { strcpy(s, "x"); }'
expect strcpy 'strcpy() has no safe use' "$lint/words.sh" "$tree"
reset
put core/round/a.c 'int f(void) { return asy_loop_run_until(l, d, a, 0); }'
expect pump 'asy_loop_run_until() holds up everything' "$lint/words.sh" "$tree"
put core/round/a.c 'int f(void) { return ppoll(v, n, t, 0); }'
expect poll 'ppoll() holds up everything' "$lint/words.sh" "$tree"
reset
put core/cli/a.c 'int f(void) { return asy_loop_run_until(l, d, a, 0) + usleep(1); }'
put core/loop/a.c 'int f(void) { return poll(v, n, 0); }'
put core/chain/a.c 'int f(void) { return s->poll(v) + asy_loop_sleep(l, 1); }'
"$lint/words.sh" "$tree" 2>/dev/null
put core/yuma/a.c '/* TODO later */'
expect unfinished 'belongs into an issue' "$lint/words.sh" "$tree"
reset
put core/yuma/a.c 'void f(void) { ASSERT(take(&x) > 0); }'
expect assert 'a.c:2: an assertion calls take()' "$lint/words.sh" "$tree"
put core/yuma/a.c 'void f(void) { ASSERT(a &&' 'b[n++] == 0); }'
expect assert 'a.c:2: an assertion changes something' "$lint/words.sh" "$tree"
put core/yuma/a.c 'void f(void) { ASSERT(n < ASY_COUNT(v) && strcmp(a, b) == 0 && (a >= 0)); }'
"$lint/words.sh" "$tree" 2>/dev/null
reset
echo 'int no_comment;' >"$tree/core/base/bare.c"
expect opening 'opens with a comment' "$lint/words.sh" "$tree"
reset
yes 'int y;' 2>/dev/null | head -n 701 >"$tree/core/base/long.c"
expect length '701 lines' "$lint/length.sh" "$tree"
reset
mkdir -p "$tree/docs"
echo '| `a.known` | info | an event |' >"$tree/docs/logging.md"
put core/base/event.c 'void f(void) { asy_log(l, ASY_INFO,' '"a.known"); }'
"$lint/events.sh" "$tree"
put core/base/event.c 'void f(void) { asy_log(l, ASY_INFO, "a.known"); asy_complain(c, l, "a.new"); }'
expect event 'core/base/event.c: a.new is not in docs/logging.md' "$lint/events.sh" "$tree"
reset
expect event 'nothing logs a.known' "$lint/events.sh" "$tree"
put core/base/path.c 'static const char p[] = "/ho''me/me/x";'
expect path 'path.c:2' "$lint/paths.sh" "$tree"
reset
mkdir -p "$tree/docs"
put core/base/named.c '/* see base.c and core/base/base.c; mirrors epoch/math.rs:clip and src/up.c:down, 127.a.c.b */'
"$lint/names.sh" "$tree"
put core/base/named.c '/* see gone.c */'
expect name 'core/base/named.c:2: gone.c is not in the tree' "$lint/names.sh" "$tree"
put core/base/named.c 'int x; // as core/gone/way' '/* over' 'two lines: docs/gone.md */'
expect name 'named.c:2: core/gone/way is not' "$lint/names.sh" "$tree"
expect name 'named.c:4: docs/gone.md is not' "$lint/names.sh" "$tree"
put core/base/named.c '/* as some-protocol 8.3 says */'
expect section 'a document that a stranger does not have' "$lint/names.sh" "$tree"
put core/base/named.c 'char s[] = "gone.c";'
echo 'See `core/base/base.c`, `gone.h` and core/base/missing.c.' >"$tree/docs/a.md"
expect name 'docs/a.md:1: gone.h is not in the tree' "$lint/names.sh" "$tree"
expect name 'docs/a.md:1: core/base/missing.c is not' "$lint/names.sh" "$tree"
echo '| `core/base` | 1 | |' >"$tree/docs/architecture.md"
echo 'Nothing.' >"$tree/docs/a.md"
expect module 'no row for core/base at level 0' "$lint/names.sh" "$tree"
echo '| `core/base` | 0 | |' >"$tree/docs/architecture.md"
"$lint/names.sh" "$tree"
reset
put core/config/table.c '	{"cpu", "", "x"},' '	{"query.route", "", "x"},'
put core/config/config.c 'char *others[] = {' '"ASSAY_TEST_", "ASSAY_SECRET="' '};'
put core/base/env.c 'char *f(void) { return getenv("ASSAY_QUERY_ROUTE") + getenv("ASSAY_TEST_X"); }'
"$lint/environment.sh" "$tree"
put core/base/env.c 'char *f(void) { return getenv("ASSAY_ROUTE"); }'
expect environment 'env.c:2: ASSAY_ROUTE is no option' "$lint/environment.sh" "$tree"
