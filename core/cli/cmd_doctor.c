/* assay doctor: is this machine, and optionally this configuration, fit to run? The checks
 * themselves are in front, shared with `assayd --check`. */
#include "cli/cli.h"
#include "front/check.h"

int cmd_doctor(int argc, char **argv)
{
	const char *file = NULL;
	asy_front_list sets = {0}, tasks = {0};
	bool json = false, probe = false;
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &file, "FILE", "also check all that this configuration needs"},
		{"set", ASY_FRONT_LIST, &sets, "PATH=VALUE", "override one option; may be repeated"},
		{"task", ASY_FRONT_LIST, &tasks, "NAME", "only this task; may be repeated"},
		{"probe", ASY_FRONT_FLAG, &probe, NULL,
		 "also ask up to 16 miners one challenge, and score the answers"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "machine-readable"},
	};
	const asy_front_usage usage = {
		"assay doctor [--config FILE [--probe]] [--json]",
		"Checks this machine and, with --config, everything the daemon needs to start: data "
		"directory, hotkey, plugin and its configuration, challenges, chain node, clock, "
		"registration, miners. Changes nothing. `assayd --check` does the same.\n"
		"A line is ok, a note, or BAD with what to do. The exit code is that of the first "
		"BAD one.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	asy_front_checks c;
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	if (file == NULL && (probe || sets.n > 0 || tasks.n > 0))
		return asy_front_misuse("doctor", "--probe, --set and --task need --config FILE");
	const asy_front_check_what what = {file, &sets, &tasks, probe};
	asy_front_checks_begin(&c, json);
	asy_front_check_machine(&c);
	if (file != NULL)
		asy_front_check_config(&c, &what);
	return asy_front_checks_end(&c);
}
