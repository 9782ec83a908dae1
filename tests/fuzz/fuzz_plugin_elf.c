/* A plugin file before it is loaded: whatever is accepted, every name ends inside the file. */
#include "plugin/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(const uint8_t *data, size_t size, const char *name)
{
	const uint8_t *at = (const uint8_t *)name;
	return at >= data && at < data + size && memchr(at, 0, size - (size_t)(at - data)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_elf e;
	asy_elf_symbol s;
	if (asy_elf_read(asy_span(data, size), &e, NULL) != ASSAY_OK)
		return 0;
	for (size_t i = 0; i < e.needed_n; i++) {
		bool inside = is_inside(data, size, e.needed[i]);
		ASSERT(inside);
	}
	for (size_t i = 0; i < e.symbol_n && i < 100000; i++)
		if (asy_elf_symbol_at(&e, i, &s)) {
			bool inside = is_inside(data, size, s.name);
			ASSERT(inside);
		}
	return 0;
}
