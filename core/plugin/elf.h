/* elf: what a plugin file says of itself as a shared object, read without loading it. Names
 * borrow the file's bytes. For checks, manifests and the lock file. */
#ifndef ASY_PLUGIN_ELF_H
#define ASY_PLUGIN_ELF_H
#include "base/base.h"

#define ASY_ELF_NEEDED_MAX 64u
#define ASY_ELF_BUILD_ID_MAX 32u

typedef struct {
	const char *needed[ASY_ELF_NEEDED_MAX]; /* libraries, in the file's order */
	size_t needed_n;
	bool has_rpath, has_textrel, has_exec_stack, has_relro, has_bind_now;
	uint8_t build_id[ASY_ELF_BUILD_ID_MAX];
	size_t build_id_len; /* 0: none */
	size_t symbol_n;     /* of the dynamic table, the empty first one included */
	assay_span file, symbols, strings, versions;
} asy_elf;

typedef struct {
	const char *name;
	bool is_defined; /* exported; else imported */
	bool is_weak, has_version;
} asy_elf_symbol;

/* E_FORMAT: no ELF file, cut off, or no shared object. E_UNSUPPORTED: for another machine. */
assay_status asy_elf_read(assay_span file, asy_elf *out, assay_err *err) ASSAY_CHECKED;
/* False: no name, local, or outside the file. */
bool asy_elf_symbol_at(const asy_elf *e, size_t i, asy_elf_symbol *out);
#endif
