#!/bin/sh
# Runs inside a bare root that .ci/run made, as a stranger would: git, a clone, README's
# commands and nothing else. Every phase is timed; the first failure ends it.
set -eu
began=$(date +%s)
phase() {
	echo "== $* ($(($(date +%s) - began)) s)"
}
phase "git, the one package that README takes for granted"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update >/tmp/apt.log 2>&1 && apt-get -qq -y install --no-install-recommends git >>/tmp/apt.log 2>&1 || {
	cat /tmp/apt.log
	exit 1
}
cd /srv
git clone -q assay.bundle assay
cd assay
phase "configs/demo/run.sh"
configs/demo/run.sh --json /tmp/demo.json
phase "README: Install"
sed -n '/^## Install/,/^## /{/^```sh/,/^```$/p}' README.md | grep -v '^```' >/tmp/install.sh
[ -s /tmp/install.sh ] || {
	echo "README has no Install lines"
	exit 1
}
sh -eux /tmp/install.sh >/tmp/install.log 2>&1 || {
	tail -n 60 /tmp/install.log
	exit 1
}
phase "the installed tree serves a stranger"
sh tests/install/check.sh --tree /usr/local tests/install /tmp/stranger cmake Ninja gcc
phase "README: from nothing to weights"
sh tests/install/transcript.sh /usr/local .
phase "plugins made from the templates"
sh tests/install/plugin.sh /usr/local
phase "tests/run.sh"
tests/run.sh
if [ -d /srv/shared/vectors ]; then
	phase "tests/golden/run"
	tests/golden/run /srv/shared/vectors >/tmp/golden.log || {
		grep -A5 FAILED /tmp/golden.log | head -n 40
		exit 1
	}
	tail -n 1 /tmp/golden.log
fi
phase "done"
git status --short | grep . && {
	echo "the tree is not clean after the runs"
	exit 1
}
exit 0
