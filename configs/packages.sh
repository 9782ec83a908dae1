#!/bin/sh
# Installs, by Debian package name, what Assay needs and is not there yet.
#   configs/packages.sh [--tests]
# Says what it installs before it does; silent when nothing is missing. With
# --tests also what only the tests need; optional ones may fail to install and
# the tests that want them then print "skipped".
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libcurl4-openssl-dev libjansson-dev
libsodium-dev libpcre2-dev libuv1-dev libsqlite3-dev libwebsockets-dev libxxhash-dev
libopenblas-dev libpng-dev libunistring-dev zlib1g-dev"
tests="g++ check sqlite3 curl"
optional="clang clang-format gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user ccache"

want_tests=0
for arg in "$@"; do
	case "$arg" in
	--tests) want_tests=1 ;;
	-h | --help)
		sed -n '2,6s/^# \{0,1\}//p' "$0"
		exit 0
		;;
	*)
		echo "packages.sh: unknown option '$arg' (try --help)" >&2
		exit 2
		;;
	esac
done

missing() {
	for p in "$@"; do
		# shellcheck disable=SC2016
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || printf '%s ' "$p"
	done
}

command -v dpkg-query >/dev/null 2>&1 || {
	echo "packages.sh: this is not a Debian system; install the equivalents of: $build" >&2
	exit 1
}

# shellcheck disable=SC2086
need=$(missing $build)
extra=""
if [ "$want_tests" = 1 ]; then
	# shellcheck disable=SC2086
	need="$need$(missing $tests)"
	# shellcheck disable=SC2086
	extra=$(missing $optional)
fi
[ -n "$need$extra" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null 2>&1 || {
		echo "packages.sh: need root or sudo to install: $need$extra" >&2
		exit 1
	}
	as_root="sudo"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq -y "$@" >"$log" 2>&1
}
echo "installing Debian packages: $need$extra"
apt update || {
	cat "$log" >&2
	echo "packages.sh: 'apt-get update' failed; is a package mirror reachable?" >&2
	exit 1
}
if [ -n "$need" ]; then
	# shellcheck disable=SC2086
	apt install --no-install-recommends $need || {
		cat "$log" >&2
		echo "packages.sh: could not install: $need" >&2
		exit 1
	}
fi
for p in $extra; do
	apt install --no-install-recommends "$p" || echo "optional package $p is not available; its tests will be skipped"
done
