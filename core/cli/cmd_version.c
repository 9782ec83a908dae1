/* assay version: what this build is, for bug reports. */
#include "cli/cli.h"

int cmd_version(int argc, char **argv)
{
	bool json = false;
	const asy_front_opt opts[] = {{"json", ASY_FRONT_FLAG, &json, NULL, "machine-readable"}};
	const asy_front_usage usage = {
		"assay version [--json]",
		"Prints the version, the compiler and the processor variant in use.", opts,
		ASY_COUNT(opts)};
	size_t n;
	int code;
	assay_err err = {0};
	asy_buf out = {0};
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	const char *cpu = asy_cpu_name(asy_cpu_detect());
	if (!json) {
		(void)printf("assay %s (%s, %s)\n", assay_version(), __VERSION__, cpu);
		return 0;
	}
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	asy_jw_kstr(&w, "version", assay_version());
	asy_jw_kstr(&w, "compiler", __VERSION__);
	asy_jw_kstr(&w, "cpu", cpu);
	asy_jw_ku64(&w, "plugin_abi_major", 1);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, &err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, &err);
	asy_buf_fini(&out);
	return st == ASSAY_OK ? 0 : asy_front_fail("version", st, &err);
}
