/* Makes the n-th allocation of a plugin's own code fail: its imported allocators are replaced
 * in its own table of imports, so that nobody else's calls are touched. For a process that was
 * forked for this; nothing is put back. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "plugin/probe_impl.h"

#if defined(__aarch64__)
#define SLOT R_AARCH64_JUMP_SLOT
#define DATA R_AARCH64_GLOB_DAT
#else
#define SLOT R_X86_64_JUMP_SLOT
#define DATA R_X86_64_GLOB_DAT
#endif

/* The replacements have no argument of ours, hence these. */
static uint32_t calls_left; /* until one fails; 0: none will */
static bool has_failed;

static bool fails(void)
{
	if (calls_left == 0 || --calls_left != 0)
		return false;
	has_failed = true;
	errno = ENOMEM;
	return true;
}

static void *failing_malloc(size_t n)
{
	return fails() ? NULL : malloc(n);
}
static void *failing_calloc(size_t n, size_t size)
{
	return fails() ? NULL : calloc(n, size);
}
static void *failing_realloc(void *p, size_t n)
{
	return fails() ? NULL : realloc(p, n);
}
static void *failing_aligned(size_t align, size_t n)
{
	return fails() ? NULL : aligned_alloc(align, n);
}
static int failing_memalign(void **out, size_t align, size_t n)
{
	return fails() ? ENOMEM : posix_memalign(out, align, n);
}

typedef struct {
	uintptr_t inside; /* an address in the plugin */
	unsigned replaced;
} search;

static uintptr_t replacement(const char *name)
{
	const struct {
		const char *name;
		uintptr_t by;
	} all[] = {{"malloc", (uintptr_t)failing_malloc},
			   {"calloc", (uintptr_t)failing_calloc},
			   {"realloc", (uintptr_t)failing_realloc},
			   {"aligned_alloc", (uintptr_t)failing_aligned},
			   {"posix_memalign", (uintptr_t)failing_memalign}};
	for (size_t i = 0; i < ASY_COUNT(all); i++)
		if (strcmp(name, all[i].name) == 0)
			return all[i].by;
	return 0;
}

typedef struct {
	uintptr_t base;
	const Elf64_Sym *symbol;
	const char *string;
	const Elf64_Rela *table[2]; /* of functions, of data */
	size_t bytes[2];
} imports;

/* The loader has made some of these addresses already, and some not. */
static const void *where(uintptr_t base, uintptr_t at)
{
	return (const void *)(at < base ? base + at : at);
}

static void find_imports(const Elf64_Dyn *d, imports *m)
{
	for (; d->d_tag != DT_NULL; d++) {
		const void *p = where(m->base, d->d_un.d_ptr);
		if (d->d_tag == DT_SYMTAB)
			m->symbol = p;
		else if (d->d_tag == DT_STRTAB)
			m->string = p;
		else if (d->d_tag == DT_JMPREL)
			m->table[0] = p;
		else if (d->d_tag == DT_RELA)
			m->table[1] = p;
		else if (d->d_tag == DT_PLTRELSZ)
			m->bytes[0] = d->d_un.d_val;
		else if (d->d_tag == DT_RELASZ)
			m->bytes[1] = d->d_un.d_val;
	}
}

static bool put(uintptr_t slot, uintptr_t value)
{
	uintptr_t page = slot & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
	if (mprotect((void *)page, slot + sizeof value - page, PROT_READ | PROT_WRITE) != 0)
		return false;
	memcpy((void *)slot, &value, sizeof value);
	return true;
}

static void replace_in(const imports *m, unsigned t, search *s)
{
	for (size_t i = 0; m->table[t] != NULL && i < m->bytes[t] / sizeof(Elf64_Rela); i++) {
		const Elf64_Rela *r = &m->table[t][i];
		uint64_t type = ELF64_R_TYPE(r->r_info);
		if (type != SLOT && type != DATA)
			continue;
		uintptr_t by = replacement(m->string + m->symbol[ELF64_R_SYM(r->r_info)].st_name);
		if (by != 0 && put(m->base + r->r_offset, by))
			s->replaced++;
	}
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	search *s = arg;
	imports m = {.base = info->dlpi_addr};
	bool is_it = false;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *h = &info->dlpi_phdr[i];
		if (h->p_type == PT_LOAD && s->inside >= m.base + h->p_vaddr &&
			s->inside < m.base + h->p_vaddr + h->p_memsz)
			is_it = true;
		else if (h->p_type == PT_DYNAMIC)
			find_imports((const Elf64_Dyn *)(m.base + h->p_vaddr), &m);
	}
	if (!is_it || m.symbol == NULL || m.string == NULL)
		return 0;
	replace_in(&m, 0, s);
	replace_in(&m, 1, s);
	return 1;
}

assay_status probe_fail_allocations(const probe *p, assay_err *err)
{
	search s = {.inside = (uintptr_t)p->t.api.score_batch};
	(void)dl_iterate_phdr(visit, &s);
	if (s.replaced == 0)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "its own code imports no allocator of the C library");
	return ASSAY_OK;
}

void probe_fail_at(uint32_t n)
{
	calls_left = n;
	has_failed = false;
}

bool probe_has_failed(void)
{
	return has_failed;
}
