# Sourced by scripts that run something long with its output in a log. On a terminal a
# line shows how far it is, and is erased at the end; elsewhere nothing is shown.
#   asy_progress LABEL LOG COMMAND...     runs COMMAND >LOG 2>&1, returns its status
# shellcheck shell=sh

asy_progress() {
	asy_label=$1 asy_log=$2
	shift 2
	: >"$asy_log"
	if [ ! -t 2 ] || [ "${TERM:-dumb}" = dumb ]; then
		"$@" >"$asy_log" 2>&1
		return
	fi
	# The command stays in the foreground, so that Ctrl-C reaches it; the watcher ends
	# when its flag is gone, at the latest when this shell is.
	asy_flag=$(mktemp)
	asy_watch "$$" "$asy_flag" "$asy_label" "$asy_log" &
	asy_rc=0
	"$@" >"$asy_log" 2>&1 || asy_rc=$?
	rm -f "$asy_flag"
	wait "$!" 2>/dev/null || :
	return "$asy_rc"
}

# The last line of the log, without control characters, cut to the terminal's width.
asy_watch() {
	trap 'exit 0' INT TERM
	cols=$(stty size 2>/dev/null <&2 | cut -d' ' -f2)
	[ "${cols:-0}" -gt 20 ] || cols=80
	began=$(date +%s)
	while [ -e "$2" ] && kill -0 "$1" 2>/dev/null; do
		last=$(tail -c 400 "$4" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | tr -d '\000-\037')
		printf '\r\033[K%s' "$(printf '%s, %s s: %s' "$3" "$(($(date +%s) - began))" "$last" | cut -c "1-$((cols - 1))")" >&2
		sleep 1
	done
	printf '\r\033[K' >&2
}
