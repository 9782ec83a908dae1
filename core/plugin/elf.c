/* Reads the dynamic part of an ELF file by its program headers, which are what the loader goes
 * by. Every offset is checked; nothing is followed that the loader would not follow. Judges
 * nothing. */
#include <elf.h>
#include "plugin/elf.h"

#define HEADERS_MAX 64u
#define DYNAMIC_MAX 512u
#define BUCKETS_MAX ((uint32_t)1 << 20)

#if defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_X86_64
#endif

typedef struct {
	asy_elf *e;
	Elf64_Phdr header[HEADERS_MAX];
	size_t header_n;
	uint64_t strtab, strsz, symtab, versym, gnu_hash, hash;
	uint64_t needed[ASY_ELF_NEEDED_MAX];
} reader;

static bool get(assay_span s, uint64_t at, void *dst, size_t len)
{
	if (at > s.len || s.len - at < len)
		return false;
	memcpy(dst, s.ptr + at, len);
	return true;
}

/* The bytes of the file that are loaded at an address, up to the end of their segment. */
static assay_span at_address(const reader *r, uint64_t address)
{
	for (size_t i = 0; i < r->header_n; i++) {
		const Elf64_Phdr *h = &r->header[i];
		if (h->p_type != PT_LOAD || address < h->p_vaddr || address - h->p_vaddr >= h->p_filesz)
			continue;
		uint64_t skip = address - h->p_vaddr;
		if (h->p_offset > r->e->file.len || r->e->file.len - h->p_offset < h->p_filesz)
			break;
		return asy_span(r->e->file.ptr + h->p_offset + skip, (size_t)(h->p_filesz - skip));
	}
	return (assay_span){NULL, 0};
}

static const char *string_at(const asy_elf *e, uint64_t at)
{
	if (at >= e->strings.len || memchr(e->strings.ptr + at, 0, e->strings.len - at) == NULL)
		return NULL;
	return (const char *)e->strings.ptr + at;
}

/* ---- headers ---- */

static assay_status read_head(reader *r, assay_err *err)
{
	Elf64_Ehdr h;
	if (!get(r->e->file, 0, &h, sizeof h) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
		return ASSAY_FAIL(err, E_FORMAT, "no ELF file; build the plugin with cc -shared -fPIC");
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB ||
		h.e_machine != MACHINE)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "built for another machine (ELF machine %u)",
						  (unsigned)h.e_machine);
	if (h.e_type != ET_DYN)
		return ASSAY_FAIL(err, E_FORMAT, "no shared object (ELF type %u)", (unsigned)h.e_type);
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum == 0 || h.e_phnum > HEADERS_MAX)
		return ASSAY_FAIL(err, E_FORMAT, "%u program headers of %u bytes", (unsigned)h.e_phnum,
						  (unsigned)h.e_phentsize);
	for (; r->header_n < h.e_phnum; r->header_n++)
		if (!get(r->e->file, h.e_phoff + r->header_n * sizeof(Elf64_Phdr), &r->header[r->header_n],
				 sizeof(Elf64_Phdr)))
			return ASSAY_FAIL(err, E_FORMAT, "cut off in the program headers");
	return ASSAY_OK;
}

static void read_notes(asy_elf *e, assay_span s)
{
	Elf64_Nhdr n;
	for (uint64_t at = 0; get(s, at, &n, sizeof n);) {
		uint64_t name = at + sizeof n, desc = name + (((uint64_t)n.n_namesz + 3) & ~3ull);
		at = desc + (((uint64_t)n.n_descsz + 3) & ~3ull);
		if (n.n_type == NT_GNU_BUILD_ID && n.n_namesz == 4 && n.n_descsz <= sizeof e->build_id &&
			name + 4 <= s.len && memcmp(s.ptr + name, "GNU", 4) == 0 &&
			get(s, desc, e->build_id, n.n_descsz))
			e->build_id_len = n.n_descsz;
	}
}

static assay_span segment(const reader *r, const Elf64_Phdr *h)
{
	assay_span f = r->e->file;
	if (h->p_offset > f.len || f.len - h->p_offset < h->p_filesz)
		return (assay_span){NULL, 0};
	return asy_span(f.ptr + h->p_offset, (size_t)h->p_filesz);
}

/* ---- the dynamic section ---- */

static void note_entry(reader *r, const Elf64_Dyn *d)
{
	asy_elf *e = r->e;
	uint64_t v = d->d_un.d_val;
	switch (d->d_tag) {
	case DT_NEEDED:
		if (e->needed_n < ASY_ELF_NEEDED_MAX)
			r->needed[e->needed_n] = v;
		e->needed_n++;
		break;
	case DT_STRTAB:
		r->strtab = v;
		break;
	case DT_STRSZ:
		r->strsz = v;
		break;
	case DT_SYMTAB:
		r->symtab = v;
		break;
	case DT_VERSYM:
		r->versym = v;
		break;
	case DT_GNU_HASH:
		r->gnu_hash = v;
		break;
	case DT_HASH:
		r->hash = v;
		break;
	case DT_RPATH:
	case DT_RUNPATH:
		e->has_rpath = true;
		break;
	case DT_TEXTREL:
		e->has_textrel = true;
		break;
	case DT_BIND_NOW:
		e->has_bind_now = true;
		break;
	case DT_FLAGS:
		e->has_textrel = e->has_textrel || (v & DF_TEXTREL) != 0;
		e->has_bind_now = e->has_bind_now || (v & DF_BIND_NOW) != 0;
		break;
	case DT_FLAGS_1:
		e->has_bind_now = e->has_bind_now || (v & DF_1_NOW) != 0;
		break;
	default:
		break;
	}
}

