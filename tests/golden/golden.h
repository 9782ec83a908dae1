/* The golden runner: walks a folder laid out like the published vectors, gives
 * every file to the suite that knows its folder, and counts. A suite is one
 * file, golden_<name>.c, registered by <name>.cmake. */
#ifndef ASSAY_TESTS_GOLDEN_H
#define ASSAY_TESTS_GOLDEN_H
#include "base/base.h"
#include "codec/codec.h"

typedef struct golden golden; /* the file being run; the runner's own */

/* The file's path relative to the folder given, e.g. "yuma/edge.json". */
const char *golden_file(const golden *g);
/* Absolute or caller-relative path of a sibling file, for suites that read
 * companions (PNG files, safetensors); in a static buffer. */
const char *golden_sibling(const golden *g, const char *relative);

/* One outcome a case. id may be NULL. The first failures of a file are printed. */
void golden_pass(golden *g);
void golden_fail(golden *g, const char *id, const char *fmt, ...) ASSAY_PRINTF(3, 4);
/* n cases of the file that this program does not implement yet, and why. */
void golden_skip(golden *g, size_t n, const char *why);

/* How a file is found to be the suite's, in the order of precedence:
 *   folder and name   that file;
 *   name alone        what the document holds, wherever it lies and whatever it is called:
 *                     words like "cases.commit_hash", each a path of members that must be
 *                     there; an array is entered at its first element. Most words win;
 *   folder alone      every file there. */
typedef struct {
	const char *folder; /* "weights", "rewards/text" ... */
	const char *name;   /* "edge.json"; the .gz suffix is removed before comparing */
	/* root is the parsed document (already gunzipped). */
	void (*run)(golden *g, asy_jv root);
} golden_row;

/* A suite exports: const golden_row golden_suite_<name>[], ended by a zero row. */
#endif
