/* front/impl.h - what the files of front share: the file system as a main sees it, and the
 * report of the checks. */
#ifndef ASY_FRONT_IMPL_H
#define ASY_FRONT_IMPL_H
#include "front/check.h"
#include "front/net.h"
#include "front/start.h"

/* ---- files (files.c) ---- */

typedef enum { ASY_FILE_MISSING, ASY_FILE_PLAIN, ASY_FILE_DIR, ASY_FILE_OTHER } asy_file_kind;
/* What a path leads to; one that cannot be looked at (a folder without x) counts as plain,
 * so that opening it says why. */
asy_file_kind asy_front_stat(const char *path);
bool asy_front_is_dir(const char *path);
/* The names in a folder as one text, sorted, "a, b, c", cut to cap; "nothing" when empty. */
void asy_front_list_dir(const char *path, char *out, size_t cap);
/* A plain file into dst without a copy in between; mode is that of what was read. More than
 * cap bytes are E_LIMIT. */
assay_status asy_front_read_secret(const char *path, uint8_t *dst, size_t cap, size_t *len,
								   unsigned *mode, assay_err *err) ASSAY_CHECKED;
/* The deepest folder on the way to path that exists: where the next one would be made. */
void asy_front_existing_part(const char *path, char *out, size_t cap);
/* Is it a plain file that this user may read? The sentence says what else it is. */
assay_status asy_front_check_file(const char *path, assay_err *err) ASSAY_CHECKED;

/* ---- checks (check.c, check_chain.c, probe.c) ---- */

/* The node, opened by the first task that gets so far, shared by all. */
typedef struct {
	asy_front_net net;
	asy_block_ref head;
	bool tried, ok;
} asy_check_node;

/* Owned by the check of one task. */
typedef struct {
	const char *file;
	const asy_options *o;
	asy_key *key;         /* NULL: could not be loaded */
	asy_plugin *plugin;   /* NULL: could not be opened */
	asy_dataset *dataset; /* NULL: none, or could not be read */
	bool source_ok;       /* somebody makes the challenges */
	bool probe;
} asy_check_subject;

void asy_check_chain(asy_front_checks *c, asy_check_subject *s, asy_check_node *node);
/* Reports "probe", and "scores" when somebody answered. s has key, plugin and challenges. */
void asy_check_probe(asy_front_checks *c, asy_check_subject *s, asy_front_net *net,
					 const assay_snapshot *snap);
#endif
