/* assay plugin check, F: what the file says without being run. */
#include <stdlib.h>
#include "cli/plugin_check.h"
#include "plugin/elf.h"

#define FILE_MAX ((size_t)1 << 30)

/* What every Debian system has, and what the worker's cage lets a plugin load. */
static const char *const usual[] = {
	"libc.so.6",
	"libm.so.6",
	"libgcc_s.so.1",
	"libstdc++.so.6",
	"libpthread.so.0",
	"libdl.so.2",
	"librt.so.1",
	"ld-linux-x86-64.so.2",
	"libgomp.so.1",
	"libatomic.so.1",
	"ld-linux-aarch64.so.1",
};

static const struct {
	const char *name, *why;
} suspects[] = {
	{"system", "no process can be started in the cage"},
	{"popen", "no process can be started in the cage"},
	{"fork", "no process can be started in the cage"},
	{"execve", "no process can be started in the cage"},
	{"execvp", "no process can be started in the cage"},
	{"posix_spawn", "no process can be started in the cage"},
	{"socket", "there is no network in the cage"},
	{"ptrace", "it ends the worker"},
	{"rand", "host->random is the seeded stream; this one is not"},
	{"srand", "host->random is the seeded stream; this one is not"},
	{"random", "host->random is the seeded stream; this one is not"},
	{"time", "a score must not depend on the clock"},
	{"gettimeofday", "a score must not depend on the clock"},
	{"setlocale", "the locale belongs to the host"},
	{"exit", "it ends the worker; return a code"},
};

static bool is_usual(const char *library)
{
	for (size_t i = 0; i < ASY_COUNT(usual); i++)
		if (strcmp(library, usual[i]) == 0)
			return true;
	return false;
}

static bool needs_only_usual(const asy_elf *e)
{
	for (size_t i = 0; i < e->needed_n; i++)
		if (!is_usual(e->needed[i]))
			return false;
	return true;
}

static void exports(check *c, const asy_elf *e)
{
	asy_elf_symbol s;
	size_t n = 0;
	const char *other = NULL;
	bool has_entry = false;
	for (size_t i = 0; i < e->symbol_n; i++) {
		if (!asy_elf_symbol_at(e, i, &s) || !s.is_defined)
			continue;
		n++;
		if (strcmp(s.name, "assay_plugin_entry_v1") == 0)
			has_entry = true;
		else
			other = s.name;
	}
	if (!has_entry)
		check_say(c, "F02", CHECK_ERROR, "does not export assay_plugin_entry_v1");
	else if (n != 1)
		check_say(c, "F02", CHECK_ERROR,
				  "exports %zu symbols, %s among them; build with -fvisibility=hidden, or name "
				  "the one in a version script",
				  n, other);
	else
		check_say(c, "F02", CHECK_OK, "exports assay_plugin_entry_v1 and nothing else");
}

/* The libraries that are always there version their symbols, so a name without a version is
 * looked for in the host, which shows none. */
static void imports(check *c, const asy_elf *e)
{
	asy_elf_symbol s;
	bool strict = needs_only_usual(e);
	for (size_t i = 0; i < e->symbol_n; i++) {
		if (!asy_elf_symbol_at(e, i, &s) || s.is_defined || s.is_weak)
			continue;
		bool is_ours = strncmp(s.name, "assay_", 6) == 0 || strncmp(s.name, "asy_", 4) == 0;
		if (is_ours || (strict && !s.has_version)) {
			check_say(c, "F03", CHECK_ERROR, "imports %s, which no library that it names has",
					  s.name);
			return;
		}
	}
	check_say(c, "F03", CHECK_OK, "imports nothing from the host");
}

static void hardening(check *c, const asy_elf *e)
{
	bool is_bad = e->has_rpath || e->has_textrel || e->has_exec_stack;
	if (e->has_rpath)
		check_say(c, "F04", CHECK_ERROR, "has a run path: it would bring libraries of its own");
	if (e->has_textrel)
		check_say(c, "F04", CHECK_ERROR, "has text relocations; build with -fPIC");
	if (e->has_exec_stack)
		check_say(c, "F04", CHECK_ERROR, "wants an executable stack; link with -Wl,-z,noexecstack");
	if (!e->has_relro || !e->has_bind_now)
		check_say(c, "F04", CHECK_WARNING, "link with -Wl,-z,relro,-z,now");
	else if (!is_bad)
		check_say(c, "F04", CHECK_OK, "no run path, text relocation or executable stack");
}

static void libraries(check *c, const asy_elf *e)
{
	for (size_t i = 0; i < e->needed_n; i++)
		if (!is_usual(e->needed[i]))
			check_say(c, "F07", CHECK_WARNING,
					  "needs %s, which is not on every system and not covered by a digest of "
					  "this file",
					  e->needed[i]);
	if (needs_only_usual(e))
		check_say(c, "F07", CHECK_OK, "needs %zu libraries that every system has", e->needed_n);
}

static void calls(check *c, const asy_elf *e)
{
	asy_elf_symbol s;
	size_t n = 0;
	for (size_t i = 0; i < e->symbol_n; i++) {
		if (!asy_elf_symbol_at(e, i, &s) || s.is_defined)
			continue;
		for (size_t k = 0; k < ASY_COUNT(suspects); k++) {
			if (strcmp(s.name, suspects[k].name) != 0)
				continue;
			check_say(c, "F08", CHECK_WARNING, "imports %s: %s", s.name, suspects[k].why);
			n++;
		}
	}
	if (n == 0)
		check_say(c, "F08", CHECK_OK, "imports nothing that has no place in a plugin");
}

bool check_file(check *c)
{
	assay_err err = {0};
	asy_elf e;
	assay_status st = asy_front_read_file(c->path, FILE_MAX, &c->file, &err);
	if (st == ASSAY_OK)
		st = asy_elf_read(asy_buf_span(&c->file), &e, &err);
	if (!check_result(c, "F01", CHECK_ERROR, st, &err, "a shared object for this machine"))
		return false;
	exports(c, &e);
	imports(c, &e);
	hardening(c, &e);
	libraries(c, &e);
	calls(c, &e);
	return true;
}
