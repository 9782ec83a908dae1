#!/bin/sh
# Installs, by Debian package name, what Assay needs and is not there yet; what Debian
# does not package is fetched into build/ (configs/blst.sh).
#   configs/packages.sh [--tests]
# Says what it installs before it does; silent when nothing is missing. With --tests
# also what the tests need; some of that is optional, and where it cannot be installed
# the tests that want it are skipped.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libcurl4-openssl-dev libjansson-dev
libsodium-dev libpcre2-dev libuv1-dev libsqlite3-dev libwebsockets-dev libwebsockets-evlib-uv libxxhash-dev
libseccomp-dev libpython3-dev
libpng-dev libjpeg-dev libwebp-dev libunistring-dev libssl-dev python3-pip zlib1g-dev
wordnet-base mythes-de mythes-fr mythes-es mythes-it mythes-pt-pt mythes-ru"
tests="g++ check"
optional="ccache clang clang-format libclang-rt-14-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user python3-mnemonic python3-numpy"

want_tests=0
for arg in "$@"; do
	case "$arg" in
	--tests) want_tests=1 ;;
	-h | --help)
		sed -n '2,7s/^# \{0,1\}//p' "$0"
		exit 0
		;;
	*)
		echo "packages.sh: unknown option '$arg' (try --help)" >&2
		exit 2
		;;
	esac
done

command -v dpkg-query >/dev/null 2>&1 || {
	echo "packages.sh: this is not a Debian system, so nothing is installed; Assay builds against:" $build >&2
	exit 1
}

missing() {
	for p in "$@"; do
		# shellcheck disable=SC2016  # dpkg-query's own variable
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || printf ' %s' "$p"
	done
}
# shellcheck disable=SC2086  # lists of names
need=$(missing $build)
extra=""
if [ "$want_tests" = 1 ]; then
	# shellcheck disable=SC2086
	need="$need$(missing $tests)"
	# shellcheck disable=SC2086
	extra=$(missing $optional)
fi
fetch_and_exit() {
	sh "$(dirname "$0")/blst.sh"
	exit 0
}
[ -n "$need$extra" ] || fetch_and_exit

as_root=""
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	# Asked before anything is said or done: sudo may want a password, or refuse.
	if ! command -v sudo >/dev/null 2>&1 || ! sudo true; then
		[ -n "$need" ] || {
			echo "not installed, so their tests are skipped:$extra"
			fetch_and_exit
		}
		echo "packages.sh: these Debian packages are missing:$need" >&2
		echo "packages.sh: installing them takes root or sudo; as root: apt-get install --no-install-recommends$need" >&2
		exit 1
	fi
fi

. "$(dirname "$0")/progress.sh"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Another apt may be at work, on a machine that has just started for instance.
apt() {
	# shellcheck disable=SC2086  # empty or one word
	asy_progress "apt-get $1" "$log" \
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}
give_up() {
	cat "$log" >&2
	echo "packages.sh: $1" >&2
	exit 1
}

echo "installing Debian packages:$need$extra"
if ! apt update; then
	[ -z "$need" ] || give_up "'apt-get update' failed; without a package mirror, install by hand:$need"
	echo "no package mirror, so the tests of these are skipped:$extra"
	fetch_and_exit
fi
if [ -n "$need" ]; then
	# shellcheck disable=SC2086
	apt install --no-install-recommends $need || give_up "could not install:$need"
fi
# In one go when possible; one by one tells which are not to be had.
# shellcheck disable=SC2086
if [ -n "$extra" ] && ! apt install --no-install-recommends $extra; then
	for p in $extra; do
		apt install --no-install-recommends "$p" || echo "$p is not to be had; its tests are skipped"
	done
fi
fetch_and_exit
