# Reads layers.txt, then sources; prints file:line: rule for every #include that the
# table does not allow. Variables: root (with a slash at the end) is cut from names.
# A module includes others only through their one header, "<m>/<m>.h"; the mains,
# which the table lets see everything, may take a part.

function fail(what) {
	printf "%s:%d: %s\n", substr(FILENAME, length(root) + 1), FNR, what
	bad++
}

# The table itself: a module may name only lower ones.
FILENAME ~ /layers\.txt$/ {
	sub(/#.*/, "")
	if (NF == 0)
		next
	split($0, half, "|")
	split(half[1], head, ":")
	split(head[1], id, " ")
	m = id[2]
	level[m] = id[1]
	uses[m] = " " head[2] " "
	foreign[m] = " " half[2] " "
	n = split(half[2], names, " ")
	for (i = 1; i <= n; i++)
		third[names[i]] = 1
	next
}

FNR == 1 {
	path = substr(FILENAME, length(root) + 1)
	n = split(path, part, "/")
	plugin = part[1] == "plugins"
	mod = part[1] == "core" ? part[2] : ""
	if (mod != "" && !(mod in level))
		fail("module " mod " is not in tests/lint/layers.txt")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	inc = q[2]
	slash = index(inc, "/")
	if (slash == 0)
		next # a file of the same folder
	owner = substr(inc, 1, slash - 1)
	if (inc ~ /(^|\/)\.\.\//) {
		fail("\"" inc "\" climbs out of its folder")
	} else if (owner == "assay") {
		if (mod != "" && (inc in third) && foreign[mod] !~ (" " inc " "))
			fail(inc " is for " allowed(inc) " only")
	} else if (mod != "" && owner != mod && !(owner in level)) {
		if (foreign[mod] !~ (" " inc " "))
			fail("\"" inc "\" is of no module: core sees code of the plugins only where the table says so")
	} else if (plugin && (owner in level)) {
		fail("a plugin includes nothing of ours but assay/plugin.h, not \"" inc "\"")
	} else if (mod != "" && owner != mod && (owner in level)) {
		if (inc != owner "/" owner ".h" && uses[mod] !~ / \* /)
			fail("\"" inc "\": a module is seen through " owner "/" owner ".h only")
		else if (level[owner] >= level[mod])
			fail(mod " (level " level[mod] ") may not include " owner " (level " level[owner] ")")
		else if (uses[mod] !~ (" " owner " ") && uses[mod] !~ / \* /)
			fail(mod " may not include " owner " (tests/lint/layers.txt)")
	}
	next
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, q, /[<>]/)
	inc = q[2]
	dir = index(inc, "/") ? substr(inc, 1, index(inc, "/")) : ""
	key = inc in third ? inc : (dir in third ? dir : "")
	if (mod != "" && key != "" && index(foreign[mod], " " key " ") == 0)
		fail("<" inc "> is for " allowed(key) " only")
	next
}

function allowed(key, m, out) {
	for (m in foreign)
		if (index(foreign[m], " " key " "))
			out = out (out == "" ? "" : ", ") m
	return out
}

END {
	for (m in level) {
		n = split(uses[m], names, " ")
		for (i = 1; i <= n; i++) {
			if (names[i] == "*")
				continue
			if (!(names[i] in level)) {
				printf "tests/lint/layers.txt: %s names %s, which is not in the table\n", m, names[i]
				bad++
			} else if (level[names[i]] >= level[m]) {
				printf "tests/lint/layers.txt: %s may not use %s, which is not lower\n", m, names[i]
				bad++
			}
		}
	}
	exit bad > 0
}
