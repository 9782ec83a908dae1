/* Loads a plugin file and reads its tables: the version before anything else,
 * then sizes, then copies of min(size) bytes into zeroed structs, so that older
 * and newer plugins look alike from here on. Refuses everything that the header
 * calls a contradiction; never unloads. */
#include <dlfcn.h>
#include "plugin/contract.h"

static assay_status check_abi(const char *what, uint32_t abi, assay_err *err)
{
	if (abi >> 16 != ASSAY_ABI_MAJOR)
		return ASSAY_FAIL(err, E_UNSUPPORTED,
						  "%s has ABI %" PRIu32 ".%" PRIu32 ", this host speaks %u.%u: rebuild the "
						  "plugin with this host's assay/plugin.h",
						  what, abi >> 16, abi & 0xffffu, ASSAY_ABI_MAJOR, ASSAY_ABI_MINOR);
	return ASSAY_OK;
}

/* A table must reach its last mandatory member; what follows may be absent. */
static assay_status check_size(const char *what, uint32_t size, size_t least, assay_err *err)
{
	if (size < least)
		return ASSAY_FAIL(err, E_PLUGIN, "%s.size is %" PRIu32 ", ABI 1 needs at least %zu", what,
						  size, least);
	return ASSAY_OK;
}

#define REACHES(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

static void copy_table(void *dst, size_t dst_size, const void *src, uint32_t src_size)
{
	memset(dst, 0, dst_size);
	memcpy(dst, src, src_size < dst_size ? src_size : dst_size);
}

static assay_status check_pair(const char *bits, bool bit, const char *bit_name, bool has,
							   const char *has_name, assay_err *err)
{
	if (bit == has)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_PLUGIN, "info.%s %s %s but %s is %s: make them agree", bits,
					  bit ? "has" : "lacks", bit_name, has_name, has ? "present" : "absent");
}

static assay_status check_agreement(const asy_tables *t, assay_err *err)
{
	const assay_plugin_info *i = &t->info;
	const assay_plugin_api *a = &t->api;

	if (a->open == NULL || a->close == NULL || a->score_batch == NULL)
		return ASSAY_FAIL(err, E_PLUGIN, "api.%s is NULL; open, close and score_batch are required",
						  a->open == NULL    ? "open"
						  : a->close == NULL ? "close"
											 : "score_batch");
	assay_status st = check_pair("caps", (i->caps & ASSAY_CAP_CHALLENGES) != 0, "CHALLENGES",
								 a->make_challenges != NULL, "api.make_challenges", err);
	if (st == ASSAY_OK)
		st = check_pair("needs", (i->needs & ASSAY_NEED_STATE) != 0, "STATE",
						a->state_save != NULL && a->state_load != NULL,
						"the pair api.state_save, api.state_load", err);
	if (st == ASSAY_OK && (a->state_save == NULL) != (a->state_load == NULL))
		st = ASSAY_FAIL(err, E_PLUGIN, "api.%s is NULL: give both of state_save and state_load",
						a->state_save == NULL ? "state_save" : "state_load");
	if (st == ASSAY_OK)
		st = check_pair("caps", (i->caps & ASSAY_CAP_COMPONENTS) != 0, "COMPONENTS",
						i->component_n != 0, "a component name (info.component_n)", err);
	return st;
}

assay_status asy_tables_read(const assay_plugin_desc *d, asy_tables *out, assay_err *err)
{
	asy_tables t;

	if (d == NULL)
		return ASSAY_FAIL(err, E_PLUGIN, "assay_plugin_entry_v1 returned NULL");
	if (d->magic != ASSAY_PLUGIN_MAGIC)
		return ASSAY_FAIL(err, E_PLUGIN, "descriptor magic is 0x%08" PRIx32 ", expected 0x%08x",
						  d->magic, ASSAY_PLUGIN_MAGIC);
	assay_status st = check_abi("the descriptor", d->abi, err);
	if (st == ASSAY_OK)
		st = check_size("descriptor", d->size, REACHES(assay_plugin_desc, api), err);
	if (st != ASSAY_OK)
		return st;
	if (d->info == NULL || d->api == NULL)
		return ASSAY_FAIL(err, E_PLUGIN, "descriptor.%s is NULL", d->info == NULL ? "info" : "api");
	st = check_size("info", d->info->size, REACHES(assay_plugin_info, score_max), err);
	if (st == ASSAY_OK)
		st = check_abi("info", d->info->abi, err);
	if (st == ASSAY_OK)
		st = check_size("api", d->api->size, REACHES(assay_plugin_api, score_batch), err);
	if (st != ASSAY_OK)
		return st;
	copy_table(&t.info, sizeof t.info, d->info, d->info->size);
	copy_table(&t.api, sizeof t.api, d->api, d->api->size);
	st = check_agreement(&t, err);
	if (st == ASSAY_OK)
		st = asy_info_check(&t.info, err);
	if (st == ASSAY_OK)
		*out = t;
	return st;
}

/* A file of another major exports another symbol; say which instead of "missing". */
static assay_status no_entry(void *lib, const char *shown, assay_err *err)
{
	char symbol[32];
	for (unsigned major = 2; major < 10; major++) {
		(void)snprintf(symbol, sizeof symbol, "assay_plugin_entry_v%u", major);
		if (dlsym(lib, symbol) != NULL)
			return ASSAY_FAIL(err, E_UNSUPPORTED,
							  "%s exports %s only; this host speaks ABI major %u: rebuild the "
							  "plugin with this host's assay/plugin.h",
							  shown, symbol, ASSAY_ABI_MAJOR);
	}
	return ASSAY_FAIL(err, E_PLUGIN,
					  "%s does not export assay_plugin_entry_v1: not an Assay plugin (or hidden "
					  "by a linker script)",
					  shown);
}

/* The loader names the file as it was opened, which means nothing to a user. */
static assay_status not_loaded(const char *file, const char *shown, assay_err *err)
{
	const char *why = dlerror();
	size_t n = strlen(file);
	if (why != NULL && strncmp(why, file, n) == 0 && strncmp(why + n, ": ", 2) == 0)
		why += n + 2;
	if (why != NULL && (strstr(why, "ELF header") != NULL || strstr(why, "file too short") != NULL))
		return ASSAY_FAIL(err, E_PLUGIN,
						  "%s is no shared library; build the plugin with cc -shared -fPIC", shown);
	return ASSAY_FAIL(err, E_PLUGIN, "cannot load %s: %s", shown,
					  why != NULL ? why : "unknown reason");
}

assay_status asy_tables_load(const char *file, const char *shown, asy_tables *out, assay_err *err)
{
	void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (lib == NULL)
		return not_loaded(file, shown, err);
	void *symbol = dlsym(lib, "assay_plugin_entry_v1");
	if (symbol == NULL)
		return no_entry(lib, shown, err);
	assay_plugin_entry_fn *entry;
	/* ISO C has no cast from object to function pointer; POSIX promises this works */
	memcpy(&entry, &symbol, sizeof entry);
	assay_status st = asy_tables_read(entry(), out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "%s", shown);
}

bool asy_tables_are_of(const char *file)
{
	return dlopen(file, RTLD_LAZY | RTLD_NOLOAD) != NULL;
}
