#!/bin/sh
# Fetches the source of blst (BLS12-381), which Debian 12 does not package: by name,
# version and digest, from the Python package index, where ckzg carries it whole.
#   configs/blst.sh [DIR]     DIR: build/blst in this tree by default
# Silent when it is there already or the system has its own. CMake compiles two files of it.
set -eu
case "${1:-}" in
-h | --help)
	sed -n '2,5s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac
dir=${1:-"$(dirname "$0")/../build/blst"}
version=2.1.8 # holds blst 0.3.16
digest=d7bef6b425dca6995457fc59fc5b30211d9b28cbbeee0e7a7bef1372e13f29ca
[ "$(cat "$dir/fetched" 2>/dev/null || :)" != "$digest" ] || exit 0
for own in /usr /usr/local; do
	[ ! -e "$own/include/blst.h" ] || exit 0
done

# Debian's python3-pip comes with what pip needs to look into a source package.
python=""
for p in /usr/bin/python3 python3; do
	[ -n "$python" ] || ! "$p" -c 'import setuptools, wheel, pip' 2>/dev/null || python=$p
done
[ -n "$python" ] || {
	echo "configs/blst.sh: pip with setuptools and wheel is missing (Debian: python3-pip)" >&2
	exit 1
}

parent=$(dirname "$dir")
mkdir -p "$parent"
work=$(mktemp -d "$parent/blst.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
echo "fetching blst (in ckzg $version)"
echo "ckzg==$version --hash=sha256:$digest" >"$work/requirements"
"$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: --no-build-isolation \
	--require-hashes -r "$work/requirements" -d "$work" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	echo "configs/blst.sh: without a package index: install blst yourself, or configure with -DASSAY_FETCH_BLST=ON" >&2
	exit 1
}
tar -xzf "$work/ckzg-$version.tar.gz" -C "$work" --exclude '*/.git' "ckzg-$version/blst"
echo "$digest" >"$work/ckzg-$version/blst/fetched"
rm -rf "$dir"
# Two runs at the same time: the second finds the first one's.
mv -T "$work/ckzg-$version/blst" "$dir" 2>/dev/null || [ -e "$dir/fetched" ]
