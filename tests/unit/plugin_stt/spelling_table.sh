#!/bin/sh
# spelling_table.sh SCRIPT: what the script says and leaves when the package cannot be had,
# has another table, or none. A stand-in for python3 plays the package index.
set -eu
script=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
mkdir "$dir/bin"
cat > "$dir/bin/python3" << 'END'
#!/bin/sh
[ "$3" = --version ] && exit "${NO_PIP:-0}"
while [ $# -gt 0 ] && [ "$1" != --target ]; do shift; done
[ "${PIP:-ok}" = fails ] && { echo "no matching distribution"; exit 1; }
mkdir -p "$2/openai_whisper-1.dist-info"
echo MIT > "$2/openai_whisper-1.dist-info/LICENSE"
[ "${PIP:-ok}" = empty ] && exit 0
mkdir -p "$2/whisper/normalizers"
echo '{"a": "b"}' > "$2/whisper/normalizers/english.json"
END
chmod +x "$dir/bin/python3"
PATH=$dir/bin:$PATH

# expect PHRASE: the script failed, said so, and wrote nothing.
expect() {
	if "$script" "$dir/table.json" > "$dir/out" 2>&1; then
		echo "succeeded, but should have said: $1"
		exit 1
	fi
	grep -q "$1" "$dir/out" || { echo "did not say: $1"; cat "$dir/out"; exit 1; }
	[ ! -e "$dir/table.json" ] && [ ! -e "$dir/table.json.LICENSE" ] || { echo "left a file"; exit 1; }
}
export NO_PIP PIP
NO_PIP=1 PIP=ok expect "apt-get install python3-pip"
NO_PIP=0 PIP=fails expect "no matching distribution"
NO_PIP=0 PIP=empty expect "holds no table"
NO_PIP=0 PIP=ok expect "sha256 differs"
if "$script" > /dev/null; then
	echo "accepts no file name"
	exit 1
fi
