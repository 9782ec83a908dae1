/* Metadata blobs that belong to a vector file, found by what they hold: names of files help
 * only where several fit. They are third-party files and may be absent.
 * Reason to change: another place where blobs lie. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "golden/golden_chain.h"

#define BLOBS_MAX 64
#define PATH_BYTES 4096

typedef struct {
	char path[PATH_BYTES];
	size_t bytes;
	uint8_t version;
} blob;

static struct {
	blob at[BLOBS_MAX];
	size_t n;
} found; /* one process runs one file */

static bool slurp(const char *path, asy_buf *out)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return false;
	uint8_t chunk[65536];
	bool ok = true;
	for (size_t n; ok && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		ok = asy_buf_add(out, chunk, n, NULL) == ASSAY_OK;
	ok = ok && ferror(f) == 0;
	(void)fclose(f);
	return ok;
}

/* Is it metadata by its first bytes, and of which version? */
static bool sniff(const char *path, uint8_t *version)
{
	uint8_t head[5] = {0};
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(head, 1, sizeof head, f) : 0;
	if (f != NULL)
		(void)fclose(f);
	*version = head[4];
	return n == sizeof head && memcmp(head, "meta", 4) == 0;
}

/* A copy of one that was seen is one. */
static bool is_known(size_t bytes, uint8_t version)
{
	for (size_t i = 0; i < found.n; i++)
		if (found.at[i].bytes == bytes && found.at[i].version == version)
			return true;
	return false;
}

static void look_in(const char *dir)
{
	DIR *d = opendir(dir);
	if (d == NULL)
		return;
	for (struct dirent *e; found.n < BLOBS_MAX && (e = readdir(d)) != NULL;) {
		blob *b = &found.at[found.n];
		struct stat sb;
		int n = snprintf(b->path, sizeof b->path, "%s/%s", dir, e->d_name);
		if (n < 0 || (size_t)n >= sizeof b->path || stat(b->path, &sb) != 0 ||
			!S_ISREG(sb.st_mode) || !sniff(b->path, &b->version) ||
			is_known((size_t)sb.st_size, b->version))
			continue;
		b->bytes = (size_t)sb.st_size;
		found.n++;
	}
	(void)closedir(d);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const blob *)a)->path, ((const blob *)b)->path);
}

/* Beside the file, in ASSAY_VECTORS, in a checkout beside the sources. */
static void look(const golden *g)
{
	char dir[PATH_BYTES];
	const char *root = getenv("ASSAY_VECTORS");
	if (found.n != 0)
		return;
	(void)asy_str_copy(dir, sizeof dir, golden_sibling(g, "."));
	look_in(dir);
	(void)asy_str_copy(dir, sizeof dir, golden_sibling(g, "../chain"));
	look_in(dir);
	if (root != NULL) {
		(void)snprintf(dir, sizeof dir, "%s/chain", root);
		look_in(dir);
	}
	look_in(ASSAY_SOURCE_DIR "/../shared/vectors/chain");
	qsort(found.at, found.n, sizeof found.at[0], by_path);
}

static asy_metadata *parse(golden *g, const blob *b)
{
	asy_buf bytes = {0};
	assay_err err = {0};
	asy_metadata *m = NULL;
	if (!slurp(b->path, &bytes))
		golden_fail(g, b->path, "cannot be read");
	else if (asy_metadata_parse(asy_buf_span(&bytes), &m, &err) != ASSAY_OK)
		golden_fail(g, b->path, "does not parse: %s", err.msg);
	asy_buf_fini(&bytes);
	return m;
}

size_t chain_blobs_each(golden *g, asy_jv root, chain_fits *fits, chain_use *use)
{
	size_t used = 0;
	look(g);
	for (size_t i = 0; i < found.n; i++) {
		asy_metadata *m = parse(g, &found.at[i]);
		if (m != NULL && fits(m, found.at[i].bytes, root)) {
			use(g, m, root);
			used++;
		}
		asy_metadata_free(m);
	}
	return used;
}

/* Does the path end in the name that the vector file gives, with or without its extension? */
static bool is_hinted(const blob *b, const char *hint)
{
	const char *slash = strrchr(b->path, '/');
	size_t n = strcspn(hint, " .");
	return n > 0 && slash != NULL && strncmp(slash + 1, hint, n) == 0 &&
		   (slash[1 + n] == '\0' || slash[1 + n] == '.');
}

asy_metadata *chain_blob_for(golden *g, asy_jv root, const char *hint, chain_fits *fits,
							 size_t cases)
{
	look(g);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < found.n; i++) {
			if (is_hinted(&found.at[i], hint) != (pass == 0))
				continue;
			asy_metadata *m = parse(g, &found.at[i]);
			if (m != NULL && fits(m, found.at[i].bytes, root))
				return m;
			asy_metadata_free(m);
		}
	}
	golden_skip(g, cases,
				found.n == 0
					? "metadata blobs are third-party and not here: set ASSAY_VECTORS to the folder"
					: "no metadata blob here is the one that this file is about");
	return NULL;
}

/* ---- what a blob says of itself ---- */

uint32_t chain_spec_version(const asy_metadata *m)
{
	const asy_constant *c = asy_metadata_constant(m, "System", "Version");
	assay_span name;
	uint32_t authoring, spec = 0;
	if (c == NULL)
		return 0;
	asy_scale in = asy_scale_in(c->value);
	for (int i = 0; i < 2; i++)
		if (asy_scale_bytes(&in, 256, &name, NULL) != ASSAY_OK)
			return 0;
	if (asy_scale_u32(&in, &authoring, NULL) != ASSAY_OK ||
		asy_scale_u32(&in, &spec, NULL) != ASSAY_OK)
		return 0;
	return spec;
}

uint32_t chain_number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);
	uint32_t n = 0;
	for (at = at != NULL ? at + strlen(word) : ""; *at >= '0' && *at <= '9' && n < 100000; at++)
		n = n * 10 + (uint32_t)(*at - '0');
	return n;
}
