# Clock, entropy, network, disk and environment are called at the edges only; a line
# elsewhere carries /* edge: reason */. Nothing below the mains blocks or pumps. Also
# functions that nobody should call, and words that have no place in a finished tree.
# Comments and strings are not code.

function fail(what) {
	printf "%s:%d: %s\n", path, FNR, what
	bad++
}

function check_assertion(text, name) {
	sub(/^[^A]*ASSERT\(/, "", text)
	if (text ~ /\+\+|--|[^=!<>]=[^=]/)
		fail_at(assert_line, "an assertion changes something; do that before it")
	while (match(text, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		name = substr(text, RSTART, RLENGTH)
		gsub(/[^A-Za-z0-9_]/, "", name)
		text = substr(text, RSTART + RLENGTH)
		if (name !~ /^(sizeof|ASY_COUNT|strcmp|strncmp|memcmp|strlen|isfinite)$/)
			fail_at(assert_line, "an assertion calls " name "(); call it before, and assert what it gave")
	}
}

function fail_at(line, what) {
	printf "%s:%d: %s\n", path, line, what
	bad++
}

FNR == 1 {
	asserting = ""
	path = substr(FILENAME, length(root) + 1)
	comment = 0
	free = path ~ edges
	awaits = path ~ awaiting
	ours = path ~ /^(core|plugins|include)\//
	if (ours && $0 !~ /^\/\*/)
		fail("a file opens with a comment that says what it is for")
}

{
	raw = $0
	line = $0
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
	gsub(/'[^']*'/, "0", line)
	code = ""
	while (line != "") {
		if (comment) {
			e = index(line, "*/")
			if (e == 0)
				break
			line = substr(line, e + 2)
			comment = 0
		} else {
			b = index(line, "/*")
			s = index(line, "//")
			if (s && (!b || s < b)) {
				code = code substr(line, 1, s - 1)
				break
			}
			if (b == 0) {
				code = code line
				break
			}
			code = code substr(line, 1, b - 1) " "
			line = substr(line, b + 2)
			comment = 1
		}
	}
}

raw ~ /\/\* edge: [^ *]/ {
	escapes++
	next
}

ours && !free && match(code, /(^|[^A-Za-z0-9_.>])(clock_gettime|gettimeofday|getrandom|getentropy|randombytes_[a-z]*|open|openat|creat|fopen|opendir|socket|getenv|secure_getenv|time)[ \t]*\(/) {
	word = substr(code, RSTART, RLENGTH)
	gsub(/[^A-Za-z0-9_]/, "", word)
	fail(word "() outside the edges; inject it, or say why with /* edge: reason */")
}

awaits && match(code, /(^|[^A-Za-z0-9_.>])(asy_loop_run_until|sleep|usleep|nanosleep|clock_nanosleep|poll|ppoll|select|pselect|epoll_wait|epoll_pwait)[ \t]*\(/) {
	word = substr(code, RSTART, RLENGTH)
	gsub(/[^A-Za-z0-9_]/, "", word)
	fail(word "() holds up everything else; await on the loop (core/loop/co.h)")
}

ours && match(code, /(^|[^A-Za-z0-9_.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|system|popen|rand|srand|tmpnam|mktemp)[ \t]*\(/) {
	word = substr(code, RSTART, RLENGTH)
	gsub(/[^A-Za-z0-9_]/, "", word)
	fail(word "() has no safe use here")
}

raw ~ /(TODO|XXX[: ]|HACK)/ || raw ~ /FIXME/ && raw !~ /FIXME\(#[0-9]+\)/ {
	fail("unfinished business belongs into an issue")
}

# An assertion only looks: what it calls has no effect, so that nothing is lost by leaving it
# out. It may go on over several lines.
ours && (code ~ /(^|[^A-Za-z0-9_])ASSERT\(/ || asserting != "") && code !~ /#define/ {
	if (asserting == "") {
		match(code, /(^|[^A-Za-z0-9_])ASSERT\(/)
		asserting = substr(code, RSTART)
		assert_line = FNR
	} else {
		asserting = asserting " " code
	}
	opened = gsub(/\(/, "(", asserting)
	closed = gsub(/\)/, ")", asserting)
	if (opened <= closed) {
		check_assertion(asserting)
		asserting = ""
	}
}

END {
	printf "%d lines carry an edge reason\n", escapes + 0 > "/dev/stderr"
	exit bad > 0
}
