/* cage: what confines a plugin, as the host asks for it, as the worker reached it, and
 * as people read it. The worker builds it (core/worker/cage_*.c) before any byte of the
 * plugin runs and says so in its first message; what it says later is a word of a
 * process that a plugin may own. For core/plugin and core/worker only. */
#ifndef ASY_PLUGIN_CAGE_H
#define ASY_PLUGIN_CAGE_H
#include "base/base.h"

/* Parts of the cage. All of them, or a sentence in the log that says what is missing. */
enum {
	ASY_CAGE_CALLS = 1u << 0,   /* system calls are filtered (seccomp) */
	ASY_CAGE_FILES = 1u << 1,   /* files are out of reach but for a list (Landlock) */
	ASY_CAGE_USER = 1u << 2,    /* another user than the host, or its own user namespace */
	ASY_CAGE_PIDS = 1u << 3,    /* sees no other process; its children end with it */
	ASY_CAGE_NETWORK = 1u << 4, /* a network without interfaces */
	ASY_CAGE_MEMORY = 1u << 5,  /* its own memory is limited */
	ASY_CAGE_THREADS = 1u << 6  /* so is the number of its threads */
};
#define ASY_CAGE_PARTS 7u
#define ASY_CAGE_WHOLE ((1u << ASY_CAGE_PARTS) - 1)
/* Not a part: the worker was built for a sanitizer, which needs what a cage forbids. */
#define ASY_CAGE_INSTRUMENTED (1u << 31)

#define ASY_CAGE_TEXT 768 /* of the sentence for people */
#define ASY_CAGE_WHY 400  /* of the reasons that the worker gives */
#define ASY_CAGE_PATHS_MAX ((size_t)64 * 1024)

typedef struct {
	uint32_t parts;
	uint32_t landlock;      /* version of the kernel's interface; 0 = none */
	char why[ASY_CAGE_WHY]; /* "user namespace: Operation not permitted; ..." */
} asy_cage;

/* What is there, then what is missing, with what that means and the kernel's reason:
 * "calls, files (Landlock 7), user, processes, network, memory, threads". Printable. */
void asy_cage_describe(const asy_cage *c, char *dst, size_t cap);

/* What the plugin may read: every string of the operator's configuration that holds a
 * slash and names something that exists, resolved, each ended by a NUL. Defaults of the
 * plugin's schema are not the operator's word and grant nothing.
 * E_CONFIG: one of them is the root, or holds or lies in one of hidden. */
assay_status asy_cage_paths(assay_span config, const char *const *hidden, size_t hidden_n,
							asy_buf *out, assay_err *err) ASSAY_CHECKED;
#endif
