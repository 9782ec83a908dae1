# Prints file:line: what for every name of a file that is not in the tree: in comments of
# sources and scripts, and in documents. The first input lists the tree's files, one a line.
# What a comment mirrors upstream it names as file:function, which is not looked for here, nor
# are .rs and .py; mine.c is the reader's. Variables: root (with a slash at the end).

function fail(what) {
	printf "%s:%d: %s\n", path, FNR, what
	bad++
}

function add(name, parts, n, i, dir) {
	known[name] = 1
	n = split(name, parts, "/")
	base[parts[n]] = 1
	dir = ""
	for (i = 1; i < n; i++) {
		dir = dir (i > 1 ? "/" : "") parts[i]
		known[dir] = 1
	}
}

# A name as somebody reads it: from the top, from the folder of the file that says it, from
# where headers are found, or alone.
function is_here(name, dir) {
	sub(/\/$/, "", name)
	sub(/^\.\//, "", name)
	sub(/\.in$/, "", name) # made from a template of the same name
	dir = path
	sub(/[^\/]*$/, "", dir)
	return name in known || (dir name) in known || ("core/" name) in known ||
		("include/" name) in known || ("tests/" name) in known || ("plugins/" name) in known || (name ".in") in known ||
		(name !~ /\// && name in base)
}

function check(text, pattern, name) {
	while (match(text, pattern)) {
		name = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (name ~ /:$/ && text ~ /^[A-Za-z_]/)
			continue # file:function, upstream
		if (text ~ /^[<*{[]/)
			continue # a name with a place to fill in
		sub(/^[^A-Za-z0-9_.\/-]/, "", name)
		sub(/[^A-Za-z0-9_\/]*$/, "", name)
		if (name !~ /^(\/|mine\.)/ && name !~ /\.(rs|py)$/ && !is_here(name))
			fail(name " is not in the tree")
	}
}

# The comments of one line of C.
function comments(line, out, b, e, s) {
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
	out = ""
	while (line != "") {
		if (inside) {
			e = index(line, "*/")
			out = out " " (e ? substr(line, 1, e - 1) : line)
			if (!e)
				return out
			line = substr(line, e + 2)
			inside = 0
			continue
		}
		b = index(line, "/*")
		s = index(line, "//")
		if (s && (!b || s < b))
			return out " " substr(line, s + 2)
		if (!b)
			return out
		line = substr(line, b + 2)
		inside = 1
	}
	return out
}

BEGIN {
	named = "[A-Za-z0-9_.\\/-]*[A-Za-z0-9_]\\.(c|h|md|sh|awk|txt|sql|cmake)([^A-Za-z0-9_.]|\\.[^A-Za-z0-9]|\\.?$)"
	rooted = "(^|[^A-Za-z0-9_.\\/$}~-])(core|docs|plugins|include|configs|tests|benchmarks)\\/[A-Za-z0-9_.\\/-]+"
	section = "[a-z]+-[a-z-]+ [0-9]+\\.[0-9]+([^.0-9]|$)"
}

FNR == NR {
	add($0)
	next
}

FNR == 1 {
	path = substr(FILENAME, length(root) + 1)
	inside = 0
	fenced = 0
}

path ~ /\.[ch]$/ {
	said = comments($0)
	check(said, named)
	check(said, rooted)
	if (match(said, section) && substr(said, RSTART, RLENGTH) !~ /^bittensor-/)
		fail("'" substr(said, RSTART, RLENGTH) "' is a section of a document that a stranger does not have")
	next
}

path ~ /\.md$/ {
	# names of files between backticks, and paths from the top anywhere but in a program
	if ($0 ~ /^ *```/)
		fenced = !fenced
	text = $0
	check(text, rooted)
	while (!fenced && match(text, /`[^`]*`/)) {
		quoted = substr(text, RSTART + 1, RLENGTH - 2)
		text = substr(text, RSTART + RLENGTH)
		if (quoted !~ / /)
			check(quoted, named)
	}
	next
}

/^[ \t]*#/ && !/^#!/ {
	check($0, named)
	check($0, rooted)
}

END {
	exit bad > 0
}