static assay_status read_dynamic(reader *r, assay_span s, assay_err *err)
{
	Elf64_Dyn d = {.d_tag = DT_NULL};
	size_t i = 0;
	for (; i < DYNAMIC_MAX && get(s, i * sizeof d, &d, sizeof d) && d.d_tag != DT_NULL; i++)
		note_entry(r, &d);
	if (i == 0 || d.d_tag != DT_NULL)
		return ASSAY_FAIL(err, E_FORMAT, "no dynamic section, or one without end");
	if (r->e->needed_n > ASY_ELF_NEEDED_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "needs %zu libraries, limit %u", r->e->needed_n,
						  ASY_ELF_NEEDED_MAX);
	r->e->strings = at_address(r, r->strtab);
	if (r->e->strings.len < r->strsz)
		return ASSAY_FAIL(err, E_FORMAT, "the table of names reaches beyond the file");
	r->e->strings.len = (size_t)r->strsz;
	for (size_t n = 0; n < r->e->needed_n; n++)
		if ((r->e->needed[n] = string_at(r->e, r->needed[n])) == NULL)
			return ASSAY_FAIL(err, E_FORMAT, "the name of a needed library is outside the file");
	return ASSAY_OK;
}

/* Only the hash tables know how many symbols there are: one past the last of any chain. */
static bool count_by_gnu_hash(const reader *r, size_t *out)
{
	assay_span s = at_address(r, r->gnu_hash);
	uint32_t head[4], last = 0, at, link; /* buckets, first symbol, filter words, shift */
	if (!get(s, 0, head, sizeof head) || head[0] > BUCKETS_MAX)
		return false;
	uint64_t buckets = sizeof head + (uint64_t)head[2] * 8, chains = buckets + head[0] * 4ull;
	for (uint32_t i = 0; i < head[0]; i++) {
		if (!get(s, buckets + i * 4ull, &at, 4))
			return false;
		last = at > last ? at : last;
	}
	if (last < head[1]) {
		*out = head[1];
		return true;
	}
	do {
		if (!get(s, chains + (last - head[1]) * 4ull, &link, 4))
			return false;
		last++;
	} while ((link & 1) == 0);
	*out = last;
	return true;
}

static bool count_by_hash(const reader *r, size_t *out)
{
	uint32_t head[2];
	if (!get(at_address(r, r->hash), 0, head, sizeof head))
		return false;
	*out = head[1];
	return true;
}

static assay_status read_symbols(reader *r, assay_err *err)
{
	asy_elf *e = r->e;
	bool is_counted = r->gnu_hash != 0 ? count_by_gnu_hash(r, &e->symbol_n)
									   : r->hash != 0 && count_by_hash(r, &e->symbol_n);
	e->symbols = at_address(r, r->symtab);
	if (!is_counted || e->symbols.len / sizeof(Elf64_Sym) < e->symbol_n)
		return ASSAY_FAIL(err, E_FORMAT, "the table of symbols reaches beyond the file");
	if (r->versym != 0)
		e->versions = at_address(r, r->versym);
	return ASSAY_OK;
}

assay_status asy_elf_read(assay_span file, asy_elf *out, assay_err *err)
{
	assay_span dynamic = {NULL, 0};
	bool has_stack = false;
	*out = (asy_elf){.file = file};
	reader r = {.e = out};
	assay_status st = read_head(&r, err);
	for (size_t i = 0; st == ASSAY_OK && i < r.header_n; i++) {
		const Elf64_Phdr *h = &r.header[i];
		if (h->p_type == PT_DYNAMIC)
			dynamic = segment(&r, h);
		else if (h->p_type == PT_NOTE)
			read_notes(out, segment(&r, h));
		out->has_relro = out->has_relro || h->p_type == PT_GNU_RELRO;
		if (h->p_type == PT_GNU_STACK) {
			has_stack = true;
			out->has_exec_stack = (h->p_flags & PF_X) != 0;
		}
	}
	if (st == ASSAY_OK)
		st = read_dynamic(&r, dynamic, err);
	if (st == ASSAY_OK)
		st = read_symbols(&r, err);
	out->has_exec_stack = out->has_exec_stack || !has_stack; /* what the loader assumes */
	return st;
}

bool asy_elf_symbol_at(const asy_elf *e, size_t i, asy_elf_symbol *out)
{
	Elf64_Sym s;
	uint16_t version = 0;
	if (i >= e->symbol_n || !get(e->symbols, i * sizeof s, &s, sizeof s))
		return false;
	unsigned bind = ELF64_ST_BIND(s.st_info), seen = ELF64_ST_VISIBILITY(s.st_other);
	out->name = string_at(e, s.st_name);
	out->is_defined = s.st_shndx != SHN_UNDEF;
	out->is_weak = bind == STB_WEAK;
	/* 0 and 1 are "local" and "any"; the top bit only hides */
	out->has_version = get(e->versions, i * 2, &version, 2) && (version & 0x7fffu) > 1;
	return out->name != NULL && out->name[0] != '\0' && bind != STB_LOCAL && seen != STV_HIDDEN &&
		   seen != STV_INTERNAL;
}
